//! The header of a GGUF file: metadata and the list of tensors.
//!
//! candle's reader parses; this module decides what to believe. It works on the *beginning* of a
//! file, so that a download can be parsed while it arrives, and checks everything that candle
//! leaves to its caller: alignment, formats, sizes with overflow, overlaps, the end of the file.

use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};

use candle_core::quantized::gguf_file::{Content, Value};

use super::{BLOCK, Format, mistaken_for};
use crate::{Error, Result};

/// A header larger than this is not one of a model that runs in a page.
const MAX_HEADER: usize = 64 << 20;

/// The key-value part of the header.
pub struct Metadata(HashMap<String, Value>);

/// A tensor and its place in the file.
#[derive(Debug)]
pub struct TensorInfo {
    /// Its name, such as `blk.0.attn_q.weight`.
    pub name: String,
    /// How it is stored.
    pub format: Format,
    /// Outputs (1 for a vector).
    pub rows: usize,
    /// Inputs.
    pub columns: usize,
    /// Its first byte, from the start of the file.
    pub offset: u64,
    /// Its length in bytes.
    pub bytes: usize,
}

/// Metadata and tensors, the latter by their place in the file.
pub struct Header {
    /// The key-value part.
    pub metadata: Metadata,
    /// Tensors by rising offset; they do not overlap and end within the file.
    pub tensors: Vec<TensorInfo>,
}

impl Header {
    /// Parses the beginning of a file of `total` bytes; `None` when `prefix` does not hold the
    /// whole header yet.
    pub fn parse(prefix: &[u8], total: u64) -> Result<Option<Self>> {
        if let Some(reason) = mistaken_for(prefix) {
            return Err(Error::Gguf { offset: 0, reason: reason.into() });
        }
        check_alignment(prefix)?;
        let mut reader = Prefix { bytes: prefix, position: 0, total, exhausted: false };
        let content = match Content::read(&mut reader) {
            Ok(content) => content,
            Err(_) if reader.exhausted && prefix.len() as u64 == total => {
                return Err(Error::Gguf {
                    offset: total,
                    reason: "the file ends within its header".into(),
                });
            }
            Err(_) if reader.exhausted && prefix.len() < MAX_HEADER => return Ok(None),
            Err(error) => {
                return Err(Error::Gguf { offset: reader.position, reason: error.to_string() });
            }
        };
        let tensors = place_tensors(&content, total)?;
        Ok(Some(Self { metadata: Metadata(content.metadata), tensors }))
    }
}

/// candle divides by `general.alignment` without a look at it, so zeros are found beforehand.
fn check_alignment(prefix: &[u8]) -> Result<()> {
    const KEY: &[u8] = b"general.alignment";
    let places = prefix.windows(KEY.len()).enumerate().filter(|(_, window)| *window == KEY);
    for (at, _) in places {
        // The key is followed by its value's type (u32) and the value.
        let after = prefix.get(at + KEY.len()..).unwrap_or_default();
        let width = match after.first_chunk().map(|&kind| u32::from_le_bytes(kind)) {
            Some(0 | 1) => 1,
            Some(2 | 3) => 2,
            Some(4 | 5) => 4,
            _ => continue, // candle takes its default for other types
        };
        if after.get(4..4 + width).is_some_and(|value| value.iter().all(|&byte| byte == 0)) {
            let reason = "general.alignment is zero".into();
            return Err(Error::Gguf { offset: at as u64, reason });
        }
    }
    Ok(())
}

fn place_tensors(content: &Content, total: u64) -> Result<Vec<TensorInfo>> {
    let mut tensors = Vec::with_capacity(content.tensor_infos.len());
    for (name, info) in &content.tensor_infos {
        let wrong = |reason: String| Error::tensor(name.clone(), reason);
        let format = Format::from_ggml(info.ggml_dtype).ok_or_else(|| {
            let found = info.ggml_dtype;
            wrong(format!("is stored as {found:?}; supported are F32, Q4_0, Q4_1 and Q8_0"))
        })?;
        let (rows, columns) = match *info.shape.dims() {
            [columns] => (1, columns),
            [rows, columns] => (rows, columns),
            _ => return Err(wrong(format!("has the shape {:?}", info.shape.dims()))),
        };
        if rows == 0 || columns == 0 || columns % BLOCK != 0 {
            return Err(wrong(format!("has the shape {:?}, not blocks of 32", info.shape.dims())));
        }
        let bytes = (columns / BLOCK)
            .checked_mul(format.block_bytes())
            .and_then(|row| row.checked_mul(rows));
        let offset = content.tensor_data_offset.checked_add(info.offset);
        let end = offset.zip(bytes).and_then(|(offset, bytes)| offset.checked_add(bytes as u64));
        let (Some(offset), Some(bytes), Some(end)) = (offset, bytes, end) else {
            return Err(wrong("has a size or an offset that overflows".into()));
        };
        if end > total {
            return Err(Error::Truncated { received: total, expected: end });
        }
        tensors.push(TensorInfo { name: name.clone(), format, rows, columns, offset, bytes });
    }
    tensors.sort_by_key(|tensor| tensor.offset);
    for pair in tensors.windows(2) {
        if pair[0].offset + pair[0].bytes as u64 > pair[1].offset {
            return Err(Error::tensor(&*pair[1].name, format!("overlaps `{}`", pair[0].name)));
        }
    }
    Ok(tensors)
}

impl From<HashMap<String, Value>> for Metadata {
    fn from(entries: HashMap<String, Value>) -> Self {
        Self(entries)
    }
}

impl Metadata {
    /// The entry `key`.
    pub fn get(&self, key: &str) -> Result<&Value> {
        self.0.get(key).ok_or_else(|| Error::metadata(key, "is missing"))
    }

    /// A size from 1 to `max`.
    pub fn size(&self, key: &str, max: usize) -> Result<usize> {
        match self.get(key)?.to_u64() {
            Ok(value) if value >= 1 && value <= max as u64 => Ok(value as usize),
            _ => Err(Error::metadata(key, format!("is not a whole number from 1 to {max}"))),
        }
    }

    /// As [`Self::size`]; `default` where the file doesn't say.
    pub fn size_or(&self, key: &str, max: usize, default: usize) -> Result<usize> {
        if self.0.contains_key(key) { self.size(key, max) } else { Ok(default) }
    }

    /// A place in a list of `count`.
    pub fn place(&self, key: &str, count: usize) -> Result<usize> {
        match self.get(key)?.to_u64() {
            Ok(place) if place < count as u64 => Ok(place as usize),
            _ => Err(Error::metadata(key, format!("is no place in a list of {count}"))),
        }
    }

    /// A 32-bit float.
    pub fn float(&self, key: &str) -> Result<f32> {
        self.get(key)?.to_f32().map_err(|_| Error::metadata(key, "is not a 32-bit float"))
    }

    /// A text.
    pub fn string(&self, key: &str) -> Result<&str> {
        match self.get(key)? {
            Value::String(text) => Ok(text),
            _ => Err(Error::metadata(key, "is not a string")),
        }
    }

    /// A list of texts.
    pub fn strings(&self, key: &str) -> Result<Vec<&str>> {
        let wrong = || Error::metadata(key, "is not a list of strings");
        let Value::Array(values) = self.get(key)? else { return Err(wrong()) };
        values
            .iter()
            .map(|value| match value {
                Value::String(text) => Ok(text.as_str()),
                _ => Err(wrong()),
            })
            .collect()
    }

    /// A list of whole numbers.
    pub fn integers(&self, key: &str) -> Result<Vec<i64>> {
        let wrong = || Error::metadata(key, "is not a list of whole numbers");
        let Value::Array(values) = self.get(key)? else { return Err(wrong()) };
        values
            .iter()
            .map(|value| match value {
                Value::I32(number) => Ok(i64::from(*number)),
                value => value.to_u64().map(|number| number as i64).map_err(|_| wrong()),
            })
            .collect()
    }
}

/// The beginning of a file whose whole length is known: what lies past it is "not yet here".
struct Prefix<'a> {
    bytes: &'a [u8],
    position: u64,
    total: u64,
    exhausted: bool,
}

impl Read for Prefix<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = usize::try_from(self.position).unwrap_or(usize::MAX);
        let rest = self.bytes.get(start..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.position += count as u64;
        self.exhausted |= count < buffer.len();
        Ok(count)
    }
}

impl Seek for Prefix<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.total.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

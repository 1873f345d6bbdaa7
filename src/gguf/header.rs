//! The header of a GGUF file: metadata and the list of tensors.
//!
//! It is read off the *beginning* of a file, so that a download can be parsed while it arrives. Nothing is believed:
//! alignment, formats, sizes with overflow, overlaps and the end of the file are checked.
//! Source: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

use std::collections::HashSet;

use super::metadata::{Metadata, Value};
use super::reader::{Reader, Stop};
use super::{BLOCK, Format, mistaken_for};
use crate::{Error, Result};

/// A header larger than this is not one of a model that runs in a page.
const MAX_HEADER: usize = 64 << 20;

/// The versions that have 64-bit lengths.
const VERSIONS: std::ops::RangeInclusive<u32> = 2..=3;

/// What the bytes of tensors are aligned to unless the metadata says otherwise.
const DEFAULT_ALIGNMENT: usize = 32;

/// The least that an entry takes: an empty name, a type and a value; a name, shape, format and offset.
const LEAST_ENTRY: u64 = 13;
const LEAST_TENSOR: u64 = 24;

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
        let mut reader = Reader::new(prefix, total);
        match Self::read(&mut reader, total) {
            Ok(header) => Ok(Some(header)),
            Err(Stop::Wrong(error)) => Err(error),
            Err(Stop::End) if prefix.len() as u64 >= total => {
                let reason = "the file ends within its header".into();
                Err(Error::Gguf { offset: total, reason })
            }
            Err(Stop::End) if prefix.len() >= MAX_HEADER => {
                let reason = format!("the header is longer than {MAX_HEADER} bytes");
                Err(Error::Gguf { offset: reader.position(), reason })
            }
            Err(Stop::End) => Ok(None),
        }
    }

    fn read(reader: &mut Reader, total: u64) -> Result<Self, Stop> {
        let magic = reader.take::<4>()?;
        if &magic != b"GGUF" {
            let magic = String::from_utf8_lossy(&magic).escape_debug().to_string();
            return Err(Stop::Wrong(Error::Gguf {
                offset: 0,
                reason: format!("the file begins with `{magic}` and not with `GGUF`"),
            }));
        }
        let version = reader.u32()?;
        if !VERSIONS.contains(&version) {
            return Err(reader.wrong(format!("version {version} is not supported; 2 and 3 are")));
        }
        let tensors = reader.count(LEAST_TENSOR)?;
        let entries = reader.count(LEAST_ENTRY)?;
        let metadata = Metadata::read(reader, entries)?;
        let alignment = alignment(&metadata).map_err(Stop::Wrong)?;
        let stored =
            (0..tensors).map(|_| StoredTensor::read(reader)).collect::<Result<Vec<_>, _>>()?;
        let data = reader.position().next_multiple_of(alignment as u64);
        let tensors = place_tensors(stored, data, total).map_err(Stop::Wrong)?;
        Ok(Self { metadata, tensors })
    }
}

fn alignment(metadata: &Metadata) -> Result<usize> {
    const KEY: &str = "general.alignment";
    let alignment = match metadata.get(KEY) {
        Ok(Value::Integer(_)) => metadata.size(KEY, 1 << 20)?,
        _ => DEFAULT_ALIGNMENT,
    };
    if !alignment.is_power_of_two() {
        return Err(Error::metadata(KEY, "is not a power of two"));
    }
    Ok(alignment)
}

/// A tensor as the header lists it.
struct StoredTensor {
    name: String,
    /// The innermost first.
    shape: Vec<u64>,
    /// ggml's number of the format.
    format: u32,
    /// From the start of the tensors.
    offset: u64,
}

impl StoredTensor {
    fn read(reader: &mut Reader) -> Result<Self, Stop> {
        let name = reader.string()?;
        let dimensions = reader.u32()?;
        if dimensions > 4 {
            return Err(reader.wrong(format!("tensor `{name}` has {dimensions} dimensions")));
        }
        let shape = (0..dimensions).map(|_| reader.u64()).collect::<Result<_, _>>()?;
        Ok(Self { name, shape, format: reader.u32()?, offset: reader.u64()? })
    }

    /// Where it lies, if its file's tensors begin at `data`.
    fn place(self, data: u64) -> Result<TensorInfo> {
        let Self { name, shape, format, offset } = self;
        let wrong = |reason: String| Error::tensor(name.clone(), reason);
        let format = Format::from_ggml(format).ok_or_else(|| {
            wrong(format!("has ggml's format {format}; supported are F32, Q4_0, Q4_1 and Q8_0"))
        })?;
        let (rows, columns) = match *shape {
            [columns] => (1, columns),
            [columns, rows] => (rows, columns),
            _ => return Err(wrong(format!("has the shape {shape:?}"))),
        };
        let overflows = || wrong("has a size or an offset that overflows".into());
        let [rows, columns] = [rows, columns].map(usize::try_from);
        let (rows, columns) = (rows.map_err(|_| overflows())?, columns.map_err(|_| overflows())?);
        if rows == 0 || columns == 0 || columns % BLOCK != 0 {
            return Err(wrong(format!("has the shape {shape:?}, not blocks of 32")));
        }
        let bytes = (columns / BLOCK)
            .checked_mul(format.block_bytes())
            .and_then(|row| row.checked_mul(rows))
            .ok_or_else(overflows)?;
        let offset = data.checked_add(offset).ok_or_else(overflows)?;
        offset.checked_add(bytes as u64).ok_or_else(overflows)?;
        Ok(TensorInfo { name, format, rows, columns, offset, bytes })
    }
}

fn place_tensors(stored: Vec<StoredTensor>, data: u64, total: u64) -> Result<Vec<TensorInfo>> {
    let placed = stored.into_iter().map(|tensor| tensor.place(data));
    let mut tensors = placed.collect::<Result<Vec<_>>>()?;
    tensors.sort_by_key(|tensor| tensor.offset);
    let end = tensors.last().map_or(0, |last| last.offset + last.bytes as u64);
    if end > total {
        return Err(Error::Truncated { received: total, expected: end });
    }
    let mut names = HashSet::new();
    if let Some(twice) = tensors.iter().find(|tensor| !names.insert(tensor.name.as_str())) {
        return Err(Error::tensor(&*twice.name, "is listed twice"));
    }
    for pair in tensors.windows(2) {
        if pair[0].offset + pair[0].bytes as u64 > pair[1].offset {
            return Err(Error::tensor(&*pair[1].name, format!("overlaps `{}`", pair[0].name)));
        }
    }
    Ok(tensors)
}

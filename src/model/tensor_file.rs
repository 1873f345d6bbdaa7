//! Safetensors files whose entries are checked as they are read: adapters and tool packs.

use std::collections::HashMap;

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::Value;

use crate::gguf::{BLOCK, Format, QuantizedMatrix, mistaken_for};
use crate::{Error, Result};

/// Makes the error of a kind of file from the entry at fault and the reason.
pub type Fault = fn(String, String) -> Error;

/// A safetensors file; nothing in it is believed before it is checked.
pub struct TensorFile<'a> {
    tensors: SafeTensors<'a>,
    metadata: HashMap<String, String>,
    fault: Fault,
}

impl<'a> TensorFile<'a> {
    /// Reads the header. `fault` makes this kind of file's errors.
    pub fn open(bytes: &'a [u8], fault: Fault) -> Result<Self> {
        if let Some(reason) = mistaken_for(bytes) {
            return Err(fault("file".into(), reason.into()));
        }
        let malformed = |error: safetensors::SafeTensorError| {
            fault("file".into(), format!("is cut off, or no safetensors file ({error})"))
        };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(malformed)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(malformed)?;
        Ok(Self { tensors, metadata: header.metadata().clone().unwrap_or_default(), fault })
    }

    /// Fails unless the file says that it has this format and version; `remedy` tells what to do about one that hasn't.
    pub fn check_format(&self, format: &str, version: &str, remedy: &str) -> Result<()> {
        let found = ["format", "version"].map(|key| self.find_entry(key));
        if found == [Some(format), Some(version)] {
            return Ok(());
        }
        let [name, number] = found.map(|entry| entry.unwrap_or("none"));
        let reason =
            format!("is {name}, version {number}; expected {format}, version {version}; {remedy}");
        Err(self.error("metadata `format`", reason))
    }

    /// A metadata entry.
    pub fn entry(&self, key: &str) -> Result<&str> {
        let lacks = || self.error(format!("metadata `{key}`"), "is missing");
        self.find_entry(key).ok_or_else(lacks)
    }

    /// A metadata entry, if it is there.
    pub fn find_entry(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// The tensors' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.names().into_iter()
    }

    /// The shape of tensor `name`.
    pub fn shape(&self, name: &str) -> Result<Vec<usize>> {
        let view = self.tensors.tensor(name).map_err(|_| self.error(name, "is missing"))?;
        Ok(view.shape().to_vec())
    }

    /// The bytes of tensor `name`, whose type and shape must be these.
    pub fn bytes(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&'a [u8]> {
        let view = self.tensors.tensor(name).map_err(|_| self.error(name, "is missing"))?;
        if view.dtype() != dtype || view.shape() != shape {
            let found = format!("{:?} {:?}", view.dtype(), view.shape());
            return Err(self.error(name, format!("is {found}, expected {dtype:?} {shape:?}")));
        }
        Ok(view.data())
    }

    /// The 32-bit floats of tensor `name`; each must be finite.
    pub fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let bytes = self.bytes(name, Dtype::F32, shape)?.as_chunks().0;
        let values: Vec<f32> = bytes.iter().map(|&x| f32::from_le_bytes(x)).collect();
        match values.iter().all(|x| x.is_finite()) {
            true => Ok(values),
            false => Err(self.error(name, "holds a number that is not finite")),
        }
    }

    /// The Q8_0 matrix whose tensors are `{name}.quants` and `{name}.scales`.
    pub fn matrix(&self, name: &str) -> Result<QuantizedMatrix> {
        let (quants_name, scales_name) = (format!("{name}.quants"), format!("{name}.scales"));
        let shape = self.shape(&quants_name)?;
        let &[rows, columns] = &shape[..] else {
            return Err(self.error(quants_name, format!("has the shape {shape:?}")));
        };
        if rows == 0 || columns == 0 || columns % BLOCK != 0 {
            return Err(self.error(quants_name, format!("has the shape [{rows}, {columns}]")));
        }
        let quants = self.bytes(&quants_name, Dtype::I8, &[rows, columns])?;
        let scales = self.bytes(&scales_name, Dtype::F16, &[rows, columns / BLOCK])?;
        if scales.as_chunks().0.iter().any(|&scale| !f16::from_le_bytes(scale).is_finite()) {
            return Err(self.error(scales_name, "holds a scale that is not finite"));
        }
        let blocks = scales.chunks_exact(2).zip(quants.chunks_exact(BLOCK));
        let bytes =
            blocks.flat_map(|(scale, quants)| scale.iter().chain(quants)).copied().collect();
        QuantizedMatrix::new(Format::Q8_0, rows, columns, bytes)
    }

    /// This kind of file's error.
    pub fn error(&self, field: impl Into<String>, reason: impl Into<String>) -> Error {
        (self.fault)(field.into(), reason.into())
    }
}

/// What a file is written from: tensors and metadata by name.
#[derive(Default)]
pub struct TensorFileWriter {
    tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)>,
    metadata: HashMap<String, String>,
}

impl TensorFileWriter {
    /// Adds a metadata entry.
    pub fn entry(&mut self, key: &str, value: impl ToString) {
        self.metadata.insert(key.into(), value.to_string());
    }

    /// Adds a tensor.
    pub fn bytes(&mut self, name: &str, dtype: Dtype, shape: &[usize], bytes: Vec<u8>) {
        self.tensors.push((name.into(), dtype, shape.into(), bytes));
    }

    /// Adds a tensor of 32-bit floats.
    pub fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.bytes(name, Dtype::F32, shape, bytes);
    }

    /// Adds a Q8_0 matrix as `{name}.quants` and `{name}.scales`.
    pub fn matrix(&mut self, name: &str, matrix: &QuantizedMatrix) {
        let blocks = matrix.bytes.chunks_exact(Format::Q8_0.block_bytes());
        let scales = blocks.clone().flat_map(|block| block[..2].iter().copied()).collect();
        let quants = blocks.flat_map(|block| block[2..].iter().copied()).collect();
        let (rows, columns) = (matrix.rows, matrix.columns);
        self.bytes(&format!("{name}.quants"), Dtype::I8, &[rows, columns], quants);
        self.bytes(&format!("{name}.scales"), Dtype::F16, &[rows, columns / BLOCK], scales);
    }

    /// The file's bytes, always the same for the same entries. `fault` makes this kind of file's errors.
    pub fn finish(self, fault: Fault) -> Result<Vec<u8>> {
        let failed = |error: safetensors::SafeTensorError| fault("file".into(), error.to_string());
        let views = self.tensors.iter().map(|(name, dtype, shape, bytes)| {
            Ok((name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).map_err(failed)?))
        });
        let views = views.collect::<Result<Vec<_>>>()?;
        let mut file = safetensors::serialize(views, Some(self.metadata)).map_err(failed)?;
        sort_metadata(&mut file)
            .ok_or_else(|| fault("file".into(), "has no header".into()))
            .map(|()| file)
    }
}

/// Puts the metadata in the order of its keys; safetensors writes it in another one each time.
fn sort_metadata(file: &mut [u8]) -> Option<()> {
    let (length, rest) = file.split_first_chunk_mut()?;
    let header = rest.get_mut(..usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let mut sorted: Value = serde_json::from_slice(header).ok()?;
    sorted.get_mut("__metadata__")?.sort_all_objects();
    let sorted = serde_json::to_vec(&sorted).ok()?;
    header.get_mut(..sorted.len())?.copy_from_slice(&sorted); // spaces follow
    Some(())
}

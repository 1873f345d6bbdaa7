//! Matrices in Q8_0 as two tensors of a safetensors file: integers and scales.

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors};

use crate::gguf::{BLOCK, Format, QuantizedMatrix};
use crate::{Error, Result};

/// The bytes of tensor `name`, whose type and shape must be these.
pub(super) fn tensor<'a>(
    file: &SafeTensors<'a>,
    name: &str,
    dtype: Dtype,
    shape: &[usize],
) -> Result<&'a [u8]> {
    let view = file.tensor(name).map_err(|_| Error::pack(name, "is missing"))?;
    if view.dtype() != dtype || view.shape() != shape {
        let found = format!("{:?} {:?}", view.dtype(), view.shape());
        return Err(Error::pack(name, format!("is {found}, expected {dtype:?} {shape:?}")));
    }
    Ok(view.data())
}

/// The integers and the scales of a Q8_0 matrix, block by block.
pub(super) fn split_blocks(matrix: &QuantizedMatrix) -> (Vec<u8>, Vec<u8>) {
    let blocks = matrix.bytes.chunks_exact(Format::Q8_0.block_bytes());
    let scales = blocks.clone().flat_map(|block| block[..2].iter().copied()).collect();
    (blocks.flat_map(|block| block[2..].iter().copied()).collect(), scales)
}

/// The matrix whose tensors are `{name}.quants` and `{name}.scales`.
pub(super) fn read_matrix(file: &SafeTensors<'_>, name: &str) -> Result<QuantizedMatrix> {
    let (quants_name, scales_name) = (format!("{name}.quants"), format!("{name}.scales"));
    let view = file.tensor(&quants_name).map_err(|_| Error::pack(&*quants_name, "is missing"))?;
    let &[rows, columns] = view.shape() else {
        return Err(Error::pack(quants_name, format!("has the shape {:?}", view.shape())));
    };
    if rows == 0 || columns == 0 || columns % BLOCK != 0 {
        return Err(Error::pack(quants_name, format!("has the shape [{rows}, {columns}]")));
    }
    let quants = tensor(file, &quants_name, Dtype::I8, &[rows, columns])?;
    let scales = tensor(file, &scales_name, Dtype::F16, &[rows, columns / BLOCK])?;
    if scales.as_chunks().0.iter().any(|&scale| !f16::from_le_bytes(scale).is_finite()) {
        return Err(Error::pack(scales_name, "holds a scale that is not finite"));
    }
    let blocks = scales.chunks_exact(2).zip(quants.chunks_exact(BLOCK));
    let bytes = blocks.flat_map(|(scale, quants)| scale.iter().chain(quants)).copied().collect();
    QuantizedMatrix::new(Format::Q8_0, rows, columns, bytes)
}

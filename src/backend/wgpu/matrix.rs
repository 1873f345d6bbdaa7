//! Weights on the device, as `kernels/weights.wgsl` reads them.
//!
//! GGUF's blocks of 18, 20 and 34 bytes start anywhere; kernels read words. So quants and scales go
//! into buffers of their own. Q4_0 becomes Q4_1 with the minimum −8·d: one kernel for both.

use half::f16;

use super::device::{Device, Storage};
use crate::model::QuantizedMatrix;
use crate::model::quantization::{BLOCK, Format};
use crate::{Error, Result};

/// Blocks that are laid out at a time, so that a matrix is never held twice. Even: two scales share a word.
const CHUNK: usize = 1 << 14;

/// Weights `[rows, columns]`.
pub struct Matrix {
    pub(super) rows: u32,
    pub(super) columns: u32,
    /// Bits of a quant: 4 or 8.
    pub(super) bits: u32,
    pub(super) quants: Storage,
    pub(super) scales: Storage,
}

impl Matrix {
    pub(super) fn upload(device: &Device, matrix: &QuantizedMatrix) -> Result<Self> {
        let bits = match matrix.format {
            Format::Q4_0 | Format::Q4_1 => 4,
            Format::Q8_0 => 8,
            Format::F32 => {
                return Err(Error::Backend(
                    "matrices in F32 have no kernel; quantize to Q8_0".into(),
                ));
            }
        };
        let blocks = matrix.rows * matrix.columns / BLOCK;
        let what = format!("weights [{}, {}]", matrix.rows, matrix.columns);
        let quant_bytes = (blocks * BLOCK * bits / 8) as u64;
        let scale_bytes = if bits == 4 { 4 * blocks } else { 4 * blocks.div_ceil(2) } as u64;
        device.check_size(&what, quant_bytes)?;
        let quants = device.storage(&what, quant_bytes);
        let scales = device.storage(&what, scale_bytes);
        let (mut quants_at, mut scales_at) = (0, 0);
        for blocks in matrix.bytes.chunks(CHUNK * matrix.format.block_bytes()) {
            let (quant_words, scale_words) = lay_out(matrix.format, blocks)?;
            let (quant_bytes, scale_bytes): (&[u8], &[u8]) =
                (bytemuck::cast_slice(&quant_words), bytemuck::cast_slice(&scale_words));
            device.queue.write_buffer(&quants.buffer, quants_at, quant_bytes);
            device.queue.write_buffer(&scales.buffer, scales_at, scale_bytes);
            quants_at += quant_bytes.len() as u64;
            scales_at += scale_bytes.len() as u64;
        }
        // Writes wait for a submit in memory of their own.
        device.queue.submit([]);
        Ok(Self {
            rows: matrix.rows as u32,
            columns: matrix.columns as u32,
            bits: bits as u32,
            quants,
            scales,
        })
    }
}

/// The words of quants and of scales of some blocks.
fn lay_out(format: Format, bytes: &[u8]) -> Result<(Vec<u32>, Vec<u32>)> {
    let blocks = bytes.chunks_exact(format.block_bytes());
    let scale_bytes = if format == Format::Q4_1 { 4 } else { 2 };
    let quants = blocks.clone().flat_map(|block| words(&block[scale_bytes..])).collect();
    let half_of = |block: &[u8]| u32::from(u16::from_le_bytes([block[0], block[1]]));
    let scales = match format {
        Format::Q4_1 => blocks.flat_map(|block| words(&block[..4])).collect(),
        Format::Q4_0 => blocks
            .map(|block| {
                let d = half_of(block);
                Ok(d | u32::from(minimum(f16::from_bits(d as u16))?.to_bits()) << 16)
            })
            .collect::<Result<_>>()?,
        _ => {
            let halves: Vec<u32> = blocks.map(half_of).collect();
            halves.chunks(2).map(|pair| pair[0] | pair.get(1).unwrap_or(&0) << 16).collect()
        }
    };
    Ok((quants, scales))
}

/// −8·d, exact in a half unless it is out of range.
fn minimum(d: f16) -> Result<f16> {
    let minimum = f16::from_f32(-8.0 * d.to_f32());
    if minimum.is_finite() {
        Ok(minimum)
    } else {
        Err(Error::tensor("matrix", format!("has a scale of {d}, too large for the GPU's layout")))
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word))
}

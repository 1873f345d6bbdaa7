//! Weights on the device, as `kernels/weights.wgsl` reads them.
//!
//! GGUF's blocks of 18, 20 and 34 bytes start anywhere; kernels read words. So quants and scales go
//! into buffers of their own. Q4_0 becomes Q4_1 with the minimum −8·d: one kernel for both.

use std::rc::Rc;

use half::f16;

use super::device::{Device, Storage};
use crate::backend::LowRank;
use crate::gguf::QuantizedMatrix;
use crate::gguf::{BLOCK, Format};
use crate::{Error, Result};

/// Blocks that are laid out at a time, so that a matrix is never held twice.
const CHUNK: usize = 1 << 14;
/// Parts begin at multiples of so many rows: where a mask has a word.
const ALIGNMENT: usize = 32;

/// Weights `[rows, columns]`.
pub struct Matrix {
    pub(super) rows: u32,
    pub(super) columns: u32,
    /// Bits of a quant: 4 or 8.
    pub(super) bits: u32,
    /// All rows, cut where a device binds no buffer as large as the matrix.
    pub(super) parts: Vec<Part>,
    /// `A` of the update `B A`, if there is one; the rows of `B` are with the parts.
    pub(super) update: Option<Rc<Matrix>>,
}

/// Some rows of a matrix.
pub(super) struct Part {
    pub first: u32,
    pub rows: u32,
    pub weights: Weights,
    /// The same rows of the update's `B`, `[rows, r]`.
    pub update: Option<Weights>,
}

/// The weights of some rows.
pub(super) struct Weights {
    pub quants: Storage,
    pub scales: Storage,
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
        let what = format!("weights [{}, {}]", matrix.rows, matrix.columns);
        let rows = rows_of_a_part(device, &what, matrix.rows, matrix.columns * bits / 8)?;
        let row_bytes = matrix.columns / BLOCK * matrix.format.block_bytes();
        let parts = matrix
            .bytes
            .chunks((rows * row_bytes).max(1)) // nothing of a matrix without rows
            .zip((0..).step_by(rows.max(1)))
            .map(|(bytes, first)| {
                let weights = Weights::upload(device, &what, matrix, bytes)?;
                Ok(Part { first, rows: (bytes.len() / row_bytes) as u32, weights, update: None })
            })
            .collect::<Result<_>>()?;
        let (rows, columns) = (matrix.rows as u32, matrix.columns as u32);
        Ok(Self { rows, columns, bits: bits as u32, parts, update: None })
    }

    /// Adds an update: `A`, which a norm may share, and `B`, cut as the matrix is.
    pub(super) fn adapt(
        &mut self,
        device: &Device,
        LowRank { a, b }: &LowRank,
    ) -> Result<Rc<Self>> {
        if [a.format, b.format] != [Format::Q8_0; 2] {
            return Err(Error::Backend("updates have a kernel in Q8_0 alone".into()));
        }
        let what = format!("update [{}, {}]", b.rows, b.columns);
        let row_bytes = b.columns / BLOCK * b.format.block_bytes();
        let mut rest = &b.bytes[..];
        for part in &mut self.parts {
            let (rows, below) = rest.split_at(part.rows as usize * row_bytes);
            part.update = Some(Weights::upload(device, &what, b, rows)?);
            rest = below;
        }
        Ok(self.update.insert(Rc::new(Self::upload(device, a)?)).clone())
    }
}

/// How many of a matrix's rows, of `row_bytes` of quants each, the device binds at once.
fn rows_of_a_part(device: &Device, what: &str, rows: usize, row_bytes: usize) -> Result<usize> {
    let limit = device.binding_limit();
    let fitting = limit / row_bytes.max(1) as u64;
    if fitting >= rows as u64 {
        return Ok(rows);
    }
    match fitting as usize / ALIGNMENT * ALIGNMENT {
        0 => {
            let bytes = ALIGNMENT * row_bytes;
            let reason = format!(
                "{ALIGNMENT} rows, {bytes} bytes, are more than the {limit} that the device binds"
            );
            Err(Error::gpu(what, reason))
        }
        rows => Ok(rows),
    }
}

impl Weights {
    /// The rows of `matrix` whose blocks are in `bytes`.
    fn upload(device: &Device, what: &str, matrix: &QuantizedMatrix, bytes: &[u8]) -> Result<Self> {
        let (format, blocks) = (matrix.format, matrix.columns / BLOCK);
        let row_bytes = blocks * format.block_bytes();
        let rows = bytes.len() / row_bytes;
        let [quant_words, scale_words] = words_of_a_row(format, blocks);
        let quants = device.storage(what, 4 * (rows * quant_words) as u64);
        let scales = device.storage(what, 4 * (rows * scale_words) as u64);
        let (mut quants_at, mut scales_at) = (0, 0);
        for rows in bytes.chunks((CHUNK / blocks).max(1) * row_bytes) {
            let (quant_words, scale_words) = lay_out(format, blocks, rows)?;
            let (quant_bytes, scale_bytes): (&[u8], &[u8]) =
                (bytemuck::cast_slice(&quant_words), bytemuck::cast_slice(&scale_words));
            device.queue.write_buffer(&quants.buffer, quants_at, quant_bytes);
            device.queue.write_buffer(&scales.buffer, scales_at, scale_bytes);
            quants_at += quant_bytes.len() as u64;
            scales_at += scale_bytes.len() as u64;
        }
        // Writes wait for a submit in memory of their own.
        device.queue.submit([]);
        Ok(Self { quants, scales })
    }
}

/// Words of quants and of scales that a row of `blocks` blocks takes.
fn words_of_a_row(format: Format, blocks: usize) -> [usize; 2] {
    match format {
        Format::Q8_0 => [8 * blocks, blocks.div_ceil(2)],
        _ => [4 * blocks, blocks],
    }
}

/// The words of quants and of scales of some rows of `blocks` blocks.
fn lay_out(format: Format, blocks: usize, rows: &[u8]) -> Result<(Vec<u32>, Vec<u32>)> {
    let all = rows.chunks_exact(format.block_bytes());
    let scale_bytes = if format == Format::Q4_1 { 4 } else { 2 };
    let quants = all.clone().flat_map(|block| words(&block[scale_bytes..])).collect();
    let half_of = |block: &[u8]| u32::from(u16::from_le_bytes([block[0], block[1]]));
    let scales = match format {
        Format::Q4_1 => all.flat_map(|block| words(&block[..4])).collect(),
        Format::Q4_0 => all
            .map(|block| {
                let d = half_of(block);
                Ok(d | u32::from(minimum(f16::from_bits(d as u16))?.to_bits()) << 16)
            })
            .collect::<Result<_>>()?,
        _ => {
            let halves: Vec<u32> = all.map(half_of).collect();
            let rows = halves.chunks(blocks);
            let pairs = rows.flat_map(|row| row.chunks(2));
            pairs.map(|pair| pair[0] | pair.get(1).unwrap_or(&0) << 16).collect()
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

//! Weights in the order in which the kernels read them.
//!
//! Sixteen rows, which give sixteen outputs, are a tile; a tile is cut along its columns into blocks
//! of 32. A block is one run of bytes, and all of a tile's blocks follow one another:
//!
//! | part | bytes | what it holds |
//! |---|---|---|
//! | scales | 32 | a half for each output |
//! | minima | 32 | likewise, in Q4_1 alone |
//! | weights | 8 × 32 or 8 × 64 | eight steps of four columns |
//!
//! A step holds four neighbouring columns of output 0, of output 1, and so on: every 32-bit lane of a
//! vector belongs to one output, so sums need no adding across lanes, whatever the vector's width.
//! Integers are unsigned. With four bits, byte `i` has output `i / 4` in its low half and the output
//! eight places on in its high half; with eight bits, a byte is the weight plus 128.
//!
//! A block of sixteen rows takes the same bytes as in the file, so a matrix is packed in place.

use half::f16;

use crate::gguf::{BLOCK, Format, QuantizedMatrix};
use crate::{Error, Result};

/// Rows in a tile.
pub const TILE: usize = 16;
/// Columns in a step.
pub const STEP: usize = 4;
/// Bytes of a block's scales, and of its minima.
pub const HALVES: usize = 2 * TILE;

/// A matrix `[rows, columns]`, packed. Rows that are missing in the last tile are zeros.
#[derive(Clone, Debug)]
pub struct PackedMatrix {
    /// Storage of the weights.
    pub format: Format,
    /// Outputs.
    pub rows: usize,
    /// Inputs.
    pub columns: usize,
    bytes: Vec<u8>,
}

impl PackedMatrix {
    /// Packs a matrix in its own memory.
    pub fn new(matrix: QuantizedMatrix) -> Result<Self> {
        let QuantizedMatrix { format, rows, columns, mut bytes } = matrix;
        if format == Format::F32 {
            return Err(Error::Backend("matrices in F32 have no kernel; quantize to Q8_0".into()));
        }
        let tile_bytes = columns / BLOCK * TILE * format.block_bytes();
        bytes.resize(rows.div_ceil(TILE) * tile_bytes, 0);
        let mut stored = vec![0; tile_bytes];
        for tile in bytes.chunks_exact_mut(tile_bytes.max(1)) {
            stored.copy_from_slice(tile);
            pack_tile(format, &stored, tile);
        }
        Ok(Self { format, rows, columns, bytes })
    }

    /// Tiles of sixteen rows.
    pub fn tiles(&self) -> usize {
        self.rows.div_ceil(TILE)
    }

    /// The blocks of tile `index`.
    pub fn tile(&self, index: usize) -> &[u8] {
        let bytes = self.columns / BLOCK * TILE * self.format.block_bytes();
        &self.bytes[index * bytes..][..bytes]
    }

    /// Row `index` as floats into `out`, `[columns]`: what the file's blocks give.
    pub fn dequantize_row(&self, index: usize, out: &mut [f32]) {
        let output = index % TILE;
        let blocks = self.tile(index / TILE).chunks_exact(TILE * self.format.block_bytes());
        for (block, out) in blocks.zip(out.chunks_exact_mut(BLOCK)) {
            let half = |part: usize| {
                let at = part * HALVES + 2 * output;
                f16::from_le_bytes([block[at], block[at + 1]]).to_f32()
            };
            let d = half(0);
            let quants = &block[header(self.format)..];
            for (column, out) in out.iter_mut().enumerate() {
                let (at, high) = place(self.format, output, column);
                let byte = quants[at];
                *out = match self.format {
                    Format::Q8_0 => d * (f32::from(byte) - 128.0),
                    Format::Q4_1 => d * f32::from(nibble(byte, high)) + half(1),
                    _ => d * f32::from(nibble(byte, high)) - 8.0 * d,
                };
            }
        }
    }
}

/// Bytes before the weights of a block.
const fn header(format: Format) -> usize {
    if matches!(format, Format::Q4_1) { 2 * HALVES } else { HALVES }
}

const fn nibble(byte: u8, high: bool) -> u8 {
    if high { byte >> 4 } else { byte & 15 }
}

/// Where a block has the weight of (`output`, `column`): the byte, and whether in its high half.
const fn place(format: Format, output: usize, column: usize) -> (usize, bool) {
    let (step, k) = (column / STEP, column % STEP);
    match format {
        Format::Q8_0 => ((step * TILE + output) * STEP + k, false),
        _ => {
            let half = TILE / 2;
            ((step * half + output % half) * STEP + k, output >= half)
        }
    }
}

/// Sixteen rows as the file has them to one tile.
fn pack_tile(format: Format, stored: &[u8], tile: &mut [u8]) {
    let (block_bytes, row_bytes) = (format.block_bytes(), stored.len() / TILE);
    for (b, packed) in tile.chunks_exact_mut(TILE * block_bytes).enumerate() {
        let block = |output: usize| &stored[output * row_bytes + b * block_bytes..][..block_bytes];
        let (halves, packed) = packed.split_at_mut(header(format));
        let header = halves.len() / TILE;
        for (at, half) in halves.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            half.copy_from_slice(&block(at % TILE)[at / TILE * 2..][..2]);
        }
        // Four columns of an output at a time.
        let word = |output: usize, at: usize| {
            let [bytes, ..] = *block(output)[header + at..].as_chunks::<STEP>().0 else {
                unreachable!()
            };
            u32::from_le_bytes(bytes)
        };
        for (at, packed) in packed.as_chunks_mut::<STEP>().0.iter_mut().enumerate() {
            *packed = match format {
                Format::Q8_0 => word(at % TILE, at / TILE * STEP) ^ 0x8080_8080,
                _ => {
                    let (step, output) = (at / (TILE / 2), at % (TILE / 2));
                    // A stored byte holds the column sixteen on in its high half.
                    let (at, shift) = (step % 4 * STEP, step / 4 * 4);
                    let nibbles = |output: usize| word(output, at) >> shift & 0x0f0f_0f0f;
                    nibbles(output) | nibbles(output + TILE / 2) << 4
                }
            }
            .to_le_bytes();
        }
    }
}

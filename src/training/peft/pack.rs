//! The adapter that ships ([`Adapter`](crate::model::Adapter)): a training state's updates and head, rounded to eight bits.

use candle_core::Tensor;

use crate::backend::LowRank;
use crate::gguf::quantize::{Rounding, quantize};
use crate::gguf::{BLOCK, Config, Format, QuantizedMatrix};
use crate::model::adapter::{LayerMatrix, to_bytes};
use crate::model::document_head::HeadWeights;
use crate::training::autograd::failed;
use crate::training::trainer::SavedState;
use crate::training::trainer::memorization_head::MemorizationHead;
use crate::{Error, Result};

/// The file of an adapter with the updates in `state`, whose scale is 1, for the checkpoint with this hash. The same
/// state gives the same bytes on every processor.
pub fn pack(
    state: &SavedState,
    head: Option<&MemorizationHead>,
    config: &Config,
    base_sha256: &str,
) -> Result<Vec<u8>> {
    let mut updates = Vec::new();
    for layer in 0..config.layers {
        for matrix in LayerMatrix::ALL {
            let name = |part| format!("layers.{layer}.{}.{part}", matrix.name());
            let (Some(a), Some(b)) = (state.find(&name("a")), state.find(&name("b"))) else {
                continue;
            };
            let (a, b) = (values(a).map_err(failed)?, values(b).map_err(failed)?);
            updates.push((layer, matrix, low_rank(&a, &b)?));
        }
    }
    if updates.is_empty() {
        return Err(Error::adapter("the training state", "holds no update"));
    }
    let head = head.map(head_weights).transpose()?;
    to_bytes(base_sha256, &updates, head.as_ref())
}

/// The head as files hold it.
pub fn head_weights(head: &MemorizationHead) -> Result<HeadWeights> {
    let stored = head.stored().map_err(failed)?;
    let d = stored.norm.len();
    let weight = quantize(Format::Q8_0, Rounding::Extremes, d, d, &stored.weight)?;
    Ok(HeadWeights {
        version: head.version.into(),
        row_scale: stored.row_scale,
        bias: stored.bias(&weight.dequantize()),
        norm: stored.norm,
        weight,
        special_rows: stored.special_rows,
    })
}

/// `A`, `[r, columns]`, and `B`, `[rows, r]`, in Q8_0; the rank is filled up with zeros to whole blocks.
fn low_rank(a: &[Vec<f32>], b: &[Vec<f32>]) -> Result<LowRank> {
    let rank = a.len().next_multiple_of(BLOCK);
    let columns = a.first().map_or(0, Vec::len);
    let mut a = a.concat();
    a.resize(rank * columns, 0.0);
    let padded = |row: &Vec<f32>| {
        let zeros = std::iter::repeat_n(0.0, rank - row.len());
        row.iter().copied().chain(zeros).collect::<Vec<_>>()
    };
    let rows = b.len();
    let b: Vec<f32> = b.iter().flat_map(padded).collect();
    Ok(LowRank { a: eight_bits(rank, columns, &a)?, b: eight_bits(rows, rank, &b)? })
}

fn eight_bits(rows: usize, columns: usize, values: &[f32]) -> Result<QuantizedMatrix> {
    quantize(Format::Q8_0, Rounding::Extremes, rows, columns, values)
}

fn values(tensor: &Tensor) -> candle_core::Result<Vec<Vec<f32>>> {
    tensor.to_vec2()
}

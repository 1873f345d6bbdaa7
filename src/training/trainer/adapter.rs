//! Low-rank adapters on the decoder's layers.
//!
//! What is trained of the body: for each stacked matrix of each of the upper layers an `A` and a `B`
//! (LoRA, <https://arxiv.org/abs/2106.09685>). `A` starts random, `B` at zero, so that training starts at
//! the base model.

use candle_core::{Device, Tensor, Var};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::saved_state::SavedState;
use crate::model::Decoder;
use crate::training::autograd::{Autograd, LowRank, Matrix, failed};
use crate::{Error, Result};

/// Which layers are adapted, and how finely.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct AdapterConfig {
    /// Rank of each update.
    pub rank: usize,
    /// `ΔW = (α / rank) · B A`.
    pub alpha: f32,
    /// The first adapted layer; those below stay as they are, so no gradient goes there.
    pub first_layer: usize,
}

impl Default for AdapterConfig {
    fn default() -> Self {
        Self { rank: 32, alpha: 32.0, first_layer: 8 }
    }
}

impl AdapterConfig {
    /// The shape of the adapters in a saved state; training sets α to the rank.
    pub fn of_saved(saved: &SavedState) -> Result<Self> {
        let layer = |name: &str| name.strip_prefix("layers.")?.strip_suffix(".qkv.a")?.parse().ok();
        let adapted = saved.iter().filter_map(|(name, a)| Some((layer(name)?, a)));
        let first = adapted.min_by_key(|&(layer, _): &(usize, _)| layer);
        let lacks = || Error::Training("the saved state lacks adapters".into());
        let (first_layer, a) = first.ok_or_else(lacks)?;
        let rank = a.dim(0).map_err(failed)?;
        Ok(Self { rank, alpha: rank as f32, first_layer })
    }
}

/// The parameters of all adapters, by name.
pub struct Adapter {
    /// Shape of the adapters.
    pub config: AdapterConfig,
    /// `layers.{i}.{matrix}.{a|b}` and the parameter.
    pub parameters: Vec<(String, Var)>,
}

/// The stacked matrices of a layer that are adapted.
const MATRICES: [&str; 4] = ["qkv", "attention_output", "gate_up", "down"];

impl Adapter {
    /// New adapters, set on the decoder's matrices.
    pub fn attach(
        decoder: &mut Decoder<Autograd>,
        config: AdapterConfig,
        seed: u64,
    ) -> Result<Self> {
        let mut random = StdRng::seed_from_u64(seed);
        let mut parameters = Vec::new();
        for (index, layer) in decoder.layers.iter_mut().enumerate().skip(config.first_layer) {
            let matrices =
                [&mut layer.qkv, &mut layer.attention_output, &mut layer.gate_up, &mut layer.down];
            for (name, matrix) in MATRICES.into_iter().zip(matrices) {
                let (a, b) = attach(matrix, config, &mut random).map_err(failed)?;
                parameters.push((format!("layers.{index}.{name}.a"), a));
                parameters.push((format!("layers.{index}.{name}.b"), b));
            }
        }
        Ok(Self { config, parameters })
    }
}

fn attach(
    matrix: &mut Matrix,
    config: AdapterConfig,
    random: &mut StdRng,
) -> candle_core::Result<(Var, Var)> {
    let (rows, columns, r) = (matrix.stored.rows, matrix.stored.columns, config.rank);
    let a = Var::from_tensor(&random_a(r, columns, random)?)?;
    let b = Var::from_tensor(&Tensor::zeros((rows, r), candle_core::DType::F32, &Device::Cpu)?)?;
    let scale = config.alpha / r as f32;
    matrix.adapter = Some(LowRank { a: a.as_tensor().clone(), b: b.as_tensor().clone(), scale });
    Ok((a, b))
}

/// An `A` to start from, `[rank, columns]`: uniform, with variance `1 / columns`.
pub(in crate::training) fn random_a(
    rank: usize,
    columns: usize,
    random: &mut StdRng,
) -> candle_core::Result<Tensor> {
    let bound = (3.0 / columns as f32).sqrt();
    let values: Vec<f32> =
        (0..rank * columns).map(|_| random.random_range(-bound..bound)).collect();
    Tensor::from_vec(values, (rank, columns), &Device::Cpu)
}

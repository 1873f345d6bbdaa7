//! From hidden states to tool rows and logits: what retrieval training learns beside the body.
//!
//! With `x̂` the state that a text ends in (RMSNorm without gain), a question's logit for a tool is
//! `row · (g ∘ x̂)`, and the row of a tool is computed from its document:
//!
//! `row = s/√d · normalize(⊥ P (g ∘ (x̂ − μ)))`
//!
//! `g` and `μ` standardise the base model's states and stay fixed; `P`, `[d, d]`, and `s` are learned. `⊥`
//! removes the direction of `g ∘ μ`, the large part that all states share, so that a row ranks questions
//! by what sets them apart and a pack needs no bias.

use candle_core::{D, Device, Tensor, Var};
use nalgebra::DMatrix;

use super::hidden_states::HiddenStates;
use super::optimizer::Parameter;
use super::saved_state::SavedState;
use crate::Result;
use crate::training::autograd::failed;
use crate::virtualization::Special;

/// How far the covariance that `P` starts from is pulled to the identity.
const SHRINKAGE: f64 = 0.3;
/// `s` at the start: the logit of a row for its own direction.
const SCALE: f32 = 20.0;
const SPECIALS: usize = Special::COUNT;

/// The parameters.
pub struct MemorizationHead {
    /// What training has been: [`DocumentHead::version`](crate::model::DocumentHead::version).
    pub version: u32,
    /// `g`, `[d]`.
    pub gain: Tensor,
    /// `μ`, `[d]`.
    pub center: Tensor,
    /// The unit vector along `g ∘ μ`, `[d]`.
    common: Tensor,
    /// What every state has along it: about `|g ∘ μ|`.
    common_length: f32,
    projection: Var,
    scale: Var,
    special: Var,
    special_bias: Var,
}

/// The numbers of [`DocumentHead`](crate::model::DocumentHead), before they are quantized.
pub struct StoredHead {
    /// `g`, `[d]`.
    pub norm: Vec<f32>,
    /// `W = ⊥ P`, `[d, d]`.
    pub weight: Vec<f32>,
    /// `g ∘ μ`, `[d]`.
    shared: Vec<f64>,
    /// The special tokens' rows, `[specials, d]`.
    pub special_rows: Vec<f32>,
    /// `s/√d`, the length of every tool's row.
    pub row_scale: f32,
}

impl StoredHead {
    /// `−weight (g ∘ μ)`, `[d]`, for `weight` as it is stored: it takes back what rounding did to the part that
    /// all states share.
    pub fn bias(&self, weight: &[f32]) -> Vec<f32> {
        let product = |row: &[f32]| -> f64 {
            row.iter().zip(&self.shared).map(|(w, m)| f64::from(*w) * m).sum()
        };
        weight.chunks_exact(self.shared.len()).map(|row| -product(row) as f32).collect()
    }
}

impl MemorizationHead {
    /// The head of a saved state; its parameters come with the others.
    pub fn from_saved(saved: &SavedState) -> Result<Self> {
        let find = |name: &str| saved.tensor(name).cloned();
        let (gain, center) = (find("head.gain")?, find("head.center")?);
        let mut head = Self::new(gain, center, find("head.projection")?).map_err(failed)?;
        if let Ok(version) = saved.tensor("head.version") {
            head.version = version.to_scalar().map_err(failed)?;
        }
        Ok(head)
    }

    /// Starts from a sample of states, `[n, d]` row by row: `P` is the inverse of their covariance, so
    /// that similarity is measured in whitened coordinates.
    pub fn from_states(states: &HiddenStates) -> candle_core::Result<Self> {
        let (n, d) = (states.rows().count(), states.width);
        let x = DMatrix::from_row_iterator(n, d, states.values.iter().map(|&x| f64::from(x)));
        let mean = x.row_mean();
        let deviation = x.row_variance().map(|variance| variance.sqrt().max(1e-4));
        let z = DMatrix::from_fn(n, d, |row, column| {
            (x[(row, column)] - mean[column]) / deviation[column]
        });
        let mut covariance = z.tr_mul(&z) / n as f64 * (1.0 - SHRINKAGE);
        (0..d).for_each(|i| covariance[(i, i)] += SHRINKAGE);
        let inverse = covariance.cholesky().map(|factor| factor.inverse());
        let inverse = inverse
            .ok_or_else(|| candle_core::Error::Msg("hidden states are degenerate".into()))?;
        let size = inverse.diagonal().mean();
        let floats = |values: Vec<f64>| values.into_iter().map(|x| x as f32).collect::<Vec<_>>();
        let projection = floats(inverse.transpose().iter().map(|p| p / size).collect());
        let gain = floats(deviation.iter().map(|deviation| 1.0 / deviation).collect());
        Self::new(
            Tensor::from_vec(gain, d, &Device::Cpu)?,
            Tensor::from_vec(floats(mean.iter().copied().collect()), d, &Device::Cpu)?,
            Tensor::from_vec(projection, (d, d), &Device::Cpu)?,
        )
    }

    /// A head with these constants and this `P`.
    pub fn new(gain: Tensor, center: Tensor, projection: Tensor) -> candle_core::Result<Self> {
        let d = gain.dims1()?;
        let shared = (&gain * &center)?;
        let common_length = shared.sqr()?.sum_all()?.sqrt()?.to_scalar::<f32>()?;
        let common = (shared / f64::from(common_length.max(1e-12)))?;
        // Special directions start apart from each other and from every tool: fixed pseudo-random signs.
        let signs = (0..SPECIALS * d)
            .map(|i| if (i * 2_654_435_761) >> 13 & 1 == 0 { 0.1f32 } else { -0.1 });
        Ok(Self {
            version: 1,
            gain,
            center,
            common,
            common_length,
            projection: Var::from_tensor(&projection)?,
            scale: Var::new(&[SCALE], &Device::Cpu)?,
            special: Var::from_vec(signs.collect(), (SPECIALS, d), &Device::Cpu)?,
            special_bias: Var::zeros(SPECIALS, candle_core::DType::F32, &Device::Cpu)?,
        })
    }

    /// What is trained, with learning rates relative to the adapters'.
    pub fn parameters(&self) -> Vec<Parameter> {
        [
            ("projection", &self.projection, 0.5),
            ("scale", &self.scale, 50.0),
            ("special", &self.special, 2.0),
            ("special_bias", &self.special_bias, 20.0),
        ]
        .map(|(name, var, rate)| Parameter { name: format!("head.{name}"), var: var.clone(), rate })
        .into()
    }

    /// The constants, by name.
    pub fn constants(&self) -> candle_core::Result<Vec<(String, Tensor)>> {
        let mut constants = vec![
            ("head.gain".into(), self.gain.clone()),
            ("head.center".into(), self.center.clone()),
        ];
        if self.version > 1 {
            constants.push(("head.version".into(), Tensor::new(self.version, &Device::Cpu)?));
        }
        Ok(constants)
    }

    /// The head of a saved state, or of a file of the head alone, with its parameters.
    pub fn from_tensors(saved: &SavedState) -> Result<Self> {
        let head = Self::from_saved(saved)?;
        for parameter in head.parameters() {
            parameter.var.set(saved.tensor(&parameter.name)?).map_err(failed)?;
        }
        Ok(head)
    }

    /// Constants and parameters, by name.
    pub fn tensors(&self) -> Result<SavedState> {
        let parameters = self.parameters().into_iter();
        let parameters = parameters.map(|p| (p.name, p.var.as_tensor().clone()));
        Ok(parameters.chain(self.constants().map_err(failed)?).collect())
    }

    /// What a checkpoint carries of the head. Plain loops in 64 bits, not tensors: whoever merges the same
    /// adapter must get the same bytes on any processor.
    pub fn stored(&self) -> candle_core::Result<StoredHead> {
        let floats = |tensor: &Tensor| -> candle_core::Result<Vec<f64>> {
            let values: Vec<f32> = tensor.flatten_all()?.to_vec1()?;
            Ok(values.into_iter().map(f64::from).collect())
        };
        let (gain, center) = (floats(&self.gain)?, floats(&self.center)?);
        let (p, special) =
            (floats(self.projection.as_tensor())?, floats(self.special.as_tensor())?);
        let special_bias = floats(self.special_bias.as_tensor())?;
        let d = gain.len();
        let row_scale = floats(self.scale.as_tensor())?[0] / (d as f64).sqrt();

        let shared: Vec<f64> = gain.iter().zip(&center).map(|(g, m)| g * m).collect();
        let length = shared.iter().map(|x| x * x).sum::<f64>().sqrt().max(1e-12);
        let common: Vec<f64> = shared.iter().map(|x| x / length).collect();
        let mut along = vec![0.0; d]; // cᵀ P
        for (c, row) in common.iter().zip(p.chunks_exact(d)) {
            along.iter_mut().zip(row).for_each(|(sum, p)| *sum += c * p);
        }
        let weight = common.iter().zip(p.chunks_exact(d)).flat_map(|(c, row)| {
            row.iter().zip(&along).map(move |(p, along)| (p - c * along) as f32)
        });
        let special_rows =
            special.chunks_exact(d).zip(special_bias).flat_map(|(direction, bias)| {
                let along: f64 = direction.iter().zip(&common).map(|(x, c)| x * c).sum();
                let across: Vec<f64> =
                    direction.iter().zip(&common).map(|(x, c)| x - along * c).collect();
                let size = (across.iter().map(|x| x * x).sum::<f64>() + 1e-12).sqrt();
                let row = across.into_iter().zip(common.clone());
                row.map(move |(x, c)| (x / size * row_scale + bias * c / length) as f32)
            });
        Ok(StoredHead {
            norm: gain.iter().map(|&g| g as f32).collect(),
            weight: weight.collect(),
            shared,
            special_rows: special_rows.collect(),
            row_scale: row_scale as f32,
        })
    }

    /// What rows are multiplied with, for questions' states `[n, d]`.
    pub fn queries(&self, states: &Tensor) -> candle_core::Result<Tensor> {
        states.broadcast_mul(&self.gain)
    }

    /// Rows of tools whose documents end in `states`, `[n, d]`.
    pub fn rows(&self, states: &Tensor) -> candle_core::Result<Tensor> {
        let standard = states.broadcast_sub(&self.center)?.broadcast_mul(&self.gain)?;
        self.scaled(&standard.matmul(&self.projection.t()?)?)
    }

    /// The special tokens' rows, `[specials, d]`.
    pub fn special_rows(&self) -> candle_core::Result<Tensor> {
        self.biased_rows(&self.special, &self.special_bias)
    }

    /// Rows that point along `directions`, `[n, d]`, each with a bias of `biases`, `[n]`, carried by what
    /// all states share.
    pub fn biased_rows(&self, directions: &Tensor, biases: &Tensor) -> candle_core::Result<Tensor> {
        let rows = self.scaled(directions)?;
        let carrier = (&self.common / f64::from(self.common_length.max(1e-12)))?.unsqueeze(0)?;
        rows + biases.unsqueeze(1)?.matmul(&carrier)?
    }

    fn scaled(&self, directions: &Tensor) -> candle_core::Result<Tensor> {
        let d = directions.dim(1)?;
        let common = self.common.unsqueeze(1)?; // [d, 1]
        let along = directions.matmul(&common)?; // [n, 1]
        let rows = (directions - along.matmul(&common.t()?)?)?;
        let length = (rows.sqr()?.sum_keepdim(D::Minus1)? + 1e-12)?.sqrt()?;
        let scale = (self.scale.as_tensor() / (d as f64).sqrt())?;
        rows.broadcast_div(&length)?.broadcast_mul(&scale)
    }
}

//! Retrieval training of rows alone: the body is frozen, only the tool tokens' rows are fitted.
//!
//! ToolGen's second stage (section 3.3) minimises the cross-entropy of the tool token after the
//! question. With the body frozen that is a softmax regression on hidden states, which is convex:
//! one optimum, no seed, seconds of work. Hidden states are anything but isotropic, so the fit
//! happens in coordinates where their within-tool covariance is (nearly) the identity, and is
//! folded back into what a pack holds: a norm gain and rows.

use candle_core::{Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, loss};
use nalgebra::{DMatrix, DVector};

use super::calibration::{Calibration, calibrate};
use crate::training::trainer::hidden_states::HiddenStates;
use crate::{Error, Result};

/// How rows are fitted.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Full-batch steps of Adam.
    pub steps: usize,
    /// Its peak learning rate; it falls to zero along a cosine.
    pub learning_rate: f64,
    /// Weight of `½ |W|²` in whitened coordinates.
    pub weight_decay: f64,
    /// How far the covariance is pulled to its diagonal, from 0 to 1.
    pub shrinkage: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { steps: 200, learning_rate: 0.01, weight_decay: 1e-4, shrinkage: 0.2 }
    }
}

/// The result: what a tool pack's head is made of.
pub struct FittedRows {
    /// Gain of the RMSNorm before the rows, `[d]`: one over each feature's deviation.
    pub gain: Vec<f32>,
    /// `[tools, d]`; they read the states times `gain`.
    pub rows: Vec<f32>,
    /// `[d]`: a row that gives every state times `gain` all but exactly 1, so that a row can hold an offset.
    pub unit: Vec<f32>,
    /// Mean cross-entropy of the last step.
    pub loss: f32,
}

impl FittedRows {
    /// Makes probabilities honest on states that were not trained on, whose right tokens are `labels`: scales
    /// all rows and gives `token` an offset. Also returns the share of states whose likeliest token is right.
    pub fn calibrate(
        &mut self,
        states: &HiddenStates,
        labels: &[u32],
        token: usize,
    ) -> Result<(Calibration, f64)> {
        let (n, d) = (labels.len(), states.width);
        let tokens = self.rows.len() / d;
        let logits = || -> candle_core::Result<Vec<f32>> {
            let states = Tensor::from_slice(&states.values, (n, d), &Device::Cpu)?;
            let gain = Tensor::from_slice(&self.gain, d, &Device::Cpu)?;
            let rows = Tensor::from_slice(&self.rows, (tokens, d), &Device::Cpu)?;
            states.broadcast_mul(&gain)?.matmul(&rows.t()?)?.flatten_all()?.to_vec1()
        };
        let logits = logits().map_err(|error| Error::Training(error.to_string()))?;
        let likeliest = |logits: &[f32]| {
            (0..tokens).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).map(|id| id as u32)
        };
        let right = logits
            .chunks_exact(tokens)
            .zip(labels)
            .filter(|(x, label)| likeliest(x) == Some(**label));
        let accuracy = right.count() as f64 / n.max(1) as f64;
        let calibration = calibrate(&logits, labels, tokens, token);
        self.rows.iter_mut().for_each(|w| *w *= calibration.inverse_temperature as f32);
        for (w, u) in self.rows[token * d..][..d].iter_mut().zip(&self.unit) {
            *w += calibration.offset as f32 * u;
        }
        Ok((calibration, accuracy))
    }
}

/// Fits one row a token to states whose right tokens are `labels`. A `prior`, `[tokens, d]`, gives rows for
/// states as they are; the fit starts there and is drawn back there, so that a token with few questions, or
/// none, keeps the row of its document. `log` is told each step's loss.
pub fn fit_rows(
    states: &HiddenStates,
    labels: &[u32],
    tools: usize,
    prior: Option<&[f32]>,
    options: &Options,
    mut log: impl FnMut(usize, f32),
) -> Result<FittedRows> {
    let (n, d) = (labels.len(), states.width);
    if n < 2 || states.values.len() != n * d {
        let reason = format!("{n} labelled questions are too few to fit rows on; give two or more");
        return Err(Error::Training(reason));
    }
    let x = DMatrix::from_row_iterator(n, d, states.values.iter().map(|&x| f64::from(x)));
    let mean = x.row_mean().transpose(); // [d]
    let deviation = x.row_variance().transpose().map(|v| v.sqrt().max(1e-6)); // [d]
    let whitening = whitening(&x, labels, tools, options.shrinkage)?; // [d, d]: z = W (x − mean)

    let mut z = &whitening * (x.transpose() - &mean * DMatrix::from_element(1, n, 1.0)); // [d, n]
    let scale = (z.norm_squared() / z.len() as f64).sqrt();
    z /= scale;
    let prior = match prior {
        None => DMatrix::zeros(tools, d),
        Some(rows) => {
            let rows = DMatrix::from_row_iterator(tools, d, rows.iter().map(|&w| f64::from(w)));
            // R0 = W0 · whitening / scale, so W0ᵀ solves whiteningᵀ W0ᵀ = scale · R0ᵀ.
            let solved = whitening.transpose().solve_upper_triangular(&(rows.transpose() * scale));
            let solved =
                solved.ok_or_else(|| Error::Training("hidden states are degenerate".into()))?;
            solved.transpose()
        }
    };
    let (weights, loss) = softmax_regression(&z, labels, &prior, options, &mut log)?; // [tools, d]

    // logit = W z = R (x − mean) with R = W · whitening / scale. The pack has no bias, but u · (x ∘ gain)
    // is all but exactly 1 for every state, so −R·mean is carried by u.
    let by_state = weights * whitening / scale; // [tools, d]
    let bias = -(&by_state * &mean); // [tools]
    let u = unit_direction(&x, &deviation);
    let rows = DMatrix::from_fn(tools, d, |tool, i| {
        by_state[(tool, i)] * deviation[i] + bias[tool] * u[i]
    });

    Ok(FittedRows {
        gain: deviation.iter().map(|&deviation| (1.0 / deviation) as f32).collect(),
        rows: rows.transpose().iter().map(|&w| w as f32).collect(),
        unit: u.iter().map(|&u| u as f32).collect(),
        loss,
    })
}

/// `L⁻¹` where `L Lᵀ` is the within-tool covariance, pulled to its diagonal by `shrinkage`.
fn whitening(
    x: &DMatrix<f64>,
    labels: &[u32],
    tools: usize,
    shrinkage: f64,
) -> Result<DMatrix<f64>> {
    let (n, d) = x.shape();
    let mut counts = vec![0.0; tools];
    let mut means = DMatrix::zeros(tools, d);
    for (index, &label) in labels.iter().enumerate() {
        counts[label as usize] += 1.0;
        let mut mean = means.row_mut(label as usize);
        mean += x.row(index);
    }
    let residual = DMatrix::from_fn(n, d, |index, i| {
        let label = labels[index] as usize;
        x[(index, i)] - means[(label, i)] / counts[label]
    });
    let mut covariance = residual.tr_mul(&residual) / n as f64; // [d, d]
    let ridge = 1e-6 * covariance.trace() / d as f64;
    for i in 0..d {
        for j in (0..d).filter(|&j| j != i) {
            covariance[(i, j)] *= 1.0 - shrinkage;
        }
        covariance[(i, i)] += ridge;
    }
    let factor = covariance
        .cholesky()
        .ok_or_else(|| Error::Training("hidden states are degenerate".into()))?;
    let inverse = factor.l().solve_lower_triangular(&DMatrix::identity(d, d));
    inverse.ok_or_else(|| Error::Training("hidden states are degenerate".into()))
}

/// The `u` for which `u · (x ∘ 1/deviation)` is nearest to 1 over all states (ridge regression). Hidden
/// states share a large common part, so it comes within a hundredth.
fn unit_direction(x: &DMatrix<f64>, deviation: &DVector<f64>) -> DVector<f64> {
    let (n, d) = x.shape();
    let scaled = DMatrix::from_fn(n, d, |index, i| x[(index, i)] / deviation[i]);
    let mut normal = scaled.tr_mul(&scaled) / n as f64;
    (0..d).for_each(|i| normal[(i, i)] += 1e-2);
    let mean = scaled.row_mean().transpose();
    normal.cholesky().expect("a ridge makes it positive definite").solve(&mean)
}

/// Minimises the mean cross-entropy of `softmax(W z)` plus decay to the prior, from there: `[tools, d]`.
fn softmax_regression(
    z: &DMatrix<f64>,
    labels: &[u32],
    prior: &DMatrix<f64>,
    options: &Options,
    log: &mut impl FnMut(usize, f32),
) -> Result<(DMatrix<f64>, f32)> {
    let ((d, n), tools) = (z.shape(), prior.nrows());
    let mut fit = || -> candle_core::Result<(Vec<f32>, f32)> {
        let device = Device::Cpu;
        let values: Vec<f32> = z.iter().map(|&z| z as f32).collect(); // column-major [d, n] is [n, d]
        let inputs = Tensor::from_vec(values, (n, d), &device)?;
        let targets = Tensor::from_vec(labels.to_vec(), n, &device)?;
        let start: Vec<f32> = prior.transpose().iter().map(|&w| w as f32).collect();
        let start = Tensor::from_vec(start, (tools, d), &device)?;
        let weights = Var::from_tensor(&start)?;
        let adam = ParamsAdamW { weight_decay: 0.0, beta2: 0.999, ..ParamsAdamW::default() };
        let mut optimizer = AdamW::new(vec![weights.clone()], adam)?;
        let mut last = f32::NAN;
        for step in 0..options.steps {
            let progress = step as f64 / options.steps as f64;
            optimizer.set_learning_rate(
                options.learning_rate * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()),
            );
            let cross_entropy = loss::cross_entropy(&inputs.matmul(&weights.t()?)?, &targets)?;
            let decay =
                ((weights.as_tensor() - &start)?.sqr()?.sum_all()? * (0.5 * options.weight_decay))?;
            optimizer.backward_step(&(&cross_entropy + decay)?)?;
            last = cross_entropy.to_scalar()?;
            log(step + 1, last);
        }
        Ok((weights.flatten_all()?.to_vec1()?, last))
    };
    let (weights, last) = fit().map_err(|error| Error::Training(error.to_string()))?;
    Ok((DMatrix::from_row_iterator(tools, d, weights.into_iter().map(f64::from)), last))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three tools whose states lie around three corners of a skewed space.
    #[test]
    fn separable_states_are_separated() {
        let (tools, each, d) = (3, 20, 32);
        let noise = |i: usize| ((i * 7919 % 1000) as f32 / 1000.0 - 0.5) * 0.4;
        let mut values = Vec::new();
        let mut labels = Vec::new();
        for index in 0..tools * each {
            let tool = index % tools;
            let state = (0..d).map(|i| {
                let corner = if i == tool { 3.0 } else { 0.0 };
                5.0 + corner * (1.0 + i as f32) + noise(index * d + i)
            });
            values.extend(state);
            labels.push(tool as u32);
        }
        let states = HiddenStates { width: d, values };
        let fitted =
            fit_rows(&states, &labels, tools, None, &Options::default(), |_, _| ()).unwrap();
        for (state, &label) in states.rows().zip(&labels) {
            let logit = |row: &[f32]| -> f32 {
                row.iter().zip(state).zip(&fitted.gain).map(|((w, x), g)| w * x * g).sum()
            };
            let logits: Vec<f32> = fitted.rows.chunks(d).map(logit).collect();
            let best = (0..tools).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap();
            assert_eq!(best as u32, label, "{logits:?}");
        }
        assert!(fitted.loss < 0.2, "loss {}", fitted.loss);
    }
}

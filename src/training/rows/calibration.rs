//! Calibrated confidence: of the choices that the model gives 80 %, 80 % should be right.
//!
//! Rows are fitted on questions whose templates the model has seen, so it is too sure of itself on others.
//! Temperature scaling (Guo et al. 2017, <https://arxiv.org/abs/1706.04599>) divides all logits by one number,
//! chosen on questions that were not trained on. An offset of one token beside it sets how ready the model is
//! to say that no tool fits. Neither changes which tool comes first.

use nalgebra::{Matrix2, Vector2};

/// What is done to logits: `z = inverse_temperature · logit`, plus `offset` for one token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// One over the temperature.
    pub inverse_temperature: f64,
    /// What the token gets on top.
    pub offset: f64,
    /// Mean cross-entropy before and after.
    pub loss: [f64; 2],
}

/// Steps of Newton's method; a handful are enough.
const STEPS: usize = 50;

/// The calibration with the least cross-entropy over questions with `logits`, `[questions, tokens]`, whose
/// right tokens are `labels`. The loss is convex in both numbers.
pub fn calibrate(logits: &[f32], labels: &[u32], tokens: usize, token: usize) -> Calibration {
    let mut at = Vector2::new(1.0, 0.0);
    let (start, mut gradient, mut curvature) = derivatives(logits, labels, tokens, token, at);
    let mut loss = start;
    for _ in 0..STEPS {
        curvature += Matrix2::identity() * 1e-9;
        let Some(step) = curvature.lu().solve(&gradient) else { break };
        // Newton's step is too long far from the minimum: halve it until the loss falls.
        let shorter = (0..30).map(|halvings| at - step * 0.5f64.powi(halvings));
        let better = shorter
            .filter(|at| at[0] > 0.0)
            .map(|at| (at, derivatives(logits, labels, tokens, token, at)))
            .find(|(_, (less, ..))| *less < loss);
        let Some((next, found)) = better else { break };
        at = next;
        (loss, gradient, curvature) = found;
    }
    Calibration { inverse_temperature: at[0], offset: at[1], loss: [start, loss] }
}

/// Loss, gradient and Hessian at (inverse temperature, offset): with `f` the vector (logit, is the token),
/// `E[f] − f(label)` and the covariance of `f` under the model's probabilities.
fn derivatives(
    logits: &[f32],
    labels: &[u32],
    tokens: usize,
    token: usize,
    at: Vector2<f64>,
) -> (f64, Vector2<f64>, Matrix2<f64>) {
    let (mut loss, mut gradient, mut curvature) = (0.0, Vector2::zeros(), Matrix2::zeros());
    let feature = |logits: &[f32], id: usize| {
        Vector2::new(f64::from(logits[id]), f64::from(u8::from(id == token)))
    };
    for (logits, &label) in logits.chunks_exact(tokens).zip(labels) {
        let z = |id: usize| at.dot(&feature(logits, id));
        let most = (0..tokens).map(z).fold(f64::NEG_INFINITY, f64::max);
        let (mut sum, mut mean, mut square) = (0.0, Vector2::zeros(), Matrix2::zeros());
        for id in 0..tokens {
            let (p, f) = ((z(id) - most).exp(), feature(logits, id));
            sum += p;
            mean += f * p;
            square += f * f.transpose() * p;
        }
        mean /= sum;
        loss += most + sum.ln() - z(label as usize);
        gradient += mean - feature(logits, label as usize);
        curvature += square / sum - mean * mean.transpose();
    }
    let n = labels.len().max(1) as f64;
    (loss / n, gradient / n, curvature / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits that are three times too large, and a last token that is wanted more often than they say.
    #[test]
    fn overconfidence_is_taken_back() {
        let (tokens, questions) = (4, 4000);
        let noise = |i: usize| {
            let x = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            (((x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40) as f32) / 16_777_216.0
        };
        let (mut logits, mut labels) = (Vec::new(), Vec::new());
        for question in 0..questions {
            let right: Vec<f32> = (0..tokens).map(|id| 4.0 * noise(question * 8 + id)).collect();
            let wanted = |id: usize| f64::from(right[id]).exp() * if id == 3 { 2.0 } else { 1.0 };
            let total: f64 = (0..tokens).map(wanted).sum();
            let mut rest = f64::from(noise(question * 8 + 7)) * total;
            let label = (0..tokens).find(|&id| {
                rest -= wanted(id);
                rest <= 0.0
            });
            labels.push(label.unwrap_or(tokens - 1) as u32);
            logits.extend(right.iter().map(|x| x * 3.0));
        }
        let found = calibrate(&logits, &labels, tokens, 3);
        assert!((found.inverse_temperature - 1.0 / 3.0).abs() < 0.03, "{found:?}");
        assert!((found.offset - 2f64.ln()).abs() < 0.15, "{found:?}");
        assert!(found.loss[1] < found.loss[0], "{found:?}");
    }

    #[test]
    fn what_is_always_right_has_an_end() {
        let found = calibrate(&[5.0, 0.0, 0.0, 5.0], &[0, 1], 2, 1);
        assert!(found.inverse_temperature.is_finite() && found.offset.is_finite(), "{found:?}");
    }
}

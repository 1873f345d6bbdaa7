//! AdamW (<https://arxiv.org/abs/1711.05101>) with warm-up and a cosine, and a state that can be saved.
//!
//! candle-nn's AdamW keeps its moments to itself; a run that is cut off and goes on needs them.

use std::f64::consts::PI;

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};

use super::saved_state::{STEP, SavedState};
use crate::Result;
use crate::training::autograd::failed;

/// Something that is trained.
pub struct Parameter {
    /// Its name in files.
    pub name: String,
    /// Its values.
    pub var: Var,
    /// Its learning rate, relative to the schedule's.
    pub rate: f64,
}

/// Learning rate over a run.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// The highest learning rate.
    pub peak: f64,
    /// Steps of the run.
    pub steps: usize,
    /// Steps until the peak.
    pub warm_up: usize,
}

impl Schedule {
    /// The learning rate of step `step`, from 0: linear warm-up, then half a cosine down to zero.
    pub fn rate(&self, step: usize) -> f64 {
        if step < self.warm_up {
            return self.peak * (step + 1) as f64 / self.warm_up as f64;
        }
        let rest = (self.steps - self.warm_up).max(1) as f64;
        let progress = ((step - self.warm_up) as f64 / rest).min(1.0);
        self.peak * 0.5 * (1.0 + (PI * progress).cos())
    }
}

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.98;
const EPSILON: f64 = 1e-8;
/// Gradients with a larger norm are scaled down to it.
const CLIP: f64 = 1.0;

/// The parameters with their moments.
pub struct AdamW {
    /// What is trained.
    pub parameters: Vec<Parameter>,
    moments: Vec<(Var, Var)>,
    weight_decay: f64,
    step: usize,
}

impl AdamW {
    /// Moments start at zero.
    pub fn new(parameters: Vec<Parameter>, weight_decay: f64) -> candle_core::Result<Self> {
        let zeros = |parameter: &Parameter| {
            let zeros = || Var::from_tensor(&parameter.var.zeros_like()?);
            Ok((zeros()?, zeros()?))
        };
        let moments = parameters.iter().map(zeros).collect::<candle_core::Result<_>>()?;
        Ok(Self { parameters, moments, weight_decay, step: 0 })
    }

    /// Steps taken, those of a resumed run included.
    pub fn steps_taken(&self) -> usize {
        self.step
    }

    /// One step with learning rate `rate`; returns the gradients' norm before clipping.
    pub fn step(&mut self, gradients: &GradStore, rate: f64) -> candle_core::Result<f64> {
        self.step += 1;
        let mut square = 0.0;
        for parameter in &self.parameters {
            if let Some(gradient) = gradients.get(&parameter.var) {
                square += f64::from(gradient.sqr()?.sum_all()?.to_scalar::<f32>()?);
            }
        }
        let norm = square.sqrt();
        let clip = (CLIP / norm.max(1e-12)).min(1.0);
        let (bias1, bias2) =
            (1.0 - BETA1.powi(self.step as i32), 1.0 - BETA2.powi(self.step as i32));
        for (parameter, (mean, square)) in self.parameters.iter().zip(&self.moments) {
            let Some(gradient) = gradients.get(&parameter.var) else { continue };
            let gradient = (gradient * clip)?;
            mean.set(&((mean.as_tensor() * BETA1)? + (&gradient * (1.0 - BETA1))?)?)?;
            square.set(&((square.as_tensor() * BETA2)? + (gradient.sqr()? * (1.0 - BETA2))?)?)?;
            let denominator = ((square.as_tensor() / bias2)?.sqrt()? + EPSILON)?;
            let update = ((mean.as_tensor() / bias1)? / denominator)?;
            let rate = rate * parameter.rate;
            let kept = (parameter.var.as_tensor() * (1.0 - rate * self.weight_decay))?;
            parameter.var.set(&(kept - (update * rate)?)?)?;
        }
        Ok(norm)
    }

    /// Every parameter with its moments, by name; and the number of steps.
    pub fn snapshot(&self) -> Result<SavedState> {
        let mut saved = SavedState::default();
        for (parameter, (mean, square)) in self.parameters.iter().zip(&self.moments) {
            saved.insert(&*parameter.name, parameter.var.as_tensor().clone());
            saved.insert(format!("{}#mean", parameter.name), mean.as_tensor().clone());
            saved.insert(format!("{}#square", parameter.name), square.as_tensor().clone());
        }
        let step = Tensor::new(&[self.step as u32], &candle_core::Device::Cpu).map_err(failed)?;
        saved.insert(STEP, step);
        Ok(saved)
    }

    /// Takes a saved state, to go on with the same run.
    pub fn load(&mut self, saved: &SavedState) -> Result<()> {
        for (parameter, (mean, square)) in self.parameters.iter().zip(&self.moments) {
            parameter.var.set(saved.tensor(&parameter.name)?).map_err(failed)?;
            mean.set(saved.tensor(&format!("{}#mean", parameter.name))?).map_err(failed)?;
            square.set(saved.tensor(&format!("{}#square", parameter.name))?).map_err(failed)?;
        }
        self.step = saved.steps_taken()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn a_parabola_is_descended() {
        let var = Var::new(&[3f32, -2.0], &Device::Cpu).unwrap();
        let parameter = Parameter { name: "x".into(), var: var.clone(), rate: 1.0 };
        let mut adam = AdamW::new(vec![parameter], 0.0).unwrap();
        for _ in 0..400 {
            let loss = var.sqr().unwrap().sum_all().unwrap();
            adam.step(&loss.backward().unwrap(), 0.02).unwrap();
        }
        assert!(var.to_vec1::<f32>().unwrap().iter().all(|x| x.abs() < 0.05), "{var}");
    }

    #[test]
    fn the_rate_rises_and_falls() {
        let schedule = Schedule { peak: 1.0, steps: 110, warm_up: 10 };
        assert_eq!(schedule.rate(4), 0.5);
        assert_eq!(schedule.rate(10), 1.0);
        assert!((schedule.rate(60) - 0.5).abs() < 1e-9);
        assert!(schedule.rate(109) < 0.001);
    }
}

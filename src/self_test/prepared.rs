//! A case on one backend: what it needs, its result, its time.

use super::case::{Case, RANKS, Shape, Update, Verb};
use super::synthetic::{self, MODEL};
use crate::backend::{Backend, BitMask, Sequence, TopK};
use crate::gguf::{Config, Format};
use crate::{Error, Result};

/// Every so many-th row is allowed by a mask.
const STRIDE: usize = 37;
/// Milliseconds that a measurement lasts at least, unless it ran [`MAX_RUNS`] times.
const MEASURED: f64 = 100.0;
const MAX_RUNS: usize = 4096;
/// How many times as many runs the next try of a measurement has.
const MORE_RUNS: usize = 8;

/// A case with everything uploaded.
pub(super) struct Prepared<'a, B: Backend> {
    backend: &'a B,
    /// Rows that become activations, through [`Backend::embed`].
    inputs: B::Matrix,
    tokens: Vec<u32>,
    /// What activations pass before the operation.
    norm: Option<B::Vector>,
    operation: Operation<B>,
}

/// A verb with what it takes besides activations.
enum Operation<B: Backend> {
    Embed,
    RmsNorm(B::Vector),
    Linear(B::Matrix),
    LinearAdd { weights: B::Matrix, residual: B::Matrix },
    SwiGlu(B::Matrix),
    Attention { sequence: B::Sequence, config: Config },
    LastRow,
    TopK { head: B::Matrix, mask: Option<BitMask> },
}

impl<'a, B: Backend> Prepared<'a, B> {
    pub fn new(case: &Case, backend: &'a B) -> Result<Self> {
        let upload = |Shape(format, rows, columns), largest| {
            backend.upload_matrix(synthetic::matrix(format, rows, columns, largest)?)
        };
        let mut norm = None;
        let mut weights = |shape: &Shape| {
            let mut weights = upload(*shape, 0.25)?;
            if let Some(Update { rank, normed }) = case.update {
                let Shape(_, rows, columns) = *shape;
                if normed {
                    norm = Some(backend.upload_vector(synthetic::gain(columns))?);
                }
                let update = synthetic::update(rows, columns, rank, 0.25)?;
                backend.adapt(&mut weights, norm.as_mut(), update)?;
            }
            Ok::<_, Error>(weights)
        };
        // Multiples of a step, 127 the largest: backends that quantize activations to eight bits lose nothing.
        let inputs = |rows, width| upload(Shape(Format::Q8_0, rows, width), 2.0);
        let past = case.past();
        let operation = match &case.verb {
            Verb::Embed(_) => Operation::Embed,
            Verb::RmsNorm { width } => {
                Operation::RmsNorm(backend.upload_vector(synthetic::gain(*width))?)
            }
            Verb::Linear(shape) => Operation::Linear(weights(shape)?),
            Verb::LinearAdd(shape) => Operation::LinearAdd {
                weights: weights(shape)?,
                residual: inputs(case.tokens, shape.1)?,
            },
            Verb::SwiGlu(shape) => Operation::SwiGlu(weights(shape)?),
            Verb::Attention { config, .. } => Operation::Attention {
                sequence: backend.sequence(config, past + case.tokens),
                config: config.clone(),
            },
            Verb::LastRow { .. } => Operation::LastRow,
            Verb::TopK { head, masked } => Operation::TopK {
                head: weights(head)?,
                mask: masked.then(|| BitMask::of(head.1, (0..head.1 as u32).step_by(STRIDE))),
            },
        };
        let inputs = match &case.verb {
            Verb::Embed(table) => weights(table)?,
            _ => inputs(past + case.tokens, case.width())?,
        };
        let tokens = (0..past as u32).collect();
        let mut prepared = Self { backend, inputs, tokens, norm, operation };
        if past > 0 {
            let x = prepared.activations();
            prepared.apply(x);
        }
        if let Operation::Attention { sequence, .. } = &mut prepared.operation {
            sequence.advance(past);
        }
        prepared.tokens = (past as u32..(past + case.tokens) as u32).collect();
        Ok(prepared)
    }

    /// Runs the kernel and reads all that it gives; of [`Verb::TopK`], what it is given.
    pub async fn numbers(&mut self) -> Result<Vec<f32>> {
        let x = self.activations();
        let y = self.apply(x);
        self.backend.read(&y).await
    }

    /// The best rows of the head; without one, nothing.
    pub async fn top_k(&self, k: usize) -> Result<Option<TopK>> {
        let Operation::TopK { head, mask } = &self.operation else { return Ok(None) };
        self.backend.top_k(&self.activations(), head, mask.as_ref(), k).await.map(Some)
    }

    /// Milliseconds of one run: what many of them take more than their inputs alone.
    pub async fn measure(&mut self, now: impl Fn() -> f64) -> Result<f64> {
        let mut runs = 1;
        loop {
            let start = now();
            self.repeat(runs, true).await?;
            let with = now() - start;
            if with >= MEASURED || runs >= MAX_RUNS {
                let start = now();
                self.repeat(runs, false).await?;
                let without = now() - start;
                return Ok((with - without).max(0.0) / runs as f64);
            }
            runs *= MORE_RUNS;
        }
    }

    /// Makes the inputs so many times, and with `apply` runs the kernel on each.
    async fn repeat(&mut self, runs: usize, apply: bool) -> Result<()> {
        let mut last = None;
        for _ in 0..runs {
            let x = self.activations();
            match self.operation {
                // This waits for an answer each time, so its inputs alone do too.
                Operation::TopK { .. } if apply => drop(self.top_k(RANKS).await?),
                Operation::TopK { .. } => drop(self.backend.read(&x).await?),
                _ => last = Some(if apply { self.apply(x) } else { x }),
            }
        }
        if let Some(last) = last {
            // All that is recorded is computed before this small part of it is read.
            self.backend.read(&self.backend.last_row(last)).await?;
        }
        Ok(())
    }

    fn activations(&self) -> B::Tensor {
        self.backend.embed(&self.inputs, &self.tokens)
    }

    /// What the kernel makes of `x`.
    fn apply(&mut self, x: B::Tensor) -> B::Tensor {
        let backend = self.backend;
        let x = match &self.norm {
            Some(gain) => backend.rms_norm(&x, gain, MODEL.rms_epsilon),
            None => x,
        };
        match &mut self.operation {
            Operation::Embed => backend.embed(&self.inputs, &self.tokens),
            Operation::RmsNorm(gain) => backend.rms_norm(&x, gain, MODEL.rms_epsilon),
            Operation::Linear(weights) => backend.linear(&x, weights),
            Operation::LinearAdd { weights, residual } => {
                backend.linear_add(backend.embed(residual, &self.tokens), &x, weights)
            }
            Operation::SwiGlu(weights) => backend.swiglu(&x, weights),
            Operation::Attention { sequence, config } => backend.attention(x, 0, sequence, config),
            Operation::LastRow => backend.last_row(x),
            Operation::TopK { .. } => x,
        }
    }
}

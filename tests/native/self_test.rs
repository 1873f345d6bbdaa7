//! The self-test that a page offers: it passes on a sound device, and finds each kernel that is not.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Instant;

use pollster::block_on;
use toolgen::Result;
use toolgen::backend::cpu::{self, Cpu};
use toolgen::backend::{Backend, BitMask, LowRank, TopK};
use toolgen::gguf::{Config, QuantizedMatrix};
use toolgen::self_test::{Outcome, cases};

/// All cases, each measured by a single run: by this clock everything takes a second.
fn run<B: Backend>(backend: &B) -> Vec<Outcome> {
    let clock = Cell::new(0.0);
    let now = || clock.replace(clock.get() + 1000.0);
    cases().iter().map(|case| block_on(case.run(backend, now)).unwrap()).collect()
}

#[test]
fn a_kernel_is_measured() {
    let start = Instant::now();
    let now = || start.elapsed().as_secs_f64() * 1000.0;
    let cases = cases();
    let product = cases.iter().find(|case| case.kernel() == "linear").unwrap();
    let outcome = block_on(product.run(&Cpu, now)).unwrap();
    let (ms, rate) = (outcome.milliseconds.unwrap(), outcome.gb_per_s.unwrap());
    assert!(ms > 0.0 && ms < 100.0, "{outcome:?}");
    let bytes = 960.0 * 576.0 / 32.0 * 34.0; // Q8_0
    assert!((rate * ms * 1e6 / bytes - 1.0).abs() < 1e-6, "{outcome:?}");
}

#[test]
fn each_wrong_kernel_is_found_and_no_other() {
    let kernels: BTreeSet<&str> = cases().iter().map(|case| case.kernel()).collect();
    assert_eq!(kernels.len(), 9);
    for fault in [Fault::Off, Fault::NotANumber] {
        for &kernel in &kernels {
            for outcome in run(&Broken { kernel, fault }) {
                // Activations come from `embed`, so with it everything may be wrong; and `adapt` is asked
                // of products.
                if outcome.kernel != kernel && (kernel == "embed" || outcome.kernel == "adapt") {
                    continue;
                }
                let wrong = outcome.kernel == kernel;
                assert_eq!(outcome.ok, !wrong, "{kernel} {fault:?}: {outcome:?}");
                assert_eq!(outcome.milliseconds.is_none(), wrong, "a wrong kernel has no speed");
            }
        }
    }
}

/// What is wrong with one number of a result.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// It is off by a tenth.
    Off,
    /// It is none.
    NotANumber,
}

/// The CPU with one kernel that is wrong.
struct Broken {
    kernel: &'static str,
    fault: Fault,
}

impl Broken {
    fn damage(&self, kernel: &str, x: cpu::Tensor) -> cpu::Tensor {
        if kernel != self.kernel {
            return x;
        }
        let width = block_on(Cpu.read(&Cpu.last_row(x.clone()))).unwrap().len();
        let mut values = block_on(Cpu.read(&x)).unwrap();
        // The largest one, since an error is measured by it.
        let worst = values.iter_mut().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap();
        *worst = self.wrong(*worst);
        cpu::Tensor::from_rows(width, values)
    }

    fn wrong(&self, value: f32) -> f32 {
        match self.fault {
            Fault::Off => value * 1.1,
            Fault::NotANumber => f32::NAN,
        }
    }
}

type Matrix = <Cpu as Backend>::Matrix;

impl Backend for Broken {
    type Tensor = cpu::Tensor;
    type Matrix = Matrix;
    type Vector = Vec<f32>;
    type Sequence = cpu::KeyValues;

    fn upload_matrix(&self, matrix: QuantizedMatrix) -> Result<Matrix> {
        Cpu.upload_matrix(matrix)
    }

    fn adapt(
        &self,
        weights: &mut Matrix,
        norm: Option<&mut Vec<f32>>,
        update: LowRank,
    ) -> Result<()> {
        if self.kernel == "adapt" {
            return Ok(()); // and nothing is added
        }
        Cpu.adapt(weights, norm, update)
    }

    fn upload_vector(&self, vector: Vec<f32>) -> Result<Vec<f32>> {
        Cpu.upload_vector(vector)
    }

    fn sequence(&self, config: &Config, capacity: usize) -> cpu::KeyValues {
        Cpu.sequence(config, capacity)
    }

    fn embed(&self, table: &Matrix, tokens: &[u32]) -> cpu::Tensor {
        self.damage("embed", Cpu.embed(table, tokens))
    }

    fn rms_norm(&self, x: &cpu::Tensor, gain: &Vec<f32>, epsilon: f32) -> cpu::Tensor {
        self.damage("rms_norm", Cpu.rms_norm(x, gain, epsilon))
    }

    fn linear(&self, x: &cpu::Tensor, weights: &Matrix) -> cpu::Tensor {
        self.damage("linear", Cpu.linear(x, weights))
    }

    fn linear_add(&self, residual: cpu::Tensor, x: &cpu::Tensor, weights: &Matrix) -> cpu::Tensor {
        self.damage("linear_add", Cpu.linear_add(residual, x, weights))
    }

    fn swiglu(&self, x: &cpu::Tensor, gate_up: &Matrix) -> cpu::Tensor {
        self.damage("swiglu", Cpu.swiglu(x, gate_up))
    }

    fn attention(
        &self,
        qkv: cpu::Tensor,
        layer: usize,
        sequence: &mut cpu::KeyValues,
        config: &Config,
    ) -> cpu::Tensor {
        self.damage("attention", Cpu.attention(qkv, layer, sequence, config))
    }

    fn last_row(&self, x: cpu::Tensor) -> cpu::Tensor {
        self.damage("last_row", Cpu.last_row(x))
    }

    async fn top_k(
        &self,
        x: &cpu::Tensor,
        head: &Matrix,
        mask: Option<&BitMask>,
        k: usize,
    ) -> Result<TopK> {
        let mut top = Cpu.top_k(x, head, mask, k).await?;
        if self.kernel == "top_k" {
            top.best[0].logit = self.wrong(top.best[0].logit);
        }
        Ok(top)
    }

    async fn read(&self, x: &cpu::Tensor) -> Result<Vec<f32>> {
        Cpu.read(x).await
    }
}

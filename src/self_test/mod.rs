//! Every kernel of a backend against the oracle, one at a time, and how fast each is.
//!
//! [`self_check`] only asks whether a device may be trusted; this says which kernel is wrong,
//! by how much, and what it costs, in the shapes of SmolLM2-135M and in a few odd ones.

mod check;
mod prepared;
mod synthetic;

pub use check::self_check;

use serde::Serialize;

use crate::Result;
use crate::backend::reference::Reference;
use crate::backend::{Backend, TopK};
use crate::gguf::{Config, Format};
use prepared::Prepared;
use synthetic::{MODEL, largest_difference};

/// A batch of a prompt.
const BATCH: usize = 64;
/// Rows of the model's vocabulary.
const VOCABULARY: usize = 49_152;
/// Ranks that are asked for.
const RANKS: usize = 8;

/// One kernel on one shape.
#[derive(Clone, Debug)]
pub struct Case {
    verb: Verb,
    /// Rows of the activations.
    tokens: usize,
}

/// What is computed: a verb of [`Backend`] with the shape of its weights.
#[derive(Clone, Debug)]
enum Verb {
    Embed(Shape),
    RmsNorm { width: usize },
    Linear(Shape),
    LinearAdd(Shape),
    SwiGlu(Shape),
    Attention { past: usize, config: Config },
    LastRow { width: usize },
    TopK { head: Shape, masked: bool },
}

/// The format of weights `[rows, columns]`.
#[derive(Clone, Copy, Debug)]
struct Shape(Format, usize, usize);

/// What a kernel did.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Its verb in [`Backend`].
    pub kernel: &'static str,
    /// What it was run on.
    pub shape: String,
    /// Whether `error` is within `tolerance`.
    pub ok: bool,
    /// The largest difference from the oracle, in parts of the oracle's largest number.
    pub error: f32,
    /// The largest error that rounding may explain.
    pub tolerance: f32,
    /// Milliseconds of one run among many; none for a kernel that is wrong.
    pub milliseconds: Option<f64>,
    /// Weights read, in GB/s, where reading them is the work. Small ones may come from a cache.
    pub gb_per_s: Option<f64>,
}

/// The kernels of a generated token and of a prompt, and shapes that fill no workgroup.
pub fn cases() -> Vec<Case> {
    let (d, f) = (MODEL.hidden, MODEL.feed_forward);
    let q8 = |rows, columns| Shape(Format::Q8_0, rows, columns);
    let mut verbs = Vec::new();
    for tokens in [1, BATCH] {
        verbs.extend([
            (tokens, Verb::Embed(q8(4096, d))),
            (tokens, Verb::RmsNorm { width: d }),
            (tokens, Verb::Linear(q8(MODEL.qkv_width(), d))),
            (tokens, Verb::Attention { past: 0, config: MODEL }),
            (tokens, Verb::Attention { past: 500, config: MODEL }),
            (tokens, Verb::LinearAdd(q8(d, d))),
            (tokens, Verb::SwiGlu(q8(2 * f, d))),
            (tokens, Verb::LinearAdd(q8(d, f))),
        ]);
    }
    let odd = Config { hidden: 48, heads: 4, kv_heads: 2, head_size: 12, ..MODEL };
    verbs.extend([
        (BATCH, Verb::LastRow { width: d }),
        (1, Verb::TopK { head: q8(VOCABULARY, d), masked: false }),
        (1, Verb::TopK { head: q8(VOCABULARY, d), masked: true }),
        (1, Verb::TopK { head: q8(563, d), masked: false }),
        (3, Verb::RmsNorm { width: 96 }),
        (5, Verb::Attention { past: 3, config: odd }),
        (3, Verb::SwiGlu(Shape(Format::Q4_1, 68, 96))),
        (1, Verb::TopK { head: Shape(Format::Q4_0, 33, 32), masked: true }),
    ]);
    for format in [Format::Q4_0, Format::Q4_1, Format::Q8_0] {
        verbs.push((3, Verb::Embed(Shape(format, 34, 96))));
        verbs.push((1, Verb::Linear(Shape(format, d, f))));
        verbs.extend([1, 3, 11].map(|tokens| (tokens, Verb::Linear(Shape(format, 34, 96)))));
    }
    verbs.into_iter().map(|(tokens, verb)| Case { verb, tokens }).collect()
}

impl Case {
    /// Compares `backend` with the oracle, and measures it if it is right. `now` is a clock in milliseconds.
    ///
    /// # Errors
    /// Whatever the backend fails with; a wrong result is no error.
    pub async fn run<B: Backend>(&self, backend: &B, now: impl Fn() -> f64) -> Result<Outcome> {
        let mut ours = Prepared::new(self, backend)?;
        let error = self.error(&mut ours).await?;
        let tolerance = self.verb.tolerance();
        let ok = error <= tolerance;
        let milliseconds = if ok { Some(ours.measure(now).await?) } else { None };
        let gb_per_s = self.weight_bytes().zip(milliseconds);
        let gb_per_s = gb_per_s.map(|(bytes, ms)| bytes as f64 / ms / 1e6);
        Ok(Outcome {
            kernel: self.kernel(),
            shape: self.shape(),
            ok,
            error,
            tolerance,
            milliseconds,
            gb_per_s: gb_per_s.filter(|rate| rate.is_finite()),
        })
    }

    /// The verb's name in [`Backend`].
    pub fn kernel(&self) -> &'static str {
        match self.verb {
            Verb::Embed(_) => "embed",
            Verb::RmsNorm { .. } => "rms_norm",
            Verb::Linear(_) => "linear",
            Verb::LinearAdd(_) => "linear_add",
            Verb::SwiGlu(_) => "swiglu",
            Verb::Attention { .. } => "attention",
            Verb::LastRow { .. } => "last_row",
            Verb::TopK { .. } => "top_k",
        }
    }

    /// What the kernel is run on, in words.
    pub fn shape(&self) -> String {
        let of = match &self.verb {
            Verb::Embed(Shape(format, rows, columns))
            | Verb::Linear(Shape(format, rows, columns))
            | Verb::LinearAdd(Shape(format, rows, columns))
            | Verb::SwiGlu(Shape(format, rows, columns)) => {
                format!("{rows} × {columns} {format:?}")
            }
            Verb::TopK { head: Shape(format, rows, columns), masked } => {
                let mask = if *masked { ", masked" } else { "" };
                format!("{rows} × {columns} {format:?}{mask}")
            }
            Verb::RmsNorm { width } | Verb::LastRow { width } => format!("{width} wide"),
            Verb::Attention { past, config } => {
                let Config { heads, kv_heads, head_size, .. } = config;
                format!("{heads}/{kv_heads} heads of {head_size} after {past}")
            }
        };
        let tokens = if self.tokens == 1 { "token" } else { "tokens" };
        format!("{} {tokens}, {of}", self.tokens)
    }

    /// Bytes of the weights, if they are read for one token: for more, reading them is not what takes time.
    fn weight_bytes(&self) -> Option<usize> {
        let Shape(format, rows, columns) = match self.verb {
            Verb::Linear(shape) | Verb::LinearAdd(shape) | Verb::SwiGlu(shape) => shape,
            Verb::TopK { head, .. } => head,
            _ => return None,
        };
        (self.tokens == 1).then(|| rows * columns / 32 * format.block_bytes())
    }

    /// Width of the activations.
    fn width(&self) -> usize {
        match &self.verb {
            Verb::Embed(Shape(.., columns))
            | Verb::Linear(Shape(.., columns))
            | Verb::LinearAdd(Shape(.., columns))
            | Verb::SwiGlu(Shape(.., columns))
            | Verb::TopK { head: Shape(.., columns), .. } => *columns,
            Verb::RmsNorm { width } | Verb::LastRow { width } => *width,
            Verb::Attention { config, .. } => config.qkv_width(),
        }
    }

    /// Tokens that the sequence holds before.
    const fn past(&self) -> usize {
        match self.verb {
            Verb::Attention { past, .. } => past,
            _ => 0,
        }
    }

    /// The largest difference from the oracle, in parts of its largest number.
    async fn error<B: Backend>(&self, ours: &mut Prepared<'_, B>) -> Result<f32> {
        let mut oracle = Prepared::new(self, &Reference)?;
        let (found, expected) = match (ours.top_k(RANKS).await?, oracle.top_k(VOCABULARY).await?) {
            (Some(found), Some(all)) => ranks(&found, &all),
            _ => (ours.numbers().await?, oracle.numbers().await?),
        };
        let largest = expected.iter().fold(f32::MIN_POSITIVE, |max, x| max.max(x.abs()));
        Ok(largest_difference(&found, &expected) / largest)
    }
}

impl Verb {
    /// In parts of the largest number: 32-bit floats with room for a device's `exp` and division, activations
    /// that may be quantized to 16 bits, and keys and values as halves.
    const fn tolerance(&self) -> f32 {
        match self {
            Self::LastRow { .. } => 0.0,
            Self::Embed(_) | Self::RmsNorm { .. } => 1e-5,
            Self::Linear(_) | Self::LinearAdd(_) | Self::SwiGlu(_) | Self::TopK { .. } => 5e-4,
            Self::Attention { .. } => 2e-3,
        }
    }
}

/// What is to be compared of the best rows: logits by rank, each logit with its own row's (ranks may swap within
/// the tolerance), and the normaliser. A row that is not among `all` is compared with no number.
fn ranks(found: &TopK, all: &TopK) -> (Vec<f32>, Vec<f32>) {
    let logits = || found.best.iter().map(|row| row.logit);
    let own = found.best.iter().map(|row| {
        all.best.iter().find(|other| other.id == row.id).map_or(f32::NAN, |row| row.logit)
    });
    let by_rank = all.best.iter().take(RANKS).map(|row| row.logit);
    (
        logits().chain(logits()).chain([found.log_sum_exp]).collect(),
        by_rank.chain(own).chain([all.log_sum_exp]).collect(),
    )
}

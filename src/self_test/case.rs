//! Which kernels are tested, and on what.

use super::synthetic::MODEL;
use crate::gguf::{BLOCK, Config, Format};

/// A batch of a prompt.
const BATCH: usize = 64;
/// Rows of the model's vocabulary.
pub(super) const VOCABULARY: usize = 49_152;
/// Ranks that are asked for.
pub(super) const RANKS: usize = 8;

/// One kernel on one shape.
#[derive(Clone, Debug)]
pub struct Case {
    pub(super) verb: Verb,
    /// Rows of the activations.
    pub(super) tokens: usize,
    /// Of the weights of a product.
    pub(super) update: Option<Update>,
}

/// What is added to weights.
#[derive(Clone, Copy, Debug)]
pub(super) struct Update {
    pub(super) rank: usize,
    /// Whether the product is of a norm's results.
    pub(super) normed: bool,
}

/// What is computed: a verb of [`Backend`](crate::backend::Backend) with the shape of its weights.
#[derive(Clone, Debug)]
pub(super) enum Verb {
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
pub(super) struct Shape(pub Format, pub usize, pub usize);

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
    let plain = verbs.into_iter().map(|(tokens, verb)| Case { verb, tokens, update: None });
    plain.chain(adapted_cases()).collect()
}

/// The model's products with an adapter, and odd ones.
fn adapted_cases() -> impl Iterator<Item = Case> {
    let (d, f) = (MODEL.hidden, MODEL.feed_forward);
    let q4 = |rows, columns| Shape(Format::Q4_1, rows, columns);
    let [alone, normed] = [false, true].map(|normed| Update { rank: 32, normed });
    let wide = |normed| Update { rank: 64, normed };
    let of_layer = move |tokens| {
        [
            (tokens, Verb::Linear(q4(MODEL.qkv_width(), d)), normed),
            (tokens, Verb::LinearAdd(q4(d, d)), alone),
            (tokens, Verb::SwiGlu(q4(2 * f, d)), normed),
            (tokens, Verb::LinearAdd(q4(d, f)), alone),
        ]
    };
    let odd = [
        (3, Verb::SwiGlu(q4(68, 96)), wide(true)),
        (11, Verb::Linear(Shape(Format::Q8_0, 34, 96)), normed),
        (3, Verb::Linear(Shape(Format::Q8_0, 33, 96)), wide(false)),
    ];
    let all = [1, BATCH].into_iter().flat_map(of_layer).chain(odd);
    all.map(|(tokens, verb, update)| Case { verb, tokens, update: Some(update) })
}

impl Case {
    /// The verb's name in [`Backend`](crate::backend::Backend).
    pub fn kernel(&self) -> &'static str {
        if self.update.is_some() { "adapt" } else { self.verb.name() }
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
        match self.update {
            None => format!("{} {tokens}, {of}", self.tokens),
            Some(Update { rank, normed }) => {
                let (verb, after) = (self.verb.name(), if normed { " after rms_norm" } else { "" });
                format!("{} {tokens}, {verb}{after}, {of}, rank {rank}", self.tokens)
            }
        }
    }

    /// Bytes of the weights, if they are read for one token: for more, reading them is not what takes time.
    pub(super) fn weight_bytes(&self) -> Option<usize> {
        let Shape(format, rows, columns) = match self.verb {
            Verb::Linear(shape) | Verb::LinearAdd(shape) | Verb::SwiGlu(shape) => shape,
            Verb::TopK { head, .. } => head,
            _ => return None,
        };
        let rank = self.update.map_or(0, |update| update.rank);
        let bytes = |format: Format, weights| weights / BLOCK * format.block_bytes();
        let update = bytes(Format::Q8_0, rank * (rows + columns));
        (self.tokens == 1).then(|| bytes(format, rows * columns) + update)
    }

    /// Width of the activations.
    pub(super) fn width(&self) -> usize {
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
    pub(super) const fn past(&self) -> usize {
        match self.verb {
            Verb::Attention { past, .. } => past,
            _ => 0,
        }
    }
}

impl Verb {
    /// Its name in [`Backend`](crate::backend::Backend).
    const fn name(&self) -> &'static str {
        match self {
            Self::Embed(_) => "embed",
            Self::RmsNorm { .. } => "rms_norm",
            Self::Linear(_) => "linear",
            Self::LinearAdd(_) => "linear_add",
            Self::SwiGlu(_) => "swiglu",
            Self::Attention { .. } => "attention",
            Self::LastRow { .. } => "last_row",
            Self::TopK { .. } => "top_k",
        }
    }

    /// In parts of the largest number: 32-bit floats with room for a device's `exp` and division, and keys and values
    /// as halves.
    pub(super) const fn tolerance(&self) -> f32 {
        match self {
            Self::LastRow { .. } => 0.0,
            Self::Embed(_) | Self::RmsNorm { .. } => 1e-5,
            Self::Linear(_) | Self::LinearAdd(_) | Self::SwiGlu(_) | Self::TopK { .. } => 5e-4,
            Self::Attention { .. } => 2e-3,
        }
    }
}

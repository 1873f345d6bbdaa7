//! Tools that join a pack, leave it, or learn from examples: changes of rows alone.
//!
//! A row reads states times the gain of its pack's norm, and packs have different ones. With `g` the document
//! head's gain, `g'` the pack's and `τ` the pack's inverse temperature, a row `r` of the head is
//! `τ · r ∘ g / g'` in the pack. Every pack holds the finish token's row, which is the head's own in this
//! form, so `τ` can be read off it.

use crate::backend::Backend;
use crate::gguf::QuantizedMatrix;
use crate::model::DocumentHead;
use crate::tool::{Tool, ToolPack};
use crate::virtualization::{IndexingKind, Special};
use crate::{Error, Result};

/// Bounds of a temperature that calibration may have found.
const TEMPERATURES: std::ops::RangeInclusive<f32> = 0.1..=10.0;

/// What takes rows of a document head into a pack's terms.
pub struct Terms {
    /// `g / g'`, `[d]`.
    ratio: Vec<f32>,
    /// `τ`.
    scale: f32,
}

impl Terms {
    /// Those of `pack`. One whose tools are several tokens can't take rows.
    pub fn of<B: Backend>(pack: &ToolPack, head: &DocumentHead<B>) -> Result<Self> {
        if pack.table.is_some() {
            let reason = "only tools of one token each (atomic) can join or be taught";
            return Err(Error::pack("metadata `indexing`", reason));
        }
        let ratio: Vec<f32> = head.norm.iter().zip(&pack.norm).map(|(g, own)| g / own).collect();
        if ratio.len() != pack.rows.columns || ratio.iter().any(|ratio| !ratio.is_finite()) {
            return Err(Error::pack("norm", "has a gain that rows can't be fitted to"));
        }
        let d = ratio.len();
        let mut own = vec![0.0; d];
        pack.rows.dequantize_row(pack.tool_tokens() + Special::Finish.index(), &mut own);
        let heads = head.special_rows[Special::Finish.index() * d..].iter().zip(&ratio);
        let (dot, square) =
            own.iter().zip(heads).fold((0.0, 0.0), |(dot, square), (own, (r, ratio))| {
                (dot + own * r * ratio, square + (r * ratio).powi(2))
            });
        let scale = dot / square;
        // A pack that wasn't fitted beside this head, or not at all.
        let scale = if TEMPERATURES.contains(&scale) { scale } else { 1.0 };
        Ok(Self { ratio, scale })
    }

    /// The head's row in the pack's terms.
    pub fn to_pack(&self, row: &[f32]) -> Vec<f32> {
        row.iter().zip(&self.ratio).map(|(r, ratio)| self.scale * r * ratio).collect()
    }

    /// The pack's row in the head's terms.
    fn to_head(&self, row: &[f32]) -> Vec<f32> {
        row.iter().zip(&self.ratio).map(|(r, ratio)| r / ratio / self.scale).collect()
    }
}

/// A pack of no tools yet, for a checkpoint with this hash.
pub fn empty<B: Backend>(head: &DocumentHead<B>, base_sha256: &str) -> Result<ToolPack> {
    let d = head.norm.len();
    Ok(ToolPack {
        base_sha256: base_sha256.to_owned(),
        indexing: IndexingKind::Atomic,
        norm: head.norm.clone(),
        rows: QuantizedMatrix::quantize_q8_0(Special::COUNT, d, &head.special_rows)?,
        table: None,
        tools: Vec::new(),
    })
}

/// The pack with `tools` whose `rows`, `[tools, d]`, the head made of their documents. A tool takes the place
/// of one with its name.
pub fn with_tools<B: Backend>(
    pack: &ToolPack,
    head: &DocumentHead<B>,
    tools: &[Tool],
    rows: &[f32],
) -> Result<ToolPack> {
    let terms = Terms::of(pack, head)?;
    let d = pack.rows.columns;
    if rows.len() != tools.len() * d || rows.iter().any(|x| !x.is_finite()) {
        return Err(Error::pack("rows", "are not one of finite numbers for each tool"));
    }
    let (mut all, mut weights) = (pack.tools.clone(), Tokens::of(pack));
    for (tool, row) in tools.iter().zip(rows.chunks_exact(d)) {
        let row = terms.to_pack(row);
        match all.iter().position(|other| other.name == tool.name) {
            Some(place) => {
                all[place] = tool.clone();
                weights.tools[place * d..][..d].copy_from_slice(&row);
            }
            None => {
                all.push(tool.clone());
                weights.tools.extend(row);
            }
        }
    }
    weights.pack(pack, all)
}

/// The pack without the tools of these names; unknown names are passed over.
pub fn without_tools(pack: &ToolPack, names: &[String]) -> Result<ToolPack> {
    if pack.table.is_some() {
        let reason = "only tools of one token each (atomic) can leave";
        return Err(Error::pack("metadata `indexing`", reason));
    }
    let weights = Tokens::of(pack);
    let (mut tools, mut rows) = (Vec::new(), Vec::new());
    for (tool, row) in pack.tools.iter().zip(weights.tools.chunks_exact(pack.rows.columns)) {
        if !names.contains(&tool.name) {
            tools.push(tool.clone());
            rows.extend_from_slice(row);
        }
    }
    Tokens { tools: rows, special: weights.special }.pack(pack, tools)
}

/// Length of the row of a tool that training has seen, relative to that of one it has never seen.
///
/// Training draws questions to the tools that it knows, those for other tools too: the bias of generalized
/// zero-shot learning. Chao et al. 2016 (<https://arxiv.org/abs/1605.04253>) subtract a number from the scores of
/// known classes, chosen on questions for both; a right tool's logit is near 20 whatever the tool, so a tenth of
/// the row does the same without a bias in the pack.
pub const TRAINED_LENGTH: f32 = 0.9;

/// The pack with the rows of tools that training has seen, where `trained` is true, at [`TRAINED_LENGTH`].
pub fn with_trained_shortened(pack: &ToolPack, trained: &[bool]) -> Result<ToolPack> {
    if pack.table.is_some() {
        let reason = "only the rows of tools of one token each (atomic) can be shortened";
        return Err(Error::pack("metadata `indexing`", reason));
    }
    if trained.len() != pack.tools.len() {
        let reason = format!("are {}, and {} are told of", pack.tools.len(), trained.len());
        return Err(Error::pack("tools", reason));
    }
    let mut weights = Tokens::of(pack);
    for (row, &trained) in weights.tools.chunks_exact_mut(pack.rows.columns).zip(trained) {
        if trained {
            row.iter_mut().for_each(|x| *x *= TRAINED_LENGTH);
        }
    }
    weights.pack(pack, pack.tools.clone())
}

/// Rows as floats.
struct Tokens {
    tools: Vec<f32>,
    special: Vec<f32>,
}

impl Tokens {
    fn of(pack: &ToolPack) -> Self {
        let mut tools = pack.rows.dequantize();
        let special = tools.split_off(pack.tool_tokens() * pack.rows.columns);
        Self { tools, special }
    }

    fn pack(self, like: &ToolPack, tools: Vec<Tool>) -> Result<ToolPack> {
        let d = like.rows.columns;
        let weights = [self.tools, self.special].concat();
        let rows = QuantizedMatrix::quantize_q8_0(weights.len() / d, d, &weights)?;
        Ok(ToolPack {
            base_sha256: like.base_sha256.clone(),
            indexing: like.indexing,
            norm: like.norm.clone(),
            table: None,
            rows,
            tools,
        })
    }
}

/// Pairs of tools (indices) whose rows have a cosine of at least `least`, most alike first; with `of`, only
/// pairs that one of these tools is in.
pub fn similar<B: Backend>(
    pack: &ToolPack,
    head: &DocumentHead<B>,
    of: Option<&[usize]>,
    least: f32,
) -> Result<Vec<(usize, usize, f32)>> {
    let terms = Terms::of(pack, head)?;
    let d = pack.rows.columns;
    let rows: Vec<Vec<f32>> = Tokens::of(pack)
        .tools
        .chunks_exact(d)
        .map(|row| {
            let row = terms.to_head(row);
            let length = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-12);
            row.iter().map(|x| x / length).collect()
        })
        .collect();
    let mut pairs = Vec::new();
    for a in 0..rows.len() {
        for b in a + 1..rows.len() {
            if of.is_some_and(|of| !of.contains(&a) && !of.contains(&b)) {
                continue;
            }
            let cosine: f32 = rows[a].iter().zip(&rows[b]).map(|(a, b)| a * b).sum();
            if cosine >= least {
                pairs.push((a, b, cosine));
            }
        }
    }
    pairs.sort_by(|a, b| b.2.total_cmp(&a.2));
    Ok(pairs)
}

/// A question and the token that should follow it.
pub struct Example {
    /// The state that the question ends in, after RMSNorm without a gain, `[d]`.
    pub state: Vec<f32>,
    /// The row that the document head would give a tool with this question as its document, `[d]`.
    pub row: Vec<f32>,
    /// The index of the tool; the first special token's (abstain) is the number of tools.
    pub token: usize,
}

/// How strongly rows are held to where they are, in units of a question's logit for its own row.
const HOLD: f32 = 0.05;
const STEPS: usize = 300;

/// The pack after a softmax regression of the examples on rows: row `t` moves by `Σᵢ aᵢₜ · rᵢ`, where `rᵢ`
/// is the row of example `i`. So rows move only in directions that questions are told apart by, and the
/// problem has one unknown for each example and token, convex and without a seed.
pub fn taught<B: Backend>(
    pack: &ToolPack,
    head: &DocumentHead<B>,
    examples: &[Example],
) -> Result<ToolPack> {
    let terms = Terms::of(pack, head)?;
    let (n, d, tokens) = (examples.len(), pack.rows.columns, pack.tool_tokens() + 1);
    if let Some(example) = examples.iter().find(|e| e.token >= tokens || e.state.len() != d) {
        return Err(Error::pack("examples", format!("name the token {}", example.token)));
    }
    let Tokens { tools, special } = Tokens::of(pack);
    let mut rows = [tools, special].concat(); // [tokens + 1, d]
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let states: Vec<Vec<f32>> = examples
        .iter()
        .map(|example| example.state.iter().zip(&pack.norm).map(|(x, g)| x * g).collect())
        .collect();
    let directions: Vec<Vec<f32>> =
        examples.iter().map(|example| terms.to_pack(&example.row)).collect();
    // kernel[j][i]: what direction i adds to a logit of question j.
    let kernel: Vec<Vec<f32>> = states
        .iter()
        .map(|state| directions.iter().map(|direction| dot(direction, state)).collect())
        .collect();
    let own = (0..n).map(|i| kernel[i][i].abs()).sum::<f32>() / n.max(1) as f32;
    let most = kernel.iter().map(|row| row.iter().map(|k| k.abs()).sum()).fold(0f32, f32::max);
    let hold = HOLD * own.max(1e-6);
    let rate = 1.0 / (0.5 * most + hold);
    let before: Vec<Vec<f32>> = states
        .iter()
        .map(|state| rows.chunks_exact(d).take(tokens).map(|row| dot(row, state)).collect())
        .collect();

    let mut weights = vec![vec![0f32; tokens]; n];
    for _ in 0..STEPS {
        let gradients: Vec<Vec<f32>> = (0..n)
            .map(|j| {
                let mut logits = before[j].clone();
                for (k, weights) in kernel[j].iter().zip(&weights) {
                    logits.iter_mut().zip(weights).for_each(|(logit, a)| *logit += k * a);
                }
                let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                logits.iter_mut().for_each(|logit| *logit = libm::expf(*logit - most));
                let sum: f32 = logits.iter().sum();
                logits.iter_mut().for_each(|p| *p /= sum);
                logits[examples[j].token] -= 1.0;
                logits
            })
            .collect();
        for (weights, gradient) in weights.iter_mut().zip(&gradients) {
            for (a, g) in weights.iter_mut().zip(gradient) {
                *a -= rate * (g + hold * *a);
            }
        }
    }
    for (weights, direction) in weights.iter().zip(&directions) {
        for (row, a) in rows.chunks_exact_mut(d).zip(weights) {
            row.iter_mut().zip(direction).for_each(|(x, r)| *x += a * r);
        }
    }
    let special = rows.split_off(pack.tool_tokens() * d);
    Tokens { tools: rows, special }.pack(pack, pack.tools.clone())
}

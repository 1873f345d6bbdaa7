//! Tools that join a pack, leave it, or learn from examples: changes of rows alone.
//!
//! A row reads hidden states times the gain of its pack's norm, and packs have different ones. With `g` the
//! document head's gain, `g'` the pack's and `τ` the inverse of the pack's temperature, a row `r` of the head is
//! `τ · r ∘ g / g'` in the pack ([`RowTransform`]).

use std::collections::HashMap;

use crate::backend::Backend;
use crate::gguf::{Format, QuantizedMatrix};
use crate::model::DocumentHead;
use crate::tool::{Tool, ToolPack};
use crate::virtualization::Special;
use crate::{Error, Result};

/// What takes rows of a document head into a pack's terms.
pub struct RowTransform {
    /// `τ · g / g'`, `[d]`.
    factors: Vec<f32>,
}

impl RowTransform {
    /// That of `pack`. One whose tools are several tokens can't take rows.
    pub fn of<B: Backend>(pack: &ToolPack, head: &DocumentHead<B>) -> Result<Self> {
        check_atomic(pack)?;
        Self::between(&head.norm, &pack.norm, pack.temperature)
    }

    /// From rows beside the gain `head`, `[d]`, to those beside `pack`, `[d]`, at a temperature.
    pub fn between(head: &[f32], pack: &[f32], temperature: f32) -> Result<Self> {
        let factors: Vec<f32> =
            head.iter().zip(pack).map(|(g, own)| g / own / temperature).collect();
        if head.len() != pack.len() || factors.iter().any(|factor| !factor.is_finite()) {
            return Err(Error::pack("norm", "has a gain that rows can't be fitted to"));
        }
        Ok(Self { factors })
    }

    /// The head's row in the pack's terms.
    pub fn to_pack(&self, row: &[f32]) -> Vec<f32> {
        row.iter().zip(&self.factors).map(|(r, factor)| r * factor).collect()
    }

    /// The pack's row in the head's terms.
    fn to_head(&self, row: &[f32]) -> Vec<f32> {
        row.iter().zip(&self.factors).map(|(r, factor)| r / factor).collect()
    }
}

fn check_atomic(pack: &ToolPack) -> Result<()> {
    match pack.table {
        None => Ok(()),
        Some(_) => Err(Error::pack(
            "metadata `indexing`",
            "only tools of one token each (atomic) can join, leave or be taught",
        )),
    }
}

/// The pack with `tools` whose `rows`, `[tools, d]`, the head made of their documents. A tool takes the place
/// of one with its name; the rows of the others stay as they are, to the bit.
pub fn with_tools<B: Backend>(
    pack: &ToolPack,
    head: &DocumentHead<B>,
    tools: &[Tool],
    rows: &[f32],
) -> Result<ToolPack> {
    let transform = RowTransform::of(pack, head)?;
    let (d, row_bytes) = (pack.rows.columns, pack.rows.row_bytes());
    if rows.len() != tools.len() * d || rows.iter().any(|x| !x.is_finite()) {
        return Err(Error::pack("rows", "are not one of finite numbers for each tool"));
    }
    let mut all = pack.tools.clone();
    let mut places: HashMap<String, usize> =
        all.iter().map(|tool| tool.name.clone()).zip(0..).collect();
    let (of_tools, of_special) = pack.rows.bytes.split_at(all.len() * row_bytes);
    let mut bytes = of_tools.to_vec();
    for (tool, row) in tools.iter().zip(rows.chunks_exact(d)) {
        let row = QuantizedMatrix::quantize_q8_0(1, d, &transform.to_pack(row))?;
        match places.get(&tool.name) {
            Some(&place) => {
                all[place] = tool.clone();
                bytes[place * row_bytes..][..row_bytes].copy_from_slice(&row.bytes);
            }
            None => {
                places.insert(tool.name.clone(), all.len());
                all.push(tool.clone());
                bytes.extend(row.bytes);
            }
        }
    }
    bytes.extend(of_special);
    with_rows(pack, all, bytes)
}

/// The pack with the documents of `tools` in place of those of their names; the rows stay as they are, to the bit.
pub fn with_documents(pack: &ToolPack, tools: &[Tool]) -> ToolPack {
    let mut next = pack.clone();
    for tool in tools {
        if let Some(place) = next.tools.iter_mut().find(|other| other.name == tool.name) {
            *place = tool.clone();
        }
    }
    next
}

/// The pack without the tools of these names; unknown names are passed over.
pub fn without_tools(pack: &ToolPack, names: &[String]) -> Result<ToolPack> {
    check_atomic(pack)?;
    let (mut tools, mut bytes) = (Vec::new(), Vec::new());
    let mut rows = pack.rows.bytes.chunks_exact(pack.rows.row_bytes());
    for (tool, row) in pack.tools.iter().zip(rows.by_ref()) {
        if !names.contains(&tool.name) {
            tools.push(tool.clone());
            bytes.extend_from_slice(row);
        }
    }
    rows.for_each(|special| bytes.extend_from_slice(special));
    with_rows(pack, tools, bytes)
}

/// The pack with other tools and the blocks of their rows and the special tokens'.
fn with_rows(like: &ToolPack, tools: Vec<Tool>, bytes: Vec<u8>) -> Result<ToolPack> {
    let tokens = tools.len() + Special::COUNT;
    let rows = QuantizedMatrix::new(Format::Q8_0, tokens, like.rows.columns, bytes)?;
    let (model, norm) = (like.model.clone(), like.norm.clone());
    let (indexing, temperature) = (like.indexing, like.temperature);
    Ok(ToolPack { model, indexing, tools, norm, rows, table: None, temperature })
}

/// The pack with the same tools and other rows, `[tokens, d]`.
fn with_floats(like: &ToolPack, rows: &[f32]) -> Result<ToolPack> {
    let (tokens, d) = (like.rows.rows, like.rows.columns);
    let rows = QuantizedMatrix::quantize_q8_0(tokens, d, rows)?;
    Ok(ToolPack { rows, ..like.clone() })
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
    check_atomic(pack)?;
    if trained.len() != pack.tools.len() {
        let reason = format!("are {}, and {} are told of", pack.tools.len(), trained.len());
        return Err(Error::pack("tools", reason));
    }
    let mut rows = pack.rows.dequantize();
    for (row, &trained) in rows.chunks_exact_mut(pack.rows.columns).zip(trained) {
        if trained {
            row.iter_mut().for_each(|x| *x *= TRAINED_LENGTH);
        }
    }
    with_floats(pack, &rows)
}

/// Pairs of tools (indices) whose rows have a cosine of at least `least`, most alike first; with `of`, only
/// pairs that one of these tools is in.
pub fn similar<B: Backend>(
    pack: &ToolPack,
    head: &DocumentHead<B>,
    of: Option<&[usize]>,
    least: f32,
) -> Result<Vec<(usize, usize, f32)>> {
    let transform = RowTransform::of(pack, head)?;
    let unit = |row: &[f32]| -> Vec<f32> {
        let row = transform.to_head(row);
        let length = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-12);
        row.iter().map(|x| x / length).collect()
    };
    let rows = pack.rows.dequantize();
    let rows: Vec<Vec<f32>> =
        rows.chunks_exact(pack.rows.columns).take(pack.tools.len()).map(unit).collect();
    let every: Vec<usize> = (0..rows.len()).collect();
    let mut is_done = vec![false; rows.len()];
    let mut pairs = Vec::new();
    for &a in of.unwrap_or(&every) {
        is_done[a] = true;
        for b in every.iter().copied().filter(|&b| !is_done[b]) {
            let cosine: f32 = rows[a].iter().zip(&rows[b]).map(|(a, b)| a * b).sum();
            if cosine >= least {
                pairs.push((a.min(b), a.max(b), cosine));
            }
        }
    }
    pairs.sort_by(|a, b| b.2.total_cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
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
    let transform = RowTransform::of(pack, head)?;
    let (n, d, tokens) = (examples.len(), pack.rows.columns, pack.tool_tokens() + 1);
    if let Some(example) = examples.iter().find(|e| e.token >= tokens || e.state.len() != d) {
        return Err(Error::pack("examples", format!("name the token {}", example.token)));
    }
    let mut rows = pack.rows.dequantize(); // [tokens + 1, d]
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let states: Vec<Vec<f32>> = examples
        .iter()
        .map(|example| example.state.iter().zip(&pack.norm).map(|(x, g)| x * g).collect())
        .collect();
    let directions: Vec<Vec<f32>> =
        examples.iter().map(|example| transform.to_pack(&example.row)).collect();
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
    with_floats(pack, &rows)
}

//! Judging by teacher forcing: whole batches at once, on weights as they are trained, before they are
//! quantized.
//!
//! A call counts as exact when the likeliest tool is right and, after the right tokens before it, each token that
//! generation would choose begins what is to be written: then greedy generation writes the same, but for values that
//! it would spell with other tokens and lose its way in.

use candle_core::{Device, Tensor};
use serde::Serialize;

use super::evaluate::DEPTH;
use super::{CallReport, Prediction, Report, Tally};
use crate::Result;
use crate::backend::Backend;
use crate::conversation::Question;
use crate::generation::Grammar;
use crate::model::Checkpoint;
use crate::prompt;
use crate::tool::{Arguments, Instance, Tool, ToolPack};
use crate::training::autograd::{Autograd, Packed, failed};
use crate::training::data::written_arguments::{ArgumentWriter, Decision, additive_mask};
use crate::training::trainer::hidden_states::{HiddenStates, rows_at, split_batch};
use crate::virtualization::Special;

/// A call to judge: what is read, and what would be chosen.
pub(super) struct Call {
    pub tokens: Vec<u32>,
    /// After token `.0`.
    pub choices: Vec<(usize, Decision)>,
    /// Where the arguments begin.
    pub start: usize,
}

/// Where arguments first part from the label.
#[derive(Clone, Debug, Serialize)]
pub struct Mistake {
    /// What is rightly written before.
    pub after: String,
    /// The token that the label asks for.
    pub right: String,
    /// The likeliest of those allowed.
    pub written: String,
}

/// Judges `checkpoint` with the rows of `pack`, whose tools are one token each. With `calling`, the report also
/// has the share of exact calls. `progress` is told how many questions or calls are done, and of how many.
pub fn evaluate_by_teacher_forcing(
    checkpoint: &Checkpoint<Autograd>,
    pack: &ToolPack,
    instances: &[Instance],
    calling: bool,
    mut progress: impl FnMut(usize, usize),
) -> Result<Report> {
    let questions = instances
        .iter()
        .map(|instance| prompt::question(&checkpoint.tokenizer, instance.query.trim()))
        .collect::<Result<Vec<_>>>()?;
    let states = HiddenStates::compute(checkpoint, &questions, |done| {
        progress(done, questions.len());
    })?;
    let predictions = predict(&states, pack)?;
    let mut tally = Tally::new(&pack.tools, false)?;
    for (instance, prediction) in instances.iter().zip(&predictions) {
        tally.count(instance, prediction, 0.0);
    }
    let mut report = tally.finish();
    if calling {
        let call_exact = exact(checkpoint, pack, instances, &questions, &predictions, progress)?;
        report.calls = Some(CallReport { call_exact, ..CallReport::default() });
    }
    Ok(report)
}

/// The likeliest tools after each state.
fn predict(states: &HiddenStates, pack: &ToolPack) -> Result<Vec<Prediction>> {
    let (tools, d) = (pack.tools.len(), states.width);
    let logits = || -> candle_core::Result<Vec<Vec<f32>>> {
        let rows = Tensor::from_vec(pack.rows.dequantize(), (pack.rows.rows, d), &Device::Cpu)?;
        let rows = rows.narrow(0, 0, tools + 1)?; // the tools', and that none fits
        let gain = Tensor::from_slice(&pack.norm, d, &Device::Cpu)?;
        let count = states.values.len() / d;
        let states = Tensor::from_slice(&states.values, (count, d), &Device::Cpu)?;
        states.broadcast_mul(&gain)?.matmul(&rows.t()?)?.to_vec2()
    };
    let none = tools + Special::Abstain.index();
    let prediction = |logits: Vec<f32>| {
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = logits.iter().map(|logit| (logit - most).exp()).sum();
        let mut ranked: Vec<usize> = (0..tools).collect();
        ranked.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
        ranked.truncate(DEPTH);
        Prediction {
            abstained: ranked.first().is_none_or(|&best| logits[best] < logits[none]),
            ranking: ranked.into_iter().map(|tool| pack.tools[tool].name.clone()).collect(),
            confidence: Some(1.0 / sum),
            ..Prediction::default()
        }
    };
    Ok(logits().map_err(failed)?.into_iter().map(prediction).collect())
}

/// The share of exact calls among the questions with labelled arguments.
fn exact(
    checkpoint: &Checkpoint<Autograd>,
    pack: &ToolPack,
    instances: &[Instance],
    questions: &[Vec<u32>],
    predictions: &[Prediction],
    mut progress: impl FnMut(usize, usize),
) -> Result<f64> {
    let grammar = Grammar::new(&checkpoint.tokenizer)?;
    let writer = ArgumentWriter { grammar: &grammar, tokenizer: &checkpoint.tokenizer };
    let (mut labelled, mut calls) = (0, Vec::new());
    for ((instance, question), prediction) in instances.iter().zip(questions).zip(predictions) {
        let called =
            instance.calls.iter().find(|call| Some(call.name.as_str()) == prediction.tool());
        let Some(call) = called.or(instance.calls.first()) else { continue };
        let Some(arguments) = &call.arguments else { continue };
        labelled += 1;
        let tool = pack.tools.iter().find(|tool| called.is_some() && tool.name == call.name);
        if let Some(tool) = tool {
            calls.extend(read(&writer, tool, &instance.into(), question, arguments)?);
        }
    }
    let (mut right, mut rest) = (0, calls.as_slice());
    while !rest.is_empty() {
        let (batch, after) = split_batch(rest, |call: &Call| call.tokens.len());
        right +=
            first_mistakes(checkpoint, batch)?.iter().filter(|mistake| mistake.is_none()).count();
        rest = after;
        progress(calls.len() - rest.len(), calls.len());
    }
    Ok(right as f64 / labelled.max(1) as f64)
}

/// The question, the tool's document and the arguments; `None` when the schema does not allow these.
pub(super) fn read(
    writer: &ArgumentWriter,
    tool: &Tool,
    asked: &Question,
    question: &[u32],
    arguments: &Arguments,
) -> Result<Option<Call>> {
    let Some(written) = writer.write(tool, asked, arguments)? else { return Ok(None) };
    let document = writer.tokenizer.encode(&prompt::arguments(tool, asked))?;
    let start = question.len() + document.len();
    let choices =
        written.choices.into_iter().map(|(at, choice)| (start + at - 1, choice)).collect();
    Ok(Some(Call { tokens: [question, &document, &written.tokens].concat(), choices, start }))
}

/// Each call's first wrong choice; `None` where all are right.
pub(super) fn first_mistakes(
    checkpoint: &Checkpoint<Autograd>,
    calls: &[Call],
) -> Result<Vec<Option<Mistake>>> {
    let decoder = &checkpoint.decoder;
    let mut packed = Packed::new(calls.iter().map(|call| call.tokens.len()));
    let starts = packed.offsets.clone();
    let tokens: Vec<u32> = calls.iter().flat_map(|call| &call.tokens).copied().collect();
    let x = decoder.residual_stream(&tokens, &mut packed)?; // [n, d]
    let places = calls
        .iter()
        .zip(&*starts)
        .flat_map(|(call, start)| call.choices.iter().map(move |(at, _)| (start + at) as u32));
    let choices: Vec<&Decision> =
        calls.iter().flat_map(|call| call.choices.iter().map(|(_, choice)| choice)).collect();
    let mut likeliest = Vec::new();
    if !choices.is_empty() {
        let h = rows_at(&x, places.collect())?;
        let h = decoder.backend.rms_norm(&h, &decoder.output_norm, decoder.config.rms_epsilon);
        let logits = decoder.backend.linear(&h, &decoder.embedding); // [choices, vocabulary]
        let mask = additive_mask(&choices, decoder.config.vocabulary);
        let best = || -> candle_core::Result<Vec<u32>> {
            (&logits + Tensor::from_vec(mask, logits.shape(), &Device::Cpu)?)?.argmax(1)?.to_vec1()
        };
        likeliest = best().map_err(failed)?;
    }
    let mut likeliest = likeliest.into_iter();
    let text = |tokens: &[u32]| checkpoint.tokenizer.decode(tokens);
    let mistake = |call: &Call| {
        let chosen: Vec<u32> = likeliest.by_ref().take(call.choices.len()).collect();
        let mut pairs = call.choices.iter().zip(chosen);
        let wrong = pairs.find(|((_, choice), chosen)| !choice.right.contains(chosen));
        let as_text = |((at, choice), written): (&(usize, Decision), u32)| {
            Ok(Mistake {
                after: text(&call.tokens[call.start..=*at])?,
                right: text(&[choice.token])?,
                written: text(&[written])?,
            })
        };
        wrong.map(as_text).transpose()
    };
    calls.iter().map(mistake).collect()
}

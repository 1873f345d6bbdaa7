//! Judging a training state in batches, before it is a checkpoint.
//!
//! As in [`crate::evaluation::teacher_forcing`], arguments are right when, after the right tokens before it, each
//! token that generation would choose is the likeliest; times count as right where the whole call is.

use candle_core::{Device, Tensor};
use serde::Serialize;

use super::{AppsReport, Asked, Tally, asked};
use crate::Result;
use crate::backend::Backend;
use crate::evaluation::evaluate::DEPTH;
use crate::evaluation::prediction::Prediction;
use crate::evaluation::teacher_forcing::{Call, Mistake, first_mistakes, read};
use crate::generation::{Grammar, second_look};
use crate::prompt;
use crate::tokenizer::Tokenizer;
use crate::tool::ToolCall;
use crate::tool::dataset::App;
use crate::training::autograd::failed;
use crate::training::data::written_arguments::ArgumentWriter;
use crate::training::trainer::Trainer;
use crate::training::trainer::hidden_states::{HiddenStates, split_batch};
use crate::virtualization::Special;

/// What the model says of one question.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// The app.
    pub app: String,
    /// The question.
    pub query: String,
    /// Whether it is what is said next.
    pub follows: bool,
    /// The right tools.
    pub right: Vec<String>,
    /// The likeliest tools with their probabilities.
    pub ranking: Vec<(String, f32)>,
    /// The probability that none fits.
    pub none: f32,
    /// Of the likeliest, in their order, the probability that a second look keeps them.
    pub looks: Vec<f32>,
    /// Whether the right tool's arguments are written as labelled.
    pub is_written: bool,
    /// Where they first part from the label, if it can be written.
    pub mistake: Option<Mistake>,
}

/// Judges `trainer` on at most `limit` questions of each app. `progress` is told what is read.
pub fn evaluate_apps_by_teacher_forcing(
    trainer: &Trainer,
    apps: &[App],
    limit: usize,
    progress: impl Fn(&str, usize, usize),
) -> Result<(AppsReport, Vec<Judged>)> {
    let asked: Vec<Asked> = apps.iter().flat_map(|app| asked(app, limit)).collect();
    let mut judged = rank(trainer, apps, &asked, &progress)?;
    look(trainer, &asked, &mut judged, &progress)?;
    write(trainer, &asked, &mut judged, &progress)?;
    let mut tally = Tally::default();
    apps.iter().for_each(|app| tally.begin(app));
    for (asked, judged) in asked.iter().zip(&judged) {
        tally.add(asked, &judged.prediction(asked));
    }
    Ok((tally.finish(), judged))
}

/// The likeliest tools of each question among its app's.
fn rank(
    trainer: &Trainer,
    apps: &[App],
    asked: &[Asked],
    progress: &impl Fn(&str, usize, usize),
) -> Result<Vec<Judged>> {
    let tokenizer = &trainer.checkpoint.tokenizer;
    let tools = apps.iter().flat_map(|app| &app.tools);
    let documents = tools.map(|tool| prompt::document(tokenizer, tool));
    let documents = documents.collect::<Result<Vec<_>>>()?;
    let documents = states(trainer, &documents, "documents", progress)?; // [tools, d]
    let questions = asked.iter().map(|asked| prompt::conversation(tokenizer, &asked.question));
    let questions = questions.collect::<Result<Vec<_>>>()?;
    let questions = states(trainer, &questions, "questions", progress)?; // [questions, d]
    let logits = || -> candle_core::Result<Vec<Vec<f32>>> {
        let specials = trainer.head.special_rows()?;
        let rows = Tensor::cat(&[specials, trainer.head.rows(&documents)?], 0)?;
        trainer.head.queries(&questions)?.matmul(&rows.t()?)?.to_vec2()
    };
    let starts = apps.iter().scan(Special::COUNT, |next, app| {
        let start = *next;
        *next += app.tools.len();
        Some((app.app.as_str(), start))
    });
    let starts: std::collections::HashMap<&str, usize> = starts.collect();
    let judge = |(asked, logits): (&Asked, Vec<f32>)| {
        let own = &logits[starts[asked.app.app.as_str()]..][..asked.app.tools.len()];
        let none = logits[Special::Abstain.index()];
        let most = own.iter().copied().fold(none, f32::max);
        let sum: f32 = own.iter().chain([&none]).map(|logit| (logit - most).exp()).sum();
        let mut ranked: Vec<usize> = (0..own.len()).collect();
        ranked.sort_by(|&a, &b| own[b].total_cmp(&own[a]));
        ranked.truncate(DEPTH);
        let likely =
            |tool: usize| (asked.app.tools[tool].name.clone(), (own[tool] - most).exp() / sum);
        Judged {
            app: asked.app.app.clone(),
            query: asked.question.text.clone(),
            follows: !asked.question.before.is_empty(),
            right: asked.instance.calls.iter().map(|call| call.name.clone()).collect(),
            ranking: ranked.into_iter().map(likely).collect(),
            none: (none - most).exp() / sum,
            looks: Vec::new(),
            is_written: false,
            mistake: None,
        }
    };
    Ok(asked.iter().zip(logits().map_err(failed)?).map(judge).collect())
}

/// Looks at the likeliest tools' documents.
fn look(
    trainer: &Trainer,
    asked: &[Asked],
    judged: &mut [Judged],
    progress: &impl Fn(&str, usize, usize),
) -> Result<()> {
    let tokenizer = &trainer.checkpoint.tokenizer;
    let mut texts = Vec::new();
    for (asked, judged) in asked.iter().zip(judged.iter()) {
        let question = prompt::conversation(tokenizer, &asked.question)?;
        for (name, _) in judged.ranking.iter().take(second_look::MAX_LOOKS) {
            let tool = asked.app.tools.iter().find(|tool| tool.name == *name);
            let document = tool.map(|tool| prompt::arguments(tool, &asked.question));
            let document = tokenizer.encode(&document.unwrap_or_default())?;
            texts.push([question.as_slice(), &document].concat());
        }
    }
    let states = states(trainer, &texts, "second looks", progress)?; // [looks, d]
    let decoder = &trainer.checkpoint.decoder;
    let logits = || -> candle_core::Result<Vec<Vec<f32>>> {
        let tokens = prompt::look(tokenizer).map_err(candle_core::Error::wrap)?;
        let rows = decoder.backend.embed(&decoder.embedding, &tokens); // [2, d]
        states.broadcast_mul(&decoder.output_norm)?.matmul(&rows.t()?)?.to_vec2()
    };
    let mut logits = logits().map_err(failed)?.into_iter();
    for judged in judged {
        let count = judged.ranking.len().min(second_look::MAX_LOOKS);
        let probability = |logits: Vec<f32>| 1.0 / (1.0 + (logits[1] - logits[0]).exp());
        judged.looks = logits.by_ref().take(count).map(probability).collect();
    }
    Ok(())
}

/// Writes the arguments of the right tools.
fn write(
    trainer: &Trainer,
    asked: &[Asked],
    judged: &mut [Judged],
    progress: &impl Fn(&str, usize, usize),
) -> Result<()> {
    let tokenizer: &Tokenizer = &trainer.checkpoint.tokenizer;
    let grammar = Grammar::new(tokenizer)?;
    let writer = ArgumentWriter { grammar: &grammar, tokenizer };
    let (mut places, mut calls) = (Vec::new(), Vec::new());
    for (place, asked) in asked.iter().enumerate() {
        let Some(call) = asked.instance.calls.first() else { continue };
        let tool = asked.app.tools.iter().find(|tool| tool.name == call.name);
        let Some((tool, arguments)) = tool.zip(call.arguments.as_ref()) else { continue };
        let question = prompt::conversation(tokenizer, &asked.question)?;
        if let Some(call) = read(&writer, tool, &asked.question, &question, arguments)? {
            places.push(place);
            calls.push(call);
        }
    }
    let (mut mistakes, mut rest) = (Vec::new(), calls.as_slice());
    while !rest.is_empty() {
        let (batch, after) = split_batch(rest, |call: &Call| call.tokens.len());
        mistakes.extend(first_mistakes(&trainer.checkpoint, batch)?);
        rest = after;
        progress("arguments", calls.len() - rest.len(), calls.len());
    }
    for (place, mistake) in places.into_iter().zip(mistakes) {
        judged[place].is_written = mistake.is_none();
        judged[place].mistake = mistake;
    }
    Ok(())
}

impl Judged {
    /// The answer, after second looks where the ranking leaves doubt.
    fn prediction(&self, asked: &Asked) -> Prediction {
        let probabilities: Vec<f32> = self.ranking.iter().map(|(_, p)| *p).collect();
        let belief = second_look::weigh(&probabilities, self.none, &self.looks);
        let chosen = belief.choice();
        let mut ranking: Vec<String> = self.ranking.iter().map(|(name, _)| name.clone()).collect();
        if let Some(chosen) = chosen {
            ranking[..=chosen].rotate_right(1);
        }
        let written = asked.instance.calls.first().filter(|call| {
            self.is_written && chosen.is_some() && ranking.first() == Some(&call.name)
        });
        Prediction {
            abstained: chosen.is_none(),
            confidence: Some(belief.probability()),
            call: written.map(|call| ToolCall {
                name: call.name.clone(),
                arguments: call.arguments.clone().unwrap_or_default(),
            }),
            lacks: if written.is_some() { asked.instance.lacks.clone() } else { Vec::new() },
            ranking,
        }
    }
}

/// The states that texts end in, after an RMSNorm without gain: `[texts, d]`.
fn states(
    trainer: &Trainer,
    texts: &[Vec<u32>],
    what: &str,
    progress: &impl Fn(&str, usize, usize),
) -> Result<Tensor> {
    let states = HiddenStates::compute(&trainer.checkpoint, texts, |done| {
        progress(what, done, texts.len());
    })?;
    let shape = (texts.len(), states.width);
    Tensor::from_vec(states.values, shape, &Device::Cpu).map_err(failed)
}

//! Judging on tools that training has never seen: apps, each of whose tools have rows from their documents alone.
//!
//! [`evaluate_apps`] asks an engine; [`evaluate_apps_by_teacher_forcing`] judges a training state in batches;
//! [`evaluate_retriever_on_apps`] and [`evaluate_peer_on_apps`] judge those that it is compared with.

mod engine;
mod peers;
mod teacher_forcing;

pub use engine::evaluate_apps;
pub use peers::{evaluate_peer_on_apps, evaluate_retriever_on_apps};
pub use teacher_forcing::{Judged, evaluate_apps_by_teacher_forcing};

use serde::{Deserialize, Serialize};

use super::metrics::{f1, ndcg, same_arguments};
use super::prediction::Prediction;
use crate::conversation::{Question, Turn};
use crate::schema::takes_times;
use crate::tool::dataset::App;
use crate::tool::{Arguments, Call, Instance, Tool, ToolCall};

/// The least precision of what the model is sure of.
const PRECISION: f64 = 0.9;

/// The figures over all apps, as shares from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AppsReport {
    /// Apps.
    pub apps: usize,
    /// Their tools in all.
    pub tools: usize,
    /// Questions of one call whose tool is right.
    pub tool: Share,
    /// NDCG at 5 of their rankings, where there are any.
    #[serde(rename = "ndcg@5")]
    pub ndcg_5: Option<f64>,
    /// Those without anything lacking whose tool and every argument are right.
    pub whole_call: Share,
    /// Questions of two calls whose first tool is one of theirs.
    pub tool_of_several: Share,
    /// F1 of saying that no tool fits.
    pub abstention_f1: f64,
    /// Questions that no tool serves of which that is said.
    pub abstention_recall: Share,
    /// Questions that lack something: the tool, what was said and the names of what was not are right.
    pub lacks: Share,
    /// Questions at some time with a date or a time of day in the right call: tool and all of these are right.
    pub times: Share,
    /// What is said next: tool and every argument are right.
    pub follow_ups: Share,
    /// The least probability at which chosen tools are right in 90 of 100 cases.
    pub sure_from: f64,
    /// Chosen tools of at least that probability that are right.
    pub sure_precision: Share,
    /// Answerable questions for which one of at least that probability is chosen.
    pub sure_coverage: Share,
}

impl AppsReport {
    /// How many were asked, without what is said next.
    pub fn questions(&self) -> usize {
        self.tool.of + self.tool_of_several.of + self.abstention_recall.of
    }
}

/// A share with what it is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// From 0 to 1.
    pub share: f64,
    /// Cases.
    pub of: usize,
    #[serde(skip)]
    right: usize,
}

impl Share {
    fn count(&mut self, is_right: bool) {
        self.of += 1;
        self.right += usize::from(is_right);
        self.share = self.right as f64 / self.of as f64;
    }
}

/// Adds up.
#[derive(Default)]
struct Tally {
    report: AppsReport,
    ndcg: f64,
    abstained: usize,
    abstained_rightly: usize,
    answerable: usize,
    /// How sure the model was of each chosen tool, and whether it is right.
    chosen: Vec<(f32, bool)>,
    judging: Judging,
}

/// What a method can be judged by.
#[derive(Clone, Copy, Default, PartialEq)]
enum Judging {
    #[default]
    All,
    /// It ranks, and makes no calls.
    Rankings,
    /// It makes calls, and ranks nothing.
    Calls,
}

/// A question of an app as it is asked: from the start, or as what is said next.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The app.
    pub app: &'a App,
    /// What the model is asked.
    pub question: Question,
    /// The right answer.
    pub instance: &'a Instance,
}

/// How many questions [`evaluate_apps`] asks.
pub fn asked_in_all(apps: &[App], limit: usize) -> usize {
    apps.iter().map(|app| asked(app, limit).len()).sum()
}

/// At most `limit` questions of an app, evenly spread, each followed by what is said next.
fn asked(app: &App, limit: usize) -> Vec<Asked<'_>> {
    let count = app.questions.len().min(limit);
    let mut all = Vec::new();
    for index in 0..count {
        let instance = &app.questions[index * app.questions.len() / count];
        let question = Question::from(instance);
        all.push(Asked { app, question: question.clone(), instance });
        let before = instance.calls.last().zip(instance.then.as_deref());
        if let Some((Call { name, arguments }, then)) = before {
            let arguments = arguments.clone().unwrap_or_default();
            let call = ToolCall { name: name.clone(), arguments };
            let turn = Turn { text: question.text, call, observation: None };
            let text = then.query.trim().to_owned();
            let question = Question { text, before: vec![turn], ..question };
            all.push(Asked { app, question, instance: then });
        }
    }
    all
}

impl Tally {
    fn begin(&mut self, app: &App) {
        self.report.apps += 1;
        self.report.tools += app.tools.len();
    }

    fn add(&mut self, asked: &Asked, prediction: &Prediction) {
        if asked.question.before.is_empty() {
            self.count(&asked.app.tools, asked.instance, prediction);
        } else {
            self.report.follow_ups.count(is_whole(asked.instance, prediction));
        }
    }

    fn count(&mut self, tools: &[Tool], instance: &Instance, prediction: &Prediction) {
        let tool = prediction.tool();
        let is_right = tool.is_some_and(|tool| instance.calls.iter().any(|call| call.name == tool));
        match instance.calls.as_slice() {
            [] => {}
            [call] => {
                let ranking: Vec<&str> = prediction.ranking.iter().map(String::as_str).collect();
                self.ndcg += ndcg(&ranking, &[&call.name], 5);
                self.report.tool.count(is_right);
            }
            _ => self.report.tool_of_several.count(is_right),
        }
        if self.judging == Judging::Rankings {
            return;
        }
        self.abstained += usize::from(prediction.abstained);
        if let (Some(_), Some(confidence)) = (tool, prediction.confidence) {
            self.chosen.push((confidence, is_right));
        }
        match instance.calls.as_slice() {
            [] => {
                self.abstained_rightly += usize::from(prediction.abstained);
                self.report.abstention_recall.count(prediction.abstained);
            }
            [call] => self.count_call(tools, call, instance, prediction),
            _ => self.answerable += 1,
        }
    }

    /// The arguments of a question of one call.
    fn count_call(
        &mut self,
        tools: &[Tool],
        call: &Call,
        instance: &Instance,
        prediction: &Prediction,
    ) {
        self.answerable += 1;
        let report = &mut self.report;
        match instance.lacks.is_empty() {
            true => report.whole_call.count(is_whole(instance, prediction)),
            false => report.lacks.count(is_whole(instance, prediction)),
        }
        let schema = tools.iter().find(|tool| tool.name == call.name);
        let expected = call.arguments.as_ref().zip(schema);
        if let Some((expected, tool)) = expected.filter(|_| instance.now.is_some()) {
            let times = times_of(expected, &tool.parameters);
            if !times.is_empty() {
                let found = prediction.call.as_ref().filter(|found| found.name == call.name);
                let found = found.map(|found| times_of(&found.arguments, &tool.parameters));
                report.times.count(found.as_ref() == Some(&times));
            }
        }
    }

    fn finish(mut self) -> AppsReport {
        let report = &mut self.report;
        let none = report.abstention_recall.of;
        report.ndcg_5 =
            (self.judging != Judging::Calls).then_some(self.ndcg / report.tool.of.max(1) as f64);
        report.abstention_f1 = f1(self.abstained_rightly, self.abstained, none);
        // The lowest of the probabilities from which on the choices are right often enough.
        self.chosen.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut right, mut sure) = (0, 0);
        for (index, (_, is_right)) in self.chosen.iter().enumerate() {
            right += usize::from(*is_right);
            if right as f64 >= PRECISION * (index + 1) as f64 {
                sure = index + 1;
            }
        }
        let chosen = &self.chosen[..sure];
        report.sure_from = chosen.last().map_or(1.0, |(confidence, _)| f64::from(*confidence));
        chosen.iter().for_each(|(_, is_right)| report.sure_precision.count(*is_right));
        (0..self.answerable).for_each(|index| report.sure_coverage.count(index < sure));
        self.report
    }
}

/// Whether the first call is made as labelled, or what it lacks is asked for.
fn is_whole(instance: &Instance, prediction: &Prediction) -> bool {
    let Some(Call { name, arguments: Some(expected) }) = instance.calls.first() else {
        return instance.calls.is_empty() && prediction.abstained;
    };
    let mut lacks = [instance.lacks.clone(), prediction.lacks.clone()];
    lacks.iter_mut().for_each(|names| names.sort());
    let [expected_lacks, found_lacks] = lacks;
    prediction.tool() == Some(name)
        && expected_lacks == found_lacks
        && prediction.call.as_ref().is_some_and(|call| same_arguments(&call.arguments, expected))
}

/// The arguments whose schemas take dates or times of day.
fn times_of(arguments: &Arguments, schema: &serde_json::Value) -> Arguments {
    let takes = |name: &str| schema.pointer("/properties")?.get(name).map(takes_times);
    let of_time = arguments.iter().filter(|(name, _)| takes(name) == Some(true));
    of_time.map(|(name, value)| (name.clone(), value.clone())).collect()
}

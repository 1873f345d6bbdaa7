//! Runs an engine over a data set and counts.

use std::collections::HashMap;
use std::time::Instant;

use serde::Serialize;

use super::bm25::Bm25;
use super::metrics::{ndcg, percentile, recall, same_arguments, shared_arguments};
use crate::agent::{Engine, Event, ToolCall};
use crate::backend::Backend;
use crate::tool::{Instance, Tool};
use crate::{Error, Result};

/// The figures, as shares from 0 to 1.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Questions judged: those that some tool answers.
    pub instances: usize,
    /// Tools in the choice.
    pub tools: usize,
    /// NDCG of the ranking, at 1.
    #[serde(rename = "ndcg@1")]
    pub ndcg_1: f64,
    /// At 3.
    #[serde(rename = "ndcg@3")]
    pub ndcg_3: f64,
    /// At 5.
    #[serde(rename = "ndcg@5")]
    pub ndcg_5: f64,
    /// Share of the right tools among the first five.
    #[serde(rename = "recall@5")]
    pub recall_5: f64,
    /// Questions whose first-ranked tool is right.
    pub tool_accuracy: f64,
    /// What the calls are like, where calls were made.
    #[serde(flatten)]
    pub calls: Option<CallReport>,
    /// Milliseconds a question.
    pub latency_ms: Latency,
}

/// The figures of whole calls.
#[derive(Debug, Default, Serialize)]
pub struct CallReport {
    /// Questions whose tool and every argument are right, among those with labelled arguments.
    pub call_exact: f64,
    /// F1 over (name, value) pairs of arguments; a wrong tool has none right.
    pub argument_f1: f64,
    /// Calls that name a tool of the pack and satisfy its schema by an independent validator.
    pub valid_calls: f64,
}

/// How long a question takes.
#[derive(Debug, Default, Serialize)]
pub struct Latency {
    /// The median.
    pub p50: f64,
    /// 95 of 100 take less.
    pub p95: f64,
}

/// A question's outcome, for a look at what went wrong.
pub struct Outcome<'a> {
    /// The question and its labels.
    pub instance: &'a Instance,
    /// The first five tools.
    pub ranking: Vec<String>,
    /// The call, where one was made.
    pub call: Option<ToolCall>,
}

/// Accumulates figures.
#[derive(Default)]
struct Tally {
    report: Report,
    latency: Vec<f64>,
    calls: usize,
    valid: usize,
    labelled: usize,
    exact: usize,
    pairs_found: usize,
    pairs_expected: usize,
    pairs_shared: usize,
}

/// Judges `engine` on the instances that a tool answers. With `calling`, arguments are generated
/// too. `each` sees every outcome.
pub async fn judge<B: Backend>(
    engine: &Engine<B>,
    instances: &[Instance],
    calling: bool,
    mut each: impl FnMut(&Outcome<'_>),
) -> Result<Report> {
    let tools = &engine.pack()?.tools;
    let validators = validators(tools)?;
    let mut tally = Tally::default();
    for instance in instances.iter().filter(|instance| !instance.calls.is_empty()) {
        let start = Instant::now();
        let stream = if calling {
            engine.call(&instance.query, 5)
        } else {
            engine.retrieve(&instance.query, 5)
        };
        let mut stream = stream?;
        let mut outcome = Outcome { instance, ranking: Vec::new(), call: None };
        loop {
            match stream.next().await {
                Ok(Some(Event::Ranking { tools, .. })) => {
                    outcome.ranking = tools.into_iter().map(|tool| tool.name).collect();
                }
                Ok(Some(Event::Call { call })) => outcome.call = Some(call),
                Ok(Some(_)) => {}
                Ok(None) => break,
                // Arguments without an end are a call that failed, not an evaluation that did.
                Err(Error::ArgumentsTooLong { .. }) => break,
                Err(error) => return Err(error),
            }
        }
        tally.latency.push(start.elapsed().as_secs_f64() * 1e3);
        let ranking: Vec<&str> = outcome.ranking.iter().map(String::as_str).collect();
        tally.count_ranking(&ranking, instance);
        if calling {
            tally.count_call(outcome.call.as_ref(), instance, &validators);
        }
        each(&outcome);
    }
    Ok(tally.finish(tools.len(), calling))
}

/// Judges BM25 over the tools' documents on the same questions.
pub fn judge_bm25(tools: &[Tool], instances: &[Instance]) -> Report {
    let index = Bm25::new(tools);
    let mut tally = Tally::default();
    for instance in instances.iter().filter(|instance| !instance.calls.is_empty()) {
        let start = Instant::now();
        let ranking = index.rank(&instance.query, 5);
        tally.latency.push(start.elapsed().as_secs_f64() * 1e3);
        tally.count_ranking(&ranking, instance);
    }
    tally.finish(tools.len(), false)
}

fn validators(tools: &[Tool]) -> Result<HashMap<&str, jsonschema::Validator>> {
    let validator = |tool: &Tool| {
        jsonschema::options().should_validate_formats(true).build(&tool.parameters).map_err(
            |error| Error::Schema {
                tool: tool.name.clone(),
                path: format!("parameters{}", error.instance_path()),
                reason: error.to_string(),
            },
        )
    };
    tools.iter().map(|tool| Ok((tool.name.as_str(), validator(tool)?))).collect()
}

impl Tally {
    fn count_ranking(&mut self, ranking: &[&str], instance: &Instance) {
        let relevant: Vec<&str> = instance.calls.iter().map(|call| call.name.as_str()).collect();
        self.report.instances += 1;
        self.report.ndcg_1 += ndcg(ranking, &relevant, 1);
        self.report.ndcg_3 += ndcg(ranking, &relevant, 3);
        self.report.ndcg_5 += ndcg(ranking, &relevant, 5);
        self.report.recall_5 += recall(ranking, &relevant, 5);
        self.report.tool_accuracy +=
            f64::from(ranking.first().is_some_and(|first| relevant.contains(first)));
    }

    fn count_call(
        &mut self,
        call: Option<&ToolCall>,
        instance: &Instance,
        validators: &HashMap<&str, jsonschema::Validator>,
    ) {
        self.calls += 1;
        let valid = |call: &ToolCall| {
            let arguments = serde_json::Value::Object(call.arguments.clone());
            validators
                .get(call.name.as_str())
                .is_some_and(|validator| validator.is_valid(&arguments))
        };
        self.valid += usize::from(call.is_some_and(valid));
        let expected = instance
            .calls
            .iter()
            .find(|expected| call.is_none_or(|call| call.name == expected.name));
        let Some(labels) =
            expected.or(instance.calls.first()).and_then(|expected| expected.arguments.as_ref())
        else {
            return;
        };
        self.labelled += 1;
        self.pairs_expected += labels.len();
        let Some(call) = call else { return };
        self.pairs_found += call.arguments.len();
        if instance.calls.iter().any(|expected| expected.name == call.name) {
            self.pairs_shared += shared_arguments(&call.arguments, labels);
            self.exact += usize::from(same_arguments(&call.arguments, labels));
        }
    }

    fn finish(mut self, tools: usize, calling: bool) -> Report {
        let n = self.report.instances.max(1) as f64;
        let report = &mut self.report;
        for share in [
            &mut report.ndcg_1,
            &mut report.ndcg_3,
            &mut report.ndcg_5,
            &mut report.recall_5,
            &mut report.tool_accuracy,
        ] {
            *share /= n;
        }
        report.tools = tools;
        report.latency_ms =
            Latency { p50: percentile(&self.latency, 0.5), p95: percentile(&self.latency, 0.95) };
        report.calls = calling.then(|| CallReport {
            call_exact: self.exact as f64 / self.labelled.max(1) as f64,
            argument_f1: 2.0 * self.pairs_shared as f64
                / (self.pairs_found + self.pairs_expected).max(1) as f64,
            valid_calls: self.valid as f64 / self.calls.max(1) as f64,
        });
        self.report
    }
}

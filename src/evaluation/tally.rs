//! From predictions to a report.

use std::collections::{BTreeSet, HashMap};

use jsonschema::Validator;

use super::metrics::{self, ndcg, percentile, recall, same_arguments, shared_arguments};
use super::prediction::Prediction;
use super::report::{AbstentionReport, CallReport, Latency, RankingReport, Report};
use crate::tool::ToolCall;
use crate::tool::{Instance, Tool};
use crate::{Error, Result};

/// Adds up figures, one question after the other.
pub struct Tally<'a> {
    tools: usize,
    /// By tool name; present when calls are evaluated.
    validators: Option<HashMap<&'a str, Validator>>,
    instances: usize,
    none: usize,
    all: Ranking,
    single: Ranking,
    abstained: usize,
    abstained_rightly: usize,
    calls: Calls,
    confidence: [Bin; 10],
    latency: Vec<f64>,
}

/// The choices that a method was about equally sure of.
#[derive(Clone, Copy, Default)]
struct Bin {
    choices: usize,
    confidence: f64,
    right: usize,
}

/// Sums over questions that some tool answers.
#[derive(Default)]
struct Ranking {
    instances: usize,
    sums: RankingReport,
}

/// Counts over calls.
#[derive(Default)]
struct Calls {
    expected: usize,
    valid: usize,
    labelled: usize,
    exact: usize,
    pairs_found: usize,
    pairs_expected: usize,
    pairs_shared: usize,
}

impl<'a> Tally<'a> {
    /// An empty tally of rankings over `tools`; with `calling`, of calls too. Fails on a tool whose
    /// schema the validator does not take.
    pub fn new(tools: &'a [Tool], calling: bool) -> Result<Self> {
        Ok(Self {
            tools: tools.len(),
            validators: if calling { Some(validators(tools)?) } else { None },
            instances: 0,
            none: 0,
            all: Ranking::default(),
            single: Ranking::default(),
            abstained: 0,
            abstained_rightly: 0,
            calls: Calls::default(),
            confidence: [Bin::default(); 10],
            latency: Vec::new(),
        })
    }

    /// Counts the answer to one question, which took `milliseconds`.
    pub fn count(&mut self, instance: &Instance, prediction: &Prediction, milliseconds: f64) {
        self.instances += 1;
        self.latency.push(milliseconds);
        let answerable = !instance.calls.is_empty();
        if answerable {
            self.all.count(instance, prediction);
        } else {
            self.none += 1;
        }
        if instance.calls.len() == 1 {
            self.single.count(instance, prediction);
        }
        self.abstained += usize::from(prediction.abstained);
        self.abstained_rightly += usize::from(prediction.abstained && !answerable);
        if let Some(confidence) = prediction.confidence {
            let right = match prediction.tool() {
                Some(tool) => instance.calls.iter().any(|call| call.name == tool),
                None => !answerable,
            };
            let bin = &mut self.confidence[((confidence * 10.0) as usize).min(9)];
            bin.choices += 1;
            bin.confidence += f64::from(confidence);
            bin.right += usize::from(right);
        }
        if let Some(validators) = &self.validators {
            self.calls.count(instance, prediction, validators);
        }
    }

    /// The figures.
    pub fn finish(self) -> Report {
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        let abstention = || {
            let precision = share(self.abstained_rightly, self.abstained);
            let recall = share(self.abstained_rightly, self.none);
            AbstentionReport {
                abstention_precision: precision,
                abstention_recall: recall,
                abstention_f1: metrics::f1(self.abstained_rightly, self.abstained, self.none),
            }
        };
        let calls = &self.calls;
        let call_report = || CallReport {
            call_exact: share(calls.exact, calls.labelled),
            argument_f1: Some(metrics::f1(
                calls.pairs_shared,
                calls.pairs_found,
                calls.pairs_expected,
            )),
            valid_calls: Some(share(calls.valid, calls.expected)),
        };
        let sure: usize = self.confidence.iter().map(|bin| bin.choices).sum();
        let distance = |bin: &Bin| (bin.confidence - bin.right as f64).abs();
        let distance: f64 = self.confidence.iter().map(distance).sum();
        let several = self.all.instances > self.single.instances;
        Report {
            instances: self.instances,
            instances_single: self.single.instances,
            instances_none: self.none,
            tools: self.tools,
            ranking: self.all.means(),
            single: (several && self.single.instances > 0).then(|| self.single.means()),
            calls: self.validators.is_some().then(call_report),
            abstention: (self.none > 0 || self.abstained > 0).then(abstention),
            calibration_error: (sure > 0).then(|| distance / sure as f64),
            latency_ms: Latency {
                p50: percentile(&self.latency, 0.5),
                p95: percentile(&self.latency, 0.95),
            },
        }
    }
}

impl Ranking {
    fn count(&mut self, instance: &Instance, prediction: &Prediction) {
        let relevant: BTreeSet<&str> =
            instance.calls.iter().map(|call| call.name.as_str()).collect();
        let relevant: Vec<&str> = relevant.into_iter().collect();
        let ranking: Vec<&str> = prediction.ranking.iter().map(String::as_str).collect();
        let right = prediction.tool().is_some_and(|tool| relevant.contains(&tool));
        self.instances += 1;
        self.sums.ndcg_1 += ndcg(&ranking, &relevant, 1);
        self.sums.ndcg_3 += ndcg(&ranking, &relevant, 3);
        self.sums.ndcg_5 += ndcg(&ranking, &relevant, 5);
        self.sums.recall_5 += recall(&ranking, &relevant, 5);
        self.sums.tool_accuracy += f64::from(right);
    }

    fn means(&self) -> RankingReport {
        let n = self.instances.max(1) as f64;
        RankingReport {
            ndcg_1: self.sums.ndcg_1 / n,
            ndcg_3: self.sums.ndcg_3 / n,
            ndcg_5: self.sums.ndcg_5 / n,
            recall_5: self.sums.recall_5 / n,
            tool_accuracy: self.sums.tool_accuracy / n,
        }
    }
}

impl Calls {
    fn count(
        &mut self,
        instance: &Instance,
        prediction: &Prediction,
        validators: &HashMap<&str, Validator>,
    ) {
        let call = prediction.call.as_ref();
        let valid = |call: &ToolCall| {
            let arguments = serde_json::Value::Object(call.arguments.clone());
            let validator = validators.get(call.name.as_str());
            validator.is_some_and(|validator| validator.is_valid(&arguments))
        };
        if !prediction.abstained {
            self.expected += 1;
            self.valid += usize::from(call.is_some_and(valid));
        }
        // The labels of the tool that was called, of the first right one where another was.
        let same_tool = call.and_then(|call| instance.calls.iter().find(|c| c.name == call.name));
        let expected = same_tool.or(instance.calls.first());
        let Some(labels) = expected.and_then(|expected| expected.arguments.as_ref()) else {
            return;
        };
        self.labelled += 1;
        self.pairs_expected += labels.len();
        let Some(call) = call else { return };
        self.pairs_found += call.arguments.len();
        if same_tool.is_some() {
            self.pairs_shared += shared_arguments(&call.arguments, labels);
            self.exact += usize::from(same_arguments(&call.arguments, labels));
        }
    }
}

fn validators(tools: &[Tool]) -> Result<HashMap<&str, Validator>> {
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

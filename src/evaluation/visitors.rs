//! Judging on what visitors type: whether what happens would content them (`models/visitors/README.md`).

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::evaluate::DEPTH;
use crate::agent::step::ANSWERED;
use crate::agent::{End, Engine, Event, Reason, Reply, Unsure};
use crate::backend::Backend;
use crate::conversation::Question;
use crate::time::Moment;
use crate::tool::{Arguments, Tool, ToolCall};
use crate::{Error, Result};

/// Most calls for one question.
const MAX_STEPS: usize = 3;

/// A question with the outcomes that would content who asked it.
#[derive(Clone, Debug, Deserialize)]
pub struct Visit {
    /// The question.
    pub query: String,
    /// What kind of question it is.
    pub kind: String,
    /// The outcomes, best first.
    pub accept: Vec<Accepted>,
    /// When it is asked.
    #[serde(default)]
    pub now: Option<Moment>,
}

/// An outcome that is accepted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Accepted {
    call: Option<Expected>,
    calls: Option<Vec<Expected>>,
    ask: Option<Expected>,
    none: bool,
    /// Whether it serves but a part of the wish.
    pub part: bool,
}

/// A call, and how its arguments are compared.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Expected {
    name: String,
    arguments: Arguments,
    lacks: Vec<String>,
    any: Vec<String>,
    near: BTreeMap<String, f64>,
    exact: Vec<String>,
}

/// What happened.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// The calls that were made.
    pub calls: Vec<ToolCall>,
    /// What was asked for instead: the call as far as it was said, and the names of what wasn't.
    pub ask: Option<(ToolCall, Vec<String>)>,
}

/// The figures, as shares from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VisitorsReport {
    /// Questions.
    pub questions: usize,
    /// The likeliest tool is called, however likely it is.
    pub calling: Satisfaction,
    /// Where the model isn't sure, the visitor is asked which of the likeliest tools is meant, and says it: the page.
    pub asking: Satisfaction,
    /// Questions after which that is asked.
    pub asked: f64,
}

/// How visitors are served.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Satisfaction {
    /// Questions whose outcome is accepted.
    pub satisfied: f64,
    /// Those whose outcome is the best.
    pub best: f64,
    /// Those whose outcome is accepted and serves all of the wish.
    pub whole: f64,
    /// Those that led to calls which are not accepted.
    pub misled: f64,
    /// `satisfied` by kind, with the number of questions.
    pub by_kind: BTreeMap<String, (f64, usize)>,
}

/// Reads the questions at `path`.
pub fn read_visits(path: &Path) -> Result<Vec<Visit>> {
    let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
    let read = |(line, json): (usize, &str)| {
        serde_json::from_str(json).map_err(|error| Error::Dataset {
            path: path.into(),
            line,
            reason: error.to_string(),
        })
    };
    (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty()).map(read).collect()
}

/// Asks `engine` every question, with calls that all succeed and say nothing. `each` sees what happened where the
/// likeliest tool was called, and whether it is accepted.
pub async fn evaluate_visitors<B: Backend>(
    engine: &Engine<B>,
    visits: &[Visit],
    mut each: impl FnMut(&Visit, &Outcome, bool),
) -> Result<VisitorsReport> {
    let tools = engine.tools()?.to_vec();
    let (mut calling, mut asking) = (Tally::default(), Tally::default());
    let mut asked = 0;
    for visit in visits {
        let (outcome, _) = ask(engine, visit, Unsure::Call).await?;
        let is_accepted = calling.count(visit, &outcome, &tools);
        each(visit, &outcome, is_accepted);
        let (outcome, chose) = ask(engine, visit, Unsure::Ask).await?;
        asking.count(visit, &outcome, &tools);
        asked += usize::from(chose);
    }
    Ok(VisitorsReport {
        questions: visits.len(),
        calling: calling.satisfaction(),
        asking: asking.satisfaction(),
        asked: share(asked, visits.len()),
    })
}

fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
}

/// Adds up outcomes.
#[derive(Default)]
struct Tally {
    questions: usize,
    satisfied: usize,
    best: usize,
    whole: usize,
    misled: usize,
    by_kind: BTreeMap<String, (usize, usize)>,
}

impl Tally {
    /// Whether the outcome is accepted.
    fn count(&mut self, visit: &Visit, outcome: &Outcome, tools: &[Tool]) -> bool {
        let fits: Vec<bool> = visit.accept.iter().map(|e| e.is_met(outcome, tools)).collect();
        let is_accepted = fits.contains(&true);
        self.questions += 1;
        self.satisfied += usize::from(is_accepted);
        self.best += usize::from(fits.first() == Some(&true));
        let is_whole = fits.iter().zip(&visit.accept).any(|(&fits, entry)| fits && !entry.part);
        self.whole += usize::from(is_whole);
        self.misled += usize::from(!is_accepted && !outcome.calls.is_empty());
        let (right, all) = self.by_kind.entry(visit.kind.clone()).or_default();
        *right += usize::from(is_accepted);
        *all += 1;
        is_accepted
    }

    fn satisfaction(self) -> Satisfaction {
        let of = self.questions;
        let kinds = self.by_kind.into_iter();
        Satisfaction {
            satisfied: share(self.satisfied, of),
            best: share(self.best, of),
            whole: share(self.whole, of),
            misled: share(self.misled, of),
            by_kind: kinds.map(|(kind, (right, of))| (kind, (share(right, of), of))).collect(),
        }
    }
}

/// What happens after a question, and whether the visitor was asked which tool is meant.
async fn ask<B: Backend>(
    engine: &Engine<B>,
    visit: &Visit,
    unsure: Unsure,
) -> Result<(Outcome, bool)> {
    let (mut outcome, mut chose) = (Outcome::default(), false);
    let question = Question { now: visit.now, ..visit.query.as_str().into() };
    let mut stream = engine.run_when(question, DEPTH, MAX_STEPS, None, unsure)?;
    loop {
        match stream.next().await {
            Ok(Some(Event::Choose { candidates })) => {
                chose = true;
                let is_meant = |name: &String| visit.accept.iter().any(|entry| entry.names(name));
                let tool = candidates.into_iter().map(|tool| tool.name).find(is_meant);
                stream.reply(Reply::Choice { tool })?;
            }
            Ok(Some(Event::Approve { reason, .. })) => {
                stream.reply(Reply::Approval { approved: reason == Reason::Changes })?;
            }
            Ok(Some(Event::Execute { call })) => {
                outcome.calls.push(call);
                stream.reply(Reply::Observation { text: ANSWERED.into() })?;
            }
            Ok(Some(Event::End { end: End::Asked { tool, arguments, parameters }, .. })) => {
                outcome.ask = Some((ToolCall { name: tool, arguments }, parameters));
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(Error::ArgumentsTooLong { .. }) => return Ok((outcome, chose)),
            Err(error) => return Err(error),
        }
    }
}

impl Accepted {
    /// Whether a tool has a part in it.
    fn names(&self, tool: &str) -> bool {
        let calls = self.calls.iter().flatten().chain(&self.call).chain(&self.ask);
        calls.into_iter().any(|expected| expected.name == tool)
    }

    fn is_met(&self, outcome: &Outcome, tools: &[Tool]) -> bool {
        if let Some(expected) = &self.ask {
            return outcome.calls.is_empty()
                && outcome.ask.as_ref().is_some_and(|(call, lacks)| {
                    let mut names = [lacks.clone(), expected.lacks.clone()];
                    names.iter_mut().for_each(|names| names.sort());
                    names[0] == names[1] && expected.is_made(call, tools)
                });
        }
        if outcome.ask.is_some() {
            return false;
        }
        match (&self.call, &self.calls) {
            (Some(expected), _) => {
                matches!(outcome.calls.as_slice(), [call] if expected.is_made(call, tools))
            }
            (None, Some(expected)) => are_made(expected, &outcome.calls, tools),
            (None, None) => self.none && outcome.calls.is_empty(),
        }
    }
}

/// Whether calls pair with those expected, in any order.
fn are_made(expected: &[Expected], calls: &[ToolCall], tools: &[Tool]) -> bool {
    let Some((first, rest)) = expected.split_first() else { return calls.is_empty() };
    calls.len() == expected.len()
        && (0..calls.len()).any(|place| {
            let others = [&calls[..place], &calls[place + 1..]].concat();
            first.is_made(&calls[place], tools) && are_made(rest, &others, tools)
        })
}

impl Expected {
    fn is_made(&self, call: &ToolCall, tools: &[Tool]) -> bool {
        let Some(tool) = tools.iter().find(|tool| tool.name == call.name) else { return false };
        let value = |arguments: &Arguments, name: &str| {
            let default = || tool.parameters["properties"][name].get("default").cloned();
            arguments.get(name).cloned().or_else(default)
        };
        let mut names: Vec<&String> = call.arguments.keys().chain(self.arguments.keys()).collect();
        names.retain(|name| !self.any.contains(name));
        call.name == self.name
            && names.into_iter().all(|name| {
                match (value(&call.arguments, name), value(&self.arguments, name)) {
                    (Some(found), Some(expected)) => self.is_same(name, &found, &expected),
                    (found, expected) => found == expected,
                }
            })
    }

    fn is_same(&self, name: &str, found: &Value, expected: &Value) -> bool {
        match (found, expected) {
            (Value::Number(found), Value::Number(expected)) => {
                let near = self.near.get(name).copied().unwrap_or_default();
                let distance = found.as_f64().zip(expected.as_f64()).map(|(a, b)| (a - b).abs());
                distance.is_some_and(|distance| distance <= near)
            }
            (Value::Array(found), Value::Array(expected)) => {
                let same = |(a, b): (&Value, &Value)| self.is_same(name, a, b);
                found.len() == expected.len() && found.iter().zip(expected).all(same)
            }
            (Value::String(found), Value::String(expected)) => {
                found == expected
                    || !self.exact.iter().any(|exact| exact == name)
                        && plain(name, found) == plain(name, expected)
            }
            _ => found == expected,
        }
    }
}

/// A text without what doesn't count in it.
fn plain(name: &str, text: &str) -> String {
    let marks = |c: char| c.is_whitespace() || "\"'“”‘’".contains(c);
    let text = text.trim_matches(marks).trim_end_matches(['.', '!', '?']).trim_matches(marks);
    let text = text.to_lowercase();
    match name {
        "expression" => text.split_whitespace().collect(),
        "hex" | "foreground" | "background" | "first" | "second" => {
            let digits = text.trim_start_matches('#');
            let is_short = digits.len() == 3 && digits.bytes().all(|c| c.is_ascii_hexdigit());
            if is_short { digits.chars().flat_map(|c| [c, c]).collect() } else { digits.to_owned() }
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tools() -> Vec<Tool> {
        serde_json::from_value(json!([{ "name": "weather", "description": "", "parameters": {
            "type": "object", "properties": { "city": { "type": "string" },
                "days": { "type": "integer", "default": 1 }, "latitude": { "type": "number" } } } }]))
        .unwrap()
    }

    fn outcome(calls: Value) -> Outcome {
        let call = |call: &Value| ToolCall {
            name: call["name"].as_str().unwrap().into(),
            arguments: call["arguments"].as_object().unwrap().clone(),
        };
        Outcome { calls: calls.as_array().unwrap().iter().map(call).collect(), ask: None }
    }

    fn is_met(accepted: Value, outcome: &Outcome) -> bool {
        serde_json::from_value::<Accepted>(accepted).unwrap().is_met(outcome, &tools())
    }

    #[test]
    fn what_does_not_count_is_not_compared() {
        let call = |arguments: Value| json!({ "name": "weather", "arguments": arguments });
        let made = outcome(json!([call(json!({ "city": "OSLO.", "latitude": 59.91 }))]));
        let expected = |more: Value| {
            let mut expected = call(json!({ "city": "Oslo", "days": 1, "latitude": 60 }));
            expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({ "call": expected })
        };
        assert!(is_met(expected(json!({ "near": { "latitude": 0.5 } })), &made));
        assert!(is_met(expected(json!({ "any": ["latitude"] })), &made));
        assert!(!is_met(expected(json!({})), &made));
        assert!(!is_met(expected(json!({ "any": ["latitude"], "exact": ["city"] })), &made));
        assert!(!is_met(json!({ "none": true }), &made));
    }

    #[test]
    fn calls_come_in_any_order_and_what_is_asked_for_is_named() {
        let call = |city: &str| json!({ "name": "weather", "arguments": { "city": city } });
        let both = outcome(json!([call("Oslo"), call("Rome")]));
        assert!(is_met(json!({ "calls": [call("rome"), call("oslo")] }), &both));
        assert!(!is_met(json!({ "calls": [call("rome"), call("rome")] }), &both));
        assert!(!is_met(json!({ "call": call("oslo") }), &both));
        let said = ToolCall { name: "weather".into(), arguments: Arguments::new() };
        let asked = Outcome { calls: Vec::new(), ask: Some((said, vec!["city".into()])) };
        let ask = |lacks: &[&str]| json!({ "ask": { "name": "weather", "arguments": {}, "lacks": lacks } });
        assert!(is_met(ask(&["city"]), &asked) && !is_met(ask(&["days"]), &asked));
        assert!(!is_met(json!({ "none": true }), &asked));
        assert!(is_met(json!({ "none": true }), &Outcome::default()));
    }
}

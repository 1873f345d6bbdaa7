//! Judging on what visitors type: whether what happens would content them (`models/visitors/README.md`).

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::evaluate::DEPTH;
use crate::agent::step::ANSWERED;
use crate::agent::{End, Engine, Event, Reason, Reply};
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
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct VisitorsReport {
    /// Questions.
    pub questions: usize,
    /// Those whose outcome is accepted.
    pub satisfied: f64,
    /// Those whose outcome is the best.
    pub best: f64,
    /// Those whose outcome is accepted and serves all of the wish.
    pub whole: f64,
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

/// Asks `engine` every question, with calls that all succeed and say nothing. `each` sees what happened, and whether
/// it is accepted.
pub async fn evaluate_visitors<B: Backend>(
    engine: &Engine<B>,
    visits: &[Visit],
    mut each: impl FnMut(&Visit, &Outcome, bool),
) -> Result<VisitorsReport> {
    let tools = engine.pack()?.tools.clone();
    let (mut satisfied, mut best, mut whole) = (0, 0, 0);
    let mut by_kind: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for visit in visits {
        let outcome = ask(engine, visit).await?;
        let mut fitting = visit.accept.iter().filter(|entry| entry.is_met(&outcome, &tools));
        let first = fitting.next();
        satisfied += usize::from(first.is_some());
        best += usize::from(visit.accept.first().is_some_and(|e| e.is_met(&outcome, &tools)));
        whole += usize::from(first.into_iter().chain(fitting).any(|entry| !entry.part));
        let (right, all) = by_kind.entry(visit.kind.clone()).or_default();
        *right += usize::from(first.is_some());
        *all += 1;
        each(visit, &outcome, first.is_some());
    }
    let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
    let shares = by_kind.into_iter().map(|(kind, (right, of))| (kind, (share(right, of), of)));
    Ok(VisitorsReport {
        questions: visits.len(),
        satisfied: share(satisfied, visits.len()),
        best: share(best, visits.len()),
        whole: share(whole, visits.len()),
        by_kind: shares.collect(),
    })
}

async fn ask<B: Backend>(engine: &Engine<B>, visit: &Visit) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let question = Question { now: visit.now, ..visit.query.as_str().into() };
    let mut stream = engine.run(question, DEPTH, MAX_STEPS, None)?;
    loop {
        match stream.next().await {
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
            Ok(None) | Err(Error::ArgumentsTooLong { .. }) => return Ok(outcome),
            Err(error) => return Err(error),
        }
    }
}

impl Accepted {
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

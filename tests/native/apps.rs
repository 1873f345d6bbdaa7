//! `models/apps`: apps with their tools and what people say to them, held to the rules of its README.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use jsonschema::Validator;
use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};
use toolgen::tool::Tool;
use toolgen::tool::dataset::read_apps;

use crate::common;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct App {
    app: String,
    style: String,
    tools: Vec<Tool>,
    questions: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    query: String,
    calls: Vec<Call>,
    /// The local time at which it is asked, where that decides an argument.
    now: Option<String>,
    /// Required arguments that are not said.
    #[serde(default)]
    lacks: Vec<String>,
    /// What is said next, and is understood from this question.
    then: Option<Then>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Then {
    query: String,
    calls: Vec<Call>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    name: String,
    arguments: Map<String, Value>,
}

fn apps() -> Vec<(PathBuf, App)> {
    let folder = common::root().join("models/apps");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|kind| kind == "json")).collect();
    files.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let app = serde_json::from_str(&text);
        (path.clone(), app.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    };
    files.into_iter().map(read).collect()
}

/// What is wrong with one app.
struct Faults<'a> {
    tools: HashMap<&'a str, &'a Tool>,
    validators: HashMap<&'a str, Validator>,
    found: Vec<String>,
}

/// The schema of a tool's parameters without what is not said, with times of day and dates checked.
fn validator(tool: &Tool, lacks: &[String]) -> Validator {
    let mut schema = tool.parameters.clone();
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| !lacks.iter().any(|lack| name == lack));
    }
    let local = Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?$").unwrap();
    jsonschema::options()
        .should_validate_formats(true)
        .with_format("date-time", move |text| local.is_match(text))
        .build(&schema)
        .unwrap_or_else(|error| panic!("{}: {error}", tool.name))
}

/// The free texts of arguments, with where they stand.
fn free_texts(schema: &Value, value: &Value, at: String, texts: &mut Vec<(String, String)>) {
    let is_free = ["enum", "const", "format", "pattern"].iter().all(|k| schema.get(k).is_none());
    match value {
        Value::String(text) if is_free => texts.push((at, text.clone())),
        Value::Array(items) => {
            for item in items {
                free_texts(&schema["items"], item, format!("{at}[]"), texts);
            }
        }
        Value::Object(entries) => {
            for (name, value) in entries {
                free_texts(&schema["properties"][name], value, format!("{at}.{name}"), texts);
            }
        }
        _ => {}
    }
}

impl<'a> Faults<'a> {
    fn calls(&mut self, said: &str, calls: &[Call], lacks: &[String]) {
        for call in calls {
            let Some(&tool) = self.tools.get(call.name.as_str()) else {
                self.found.push(format!("{said:?}: there is no tool `{}`", call.name));
                continue;
            };
            let arguments = Value::Object(call.arguments.clone());
            let required = tool.parameters["required"].as_array().cloned().unwrap_or_default();
            for lack in lacks.iter().filter(|lack| !required.iter().any(|name| name == *lack)) {
                self.found.push(format!("{said:?}: `{}` does not require {lack}", tool.name));
            }
            let own = (!lacks.is_empty()).then(|| validator(tool, lacks));
            let validator = own.as_ref().unwrap_or(&self.validators[tool.name.as_str()]);
            if let Err(error) = validator.validate(&arguments) {
                self.found.push(format!("{said:?}: {}: {error}", tool.name));
            }
            let mut texts = Vec::new();
            free_texts(&tool.parameters, &arguments, tool.name.clone(), &mut texts);
            for (at, text) in texts.into_iter().filter(|(_, text)| !said.contains(text)) {
                self.found.push(format!("{said:?}: {at}: {text:?} is not said"));
            }
        }
    }
}

fn plain(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

fn faults(app: &App) -> Vec<String> {
    let tools: HashMap<&str, &Tool> = app.tools.iter().map(|t| (t.name.as_str(), t)).collect();
    let validators = app.tools.iter().map(|t| (t.name.as_str(), validator(t, &[]))).collect();
    let mut faults = Faults { tools, validators, found: Vec::new() };
    if app.app.is_empty() || app.style.is_empty() {
        faults.found.push("has no name or style".into());
    }
    if !(8..=20).contains(&app.tools.len()) || faults.tools.len() != app.tools.len() {
        faults.found.push(format!("{} tools, {} names", app.tools.len(), faults.tools.len()));
    }
    let mut said = BTreeSet::new();
    let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
    let mut used: BTreeSet<(&str, &str)> = BTreeSet::new();
    for question in &app.questions {
        if !said.insert(plain(&question.query)) || question.query.trim().is_empty() {
            faults.found.push(format!("{:?} is said twice, or is empty", question.query));
        }
        faults.calls(&question.query, &question.calls, &question.lacks);
        let then = question.then.as_ref();
        if let Some(then) = then {
            faults.calls(&format!("{}\n{}", question.query, then.query), &then.calls, &[]);
        }
        if let ([call], true, None) = (&question.calls[..], question.lacks.is_empty(), then) {
            *asked.entry(&call.name).or_default() += 1;
        }
        let calls = question.calls.iter().chain(then.into_iter().flat_map(|then| &then.calls));
        for call in calls {
            used.extend(call.arguments.keys().map(|name| (call.name.as_str(), name.as_str())));
        }
        let is_time = |now: &String| now.len() == 16 && now.as_bytes()[10] == b'T';
        if question.now.as_ref().is_some_and(|now| !is_time(now)) {
            faults.found.push(format!("{:?}: `now` is not YYYY-MM-DDTHH:MM", question.query));
        }
    }
    for tool in &app.tools {
        if asked.get(tool.name.as_str()).is_none_or(|&count| count < 5) {
            faults.found.push(format!("`{}` has fewer than 5 questions of one call", tool.name));
        }
        let properties = tool.parameters["properties"].as_object().cloned().unwrap_or_default();
        for name in properties.keys().filter(|name| !used.contains(&(&tool.name, name))) {
            faults.found.push(format!("`{}`: {name} is never used", tool.name));
        }
    }
    let none = app.questions.iter().filter(|question| question.calls.is_empty()).count();
    if none < 8 {
        faults.found.push(format!("{none} questions that no tool serves"));
    }
    faults.found
}

#[test]
fn every_app_keeps_to_the_rules() {
    let apps = apps();
    assert!(apps.len() >= 100, "{} apps", apps.len());
    let mut found = Vec::new();
    for (path, app) in &apps {
        let file = path.file_name().unwrap().display();
        found.extend(faults(app).into_iter().map(|fault| format!("{file}: {fault}")));
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
    let questions: usize = apps.iter().map(|(_, app)| app.questions.len()).sum();
    eprintln!("{} apps, {questions} questions", apps.len());
}

#[test]
fn faults_are_found() {
    let tool = serde_json::json!({ "name": "wake", "description": "Sets an alarm.", "parameters": {
        "type": "object", "properties": { "label": { "type": "string" }, "on": { "type": "string", "format": "date" } },
        "required": ["label"], "additionalProperties": false } });
    let app = |question: Value| -> App {
        serde_json::from_value(serde_json::json!({
            "app": "a", "style": "b", "tools": [tool], "questions": [question],
        }))
        .unwrap()
    };
    let fault_of = |question| faults(&app(question)).join("\n");
    let call = |arguments| serde_json::json!([{ "name": "wake", "arguments": arguments }]);
    let of = |arguments| {
        fault_of(serde_json::json!({ "query": "wake me for tea", "calls": call(arguments) }))
    };
    assert!(!of(serde_json::json!({ "label": "tea" })).contains("wake me"));
    assert!(of(serde_json::json!({ "label": "coffee" })).contains("\"coffee\" is not said"));
    assert!(of(serde_json::json!({})).contains("required"));
    assert!(of(serde_json::json!({ "label": "tea", "on": "2026-02-30" })).contains("date"));
    let lacks = serde_json::json!({ "query": "wake me", "calls": call(serde_json::json!({})), "lacks": ["label"] });
    assert!(!fault_of(lacks).contains("wake me"));
}

/// What generation could not write the model can't learn either.
#[test]
fn nearly_all_labels_can_be_taken_from_their_questions() {
    let (mut calls, mut out_of_reach) = (0, Vec::new());
    for app in read_apps(&common::root().join("models/apps")).unwrap() {
        let tools: HashMap<&str, &Tool> =
            app.tools.iter().map(|tool| (tool.name.as_str(), tool)).collect();
        let (of_app, beyond) = common::reach::out_of_reach(&tools, &app.questions);
        calls += of_app;
        out_of_reach.extend(beyond.into_iter().map(|call| format!("{}{call}", app.app)));
    }
    let share = out_of_reach.len() as f64 / calls as f64;
    println!("{share:.4} of {calls}\n{}", out_of_reach.join("\n"));
    assert!(share < 0.05, "{share:.4} of {calls}");
}

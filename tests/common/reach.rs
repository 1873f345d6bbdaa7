//! Which labelled calls can be written with the values that their questions offer.

use std::collections::HashMap;

use serde_json::{Map, Value};
use toolgen::conversation::{Question, Turn};
use toolgen::schema::{Grounding, not_said};
use toolgen::tool::{Instance, Tool, ToolCall};

/// How many calls there are, and those that can't be written: what generation could not write, because it takes
/// values from the question, the model can't learn either.
pub fn out_of_reach(tools: &HashMap<&str, &Tool>, instances: &[Instance]) -> (usize, Vec<String>) {
    let (mut calls, mut out_of_reach) = (0, Vec::new());
    let mut judge = |question: &Question, instance: &Instance| {
        let grounding = Grounding::new(question).with_not_said(true);
        for call in &instance.calls {
            let parameters = &tools[call.name.as_str()].parameters;
            let schema = grounding.narrowed(parameters);
            let mut arguments: Map<String, Value> = call.arguments.clone().unwrap();
            not_said::put(&mut arguments, &schema);
            calls += 1;
            let arguments = Value::Object(arguments);
            if let Err(error) = jsonschema::validate(&schema, &arguments) {
                let path = error.instance_path().to_string();
                out_of_reach.push(format!("{path} {}: {} {arguments}", question.text, call.name));
            }
        }
    };
    for instance in instances {
        let mut question = Question::from(instance);
        judge(&question, instance);
        if let (Some(then), Some(call)) = (&instance.then, instance.calls.last()) {
            let arguments = call.arguments.clone().unwrap_or_default();
            let call = ToolCall { name: call.name.clone(), arguments };
            let text = std::mem::replace(&mut question.text, then.query.clone());
            question.before.push(Turn { text, call, observation: None });
            judge(&question, then);
        }
    }
    (calls, out_of_reach)
}

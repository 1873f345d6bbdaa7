//! Documents and messages from elsewhere.

use serde_json::{Value, from_value, json};
use toolgen::agent::{Reply, Unsure};
use toolgen::conversation::Question;
use toolgen::openapi::{Document, Names, Options, import};
use toolgen::schema::{Grounding, digits, flattened, narrow, not_said};
use toolgen::tool::Tool;

use super::tiny;

/// An OpenAPI document in JSON or YAML: what is imported can be called.
pub fn openapi(input: &[u8]) {
    let Some(text) = text(input) else { return };
    let Ok(document) = Document::parse(text) else { return };
    let options = Options { base_url: Some("https://a.example".into()), ..Options::default() };
    let Ok(import) = import(&document, &options, &mut Names::default()) else { return };
    for operation in import.operations {
        tiny::with_grammar(|_, grammar| {
            if let Err(error) = grammar.arguments(&operation.tool, None) {
                panic!("{error}: {}", operation.tool.parameters);
            }
        });
    }
}

/// A JSON Schema, a zero byte, and choices among what its grammar allows.
pub fn schema(input: &[u8]) {
    let [schema, choices] = parts(input);
    let Some(schema) = text(schema).and_then(|text| serde_json::from_str(text).ok()) else {
        return;
    };
    let narrowed = narrow(&schema).map(|(narrowed, _)| narrowed);
    tiny::with_grammar(|tokenizer, grammar| {
        for schema in [Ok(schema), narrowed].into_iter().flatten() {
            let Ok(mut constraint) = grammar.arguments(&tiny::tool(schema), None) else { continue };
            let text = tiny::write(tokenizer, &mut constraint, choices);
            // A number may be too long for any reader.
            if let Some(value) = text.and_then(|text| digits::parse(&text, &json!({})).ok()) {
                assert!(value.is_object(), "{value} is no object");
            }
        }
    });
}

/// A question, a JSON Schema and choices, with zero bytes between them: the arguments as a call has them.
pub fn grounding(input: &[u8]) {
    let [asked, rest] = parts(input);
    let [schema, choices] = parts(rest);
    let (Some(asked), Some(schema)) = (text(asked), text(schema)) else { return };
    let question = Question::from_json(asked).unwrap_or_else(|_| asked.into()).within_limits();
    let Ok(schema) = serde_json::from_str::<Value>(schema) else { return };
    let Ok(flat) = flattened(&schema) else { return };
    let grounding = Grounding::new(&question).with_not_said(choices.len() % 2 == 1);
    grounding.lacking(&schema);
    let parameters = tiny::tool(schema);
    tiny::with_grammar(|tokenizer, grammar| {
        let Ok(mut constraint) = grammar.arguments(&parameters, Some(&grounding)) else { return };
        let Some(text) = tiny::write(tokenizer, &mut constraint, choices) else { return };
        let Ok(mut arguments) = digits::parse(&text, &flat) else { return };
        assert!(arguments.is_object(), "{text} is no object");
        if let Value::Object(arguments) = &mut arguments {
            not_said::take(arguments, &flat);
        }
        digits::spell(&mut arguments);
    });
}

/// What a page says in a run: `{ tools, question, names, unsure, replies }`.
pub fn messages(input: &[u8]) {
    let Some(Ok(said)) = text(input).map(serde_json::from_str::<Value>) else { return };
    let list = |name: &str| said[name].as_array().cloned().unwrap_or_default().into_iter();
    let mut engine = tiny::engine();
    for tool in list("tools").take(4).filter_map(|tool| from_value::<Tool>(tool).ok()) {
        let Ok((tool, _)) = engine.callable(&tool) else { continue };
        let _ = engine.document_key(&tool);
        let row = vec![0.25; engine.checkpoint().decoder.config.hidden];
        engine.add_tools(&[tool], &row).expect("a tool that can be called can be added");
    }
    let question = Question::from_json(&said["question"].to_string());
    let Ok(question) = question.map(Question::within_limits) else { return };
    let names: Option<Vec<String>> = from_value(said["names"].clone()).unwrap_or_default();
    let unsure = from_value(said["unsure"].clone()).unwrap_or(Unsure::Call);
    let replies = list("replies").filter_map(|reply| from_value::<Reply>(reply).ok());
    if let Ok(stream) = engine.run_when(question, 3, 3, names.as_deref(), unsure) {
        let _ = tiny::follow(stream.explained(true), replies);
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// What stands before the first zero byte, and after it.
fn parts(input: &[u8]) -> [&[u8]; 2] {
    let end = input.iter().position(|&byte| byte == 0).unwrap_or(input.len());
    [&input[..end], input.get(end + 1..).unwrap_or_default()]
}

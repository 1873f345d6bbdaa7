//! The tools of a whole folder of documents, once `toolgen import directory` has made them.

use crate::common;
use toolgen::generation::Grammar;
use toolgen::tool::dataset::read_tools;

/// Minutes long: run by name, `cargo test --release --test model directory -- --ignored`.
#[test]
#[ignore = "needs target/openapi, made by `toolgen import directory`"]
fn every_schema_is_held_by_the_grammar() {
    let tools = read_tools(&common::root().join("target/openapi/tools.jsonl")).unwrap();
    let grammar = Grammar::new(&common::checkpoint().tokenizer).unwrap();
    let mut refused = 0;
    for tool in &tools {
        if let Err(error) = grammar.arguments(tool, None) {
            refused += 1;
            eprintln!("{error}\n  {}", tool.parameters);
        }
    }
    assert_eq!(refused, 0, "of {} tools", tools.len());
}

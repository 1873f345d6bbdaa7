//! OpenAPI documents → tools: the three dialects against expected tools, and documents that lie.

use crate::common;
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value, json};
use toolgen::Error;
use toolgen::generation::Grammar;
use toolgen::openapi::{Document, Import, Names, Options, Reason, import};
use toolgen::tool::Tool;
use toolgen::tool::dataset::read_tools;

fn fixture(name: &str) -> PathBuf {
    common::root().join("tests/fixtures/openapi").join(name)
}

fn imported(document: &Document) -> Import {
    import(document, &Options::default(), &mut Names::default()).unwrap()
}

fn tools(import: &Import) -> Vec<Tool> {
    import.operations.iter().map(|operation| operation.tool.clone()).collect()
}

/// A document with one path.
fn document(item: Value) -> Document {
    let root = json!({
        "openapi": "3.0.0", "servers": [{ "url": "https://a.example" }], "paths": { "/x": item }
    });
    Document::from_value(root).unwrap()
}

/// A document whose only operation takes this JSON body.
fn with_body(schema: Value, components: Value) -> Document {
    let root = json!({
        "openapi": "3.1.0", "servers": [{ "url": "https://a.example" }],
        "paths": { "/x": { "post": { "requestBody": {
            "required": true, "content": { "application/json": { "schema": schema } } } } } },
        "components": { "schemas": components },
    });
    Document::from_value(root).unwrap()
}

/// Compares with the expected tools beside the fixture; `UPDATE_GOLDEN=1` writes them.
fn matches_snapshot(name: &str, expected: &str, skipped: &[(&str, &str)]) {
    let import = imported(&Document::read(&fixture(name)).unwrap());
    let found = tools(&import);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let lines: Vec<String> =
            found.iter().map(|tool| serde_json::to_string(tool).unwrap() + "\n").collect();
        std::fs::write(fixture(expected), lines.concat()).unwrap();
    }
    let expected = read_tools(&fixture(expected)).unwrap();
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
    let reasons: Vec<(&str, &str)> =
        import.skipped.iter().map(|skip| (skip.path.as_str(), skip.reason.kind())).collect();
    assert_eq!(reasons, skipped);
}

#[test]
fn openapi_3_0() {
    matches_snapshot(
        "library-3.0.json",
        "library-3.0.tools.jsonl",
        &[
            ("$.paths[\"/books/{id}/cover\"].put", "body_type"),
            ("$.paths[\"/search/{kind}{suffix}\"].get", "malformed"),
            ("$.paths[\"/echo\"].trace", "method"),
            ("$.paths[\"/elsewhere\"]", "external_reference"),
        ],
    );
}

#[test]
fn openapi_3_1_in_yaml() {
    matches_snapshot("garden-3.1.yaml", "garden-3.1.tools.jsonl", &[]);
}

#[test]
fn swagger_2() {
    let skipped = [("$.paths[\"/photos\"].post", "placement")];
    matches_snapshot("parcels-2.0.json", "parcels-2.0.tools.jsonl", &skipped);
}

#[test]
fn the_grammar_holds_every_imported_schema() {
    let grammar = Grammar::new(
        &common::read(toolgen::backend::cpu::Cpu, &common::tiny(), 1 << 20).unwrap().tokenizer,
    )
    .unwrap();
    for name in ["library-3.0.json", "garden-3.1.yaml", "parcels-2.0.json"] {
        for tool in tools(&imported(&Document::read(&fixture(name)).unwrap())) {
            assert!(jsonschema::meta::is_valid(&tool.parameters), "{}", tool.parameters);
            if let Err(error) = grammar.arguments(&tool, None) {
                panic!("{error}: {}", tool.parameters);
            }
        }
    }
}

#[test]
fn a_base_url_replaces_relative_servers() {
    let root = json!({ "swagger": "2.0", "paths": { "/x": { "get": { "summary": "X" } } } });
    let document = Document::from_value(root).unwrap();
    let import_with =
        |options: &Options| import(&document, options, &mut Names::default()).unwrap();
    assert_eq!(import_with(&Options::default()).skipped[0].reason, Reason::RelativeServer);
    let options = Options { base_url: Some("https://b.example/".into()), ..Options::default() };
    let http = import_with(&options).operations[0].tool.http.clone().unwrap();
    assert_eq!(http.url, "https://b.example/x");
}

#[test]
fn names_are_unique_and_short() {
    let mut names = Names::default();
    assert_eq!(names.unique("getUser"), "get_user");
    assert_eq!(names.unique("get-user"), "get_user_2");
    assert_eq!(names.unique("…"), "operation");
    assert_eq!(names.unique("2fa"), "_2fa");
    let long: Vec<String> = (0..30).map(|_| names.unique(&"longName".repeat(20))).collect();
    assert!(long.iter().all(|name| name.len() <= 64));
    assert_eq!(long.iter().collect::<std::collections::HashSet<_>>().len(), 30);
}

#[test]
fn no_document_at_all() {
    for text in [
        "",
        "null",
        "[]",
        "7",
        "{}",
        "{\"openapi\": 3}",
        "{\"openapi\": \"4.0\"}",
        "{\"a\"",
        "{\"swagger\": \"1.2\"}",
        "{\"openapi\": \"3.0.0\", \"paths\": []}",
        "a: [",
        "\u{0}",
        "&a [*a]",
    ] {
        let document = Document::parse(text);
        let result = document
            .and_then(|document| import(&document, &Options::default(), &mut Names::default()));
        assert!(matches!(result, Err(Error::OpenApi { .. })), "{text}: {result:?}");
    }
    let wrong = Document::parse("{\"openapi\": \"3.0.0\", \"paths\": 1}").unwrap();
    let error = import(&wrong, &Options::default(), &mut Names::default()).unwrap_err();
    assert_eq!(error.to_string(), "OpenAPI document: $.paths is not an object");
    assert_eq!(error.code(), "openapi");
}

#[test]
fn deep_documents_are_refused() {
    for depth in [200, 200_000] {
        let text = format!(
            "{{\"openapi\": \"3.0.0\", \"x\": {}1{}}}",
            "[".repeat(depth),
            "]".repeat(depth)
        );
        assert!(Document::parse(&text).is_err());
        assert!(Document::parse(&format!("openapi: 3.0.0\nx: {}", "[".repeat(depth))).is_err());
    }
}

#[test]
fn yaml_that_grows_is_refused() {
    let mut text = String::from("openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = level - 1;
        let nine = vec![format!("*a{before}"); 9].join(", ");
        text += &format!("a{level}: &a{level} [{nine}]\n");
    }
    assert!(Document::parse(&text).is_err());
}

#[test]
fn cycles_end() {
    let cyclic = with_body(
        json!({ "$ref": "#/components/schemas/A" }),
        json!({ "A": { "$ref": "#/components/schemas/B" }, "B": { "$ref": "#/components/schemas/A" } }),
    );
    assert_eq!(imported(&cyclic).skipped[0].reason.kind(), "cyclic_reference");

    let endless = json!({ "A": {
        "type": "object", "required": ["a"], "properties": { "a": { "$ref": "#/components/schemas/A" } } } });
    let endless = with_body(json!({ "$ref": "#/components/schemas/A" }), endless);
    assert_eq!(imported(&endless).skipped[0].reason.kind(), "schema");

    let all_of = json!({ "A": { "allOf": [{ "$ref": "#/components/schemas/A" }, { "$ref": "#/components/schemas/A" }] } });
    let all_of = with_body(json!({ "$ref": "#/components/schemas/A" }), all_of);
    assert_eq!(imported(&all_of).skipped[0].reason.kind(), "schema");

    // Optional cycles end where optional objects do.
    let names: Vec<String> = (0..30).map(|index| format!("p{index}")).collect();
    let properties: serde_json::Map<String, Value> = names
        .iter()
        .map(|name| (name.clone(), json!({ "$ref": "#/components/schemas/A" })))
        .collect();
    let mut wide = json!({ "A": { "type": "object", "properties": properties } });
    wide["A"]["properties"]["name"] = json!({ "type": "string" });
    let wide = with_body(json!({ "$ref": "#/components/schemas/A" }), wide);
    for operation in imported(&wide).operations {
        assert!(operation.tool.parameters.to_string().len() < 10_000);
    }
}

#[test]
fn wrong_types_are_named() {
    for (item, at) in [
        (json!(7), "$.paths[\"/x\"]"),
        (json!({ "get": [] }), "$.paths[\"/x\"].get"),
        (json!({ "get": { "parameters": {} } }), "$.paths[\"/x\"].get.parameters"),
        (json!({ "get": { "parameters": [1] } }), "$.paths[\"/x\"].get.parameters[0]"),
        (
            json!({ "get": { "parameters": [{ "in": "query" }] } }),
            "$.paths[\"/x\"].get.parameters[0].name",
        ),
        (json!({ "post": { "requestBody": "no" } }), "$.paths[\"/x\"].post.requestBody"),
    ] {
        let import = imported(&document(item));
        assert!(import.operations.is_empty());
        match &import.skipped[0].reason {
            Reason::Malformed { at: found, .. } => assert_eq!(found, at),
            other => panic!("{other}"),
        }
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z{}/#~%]{0,6}".prop_map(Value::from),
        prop::sample::select(vec![
            "string",
            "object",
            "array",
            "integer",
            "#/paths",
            "#/paths/~1x",
            "path",
            "query",
            "body",
            "formData"
        ])
        .prop_map(Value::from),
    ];
    let keys = prop::sample::select(vec![
        "get",
        "post",
        "parameters",
        "requestBody",
        "formData",
        "not",
        "if",
        "discriminator",
        "prefixItems",
        "anyOf",
        "content",
        "application/json",
        "schema",
        "type",
        "properties",
        "items",
        "required",
        "allOf",
        "oneOf",
        "$ref",
        "in",
        "name",
        "enum",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "servers",
        "url",
        "summary",
    ]);
    leaf.prop_recursive(6, 48, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..5).prop_map(|entries| {
                Value::Object(
                    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_panics(item in values(), swagger in any::<bool>()) {
        let mut schema = toolgen::schema::flattened(&item).unwrap_or(item.clone());
        let _ = toolgen::schema::narrow(&item);
        toolgen::schema::Grounding::new(&"a 3".into()).narrow(&mut schema);
        let mut root = json!({ "servers": [{ "url": "https://a.example" }], "host": "a.example", "paths": { "/x": item } });
        root[if swagger { "swagger" } else { "openapi" }] = if swagger { "2.0" } else { "3.0.0" }.into();
        let document = Document::from_value(root).unwrap();
        for tool in tools(&imported(&document)) {
            prop_assert_eq!(&tool.parameters["type"], "object");
            prop_assert!(jsonschema::meta::is_valid(&tool.parameters), "{}", tool.parameters);
        }
    }
}

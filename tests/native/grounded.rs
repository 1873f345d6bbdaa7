//! Nothing is made up: what a question offers for each form, nested and nullable ones too.

use serde_json::{Value, json};
use toolgen::schema::{Grounding, flattened, not_said, takes_times};

use super::writer::Writer;

/// A schema of one required property.
fn one(name: &str, schema: Value) -> Value {
    json!({ "type": "object", "properties": { name: schema }, "required": [name] })
}

fn lacking(schema: &Value, question: &str) -> Vec<String> {
    Grounding::new(&question.into()).lacking(schema)
}

#[test]
fn what_was_not_said_is_lacking() {
    let text = |more: &str, value: &str| json!({ "type": "string", more: value });
    let payment = json!({ "type": "object", "required": ["amount", "unit"], "properties": {
        "amount": { "type": "number" }, "unit": { "enum": ["EUR", "USD"] } } });
    for (question, schema, names) in [
        ("send Anna the report", one("to", text("format", "email")), vec!["to"]),
        ("cancel my order", one("order", text("format", "uuid")), vec!["order"]),
        ("book a table for Anna", one("start", text("format", "date-time")), vec!["start"]),
        ("remove my last note", one("id", text("pattern", "^[0-9a-f]{24}$")), vec!["id"]),
        ("call the branch", one("code", text("pattern", "^[0-9]{6}$")), vec!["code"]),
        ("ping the router", one("address", text("format", "ipv4")), vec!["address"]),
        ("look up the site", one("host", text("format", "hostname")), vec!["host"]),
        (
            "pay Bob",
            one("amount", json!({ "type": "number", "exclusiveMinimum": 0 })),
            vec!["amount"],
        ),
        (
            "pay the bill",
            one("amount", json!({ "type": "number", "minimum": 0, "multipleOf": 0.01 })),
            vec!["amount"],
        ),
        ("pay the plumber", one("payment", payment.clone()), vec!["payment.amount"]),
        ("pay the plumber 80", one("payment", payment), vec![]),
        (
            "pay",
            json!({ "$ref": "#/$defs/P", "$defs": { "P": one("sum", json!({ "$ref": "#/$defs/S" })), "S": { "type": "number" } } }),
            vec!["sum"],
        ),
        (
            "invite Bob",
            one("to", json!({ "oneOf": [text("format", "email"), text("format", "ipv4")] })),
            vec!["to"],
        ),
    ] {
        assert_eq!(lacking(&schema, question), names, "{question}");
    }
}

#[test]
fn only_what_was_said_can_be_written() {
    let uuid = "7b0e9f5c-2f43-4a3e-9d39-0d8a4f1c2b6e";
    let text = |more: &str, value: &str| json!({ "type": "string", more: value });
    let orders = json!({ "type": "object", "required": ["query"], "properties": { "query": { "type": "string" },
        "limit": { "anyOf": [{ "type": "integer" }, { "type": "null" }], "default": null },
        "customer": { "anyOf": [{ "type": "string" }, { "type": "null" }], "default": null } } });
    let nullable = one("amount", json!({ "type": ["number", "null"] }));
    let number = || json!({ "type": "number" });
    let writer = Writer::new();
    for (question, schema, can, can_not) in [
        (
            format!("cancel order {uuid}"),
            one("order", text("format", "uuid")),
            vec![format!(r#"{{"order": "{uuid}"}}"#)],
            vec![format!(r#"{{"order": "{}f"}}"#, &uuid[..35])],
        ),
        (
            "ping 10.0.0.7".into(),
            one("address", text("format", "ipv4")),
            vec![r#"{"address": "10.0.0.7"}"#.into()],
            vec![r#"{"address": "10.0.0.8"}"#.into()],
        ),
        (
            "find orders with blue kettles".into(),
            orders,
            vec![
                r#"{"query": "blue kettles"}"#.into(),
                r#"{"query": "blue kettles", "customer": null}"#.into(),
            ],
            vec![
                r#"{"query": "blue kettles", "limit": 5}"#.into(),
                r#"{"query": "blue kettles", "customer": "Anna"}"#.into(),
            ],
        ),
        (
            "pay the plumber 80".into(),
            nullable.clone(),
            vec![r#"{"amount": 80}"#.into(), r#"{"amount": null}"#.into()],
            vec![r#"{"amount": 81}"#.into()],
        ),
        (
            "pay the plumber".into(),
            nullable,
            vec![r#"{"amount": null}"#.into()],
            vec![r#"{"amount": 0}"#.into()],
        ),
        (
            "set a 90 second timer".into(),
            one(
                "minutes",
                json!({ "anyOf": [{ "type": "number" }, { "type": "null" }], "description": "How long" }),
            ),
            vec![r#"{"minutes": 1.5}"#.into()],
            vec![r#"{"minutes": 7}"#.into()],
        ),
        (
            "a chair at 3 and 4".into(),
            one(
                "at",
                json!({ "type": "array", "items": { "type": "object", "required": ["x"], "properties": {
                "x": number(), "y": number() } } }),
            ),
            vec![r#"{"at": [{"x": 3, "y": 4}]}"#.into()],
            vec![r#"{"at": [{"x": 3, "y": 5}]}"#.into()],
        ),
    ] {
        for arguments in can {
            assert!(
                writer.can_write(&schema, Some(&question), &arguments),
                "{question}: {arguments}"
            );
        }
        for arguments in can_not {
            assert!(
                !writer.can_write(&schema, Some(&question), &arguments),
                "{question}: {arguments}"
            );
        }
    }
}

#[test]
fn one_of_several_is_asked_for_where_none_was_said() {
    let schema = json!({ "type": "object", "minProperties": 1, "properties": {
        "height": { "type": "number" }, "width": { "type": "number" } } });
    let schema = flattened(&schema).unwrap();
    let arguments = r#"{"height": null, "width": null}"#;
    assert!(Writer::new().can_write(&schema, Some("change it"), arguments));
    let mut arguments = serde_json::from_str(arguments).unwrap();
    assert_eq!(not_said::take(&mut arguments, &schema), ["height", "width"]);
    assert!(Writer::new().can_write(&schema, Some("make it 3 wide"), r#"{"width": 3}"#));
}

#[test]
fn numbers_are_read_as_the_world_writes_them() {
    let schema = one("n", json!({ "type": "number" }));
    let offered = |question: &str| {
        let mut schema = schema.clone();
        Grounding::new(&question.into()).narrow(&mut schema);
        schema["properties"]["n"].get("enum").cloned().unwrap_or_default()
    };
    for (question, number, not) in [
        ("convert 3,5 km to miles", json!(3.5), Some(json!(35))),
        ("split 1.234,56 € between us", json!(1234.56), Some(json!(1.23456))),
        ("split 1,234.56 between us", json!(1234.56), Some(json!(1.23456))),
        ("take 1,234 off", json!(1234), None),
        ("take 1,234 off", json!(1.234), None),
        ("10 % of 1 250 000", json!(1_250_000), Some(json!(250_000))),
        ("10 % of 1\u{202f}250\u{a0}000", json!(1_250_000), Some(json!(250))),
        ("VAT on CHF 1'250.50", json!(1250.5), Some(json!(250.5))),
        ("population 1.234.567", json!(1_234_567), Some(json!(1.234))),
        ("a loan of $250k", json!(250_000), None),
        ("a loan of 1.5M", json!(1_500_000), None),
        ("250 km", json!(250), Some(json!(250_000))),
        ("log of 2.5e-3", json!(0.0025), Some(json!(2.5))),
        ("roll ３ dice", json!(3), None),
        ("roll ٣ dice", json!(3), None),
        ("½ cup", json!(0.5), None),
        ("1 ½ cups", json!(1.5), None),
        ("2¾ cups", json!(2.75), Some(json!(2))),
        ("sort 7,8,9", json!(8), Some(json!(789))),
        ("version 1.2.3", Value::Null, Some(json!(123))),
    ] {
        let values = offered(question).as_array().cloned().unwrap_or_default();
        assert!(number.is_null() || values.contains(&number), "{question}: {values:?}");
        assert!(not.is_none_or(|not| !values.contains(&not)), "{question}: {values:?}");
    }
}

#[test]
fn whole_numbers_keep_their_digits() {
    let schema = one("id", json!({ "type": "integer" }));
    let question = Some("delete message 1234567890123456789");
    let writer = Writer::new();
    // Texts of digits to the grammar, which become numbers again.
    assert!(writer.can_write(&schema, question, r#"{"id": "1234567890123456789"}"#));
    for other in ["1234567890123456800", "1234567890123456768", "1234567890123456789"] {
        assert!(!writer.can_write(&schema, question, &format!("{{\"id\": {other}}}")), "{other}");
    }
    let longer = "delete message 123456789012345678901234567890";
    assert_eq!(lacking(&schema, longer), ["id"], "no number has so many digits");
}

#[test]
fn words_without_spaces_have_parts() {
    let schema = one("city", json!({ "type": "string" }));
    let writer = Writer::new();
    for (question, city) in [
        ("東京の天気を教えて", "東京"),
        ("weather in 東京都, please", "東京"),
        ("อากาศในเชียงใหม่เป็นอย่างไร", "เชียงใหม่"),
        ("서울날씨", "서울"),
    ] {
        let arguments = json!({ "city": city }).to_string().replace(':', ": ");
        assert!(writer.can_write(&schema, Some(question), &arguments), "{question}");
    }
}

#[test]
fn dates_are_read_in_other_notations() {
    let schema = json!({ "type": "object", "properties": { "day": { "type": "string", "format": "date" } }, "required": ["day"] });
    for (question, days) in [
        ("rates at 2024-05-03T10:00:00Z", vec!["2024-05-03"]),
        ("rates 2024-05-03/2024-05-09", vec!["2024-05-03", "2024-05-09"]),
        ("rates on 03.05.2024", vec!["2024-05-03"]),
        ("rates on 3/5/2024", vec!["2024-05-03", "2024-03-05"]),
        ("rates on 20240503", vec!["2024-05-03"]),
        ("order 20241399", vec![]),
        ("2024年5月3日のレート", vec!["2024-05-03"]),
        ("2024년 5월 3일 환율", vec!["2024-05-03"]),
    ] {
        let mut schema = schema.clone();
        Grounding::new(&question.into()).narrow(&mut schema);
        let found = schema["properties"]["day"].get("enum").cloned().unwrap_or(json!([]));
        assert_eq!(found, json!(days), "{question}");
    }
}

#[test]
fn times_are_seen_in_alternatives() {
    let date = json!({ "type": "string", "format": "date" });
    assert!(takes_times(&one("day", json!({ "anyOf": [date, { "type": "null" }] }))));
    assert!(!takes_times(&one(
        "day",
        json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] })
    )));
}

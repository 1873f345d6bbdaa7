//! What a question offers as values of a tool's parameters.

use serde_json::{Value, json};
use toolgen::conversation::Question;
use toolgen::schema::Grounding;

fn narrowed(question: &str, mut schema: Value) -> Value {
    Grounding::new(&question.into()).narrow(&mut schema);
    schema["properties"].take()
}

#[test]
fn texts_are_spans_of_the_question() {
    let city = json!({ "properties": { "city": { "type": "string", "maxLength": 12 } }, "required": ["city"] });
    let values = narrowed("Is New York's weather (or Zürich’s) ok?", city)["city"]["enum"].take();
    for expected in ["New York", "York", "Zürich", "ok", "ok?"] {
        assert!(
            values.as_array().unwrap().contains(&json!(expected)),
            "{expected} is not in {values}"
        );
    }
    assert!(
        values
            .as_array()
            .unwrap()
            .iter()
            .all(|value| value.as_str().unwrap().chars().count() <= 12)
    );
}

#[test]
fn long_texts_are_found_between_marks() {
    let text = json!({ "properties": { "text": { "type": "string", "maxLength": 400 } }, "required": ["text"] });
    let long = "one two three four five six seven eight nine ten, eleven twelve";
    for question in [
        format!("Reverse \"{long}\" please"),
        format!("reverse: {long}"),
        format!("reverse {long}"),
    ] {
        let values = narrowed(&question, text.clone())["text"]["enum"].take();
        assert!(values.as_array().unwrap().contains(&json!(long)), "{question}");
    }
}

#[test]
fn numbers_are_the_questions_and_within_bounds() {
    let schema = json!({ "properties": {
        "total": { "type": "number", "minimum": 0 },
        "people": { "type": "integer", "minimum": 1, "maximum": 20 },
        "days": { "type": "integer", "minimum": -50 } }, "required": ["total"] });
    let found = narrowed("split 1,064.50 between three, 18% tip", schema.clone());
    assert_eq!(found["total"]["enum"], json!([1064.5, 1, 64.5, 18, 3]));
    assert_eq!(found["people"]["enum"], json!([1, 18, 3]));
    assert_eq!(found["days"]["enum"], json!([1, -1, 18, -18, 3, -3]));
    // Without a number in the question the required one takes nothing, the optional ones go.
    assert_eq!(narrowed("split the bill", schema.clone()), json!({ "total": false }));
    // So does one whose bounds none of the question's numbers keeps.
    assert!(narrowed("split 90 evenly", schema).get("people").is_none());
}

#[test]
fn bounds_of_every_kind_are_kept_and_extremes_named() {
    let schema = json!({ "properties": {
        "price": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100 },
        "step": { "type": "integer", "multipleOf": 5, "minimum": 0, "maximum": 100 },
        "length_minutes": { "type": "integer", "minimum": 0 } } });
    let found = narrowed("0 to 100 in steps of 25 or 7 for an hour and a half", schema.clone());
    assert_eq!(found["price"]["enum"], json!([25, 7, 0.5]));
    assert_eq!(found["step"]["enum"], json!([0, 100, 25, 50]));
    assert_eq!(found["length_minutes"]["enum"], json!([0, 100, 25, 7, 90]));
    assert_eq!(narrowed("turn it up fully", schema)["step"]["enum"], json!([100]));
}

#[test]
fn addresses_and_times_are_the_questions() {
    let now = "2026-05-14T09:30".parse().ok();
    let question = |text: &str| Question { now, ..text.into() };
    let mut schema = json!({ "properties": {
        "mail": { "type": "string", "format": "email" }, "link": { "type": "string", "format": "uri" },
        "id": { "type": "string", "format": "uuid" }, "length": { "type": "string", "format": "duration" },
        "time": { "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" },
        "day": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" },
        "at": { "type": "string", "format": "date-time" }, "full": { "type": "string", "format": "time" },
        "who": { "type": "object", "required": ["mail"], "properties": {
            "mail": { "type": "string", "format": "email" } } } } });
    let mut none = schema.clone();
    Grounding::new(&question(
        "Mail ana@example.org (https://example.org/a?b=1) tomorrow at half past two for 90 minutes",
    ))
    .narrow(&mut schema);
    let values = |name: &str| schema["properties"][name]["enum"].clone();
    assert_eq!(values("mail"), json!(["ana@example.org"]));
    assert!(values("link").as_array().unwrap().contains(&json!("https://example.org/a?b=1")));
    assert_eq!(values("length"), json!(["PT1H30M"]));
    assert_eq!(values("time")[0], "14:30");
    assert_eq!(values("day"), json!(["2026-05-15"]));
    assert_eq!(values("at")[0], "2026-05-15T14:30:00");
    assert_eq!(values("full")[0], "14:30:00");
    assert_eq!(
        schema["properties"]["who"]["properties"]["mail"]["enum"],
        json!(["ana@example.org"])
    );
    assert!(schema["properties"].get("id").is_none());
    Grounding::new(&question("Write to her")).narrow(&mut none);
    assert_eq!(none["properties"], json!({}), "nothing is invented");
}

#[test]
fn times_have_the_offset_that_the_clock_has_then() {
    let schema = json!({ "properties": {
        "at": { "type": "string", "format": "date-time" }, "time": { "type": "string", "format": "time" } } });
    let berlin = json!([
        ["2026-01-01T00:00", "+01:00"],
        ["2026-03-29T03:00", "+02:00"],
        ["2026-10-25T03:00", "+01:00"],
        ["2027-01-01T00:00", "+01:00"]
    ]);
    let values = |name: &str, offsets: &Value, text: &str| {
        let earlier = json!([{ "text": "a", "call": { "name": "b", "arguments": {
            "at": "2026-05-20T10:00:00+02:00", "time": "10:20:30Z" } } }]);
        let question = json!({ "text": text, "now": "2026-10-24T09:30", "offsets": offsets, "before": earlier });
        let mut schema = schema.clone();
        let question: Question = serde_json::from_value(question).unwrap();
        Grounding::new(&question).narrow(&mut schema);
        schema["properties"][name]["enum"].take()
    };
    let at = |offsets: &Value, text: &str| values("at", offsets, text);
    assert_eq!(at(&berlin, "today at 5 pm")[0], "2026-10-24T17:00:00+02:00");
    assert_eq!(at(&berlin, "on Monday at 5 pm")[0], "2026-10-26T17:00:00+01:00");
    assert_eq!(at(&json!([]), "on Monday at 5 pm")[0], "2026-10-26T17:00:00");
    let earlier = at(&berlin, "then");
    assert!(earlier.as_array().unwrap().contains(&json!("2026-05-20T10:00:00+02:00")), "{earlier}");
    assert_eq!(values("time", &berlin, "at 7:15 pm"), json!(["19:15:00+02:00", "10:20:30Z"]));
    assert_eq!(values("time", &berlin, "tomorrow at 5 pm")[0], "17:00:00+01:00");
    assert_eq!(values("time", &json!([]), "at noon")[0], "12:00:00");
}

#[test]
fn a_list_is_no_longer_than_the_question() {
    let list = json!({ "properties": { "items": { "type": "array", "maxItems": 50, "items": { "type": "string" } } } });
    assert_eq!(narrowed("sort fig,plum, kiwi", list)["items"]["maxItems"], 4);
}

#[test]
fn a_sign_before_a_number_is_its_own() {
    let schema = json!({ "properties": {
        "temperature": { "type": "number", "minimum": -90 }, "wind": { "type": "number", "minimum": 0 } } });
    let found = narrowed("-8 C, wind 20-30 km/h", schema);
    assert_eq!(found["temperature"]["enum"], json!([-8, 20, -20, 30, -30]));
    assert_eq!(found["wind"]["enum"], json!([8, 20, 30]));
}

#[test]
fn dates_and_names_are_the_questions() {
    let schema = json!({ "properties": {
        "date": { "type": "string", "format": "date" },
        "owner": { "type": "string", "pattern": "^[A-Za-z0-9-]{1,39}$" },
        "domain": { "type": "string", "pattern": "^[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+$" },
        "month": { "type": "string", "pattern": "^[0-9]{2}$" } } });
    let found = narrowed("commits to rust-lang/cargo (crates.io) on 3 May 2024", schema.clone());
    assert_eq!(found["domain"]["enum"], json!(["crates.io"]));
    assert_eq!(found["date"]["enum"], json!(["2024-05-03"]));
    let owners = found["owner"]["enum"].as_array().unwrap();
    assert!(owners.contains(&json!("rust-lang")) && !owners.contains(&json!("rust-lang/cargo")));
    assert_eq!(found["month"], schema["properties"]["month"]);
}

#[test]
fn what_a_question_lacks_is_named() {
    let schema = json!({ "required": ["total", "date", "owner", "text", "unit", "count"], "properties": {
        "total": { "type": "number" }, "date": { "type": "string", "format": "date" },
        "owner": { "type": "string", "pattern": "^[0-9]{1,9}$" }, "text": { "type": "string" },
        "unit": { "enum": ["km"] }, "count": { "type": "integer", "default": 1 }, "more": { "type": "number" } } });
    let lacking = |question: &str| Grounding::new(&question.into()).lacking(&schema);
    assert_eq!(lacking("split the bill"), ["total", "date", "owner"]);
    assert_eq!(lacking("split 20 on 2024-05-03 with 7"), [""; 0]);
    assert!(Grounding::new(&"x".into()).lacking(&json!({ "required": ["a"] })).is_empty());
}

#[test]
fn other_forms_stay() {
    let schema = json!({ "required": ["date"], "properties": {
        "unit": { "enum": ["km"] }, "date": { "type": "string", "format": "date" },
        "code": { "type": "string", "pattern": "^[A-Z]{2}$" } } });
    let mut expected = schema["properties"].clone();
    expected["date"] = json!(false);
    assert_eq!(narrowed("in 3 km", schema), expected);
}

#[test]
fn codes_are_those_of_the_names_that_the_question_says() {
    let code = |description: &str, more: Value| {
        let mut schema = json!({ "type": "string", "description": description });
        schema.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        schema
    };
    let schema = json!({ "required": ["country"], "properties": {
        "country": code("two-letter ISO 3166 code", json!({ "pattern": "^[A-Z]{2}$" })),
        "to": code("Target currency (e.g., USD, EUR)", json!({})),
        "lang": code("The language code (ISO 639-1)", json!({})) } });
    let found = narrowed("what's 20 quid in mongolian tugriks, in french?", schema.clone());
    assert_eq!(found["country"]["enum"], json!(["FR", "MN"]));
    assert_eq!(found["to"]["enum"], json!(["GBP", "MNT"]));
    assert_eq!(found["lang"]["enum"], json!(["fr", "mn", "en"]));
    // Where none is named the model may know the country of a town; without a pattern its words are offered.
    let found = narrowed("holidays in Oslo", schema.clone());
    assert_eq!(found["country"], schema["properties"]["country"]);
    assert!(found["to"]["enum"].as_array().unwrap().contains(&json!("Oslo")));
    let listed = json!({ "properties": { "currency": { "enum": ["EUR", "USD", "ZAR"] }, "size": { "enum": ["S", "M"] } } });
    assert_eq!(narrowed("show me rand please", listed.clone())["currency"]["enum"], json!(["ZAR"]));
    assert_eq!(narrowed("show me kroner", listed.clone()), listed["properties"]);
}

#[test]
fn a_year_that_is_counted_from_now_is_a_number() {
    let mut schema = json!({ "properties": { "year": { "type": "integer", "minimum": 1900 } } });
    let now = "2026-05-14T09:30".parse().ok();
    Grounding::new(&Question { now, .."holidays in India next year".into() }).narrow(&mut schema);
    assert_eq!(schema["properties"]["year"]["enum"], json!([2027]));
}

#[test]
fn amounts_are_in_the_units_that_a_tool_counts() {
    let schema = json!({ "properties": {
        "radius_m": { "type": "integer" }, "amount": { "type": "number", "description": "in millilitres" },
        "daysBefore": { "type": "integer" }, "warrantyMonths": { "type": "integer" },
        "percent": { "type": "integer", "minimum": 5, "maximum": 100 }, "to_base": { "type": "integer" } } });
    let offers = |question: &str, name: &str, value: i64| {
        let found = narrowed(question, schema.clone());
        let values = found[name]["enum"].as_array().cloned().unwrap_or_default();
        values.iter().any(|found| found.as_f64() == Some(value as f64))
    };
    for (question, name, value) in [
        ("anything within 3 km", "radius_m", 3000),
        ("half a litre", "amount", 500),
        ("a week ahead, please", "daysBefore", 7),
        ("with 2 years of warranty", "warrantyMonths", 24),
        ("three quarters down", "percent", 75),
        ("42 in binary", "to_base", 2),
    ] {
        assert!(offers(question, name, value), "{question}");
    }
    assert!(!offers("42 in binary", "radius_m", 2));
}

#[test]
fn dates_and_times_have_the_form_that_a_description_writes_out() {
    let text = |description: &str| json!({ "type": "string", "description": description });
    let mut schema = json!({ "properties": {
        "from": text("The start date (e.g., YYYY-MM-DD)"), "to": text("End date in DD/MM/YYYY format"),
        "time": text("Time of day, HH:MM"), "at": text("formatted as YYYY-MM-DD HH:MM:SS"),
        "clock": { "type": "string", "description": "HH:MM", "pattern": "^[0-2][0-9]:[0-5][0-9]$" },
        "place": text("Where") } });
    let now = "2026-05-14T09:30".parse().ok();
    let mut none = schema.clone();
    Grounding::new(&Question { now, .."meet me tomorrow at half past two".into() })
        .narrow(&mut schema);
    let first = |name: &str| schema["properties"][name]["enum"][0].clone();
    assert_eq!(first("from"), "2026-05-15");
    assert_eq!(first("to"), "15/05/2026");
    assert_eq!(first("time"), "14:30");
    assert_eq!(first("clock"), "14:30");
    assert_eq!(first("at"), "2026-05-15 14:30:00");
    Grounding::new(&Question { now, .."meet me".into() }).narrow(&mut none);
    let names: Vec<&String> = none["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["place"], "nothing is invented");
}

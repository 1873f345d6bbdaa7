//! Argument values from the question's own words.
//!
//! What people want done is in what they say: more than 99 % of the catalogue's labelled calls can be
//! written with values of their questions. A small model that was not trained on a tool
//! copies badly (Budapest becomes the Bergen of an example), so before arguments are generated the
//! schema is narrowed, never widened: a free text must be a span of the question, a number one of its
//! numbers, a date, a time or an address one that it names. A text with a `pattern` that a span of the question
//! has must be such a span, unless the pattern is one of codes ("Germany" is `DE`) or of a notation ("half" is
//! `1/2`). Other forms than the question's stay as they are.

mod extremes;
mod narrowed;
mod numbers;
mod quantities;
mod spans;
mod unit;

use std::collections::BTreeSet;

use regex::RegexBuilder;
use serde_json::{Value, json};

use super::form::{Form, MAX_PATTERN, is_like};
use super::scalar::is_multiple;
use super::written_form::Written;
use crate::conversation::Question;
use crate::time::{self, Meaning, Mention, Moment, Offset, Offsets, mentions};
use extremes::Extremes;
use numbers::{Number, numbers};
use quantities::quantities;
use spans::{is_separator, spans, words};
use unit::{Dimension, Unit};

/// What a question offers as values.
#[derive(Default)]
pub struct Grounding {
    /// The question, the turns before it and the values of their calls, a line each.
    said: String,
    spans: BTreeSet<String>,
    numbers: Vec<Number>,
    /// In seconds.
    durations: Vec<u64>,
    quantities: Vec<(Dimension, f64)>,
    dates: Vec<String>,
    times: Vec<String>,
    /// With seconds and offset.
    full_times: Vec<String>,
    date_times: Vec<String>,
    /// Of the person's time zone; `full_times` and `date_times` have them.
    offsets: Offsets,
    extremes: Extremes,
    /// Bases of number systems.
    bases: Vec<f64>,
    not_said: bool,
    /// How many words there are, parts of words between slashes, dashes and commas counted.
    words: u64,
}

impl Grounding {
    /// Collects what `question` and the turns before it offer; times are counted from its `now`.
    pub fn new(question: &Question) -> Self {
        let mut offered = Self { offsets: question.offsets.clone(), ..Self::default() };
        offered.add_words(&question.text);
        offered.add_times(&question.said().0, question.now);
        for turn in question.before.iter().rev() {
            offered.add_words(&turn.text);
            turn.call.arguments.values().for_each(|value| offered.add_value(value));
        }
        offered
    }

    /// With "not said" at every required property, for models that were trained to say so. Without it, it is said
    /// where the question offers nothing.
    pub fn with_not_said(self, not_said: bool) -> Self {
        Self { not_said, ..self }
    }

    fn add_words(&mut self, text: &str) {
        self.add_line(text);
        self.spans.extend(spans(text));
        self.numbers.extend(numbers(text));
        self.quantities.extend(quantities(text));
        self.extremes.add(text);
        self.bases.extend(bases(text));
        self.words += words(text, is_separator).len() as u64;
    }

    fn add_line(&mut self, text: &str) {
        self.said.push_str(text);
        self.said.push('\n');
    }

    fn add_times(&mut self, said: &str, now: Option<Moment>) {
        let mentions = mentions(said, now);
        self.durations.extend(mentions.iter().filter_map(|mention| match mention.meaning {
            Meaning::Duration { seconds } => Some(seconds),
            _ => None,
        }));
        self.dates = time::dates(said, &mentions, now);
        self.numbers.extend(mentions.iter().filter_map(whole_year).map(Number::from));
        self.times = time::times(said, &mentions, now);
        let date_times = time::date_times(said, &mentions, now);
        let full_time = |time: &String| self.full_time(time, &date_times, now);
        self.full_times = self.times.iter().map(full_time).collect();
        self.date_times = date_times.into_iter().map(|text| self.with_offset(text)).collect();
    }

    /// A time as RFC 3339 writes it, with the offset of the day that is said beside it, else of today; without one where
    /// that is not known.
    fn full_time(&self, time: &str, date_times: &[String], now: Option<Moment>) -> String {
        let full = format!("{time}:00");
        let said = date_times.iter().find(|text| text.ends_with(&format!("T{full}"))).cloned();
        let moment = said.or_else(|| Some(format!("{}T{full}", now?.date)));
        let offset = moment.and_then(|text| self.offsets.at(text.parse().ok()?));
        full + &offset.map(|offset| offset.to_string()).unwrap_or_default()
    }

    /// A date with its time, with the offset that the person's clock has then, if that is known: what RFC 3339, and
    /// with it the format `date-time`, wants.
    fn with_offset(&self, text: String) -> String {
        let offset = text.parse().ok().and_then(|moment| self.offsets.at(moment));
        offset.map_or(text.clone(), |offset| format!("{text}{offset}"))
    }

    /// A value of an earlier call may be meant again.
    fn add_value(&mut self, value: &Value) {
        match value {
            Value::Number(number) => self.numbers.extend(Number::of_json(number)),
            Value::Array(items) => items.iter().for_each(|item| self.add_value(item)),
            Value::Object(entries) => entries.values().for_each(|entry| self.add_value(entry)),
            Value::String(text) => {
                self.add_line(text);
                self.spans.insert(text.clone());
                // What JavaScript has no number for comes as its digits.
                self.numbers.extend(Number::read(text).filter(|number| !number.is_safe()));
                for (form, known) in [
                    ("09:30", &mut self.times),
                    ("09:30:00", &mut self.full_times),
                    ("2026-05-14", &mut self.dates),
                    ("2026-05-14T09:30:00", &mut self.date_times),
                ] {
                    let (said, offset) = text.split_at_checked(form.len()).unwrap_or_default();
                    let has_offset = form.ends_with(":00") && offset.parse::<Offset>().is_ok();
                    if is_like(said, form) && (offset.is_empty() || has_offset) {
                        known.push(text.clone());
                    }
                }
            }
            Value::Bool(_) | Value::Null => {}
        }
    }

    /// What the question offers for a value of a form.
    pub(super) fn values(&self, form: &Form, name: &str, schema: &Value) -> Vec<Value> {
        match *form {
            Form::Number => self.numbers_within(name, schema),
            Form::Text => within(schema, &self.spans),
            Form::Date => within(schema, &self.dates),
            Form::Time => within(schema, &self.times),
            Form::FullTime => within(schema, &self.full_times),
            Form::DateTime => within(schema, &self.date_times),
            Form::Duration => {
                let durations: Vec<String> =
                    self.durations.iter().map(|&seconds| iso_8601(seconds)).collect();
                within(schema, &durations)
            }
            Form::Format(fits) => within(schema, self.spans.iter().filter(|span| fits(span))),
            Form::Pattern(pattern) => self.spans_like(pattern, schema),
            Form::Written(form) => {
                let said = match form.kind() {
                    Written::Date => &self.dates,
                    Written::Time => &self.times,
                    Written::DateTime => &self.date_times,
                };
                let mut values: Vec<String> = said.iter().map(|text| form.write(text)).collect();
                values.dedup(); // days of one month
                within(schema, &values)
            }
            Form::Code(list) => list.named_in(&self.said).into_iter().map(Value::from).collect(),
        }
    }

    /// Spans that have the pattern.
    fn spans_like(&self, pattern: &str, schema: &Value) -> Vec<Value> {
        let Ok(pattern) = RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build() else {
            return Vec::new();
        };
        let mut spans = within(schema, &self.spans);
        spans.retain(|span| span.as_str().is_some_and(|span| pattern.is_match(span)));
        spans
    }

    /// Numbers, and amounts in the property's unit, that keep the schema's bounds.
    fn numbers_within(&self, name: &str, schema: &Value) -> Vec<Value> {
        let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
        let least = bound("minimum").or(bound("exclusiveMinimum")).unwrap_or(f64::NEG_INFINITY);
        let whole = schema.get("type").is_some_and(|kind| kind == "integer");
        let fits = |number: &Number| {
            let value = number.value();
            bound("minimum").is_none_or(|least| value >= least)
                && bound("maximum").is_none_or(|most| value <= most)
                && bound("exclusiveMinimum").is_none_or(|least| value > least)
                && bound("exclusiveMaximum").is_none_or(|most| value < most)
                && bound("multipleOf").is_none_or(|step| is_multiple(value, step))
                && (!whole || value.fract() == 0.0)
        };
        // "100 days before" is −100 where a tool takes negative numbers; "−8" is no 8 there.
        let readings = |number: Number| match (least < 0.0, number.value() < 0.0) {
            (false, true) => vec![number.negated()],
            (false, false) | (true, true) => vec![number],
            (true, false) => vec![number, number.negated()],
        };
        let unit = Unit::of(name, schema);
        let durations = self.durations.iter().map(|&seconds| (Dimension::Time, seconds as f64));
        let counts = durations.chain(self.quantities.iter().copied()).filter_map(|(of, amount)| {
            unit.filter(|unit| unit.dimension == of).map(|unit| Number::from(unit.count(amount)))
        });
        let extremes = self.extremes.values(name, bound("minimum"), bound("maximum"));
        let bases = self.bases.iter().filter(|_| is_base(name)).copied().map(Number::from);
        let numbers = self.numbers.iter().copied().chain(counts).flat_map(readings).chain(bases);
        let mut values: Vec<Value> = Vec::new();
        for number in numbers.chain(extremes.map(Number::from)).filter(fits) {
            if let Some(value) = number.to_json().filter(|value| !values.contains(value)) {
                values.push(value);
            }
        }
        values
    }
}

/// Whether a property is the base of a number system.
fn is_base(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with("base") || name.contains("radix")
}

/// The bases of the number systems that a text names.
fn bases(text: &str) -> impl Iterator<Item = f64> {
    text.split(|c: char| !c.is_alphanumeric()).filter_map(|word| match &word.to_lowercase()[..] {
        "binary" | "bin" => Some(2.0),
        "octal" | "oct" => Some(8.0),
        "decimal" | "denary" => Some(10.0),
        "hexadecimal" | "hex" => Some(16.0),
        _ => None,
    })
}

/// The number of a whole year: "this year".
fn whole_year(mention: &Mention) -> Option<f64> {
    let Meaning::Dates(dates) = &mention.meaning else { return None };
    let [first, last, ..] = dates[..] else { return None };
    let is_year = first.to_string().ends_with("-01-01") && last.to_string().ends_with("-12-31");
    (is_year && first.year() == last.year()).then(|| first.year().into())
}

/// The texts that are as long as the schema wants them.
fn within<'a>(schema: &Value, texts: impl IntoIterator<Item = &'a String>) -> Vec<Value> {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
    let (least, most) = (bound("minLength").unwrap_or(1), bound("maxLength").unwrap_or(u64::MAX));
    let fits = |text: &&String| (least..=most).contains(&(text.chars().count() as u64));
    texts.into_iter().filter(fits).map(|text| json!(text)).collect()
}

/// A length of time as `PT1H30M`.
fn iso_8601(seconds: u64) -> String {
    let parts = [(seconds / 3600, 'H'), (seconds / 60 % 60, 'M'), (seconds % 60, 'S')];
    let parts: String =
        parts.iter().filter(|part| part.0 > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    format!("PT{}", if parts.is_empty() { "0S" } else { &parts })
}

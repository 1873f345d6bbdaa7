//! The forms in which a question says a schema's values.

use std::net::{Ipv4Addr, Ipv6Addr};

use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::codes::CodeList;
use super::written_form::{Written, WrittenForm};

/// Largest pattern that is compiled, in bytes of its program.
pub(super) const MAX_PATTERN: usize = 1 << 18;

/// The forms in which a question says values.
#[derive(Clone, Copy)]
pub(super) enum Form<'a> {
    Number,
    Text,
    Date,
    Time,
    DateTime,
    /// A time of day as RFC 3339 writes it, with seconds, and with the offset where it is known.
    FullTime,
    /// A length of time as ISO 8601 writes it.
    Duration,
    /// A text of a `format` that stands in the question as it is.
    Format(fn(&str) -> bool),
    /// A text with a `pattern` that stands in the question as it is.
    Pattern(&'a str),
    /// A code, whose name stands there.
    Code(CodeList),
    /// A date or a time in the form that the description writes out.
    Written(WrittenForm<'a>),
}

impl<'a> Form<'a> {
    /// The form in which a question would say a value; `None` where its form isn't the question's.
    pub fn of(schema: &'a Value) -> Option<Self> {
        let object = schema.as_object()?;
        if ["enum", "const", "anyOf", "oneOf"].iter().any(|keyword| object.contains_key(*keyword)) {
            return None;
        }
        let text = |keyword: &str| object.get(keyword).and_then(Value::as_str);
        let code = || {
            let list = CodeList::of(text("description")?)?;
            let takes = |pattern| is_pattern(pattern, |pattern| pattern.is_match(list.sample()));
            text("pattern").is_none_or(takes).then_some(list)
        };
        let written = || {
            let form = WrittenForm::of(text("description")?)?;
            let sample = form.write(match form.kind() {
                Written::Date => "2026-05-14",
                Written::Time => "09:30",
                Written::DateTime => "2026-05-14T09:30:00",
            });
            let takes = |pattern| is_pattern(pattern, |pattern| pattern.is_match(&sample));
            text("pattern").is_none_or(takes).then_some(form)
        };
        match (text("type"), text("format"), text("pattern")) {
            (Some("number" | "integer"), ..) => Some(Form::Number),
            (Some("string") | None, None, _) if let Some(list) = code() => Some(Form::Code(list)),
            (Some("string") | None, None, _) if let Some(form) = written() => {
                Some(if form.is_rfc_3339() { Form::DateTime } else { Form::Written(form) })
            }
            (Some("string") | None, Some(format), _) => Some(match format {
                "date" => Form::Date,
                "date-time" => Form::DateTime,
                "time" => Form::FullTime,
                "duration" => Form::Duration,
                "email" => Form::Format(is_email),
                "uri" => Form::Format(is_uri),
                "uuid" => Form::Format(is_uuid),
                "ipv4" => Form::Format(|text| text.parse::<Ipv4Addr>().is_ok()),
                "ipv6" => Form::Format(|text| text.parse::<Ipv6Addr>().is_ok()),
                "hostname" => Form::Format(is_hostname),
                _ => return None,
            }),
            (Some("string") | None, None, Some(pattern)) if is_pattern_of(pattern, TIMES) => {
                Some(Form::Time)
            }
            (Some("string") | None, None, Some(pattern)) if is_pattern_of(pattern, DATES) => {
                Some(Form::Date)
            }
            (Some("string") | None, None, Some(pattern)) => {
                is_literal(pattern).then_some(Form::Pattern(pattern))
            }
            (Some("string"), None, None) => Some(Form::Text),
            _ => None,
        }
    }
}

/// Whether a schema has a date or a time of day somewhere in it.
pub fn takes_times(schema: &Value) -> bool {
    let of_list =
        |keyword: &str| schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
    let properties = schema.get("properties").and_then(Value::as_object);
    let is_time = |form| {
        matches!(form, Form::Date | Form::Time | Form::FullTime | Form::DateTime | Form::Written(_))
    };
    Form::of(schema).is_some_and(is_time)
        || schema.get("items").is_some_and(takes_times)
        || ["anyOf", "oneOf", "prefixItems"].into_iter().flat_map(of_list).any(takes_times)
        || properties.is_some_and(|all| all.values().any(takes_times))
}

/// Texts that a pattern of such texts takes, and one that it doesn't.
type Probes = ([&'static str; 2], &'static str);
/// Times of day, `HH:MM`.
const TIMES: Probes = (["09:30", "23:59"], "29:30");
/// Dates, `YYYY-MM-DD`.
const DATES: Probes = (["2026-05-14", "1999-12-31"], "12-05-2026");

fn is_pattern_of(pattern: &str, (taken, refused): Probes) -> bool {
    is_pattern(pattern, |pattern| {
        taken.iter().all(|text| pattern.is_match(text)) && !pattern.is_match(refused)
    })
}

/// Whether a pattern that is small enough to be compiled has the property.
fn is_pattern(pattern: &str, has: impl FnOnce(Regex) -> bool) -> bool {
    RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build().is_ok_and(has)
}

/// Digits that nobody says in other words.
const MIN_ID: usize = 5;
/// Digits of a date, `20260514`, which is said in other words.
const DATE_DIGITS: usize = 8;

/// Whether a pattern is one of texts that stand in the question as they are: a run of characters of any length,
/// digits or small letters among them. Codes are in capitals or of a fixed length, which short ones of digits are too
/// ("May" is `05`); notations have alternatives, options or spaces.
fn is_literal(pattern: &str) -> bool {
    let count = pattern.rsplit_once('{').map_or("", |(_, count)| count);
    if let Some(class) = pattern.strip_prefix('^').and_then(|rest| rest.split_once('{')) {
        let length = class.1.strip_suffix("}$").and_then(|length| length.parse::<usize>().ok());
        if length.is_some_and(|length| length >= MIN_ID && length != DATE_DIGITS) {
            return ["[0-9]", "\\d", "[0-9a-f]", "[a-f0-9]", "[0-9a-fA-F]"].contains(&class.0);
        }
    }
    let is_run = !pattern.contains(['|', ' '])
        && !pattern.contains(")?")
        && (pattern.ends_with("+$") || pattern.ends_with("}$") && count.contains(','));
    is_run && (pattern.contains("0-9") || pattern.contains("a-z"))
}

fn is_email(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "@<>(),;:".contains(c))
    };
    let is_domain = |domain: &str| domain.contains('.') && domain.split('.').all(is_part);
    text.split_once('@').is_some_and(|(name, domain)| is_part(name) && is_domain(domain))
}

/// A name of labels; one alone could be any word.
fn is_hostname(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text == "localhost" || text.contains('.') && text.split('.').all(is_label)
}

fn is_uri(text: &str) -> bool {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && !rest.is_empty()
        && !rest.contains(char::is_whitespace)
}

fn is_uuid(text: &str) -> bool {
    is_like(text, "00000000-0000-0000-0000-000000000000")
}

/// Whether a text has `form`'s marks, and letters or digits where it has digits.
pub(super) fn is_like(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(c, like)| match like {
            b'0'..=b'9' => c.is_ascii_hexdigit(),
            mark => c == mark,
        })
}

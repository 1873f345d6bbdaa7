//! The catalogue's domains: tools with question templates, expanded to tools and labelled questions.
//!
//! A domain file holds `slots` (lists of values; a pair says one thing and means another), `tools`, each
//! with its `train` and `dev` templates, and whole instances for wishes that take several tools or none.
//! Dev questions have templates of their own and, from lists of eight values or more, slot values of
//! their own: every fourth.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::time::Moment;
use crate::tool::{Call, Instance, Tool};
use crate::{Error, Result};

/// Questions that a template with slots becomes.
const TRAIN_EXPANSIONS: usize = 3;
const DEV_EXPANSIONS: usize = 1;
/// Slot lists at least this long are divided between the splits.
const DIVIDED: usize = 8;

/// All tools, and the questions of both splits.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The tools, domain by domain.
    pub tools: Vec<Tool>,
    /// Questions to train on.
    pub train: Vec<Instance>,
    /// Questions to choose by.
    pub dev: Vec<Instance>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Domain {
    #[serde(default)]
    slots: Map<String, Value>,
    tools: Vec<ToolWithQuestions>,
    #[serde(default)]
    train: Vec<Wish>,
    #[serde(default)]
    dev: Vec<Wish>,
}

#[derive(Deserialize)]
struct ToolWithQuestions {
    #[serde(flatten)]
    tool: Tool,
    train: Vec<Question>,
    dev: Vec<Question>,
}

/// A template for the tool that it stands under.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    query: String,
    arguments: Value,
    #[serde(default)]
    now: Option<Moment>,
    #[serde(default)]
    lacks: Vec<String>,
}

/// A template with its calls.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    query: String,
    calls: Value,
    #[serde(default)]
    now: Option<Moment>,
    #[serde(default)]
    lacks: Vec<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Split {
    Train,
    Dev,
}

/// A slot in a template: its name, and which of its values (`{city:2}` differs from `{city}`).
type Slot<'a> = (&'a str, &'a str);

/// What a slot says and what it means.
type SlotValue = (String, Value);

impl Catalogue {
    /// Expands every domain of `folder`, in the order of the file names. The same files give the same
    /// catalogue.
    pub fn read(folder: &Path) -> Result<Self> {
        let io = Error::io(folder);
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .map_err(io)?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        let mut catalogue = Self::default();
        for path in paths {
            catalogue.add(&path)?;
        }
        catalogue.remove_repeats();
        Ok(catalogue)
    }

    fn add(&mut self, path: &Path) -> Result<()> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        let wrong = |line, reason| Error::Dataset { path: path.into(), line, reason };
        let domain: Domain =
            serde_json::from_str(&text).map_err(|error| wrong(error.line(), error.to_string()))?;
        let expand = |wish: &Wish, split, into: &mut Vec<Instance>| {
            expand(&domain.slots, wish, split, into).map_err(|reason| {
                let line =
                    text.lines().position(|line| line.contains(&wish.query)).map_or(0, |at| at + 1);
                wrong(line, format!("`{}`: {reason}", wish.query))
            })
        };
        for entry in &domain.tools {
            for question in &entry.train {
                expand(&question.wish(&entry.tool), Split::Train, &mut self.train)?;
            }
            for question in &entry.dev {
                expand(&question.wish(&entry.tool), Split::Dev, &mut self.dev)?;
            }
        }
        for wish in &domain.train {
            expand(wish, Split::Train, &mut self.train)?;
        }
        for wish in &domain.dev {
            expand(wish, Split::Dev, &mut self.dev)?;
        }
        self.tools.extend(domain.tools.into_iter().map(|entry| entry.tool));
        Ok(())
    }

    /// Drops questions that stand twice, and training questions whose words a dev question has.
    fn remove_repeats(&mut self) {
        let mut seen = HashSet::new();
        self.dev.retain(|instance| seen.insert(instance.query.clone()));
        let words: HashSet<String> =
            self.dev.iter().map(|instance| words(&instance.query)).collect();
        self.train.retain(|instance| {
            !words.contains(&self::words(&instance.query)) && seen.insert(instance.query.clone())
        });
    }
}

/// The words of a question, without numbers, marks and case.
fn words(query: &str) -> String {
    let words = query.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

impl Question {
    fn wish(&self, tool: &Tool) -> Wish {
        let calls = serde_json::json!([{ "name": tool.name, "arguments": self.arguments }]);
        Wish { query: self.query.clone(), calls, now: self.now, lacks: self.lacks.clone() }
    }
}

fn expand(
    slots: &Map<String, Value>,
    Wish { query, calls, now, lacks }: &Wish,
    split: Split,
    into: &mut Vec<Instance>,
) -> Result<(), String> {
    // Its values follow from a template alone: another template beside it changes nothing.
    let hash: [u8; 32] = Sha256::digest(query).into();
    let mut random = StdRng::from_seed(hash);
    let mut names: Vec<Slot> = Vec::new();
    slots_in(query, calls, &mut names);
    names.sort_unstable();
    names.dedup();
    let count = match (names.is_empty(), split) {
        (true, _) => 1,
        (false, Split::Train) => TRAIN_EXPANSIONS,
        (false, Split::Dev) => DEV_EXPANSIONS,
    };
    for _ in 0..count {
        let mut chosen: Vec<(Slot, SlotValue)> = Vec::new();
        for &slot in &names {
            let values = slots.get(slot.0).and_then(Value::as_array);
            let values = values.ok_or_else(|| format!("there is no slot list `{}`", slot.0))?;
            let open: Vec<SlotValue> = values
                .iter()
                .enumerate()
                .filter(|(index, _)| {
                    values.len() < DIVIDED || (index % 4 == 3) == (split == Split::Dev)
                })
                .map(|(_, value)| slot_value(value))
                .filter(|value| {
                    !chosen.iter().any(|(other, used)| other.0 == slot.0 && used == value)
                })
                .collect();
            let value = open
                .choose(&mut random)
                .ok_or_else(|| format!("`{}` has too few values", slot.0))?;
            chosen.push((slot, value.clone()));
        }
        let calls: Vec<Call> =
            serde_json::from_value(fill(calls, &chosen)).map_err(|error| error.to_string())?;
        into.push(Instance {
            query: fill_text(query, &chosen),
            calls,
            now: *now,
            lacks: lacks.clone(),
            then: None,
        });
    }
    Ok(())
}

fn slot_value(value: &Value) -> SlotValue {
    match value.as_array().map(Vec::as_slice) {
        Some([said, meant]) => (plain(said), meant.clone()),
        _ => (plain(value), value.clone()),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A template in pieces: text, or (`Ok`) a slot. Braces around anything else are text.
fn pieces(template: &str) -> impl Iterator<Item = Result<Slot<'_>, &str>> + '_ {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((slot, after)) = leading_slot(rest) {
            rest = after;
            return Some(Ok(slot));
        }
        let end =
            rest.char_indices().skip(1).find(|&(_, c)| c == '{').map_or(rest.len(), |(at, _)| at);
        let (text, after) = rest.split_at(end);
        rest = after;
        Some(Err(text))
    })
}

/// `{name}` or `{name:2}` at the beginning, and what follows.
fn leading_slot(text: &str) -> Option<(Slot<'_>, &str)> {
    let (inside, after) = text.strip_prefix('{')?.split_once('}')?;
    let (name, which) = inside.split_once(':').unwrap_or((inside, ""));
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(((name, which), after))
}

/// The value chosen for a slot of the question.
fn value_of<'a>(slot: Slot, chosen: &'a [(Slot, SlotValue)]) -> &'a SlotValue {
    let found = chosen.iter().find(|(other, _)| *other == slot);
    &found.expect("every slot of a template has a value").1
}

fn fill_text(template: &str, chosen: &[(Slot, SlotValue)]) -> String {
    let said = |piece| match piece {
        Ok(slot) => value_of(slot, chosen).0.as_str(),
        Err(text) => text,
    };
    pieces(template).map(said).collect()
}

/// Slots in the strings of `template`: a string that is a slot becomes the slot's value.
fn fill(template: &Value, chosen: &[(Slot, SlotValue)]) -> Value {
    match template {
        Value::String(text) => match leading_slot(text) {
            Some((slot, "")) => value_of(slot, chosen).1.clone(),
            _ => {
                let meant = |piece| match piece {
                    Ok(slot) => plain(&value_of(slot, chosen).1),
                    Err(text) => str::to_owned(text),
                };
                Value::String(pieces(text).map(meant).collect())
            }
        },
        Value::Array(items) => items.iter().map(|item| fill(item, chosen)).collect(),
        Value::Object(entries) => {
            let entry = |(key, value): (&String, &Value)| (key.clone(), fill(value, chosen));
            Value::Object(entries.iter().map(entry).collect())
        }
        other => other.clone(),
    }
}

/// The slots of a template and, in `calls`, of its strings.
fn slots_in<'a>(query: &'a str, calls: &'a Value, found: &mut Vec<Slot<'a>>) {
    found.extend(pieces(query).filter_map(Result::ok));
    match calls {
        Value::String(text) => found.extend(pieces(text).filter_map(Result::ok)),
        Value::Array(items) => items.iter().for_each(|item| slots_in("", item, found)),
        Value::Object(entries) => entries.values().for_each(|value| slots_in("", value, found)),
        _ => {}
    }
}

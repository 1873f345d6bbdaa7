//! Tools and example questions as JSON Lines.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Arguments, Tool};
use crate::{Error, Result};

/// A question and the calls that answer it; no call when no tool fits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// The question in a person's words.
    pub query: String,
    /// The right calls.
    pub calls: Vec<Call>,
}

/// A tool and its arguments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The tool's name.
    pub name: String,
    /// Its arguments; `null` where a data set has no labels for them.
    pub arguments: Option<Arguments>,
}

/// Reads `tools.jsonl`; names must be unique.
pub fn read_tools(path: &Path) -> Result<Vec<Tool>> {
    let tools: Vec<Tool> = read_lines(path)?;
    let mut names = std::collections::HashSet::new();
    for (index, tool) in tools.iter().enumerate() {
        if !names.insert(&tool.name) {
            let reason = format!("the tool `{}` stands twice", tool.name);
            return Err(Error::Dataset { path: path.into(), line: index + 1, reason });
        }
    }
    Ok(tools)
}

/// Reads instances such as `train.jsonl`.
pub fn read_instances(path: &Path) -> Result<Vec<Instance>> {
    read_lines(path)
}

fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(line, json)| {
            let wrong = |error: serde_json::Error| Error::Dataset {
                path: path.into(),
                line,
                reason: error.to_string(),
            };
            serde_json::from_str(json).map_err(wrong)
        })
        .collect()
}

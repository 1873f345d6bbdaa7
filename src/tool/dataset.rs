//! Tools and example questions as JSON Lines, and apps: tools with questions of their own.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Arguments, Tool};
use crate::time::Moment;
use crate::{Error, Result};

/// A question and the calls that answer it; no call when no tool fits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// The question in a person's words.
    pub query: String,
    /// The right calls.
    pub calls: Vec<Call>,
    /// The local time that "tomorrow" is counted from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Moment>,
    /// Required arguments that were not said and are to be asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// What is said next; it is understood only from this question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Box<Self>>,
}

/// Tools that belong together, and what people say to them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct App {
    /// Its name.
    pub app: String,
    /// Its tools; only these compete for its questions.
    pub tools: Vec<Tool>,
    /// Its questions.
    pub questions: Vec<Instance>,
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

/// Reads apps: the file at `path`, one app a line, or every `*.json` of a folder, one app a file, in the order of
/// their names.
pub fn read_apps(path: &Path) -> Result<Vec<App>> {
    if !path.is_dir() {
        return read_lines(path);
    }
    let entries = std::fs::read_dir(path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let entries = entries.map_err(Error::io(path))?;
    let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let read = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).map_err(Error::io(&file))?;
        serde_json::from_str(&text).map_err(|error| Error::Dataset {
            line: error.line(),
            reason: error.to_string(),
            path: file,
        })
    };
    files.into_iter().map(read).collect()
}

pub(crate) fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(line, json)| {
            serde_json::from_str(json).map_err(|error: serde_json::Error| {
                // The line is the file's, named beside it.
                let mut reason = error.to_string().replace(" at line 1 column", ", column");
                if json.trim_start().starts_with('[') {
                    reason += "; JSON Lines have one object a line, and no list around them";
                }
                Error::Dataset { path: path.into(), line, reason }
            })
        })
        .collect()
}

//! Reports on disk: what was evaluated, and its figures, in one JSON file a run.

use std::path::Path;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::apps::AppsReport;
use super::report::Report;
use super::visitors::VisitorsReport;
use crate::{Error, Result};

/// A report with its header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The data set's name.
    pub set: String,
    /// What was evaluated, in a few words.
    pub method: String,
    /// Which part of the data set's questions: `all`, `seen`, `unseen`, or the name of a list.
    pub split: String,
    /// Questions of that part, of which `instances` were evaluated.
    pub questions: usize,
    /// The seed of training, where something was trained with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Its steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// The comparison that the run belongs to; by default, that of methods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study: Option<Study>,
    /// How tools become tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indexing: Option<String>,
    /// The checkpoint's name and its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<CheckpointFile>,
    /// Share of questions for which free generation names no tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hallucinated_unconstrained: Option<f64>,
    /// The same under the trie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hallucinated_constrained: Option<f64>,
    /// The figures.
    #[serde(flatten)]
    pub report: Report,
}

/// A comparison along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Study {
    /// How tools become tokens.
    Indexing,
    /// How many tools are in the choice.
    Scale,
    /// How weights are stored.
    Quantization,
}

/// Which checkpoint a model was evaluated with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointFile {
    /// The file's name without its extension.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// A report on apps, with its header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppsRecord {
    /// The data set's name.
    pub set: String,
    /// What was evaluated, in a few words.
    pub method: String,
    /// The checkpoint's name and its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<CheckpointFile>,
    /// The figures.
    pub apps: AppsReport,
}

/// A report on what visitors ask, with its header.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitorsRecord {
    /// The data set's name.
    pub set: String,
    /// What was evaluated, in a few words.
    pub method: String,
    /// The checkpoint's name and its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<CheckpointFile>,
    /// The figures.
    pub visitors: VisitorsReport,
}

/// All reports of a folder, in the order of their paths.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// On data sets.
    pub sets: Vec<Record>,
    /// On apps.
    pub apps: Vec<AppsRecord>,
    /// On what visitors ask.
    pub visitors: Vec<VisitorsRecord>,
}

/// Which of them a file holds.
#[derive(Deserialize)]
struct Kind {
    apps: Option<IgnoredAny>,
    visitors: Option<IgnoredAny>,
}

/// Writes a report to `path`, making its folder.
pub fn write(record: &impl Serialize, path: &Path) -> Result<()> {
    let io = Error::io(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    let text = serde_json::to_string_pretty(record).expect("plain data serializes");
    std::fs::write(path, text + "\n").map_err(io)
}

impl Records {
    /// Reads all `*.json` of `folder` and of the folders in it, in the order of their paths.
    pub fn read_all(folder: &Path) -> Result<Self> {
        let mut paths = Vec::new();
        let mut folders = vec![folder.to_path_buf()];
        while let Some(folder) = folders.pop() {
            let io = Error::io(&folder);
            for entry in std::fs::read_dir(&folder).map_err(io)? {
                let path = entry.map_err(io)?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "json") {
                    paths.push(path);
                }
            }
        }
        paths.sort();
        let mut records = Self::default();
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
            records.add(&text).map_err(|error| Error::Dataset {
                path,
                line: error.line(),
                reason: error.to_string(),
            })?;
        }
        Ok(records)
    }

    fn add(&mut self, text: &str) -> serde_json::Result<()> {
        match serde_json::from_str(text)? {
            Kind { apps: Some(_), .. } => self.apps.push(serde_json::from_str(text)?),
            Kind { visitors: Some(_), .. } => self.visitors.push(serde_json::from_str(text)?),
            Kind { .. } => self.sets.push(serde_json::from_str(text)?),
        }
        Ok(())
    }
}

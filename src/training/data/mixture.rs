//! What is trained on: data sets with weights, read from a mixture file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rand::Rng;
use rand::rngs::StdRng;
use serde::Deserialize;

use super::hold_out::held_out;
use crate::tool::dataset::{read_instances, read_tools};
use crate::tool::{Instance, Tool};
use crate::{Error, Result};

/// A data set as a mixture file names it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// What logs call it.
    pub name: String,
    /// Its tools (JSON Lines).
    pub tools: PathBuf,
    /// Its labelled questions; none for documents alone.
    #[serde(default)]
    pub questions: Vec<PathBuf>,
    /// How often it is drawn, relative to the others.
    pub weight: f64,
    /// Whether one tool in ten is kept from training ([`held_out`]).
    #[serde(default)]
    pub hold_out: bool,
}

/// A data set in memory.
pub struct Source {
    /// What logs call it.
    pub name: String,
    /// All its tools, held-out ones too.
    pub tools: Vec<Tool>,
    /// Whether training may see each tool.
    pub visible: Vec<bool>,
    /// Questions with the indices of their tools; held-out tools' questions are left out.
    pub questions: Vec<(Instance, Vec<usize>)>,
    /// Cumulative weights of the questions: those of rare tools come more often than their share.
    cumulative: Vec<f64>,
    weight: f64,
}

/// Data sets to draw from.
pub struct Mixture {
    /// The data sets, in the file's order.
    pub sources: Vec<Source>,
}

impl Mixture {
    /// Reads the data sets that the file at `path`, a JSON list of [`SourceConfig`], names.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
        let configs: Vec<SourceConfig> = serde_json::from_str(&text).map_err(|error| {
            Error::Dataset { path: path.into(), line: error.line(), reason: error.to_string() }
        })?;
        let sources = configs.into_iter().map(Source::read).collect::<Result<_>>()?;
        Ok(Self { sources })
    }

    /// Draws a data set by weight.
    pub fn draw(&self, random: &mut StdRng) -> usize {
        let total: f64 = self.sources.iter().map(|source| source.weight).sum();
        let mut at = random.random::<f64>() * total;
        for (index, source) in self.sources.iter().enumerate() {
            at -= source.weight;
            if at < 0.0 {
                return index;
            }
        }
        self.sources.len() - 1
    }
}

impl Source {
    fn read(config: SourceConfig) -> Result<Self> {
        let tools = read_tools(&config.tools)?;
        let visible: Vec<bool> =
            tools.iter().map(|tool| !(config.hold_out && held_out(&tool.name))).collect();
        let index: HashMap<&str, usize> =
            tools.iter().map(|tool| tool.name.as_str()).zip(0..).collect();
        let mut questions = Vec::new();
        for path in &config.questions {
            for (line, instance) in (1..).zip(read_instances(path)?) {
                let find = |name: &str| {
                    index.get(name).copied().ok_or_else(|| Error::Dataset {
                        path: path.clone(),
                        line,
                        reason: format!(
                            "calls `{name}`, which {} does not hold",
                            config.tools.display()
                        ),
                    })
                };
                let calls: Vec<usize> =
                    instance.calls.iter().map(|call| find(&call.name)).collect::<Result<_>>()?;
                if calls.iter().all(|&tool| visible[tool]) {
                    questions.push((instance, calls));
                }
            }
        }
        let mut counts: HashMap<&[usize], usize> = HashMap::new();
        questions.iter().for_each(|(_, calls)| *counts.entry(calls).or_default() += 1);
        let mut total = 0.0;
        let cumulative = questions
            .iter()
            .map(|(_, calls)| {
                total += (counts[calls.as_slice()] as f64).powf(-0.5);
                total
            })
            .collect();
        let (name, weight) = (config.name, config.weight);
        Ok(Self { name, tools, visible, questions, cumulative, weight })
    }

    /// Draws a question; `None` where there are documents alone.
    pub fn draw_question(&self, random: &mut StdRng) -> Option<&(Instance, Vec<usize>)> {
        let at = random.random::<f64>() * self.cumulative.last()?;
        let index = self.cumulative.partition_point(|&end| end <= at);
        self.questions.get(index.min(self.questions.len() - 1))
    }

    /// Draws a tool that training may see.
    pub fn draw_tool(&self, random: &mut StdRng) -> usize {
        loop {
            let tool = random.random_range(0..self.tools.len());
            if self.visible[tool] {
                return tool;
            }
        }
    }
}

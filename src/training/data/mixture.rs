//! What is trained on: data sets with weights, read from a mixture file.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use rand::Rng;
use rand::rngs::StdRng;
use serde::Deserialize;

use super::hold_out::held_out;
use crate::tool::dataset::{App, read_apps, read_instances, read_tools};
use crate::tool::{Instance, Tool};
use crate::{Error, Result};

/// A data set as a mixture file names it: tools with questions, or apps, each of which is drawn equally often.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// What logs call it.
    pub name: String,
    /// Its tools (JSON Lines).
    #[serde(default)]
    pub tools: Option<PathBuf>,
    /// Its labelled questions; none for documents alone.
    #[serde(default)]
    pub questions: Vec<PathBuf>,
    /// Apps in place of these, each a data set of its own.
    #[serde(default)]
    pub apps: Vec<PathBuf>,
    /// How often it is drawn, relative to the others.
    pub weight: f64,
    /// Whether one tool in ten is kept from training ([`held_out`]).
    #[serde(default)]
    pub hold_out: bool,
    /// A list of tools that are kept from training, a name a line.
    #[serde(default)]
    pub without: Option<PathBuf>,
    /// Whether a question's label names every tool of the set that fits it, so that the others are wrong.
    #[serde(default)]
    pub exclusive: bool,
}

/// A data set in memory.
pub struct Source {
    /// What logs call it.
    pub name: String,
    /// All its tools, held-out ones too.
    pub tools: Vec<Tool>,
    /// As in [`SourceConfig::exclusive`].
    pub exclusive: bool,
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
        let mut sources = Vec::new();
        for config in configs {
            sources.extend(Source::read(config)?);
        }
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
    fn read(config: SourceConfig) -> Result<Vec<Self>> {
        let without: HashSet<String> = match &config.without {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
                text.lines().map(|line| line.trim().to_owned()).collect()
            }
            None => HashSet::new(),
        };
        let mut sources = Vec::new();
        for path in &config.apps {
            for App { app, tools, questions } in read_apps(path)? {
                let mut source = Self::new(&config, app, tools, &without);
                source.add(path, questions)?;
                sources.push(source);
            }
        }
        if let Some(path) = &config.tools {
            let mut source = Self::new(&config, config.name.clone(), read_tools(path)?, &without);
            for path in &config.questions {
                source.add(path, read_instances(path)?)?;
            }
            sources.push(source);
        }
        let weight = config.weight / sources.len().max(1) as f64;
        for source in &mut sources {
            source.weight = weight;
            source.weigh_questions();
        }
        Ok(sources)
    }

    fn new(
        config: &SourceConfig,
        name: String,
        tools: Vec<Tool>,
        without: &HashSet<String>,
    ) -> Self {
        let is_kept_out =
            |tool: &Tool| without.contains(&tool.name) || config.hold_out && held_out(&tool.name);
        let visible = tools.iter().map(|tool| !is_kept_out(tool)).collect();
        let exclusive = config.exclusive;
        let (questions, cumulative) = (Vec::new(), Vec::new());
        Self { name, tools, exclusive, visible, questions, cumulative, weight: 0.0 }
    }

    /// Adds the questions of the file at `path` all of whose tools training may see.
    fn add(&mut self, path: &Path, instances: Vec<Instance>) -> Result<()> {
        let index: HashMap<&str, usize> =
            self.tools.iter().map(|tool| tool.name.as_str()).zip(0..).collect();
        for (line, instance) in (1..).zip(instances) {
            let find = |name: &str| {
                index.get(name).copied().ok_or_else(|| Error::Dataset {
                    path: path.into(),
                    line,
                    reason: format!("calls `{name}`, which {} does not hold", self.name),
                })
            };
            let tools = |instance: &Instance| {
                instance.calls.iter().map(|call| find(&call.name)).collect::<Result<Vec<_>>>()
            };
            let calls = tools(&instance)?;
            let later = instance.then.as_deref().map(tools).transpose()?.unwrap_or_default();
            if calls.iter().chain(&later).all(|&tool| self.visible[tool]) {
                self.questions.push((instance, calls));
            }
        }
        Ok(())
    }

    /// Questions of rare tools come more often than their share.
    fn weigh_questions(&mut self) {
        let mut counts: HashMap<&[usize], usize> = HashMap::new();
        self.questions.iter().for_each(|(_, calls)| *counts.entry(calls).or_default() += 1);
        let mut total = 0.0;
        let cumulative = self.questions.iter().map(|(_, calls)| {
            total += (counts[calls.as_slice()] as f64).powf(-0.5);
            total
        });
        self.cumulative = cumulative.collect();
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

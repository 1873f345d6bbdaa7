//! Which questions `toolgen eval` judges.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::Args;
use toolgen::tool::dataset::read_instances;
use toolgen::tool::{Instance, Tool};
use toolgen::training::data::hold_out::HoldOut;
use toolgen::{Error, Result};

/// Options that choose questions.
#[derive(Args)]
pub struct Questions {
    /// Questions with their right calls (JSON Lines).
    #[arg(long, num_args = 1.., default_value = "models/catalogue/dev.jsonl")]
    data: Vec<PathBuf>,
    /// Judge only so many, taken at a fixed stride.
    #[arg(long)]
    pub limit: Option<usize>,
    /// Judge only questions all of whose calls are of tools that training never sees.
    #[arg(long, group = "part")]
    unseen: bool,
    /// Judge only questions none of whose calls is of such a tool.
    #[arg(long, group = "part")]
    seen: bool,
    /// Judge only questions all of whose calls are of tools that this file names, one a line. The
    /// choice stays among all tools.
    #[arg(long, group = "part", value_name = "FILE")]
    held_out: Option<PathBuf>,
}

/// A part of a data set.
pub enum Part {
    /// By the project's own hold-out.
    HoldOut(HoldOut),
    /// By a list of tools.
    List { name: String, tools: HashSet<String> },
}

/// The questions to judge.
pub struct Selected {
    /// The questions.
    pub instances: Vec<Instance>,
    /// What they are a part of.
    pub part: Part,
    /// How many questions that part has.
    pub total: usize,
}

impl Questions {
    /// Reads, keeps the part asked for, and samples. Every call must be of one of `tools`.
    pub fn select(&self, tools: &[Tool]) -> Result<Selected> {
        let names: HashSet<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
        let part = self.part(&names)?;
        let mut instances = Vec::new();
        for path in &self.data {
            let read = read_instances(path)?;
            check_calls(path, &read, &names)?;
            instances.extend(read.into_iter().filter(|instance| part.holds(instance)));
        }
        if instances.is_empty() {
            let (path, reason) = (self.data[0].clone(), "holds no such question".into());
            return Err(Error::Dataset { path, line: 1, reason });
        }
        let total = instances.len();
        let instances = sample(instances, self.limit.unwrap_or(usize::MAX));
        Ok(Selected { instances, part, total })
    }

    /// The data set's name: that of the folder it lies in.
    pub fn set(&self) -> String {
        let folder = self.data[0].parent().and_then(Path::file_name);
        folder.map_or("questions".into(), |name| name.to_string_lossy().into_owned())
    }

    fn part(&self, names: &HashSet<&str>) -> Result<Part> {
        let Some(path) = &self.held_out else {
            return Ok(Part::HoldOut(match (self.unseen, self.seen) {
                (true, _) => HoldOut::Unseen,
                (_, true) => HoldOut::Seen,
                _ => HoldOut::All,
            }));
        };
        let text = std::fs::read_to_string(path).map_err(Error::io(&path))?;
        let mut tools = HashSet::new();
        for (line, name) in (1..).zip(text.lines().map(str::trim)) {
            if !name.is_empty() && !names.contains(name) {
                let reason = format!("`{name}` is not one of the {} tools", names.len());
                return Err(Error::Dataset { path: path.clone(), line, reason });
            }
            tools.insert(name.to_owned());
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Part::List { name, tools })
    }
}

impl Part {
    /// Its name in reports.
    pub fn name(&self) -> &str {
        match self {
            Self::HoldOut(split) => split.name(),
            Self::List { name, .. } => name,
        }
    }

    fn holds(&self, instance: &Instance) -> bool {
        match self {
            Self::HoldOut(split) => split.holds(instance),
            Self::List { tools, .. } => {
                !instance.calls.is_empty()
                    && instance.calls.iter().all(|call| tools.contains(&call.name))
            }
        }
    }

    /// Whether a baseline may be trained on `instance`: on all when all is evaluated, else on those that
    /// call no held-out tool.
    pub fn trains_on(&self, instance: &Instance) -> bool {
        match self {
            Self::HoldOut(HoldOut::All) => true,
            Self::HoldOut(_) => HoldOut::Seen.holds(instance),
            Self::List { tools, .. } => {
                !instance.calls.iter().any(|call| tools.contains(&call.name))
            }
        }
    }
}

fn check_calls(path: &Path, instances: &[Instance], names: &HashSet<&str>) -> Result<()> {
    for (line, instance) in (1..).zip(instances) {
        let unknown = instance.calls.iter().find(|call| !names.contains(call.name.as_str()));
        if let Some(call) = unknown {
            let reason = format!("calls `{}`, which is not one of the tools", call.name);
            return Err(Error::Dataset { path: path.into(), line, reason });
        }
    }
    Ok(())
}

/// At most `limit` of `items`, evenly spread: data sets are sorted by tool.
fn sample<T>(items: Vec<T>, limit: usize) -> Vec<T> {
    let total = items.len();
    if total <= limit {
        return items;
    }
    let kept: HashSet<usize> = (0..limit).map(|index| index * total / limit).collect();
    let numbered = items.into_iter().enumerate();
    numbered.filter(|(index, _)| kept.contains(index)).map(|(_, item)| item).collect()
}

//! `toolgen catalogue`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::json;
use toolgen::training::data::catalogue::Catalogue;
use toolgen::{Error, Result};

use crate::project;

/// Options of `catalogue`.
#[derive(Args)]
pub struct Expand {
    /// The domain files.
    #[arg(long, default_value = "models/catalogue/domains")]
    domains: PathBuf,
    /// Where tools.jsonl, train.jsonl and dev.jsonl go.
    #[arg(long, default_value = "models/catalogue")]
    out: PathBuf,
}

impl Expand {
    pub fn run(self, json: bool) -> Result<()> {
        let Catalogue { tools, train, dev } = Catalogue::read(&self.domains)?;
        write_lines(&self.out.join("tools.jsonl"), &tools)?;
        write_lines(&self.out.join("train.jsonl"), &train)?;
        write_lines(&self.out.join("dev.jsonl"), &dev)?;
        let live = tools.iter().filter(|tool| tool.http.is_some()).count();
        let summary =
            json!({ "tools": tools.len(), "live": live, "train": train.len(), "dev": dev.len() });
        if json {
            project::print_json(&summary);
        } else {
            println!("{summary}");
        }
        Ok(())
    }
}

fn write_lines(path: &Path, lines: &[impl Serialize]) -> Result<()> {
    let mut text = String::new();
    for line in lines {
        text += &serde_json::to_string(line).expect("plain data serializes");
        text.push('\n');
    }
    std::fs::write(path, text).map_err(|source| Error::Io { path: path.into(), source })
}

//! `toolgen catalogue`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use toolgen::Result;
use toolgen::training::data::catalogue::Catalogue;

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
        project::write_lines(&self.out.join("tools.jsonl"), &tools)?;
        project::write_lines(&self.out.join("train.jsonl"), &train)?;
        project::write_lines(&self.out.join("dev.jsonl"), &dev)?;
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

//! `toolgen results`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use toolgen::evaluation::record::Records;
use toolgen::evaluation::results::page;
use toolgen::{Error, Result};

use crate::project;

/// Options of `results`.
#[derive(Args)]
pub struct Results {
    /// The folder of reports that `toolgen eval --report` wrote.
    #[arg(long, default_value = "docs/results")]
    reports: PathBuf,
    /// Where to write the page (Markdown).
    #[arg(long, default_value = "docs/results.md")]
    out: PathBuf,
}

impl Results {
    pub fn run(self, json: bool) -> Result<()> {
        let records = Records::read_all(&self.reports)?;
        std::fs::write(&self.out, page(&records)).map_err(Error::io(&self.out))?;
        let count = records.sets.len() + records.apps.len();
        if json {
            project::print_json(&json!({ "page": self.out, "reports": count }));
        } else {
            println!("{}: {} reports", self.out.display(), count);
        }
        Ok(())
    }
}

//! `toolgen train export`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use toolgen::training::data::mixture::Mixture;
use toolgen::training::data::sharegpt::{self, Conversation};
use toolgen::{Error, Result};

use crate::project;

/// Options of `train export`.
#[derive(Args)]
pub struct Export {
    /// The data sets (JSON).
    #[arg(long)]
    mixture: PathBuf,
    /// The stage whose examples are written.
    #[arg(long)]
    stage: StageName,
    /// Where to write the conversations (JSON).
    #[arg(long)]
    out: PathBuf,
    /// Where to write the tools' tokens, one a line, for the tokenizer.
    #[arg(long)]
    tokens: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum StageName {
    /// Document → token.
    Memorization,
    /// Question → token.
    Retrieval,
    /// Question → token → document → arguments → observation → … → finish.
    Agent,
}

impl Export {
    pub fn run(self, json: bool) -> Result<()> {
        let mixture = Mixture::read(&self.mixture)?;
        let examples = mixture.sources.iter().flat_map(|source| {
            let examples: Box<dyn Iterator<Item = Conversation>> = match self.stage {
                StageName::Memorization => Box::new(sharegpt::memorization(source)),
                StageName::Retrieval => Box::new(sharegpt::retrieval(source)),
                StageName::Agent => Box::new(sharegpt::agent(source)),
            };
            examples
        });
        let count = self.write(examples)?;
        let mut tokens: Vec<String> = mixture.sources.iter().flat_map(sharegpt::tokens).collect();
        tokens.extend([sharegpt::ABSTAIN.into(), sharegpt::FINISH.into()]);
        if let Some(path) = &self.tokens {
            std::fs::write(path, tokens.join("\n") + "\n").map_err(Error::io(&path))?;
        }
        let summary = json!({ "out": self.out, "examples": count, "tokens": tokens.len() });
        if json {
            project::print_json(&summary);
        } else {
            println!("{summary}");
        }
        Ok(())
    }

    /// One JSON list, an example a line.
    fn write(&self, examples: impl Iterator<Item = Conversation>) -> Result<usize> {
        let io = Error::io(&self.out);
        let mut file = BufWriter::new(File::create(&self.out).map_err(io)?);
        let mut count = 0;
        for example in examples {
            file.write_all(if count == 0 { b"[\n" } else { b",\n" }).map_err(io)?;
            serde_json::to_writer(&mut file, &example).map_err(|error| io(error.into()))?;
            count += 1;
        }
        file.write_all(if count == 0 { b"[]\n" } else { b"\n]\n" }).map_err(io)?;
        file.flush().map_err(io)?;
        Ok(count)
    }
}

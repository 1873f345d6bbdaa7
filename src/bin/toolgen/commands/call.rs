//! `toolgen retrieve` and `toolgen call`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use toolgen::Result;
use toolgen::agent::Event;

use crate::project::{self, ToolSource};

/// Options of `retrieve`.
#[derive(Args)]
pub struct Retrieve {
    #[command(flatten)]
    tools: ToolSource,
    /// The question.
    #[arg(long)]
    query: String,
    /// How many tools to rank.
    #[arg(long, default_value_t = 5)]
    top_k: usize,
}

impl Retrieve {
    pub fn run(self, checkpoint: Option<PathBuf>, json: bool) -> Result<()> {
        let engine = project::engine(checkpoint, &self.tools)?;
        let mut stream = engine.retrieve(&self.query, self.top_k)?;
        while let Some(event) = pollster::block_on(stream.next())? {
            if let Event::Ranking { tools, abstain } = event {
                if json {
                    let reply =
                        json!({ "query": self.query, "ranking": tools, "abstain": abstain });
                    project::print_json(&reply);
                } else {
                    tools.iter().for_each(|tool| {
                        println!("{:6.2} %  {}", tool.probability * 100.0, tool.name)
                    });
                    println!("{:6.2} %  (no tool fits)", abstain * 100.0);
                }
            }
        }
        Ok(())
    }
}

/// Options of `call`.
#[derive(Args)]
pub struct Call {
    #[command(flatten)]
    tools: ToolSource,
    /// The question.
    #[arg(long)]
    query: String,
}

impl Call {
    pub fn run(self, checkpoint: Option<PathBuf>, json: bool) -> Result<()> {
        let engine = project::engine(checkpoint, &self.tools)?;
        let mut stream = engine.call(&self.query, 5)?;
        let mut ranking = Vec::new();
        while let Some(event) = pollster::block_on(stream.next())? {
            match event {
                Event::Ranking { tools, .. } => ranking = tools,
                Event::Abstain if json => {
                    let call = serde_json::Value::Null;
                    project::print_json(
                        &json!({ "query": self.query, "ranking": ranking, "call": call }),
                    );
                }
                Event::Abstain => println!("no tool fits"),
                Event::Tool { name } if !json => print!("{name} "),
                Event::Arguments { text } if !json => {
                    print!("{text}");
                    std::io::stdout().flush().ok();
                }
                Event::Call { call } if json => {
                    project::print_json(
                        &json!({ "query": self.query, "ranking": ranking, "call": call }),
                    );
                }
                Event::Call { .. } => println!(),
                _ => {}
            }
        }
        Ok(())
    }
}

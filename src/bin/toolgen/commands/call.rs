//! `toolgen retrieve` and `toolgen call`.

use clap::Args;
use serde_json::json;
use toolgen::agent::{Abstained, Event};
use toolgen::conversation::Question;
use toolgen::retrieval::RankedTool;
use toolgen::time::{NoMoment, Offsets};
use toolgen::tool::ToolCall;
use toolgen::{Error, Result};

use crate::project::{self, ModelFiles, ToolSource};

/// What is asked.
#[derive(Args)]
struct Asked {
    /// The question.
    #[arg(long)]
    query: String,
    /// The local time that "tomorrow" is counted from, as 2026-05-14T09:30; with an offset, as
    /// 2026-05-14T09:30+02:00, times are written with that.
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
}

impl Asked {
    fn question(&self) -> Result<Question> {
        let mut question = Question::from(&self.query);
        if let Some(now) = &self.now {
            let wrong = |reason: String| Error::Option { name: "now", reason };
            question.now = Some(now.parse().map_err(|no: NoMoment| wrong(no.to_string()))?);
            question.offsets = Offsets::of_text(now).map_err(|no| wrong(no.to_string()))?;
        }
        Ok(question)
    }
}

/// Options of `retrieve`.
#[derive(Args)]
pub struct Retrieve {
    #[command(flatten)]
    tools: ToolSource,
    #[command(flatten)]
    asked: Asked,
    /// How many tools to rank.
    #[arg(long, default_value_t = 5)]
    top_k: usize,
}

impl Retrieve {
    pub fn run(self, model: &ModelFiles, json: bool) -> Result<()> {
        let question = self.asked.question()?;
        let engine = project::engine(model, &self.tools)?;
        let mut stream = engine.retrieve(question, self.top_k)?;
        while let Some(event) = pollster::block_on(stream.next())? {
            if let Event::Ranking { tools, abstain, .. } = event {
                if json {
                    let query = &self.asked.query;
                    project::print_json(
                        &json!({ "query": query, "ranking": tools, "abstain": abstain }),
                    );
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

/// The tools that may be meant.
struct Ranked {
    tools: Vec<RankedTool>,
    abstain: f32,
    sure: bool,
}

/// Says what else may be meant, where that isn't clear.
fn print_doubt(ranked: &Option<Ranked>) {
    if let Some(Ranked { tools, sure: false, .. }) = ranked {
        let likely = tools.iter().take(3);
        let tools: Vec<String> =
            likely.map(|tool| format!("{} {:.0} %", tool.name, tool.probability * 100.0)).collect();
        println!("not sure: {}", tools.join(", "));
    }
}

/// Options of `call`.
#[derive(Args)]
pub struct Call {
    #[command(flatten)]
    tools: ToolSource,
    #[command(flatten)]
    asked: Asked,
}

impl Call {
    pub fn run(self, model: &ModelFiles, json: bool) -> Result<()> {
        let question = self.asked.question()?;
        let engine = project::engine(model, &self.tools)?;
        let mut stream = engine.call(question, 5)?;
        // A question in another language is not ranked.
        let mut ranked: Option<Ranked> = None;
        let print = |ranked: &Option<Ranked>, call: Option<&ToolCall>, missing: &[String]| {
            let tools = ranked.as_ref().map_or(&[][..], |ranked| &ranked.tools);
            let abstain = ranked.as_ref().map(|ranked| ranked.abstain);
            let sure = ranked.as_ref().map(|ranked| ranked.sure);
            project::print_json(&json!({
                "query": self.asked.query, "ranking": tools, "abstain": abstain, "sure": sure,
                "call": call, "missing": missing,
            }));
        };
        while let Some(event) = pollster::block_on(stream.next())? {
            match event {
                Event::Ranking { tools, abstain, sure } => {
                    ranked = Some(Ranked { tools, abstain, sure });
                }
                Event::Abstain { .. } if json => print(&ranked, None, &[]),
                Event::Abstain { reason: Abstained::NoTool } => println!("no tool fits"),
                Event::Abstain { reason: Abstained::Language } => {
                    println!("ask in English, please")
                }
                Event::Tool { name } if !json => print!("{name} "),
                Event::Arguments { text, .. } if !json => print!("{text}"),
                Event::Call { call } if json => print(&ranked, Some(&call), &[]),
                Event::Call { .. } => {
                    println!();
                    print_doubt(&ranked);
                }
                Event::Ask { call, parameters } if json => {
                    print(&ranked, Some(&call), &parameters);
                }
                Event::Ask { parameters, .. } => {
                    println!("\nnot said: {}", parameters.join(", "));
                    print_doubt(&ranked);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

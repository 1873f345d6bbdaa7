//! The command line: retrieve, call, evaluate and compare, import tools, build packs, train.

#[macro_use]
mod output;

mod commands;
mod memory;
mod project;
mod questions;

use commands::{
    adapter, bench, call, catalogue, checkpoint, eval, eval_indexing, import, pack, results, train,
};

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// A language model that calls tools: every tool is one token.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(flatten)]
    model: project::ModelFiles,
    /// Print one JSON object and nothing else on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Rank the tools for a question.
    Retrieve(call::Retrieve),
    /// Choose a tool and write its arguments; nothing is executed.
    Call(call::Call),
    /// Judge a pack, or a baseline, on questions with known answers.
    Eval(eval::Eval),
    /// Judge a trained indexing: rankings and hallucinated tools.
    EvalIndexing(eval_indexing::EvalIndexing),
    /// Write the page that compares reports.
    Results(results::Results),
    /// Make and check tool packs.
    #[command(subcommand)]
    Pack(pack::Pack),
    /// Make tools of APIs' documents.
    #[command(subcommand)]
    Import(import::Import),
    /// Merge and change checkpoints.
    #[command(subcommand)]
    Checkpoint(checkpoint::Checkpoint),
    /// Write and read adapters as PEFT does.
    #[command(subcommand)]
    Adapter(adapter::Adapter),
    /// Expand the catalogue's domains to tools and questions.
    Catalogue(catalogue::Expand),
    /// Measure.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Train.
    #[command(subcommand)]
    Train(train::Train),
}

fn main() -> ExitCode {
    memory::keep_memory();
    let arguments = Arguments::parse();
    let (model, json) = (arguments.model, arguments.json);
    let done = match arguments.command {
        Command::Retrieve(command) => command.run(&model, json),
        Command::Call(command) => command.run(&model, json),
        Command::Eval(command) => command.run(&model, json),
        Command::EvalIndexing(command) => command.run(&model, json),
        Command::Results(command) => command.run(json),
        Command::Pack(command) => command.run(&model, json),
        Command::Import(command) => command.run(json),
        Command::Checkpoint(command) => command.run(&model, json),
        Command::Adapter(command) => command.run(&model, json),
        Command::Catalogue(command) => command.run(json),
        Command::Bench(command) => command.run(&model, json),
        Command::Train(command) => command.run(&model, json),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

//! What ranking many tools costs beyond reading the question.

use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use toolgen::Result;
use toolgen::backend::cpu::Cpu;
use toolgen::model::Checkpoint;
use toolgen::retrieval::ToolHead;
use toolgen::tool::{Tool, ToolPack};
use toolgen::virtualization::{Special, Trie, atomic};

use super::{milliseconds, on_cores};
use crate::project::{self, ModelFiles};

#[derive(Args)]
pub struct Retrieval {
    /// Numbers of tools.
    #[arg(long, value_delimiter = ',', default_value = "100,1000,10000,47000")]
    tools: Vec<usize>,
    /// How often each is timed.
    #[arg(long, default_value_t = 50)]
    repeats: usize,
    /// How many tools are ranked.
    #[arg(long, default_value_t = 5)]
    top_k: usize,
}

impl Retrieval {
    pub fn run(&self, model: &ModelFiles, json: bool) -> Result<()> {
        let checkpoint = model.load(Cpu)?;
        let measured = on_cores(1, || self.measure(&checkpoint))?;
        if json {
            project::print_json(&json!({ "retrieval": measured }));
            return Ok(());
        }
        println!(
            "{:>8} {:>10} {:>10} {:>10} {:>10}",
            "tools", "p50 ms", "p95 ms", "rows MB", "trie ms"
        );
        for row in measured {
            let number = |key: &str| row[key].as_f64().unwrap_or_default();
            println!(
                "{:>8} {:>10.3} {:>10.3} {:>10.2} {:>10.3}",
                row["tools"],
                number("ms_p50"),
                number("ms_p95"),
                number("row_bytes") / 1e6,
                number("trie_ms")
            );
        }
        Ok(())
    }

    fn measure(&self, checkpoint: &Checkpoint<Cpu>) -> Result<Vec<Value>> {
        let decoder = &checkpoint.decoder;
        let prompt = checkpoint.tokenizer.encode("is it going to rain in Oslo tomorrow?")?;
        let mut sequence = decoder.sequence(prompt.len());
        let x = decoder.forward(&prompt, &mut sequence)?;
        let measure = |&tools: &usize| {
            let start = Instant::now();
            let trie = Trie::new(tools, &atomic::sequences(tools));
            let trie_ms = milliseconds(start);
            drop(trie);
            let pack = synthetic(checkpoint, tools)?;
            let head = ToolHead::new(&decoder.backend, &pack)?;
            let mut times = Vec::with_capacity(self.repeats);
            for _ in 0..self.repeats.max(1) {
                let start = Instant::now();
                let (special, k) = (Special::Abstain, self.top_k);
                pollster::block_on(head.rank(decoder, &x, &mut sequence, special, k))?;
                times.push(milliseconds(start));
            }
            times.sort_by(f64::total_cmp);
            Ok(json!({
                "tools": tools, "ms_p50": times[times.len() / 2], "ms_p95": times[times.len() * 95 / 100],
                "row_bytes": pack.rows.bytes.len(), "trie_ms": trie_ms,
            }))
        };
        self.tools.iter().map(measure).collect()
    }
}

/// A pack of as many tools, with arbitrary rows.
fn synthetic(checkpoint: &Checkpoint<Cpu>, tools: usize) -> Result<ToolPack> {
    let width = checkpoint.decoder.config.hidden;
    let weight = |at: usize| (at.wrapping_mul(2_654_435_761) >> 7 & 0xffff) as f32 / 65_536.0 - 0.5;
    let weights: Vec<f32> = (0..(tools + Special::COUNT) * width).map(weight).collect();
    let (rows, special) = weights.split_at(tools * width);
    let tool = |index: usize| Tool {
        name: format!("tool_{index}"),
        description: String::new(),
        parameters: json!({ "type": "object" }),
        http: None,
        annotations: Default::default(),
    };
    let norm = checkpoint.decoder.output_norm.clone();
    ToolPack::atomic(&checkpoint.id, (0..tools).map(tool).collect(), rows, special, norm)
}

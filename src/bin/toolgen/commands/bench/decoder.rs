//! What reading a prompt and writing after it cost, without a tool head.

use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use toolgen::Result;
use toolgen::backend::Backend;
use toolgen::backend::cpu::Cpu;
use toolgen::model::Checkpoint;

use super::{milliseconds, on_cores};
use crate::project::{self, ModelFiles};

#[derive(Args)]
pub struct Decoder {
    /// Lengths of the prompt, in tokens.
    #[arg(long, value_delimiter = ',', default_value = "32,128,512")]
    lengths: Vec<usize>,
    /// Tokens that are written after each.
    #[arg(long, default_value_t = 32)]
    steps: usize,
    /// How often each is timed.
    #[arg(long, default_value_t = 5)]
    repeats: usize,
    /// Cores that products are spread over.
    #[arg(long, default_value_t = 1)]
    cores: usize,
}

impl Decoder {
    pub fn run(&self, model: &ModelFiles, json: bool) -> Result<()> {
        let checkpoint = model.load(Cpu)?;
        let measured = on_cores(self.cores, || {
            let rows = self.lengths.iter().map(|&length| self.measure(&checkpoint, length));
            rows.collect::<Result<Vec<_>>>()
        })?;
        if json {
            project::print_json(&json!({ "decoder": measured, "cores": self.cores }));
            return Ok(());
        }
        println!("{:>8} {:>14} {:>14}", "tokens", "prefill tok/s", "decode tok/s");
        for row in measured {
            let number = |key: &str| row[key].as_f64().unwrap_or_default();
            println!(
                "{:>8} {:>14.1} {:>14.1}",
                row["tokens"],
                number("prefill_tps"),
                number("decode_tps")
            );
        }
        Ok(())
    }

    /// Medians of tokens a second; the first run warms up and is not counted.
    fn measure(&self, checkpoint: &Checkpoint<Cpu>, length: usize) -> Result<Value> {
        let decoder = &checkpoint.decoder;
        let prompt: Vec<u32> = (0..length as u32).map(|i| 1000 + i * 7 % 20_000).collect();
        let (mut prefill, mut decode) = (Vec::new(), Vec::new());
        for _ in 0..=self.repeats {
            let mut sequence = decoder.sequence(length + self.steps);
            let start = Instant::now();
            let mut next = self.likeliest(checkpoint, &prompt, &mut sequence)?;
            prefill.push(milliseconds(start));
            let start = Instant::now();
            for _ in 0..self.steps {
                next = self.likeliest(checkpoint, &[next], &mut sequence)?;
            }
            decode.push(milliseconds(start));
        }
        Ok(json!({
            "tokens": length,
            "prefill_tps": 1000.0 * length as f64 / median(prefill.split_off(1)),
            "decode_tps": 1000.0 * self.steps as f64 / median(decode.split_off(1)),
        }))
    }

    /// The token that is likeliest after these.
    fn likeliest(
        &self,
        checkpoint: &Checkpoint<Cpu>,
        tokens: &[u32],
        sequence: &mut <Cpu as Backend>::Sequence,
    ) -> Result<u32> {
        let decoder = &checkpoint.decoder;
        let x = decoder.forward(tokens, sequence)?;
        let top = pollster::block_on(decoder.next_tokens(&x, None, 1))?;
        Ok(top.best[0].id)
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

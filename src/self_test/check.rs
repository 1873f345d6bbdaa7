//! Whether a backend computes what the CPU computes, asked before it is trusted.
//!
//! Drivers have bugs, and a wrong product is no error: the model would only talk gibberish. So one layer of
//! SmolLM2-135M's shape, with made-up weights, reads a prompt and a token on both.

use super::synthetic::{self, MODEL, largest_difference};
use crate::backend::cpu::Cpu;
use crate::backend::{Backend, TopK};
use crate::gguf::Format;
use crate::model::Decoder;
use crate::model::adapter::LayerMatrix;
use crate::model::decoder::Layer;
use crate::{Error, Result};

/// How far states (of size about one) and logits may be apart.
const TOLERANCE: f32 = 0.02;
/// Enough tokens for tiles, and then one.
const PROMPT: usize = 40;
/// Ranks that are compared.
const RANKS: usize = 8;
/// Rank of the updates, as the project's adapter has it.
const RANK: usize = 32;

/// Fails when `backend` computes something else than the CPU.
///
/// # Errors
/// [`Error::Gpu`] with what differs and by how much, and whatever the backend fails with.
pub async fn self_check<B: Backend>(backend: B) -> Result<()> {
    let (ours, cpu) = (results(backend).await?, results(Cpu).await?);
    for ((state, top), (expected_state, expected)) in ours.iter().zip(&cpu) {
        compare("a state", state, expected_state)?;
        let logits = |top: &TopK| top.best.iter().map(|row| row.logit).collect::<Vec<_>>();
        compare("a logit", &logits(top), &logits(expected))?;
        compare("the normaliser", &[top.log_sum_exp], &[expected.log_sum_exp])?;
    }
    Ok(())
}

/// The state and the best tokens after a prompt, and again after one token more.
async fn results<B: Backend>(backend: B) -> Result<[(Vec<f32>, TopK); 2]> {
    let decoder = made_up(backend)?;
    let mut sequence = decoder.sequence(PROMPT + 1);
    let prompt: Vec<u32> = (0..PROMPT as u32).map(|i| i * 101 % 4096).collect();
    let x = decoder.forward(&prompt, &mut sequence)?;
    let first = (decoder.hidden_state(&x).await?, decoder.next_tokens(&x, None, RANKS).await?);
    let x = decoder.forward(&[7], &mut sequence)?;
    let second = (decoder.hidden_state(&x).await?, decoder.next_tokens(&x, None, RANKS).await?);
    Ok([first, second])
}

fn compare(what: &str, found: &[f32], expected: &[f32]) -> Result<()> {
    let off = largest_difference(found, expected);
    if off <= TOLERANCE {
        return Ok(());
    }
    let reason = format!("{what} is off by {off} from the CPU's; its driver may be at fault");
    Err(Error::gpu("self-check", reason))
}

/// One layer of SmolLM2-135M's shape, with an adapter, under a head of 4,096 rows.
fn made_up<B: Backend>(backend: B) -> Result<Decoder<B>> {
    let config = MODEL;
    let (d, f) = (config.hidden, config.feed_forward);
    let gain = || backend.upload_vector(synthetic::gain(d));
    let matrix = |format, rows, columns| {
        backend.upload_matrix(synthetic::matrix(format, rows, columns, 1.0 / 16.0)?)
    };
    let layer = Layer {
        attention_norm: gain()?,
        qkv: matrix(Format::Q4_1, config.qkv_width(), d)?,
        attention_output: matrix(Format::Q4_1, d, d)?,
        feed_forward_norm: gain()?,
        gate_up: matrix(Format::Q4_1, 2 * f, d)?,
        down: matrix(Format::Q4_1, d, f)?,
    };
    let embedding = matrix(Format::Q8_0, config.vocabulary, d)?;
    let output_norm = gain()?;
    let mut decoder = Decoder { backend, config, embedding, layers: vec![layer], output_norm };
    for matrix in LayerMatrix::ALL {
        let (rows, columns) = decoder.shape(matrix);
        decoder.adapt(0, matrix, synthetic::update(rows, columns, RANK, 1.0 / 32.0)?)?;
    }
    Ok(decoder)
}

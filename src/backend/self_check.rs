//! Whether a backend computes what the CPU computes, asked before it is trusted.
//!
//! Drivers have bugs, and a wrong product is no error: the model would only talk gibberish. So one layer of
//! SmolLM2-135M's shape, with made-up weights, reads a prompt and a token on both.

use super::cpu::Cpu;
use super::{Backend, TopK};
use crate::model::decoder::Layer;
use crate::model::quantization::{BLOCK, Format};
use crate::model::{Config, Decoder, QuantizedMatrix};
use crate::{Error, Result};

/// How far states (of size about one) and logits may be apart.
const TOLERANCE: f32 = 0.02;
/// Enough tokens for tiles, and then one.
const PROMPT: usize = 40;
/// Ranks that are compared.
const RANKS: usize = 8;

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
    let off = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    if found.len() == expected.len() && off <= TOLERANCE {
        return Ok(());
    }
    let reason = format!("{what} is off by {off} from the CPU's; its driver may be at fault");
    Err(Error::Gpu { what: "self-check".into(), reason })
}

/// One layer of SmolLM2-135M's shape under a head of 4,096 rows.
fn made_up<B: Backend>(backend: B) -> Result<Decoder<B>> {
    let config = Config {
        layers: 1,
        hidden: 576,
        feed_forward: 1536,
        heads: 9,
        kv_heads: 3,
        head_size: 64,
        vocabulary: 4096,
        context: 128,
        rope_base: 100_000.0,
        rms_epsilon: 1e-5,
    };
    let (d, f) = (config.hidden, config.feed_forward);
    let gain = || backend.upload_vector((0..d).map(|i| 1.0 + (i % 7) as f32 * 0.05).collect());
    let matrix = |format, rows, columns| backend.upload_matrix(weights(format, rows, columns)?);
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
    Ok(Decoder { backend, config, embedding, layers: vec![layer], output_norm })
}

/// Weights between −1/16 and 1/16, in no order.
fn weights(format: Format, rows: usize, columns: usize) -> Result<QuantizedMatrix> {
    let half = |value: f32| half::f16::from_f32(value).to_le_bytes();
    let mut random = rows as u32;
    let mut bytes = Vec::new();
    for _ in 0..rows * columns / BLOCK {
        if format == Format::Q4_1 {
            bytes.extend(half(1.0 / 128.0));
            bytes.extend(half(-1.0 / 16.0));
        } else {
            bytes.extend(half(1.0 / 2048.0));
        }
        let quants = format.block_bytes() - if format == Format::Q4_1 { 4 } else { 2 };
        bytes.extend((0..quants).map(|_| {
            // Numerical Recipes' generator; its high bits are the random ones.
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 24) as u8
        }));
    }
    QuantizedMatrix::new(format, rows, columns, bytes)
}

//! The decoder against candle-transformers' quantized llama: the same file, the same greedy ids.
//!
//! candle computes with the matrices as 32-bit floats; the CPU's activations have eight bits, which moves logits. So
//! the CPU reads candle's ids and has to choose each of them itself, but where candle's two best logits are near to
//! each other. candle knows no adapter beside its weights, so this is of the base alone. `golden/greedy.json` keeps two
//! lists of ids: `cpu`, the model's with its adapter, to which a test holds the WebAssembly module, and `floats`,
//! candle's of the base, to which others hold the GPU.

use crate::common;
use std::fs::File;

use candle_core::quantized::gguf_file;
use candle_core::{Device, Tensor};
use candle_transformers::models::quantized_llama::ModelWeights;
use serde_json::{Value, json};
use toolgen::backend::cpu::Cpu;
use toolgen::model::{Checkpoint, file};

const TOKENS: usize = 64;
/// Logits of candle's that are nearer to each other may change places by the rounding of activations; 0.25 is the most
/// that was seen.
const NEAR: f32 = 0.5;
/// The least part of candle's ids that the CPU chooses as well; 0.97 was seen.
const AGREED: f32 = 0.95;

/// What the order of candle's sums, which is the processor's, may move of a margin, in thousandths; 1 was seen.
const ORDER: u64 = 5;

/// candle's greedy ids, each with how far its logit is above the next best.
fn candle_greedy(model: &mut ModelWeights, prompt: &[u32]) -> Vec<(u32, f32)> {
    let mut found = Vec::new();
    let mut input = prompt.to_vec();
    let mut position = 0;
    while found.len() < TOKENS {
        let tensor = Tensor::new(input.as_slice(), &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        let logits = model.forward(&tensor, position).unwrap().squeeze(0).unwrap();
        position += input.len();
        let logits: Vec<f32> = logits.to_vec1().unwrap();
        let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap();
        let others = logits.iter().enumerate().filter(|&(id, _)| id != best);
        let next = others.fold(f32::NEG_INFINITY, |max, (_, &logit)| max.max(logit));
        found.push((best as u32, logits[best] - next));
        input = vec![best as u32];
    }
    found
}

/// What the CPU would choose at each place of `ids` after `prompt`.
fn choices(checkpoint: &Checkpoint<Cpu>, prompt: &[u32], ids: &[u32]) -> Vec<u32> {
    let decoder = &checkpoint.decoder;
    let mut sequence = decoder.sequence(prompt.len() + ids.len());
    let mut x = decoder.forward(prompt, &mut sequence).unwrap();
    let choose = |&id: &u32| {
        let best = pollster::block_on(decoder.next_tokens(&x, None, 1)).unwrap().best[0].id;
        x = decoder.forward(&[id], &mut sequence).unwrap();
        best
    };
    ids.iter().map(choose).collect()
}

/// Ids until the model ends its turn, where the browser stops, with their margins in thousandths.
fn shown(found: &[(u32, f32)], end: u32) -> Value {
    let shown: Vec<_> = found.iter().take_while(|&&(id, _)| id != end).collect();
    let ids: Vec<u32> = shown.iter().map(|(id, _)| *id).collect();
    let margins: Vec<u32> = shown.iter().map(|(_, margin)| (margin * 1000.0) as u32).collect();
    json!({ "ids": ids, "margins": margins })
}

#[test]
fn greedy_ids_are_candles_but_for_near_ties() {
    let base = file::load(&common::base_path(), Cpu).unwrap();
    let checkpoint = common::checkpoint();
    let mut file = File::open(common::base_path()).unwrap();
    let content = gguf_file::Content::read(&mut file).unwrap();
    // candle's own eight-bit activations would be another rounding, not an oracle.
    // SAFETY: whatever reads the environment beside this does so through std, which locks it.
    unsafe { std::env::set_var("CANDLE_DEQUANTIZE_ALL", "1") };
    let mut oracle = ModelWeights::from_gguf(content, &mut file, &Device::Cpu).unwrap();

    let (mut golden, mut agreed, mut widest) = (Vec::new(), 0, 0f32);
    for prompt in common::PROMPTS {
        let tokens = checkpoint.tokenizer.encode(prompt).unwrap();
        let floats = candle_greedy(&mut oracle, &tokens);
        let ids: Vec<u32> = floats.iter().map(|(id, _)| *id).collect();
        for (place, (&(id, margin), choice)) in
            floats.iter().zip(choices(&base, &tokens, &ids)).enumerate()
        {
            if id == choice {
                agreed += 1;
                continue;
            }
            eprintln!("token {place} after {prompt:?}: {choice} for {id}, {margin} above the next");
            widest = widest.max(margin);
        }
        let cpu = common::greedy_with_margins(&checkpoint, &tokens, TOKENS);
        let end = checkpoint.tokenizer.end();
        golden.push(json!({
            "prompt": prompt, "cpu": shown(&cpu, end), "floats": shown(&floats, end),
        }));
    }
    let share = agreed as f32 / (TOKENS * common::PROMPTS.len()) as f32;
    eprintln!("{share} of candle's ids; the widest margin of another is {widest}");
    assert!(widest < NEAR && share >= AGREED, "{share} agreed, a margin of {widest} was overruled");

    let path = common::root().join("tests/golden/greedy.json");
    let golden = json!({ "prompts": golden });
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, format!("{golden}\n")).unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(prompts_of(&kept).len(), prompts_of(&golden).len());
    for (kept, golden) in prompts_of(&kept).iter().zip(prompts_of(&golden)) {
        let is_same = ["prompt", "cpu"].iter().all(|&key| kept[key] == golden[key])
            && are_same_floats(&kept["floats"], &golden["floats"]);
        assert!(is_same, "{kept} isn't {golden}: run with UPDATE_GOLDEN=1 if it is to change");
    }
}

fn prompts_of(golden: &Value) -> &[Value] {
    golden["prompts"].as_array().unwrap()
}

/// The same ids with the same margins, but for the order of a processor's sums; from a tie on they may part.
fn are_same_floats(kept: &Value, found: &Value) -> bool {
    let list =
        |of: &Value, key: &str| -> Vec<u64> { serde_json::from_value(of[key].clone()).unwrap() };
    let read =
        |of: &Value| -> Vec<_> { list(of, "ids").into_iter().zip(list(of, "margins")).collect() };
    let (kept, found) = (read(kept), read(found));
    for (&(kept_id, kept_margin), &(id, margin)) in kept.iter().zip(&found) {
        if kept_id != id {
            return kept_margin.max(margin) <= ORDER;
        }
        if kept_margin.abs_diff(margin) > ORDER {
            return false;
        }
    }
    kept.len() == found.len()
}

#[test]
fn reading_a_prompt_in_parts_changes_nothing() {
    let checkpoint = common::checkpoint();
    let tokens = checkpoint.tokenizer.encode(common::PROMPTS[1]).unwrap();
    let state = |parts: &[&[u32]]| {
        let mut sequence = checkpoint.decoder.sequence(64);
        let mut last = None;
        for part in parts {
            last = Some(checkpoint.decoder.forward(part, &mut sequence).unwrap());
        }
        pollster::block_on(checkpoint.decoder.hidden_state(&last.unwrap())).unwrap()
    };
    let (head, tail) = tokens.split_at(5);
    assert_eq!(state(&[&tokens]), state(&[head, tail]));
}

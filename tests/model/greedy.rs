//! The decoder against candle-transformers' quantized llama: the same file, the same greedy ids.
//!
//! The ids are also kept in `golden/greedy.json`, to which the browser test holds the wasm build.

use crate::common;
use std::fs::File;

use candle_core::quantized::gguf_file;
use candle_core::{Device, Tensor};
use candle_transformers::models::quantized_llama::ModelWeights;
use serde_json::{Value, json};

const TOKENS: usize = 64;

fn candle_greedy(model: &mut ModelWeights, prompt: &[u32]) -> Vec<u32> {
    let mut ids: Vec<u32> = Vec::new();
    let mut input = prompt.to_vec();
    let mut position = 0;
    while ids.len() < TOKENS {
        let tensor = Tensor::new(input.as_slice(), &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        let logits = model.forward(&tensor, position).unwrap().squeeze(0).unwrap();
        position += input.len();
        let next = logits.argmax(0).unwrap().to_scalar::<u32>().unwrap();
        ids.push(next);
        input = vec![next];
    }
    ids
}

#[test]
fn greedy_ids_equal_candles() {
    let checkpoint = common::checkpoint();
    let mut file = File::open(common::base_path()).unwrap();
    let content = gguf_file::Content::read(&mut file).unwrap();
    // Eight-bit activations, candle's default, are chaotic: an RMSNorm epsilon of 1.002e-5 in
    // place of 1e-5 moves this model's logits by up to 0.36. Its 32-bit products are an oracle that can be agreed with.
    // SAFETY: whatever reads the environment beside this does so through std, which locks it.
    unsafe { std::env::set_var("CANDLE_DEQUANTIZE_ALL", "1") };
    let mut oracle = ModelWeights::from_gguf(content, &mut file, &Device::Cpu).unwrap();

    let mut golden = Vec::new();
    for prompt in common::PROMPTS {
        let tokens = checkpoint.tokenizer.encode(prompt).unwrap();
        let (ours, margins): (Vec<u32>, Vec<f32>) =
            common::greedy_with_margins(&checkpoint, &tokens, TOKENS).into_iter().unzip();
        assert_eq!(ours, candle_greedy(&mut oracle, &tokens), "after {prompt:?}");
        // The browser stops where the model ends its turn.
        let end = checkpoint.tokenizer.end();
        let shown: Vec<u32> = ours.into_iter().take_while(|&id| id != end).collect();
        assert!(shown.len() > 8, "after {prompt:?} the model says next to nothing");
        // In thousandths: where it is next to nothing, another adapter's rounding may choose otherwise.
        let margins: Vec<u32> =
            margins[..shown.len()].iter().map(|margin| (margin * 1000.0) as u32).collect();
        golden.push(json!({ "prompt": prompt, "ids": shown, "margins": margins }));
    }

    let path = common::root().join("tests/golden/greedy.json");
    let golden = json!({ "prompts": golden });
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, format!("{golden}\n")).unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(kept, golden, "tests/golden/greedy.json is stale; run with UPDATE_GOLDEN=1");
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

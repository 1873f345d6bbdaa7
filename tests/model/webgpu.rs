//! The WebGPU backend with the real model: the greedy ids of 32-bit floats, and what a token costs the device.

use pollster::block_on;
use serde_json::Value;
use toolgen::backend::Sequence;
use toolgen::backend::wgpu::{Variant, Wgpu};
use toolgen::model::{Checkpoint, file};

use crate::common;

const TOKENS: usize = 32;
/// Logits that are nearer to each other may change places by rounding.
const TIE: f64 = 0.02;
/// The same where activations have eight bits.
const EIGHT_BITS: f64 = 0.5;

/// A variant's greedy ids are those of 32-bit floats for the base, and the CPU's for the model with its adapter
/// (`greedy.rs`), as far as the two best logits are apart by more than rounding; after such a tie all that follows
/// differs.
fn greedy_ids_equal_those_of_floats(variant: Variant, prompts: &[&str], tokens: usize) {
    let backend = block_on(Wgpu::with_variant(variant)).unwrap();
    let base = file::load(&common::base_path(), backend.clone()).unwrap();
    greedy_ids_equal(&base, "floats", TIE, prompts, tokens);
    greedy_ids_equal(&common::checkpoint_on(backend), "cpu", EIGHT_BITS, prompts, tokens);
}

fn greedy_ids_equal(gpu: &Checkpoint<Wgpu>, list: &str, tie: f64, prompts: &[&str], tokens: usize) {
    let kept = std::fs::read_to_string(common::root().join("tests/golden/greedy.json")).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    let backend = gpu.decoder.backend.description();
    for prompt in prompts {
        let golden =
            kept["prompts"].as_array().unwrap().iter().find(|kept| kept["prompt"] == *prompt);
        let golden = &golden.unwrap()[list];
        let prompt_ids = gpu.tokenizer.encode(prompt).unwrap();
        let found = common::greedy(gpu, &prompt_ids, tokens);
        let expected = golden["ids"].as_array().unwrap().iter();
        if let Some(place) = expected.zip(&found).position(|(id, found)| *id != *found) {
            let margin = golden["margins"][place].as_f64().unwrap() / 1000.0;
            eprintln!(
                "{backend}: token {place} after {prompt:?} is a tie of {list}, {margin} apart"
            );
            assert!(margin < tie, "token {place} after {prompt:?} on {backend}");
        }
    }
}

#[test]
fn greedy_ids_of_software_kernels() {
    greedy_ids_equal_those_of_floats(Variant::Software, &common::PROMPTS, TOKENS);
}

#[test]
fn greedy_ids_of_workgroup_kernels() {
    greedy_ids_equal_those_of_floats(Variant::Workgroup, &common::PROMPTS[..2], TOKENS / 4);
}

#[test]
fn greedy_ids_of_subgroup_kernels() {
    greedy_ids_equal_those_of_floats(Variant::Subgroups, &common::PROMPTS[..2], TOKENS / 4);
}

/// The usual cost of a GPU in a page: waiting for it, and making things in the loop.
#[test]
fn a_token_is_one_submit_and_makes_nothing() {
    for variant in [Variant::Workgroup, Variant::Subgroups, Variant::Software] {
        let backend = block_on(Wgpu::with_variant(variant)).unwrap();
        let gpu = common::checkpoint_on(backend.clone());
        let decoder = &gpu.decoder;
        let prompt = gpu.tokenizer.encode(common::PROMPTS[0]).unwrap();
        let mut sequence = decoder.sequence(64);
        let mut x = decoder.forward(&prompt, &mut sequence).unwrap();
        let mut warm = backend.counters();
        for step in 0..6 {
            let next = block_on(decoder.next_tokens(&x, None, 5)).unwrap().best[0].id;
            let token = backend.counters() - warm;
            if step > 2 {
                assert_eq!((token.submits, token.created), (1, 0), "{token:?} on {variant:?}");
                assert!(token.bytes_read <= 512 && token.dispatches <= 300, "{token:?}");
            }
            eprintln!("{variant:?}, token {step}: {token:?}");
            warm = backend.counters();
            x = decoder.forward(&[next], &mut sequence).unwrap();
        }
        assert_eq!(sequence.len(), prompt.len() + 6);
    }
}

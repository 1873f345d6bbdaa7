//! The WebGPU backend with the real model: the CPU's greedy ids, and what a token costs the device.

use pollster::block_on;
use toolgen::backend::Sequence;
use toolgen::backend::wgpu::{Variant, Wgpu};

use crate::common;

const TOKENS: usize = 32;
/// Logits that are nearer to each other may change places by rounding.
const TIE: f32 = 0.02;

/// A variant's greedy ids are the CPU's as far as the CPU's two best logits are apart by more than rounding;
/// after such a tie all that follows differs.
fn greedy_ids_equal_the_cpus(variant: Variant, prompts: &[&str], tokens: usize) {
    let cpu = common::checkpoint();
    let backend = block_on(Wgpu::with_variant(variant)).unwrap();
    let gpu = common::checkpoint_on(backend.clone());
    for prompt in prompts {
        let prompt_ids = cpu.tokenizer.encode(prompt).unwrap();
        let expected = common::greedy_with_margins(&cpu, &prompt_ids, tokens);
        let found = common::greedy(&gpu, &prompt_ids, tokens);
        let differ = expected.iter().zip(&found).position(|((id, _), found)| id != found);
        if let Some(place) = differ {
            let margin = expected[place].1;
            eprintln!("{variant:?}: token {place} after {prompt:?} is a tie, {margin} apart");
            assert!(margin < TIE, "token {place} after {prompt:?} on {}", backend.description());
        }
    }
}

#[test]
fn greedy_ids_of_software_kernels() {
    greedy_ids_equal_the_cpus(Variant::Software, &common::PROMPTS, TOKENS);
}

#[test]
fn greedy_ids_of_workgroup_kernels() {
    greedy_ids_equal_the_cpus(Variant::Workgroup, &common::PROMPTS[..2], TOKENS / 4);
}

#[test]
fn greedy_ids_of_subgroup_kernels() {
    greedy_ids_equal_the_cpus(Variant::Subgroups, &common::PROMPTS[..2], TOKENS / 4);
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

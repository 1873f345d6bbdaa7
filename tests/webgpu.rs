//! The WebGPU backend with the real model: the CPU's greedy ids, and what a token costs the device.

mod common;

use pollster::block_on;
use toolgen::Error;
use toolgen::agent::{Engine, Event, Stream};
use toolgen::backend::cpu::Cpu;
use toolgen::backend::wgpu::{Variant, Wgpu};
use toolgen::backend::{Backend, Sequence};
use toolgen::gguf::QuantizedMatrix;
use toolgen::model::file;
use toolgen::self_test::self_check;

const TOKENS: usize = 32;
/// Logits that are nearer to each other may change places by rounding.
const TIE: f32 = 0.02;

/// A variant's greedy ids are the CPU's as far as the CPU's two best logits are apart by more than rounding;
/// after such a tie all that follows differs.
fn greedy_ids_equal_the_cpus(variant: Variant, prompts: &[&str], tokens: usize) {
    let cpu = common::checkpoint();
    let backend = block_on(Wgpu::with_variant(variant)).unwrap();
    let gpu = file::load(&common::checkpoint_path(), backend.clone()).unwrap();
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

/// What the issue of every GPU in a page is: waiting for it, and making things in the loop.
#[test]
fn a_token_is_one_submit_and_makes_nothing() {
    for variant in [Variant::Workgroup, Variant::Subgroups, Variant::Software] {
        let backend = block_on(Wgpu::with_variant(variant)).unwrap();
        let gpu = file::load(&common::checkpoint_path(), backend.clone()).unwrap();
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
                assert!(token.bytes_read <= 512 && token.dispatches <= 250, "{token:?}");
            }
            eprintln!("{variant:?}, token {step}: {token:?}");
            warm = backend.counters();
            x = decoder.forward(&[next], &mut sequence).unwrap();
        }
        assert_eq!(sequence.len(), prompt.len() + 6);
    }
}

#[test]
fn the_self_check_passes_in_every_variant() {
    for variant in [Variant::Workgroup, Variant::Subgroups, Variant::Software] {
        block_on(self_check(block_on(Wgpu::with_variant(variant)).unwrap())).unwrap();
    }
}

#[test]
fn too_long_rows_are_refused_with_their_size() {
    let backend = block_on(Wgpu::with_binding_limit(Variant::Workgroup, 1024)).unwrap();
    let matrix = QuantizedMatrix::quantize_q8_0(40, 64, &[1.0; 40 * 64]).unwrap();
    match backend.upload_matrix(matrix) {
        Err(Error::Gpu { what, reason }) => {
            assert!(what.contains("[40, 64]") && reason.contains("2048"), "{reason}");
        }
        _ => panic!("32 rows of 64 bytes were taken"),
    }
}

fn tiny<B: Backend>(backend: B) -> Engine<B> {
    Engine::new(common::read(backend, &common::tiny(), 1 << 20).unwrap()).unwrap()
}

/// The ids that a stream still gives, or the loss of its device.
fn ids<B: Backend>(stream: &mut Stream<B>, most: usize) -> Result<Vec<u32>, Error> {
    let mut ids = Vec::new();
    while ids.len() < most {
        match block_on(stream.next())? {
            Some(Event::Token { id, .. }) => ids.push(id),
            Some(_) => {}
            None => break,
        }
    }
    Ok(ids)
}

/// A device is destroyed twice in mid-stream; another takes over, and then the CPU.
#[test]
fn a_stream_outlives_its_device() {
    let ask = |engine: &Engine<Wgpu>| engine.complete("the thin man in the inn", 16).unwrap();
    let open = || block_on(Wgpu::new()).unwrap();
    let undisturbed = ids(&mut ask(&tiny(open())), 16).unwrap();
    assert_eq!(undisturbed.len(), 16);

    let (first, second) = (open(), open());
    let mut stream = ask(&tiny(first.clone()));
    let mut found = ids(&mut stream, 4).unwrap();
    first.destroy();
    assert_eq!(ids(&mut stream, 1).unwrap_err().code(), "device_lost");
    let mut stream = stream.resume(&tiny(second.clone())).unwrap();
    found.extend(ids(&mut stream, 5).unwrap());
    second.destroy();
    assert_eq!(ids(&mut stream, 1).unwrap_err().code(), "device_lost");
    let mut stream = stream.resume(&tiny(Cpu)).unwrap();
    found.extend(ids(&mut stream, 16).unwrap());
    assert_eq!(found, undisturbed);
}

#[test]
fn a_lost_device_is_an_error() {
    let bytes = common::tiny();
    let backend = block_on(Wgpu::new()).unwrap();
    let tiny = common::read(backend.clone(), &bytes, 1 << 20).unwrap();
    let mut sequence = tiny.decoder.sequence(16);
    let x = tiny.decoder.forward(&[5, 6], &mut sequence).unwrap();
    block_on(tiny.decoder.next_tokens(&x, None, 1)).unwrap();
    backend.destroy();
    let x = tiny.decoder.forward(&[7], &mut sequence).unwrap();
    let error = block_on(tiny.decoder.next_tokens(&x, None, 1)).unwrap_err();
    assert_eq!(error.code(), "device_lost", "{error}");
}

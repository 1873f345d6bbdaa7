//! The WebGPU device: it computes what the CPU computes, names what it refuses, and may be lost.

use crate::common;
use pollster::block_on;
use toolgen::Error;
use toolgen::agent::{Engine, Event, Stream};
use toolgen::backend::cpu::Cpu;
use toolgen::backend::wgpu::{Counters, Variant, Wgpu};
use toolgen::backend::{Backend, LowRank};
use toolgen::gguf::{Format, QuantizedMatrix};
use toolgen::self_test::self_check;

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

/// The tiny checkpoint, with an adapter.
fn tiny<B: Backend>(backend: B) -> Engine<B> {
    Engine::new(common::adapted::tiny(backend)).unwrap()
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

/// A device is destroyed twice in mid-stream; another takes over, and then the CPU, whose activations have eight bits:
/// it goes on as it does after the same tokens.
#[test]
fn a_stream_outlives_its_device() {
    let prompt = "the thin man in the inn";
    let ask = |engine: &Engine<Wgpu>| engine.complete(prompt, 16).unwrap();
    let open = || block_on(Wgpu::new()).unwrap();
    let undisturbed = ids(&mut ask(&tiny(open())), 16).unwrap();
    assert_eq!(undisturbed.len(), 16);

    let (first, second) = (open(), open());
    let mut stream = ask(&tiny(first.clone()));
    let mut found = ids(&mut stream, 4).unwrap();
    first.destroy();
    assert_eq!(ids(&mut stream, 1).unwrap_err().code(), "device_lost");
    let mut stream = tiny(second.clone()).resume(stream).unwrap();
    found.extend(ids(&mut stream, 5).unwrap());
    second.destroy();
    assert_eq!(ids(&mut stream, 1).unwrap_err().code(), "device_lost");
    assert_eq!(found, undisturbed[..9]);
    let mut stream = tiny(Cpu).resume(stream).unwrap();
    let on_cpu = ids(&mut stream, 16).unwrap();
    let cpu = common::adapted::tiny(Cpu);
    let read = [cpu.tokenizer.encode(prompt).unwrap(), found].concat();
    assert_eq!(on_cpu, common::greedy(&cpu, &read, 7));
}

/// A layer is seven runs of the kernels, and an update of all its matrices two more: the norms do the rest.
#[test]
fn a_token_with_an_adapter_is_one_submit_and_makes_nothing() {
    for variant in [Variant::Workgroup, Variant::Subgroups, Variant::Software] {
        let backend = block_on(Wgpu::with_variant(variant)).unwrap();
        let [plain, adapted] = [
            common::read(backend.clone(), &common::tiny(), 1 << 20).unwrap(),
            common::adapted::tiny(backend.clone()),
        ]
        .map(|tiny| {
            let mut sequence = tiny.decoder.sequence(16);
            let mut last = Counters::default();
            for token in 0..6 {
                let before = backend.counters();
                let x = tiny.decoder.forward(&[token], &mut sequence).unwrap();
                block_on(tiny.decoder.next_tokens(&x, None, 5)).unwrap();
                last = backend.counters() - before;
            }
            last
        });
        assert_eq!((adapted.submits, adapted.created), (1, 0), "{adapted:?} on {variant:?}");
        assert_eq!(adapted.bytes_read, plain.bytes_read);
        assert_eq!(adapted.dispatches, plain.dispatches + 2 * common::LAYERS as u64);
    }
}

#[test]
fn updates_in_other_formats_are_refused() {
    let backend = block_on(Wgpu::new()).unwrap();
    let matrix = |rows| QuantizedMatrix::quantize_q8_0(rows, 32, &vec![1.0; rows * 32]).unwrap();
    let q4 = QuantizedMatrix::new(Format::Q4_0, 32, 32, vec![0; 32 * 18]).unwrap();
    let mut weights = backend.upload_matrix(matrix(8)).unwrap();
    let update = LowRank { a: q4, b: matrix(8) };
    assert_eq!(backend.adapt(&mut weights, None, update).unwrap_err().code(), "backend");
}

#[test]
fn a_lost_device_is_an_error() {
    let backend = block_on(Wgpu::new()).unwrap();
    let tiny = common::adapted::tiny(backend.clone());
    let mut sequence = tiny.decoder.sequence(16);
    let x = tiny.decoder.forward(&[5, 6], &mut sequence).unwrap();
    block_on(tiny.decoder.next_tokens(&x, None, 1)).unwrap();
    backend.destroy();
    let x = tiny.decoder.forward(&[7], &mut sequence).unwrap();
    let error = block_on(tiny.decoder.next_tokens(&x, None, 1)).unwrap_err();
    assert_eq!(error.code(), "device_lost", "{error}");
}

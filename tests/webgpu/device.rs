//! The WebGPU device: it computes what the CPU computes, names what it refuses, and may be lost.

use crate::common;
use pollster::block_on;
use toolgen::Error;
use toolgen::agent::{Engine, Event, Stream};
use toolgen::backend::Backend;
use toolgen::backend::cpu::Cpu;
use toolgen::backend::wgpu::{Variant, Wgpu};
use toolgen::gguf::QuantizedMatrix;
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
    let mut stream = tiny(second.clone()).resume(stream).unwrap();
    found.extend(ids(&mut stream, 5).unwrap());
    second.destroy();
    assert_eq!(ids(&mut stream, 1).unwrap_err().code(), "device_lost");
    let mut stream = tiny(Cpu).resume(stream).unwrap();
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

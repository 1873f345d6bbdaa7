//! Files that lie: every one gets a typed error, none a panic, a hang or a wrong answer.
//!
//! The mutation tests are fuzz targets that run briefly, with proptest's shrinking; set
//! `PROPTEST_CASES` to run them longer.

use crate::common;
use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::Value;
use proptest::prelude::*;
use toolgen::Error;
use toolgen::backend::cpu::Cpu;
use toolgen::model::CheckpointReader;
use toolgen::tool::ToolPack;

fn refused(bytes: &[u8]) -> Error {
    common::read(Cpu, bytes, 4096).err().expect("a hostile checkpoint was accepted")
}

/// The tiny checkpoint with one metadata entry replaced.
fn with_metadata(key: &'static str, value: Value) -> Vec<u8> {
    let (mut metadata, tensors) = common::tiny_parts();
    metadata.retain(|(other, _)| *other != key);
    metadata.push((key, value));
    common::gguf(&metadata, &tensors)
}

/// Where in the file the info of tensor `name` ends; its offset field is the eight bytes before.
fn end_of_info(bytes: &[u8], name: &str, dimensions: usize) -> usize {
    let at = bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
    at + name.len() + 4 + 8 * dimensions + 4 + 8
}

#[test]
fn the_tiny_checkpoint_itself_is_fine() {
    let bytes = common::tiny();
    for chunk in [1, 1000, bytes.len()] {
        let checkpoint = common::read(Cpu, &bytes, chunk.max(7)).unwrap();
        assert_eq!(common::greedy(&checkpoint, &[5, 6, 7], 4).len(), 4);
    }
}

#[test]
fn truncated_at_any_length() {
    let bytes = common::tiny();
    for length in (0..bytes.len()).step_by(bytes.len() / 97) {
        let error = refused(&bytes[..length]);
        assert!(matches!(error.code(), "gguf" | "checkpoint"), "at {length}: {error}");
    }
    let mut reader = CheckpointReader::new(Cpu, bytes.len() as u64);
    reader.push(&bytes[..bytes.len() - 1]).unwrap();
    assert!(matches!(reader.finish(), Err(Error::Truncated { .. })));
}

#[test]
fn what_came_in_a_files_place_is_named() {
    for (text, what) in [
        ("\n<!DOCTYPE html><html><body>Not found</body></html>", "HTML"),
        ("<html lang=\"en\">", "HTML"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 145000000\n", "Git LFS"),
    ] {
        let (checkpoint, pack) = (refused(text.as_bytes()), ToolPack::from_bytes(text.as_bytes()));
        assert!(checkpoint.to_string().contains(what), "{checkpoint}");
        assert!(pack.unwrap_err().to_string().contains(what));
    }
}

#[test]
fn what_other_files_leave_out_has_defaults() {
    let (mut metadata, tensors) = common::tiny_parts();
    metadata.retain(|(key, _)| !matches!(*key, "llama.rope.dimension_count" | "llama.vocab_size"));
    let bytes = common::gguf(&metadata, &tensors);
    assert_eq!(common::read(Cpu, &bytes, 4096).unwrap().decoder.config.head_size, 32);
    common::read(Cpu, &with_metadata("tokenizer.ggml.eos_token_id", Value::U32(0)), 4096).unwrap();
}

#[test]
fn more_bytes_than_announced() {
    let bytes = common::tiny();
    let mut reader = CheckpointReader::new(Cpu, bytes.len() as u64 - 1);
    assert!(reader.push(&bytes).is_err());
    assert!(reader.push(&bytes).is_err(), "a failed reader stays failed");
}

#[test]
fn not_a_gguf_at_all() {
    assert!(matches!(
        refused(b"<!doctype html><title>404</title>"),
        Error::Gguf { offset: 0..=8, .. }
    ));
    assert!(matches!(refused(&[0; 64]), Error::Gguf { .. }));
    assert!(matches!(refused(b""), Error::Truncated { .. }));
}

#[test]
fn huge_counts() {
    for (at, count) in [(8, u64::MAX), (8, 1 << 29), (16, u64::MAX), (16, 1 << 29)] {
        let mut bytes = common::tiny();
        bytes[at..at + 8].copy_from_slice(&count.to_le_bytes());
        assert!(matches!(refused(&bytes), Error::Gguf { .. }));
    }
}

#[test]
fn lengths_that_overflow() {
    let mut bytes = common::tiny();
    bytes[24..32].copy_from_slice(&u64::MAX.to_le_bytes()); // the first key's length
    assert!(matches!(refused(&bytes), Error::Gguf { .. }));

    let mut bytes = common::tiny();
    let end = end_of_info(&bytes, "token_embd.weight", 2);
    for dimension in [end - 28, end - 20] {
        bytes[dimension..dimension + 8].copy_from_slice(&(u64::MAX / 2 / 32 * 32).to_le_bytes());
    }
    assert!(matches!(refused(&bytes), Error::Tensor { .. }));
}

#[test]
fn tensors_that_overlap_or_lie_outside() {
    for offset in [0u64, u64::MAX - 31, 1 << 40] {
        let mut bytes = common::tiny();
        let end = end_of_info(&bytes, "blk.1.ffn_down.weight", 2);
        bytes[end - 8..end].copy_from_slice(&offset.to_le_bytes());
        let error = refused(&bytes);
        assert!(matches!(error, Error::Tensor { .. } | Error::Truncated { .. }), "{error}");
    }
}

#[test]
fn alignment_of_zero() {
    for zero in [Value::U32(0), Value::U8(0), Value::I16(0)] {
        let error = refused(&with_metadata("general.alignment", zero));
        assert!(matches!(&error, Error::Metadata { key, .. } if key == "general.alignment"));
    }
}

#[test]
fn what_a_header_can_not_hold() {
    let reason = |bytes: &[u8]| refused(bytes).to_string();
    let mut bytes = common::tiny();
    bytes[4] = 1;
    assert!(reason(&bytes).contains("version 1 is not supported"));

    let list = |item| Value::Array(vec![Value::Array(vec![item])]);
    let nested = reason(&with_metadata("general.tags", list(Value::U8(1))));
    assert!(nested.contains("9 is the number of no type of value"), "{nested}");

    let text = b"general.architecture";
    let mut bytes = common::tiny();
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    bytes[at] = 0xff;
    assert!(reason(&bytes).contains("not UTF-8"));

    let mut bytes = common::tiny();
    let name = "blk.1.ffn_down.weight";
    let at = bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap() + 4;
    bytes[at] = b'0';
    assert!(
        reason(&bytes).contains("`blk.0.ffn_down.weight`: is listed twice"),
        "{}",
        reason(&bytes)
    );
}

#[test]
fn metadata_that_is_wrong() {
    for (key, value) in [
        ("general.architecture", Value::String("mamba".into())),
        ("general.architecture", Value::U32(1)),
        ("llama.attention.head_count", Value::U32(0)),
        ("llama.attention.head_count", Value::U32(7)),
        ("llama.attention.head_count_kv", Value::U32(9)),
        ("llama.embedding_length", Value::U32(u32::MAX)),
        ("llama.embedding_length", Value::String("64".into())),
        ("llama.block_count", Value::U64(u64::MAX)),
        ("llama.vocab_size", Value::U32(7)),
        ("llama.rope.dimension_count", Value::U32(16)),
        ("llama.attention.layer_norm_rms_epsilon", Value::F32(-1.0)),
        ("tokenizer.ggml.pre", Value::String("llama-bpe".into())),
        ("tokenizer.ggml.tokens", Value::U32(3)),
        ("tokenizer.ggml.token_type", Value::Array(vec![])),
        ("tokenizer.ggml.merges", Value::Array(vec![Value::String("nopair".into())])),
        ("tokenizer.ggml.merges", Value::Array(vec![Value::String("zz yy".into())])),
        ("tokenizer.ggml.eos_token_id", Value::U32(99_999)),
    ] {
        let error = refused(&with_metadata(key, value.clone()));
        assert!(matches!(error.code(), "checkpoint" | "tokenizer"), "{key} = {value:?}: {error}");
    }
}

#[test]
fn tensors_of_the_wrong_type_shape_or_name() {
    let replaced = |name: &str, tensor| {
        let (metadata, mut tensors) = common::tiny_parts();
        tensors.retain(|(other, _)| other != name);
        tensors.extend(tensor);
        common::gguf(&metadata, &tensors)
    };
    let named = |name: &str, tensor| Some((name.to_owned(), tensor));
    let (q, d) = ("blk.0.attn_q.weight", common::HIDDEN);
    for (bytes, why) in [
        (replaced(q, None), "missing"),
        (replaced(q, named(q, common::matrix(d, d, GgmlDType::Q5_0, 1))), "a type without kernels"),
        (
            replaced(q, named(q, common::matrix(d, d, GgmlDType::Q8_0, 1))),
            "a type unlike its neighbours'",
        ),
        (replaced(q, named(q, common::matrix(d / 2, d, GgmlDType::Q4_1, 1))), "too few rows"),
        (
            replaced(q, named("blk.9.attn_q.weight", common::matrix(d, d, GgmlDType::Q4_1, 1))),
            "no such layer",
        ),
        (
            replaced(q, named("blk.0.mystery.weight", common::matrix(d, d, GgmlDType::Q4_1, 1))),
            "unknown",
        ),
    ] {
        let error = refused(&bytes);
        assert!(matches!(error, Error::Tensor { .. }), "{why}: {error}");
    }
}

#[test]
fn weights_that_are_not_numbers() {
    let mut bytes = common::tiny();
    let length = bytes.len();
    bytes[length - 4096..].fill(0xff); // infinite and NaN scales
    assert!(matches!(refused(&bytes), Error::Tensor { .. }));
}

/// Bytes overwritten at places spread over the file, the header's end most of all.
pub fn mutations(length: usize) -> impl Strategy<Value = Vec<(usize, u8)>> {
    let place = prop_oneof![0..length.min(400), 0..length.min(12_000), 0..length];
    prop::collection::vec((place, any::<u8>()), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever happens to a checkpoint's bytes: an error, or a model that still computes numbers.
    #[test]
    fn mutated_checkpoints_never_panic(edits in mutations(common::tiny().len()), cut in prop::option::of(0.0f64..1.0)) {
        let mut bytes = common::tiny();
        for (at, byte) in edits {
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate((bytes.len() as f64 * cut) as usize);
        }
        if let Ok(checkpoint) = common::read(Cpu, &bytes, 5000) {
            prop_assert_eq!(common::greedy(&checkpoint, &[5, 6], 2).len(), 2);
        }
    }
}

//! Adapters beside a checkpoint: the one that ships is what is made of its folder, the tiny one changes what is computed,
//! and files that lie get a typed error.

use crate::common;
use crate::common::tiny::{self, RANK};

use std::collections::HashMap;

use proptest::prelude::*;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::Value;
use toolgen::backend::cpu::Cpu;
use toolgen::gguf::Config;
use toolgen::model::{Adapter, Checkpoint};
use toolgen::training::peft::pack::pack;
use toolgen::training::peft::{PeftAdapter, fused_projections};
use toolgen::training::trainer::SavedState;
use toolgen::training::trainer::memorization_head::MemorizationHead;
use toolgen::{Error, Result};

/// Of SmolLM2-135M, whose file these tests do without.
const BASE: Config = Config {
    layers: 30,
    hidden: 576,
    feed_forward: 1536,
    heads: 9,
    kv_heads: 3,
    head_size: 64,
    vocabulary: 49_152,
    context: 8192,
    rope_base: 1e5,
    rms_epsilon: 1e-5,
};

#[test]
fn the_committed_adapter_is_what_is_made_of_its_folder() {
    let models = common::root().join("models");
    let manifest = std::fs::read(models.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let sha256 = |of: &str| manifest[of]["files"][0]["sha256"].as_str().unwrap();
    let folder = models.join("adapter");
    let peft = PeftAdapter::read(&folder, &BASE).unwrap();
    let (state, _) = fused_projections::to_state(&peft, &BASE).unwrap();
    let head = SavedState::load(&folder.join("head.safetensors")).unwrap();
    let head = MemorizationHead::from_tensors(&head).unwrap();
    let made = pack(&state, Some(&head), &BASE, sha256("checkpoint")).unwrap();
    let kept = std::fs::read(folder.join("toolgen-135m.safetensors")).unwrap();
    assert!(kept == made, "the adapter differs; `toolgen adapter pack` writes it again");
    assert_eq!(Adapter::from_bytes(&kept).unwrap().sha256, sha256("adapter"));
}

/// The tiny checkpoint with the adapter in this file.
fn adapted(file: &[u8]) -> Result<Checkpoint<Cpu>> {
    let mut checkpoint = common::read(Cpu, &common::tiny(), 1 << 16)?;
    checkpoint.adapt(Adapter::from_bytes(file)?)?;
    Ok(checkpoint)
}

fn refused(file: &[u8]) -> Error {
    adapted(file).err().expect("a hostile adapter was accepted")
}

fn adapter() -> Vec<u8> {
    tiny::adapter(&common::tiny())
}

#[test]
fn an_adapter_changes_what_is_computed_and_brings_its_head() {
    let base = common::read(Cpu, &common::tiny(), 1 << 16).unwrap();
    assert!(base.document_head.is_none() && base.id.adapter.is_none());
    let file = adapter();
    let adapted = adapted(&file).unwrap();
    assert!(adapted.document_head.is_some());
    assert_eq!(adapted.id.checkpoint, base.id.checkpoint);
    assert_eq!(adapted.id.adapter, Some(Adapter::from_bytes(&file).unwrap().sha256));
    let prompt = [5, 6, 7];
    assert_ne!(common::greedy(&adapted, &prompt, 16), common::greedy(&base, &prompt, 16));
    assert!(adapter() == file, "the same inputs give the same file");
}

#[test]
fn an_adapter_of_another_checkpoint_and_a_second_one_are_refused() {
    let other = tiny::adapter(&tiny::merged(&tiny::head()));
    assert_eq!(refused(&other).code(), "base_mismatch");
    let mut checkpoint = adapted(&adapter()).unwrap();
    let second = checkpoint.adapt(Adapter::from_bytes(&adapter()).unwrap());
    assert_eq!(second.unwrap_err().code(), "base_mismatch");
}

#[test]
fn truncated_anywhere() {
    let file = adapter();
    for length in (0..file.len()).step_by(file.len() / 97).chain(0..200) {
        let error = Adapter::from_bytes(&file[..length]).unwrap_err();
        assert_eq!(error.code(), "adapter", "at {length}: {error}");
    }
}

type Metadata = HashMap<String, String>;
type Tensors = Vec<(String, Dtype, Vec<usize>, Vec<u8>)>;

/// The adapter's file with its parts changed.
fn edited(edit: impl FnOnce(&mut Metadata, &mut Tensors)) -> Vec<u8> {
    let file = adapter();
    let (_, header) = SafeTensors::read_metadata(&file).unwrap();
    let mut metadata = header.metadata().clone().unwrap();
    let parts = SafeTensors::deserialize(&file).unwrap();
    let part = |(name, view): (String, TensorView)| {
        (name, view.dtype(), view.shape().to_vec(), view.data().to_vec())
    };
    let mut tensors = parts.tensors().into_iter().map(part).collect();
    edit(&mut metadata, &mut tensors);
    let views = tensors.iter().map(|(name, dtype, shape, data)| {
        (name, TensorView::new(*dtype, shape.clone(), data).unwrap())
    });
    safetensors::serialize(views, Some(metadata)).unwrap()
}

#[test]
fn metadata_that_lies() {
    for (key, value, why) in [
        ("format", "toolgen-pack", "expected toolgen-adapter, version 1"),
        ("version", "2", "expected toolgen-adapter, version 1; make it"),
        ("rank", "64", "has rank 32 and 32, not 64"),
        ("rank", "31", "multiple of 32"),
        ("rank", "0", "multiple of 32"),
        ("rank", "-32", "multiple of 32"),
        ("rank", "18446744073709551616", "multiple of 32"),
        ("head_version", "9", "none of 1 to 2"),
        ("row_scale", "NaN", "not a positive number"),
        ("row_scale", "inf", "not a positive number"),
        ("row_scale", "-1", "not a positive number"),
    ] {
        let error = refused(&edited(|metadata, _| {
            metadata.insert(key.into(), value.into());
        }));
        assert_eq!(error.code(), "adapter", "{key} = {value}: {error}");
        assert!(error.to_string().contains(why), "{key} = {value}: {error}");
    }
    for key in ["format", "version", "base_sha256", "rank", "head_version", "row_scale"] {
        let error = refused(&edited(|metadata, _| {
            metadata.remove(key);
        }));
        assert_eq!(error.code(), "adapter", "without {key}: {error}");
    }
}

#[test]
fn tensors_that_lie() {
    const QUANTS: &str = "layers.0.qkv.a.quants";
    const SCALES: &str = "layers.0.qkv.a.scales";
    let with = |name: &str, dtype, shape: &[usize], byte: u8| {
        let bytes = shape.iter().product::<usize>() * usize::from(dtype_bytes(dtype));
        refused(&edited(|_, tensors| {
            tensors.retain(|(other, ..)| other != name);
            tensors.push((name.into(), dtype, shape.into(), vec![byte; bytes]));
        }))
    };
    for (error, why) in [
        (with(SCALES, Dtype::F16, &[RANK, 2], 0xff), "not finite"),
        (with("head.norm", Dtype::F32, &[64], 0xff), "not finite"),
        (with(SCALES, Dtype::F16, &[RANK, 1], 0), "expected F16 [32, 2]"),
        (with(SCALES, Dtype::I8, &[RANK, 2], 0), "expected F16"),
        (with(QUANTS, Dtype::U8, &[RANK, 64], 0), "expected I8"),
        (with(QUANTS, Dtype::I8, &[RANK * 64], 0), "has the shape [2048]"),
        (with(QUANTS, Dtype::I8, &[RANK, 48], 0), "has the shape [32, 48]"),
        (with(QUANTS, Dtype::I8, &[0, 64], 0), "has the shape [0, 64]"),
        (with(QUANTS, Dtype::I8, &[RANK / 2, 64], 0), "expected F16 [16, 2]"),
        (with("head.weight.quants", Dtype::I8, &[64, 32], 0), "expected F16 [64, 1]"),
        (with("head.special_rows", Dtype::F32, &[3, 64], 0), "expected F32 [2, 64]"),
        (with("surplus", Dtype::I8, &[1], 0), "is no part of an adapter"),
        (with("layers.0.router.a.quants", Dtype::I8, &[1], 0), "is no part of an adapter"),
        (with("layers.0.qkv.c.quants", Dtype::I8, &[1], 0), "is no part of an adapter"),
        (with("layers.-1.qkv.a.quants", Dtype::I8, &[1], 0), "is no part of an adapter"),
        (with("layers.1.down.a.quants", Dtype::I8, &[RANK, 64], 0), "expected F16 [32, 2]"),
    ] {
        assert_eq!(error.code(), "adapter", "{error}");
        assert!(error.to_string().contains(why), "{why}: {error}");
    }
    for name in [QUANTS, SCALES, "head.norm", "head.weight.scales"] {
        let error = refused(&edited(|_, tensors| tensors.retain(|(other, ..)| other != name)));
        assert!(error.to_string().contains("is missing"), "without {name}: {error}");
    }
    let bare = edited(|_, tensors| tensors.retain(|(name, ..)| name.starts_with("head.")));
    assert!(refused(&bare).to_string().contains("holds no update"));
}

fn dtype_bytes(dtype: Dtype) -> u8 {
    match dtype {
        Dtype::F32 => 4,
        Dtype::F16 => 2,
        _ => 1,
    }
}

/// What only the checkpoint can tell.
#[test]
fn layers_and_shapes_that_the_model_does_not_have() {
    let renamed = |from: &'static str, to: &'static str| {
        refused(&edited(|_, tensors| {
            for (name, ..) in tensors.iter_mut().filter(|(name, ..)| name.starts_with(from)) {
                *name = name.replacen(from, to, 1);
            }
        }))
    };
    for (error, why) in [
        (renamed("layers.1.down", "layers.2.down"), "names none of the model's 2 layers"),
        (renamed("layers.1.down", "layers.18446744073709551615.down"), "none of the model's 2"),
        (renamed("layers.1.down", "layers.1.router"), "is no part of an adapter"),
    ] {
        assert_eq!(error.code(), "adapter", "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }
    let swapped = refused(&edited(|_, tensors| {
        tensors.retain(|(name, ..)| !name.starts_with("layers.1.down"));
        for (name, ..) in tensors.iter_mut().filter(|(name, ..)| name.starts_with("layers.1.qkv")) {
            *name = name.replace("qkv", "down");
        }
    }));
    assert!(swapped.to_string().contains("is [128, 64], expected [64, 96]"), "{swapped}");
    let wide_head = refused(&edited(|_, tensors| {
        let of_head = tensors.iter_mut().filter(|(name, ..)| name.starts_with("head."));
        for (name, _, shape, data) in of_head {
            // Twice as wide, and the square matrix twice as high.
            *shape.last_mut().unwrap() *= 2;
            *data = data.repeat(2);
            if name.starts_with("head.weight") {
                shape[0] *= 2;
                *data = data.repeat(2);
            }
        }
    }));
    assert!(wide_head.to_string().contains("is 128 wide, the model 64"), "{wide_head}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever happens to the bytes: an error, or a model that still computes numbers.
    #[test]
    fn mutated_adapters_never_panic(
        edits in prop::collection::vec(
            (prop_oneof![0..400usize, 0..4_000usize, 0..50_000usize], any::<u8>()),
            1..12,
        ),
    ) {
        let mut file = adapter();
        for (at, byte) in edits {
            file[at] = byte;
        }
        match adapted(&file) {
            Ok(checkpoint) => {
                prop_assert_eq!(common::greedy(&checkpoint, &[5, 6], 2).len(), 2);
            }
            Err(error) => {
                prop_assert!(["adapter", "base_mismatch"].contains(&error.code()), "{}", error);
            }
        }
    }
}

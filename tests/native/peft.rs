//! Adapters that PEFT saved, and ours: the same numbers as transformers computes.
//!
//! The fixtures are made by tests/fixtures/peft/make.py; their base has the tiny checkpoint's shapes.

use crate::common;
use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use std::path::PathBuf;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{DType, Device, Tensor};
use toolgen::backend::Backend;
use toolgen::backend::cpu::Cpu;
use toolgen::backend::reference::Reference;
use toolgen::gguf::quantize::Rounding;
use toolgen::gguf::{Config, Format};
use toolgen::model::Checkpoint;
use toolgen::training::autograd::Autograd;
use toolgen::training::peft::fused_projections;
use toolgen::training::peft::merge::{Storage, merge};
use toolgen::training::peft::projection::Projection;
use toolgen::training::peft::{PeftAdapter, Update};
use toolgen::training::trainer::adapter::{Adapter, AdapterConfig};

/// The training backend rounds weights and inputs to bfloat16, eight bits of mantissa; logits reach 8.
const BFLOAT16: f32 = 0.1;
/// Base weights are exact in eight bits, and the reference rounds no activations.
const EXACT: f32 = 2e-3;
/// Weights with the adapter added are rounded to eight bits.
const EIGHT_BITS: f32 = 0.1;

fn folder() -> PathBuf {
    common::root().join("tests/fixtures/peft")
}

fn tensors(name: &str) -> HashMap<String, Tensor> {
    candle_core::safetensors::load(folder().join(name), &Device::Cpu).unwrap()
}

/// The fixture's base as a GGUF file, as llama.cpp's converter would write it.
fn base() -> Vec<u8> {
    let base = tensors("base.safetensors");
    let (metadata, parts) = common::tiny_parts();
    let config = config();
    let hugging_face = |name: &str| match name {
        "token_embd.weight" => ("model.embed_tokens.weight".to_owned(), None),
        "output_norm.weight" => ("model.norm.weight".to_owned(), None),
        name => {
            let (layer, name) = name.strip_prefix("blk.").unwrap().split_once('.').unwrap();
            let layer: usize = layer.parse().unwrap();
            let norm = match name {
                "attn_norm.weight" => Some("input_layernorm"),
                "ffn_norm.weight" => Some("post_attention_layernorm"),
                _ => None,
            };
            let projection = Projection::ALL
                .into_iter()
                .find(|projection| projection.tensor(layer) == format!("blk.{layer}.{name}"));
            let module = norm.unwrap_or_else(|| projection.unwrap().module());
            (format!("model.layers.{layer}.{module}.weight"), projection)
        }
    };
    let tensors: Vec<_> = parts
        .into_iter()
        .map(|(name, _)| {
            let (source, projection) = hugging_face(&name);
            let mut tensor = base[&source].to_dtype(DType::F32).unwrap();
            if let Some(projection) = projection {
                let order = Tensor::new(projection.rows_in_gguf(&config), &Device::Cpu).unwrap();
                tensor = tensor.index_select(&order, 0).unwrap();
            }
            let dtype = if tensor.rank() == 1 { GgmlDType::F32 } else { GgmlDType::Q8_0 };
            (name, QTensor::quantize(&tensor, dtype).unwrap())
        })
        .collect();
    common::gguf(&metadata, &tensors)
}

fn config() -> Config {
    common::read(Cpu, &common::tiny(), 1 << 20).unwrap().decoder.config
}

/// The largest difference between the logits of the fixture's ids and the expected ones.
fn largest_error<B: Backend>(checkpoint: &Checkpoint<B>, expected: &str) -> f32 {
    let fixture = tensors("expected.safetensors");
    let ids: Vec<u32> = fixture["ids"].to_dtype(DType::U32).unwrap().to_vec1().unwrap();
    let decoder = &checkpoint.decoder;
    let mut sequence = decoder.sequence(ids.len());
    let x = decoder.residual_stream(&ids, &mut sequence).unwrap();
    let h = decoder.backend.rms_norm(&x, &decoder.output_norm, decoder.config.rms_epsilon);
    let logits = decoder.backend.linear(&h, &decoder.embedding);
    let logits = pollster::block_on(decoder.backend.read(&logits)).unwrap();
    let expected: Vec<f32> = fixture[expected].flatten_all().unwrap().to_vec1().unwrap();
    assert_eq!(logits.len(), expected.len());
    logits.iter().zip(&expected).fold(0f32, |worst, (a, b)| worst.max((a - b).abs()))
}

/// The base on the training backend with an adapter attached.
fn adapted(adapter: &PeftAdapter) -> Checkpoint<Autograd> {
    let mut checkpoint = common::read(Autograd, &base(), 1 << 20).unwrap();
    let (state, rank) = fused_projections::to_state(adapter, &config()).unwrap();
    let shape = AdapterConfig { rank, alpha: rank as f32, first_layer: 0 };
    let attached = Adapter::attach(&mut checkpoint.decoder, shape, 1).unwrap();
    assert_eq!(attached.parameters.len(), state.iter().count());
    for (name, var) in &attached.parameters {
        var.set(state.tensor(name).unwrap()).unwrap();
    }
    checkpoint
}

fn storage(layers: Format) -> Storage {
    Storage { layers, embedding: None, rounding: Rounding::LeastSquares, name: None }
}

fn merged(adapter: &PeftAdapter, layers: Format) -> Checkpoint<Reference> {
    let mut file = Cursor::new(Vec::new());
    merge(&mut Cursor::new(base()), &mut file, Some(adapter), None, &storage(layers)).unwrap();
    common::read(Reference, file.get_ref(), 1 << 20).unwrap()
}

#[test]
fn the_base_computes_what_transformers_computes() {
    let checkpoint = common::read(Reference, &base(), 1 << 20).unwrap();
    let error = largest_error(&checkpoint, "base_logits");
    assert!(error < EXACT, "{error}");
    assert!(largest_error(&checkpoint, "logits") > 1.0, "the adapter changes nothing");
}

#[test]
fn an_adapter_that_peft_saved_computes_the_same_in_training() {
    let adapter = PeftAdapter::read(&folder(), &config()).unwrap();
    assert_eq!(adapter.updates.len(), 14);
    let error = largest_error(&adapted(&adapter), "logits");
    assert!(error < BFLOAT16, "{error}");
}

#[test]
fn a_merged_checkpoint_computes_the_same() {
    let adapter = PeftAdapter::read(&folder(), &config()).unwrap();
    let error = largest_error(&merged(&adapter, Format::Q8_0), "logits");
    assert!(error < EIGHT_BITS, "{error}");
}

#[test]
fn an_adapter_comes_back_from_a_training_state_and_from_a_file() {
    let config = config();
    let adapter = PeftAdapter::read(&folder(), &config).unwrap();
    let (state, _) = fused_projections::to_state(&adapter, &config).unwrap();
    let exported = fused_projections::from_state(&state, &config, 1.0, "tiny").unwrap();
    let out = std::env::temp_dir().join(format!("toolgen-peft-{}", std::process::id()));
    exported.write(&out).unwrap();
    let back = PeftAdapter::read(&out, &config).unwrap();
    std::fs::remove_dir_all(&out).unwrap();
    for (module, update) in &adapter.updates {
        let floats = |update: &Update| -> Vec<f32> { update.delta(module.1, &config).unwrap() };
        for (a, b) in floats(update).iter().zip(floats(&back.updates[module])) {
            assert!((a - b).abs() < 1e-3, "{module:?}: {a} came back as {b}");
        }
    }
    // Query, key and value had an A each; now they share one of three times the rank.
    assert_eq!(back.updates[&(0, Projection::Query)].rank(), 12);
}

#[test]
fn equal_as_are_joined_again() {
    let config = config();
    let ones = |rows: usize, columns: usize, scale: f64| {
        (Tensor::ones((rows, columns), DType::F32, &Device::Cpu).unwrap() * scale).unwrap()
    };
    let mut updates = BTreeMap::new();
    for projection in Projection::ALL {
        let (rows, columns) = projection.shape(&config);
        let update = Update { a: ones(4, columns, 0.5), b: ones(rows, 4, 0.25), scale: 2.0 };
        updates.insert((1, projection), update);
    }
    let adapter = PeftAdapter { base_model: "tiny".into(), updates };
    let (state, rank) = fused_projections::to_state(&adapter, &config).unwrap();
    assert_eq!(rank, 4);
    assert_eq!(state.iter().count(), 8, "one layer has four stacked matrices");
    let b: Vec<f32> =
        state.tensor("layers.1.qkv.b").unwrap().flatten_all().unwrap().to_vec1().unwrap();
    assert!(b.iter().all(|&b| b == 0.5), "the scale is folded in");
}

#[test]
fn tensors_that_do_not_fit_are_named() {
    let out = std::env::temp_dir().join(format!("toolgen-peft-odd-{}", std::process::id()));
    std::fs::create_dir_all(&out).unwrap();
    std::fs::copy(folder().join("adapter_config.json"), out.join("adapter_config.json")).unwrap();
    let good = tensors("adapter_model.safetensors");
    let key = "base_model.model.model.layers.0.mlp.up_proj.lora_";
    let error_of = |change: &dyn Fn(&mut HashMap<String, Tensor>)| {
        let mut tensors = good.clone();
        change(&mut tensors);
        candle_core::safetensors::save(&tensors, out.join("adapter_model.safetensors")).unwrap();
        PeftAdapter::read(&out, &config()).unwrap_err().to_string()
    };
    let zeros = |shape: (usize, usize)| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    let missing = error_of(&|tensors| drop(tensors.remove(&format!("{key}A.weight"))));
    assert!(missing.contains("layers.0.mlp.up_proj"), "{missing}");
    let shape = error_of(&|tensors| drop(tensors.insert(format!("{key}A.weight"), zeros((4, 32)))));
    assert!(shape.contains("[4, 32]"), "{shape}");
    let dora = format!("{key}magnitude_vector.weight");
    let error = error_of(&|tensors| drop(tensors.insert(dora.clone(), zeros((96, 1)))));
    assert!(error.contains("magnitude_vector"), "{error}");
    let infinite = (zeros((4, 64)) / 0.0).unwrap();
    let error =
        error_of(&|tensors| drop(tensors.insert(format!("{key}A.weight"), infinite.clone())));
    assert!(error.contains("not finite"), "{error}");
    std::fs::remove_dir_all(&out).unwrap();
}

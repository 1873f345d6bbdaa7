//! Checkpoints that carry a document head: rows from documents, and files that lie about it.

use crate::common;

use crate::common::HIDDEN;
use crate::common::tiny::{head, merged, tensor};
use candle_core::quantized::gguf_file::Value;
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use toolgen::Error;
use toolgen::agent::Engine;
use toolgen::backend::cpu::Cpu;
use toolgen::prompt;
use toolgen::rows::at_run_time::{TRAINED_LENGTH, with_trained_shortened};
use toolgen::rows::from_documents::{document_rows, pack_of_documents};
use toolgen::tool::Tool;
use toolgen::training;
use toolgen::virtualization::Special;

fn tool(name: &str, description: &str) -> Tool {
    Tool {
        name: name.into(),
        description: description.into(),
        parameters: serde_json::json!({ "type": "object", "properties": {} }),
        http: None,
        annotations: Default::default(),
    }
}

fn tools() -> Vec<Tool> {
    vec![
        tool("weather", "Says what the weather is in a city."),
        tool("convert_units", "Converts a number from one unit to another."),
        tool("dice", "Throws dice."),
    ]
}

#[test]
fn rows_are_those_that_training_computes() {
    let bytes = merged(&head());
    let checkpoint = common::read(Cpu, &bytes, 4096).unwrap();
    let document_head = checkpoint.document_head.as_ref().expect("the file has a head");
    let mut seen = Vec::new();
    let documents = tools();
    let rows = document_rows(&checkpoint, document_head, &documents, |done| seen.push(done));
    let rows = pollster::block_on(rows).unwrap();
    assert_eq!(seen, [1, 2, 3]);
    let on_all_cores = training::rows::from_documents::document_rows;
    let together = on_all_cores(&checkpoint, document_head, &documents, None, |_| ()).unwrap();

    let mut states = Vec::new();
    let decoder = &checkpoint.decoder;
    for tool in tools() {
        let tokens = prompt::document(&checkpoint.tokenizer, &tool).unwrap();
        let mut sequence = decoder.sequence(tokens.len());
        let x = decoder.forward(&tokens, &mut sequence).unwrap();
        let state = pollster::block_on(decoder.hidden_state(&x)).unwrap();
        states.extend(state.iter().zip(&decoder.output_norm).map(|(h, gain)| h / gain));
    }
    let states = Tensor::from_vec(states, (3, HIDDEN), &Device::Cpu).unwrap();
    let expected: Vec<f32> =
        head().rows(&states).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    let length = expected[..HIDDEN].iter().map(|x| x * x).sum::<f32>().sqrt();
    for (found, expected) in rows.iter().chain(&together).zip(expected.iter().cycle()) {
        assert!((found - expected).abs() < 0.01 * length, "{found} for {expected}");
    }
}

#[test]
fn a_pack_of_documents_is_ready_to_be_asked() {
    let bytes = merged(&head());
    let checkpoint = common::read(Cpu, &bytes, 4096).unwrap();
    let pack = pollster::block_on(pack_of_documents(&checkpoint, tools(), |_| ())).unwrap();
    let gain: Vec<f32> = head().gain.to_vec1().unwrap();
    assert_eq!(pack.norm, gain);
    assert_eq!(pack.rows.rows, 3 + Special::COUNT);
    let special: Vec<f32> =
        head().special_rows().unwrap().flatten_all().unwrap().to_vec1().unwrap();
    let stored = pack.rows.dequantize();
    let largest = special.iter().fold(0f32, |max, x| max.max(x.abs()));
    for (found, expected) in stored[3 * HIDDEN..].iter().zip(&special) {
        assert!((found - expected).abs() < 0.01 * largest, "{found} for {expected}");
    }
    let mut engine = Engine::new(checkpoint).unwrap();
    engine.load_pack(pack.clone()).unwrap();
    assert!(engine.retrieve("throw a die", 3).is_ok());
}

#[test]
fn trained_tools_give_way_and_nothing_else_moves() {
    let checkpoint = common::read(Cpu, &merged(&head()), 4096).unwrap();
    let pack = pollster::block_on(pack_of_documents(&checkpoint, tools(), |_| ())).unwrap();
    let shorter = with_trained_shortened(&pack, &[false, true, false]).unwrap();
    let (before, after) = (pack.rows.dequantize(), shorter.rows.dequantize());
    let largest = before.iter().fold(0f32, |max, x| max.max(x.abs()));
    for (i, (before, after)) in before.iter().zip(&after).enumerate() {
        let length = if i / HIDDEN == 1 { TRAINED_LENGTH } else { 1.0 };
        assert!((after - before * length).abs() < 2e-3 * largest, "{i}: {after} for {before}");
    }
    assert!(with_trained_shortened(&pack, &[true]).is_err(), "one truth value for each tool");
}

#[test]
fn checkpoints_without_a_head_say_so() {
    let checkpoint = common::read(Cpu, &common::tiny(), 4096).unwrap();
    assert!(checkpoint.document_head.is_none());
    let error = pollster::block_on(pack_of_documents(&checkpoint, tools(), |_| ())).unwrap_err();
    assert!(error.to_string().contains("no document head"), "{error}");
}

#[test]
fn merging_without_an_adapter_changes_no_weight() {
    let before = common::greedy(&common::read(Cpu, &common::tiny(), 4096).unwrap(), &[5, 6, 7], 8);
    let after = common::greedy(&common::read(Cpu, &merged(&head()), 4096).unwrap(), &[5, 6, 7], 8);
    assert_eq!(before, after);
    assert_eq!(merged(&head()), merged(&head()), "the same inputs give the same file");
}

type Metadata = Vec<(&'static str, Value)>;
type Tensors = Vec<(String, QTensor)>;

/// The tiny checkpoint with the head's entries, changed.
fn changed(change: impl FnOnce(&mut Metadata, &mut Tensors)) -> toolgen::Result<()> {
    let (mut metadata, mut tensors) = common::tiny_parts();
    metadata.push(("toolgen.version", Value::U32(1)));
    metadata.push(("toolgen.row_scale", Value::F32(0.8)));
    let float =
        |shape: &[usize]| QTensor::quantize(&tensor(shape, 9, 1.0), GgmlDType::F32).unwrap();
    tensors.extend([
        ("toolgen.question_norm".to_owned(), float(&[HIDDEN])),
        ("toolgen.document.weight".to_owned(), common::matrix(HIDDEN, HIDDEN, GgmlDType::Q8_0, 4)),
        ("toolgen.document.bias".to_owned(), float(&[HIDDEN])),
        ("toolgen.special.weight".to_owned(), float(&[Special::COUNT, HIDDEN])),
    ]);
    change(&mut metadata, &mut tensors);
    common::read(Cpu, &common::gguf(&metadata, &tensors), 4096).map(drop)
}

#[test]
fn heads_that_lie_are_refused() {
    changed(|_, _| ()).expect("the head itself is fine");
    let set = |key: &'static str, value: Value| {
        changed(|metadata, _| {
            metadata.retain(|(other, _)| *other != key);
            metadata.push((key, value));
        })
    };
    for (key, value) in [
        ("toolgen.version", Value::U32(3)),
        ("toolgen.version", Value::String("1".into())),
        ("toolgen.row_scale", Value::F32(f32::NAN)),
        ("toolgen.row_scale", Value::F32(0.0)),
        ("toolgen.row_scale", Value::U32(1)),
    ] {
        let error = set(key, value.clone()).unwrap_err();
        assert!(
            matches!(&error, Error::Metadata { key: at, .. } if at == key),
            "{value:?}: {error}"
        );
    }
    for key in ["toolgen.version", "toolgen.row_scale"] {
        let error = changed(|metadata, _| metadata.retain(|(other, _)| *other != key)).unwrap_err();
        assert!(matches!(&error, Error::Metadata { key: at, .. } if at == key), "{error}");
    }
    for name in ["question_norm", "document.weight", "document.bias", "special.weight"] {
        let name = format!("toolgen.{name}");
        let error = changed(|_, tensors| tensors.retain(|(other, _)| *other != name)).unwrap_err();
        assert!(matches!(&error, Error::Tensor { name: at, .. } if *at == name), "{error}");
        let small = common::matrix(1, 32, GgmlDType::F32, 1);
        let error = changed(|_, tensors| {
            tensors.retain(|(other, _)| *other != name);
            tensors.push((name.clone(), small));
        });
        assert!(matches!(&error, Err(Error::Tensor { name: at, .. }) if *at == name), "{error:?}");
    }
    let infinite = |_: &mut Metadata, tensors: &mut Tensors| {
        let bias = (tensor(&[HIDDEN], 1, 1.0) / 0.0).unwrap();
        tensors.retain(|(name, _)| name != "toolgen.document.bias");
        let bias = QTensor::quantize(&bias, GgmlDType::F32).unwrap();
        tensors.push(("toolgen.document.bias".into(), bias));
    };
    assert!(matches!(changed(infinite), Err(Error::Tensor { .. })));
    let unquantized = |_: &mut Metadata, tensors: &mut Tensors| {
        tensors.retain(|(name, _)| name != "toolgen.document.weight");
        let weight = common::matrix(HIDDEN, HIDDEN, GgmlDType::F32, 4);
        tensors.push(("toolgen.document.weight".into(), weight));
    };
    assert!(matches!(changed(unquantized), Err(Error::Backend(_))));
}

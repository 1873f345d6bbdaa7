//! The sentence encoder against candle's own BERT, and what it finds alike.

use crate::common;
use std::path::PathBuf;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert;
use toolgen::evaluation::baselines::Retriever;
use toolgen::evaluation::baselines::bert::{Bert, Config};
use toolgen::evaluation::baselines::embedding::{EmbeddingIndex, Encoder};
use toolgen::tool::Tool;

/// The encoder's folder; without it, says what to do and lets the test pass.
fn folder() -> Option<PathBuf> {
    let folder = common::root().join("models/checkpoint/minilm");
    if folder.join("model.safetensors").exists() {
        return Some(folder);
    }
    eprintln!("skipped: all-MiniLM-L6-v2 is not here; run `cargo xtask fetch minilm`");
    None
}

#[test]
fn sentences_of_like_meaning_lie_close() {
    let Some(folder) = folder() else { return };
    let encoder = Encoder::load(&folder).unwrap();
    let embed = |text: &str| encoder.encode(text).unwrap().to_vec1::<f32>().unwrap();
    let cosine = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();

    let question = embed("Will it rain tomorrow?");
    assert!((cosine(&question, &question) - 1.0).abs() < 1e-5);
    let texts = [
        "Is there going to be precipitation the day after today?",
        "Tells the weather forecast of a city.",
        "Starts a timer that rings after some minutes.",
        "Converts an amount of money from one currency to another.",
    ];
    let cosines = texts.map(|text| cosine(&question, &embed(text)));
    assert!(cosines[0] > cosines[1], "{cosines:?}");
    assert!(cosines[1] > cosines[2], "{cosines:?}");
    assert!(cosines[2] > cosines[3], "{cosines:?}");
}

#[test]
fn tools_are_ranked_by_meaning() {
    let Some(folder) = folder() else { return };
    let tools = [
        ("set_timer", "Starts a countdown that rings."),
        ("get_weather", "Tells the weather forecast of a city."),
        ("convert_currency", "Converts an amount of money to another currency."),
    ]
    .map(|(name, description)| {
        let parameters = serde_json::json!({ "type": "object" });
        let tool = serde_json::json!({
            "name": name, "description": description, "parameters": parameters
        });
        serde_json::from_value::<Tool>(tool).unwrap()
    });
    let mut index = EmbeddingIndex::new(Encoder::load(&folder).unwrap(), &tools).unwrap();
    // Not one word in common with the documents.
    assert_eq!(index.rank("will I need an umbrella?", 1).unwrap(), [1]);
    assert_eq!(index.rank("how many euros are five dollars", 1).unwrap(), [2]);
    assert_eq!(index.rank("wake me in ten minutes", 3).unwrap().len(), 3);
}

#[test]
fn the_forward_pass_agrees_with_candles() {
    let Some(folder) = folder() else { return };
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let weights =
        VarBuilder::from_buffered_safetensors(read("model.safetensors"), DType::F32, &Device::Cpu)
            .unwrap();
    let config: Config = serde_json::from_slice(&read("config.json")).unwrap();
    let ours = Bert::new(&config, &weights).unwrap();
    let config: bert::Config = serde_json::from_slice(&read("config.json")).unwrap();
    let theirs = bert::BertModel::load(weights, &config).unwrap();

    let tokens = [101, 2097, 2009, 4542, 4826, 1029, 102]; // "will it rain tomorrow?"
    let input = Tensor::new(&tokens[..], &Device::Cpu).unwrap().unsqueeze(0).unwrap();
    let expected = theirs.forward(&input, &input.zeros_like().unwrap(), None).unwrap();
    let found = ours.forward(&tokens).unwrap();
    let difference = (found - expected.squeeze(0).unwrap()).unwrap().abs().unwrap();
    let largest = difference.max_all().unwrap().to_scalar::<f32>().unwrap();
    assert!(largest < 1e-4, "largest difference {largest}");
}

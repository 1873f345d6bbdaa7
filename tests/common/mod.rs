//! What several tests share: a tiny checkpoint made on the spot, and the real one.
#![allow(dead_code)] // each test target uses its own part

pub mod adapted;
pub mod backend_properties;
pub mod reach;
pub mod tiny;

use std::io::Cursor;
use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use toolgen::agent::Engine;
use toolgen::backend::cpu::Cpu;
use toolgen::backend::{Backend, Sequence};
use toolgen::model::{Checkpoint, CheckpointReader, file};
use toolgen::tool::ToolPack;

pub const HIDDEN: usize = 64;
pub const LAYERS: usize = 2;
const FEED_FORWARD: usize = 96;
const KV: usize = 32;

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The base checkpoint's path.
pub fn base_path() -> PathBuf {
    let path = root().join("models/checkpoint/smollm2-135m-instruct-q4_1.gguf");
    assert!(path.exists(), "the checkpoint is not here; run `cargo xtask fetch` first");
    path
}

/// The real model: the base with the project's adapter.
pub fn checkpoint() -> Checkpoint<Cpu> {
    checkpoint_on(Cpu)
}

/// The real model on a backend.
pub fn checkpoint_on<B: Backend>(backend: B) -> Checkpoint<B> {
    let mut checkpoint = file::load(&base_path(), backend).unwrap();
    let adapter = root().join("models/adapter/toolgen-135m.safetensors");
    file::adapt(&mut checkpoint, &adapter).unwrap();
    checkpoint
}

/// A whole checkpoint from its bytes, in chunks of `chunk`.
pub fn read<B: Backend>(backend: B, bytes: &[u8], chunk: usize) -> toolgen::Result<Checkpoint<B>> {
    let mut reader = CheckpointReader::new(backend, bytes.len() as u64);
    for part in bytes.chunks(chunk) {
        reader.push(part)?;
    }
    reader.finish()
}

/// The vocabulary of the tiny checkpoint: three control tokens, every byte, and a few merges.
fn vocabulary() -> (Vec<String>, Vec<String>) {
    let printable = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    let mut next = 0x100u32;
    let mut alphabet = Vec::new();
    for byte in 0..=255u8 {
        let code = if printable(byte) { u32::from(byte) } else { (next, next += 1).0 };
        alphabet.push(char::from_u32(code).unwrap().to_string());
    }
    let merges = ["t h", "th e", "a n", "Ġ the", "i n", "{ \"", "\" :", "\" }"];
    let mut tokens: Vec<String> =
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>"].map(Into::into).into();
    tokens.extend(alphabet);
    tokens.extend(merges.iter().map(|merge| merge.replace(' ', "")));
    (tokens, merges.map(Into::into).into())
}

type Metadata = Vec<(&'static str, Value)>;
type Tensors = Vec<(String, QTensor)>;

/// Metadata and tensors of a tiny llama with deterministic weights.
pub fn tiny_parts() -> (Metadata, Tensors) {
    let (tokens, merges) = vocabulary();
    let types = (0..tokens.len()).map(|id| Value::I32(if id < 3 { 3 } else { 1 })).collect();
    let strings = |list: Vec<String>| Value::Array(list.into_iter().map(Value::String).collect());
    let rows = tokens.len();
    let metadata = vec![
        ("general.architecture", Value::String("llama".into())),
        ("llama.block_count", Value::U32(LAYERS as u32)),
        ("llama.context_length", Value::U32(4096)),
        ("llama.embedding_length", Value::U32(HIDDEN as u32)),
        ("llama.feed_forward_length", Value::U32(FEED_FORWARD as u32)),
        ("llama.attention.head_count", Value::U32(2)),
        ("llama.attention.head_count_kv", Value::U32(1)),
        ("llama.rope.freq_base", Value::F32(10_000.0)),
        ("llama.rope.dimension_count", Value::U32(32)),
        ("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5)),
        ("llama.vocab_size", Value::U32(rows as u32)),
        ("tokenizer.ggml.model", Value::String("gpt2".into())),
        ("tokenizer.ggml.pre", Value::String("smollm".into())),
        ("tokenizer.ggml.tokens", strings(tokens)),
        ("tokenizer.ggml.token_type", Value::Array(types)),
        ("tokenizer.ggml.merges", strings(merges)),
        ("tokenizer.ggml.eos_token_id", Value::U32(2)),
    ];
    let mut tensors = vec![
        ("token_embd.weight".to_owned(), matrix(rows, HIDDEN, GgmlDType::Q8_0, 1)),
        ("output_norm.weight".to_owned(), vector(HIDDEN)),
    ];
    for layer in 0..LAYERS {
        let seed = 10 * (layer + 1);
        for (name, rows, columns) in [
            ("attn_q", HIDDEN, HIDDEN),
            ("attn_k", KV, HIDDEN),
            ("attn_v", KV, HIDDEN),
            ("attn_output", HIDDEN, HIDDEN),
            ("ffn_gate", FEED_FORWARD, HIDDEN),
            ("ffn_up", FEED_FORWARD, HIDDEN),
            ("ffn_down", HIDDEN, FEED_FORWARD),
        ] {
            let weights = matrix(rows, columns, GgmlDType::Q4_1, seed + name.len());
            tensors.push((format!("blk.{layer}.{name}.weight"), weights));
        }
        tensors.push((format!("blk.{layer}.attn_norm.weight"), vector(HIDDEN)));
        tensors.push((format!("blk.{layer}.ffn_norm.weight"), vector(HIDDEN)));
    }
    (metadata, tensors)
}

/// A GGUF file of these parts.
pub fn gguf(metadata: &[(&str, Value)], tensors: &[(String, QTensor)]) -> Vec<u8> {
    let metadata: Vec<_> = metadata.iter().map(|(key, value)| (*key, value)).collect();
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    let mut file = Cursor::new(Vec::new());
    gguf_file::write(&mut file, &metadata, &tensors).unwrap();
    file.into_inner()
}

/// The tiny checkpoint as a file.
pub fn tiny() -> Vec<u8> {
    let (metadata, tensors) = tiny_parts();
    gguf(&metadata, &tensors)
}

pub fn matrix(rows: usize, columns: usize, dtype: GgmlDType, seed: usize) -> QTensor {
    let weight = |i: usize| ((i * 2_654_435_761 + seed * 40_503) % 10_007) as f32 / 10_007.0 - 0.5;
    let values: Vec<f32> = (0..rows * columns).map(|i| weight(i) * 0.3).collect();
    let tensor = Tensor::from_vec(values, (rows, columns), &Device::Cpu).unwrap();
    QTensor::quantize(&tensor, dtype).unwrap()
}

fn vector(width: usize) -> QTensor {
    let values: Vec<f32> = (0..width).map(|i| 1.0 + (i % 7) as f32 * 0.05).collect();
    QTensor::quantize(&Tensor::from_vec(values, width, &Device::Cpu).unwrap(), GgmlDType::F32)
        .unwrap()
}

/// The ids that greedy decoding gives after `prompt`.
pub fn greedy<B: Backend>(checkpoint: &Checkpoint<B>, prompt: &[u32], count: usize) -> Vec<u32> {
    greedy_with_margins(checkpoint, prompt, count).into_iter().map(|(id, _)| id).collect()
}

/// As [`greedy`], with how far each token's logit is above the next best.
pub fn greedy_with_margins<B: Backend>(
    checkpoint: &Checkpoint<B>,
    prompt: &[u32],
    count: usize,
) -> Vec<(u32, f32)> {
    let mut sequence = checkpoint.decoder.sequence(prompt.len() + count);
    let mut x = checkpoint.decoder.forward(prompt, &mut sequence).unwrap();
    let mut found = Vec::new();
    while found.len() < count {
        let top = pollster::block_on(checkpoint.decoder.next_tokens(&x, None, 2)).unwrap().best;
        found.push((top[0].id, top[0].logit - top[1].logit));
        if sequence.len() < sequence.capacity() {
            x = checkpoint.decoder.forward(&[top[0].id], &mut sequence).unwrap();
        }
    }
    found
}

/// What greedy generation goes on from, on every backend.
pub const PROMPTS: [&str; 5] = [
    "The numbers from 1 to 100 are 1, 2, 3, 4, 5, 6,",
    "Once upon a time, in a small village by the sea,",
    "To convert miles to kilometres, multiply the number of miles by",
    "def fibonacci(n):\n    ",
    "Water boils at 100 degrees Celsius. At high altitude, however,",
];

/// The catalogue's pack.
pub fn pack() -> ToolPack {
    let path = root().join("models/packs/catalogue.safetensors");
    ToolPack::from_bytes(&std::fs::read(path).unwrap()).unwrap()
}

/// The real checkpoint with the catalogue's pack.
pub fn engine() -> Engine<Cpu> {
    let mut engine = Engine::new(checkpoint()).unwrap();
    engine.load_pack(pack()).unwrap();
    engine
}

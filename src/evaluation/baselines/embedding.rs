//! A sentence encoder over tool documents: all-MiniLM-L6-v2
//! (<https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2>, Apache-2.0).
//!
//! A text's embedding is the mean of its tokens' states, scaled to length 1; tools are ranked by the
//! cosine between the question and `name: description`, the name as words.

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use tokenizers::{Tokenizer, TruncationParams};

use super::bert::{Bert, Config, pool};
use super::{Retriever, best, words};
use crate::tool::Tool;
use crate::{Error, Result};

/// The most tokens of a text that are read, as the model's authors set it.
const MAX_TOKENS: usize = 256;

/// Text → a vector of length 1.
pub struct Encoder {
    tokenizer: Tokenizer,
    bert: Bert,
}

impl Encoder {
    /// Reads `config.json`, `tokenizer.json` and `model.safetensors` in `folder`.
    pub fn load(folder: &Path) -> Result<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            std::fs::read(&path).map_err(Error::io(&path))
        };
        let malformed = |name: &str, error: String| {
            let source = std::io::Error::new(std::io::ErrorKind::InvalidData, error);
            Error::Io { path: folder.join(name), source }
        };
        let config: Config = serde_json::from_slice(&read("config.json")?)
            .map_err(|error| malformed("config.json", error.to_string()))?;

        let failed = |error: tokenizers::Error| malformed("tokenizer.json", error.to_string());
        let mut tokenizer = Tokenizer::from_bytes(read("tokenizer.json")?).map_err(failed)?;
        let max_length = MAX_TOKENS.min(config.max_position_embeddings);
        let truncation = TruncationParams { max_length, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(failed)?;
        tokenizer.with_padding(None);

        let weights = read("model.safetensors")?;
        let bert = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)
            .and_then(|weights| Bert::new(&config, &weights))
            .map_err(|error| malformed("model.safetensors", error.to_string()))?;
        Ok(Self { tokenizer, bert })
    }

    /// The embedding of `text`: `[d]`, of length 1.
    pub fn encode(&self, text: &str) -> Result<Tensor> {
        let encoding = (self.tokenizer.encode(text, true))
            .map_err(|error| Error::Tokenizer(error.to_string()))?;
        self.bert.forward(encoding.get_ids()).and_then(|states| pool(&states)).map_err(backend)
    }
}

/// Tools by the embeddings of their documents.
pub struct EmbeddingIndex {
    encoder: Encoder,
    /// `[tools, d]`
    documents: Tensor,
}

impl EmbeddingIndex {
    /// Embeds the documents of `tools`.
    pub fn new(encoder: Encoder, tools: &[Tool]) -> Result<Self> {
        let documents: Vec<Tensor> =
            (tools.iter()).map(|tool| encoder.encode(&document(tool))).collect::<Result<_>>()?;
        Ok(Self { encoder, documents: Tensor::stack(&documents, 0).map_err(backend)? })
    }
}

impl Retriever for EmbeddingIndex {
    fn rank(&mut self, query: &str, k: usize) -> Result<Vec<usize>> {
        let query = self.encoder.encode(query)?;
        let cosines = || -> candle_core::Result<Vec<f32>> {
            self.documents.matmul(&query.unsqueeze(1)?)?.flatten_all()?.to_vec1()
        };
        let cosines: Vec<f64> = cosines().map_err(backend)?.into_iter().map(f64::from).collect();
        Ok(best(&cosines, k))
    }
}

/// What is embedded of a tool: `name: description`, the name as words. The encoder knows no case.
fn document(tool: &Tool) -> String {
    format!("{}: {}", words(&tool.name).join(" "), tool.description)
}

fn backend(error: candle_core::Error) -> Error {
    Error::Training(error.to_string())
}

//! Takes a checkpoint as its bytes arrive and hands each weight to the backend when it is whole.
//!
//! The file is never held twice: a chunk is copied straight into the matrix that it belongs to,
//! so that loading peaks at the size of the weights plus the header.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::checkpoint::Checkpoint;
use super::decoder::{Decoder, Layer};
use super::document_head;
use super::id::ModelId;
use crate::backend::Backend;
use crate::gguf::Config;
use crate::gguf::{Format, QuantizedMatrix};
use crate::gguf::{Header, Metadata, TensorInfo};
use crate::tokenizer::Tokenizer;
use crate::virtualization::Special;
use crate::{Error, Result};

/// Reads a checkpoint of known length from chunks of any size.
pub struct CheckpointReader<B: Backend> {
    backend: B,
    total: u64,
    received: u64,
    hash: Sha256,
    stage: Stage<B>,
}

enum Stage<B: Backend> {
    /// Gathering bytes until the header is whole.
    Header(Vec<u8>),
    /// Filling one matrix after another.
    Weights(Box<Weights<B>>),
    /// After an error: nothing more is taken.
    Failed,
}

struct Weights<B: Backend> {
    config: Config,
    tokenizer: Tokenizer,
    /// Tensors that are still to come, the next one last.
    tensors: Vec<TensorInfo>,
    /// Matrices of which a part is still to come, by their place in the model.
    filling: HashMap<Place, Filling>,
    matrices: HashMap<Place, B::Matrix>,
    vectors: HashMap<Place, B::Vector>,
    document_head: document_head::Parts,
}

/// Where a weight belongs: a layer (or none) and a slot, which several tensors may share.
type Place = (Option<usize>, Slot);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Slot {
    Embedding,
    OutputNorm,
    AttentionNorm,
    Qkv,
    AttentionOutput,
    FeedForwardNorm,
    GateUp,
    Down,
    QuestionNorm,
    DocumentWeight,
    DocumentBias,
    SpecialRows,
}

struct Filling {
    matrix: QuantizedMatrix,
    missing: usize,
}

/// The tensor's slot, the slot's shape, and the rows of the slot before the tensor's own.
struct Part {
    place: Place,
    rows: usize,
    columns: usize,
    first_row: usize,
    own_rows: usize,
}

impl<B: Backend> CheckpointReader<B> {
    /// A reader of a file of `total` bytes.
    pub fn new(backend: B, total: u64) -> Self {
        Self { backend, total, received: 0, hash: Sha256::new(), stage: Stage::Header(Vec::new()) }
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, chunk: &[u8]) -> Result<()> {
        let stage = std::mem::replace(&mut self.stage, Stage::Failed);
        let start = self.received;
        self.received += chunk.len() as u64;
        if self.received > self.total {
            let reason = format!("more bytes arrive than the {} that were announced", self.total);
            return Err(Error::Gguf { offset: self.total, reason });
        }
        self.hash.update(chunk);
        self.stage = match stage {
            Stage::Header(mut bytes) => {
                bytes.extend_from_slice(chunk);
                match Header::parse(&bytes, self.total)? {
                    None => Stage::Header(bytes),
                    Some(header) => {
                        let mut weights = Weights::new(header)?;
                        weights.take(0, &bytes, &self.backend)?;
                        Stage::Weights(weights)
                    }
                }
            }
            Stage::Weights(mut weights) => {
                weights.take(start, chunk, &self.backend)?;
                Stage::Weights(weights)
            }
            Stage::Failed => {
                return Err(Error::Gguf { offset: start, reason: "reading failed before".into() });
            }
        };
        Ok(())
    }

    /// The checkpoint, once all bytes have arrived.
    pub fn finish(self) -> Result<Checkpoint<B>> {
        match self.stage {
            Stage::Weights(weights) if self.received == self.total => {
                let sha256 =
                    self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
                weights.assemble(self.backend, sha256)
            }
            _ => Err(Error::Truncated { received: self.received, expected: self.total }),
        }
    }
}

impl<B: Backend> Weights<B> {
    fn new(header: Header) -> Result<Box<Self>> {
        let config = Config::from_metadata(&header.metadata)?;
        let tokenizer = Self::tokenizer(&header.metadata, &config)?;
        let document_head = document_head::Parts::from_metadata(&header.metadata)?;
        let mut tensors = header.tensors;
        tensors.reverse();
        Ok(Box::new(Self {
            config,
            tokenizer,
            tensors,
            filling: HashMap::new(),
            matrices: HashMap::new(),
            vectors: HashMap::new(),
            document_head,
        }))
    }

    fn tokenizer(metadata: &Metadata, config: &Config) -> Result<Tokenizer> {
        let tokenizer = Tokenizer::from_metadata(metadata)?;
        if tokenizer.len() != config.vocabulary {
            let reason = format!("has {} tokens for {} rows", tokenizer.len(), config.vocabulary);
            return Err(Error::metadata("tokenizer.ggml.tokens", reason));
        }
        Ok(tokenizer)
    }

    /// Copies what `chunk`, which begins at byte `start` of the file, holds of each tensor.
    fn take(&mut self, start: u64, chunk: &[u8], backend: &B) -> Result<()> {
        let end = start + chunk.len() as u64;
        while let Some(tensor) = self.tensors.last() {
            let (from, to) =
                (tensor.offset.max(start), (tensor.offset + tensor.bytes as u64).min(end));
            if from >= to {
                break;
            }
            let part = Part::of(tensor, &self.config)?;
            let place = part.place;
            let filling = match self.filling.entry(place) {
                std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(Filling::new(tensor.format, part.rows, part.columns))
                }
            };
            if filling.matrix.format != tensor.format {
                let reason = format!("is {:?} beside {:?}", tensor.format, filling.matrix.format);
                return Err(Error::tensor(&*tensor.name, reason));
            }
            let row_bytes = filling.matrix.row_bytes();
            let at = part.first_row * row_bytes + (from - tensor.offset) as usize;
            let bytes = &chunk[(from - start) as usize..(to - start) as usize];
            filling.matrix.bytes[at..at + bytes.len()].copy_from_slice(bytes);
            if to < tensor.offset + tensor.bytes as u64 {
                break; // the rest of this tensor is in the next chunk
            }
            filling.missing = filling.missing.saturating_sub(part.own_rows);
            if filling.missing == 0 {
                let name = tensor.name.clone();
                let matrix = self.filling.remove(&place).expect("just filled").matrix;
                self.upload(place, &name, matrix, backend)?;
            }
            self.tensors.pop();
        }
        Ok(())
    }

    fn upload(
        &mut self,
        place: Place,
        name: &str,
        matrix: QuantizedMatrix,
        backend: &B,
    ) -> Result<()> {
        matrix.check_scales(name)?;
        let head = &mut self.document_head;
        match place.1 {
            Slot::QuestionNorm => head.norm = Some(matrix.dequantize()),
            Slot::DocumentWeight => head.weight = Some(matrix),
            Slot::DocumentBias => head.bias = Some(matrix.dequantize()),
            Slot::SpecialRows => head.special_rows = Some(matrix.dequantize()),
            slot if slot.is_vector() => {
                self.vectors.insert(place, backend.upload_vector(matrix.dequantize())?);
            }
            _ => {
                self.matrices.insert(place, backend.upload_matrix(matrix)?);
            }
        }
        Ok(())
    }

    fn assemble(mut self, backend: B, sha256: String) -> Result<Checkpoint<B>> {
        let missing = |(layer, slot): Place| {
            let name = layer.map_or(format!("{slot:?}"), |layer| format!("blk.{layer} {slot:?}"));
            Error::tensor(name, "is missing")
        };
        let mut matrix = |layer, slot| {
            self.matrices.remove(&(layer, slot)).ok_or_else(|| missing((layer, slot)))
        };
        let mut vector =
            |layer, slot| self.vectors.remove(&(layer, slot)).ok_or_else(|| missing((layer, slot)));
        let layers = (0..self.config.layers)
            .map(|index| {
                let layer = Some(index);
                Ok(Layer {
                    attention_norm: vector(layer, Slot::AttentionNorm)?,
                    qkv: matrix(layer, Slot::Qkv)?,
                    attention_output: matrix(layer, Slot::AttentionOutput)?,
                    feed_forward_norm: vector(layer, Slot::FeedForwardNorm)?,
                    gate_up: matrix(layer, Slot::GateUp)?,
                    down: matrix(layer, Slot::Down)?,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let (embedding, output_norm) =
            (matrix(None, Slot::Embedding)?, vector(None, Slot::OutputNorm)?);
        let head = self.document_head.assemble()?;
        let document_head = head.map(|head| head.upload(&backend)).transpose()?;
        let decoder = Decoder { backend, config: self.config, embedding, layers, output_norm };
        let id = ModelId { checkpoint: sha256, adapter: None };
        Ok(Checkpoint { decoder, tokenizer: self.tokenizer, document_head, id })
    }
}

impl Filling {
    fn new(format: Format, rows: usize, columns: usize) -> Self {
        let mut matrix = QuantizedMatrix { format, rows, columns, bytes: Vec::new() };
        matrix.bytes = vec![0; rows * matrix.row_bytes()];
        Self { matrix, missing: rows }
    }
}

impl Slot {
    const fn is_vector(self) -> bool {
        matches!(
            self,
            Self::OutputNorm
                | Self::AttentionNorm
                | Self::FeedForwardNorm
                | Self::QuestionNorm
                | Self::DocumentBias
        )
    }
}

impl Part {
    /// Where the tensor goes; its shape is checked against the architecture's.
    fn of(tensor: &TensorInfo, config: &Config) -> Result<Self> {
        let (d, f, k) = (config.hidden, config.feed_forward, config.kv_width());
        let (layer, name) =
            match tensor.name.strip_prefix("blk.").and_then(|rest| rest.split_once('.')) {
                Some((index, name)) => {
                    let layer = index.parse().ok().filter(|&index: &usize| index < config.layers);
                    (
                        Some(layer.ok_or_else(|| {
                            Error::tensor(&*tensor.name, "names no layer of the model")
                        })?),
                        name,
                    )
                }
                None => (None, tensor.name.as_str()),
            };
        // slot, columns, rows of the slot, first row and rows of this tensor
        let (slot, columns, rows, first_row, own_rows) = match (layer.is_some(), name) {
            (false, "token_embd.weight") => {
                (Slot::Embedding, d, config.vocabulary, 0, config.vocabulary)
            }
            (false, "output_norm.weight") => (Slot::OutputNorm, d, 1, 0, 1),
            (false, "toolgen.question_norm") => (Slot::QuestionNorm, d, 1, 0, 1),
            (false, "toolgen.document.weight") => (Slot::DocumentWeight, d, d, 0, d),
            (false, "toolgen.document.bias") => (Slot::DocumentBias, d, 1, 0, 1),
            (false, "toolgen.special.weight") => {
                (Slot::SpecialRows, d, Special::COUNT, 0, Special::COUNT)
            }
            (true, "attn_norm.weight") => (Slot::AttentionNorm, d, 1, 0, 1),
            (true, "attn_q.weight") => (Slot::Qkv, d, config.qkv_width(), 0, d),
            (true, "attn_k.weight") => (Slot::Qkv, d, config.qkv_width(), d, k),
            (true, "attn_v.weight") => (Slot::Qkv, d, config.qkv_width(), d + k, k),
            (true, "attn_output.weight") => (Slot::AttentionOutput, d, d, 0, d),
            (true, "ffn_norm.weight") => (Slot::FeedForwardNorm, d, 1, 0, 1),
            (true, "ffn_gate.weight") => (Slot::GateUp, d, 2 * f, 0, f),
            (true, "ffn_up.weight") => (Slot::GateUp, d, 2 * f, f, f),
            (true, "ffn_down.weight") => (Slot::Down, f, d, 0, d),
            _ => {
                return Err(Error::tensor(
                    &*tensor.name,
                    "is not part of a llama with a tied head",
                ));
            }
        };
        let vector_fits = !slot.is_vector() || tensor.format == Format::F32;
        if (tensor.rows, tensor.columns) != (own_rows, columns) || !vector_fits {
            let found = format!("{:?} [{}, {}]", tensor.format, tensor.rows, tensor.columns);
            return Err(Error::tensor(
                &*tensor.name,
                format!("is {found}, expected [{own_rows}, {columns}]"),
            ));
        }
        Ok(Self { place: (layer, slot), rows, columns, first_row, own_rows })
    }
}

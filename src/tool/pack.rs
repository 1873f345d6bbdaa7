//! The tool pack: tools and their tokens' rows, in one safetensors file beside a checkpoint.
//!
//! | entry | type and shape | what it is |
//! |---|---|---|
//! | `rows.quants` | I8 `[tokens, d]` | the rows' integers (Q8_0): tool tokens, then special tokens |
//! | `rows.scales` | F16 `[tokens, d / 32]` | a scale for each 32 of them |
//! | `norm` | F32 `[d]` | gain of the RMSNorm before the rows |
//! | `tools` | U8 `[bytes]` | the tools' documents, JSON Lines |
//! | `sequences` | U32 `[tools, longest]` | each tool's tokens, filled up with 2³² − 1; none if atomic |
//! | `embeddings.quants`, `.scales` | as for the rows | what the decoder reads of a tool token; none if atomic |
//! | metadata `format` | `toolgen-pack` | |
//! | metadata `version` | `3` | |
//! | metadata `indexing` | `atomic`, `numeric`, `hierarchical`, `semantic` | how tools become tokens |
//! | metadata `base_sha256` | 64 hexadecimal digits | the checkpoint that the rows fit |
//! | metadata `adapter_sha256` | 64 hexadecimal digits | the adapter that they fit; none without one |
//! | metadata `temperature` | a number above 0 | what calibration divided the logits by; 1 without it |
//!
//! A row costs `d + d / 16` bytes: 612 for the 576-wide SmolLM2.

use safetensors::tensor::Dtype;

use super::{Tool, token_table};
use crate::gguf::QuantizedMatrix;
use crate::model::ModelId;
use crate::model::tensor_file::{TensorFile, TensorFileWriter};
use crate::virtualization::{IndexingKind, Special, TokenTable};
use crate::{Error, Result};

const FORMAT: &str = "toolgen-pack";
const VERSION: &str = "3";

/// Tools that a checkpoint can call.
#[derive(Clone, Debug)]
pub struct ToolPack {
    /// The model that the rows fit.
    pub model: ModelId,
    /// How tools become tokens.
    pub indexing: IndexingKind,
    /// The tools.
    pub tools: Vec<Tool>,
    /// Gain of the RMSNorm before the rows, `[d]`.
    pub norm: Vec<f32>,
    /// One row a tool token, then one a [`Special`] token: `[tokens, d]` in
    /// Q8_0.
    pub rows: QuantizedMatrix,
    /// Sequences and input embeddings, where a tool is several tokens; none if and only if the indexing
    /// is atomic.
    pub table: Option<TokenTable>,
    /// The temperature of the rows: calibration has divided them by it, so a row that joins them must be, too.
    pub temperature: f32,
}

/// Temperatures that are believed.
const TEMPERATURES: std::ops::RangeInclusive<f32> = 0.01..=100.0;

impl ToolPack {
    /// A pack in which every tool is one token: `rows`, `[tools, d]`, and the special tokens' after them,
    /// `[2, d]`, at a temperature of 1.
    pub fn atomic(
        model: &ModelId,
        tools: Vec<Tool>,
        rows: &[f32],
        special_rows: &[f32],
        norm: Vec<f32>,
    ) -> Result<Self> {
        let (d, tokens) = (norm.len(), tools.len() + Special::COUNT);
        if rows.len() != tools.len() * d || special_rows.len() != Special::COUNT * d {
            return Err(Error::pack("rows", format!("are not one of width {d} for each token")));
        }
        let rows = QuantizedMatrix::quantize_q8_0(tokens, d, &[rows, special_rows].concat())?;
        let (model, indexing) = (model.clone(), IndexingKind::Atomic);
        Ok(Self { model, indexing, tools, norm, rows, table: None, temperature: 1.0 })
    }

    /// The pack as a file's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut tools = Vec::new();
        for tool in &self.tools {
            serde_json::to_writer(&mut tools, tool)
                .map_err(|error| Error::pack("tools", error.to_string()))?;
            tools.push(b'\n');
        }
        let mut file = TensorFileWriter::default();
        file.entry("format", FORMAT);
        file.entry("version", VERSION);
        file.entry("indexing", self.indexing.name());
        file.entry("base_sha256", &self.model.checkpoint);
        if let Some(adapter) = &self.model.adapter {
            file.entry("adapter_sha256", adapter);
        }
        file.entry("temperature", self.temperature);
        file.matrix("rows", &self.rows);
        file.floats("norm", &[self.norm.len()], &self.norm);
        file.bytes("tools", Dtype::U8, &[tools.len()], tools);
        if let Some(table) = &self.table {
            token_table::write(table, &mut file);
        }
        file.finish(|field, reason| Error::Pack { field, reason })
    }

    /// Reads a file's bytes; nothing in them is believed before it is checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let file = TensorFile::open(bytes, |field, reason| Error::Pack { field, reason })?;
        file.check_format(FORMAT, VERSION, "build the pack again")?;
        let model = ModelId {
            checkpoint: file.entry("base_sha256")?.to_owned(),
            adapter: file.find_entry("adapter_sha256").map(str::to_owned),
        };
        let indexing = IndexingKind::from_name(file.entry("indexing")?)?;
        let temperature = file.entry("temperature")?.parse().ok();
        let temperature =
            temperature.filter(|value| TEMPERATURES.contains(value)).ok_or_else(|| {
                let reason = format!("is not a number from {:?}", TEMPERATURES);
                Error::pack("metadata `temperature`", reason)
            })?;
        let rows = file.matrix("rows")?;
        let norm = file.floats("norm", &[rows.columns])?;
        let tools = read_tools(&file)?;
        let table = match indexing {
            IndexingKind::Atomic => None,
            _ => Some(token_table::read(&file, tools.len(), rows.columns)?),
        };
        let pack = Self { model, indexing, tools, norm, rows, table, temperature };
        let tokens = pack.tool_tokens() + Special::COUNT;
        if tokens != pack.rows.rows {
            let reason = format!(
                "{} rows for {} tools, expected {tokens}",
                pack.rows.rows,
                pack.tools.len()
            );
            return Err(Error::pack("rows.quants", reason));
        }
        Ok(pack)
    }

    /// Tool tokens, whose rows come before the special tokens'.
    pub fn tool_tokens(&self) -> usize {
        self.table.as_ref().map_or(self.tools.len(), TokenTable::tool_tokens)
    }

    /// Fails unless the rows were fitted on this model, which is `hidden` wide.
    pub fn check_base(&self, model: &ModelId, hidden: usize) -> Result<()> {
        if self.model != *model {
            let (expected, found) = self.model.difference(model);
            return Err(Error::BaseMismatch {
                file: "tool pack",
                expected,
                found,
                remedy: "build the pack again with `toolgen pack build`",
            });
        }
        if self.rows.columns != hidden {
            let reason =
                format!("rows of width {} for a model of width {hidden}", self.rows.columns);
            return Err(Error::pack("rows.quants", reason));
        }
        Ok(())
    }
}

fn read_tools(file: &TensorFile<'_>) -> Result<Vec<Tool>> {
    let text = std::str::from_utf8(file.bytes("tools", Dtype::U8, &file.shape("tools")?)?)
        .map_err(|error| Error::pack("tools", error.to_string()))?;
    let tools: Vec<Tool> = (1..)
        .zip(text.lines())
        .map(|(line, json)| {
            serde_json::from_str(json)
                .map_err(|error| Error::pack(format!("tools, line {line}"), error.to_string()))
        })
        .collect::<Result<_>>()?;
    let mut names = std::collections::HashSet::new();
    match tools.iter().find(|tool| !names.insert(&tool.name)) {
        Some(tool) => Err(Error::pack("tools", format!("`{}` stands twice", tool.name))),
        None => Ok(tools),
    }
}

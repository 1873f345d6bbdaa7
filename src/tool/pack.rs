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
//! | metadata `temperature` | a number above 0 | what calibration divided the logits by; 1 without it |
//!
//! A row costs `d + d / 16` bytes: 612 for the 576-wide SmolLM2.

use std::collections::HashMap;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::q8_tensors::{read_matrix, split_blocks, tensor};
use super::{Tool, token_table};
use crate::gguf::{BLOCK, QuantizedMatrix};
use crate::virtualization::{IndexingKind, Special, TokenTable};
use crate::{Error, Result};

const FORMAT: &str = "toolgen-pack";
const VERSION: &str = "3";

/// Tools that a checkpoint can call.
#[derive(Clone, Debug)]
pub struct ToolPack {
    /// SHA-256 of the checkpoint that the rows fit.
    pub base_sha256: String,
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
        base_sha256: &str,
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
        let (base_sha256, indexing) = (base_sha256.to_owned(), IndexingKind::Atomic);
        Ok(Self { base_sha256, indexing, tools, norm, rows, table: None, temperature: 1.0 })
    }

    /// The pack as a file's bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let (quants, scales) = split_blocks(&self.rows);
        let norm: Vec<u8> = self.norm.iter().flat_map(|gain| gain.to_le_bytes()).collect();
        let mut tools = Vec::new();
        for tool in &self.tools {
            serde_json::to_writer(&mut tools, tool)
                .map_err(|error| Error::pack("tools", error.to_string()))?;
            tools.push(b'\n');
        }
        let (rows, columns) = (self.rows.rows, self.rows.columns);
        let view = |dtype, shape, bytes| {
            TensorView::new(dtype, shape, bytes)
                .map_err(|error| Error::pack("tensors", error.to_string()))
        };
        let table = self.table.as_ref().map(token_table::Parts::of);
        let mut tensors = vec![
            ("rows.quants", view(Dtype::I8, vec![rows, columns], &quants)?),
            ("rows.scales", view(Dtype::F16, vec![rows, columns / BLOCK], &scales)?),
            ("norm", view(Dtype::F32, vec![columns], &norm)?),
            ("tools", view(Dtype::U8, vec![tools.len()], &tools)?),
        ];
        for (name, dtype, shape, bytes) in table.iter().flat_map(token_table::Parts::tensors) {
            tensors.push((name, view(dtype, shape, bytes)?));
        }
        let metadata = HashMap::from(
            [
                ("format", FORMAT),
                ("version", VERSION),
                ("indexing", self.indexing.name()),
                ("base_sha256", &self.base_sha256),
                ("temperature", &self.temperature.to_string()),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned())),
        );
        safetensors::serialize(tensors, Some(metadata))
            .map_err(|error| Error::pack("file", error.to_string()))
    }

    /// Reads a file's bytes; nothing in them is believed before it is checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let malformed =
            |error: safetensors::SafeTensorError| Error::pack("file", error.to_string());
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(malformed)?;
        let file = SafeTensors::deserialize(bytes).map_err(malformed)?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let entry = |key: &str| {
            let value = metadata.get(key).map(String::as_str);
            value.ok_or_else(|| Error::pack(format!("metadata `{key}`"), "is missing"))
        };
        if entry("format")? != FORMAT || entry("version")? != VERSION {
            let found = format!("{} {}", entry("format")?, entry("version")?);
            let reason = format!("is {found}, expected {FORMAT} {VERSION}; build the pack again");
            return Err(Error::pack("metadata `format`", reason));
        }
        let base_sha256 = entry("base_sha256")?.to_owned();
        let indexing = IndexingKind::from_name(entry("indexing")?)?;
        let temperature = entry("temperature")?.parse().ok();
        let temperature =
            temperature.filter(|value| TEMPERATURES.contains(value)).ok_or_else(|| {
                let reason = format!("is not a number from {:?}", TEMPERATURES);
                Error::pack("metadata `temperature`", reason)
            })?;

        let rows = read_matrix(&file, "rows")?;
        let norm: Vec<f32> = tensor(&file, "norm", Dtype::F32, &[rows.columns])?
            .as_chunks()
            .0
            .iter()
            .map(|&gain| f32::from_le_bytes(gain))
            .collect();
        if norm.iter().any(|gain| !gain.is_finite()) {
            return Err(Error::pack("norm", "holds a gain that is not finite"));
        }
        let tools = read_tools(&file)?;
        let table = match indexing {
            IndexingKind::Atomic => None,
            _ => Some(token_table::read(&file, tools.len(), rows.columns)?),
        };
        let pack = Self { base_sha256, indexing, tools, norm, rows, table, temperature };
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

    /// Fails unless the rows were fitted on the checkpoint with this hash and width.
    pub fn check_base(&self, sha256: &str, hidden: usize) -> Result<()> {
        if self.base_sha256 != sha256 {
            let (expected, found) = (self.base_sha256.clone(), sha256.to_owned());
            return Err(Error::BaseMismatch { expected, found });
        }
        if self.rows.columns != hidden {
            let reason =
                format!("rows of width {} for a model of width {hidden}", self.rows.columns);
            return Err(Error::pack("rows.quants", reason));
        }
        Ok(())
    }
}

fn read_tools(file: &SafeTensors<'_>) -> Result<Vec<Tool>> {
    let view = file.tensor("tools").map_err(|_| Error::pack("tools", "is missing"))?;
    let text = std::str::from_utf8(tensor(file, "tools", Dtype::U8, view.shape())?)
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

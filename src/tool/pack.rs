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
//! | metadata `version` | `2` | |
//! | metadata `indexing` | `atomic`, `numeric`, `hierarchical`, `semantic` | how tools become tokens |
//! | metadata `base_sha256` | 64 hexadecimal digits | the checkpoint that the rows fit |
//!
//! A row costs `d + d / 16` bytes: 612 for the 576-wide SmolLM2.

use std::collections::HashMap;

use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::{Tool, token_table};
use crate::gguf::QuantizedMatrix;
use crate::gguf::{BLOCK, Format};
use crate::virtualization::{IndexingKind, Special, TokenTable};
use crate::{Error, Result};

const FORMAT: &str = "toolgen-pack";
const VERSION: &str = "2";

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
    /// One row a tool token, then one a [`Special`](crate::virtualization::Special) token: `[tokens, d]` in
    /// Q8_0.
    pub rows: QuantizedMatrix,
    /// Sequences and input embeddings, where a tool is several tokens; none if and only if the indexing
    /// is atomic.
    pub table: Option<TokenTable>,
}

impl ToolPack {
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
            return Err(Error::pack(
                "metadata `format`",
                format!("is {found}, expected {FORMAT} {VERSION}"),
            ));
        }
        let base_sha256 = entry("base_sha256")?.to_owned();
        let indexing = IndexingKind::from_name(entry("indexing")?)?;

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
        let pack = Self { base_sha256, indexing, tools, norm, rows, table };
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

/// The bytes of tensor `name`, whose type and shape must be these.
pub(super) fn tensor<'a>(
    file: &SafeTensors<'a>,
    name: &str,
    dtype: Dtype,
    shape: &[usize],
) -> Result<&'a [u8]> {
    let view = file.tensor(name).map_err(|_| Error::pack(name, "is missing"))?;
    if view.dtype() != dtype || view.shape() != shape {
        let found = format!("{:?} {:?}", view.dtype(), view.shape());
        return Err(Error::pack(name, format!("is {found}, expected {dtype:?} {shape:?}")));
    }
    Ok(view.data())
}

/// The integers and the scales of a Q8_0 matrix, block by block.
pub(super) fn split_blocks(matrix: &QuantizedMatrix) -> (Vec<u8>, Vec<u8>) {
    let blocks = matrix.bytes.chunks_exact(Format::Q8_0.block_bytes());
    let scales = blocks.clone().flat_map(|block| block[..2].iter().copied()).collect();
    (blocks.flat_map(|block| block[2..].iter().copied()).collect(), scales)
}

/// The matrix whose tensors are `{name}.quants` and `{name}.scales`.
pub(super) fn read_matrix(file: &SafeTensors<'_>, name: &str) -> Result<QuantizedMatrix> {
    let (quants_name, scales_name) = (format!("{name}.quants"), format!("{name}.scales"));
    let view = file.tensor(&quants_name).map_err(|_| Error::pack(&*quants_name, "is missing"))?;
    let &[rows, columns] = view.shape() else {
        return Err(Error::pack(quants_name, format!("has the shape {:?}", view.shape())));
    };
    if rows == 0 || columns == 0 || columns % BLOCK != 0 {
        return Err(Error::pack(quants_name, format!("has the shape [{rows}, {columns}]")));
    }
    let quants = tensor(file, &quants_name, Dtype::I8, &[rows, columns])?;
    let scales = tensor(file, &scales_name, Dtype::F16, &[rows, columns / BLOCK])?;
    if scales.as_chunks().0.iter().any(|&scale| !f16::from_le_bytes(scale).is_finite()) {
        return Err(Error::pack(scales_name, "holds a scale that is not finite"));
    }
    let blocks = scales.chunks_exact(2).zip(quants.chunks_exact(BLOCK));
    let bytes = blocks.flat_map(|(scale, quants)| scale.iter().chain(quants)).copied().collect();
    QuantizedMatrix::new(Format::Q8_0, rows, columns, bytes)
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

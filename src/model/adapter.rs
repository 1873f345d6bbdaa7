//! The adapter: what training made of a base checkpoint, in one safetensors file beside it.
//!
//! | entry | type and shape | what it is |
//! |---|---|---|
//! | `layers.{i}.{matrix}.a.quants`, `.scales` | I8 `[r, columns]`, F16 `[r, columns / 32]` | `A` in Q8_0 |
//! | `layers.{i}.{matrix}.b.quants`, `.scales` | I8 `[rows, r]`, F16 `[rows, r / 32]` | `B` in Q8_0, scaled by `α / r` |
//! | `head.norm`, `head.bias` | F32 `[d]` | the document head ([`HeadWeights`]), if there is one |
//! | `head.weight.quants`, `.scales` | I8 `[d, d]`, F16 `[d, d / 32]` | |
//! | `head.special_rows` | F32 `[2, d]` | rows of the special tokens: abstain, finish |
//! | metadata `format` | `toolgen-adapter` | |
//! | metadata `version` | `1` | |
//! | metadata `base_sha256` | 64 hexadecimal digits | the checkpoint that it was trained on |
//! | metadata `rank` | a multiple of 32 | `r` of every update |
//! | metadata `head_version`, `row_scale` | `1` or `2`, a number | of the document head |
//!
//! `matrix` is one of a layer's stacked matrices: `qkv`, `attention_output`, `gate_up`, `down`; rows are in
//! GGUF's order. The weights become `W + B A` (LoRA, <https://arxiv.org/abs/2106.09685>).

use sha2::{Digest, Sha256};

use super::document_head::{HeadWeights, no_row_scale, unsupported};
use super::tensor_file::{TensorFile, TensorFileWriter};
use crate::backend::LowRank;
use crate::gguf::BLOCK;
use crate::virtualization::Special;
use crate::{Error, Result};

const FORMAT: &str = "toolgen-adapter";
const VERSION: &str = "1";
/// The largest rank that is believed.
const MAX_RANK: usize = 1024;

/// A layer's matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LayerMatrix {
    /// Queries, keys and values.
    Qkv,
    /// From the heads to the residual stream.
    AttentionOutput,
    /// Gate and up projections.
    GateUp,
    /// Down projection.
    Down,
}

impl LayerMatrix {
    /// In the order of the forward pass.
    pub const ALL: [Self; 4] = [Self::Qkv, Self::AttentionOutput, Self::GateUp, Self::Down];

    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qkv => "qkv",
            Self::AttentionOutput => "attention_output",
            Self::GateUp => "gate_up",
            Self::Down => "down",
        }
    }
}

/// Updates of a checkpoint's weights, and the document head that was trained with them.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// SHA-256 of the checkpoint that it was trained on, in hexadecimal.
    pub base_sha256: String,
    /// SHA-256 of its file, in hexadecimal.
    pub sha256: String,
    /// Layer, matrix and what is added to it.
    pub updates: Vec<(usize, LayerMatrix, LowRank)>,
    /// What makes rows of documents, where that was trained.
    pub head: Option<HeadWeights>,
}

impl Adapter {
    /// Reads a file's bytes; nothing in them is believed before it is checked. Whether the layers exist and
    /// the shapes fit is seen when the adapter meets its checkpoint.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let file = TensorFile::open(bytes, |field, reason| Error::Adapter { field, reason })?;
        file.check_format(FORMAT, VERSION, "make it of a PEFT folder with `toolgen adapter pack`")?;
        let base_sha256 = file.entry("base_sha256")?.to_owned();
        let rank = file.entry("rank")?.parse().unwrap_or(0);
        if rank == 0 || rank > MAX_RANK || rank % BLOCK != 0 {
            let reason = format!("is no multiple of {BLOCK} up to {MAX_RANK}");
            return Err(file.error("metadata `rank`", reason));
        }
        let mut places: Vec<(usize, LayerMatrix)> = Vec::new();
        for name in file.names() {
            match place(name) {
                Some(place) if !places.contains(&place) => places.push(place),
                Some(_) => {}
                None if name.starts_with("head.") => {}
                None => return Err(file.error(name, "is no part of an adapter")),
            }
        }
        places.sort_by_key(|&(layer, matrix)| (layer, matrix.name()));
        let updates = places.into_iter().map(|(layer, matrix)| {
            let name = |part| format!("layers.{layer}.{}.{part}", matrix.name());
            let (a, b) = (file.matrix(&name("a"))?, file.matrix(&name("b"))?);
            if (a.rows, b.columns) != (rank, rank) {
                let reason = format!("has rank {} and {}, not {rank}", a.rows, b.columns);
                return Err(file.error(name("a"), reason));
            }
            Ok((layer, matrix, LowRank { a, b }))
        });
        let updates = updates.collect::<Result<Vec<_>>>()?;
        if updates.is_empty() {
            return Err(file.error("file", "holds no update"));
        }
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { base_sha256, sha256, updates, head: read_head(&file)? })
    }
}

/// An adapter's file.
pub fn to_bytes(
    base_sha256: &str,
    updates: &[(usize, LayerMatrix, LowRank)],
    head: Option<&HeadWeights>,
) -> Result<Vec<u8>> {
    let mut file = TensorFileWriter::default();
    file.entry("format", FORMAT);
    file.entry("version", VERSION);
    file.entry("base_sha256", base_sha256);
    file.entry("rank", updates.first().map_or(0, |(_, _, update)| update.a.rows));
    for (layer, matrix, LowRank { a, b }) in updates {
        file.matrix(&format!("layers.{layer}.{}.a", matrix.name()), a);
        file.matrix(&format!("layers.{layer}.{}.b", matrix.name()), b);
    }
    if let Some(head) = head {
        let d = head.norm.len();
        file.entry("head_version", head.version);
        file.entry("row_scale", head.row_scale);
        file.floats("head.norm", &[d], &head.norm);
        file.matrix("head.weight", &head.weight);
        file.floats("head.bias", &[d], &head.bias);
        file.floats("head.special_rows", &[Special::COUNT, d], &head.special_rows);
    }
    file.finish(|field, reason| Error::Adapter { field, reason })
}

/// The layer and matrix that a tensor's name is a part of.
fn place(name: &str) -> Option<(usize, LayerMatrix)> {
    let (layer, rest) = name.strip_prefix("layers.")?.split_once('.')?;
    let (matrix, part) = rest.split_once('.')?;
    let matrix = LayerMatrix::ALL.into_iter().find(|known| known.name() == matrix)?;
    let known = ["a.quants", "a.scales", "b.quants", "b.scales"].contains(&part);
    known.then_some((layer.parse().ok()?, matrix))
}

fn read_head(file: &TensorFile<'_>) -> Result<Option<HeadWeights>> {
    let Some(version) = file.find_entry("head_version") else {
        return match file.names().find(|name| name.starts_with("head.")) {
            Some(name) => Err(file.error(name, "stands without metadata `head_version`")),
            None => Ok(None),
        };
    };
    let version = version.parse().unwrap_or_default();
    if let Some(reason) = unsupported(version) {
        return Err(file.error("metadata `head_version`", reason));
    }
    let row_scale = file.entry("row_scale")?.parse().unwrap_or(f32::NAN);
    if let Some(reason) = no_row_scale(row_scale) {
        return Err(file.error("metadata `row_scale`", reason));
    }
    let weight = file.matrix("head.weight")?;
    let d = weight.rows;
    if weight.columns != d {
        let reason = format!("is [{d}, {}], not square", weight.columns);
        return Err(file.error("head.weight", reason));
    }
    Ok(Some(HeadWeights {
        version,
        row_scale,
        norm: file.floats("head.norm", &[d])?,
        bias: file.floats("head.bias", &[d])?,
        special_rows: file.floats("head.special_rows", &[Special::COUNT, d])?,
        weight,
    }))
}

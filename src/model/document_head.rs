//! From a document's state to a tool's row, for models that carry what tool memorization learned.
//!
//! With `x` the residual stream that a document's prompt ends in:
//! `y = W · rms_norm(x; gain) + bias`, `row = row_scale · y / |y|`. A question's logit for the tool is
//! `row · rms_norm(x; gain)`. So a page can take tools that no training has seen.

use crate::backend::Backend;
use crate::gguf::{Metadata, QuantizedMatrix, Value};
use crate::{Error, Result};

/// The last version of the entries that this crate reads.
const VERSION: u64 = 2;

/// Makes rows of tools from their documents.
pub struct DocumentHead<B: Backend> {
    /// 1, or 2 for a model that was trained to say what was not said and to look twice.
    pub version: u64,
    /// Gain of the RMSNorm before this head and before tool rows, `[d]`.
    pub norm: Vec<f32>,
    /// The rows of the special tokens ([`Special`](crate::virtualization::Special)), `[2, d]`.
    pub special_rows: Vec<f32>,
    gain: B::Vector,
    weight: B::Matrix,
    bias: Vec<f32>,
    row_scale: f32,
}

impl<B: Backend> DocumentHead<B> {
    /// The row of the tool whose document's prompt ends in `x`, `[1, d]`, the residual stream: `[d]`.
    pub async fn row(&self, backend: &B, x: &B::Tensor, epsilon: f32) -> Result<Vec<f32>> {
        let h = backend.rms_norm(x, &self.gain, epsilon); // [1, d]
        let mut row = backend.read(&backend.linear(&h, &self.weight)).await?; // [d]
        row.iter_mut().zip(&self.bias).for_each(|(y, bias)| *y += bias);
        let length = (row.iter().map(|y| y * y).sum::<f32>() + 1e-12).sqrt();
        row.iter_mut().for_each(|y| *y *= self.row_scale / length);
        if row.iter().any(|y| !y.is_finite()) {
            return Err(Error::Backend("a tool's row is not finite".into()));
        }
        Ok(row)
    }
}

/// A document head's numbers, as a checkpoint or an adapter brings them.
#[derive(Clone, Debug)]
pub struct HeadWeights {
    /// [`DocumentHead::version`].
    pub version: u64,
    /// The length of a tool's row.
    pub row_scale: f32,
    /// `[d]`.
    pub norm: Vec<f32>,
    /// `[d, d]`.
    pub weight: QuantizedMatrix,
    /// `[d]`.
    pub bias: Vec<f32>,
    /// `[2, d]`.
    pub special_rows: Vec<f32>,
}

/// Why a head can't have this version.
pub(super) fn unsupported(version: u64) -> Option<String> {
    let known = (1..=VERSION).contains(&version);
    (!known).then(|| format!("is none of 1 to {VERSION}, those that are supported"))
}

/// Why a head can't have rows of this length.
pub(super) fn no_row_scale(row_scale: f32) -> Option<&'static str> {
    let fits = row_scale.is_finite() && row_scale > 0.0;
    (!fits).then_some("is not a positive number")
}

impl HeadWeights {
    /// Hands the numbers to a backend.
    pub fn upload<B: Backend>(self, backend: &B) -> Result<DocumentHead<B>> {
        Ok(DocumentHead {
            version: self.version,
            gain: backend.upload_vector(self.norm.clone())?,
            norm: self.norm,
            weight: backend.upload_matrix(self.weight)?,
            bias: self.bias,
            special_rows: self.special_rows,
            row_scale: self.row_scale,
        })
    }
}

/// The parts of a head as a checkpoint brings them: all or none.
pub(super) struct Parts {
    version: u64,
    /// `toolgen.row_scale`, when the metadata says that there is a head.
    row_scale: Option<f32>,
    pub norm: Option<Vec<f32>>,
    pub weight: Option<QuantizedMatrix>,
    pub bias: Option<Vec<f32>>,
    pub special_rows: Option<Vec<f32>>,
}

impl Parts {
    /// What the metadata promises.
    pub fn from_metadata(metadata: &Metadata) -> Result<Self> {
        let (mut version, mut row_scale) = (0, None);
        if let Ok(found) = metadata.get("toolgen.version") {
            version = match *found {
                Value::Integer(version) => version.try_into().unwrap_or_default(),
                _ => 0,
            };
            if let Some(reason) = unsupported(version) {
                return Err(Error::metadata("toolgen.version", reason));
            }
            let scale = metadata.float("toolgen.row_scale")?;
            if let Some(reason) = no_row_scale(scale) {
                return Err(Error::metadata("toolgen.row_scale", reason));
            }
            row_scale = Some(scale);
        }
        Ok(Self { version, row_scale, norm: None, weight: None, bias: None, special_rows: None })
    }

    /// The head, or none for a file that has nothing of it.
    pub fn assemble(self) -> Result<Option<HeadWeights>> {
        let missing = |name| Error::tensor(name, "is missing");
        let Some(row_scale) = self.row_scale else {
            let any = self.norm.is_some()
                || self.weight.is_some()
                || self.bias.is_some()
                || self.special_rows.is_some();
            let reason = "is missing beside the document head's tensors";
            return if any { Err(Error::metadata("toolgen.version", reason)) } else { Ok(None) };
        };
        Ok(Some(HeadWeights {
            version: self.version,
            row_scale,
            norm: self.norm.ok_or_else(|| missing("toolgen.question_norm"))?,
            weight: self.weight.ok_or_else(|| missing("toolgen.document.weight"))?,
            bias: self.bias.ok_or_else(|| missing("toolgen.document.bias"))?,
            special_rows: self.special_rows.ok_or_else(|| missing("toolgen.special.weight"))?,
        }))
    }
}

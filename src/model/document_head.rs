//! From a document's state to a tool's row, for checkpoints that carry what tool memorization learned.
//!
//! With `x` the residual stream that a document's prompt ends in:
//! `y = W · rms_norm(x; gain) + bias`, `row = row_scale · y / |y|`. A question's logit for the tool is
//! `row · rms_norm(x; gain)`. So a page can take tools that no training has seen.

use crate::backend::Backend;
use crate::gguf::Metadata;
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

/// The parts of a [`DocumentHead`] as a file brings them: all or none.
pub(super) struct Parts<B: Backend> {
    version: u64,
    /// `toolgen.row_scale`, when the metadata says that there is a head.
    row_scale: Option<f32>,
    pub norm: Option<Vec<f32>>,
    pub weight: Option<B::Matrix>,
    pub bias: Option<Vec<f32>>,
    pub special_rows: Option<Vec<f32>>,
}

impl<B: Backend> Parts<B> {
    /// What the metadata promises.
    pub fn from_metadata(metadata: &Metadata) -> Result<Self> {
        let (mut version, mut row_scale) = (0, None);
        if let Ok(found) = metadata.get("toolgen.version") {
            version = found.to_u64().unwrap_or_default();
            if !(1..=VERSION).contains(&version) {
                let reason = format!("is none of 1 to {VERSION}, those that are supported");
                return Err(Error::metadata("toolgen.version", reason));
            }
            let scale = metadata.float("toolgen.row_scale")?;
            if !(scale.is_finite() && scale > 0.0) {
                return Err(Error::metadata("toolgen.row_scale", "is not a positive number"));
            }
            row_scale = Some(scale);
        }
        Ok(Self { version, row_scale, norm: None, weight: None, bias: None, special_rows: None })
    }

    /// The head, or none for a file that has nothing of it.
    pub fn assemble(self, backend: &B) -> Result<Option<DocumentHead<B>>> {
        let missing = |name| Error::tensor(name, "is missing");
        let Some(row_scale) = self.row_scale else {
            let any = self.norm.is_some()
                || self.weight.is_some()
                || self.bias.is_some()
                || self.special_rows.is_some();
            let reason = "is missing beside the document head's tensors";
            return if any { Err(Error::metadata("toolgen.version", reason)) } else { Ok(None) };
        };
        let norm = self.norm.ok_or_else(|| missing("toolgen.question_norm"))?;
        Ok(Some(DocumentHead {
            version: self.version,
            gain: backend.upload_vector(norm.clone())?,
            norm,
            weight: self.weight.ok_or_else(|| missing("toolgen.document.weight"))?,
            bias: self.bias.ok_or_else(|| missing("toolgen.document.bias"))?,
            special_rows: self.special_rows.ok_or_else(|| missing("toolgen.special.weight"))?,
            row_scale,
        }))
    }
}

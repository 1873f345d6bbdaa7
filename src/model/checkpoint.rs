//! A model in memory: its decoder, its tokenizer, what makes rows of documents.

use super::adapter::Adapter;
use super::decoder::Decoder;
use super::document_head::DocumentHead;
use super::id::ModelId;
use crate::backend::Backend;
use crate::tokenizer::Tokenizer;
use crate::{Error, Result};

/// A loaded checkpoint.
pub struct Checkpoint<B: Backend> {
    /// The model.
    pub decoder: Decoder<B>,
    /// Its tokenizer.
    pub tokenizer: Tokenizer,
    /// What makes tool rows of documents, in checkpoints that were trained to.
    pub document_head: Option<DocumentHead<B>>,
    /// What the model is made of; a tool pack names the one it fits.
    pub id: ModelId,
}

impl<B: Backend> Checkpoint<B> {
    /// Adds an adapter to the weights; its document head takes the place of the checkpoint's. After an error the
    /// checkpoint is of no more use: some of its weights may have changed.
    ///
    /// # Errors
    /// [`Error::Adapter`] for one whose shapes aren't the model's, [`Error::BaseMismatch`] for one that was trained
    /// on another checkpoint or comes second.
    pub fn adapt(&mut self, adapter: Adapter) -> Result<()> {
        let expected = ModelId { checkpoint: adapter.base_sha256, adapter: None };
        if self.id != expected {
            let (expected, found) = expected.difference(&self.id);
            return Err(Error::BaseMismatch {
                file: "adapter",
                expected,
                found,
                remedy: "make the adapter again with `toolgen adapter pack`",
            });
        }
        for (layer, matrix, update) in adapter.updates {
            self.decoder.adapt(layer, matrix, update)?;
        }
        if let Some(head) = adapter.head {
            if head.norm.len() != self.decoder.config.hidden {
                let reason = format!(
                    "is {} wide, the model {}",
                    head.norm.len(),
                    self.decoder.config.hidden
                );
                return Err(Error::adapter("head.norm", reason));
            }
            self.document_head = Some(head.upload(&self.decoder.backend)?);
        }
        self.id.adapter = Some(adapter.sha256);
        Ok(())
    }
}

//! The first row of a new tool token: the mean of its text's token embeddings (ToolGen, section 4.1).

use crate::backend::Backend;
use crate::model::Checkpoint;
use crate::{Error, Result};

/// One row for each text, `[texts, d]`: a tool's name, or what its indexing says of a token
/// ([`Indexing::texts`](crate::virtualization::Indexing::texts)). A text without tokens is an error.
pub async fn initial_rows<B: Backend>(
    checkpoint: &Checkpoint<B>,
    texts: &[impl AsRef<str>],
) -> Result<Vec<f32>> {
    let decoder = &checkpoint.decoder;
    let width = decoder.config.hidden;
    let mut rows = vec![0.0; texts.len() * width];
    for (name, row) in texts.iter().map(AsRef::as_ref).zip(rows.chunks_exact_mut(width)) {
        let tokens = checkpoint.tokenizer.encode(&name.replace('_', " "))?;
        if tokens.is_empty() {
            let (path, reason) = ("name".into(), "is empty".into());
            return Err(Error::Schema { tool: name.into(), path, reason });
        }
        let embeddings =
            decoder.backend.read(&decoder.backend.embed(&decoder.embedding, &tokens)).await?;
        for embedding in embeddings.chunks_exact(width) {
            row.iter_mut().zip(embedding).for_each(|(row, x)| *row += x / tokens.len() as f32);
        }
    }
    Ok(rows)
}

//! What the decoder has read, kept from one question to the next: one that begins as the last did, as when it is
//! typed word by word, is read from where they part.

use crate::Result;
use crate::backend::{Backend, Sequence};
use crate::model::Decoder;

/// Tokens and their keys and values.
pub(super) struct Context<B: Backend> {
    sequence: B::Sequence,
    read: Vec<u32>,
}

impl<B: Backend> Context<B> {
    /// Nothing read yet.
    pub fn new(sequence: B::Sequence) -> Self {
        Self { sequence, read: Vec::new() }
    }

    /// Tokens read.
    pub fn read(&self) -> &[u32] {
        &self.read
    }

    /// Most tokens that fit.
    pub fn capacity(&self) -> usize {
        self.sequence.capacity()
    }

    /// Keys and values of the tokens read.
    pub fn sequence(&mut self) -> &mut B::Sequence {
        &mut self.sequence
    }

    /// Reads tokens; the residual stream after the last of them, `[1, d]`.
    pub fn read_on(&mut self, decoder: &Decoder<B>, tokens: &[u32]) -> Result<B::Tensor> {
        let residual = decoder.forward(tokens, &mut self.sequence)?;
        self.read.extend(tokens);
        Ok(residual)
    }

    /// Forgets all but the first `len` tokens.
    pub fn truncate(&mut self, len: usize) {
        self.sequence.truncate(len);
        self.read.truncate(len);
    }

    /// Forgets all that `prompt` does not begin with, and its last token: what is asked is asked after that one.
    pub fn keep_for(&mut self, prompt: &[u32]) {
        let same = self.read.iter().zip(prompt).take_while(|(a, b)| a == b).count();
        self.truncate(same.min(prompt.len().saturating_sub(1)));
    }
}

#[cfg(test)]
mod tests {
    use super::Context;
    use crate::backend::cpu::Cpu;
    use crate::model::file;

    #[test]
    fn a_prompt_keeps_what_it_begins_with_but_its_last_token() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/tiny/toolgen-tiny.gguf");
        let decoder = file::load(path.as_ref(), Cpu).unwrap().decoder;
        let mut context = Context::new(decoder.sequence(16));
        context.read_on(&decoder, &[1, 2, 3, 4, 5]).unwrap();
        for (prompt, kept) in [
            (&[1, 2, 3, 4, 5, 6][..], 5), // goes on
            (&[1, 2, 3, 4, 5], 4),        // the same again
            (&[1, 2, 9, 4], 2),           // parts
            (&[7], 0),                    // another
        ] {
            context.keep_for(prompt);
            assert_eq!(context.read(), &prompt[..kept], "for {prompt:?}");
            let rest = &prompt[kept..];
            context.read_on(&decoder, rest).unwrap();
        }
    }
}

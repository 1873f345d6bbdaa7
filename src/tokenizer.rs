//! The tokenizer that the checkpoint carries: byte-level BPE.
//!
//! Text from people and networks is *only* text: a `<|im_end|>` in a question is encoded as the
//! characters it is made of. Control tokens come from [`Tokenizer::control`] alone.

use std::collections::HashMap;
use std::sync::Arc;

use tokenizers::decoders::byte_level::ByteLevel;
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::{
    AddedToken, DecoderWrapper, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper,
    TokenizerBuilder, TokenizerImpl,
};

use crate::gguf::Metadata;
use crate::{Error, Result};

type BytePair = TokenizerImpl<
    BPE,
    NormalizerWrapper,
    PreTokenizerWrapper,
    PostProcessorWrapper,
    DecoderWrapper,
>;

/// ggml's number for "control" in `tokenizer.ggml.token_type`.
const CONTROL: i64 = 3;

/// Text to token ids and back; clones share their tables.
#[derive(Clone)]
pub struct Tokenizer {
    inner: Arc<BytePair>,
    len: usize,
    control: HashMap<String, u32>,
    end: u32,
}

impl Tokenizer {
    /// Builds the tokenizer from a checkpoint's metadata (pre-tokenizer `smollm`: single digits,
    /// then GPT-2's byte-level splitting).
    pub fn from_metadata(metadata: &Metadata) -> Result<Self> {
        let pre = metadata.string("tokenizer.ggml.pre")?;
        if metadata.string("tokenizer.ggml.model")? != "gpt2" || pre != "smollm" {
            let reason = format!("`{pre}` is not supported; only byte-level BPE with `smollm` is");
            return Err(Error::metadata("tokenizer.ggml.pre", reason));
        }
        let tokens = metadata.strings("tokenizer.ggml.tokens")?;
        let types = metadata.integers("tokenizer.ggml.token_type")?;
        if types.len() != tokens.len() {
            return Err(Error::metadata("tokenizer.ggml.token_type", "does not match the tokens"));
        }
        let merges = metadata
            .strings("tokenizer.ggml.merges")?
            .iter()
            .map(|merge| merge.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| {
                Error::metadata("tokenizer.ggml.merges", "holds an entry that is not a pair")
            })?;
        let end = metadata.place("tokenizer.ggml.eos_token_id", tokens.len())? as u32;

        let failed = |error: tokenizers::Error| Error::Tokenizer(error.to_string());
        let vocabulary: Vocab =
            (0..).zip(&tokens).map(|(id, token)| ((*token).to_owned(), id)).collect();
        let bpe = BPE::builder()
            .vocab_and_merges(vocabulary, merges)
            .cache_capacity(1024)
            .build()
            .map_err(failed)?;
        let byte_level = ByteLevel::new(false, true, true);
        let digits = PreTokenizerWrapper::Digits(Digits::new(true));
        let split = Sequence::new(vec![digits, PreTokenizerWrapper::ByteLevel(byte_level)]);
        let mut inner: BytePair = TokenizerBuilder::new()
            .with_model(bpe)
            .with_pre_tokenizer(Some(split.into()))
            .with_decoder(Some(DecoderWrapper::ByteLevel(byte_level)))
            .build()
            .map_err(failed)?;
        let control: HashMap<String, u32> = (0..)
            .zip(tokens.iter().zip(&types))
            .filter(|(_, (_, kind))| **kind == CONTROL)
            .map(|(id, (token, _))| ((*token).to_owned(), id))
            .collect();
        let special: Vec<_> =
            control.keys().map(|token| AddedToken::from(token.clone(), true)).collect();
        inner.add_special_tokens(special).map_err(failed)?;
        inner.set_encode_special_tokens(true); // text never becomes a control token
        Ok(Self { inner: Arc::new(inner), len: tokens.len(), control, end })
    }

    /// Tokens in the vocabulary.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the vocabulary is empty (it never is).
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The token that ends a turn.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// The control token written `token`, such as `<|im_start|>`.
    pub fn control(&self, token: &str) -> Result<u32> {
        let missing = || Error::Tokenizer(format!("the checkpoint has no control token `{token}`"));
        self.control.get(token).copied().ok_or_else(missing)
    }

    /// Control tokens and their ids.
    pub fn controls(&self) -> impl Iterator<Item = (&str, u32)> {
        self.control.iter().map(|(token, &id)| (token.as_str(), id))
    }

    /// The ids of a text, all of it as plain text.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>> {
        let encoding = self
            .inner
            .encode_fast(text, false)
            .map_err(|error| Error::Tokenizer(error.to_string()))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The text of ids, without control tokens; broken UTF-8 becomes U+FFFD.
    pub fn decode(&self, ids: &[u32]) -> Result<String> {
        self.inner.decode(ids, true).map_err(|error| Error::Tokenizer(error.to_string()))
    }

    /// The bytes that token `id` stands for (GPT-2's byte alphabet undone); a control token's name.
    pub fn token_bytes(&self, id: u32) -> Vec<u8> {
        let Some(token) = self.inner.id_to_token(id) else { return Vec::new() };
        if self.control.contains_key(&token) {
            return token.into_bytes();
        }
        token.chars().filter_map(byte_of).collect()
    }
}

/// The byte that a character of GPT-2's byte alphabet stands for: printable Latin-1 characters stand
/// for themselves; the other 68 bytes, in order, for the characters from U+0100.
fn byte_of(character: char) -> Option<u8> {
    let printable = |byte: &u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    match character as u32 {
        code @ 0..=0xff => Some(code as u8).filter(printable),
        code => (0..=255u8).filter(|byte| !printable(byte)).nth((code - 0x100) as usize),
    }
}

//! Hidden states on disk, each by the text that ends in it: what an interrupted run computed, and what was computed
//! before for the same texts, isn't computed again. A file has the states of one model, of all texts so far.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// Between two writes while states are computed.
const PAUSE: Duration = Duration::from_secs(60);
/// Of the file's layout and of the engine's arithmetic: another one's states are not taken.
const VERSION: &str = "2";

/// SHA-256 of a text's tokens.
type Key = [u8; 32];

/// The known states of one model; kept in a file, if there is a path.
pub struct StatesCache<'a> {
    path: Option<&'a Path>,
    model: String,
    width: usize,
    known: BTreeMap<Key, Vec<f32>>,
    written: Option<Instant>,
}

impl<'a> StatesCache<'a> {
    /// Reads the file. One that is missing, of another model or of another version has no states, and is replaced.
    ///
    /// # Errors
    /// [`Error::Io`] when there is a file of another kind, which is not overwritten.
    pub fn open(path: Option<&'a Path>, model: String, width: usize) -> Result<Self> {
        let mut cache = Self { path, model, width, known: BTreeMap::new(), written: None };
        if let Some(path) = path
            && let Some(bytes) = existing(path)?
        {
            cache.known = cache.states_in(&bytes).unwrap_or_default();
        }
        Ok(cache)
    }

    /// The texts whose states are not known, without repetitions.
    pub fn missing<'t>(&self, texts: &'t [Vec<u32>]) -> Vec<&'t [u32]> {
        let mut seen = BTreeSet::new();
        let mut is_missing = |text: &&[u32]| {
            let key = key(text);
            !self.known.contains_key(&key) && seen.insert(key)
        };
        texts.iter().map(Vec::as_slice).filter(|text| is_missing(text)).collect()
    }

    /// Adds the states of `texts`.
    pub fn add(&mut self, texts: &[&[u32]], states: Vec<Vec<f32>>) {
        self.known.extend(texts.iter().map(|text| key(text)).zip(states));
    }

    /// Whether the file was not written within the last minute.
    pub fn is_due(&self) -> bool {
        self.written.is_none_or(|written| written.elapsed() >= PAUSE)
    }

    /// The states of `texts`, all of which are known: `[n, d]`.
    pub fn of(&self, texts: &[Vec<u32>]) -> Vec<f32> {
        texts.iter().flat_map(|text| &self.known[&key(text)]).copied().collect()
    }

    /// Writes all that is known to the file, whole or not at all.
    pub fn write(&mut self) -> Result<()> {
        let Some(path) = self.path else { return Ok(()) };
        let texts: Vec<u8> = self.known.keys().flatten().copied().collect();
        let states: Vec<u8> = self.known.values().flatten().flat_map(|x| x.to_le_bytes()).collect();
        let failed = |error: safetensors::SafeTensorError| Error::Training(error.to_string());
        let rows = self.known.len();
        let texts =
            TensorView::new(Dtype::U8, vec![rows, size_of::<Key>()], &texts).map_err(failed)?;
        let states =
            TensorView::new(Dtype::F32, vec![rows, self.width], &states).map_err(failed)?;
        let metadata = [("model", self.model.as_str()), ("version", VERSION)];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let tensors = [("texts", texts), ("states", states)];
        let file =
            safetensors::serialize(tensors, Some(HashMap::from(metadata))).map_err(failed)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(Error::io(path))?;
        }
        let part = path.with_extension("part");
        std::fs::write(&part, file).map_err(Error::io(&part))?;
        std::fs::rename(&part, path).map_err(Error::io(path))?;
        self.written = Some(Instant::now());
        Ok(())
    }

    /// The states in a file of this model and version.
    fn states_in(&self, bytes: &[u8]) -> Option<BTreeMap<Key, Vec<f32>>> {
        let (_, header) = SafeTensors::read_metadata(bytes).ok()?;
        let metadata = header.metadata().as_ref()?;
        if metadata.get("model") != Some(&self.model)
            || metadata.get("version").map(String::as_str) != Some(VERSION)
        {
            return None;
        }
        let file = SafeTensors::deserialize(bytes).ok()?;
        let (texts, states) = (file.tensor("texts").ok()?, file.tensor("states").ok()?);
        let (keys, _) = texts.data().as_chunks();
        if states.dtype() != Dtype::F32 || states.shape() != [keys.len(), self.width] {
            return None;
        }
        let floats = |row: &[u8]| {
            row.as_chunks().0.iter().map(|&x| f32::from_le_bytes(x)).collect::<Vec<_>>()
        };
        let rows = states.data().chunks_exact(self.width * size_of::<f32>()).map(floats);
        Some(keys.iter().copied().zip(rows).collect())
    }
}

fn key(text: &[u32]) -> Key {
    let mut hash = Sha256::new();
    text.iter().for_each(|token| hash.update(token.to_le_bytes()));
    hash.finalize().into()
}

/// A file of hidden states, if there is one.
fn existing(path: &Path) -> Result<Option<Vec<u8>>> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(path)(error)),
    };
    if SafeTensors::deserialize(&bytes).is_ok_and(|file| file.tensor("states").is_ok()) {
        return Ok(Some(bytes));
    }
    let reason = "is no cache of hidden states, so it is left as it is; name another file";
    Err(Error::io(path)(io::Error::new(io::ErrorKind::AlreadyExists, reason)))
}

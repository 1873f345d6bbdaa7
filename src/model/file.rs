//! Loading a checkpoint from a file, natively.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::adapter::Adapter;
use super::checkpoint::Checkpoint;
use super::loader::CheckpointReader;
use crate::backend::Backend;
use crate::gguf::Config;
use crate::gguf::Header;
use crate::{Error, Result};

/// Reads the checkpoint at `path` into `backend`.
pub fn load<B: Backend>(path: &Path, backend: B) -> Result<Checkpoint<B>> {
    let io = Error::io(path);
    let mut file = File::open(path).map_err(io)?;
    let mut reader = CheckpointReader::new(backend, file.metadata().map_err(io)?.len());
    let mut chunk = vec![0; 4 << 20];
    loop {
        match file.read(&mut chunk).map_err(io)? {
            0 => return reader.finish(),
            count => reader.push(&chunk[..count])?,
        }
    }
}

/// Reads the adapter at `path` and adds it to a checkpoint.
pub fn adapt<B: Backend>(checkpoint: &mut Checkpoint<B>, path: &Path) -> Result<()> {
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    checkpoint.adapt(Adapter::from_bytes(&bytes)?)
}

/// SHA-256 of the file at `path`, in hexadecimal.
pub fn sha256(path: &Path) -> Result<String> {
    let io = Error::io(path);
    let mut file = File::open(path).map_err(io)?;
    let (mut hash, mut chunk) = (Sha256::new(), vec![0; 4 << 20]);
    loop {
        match file.read(&mut chunk).map_err(io)? {
            0 => break,
            count => hash.update(&chunk[..count]),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Shapes and constants of the checkpoint at `path`; its weights are not read.
pub fn config(path: &Path) -> Result<Config> {
    let io = Error::io(path);
    let mut file = File::open(path).map_err(io)?;
    let total = file.metadata().map_err(io)?.len();
    let mut prefix = Vec::new();
    loop {
        let read = file.by_ref().take(4 << 20).read_to_end(&mut prefix).map_err(io)?;
        match Header::parse(&prefix, total)? {
            Some(header) => return Config::from_metadata(&header.metadata),
            None if read == 0 => {
                return Err(Error::Truncated { received: prefix.len() as u64, expected: total });
            }
            None => {}
        }
    }
}

//! Values off the beginning of a file, little-endian as GGUF has them.

use crate::Error;

/// Why reading stopped.
#[derive(Debug)]
pub enum Stop {
    /// The bytes that are here end; the file may go on.
    End,
    /// The file is wrong.
    Wrong(Error),
}

/// Reads from the beginning of a file of `total` bytes, of which `bytes` are here.
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
    total: u64,
}

impl<'a> Reader<'a> {
    /// At the first byte.
    pub const fn new(bytes: &'a [u8], total: u64) -> Self {
        Self { bytes, position: 0, total }
    }

    /// Where the next value begins.
    pub const fn position(&self) -> u64 {
        self.position as u64
    }

    /// What is wrong here.
    pub fn wrong(&self, reason: impl Into<String>) -> Stop {
        Stop::Wrong(Error::Gguf { offset: self.position(), reason: reason.into() })
    }

    /// The next `N` bytes.
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let bytes = self.bytes[self.position..].first_chunk().ok_or(Stop::End)?;
        self.position += N;
        Ok(*bytes)
    }

    /// A 32-bit number.
    pub fn u32(&mut self) -> Result<u32, Stop> {
        self.take().map(u32::from_le_bytes)
    }

    /// A 64-bit number.
    pub fn u64(&mut self) -> Result<u64, Stop> {
        self.take().map(u64::from_le_bytes)
    }

    /// How many things of at least `bytes` bytes follow; no more than the file has room for.
    pub fn count(&mut self, bytes: u64) -> Result<u64, Stop> {
        let count = self.u64()?;
        let room = self.total.saturating_sub(self.position()) / bytes;
        if count > room {
            return Err(self.wrong(format!("{count} entries follow, where {room} fit at most")));
        }
        Ok(count)
    }

    /// A text, its length before it.
    pub fn string(&mut self) -> Result<String, Stop> {
        let length = self.count(1)? as usize;
        let bytes = self.bytes[self.position..].get(..length).ok_or(Stop::End)?;
        let text = std::str::from_utf8(bytes).map_err(|_| self.wrong("a text is not UTF-8"))?;
        self.position += length;
        Ok(text.into())
    }
}

//! What the backend has asked of the device so far.

use std::cell::Cell;

use serde::Serialize;

/// Counts since the backend was made; a difference of two is what happened in between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Command buffers handed over.
    pub submits: u64,
    /// Kernels run.
    pub dispatches: u64,
    /// Bytes copied back from the device.
    pub bytes_read: u64,
    /// Buffers, bind groups and pipelines made.
    pub created: u64,
}

impl std::ops::Sub for Counters {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            submits: self.submits - earlier.submits,
            dispatches: self.dispatches - earlier.dispatches,
            bytes_read: self.bytes_read - earlier.bytes_read,
            created: self.created - earlier.created,
        }
    }
}

/// Counters that several rooms of the backend write to.
#[derive(Debug, Default)]
pub(super) struct Tally(Cell<Counters>);

impl Tally {
    pub fn get(&self) -> Counters {
        self.0.get()
    }

    pub fn change(&self, change: impl FnOnce(&mut Counters)) {
        let mut counters = self.0.get();
        change(&mut counters);
        self.0.set(counters);
    }
}

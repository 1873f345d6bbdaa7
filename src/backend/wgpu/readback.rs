//! Reading numbers back: the only place where the backend waits.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use super::device::{Device, Storage};
use super::recorder::{Copy, Recorder};
use crate::{Error, Result};

/// Bytes of the first staging buffer: what a generated token reads back at most.
const MIN_BYTES: u64 = 512;

/// Buffers that the host can map, taken in turns.
pub(super) struct Readback {
    device: Rc<Device>,
    staging: RefCell<Vec<wgpu::Buffer>>,
}

/// A word from the device that may not have come yet; it may come from another thread.
type Word = Arc<Mutex<(Option<Result<(), wgpu::BufferAsyncError>>, Option<Waker>)>>;

impl Readback {
    pub fn new(device: Rc<Device>) -> Self {
        Self { device, staging: RefCell::default() }
    }

    /// Submits what `recorder` holds, and reads `words` words of `storage` from word `first` on.
    pub async fn read(
        &self,
        recorder: &Recorder,
        storage: &Storage,
        first: usize,
        words: usize,
    ) -> Result<Vec<u32>> {
        let bytes = 4 * words as u64;
        let staging = self.take(bytes);
        let copy = Copy { from: storage, to: &staging, offset: 4 * first as u64, bytes };
        recorder.submit(Some(copy));
        self.device.tally.change(|counters| counters.bytes_read += bytes);
        let mapped = self.map(&staging, bytes).await;
        // What failed first says more than that mapping failed too.
        self.device.settle().await?;
        // A device that can't be read from is lost, whether it has said so yet or not.
        mapped.map_err(|error| Error::DeviceLost { reason: error.to_string() })?;
        let found = {
            let view = staging
                .get_mapped_range(..bytes)
                .map_err(|error| Error::gpu("readback", error.to_string()))?;
            view.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)).collect()
        };
        staging.unmap();
        self.staging.borrow_mut().push(staging);
        Ok(found)
    }

    fn take(&self, bytes: u64) -> wgpu::Buffer {
        let mut staging = self.staging.borrow_mut();
        match staging.iter().position(|buffer| buffer.size() >= bytes) {
            Some(place) => staging.swap_remove(place),
            None => {
                let usage = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
                self.device.buffer("readback", bytes.max(MIN_BYTES), usage)
            }
        }
    }

    async fn map(&self, staging: &wgpu::Buffer, bytes: u64) -> Result<(), wgpu::BufferAsyncError> {
        let word = Word::default();
        let told = word.clone();
        staging.map_async(wgpu::MapMode::Read, ..bytes, move |result| {
            let mut told = told.lock().expect("no panic while locked");
            told.0 = Some(result);
            if let Some(waker) = told.1.take() {
                waker.wake();
            }
        });
        // A browser calls back by itself.
        #[cfg(not(target_arch = "wasm32"))]
        let _ = self.device.device.poll(wgpu::PollType::wait_indefinitely());
        poll_fn(|context| {
            let mut word = word.lock().expect("no panic while locked");
            match word.0.take() {
                Some(result) => Poll::Ready(result),
                None => {
                    word.1 = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

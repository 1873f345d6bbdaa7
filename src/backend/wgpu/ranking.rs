//! The best rows of a head: their logits stay on the device, and a few pairs leave it.

use super::kernel::{Epilogue, Kernel, TOP_K_BLOCK};
use super::{Matrix, Tensor, Wgpu};
use crate::backend::{BitMask, Scored, TopK};
use crate::{Error, Result};

impl Wgpu {
    /// The `k` best rows of `head` that `mask` allows.
    pub(super) async fn ranks(
        &self,
        x: &Tensor,
        head: &Matrix,
        mask: Option<&BitMask>,
        k: usize,
    ) -> Result<TopK> {
        let (rows, asked) = (head.rows as usize, k);
        let k = asked.clamp(1, rows);
        let logits = self.room(1, rows);
        match mask {
            Some(mask) => {
                let at = self.0.recorder.input(&mask.words(rows), head.parts.len());
                self.product(x, head, &logits, Epilogue::Mask, at);
            }
            None => self.product(x, head, &logits, Epilogue::Store, 0),
        }
        let blocks = head.rows.div_ceil(TOP_K_BLOCK);
        let words = 2 + 2 * k;
        let mut best = self.room(blocks as usize, words);
        let buffers = [&logits.slot.storage, &best.slot.storage];
        let kernel = Kernel::TopK { merge: false };
        self.record(kernel, &[head.rows, k as u32], &buffers, [blocks, 1, 1]);
        if blocks > 1 {
            let merged = self.room(1, words);
            let buffers = [&best.slot.storage, &merged.slot.storage];
            let kernel = Kernel::TopK { merge: true };
            self.record(kernel, &[blocks, k as u32], &buffers, [1, 1, 1]);
            best = merged;
        }
        let found = self.0.readback.read(&self.0.recorder, &best.slot.storage, 0, words).await?;
        let [max, sum] = [found[0], found[1]].map(f32::from_bits);
        let best: Vec<Scored> = found[2..]
            .chunks_exact(2)
            .map(|pair| Scored { id: pair[0], logit: f32::from_bits(pair[1]) })
            .take_while(|scored| scored.logit > f32::MIN)
            .take(asked)
            .collect();
        if best.len() < asked.min(rows) && mask.is_none() {
            return Err(Error::gpu("logits", "are not finite"));
        }
        Ok(TopK { best, log_sum_exp: max + libm::logf(sum) })
    }
}

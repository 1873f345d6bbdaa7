//! The keys and values of a sequence, and the angles that rotate them to their positions.

use std::rc::Rc;

use super::arena::{Arena, Slot};
use super::device::{Device, Storage};
use crate::backend::Sequence;
use crate::gguf::Config;

/// Keys and values of one sequence, packed as halves: a buffer a layer, `[capacity, k + v]`.
pub struct KeyValues {
    pub(super) layers: Vec<Slot>,
    pub(super) rotations: Rc<Rotations>,
    len: usize,
    capacity: usize,
}

/// `(cos, sin)` of RoPE's angles, `[positions, head_size / 2]`: position · base^(−2i / head_size).
///
/// Computed here and not by the kernels: WGSL leaves the sine of large angles to the device.
pub(super) struct Rotations {
    pub storage: Storage,
    positions: usize,
    head_size: usize,
    base: f32,
}

impl KeyValues {
    pub(super) fn new(
        device: &Device,
        arena: &Rc<Arena>,
        rotations: Rc<Rotations>,
        config: &Config,
        capacity: usize,
    ) -> Self {
        // Two halves of a pair share a word; keys and values take one word a pair each.
        let bytes = (capacity * config.kv_width() * 4) as u64;
        let layers = (0..config.layers).map(|_| arena.take(device, bytes)).collect();
        Self { layers, rotations, len: 0, capacity }
    }
}

impl Rotations {
    /// Angles for as many positions as `capacity`.
    pub fn new(device: &Device, config: &Config, capacity: usize) -> Self {
        let (size, base) = (config.head_size, config.rope_base);
        let frequencies: Vec<f32> =
            (0..size / 2).map(|i| 1.0 / libm::powf(base, 2.0 * i as f32 / size as f32)).collect();
        let angles =
            (0..capacity).flat_map(|position| frequencies.iter().map(move |f| position as f32 * f));
        let words: Vec<u32> = angles
            .flat_map(|angle| [libm::cosf(angle).to_bits(), libm::sinf(angle).to_bits()])
            .collect();
        let storage = device.storage_of("rotations", &words);
        Self { storage, positions: capacity, head_size: size, base }
    }

    /// Whether these are the angles for `config` and `capacity` positions.
    pub fn fit(&self, config: &Config, capacity: usize) -> bool {
        self.positions >= capacity
            && self.head_size == config.head_size
            && self.base.to_bits() == config.rope_base.to_bits()
    }
}

impl Sequence for KeyValues {
    fn len(&self) -> usize {
        self.len
    }

    fn capacity(&self) -> usize {
        self.capacity
    }

    fn advance(&mut self, tokens: usize) {
        self.len += tokens;
    }

    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

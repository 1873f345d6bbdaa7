//! Room for activations and caches: buffers that are made once and taken again.

use std::cell::RefCell;
use std::rc::Rc;

use super::device::{Device, Storage};

/// The smallest slot, which holds 64 tokens of SmolLM2-135M's widest activation. Most tensors fit it,
/// so that they take turns in a few buffers whatever their shape.
const MIN_BYTES: u64 = 512 << 10;

/// All slots ever made.
#[derive(Default)]
pub(super) struct Arena {
    slots: RefCell<Vec<Place>>,
}

struct Place {
    storage: Storage,
    bytes: u64,
    taken: bool,
}

/// A buffer that belongs to its holder until it is dropped.
pub(super) struct Slot {
    pub storage: Storage,
    index: usize,
    arena: Rc<Arena>,
}

impl Arena {
    /// A slot of at least `bytes`: the smallest free one that is not wasted on so little, else a new one.
    ///
    /// Of equals it is always the first, so that the same steps find the same buffers, and their bind
    /// groups, again.
    pub fn take(self: &Rc<Self>, device: &Device, bytes: u64) -> Slot {
        let bytes = bytes.max(MIN_BYTES);
        let mut slots = self.slots.borrow_mut();
        let free = slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| !slot.taken && (bytes..=2 * bytes).contains(&slot.bytes))
            .min_by_key(|(_, slot)| slot.bytes)
            .map(|(index, _)| index);
        let index = free.unwrap_or_else(|| {
            let storage = device.storage("activations", bytes);
            slots.push(Place { storage, bytes, taken: false });
            slots.len() - 1
        });
        slots[index].taken = true;
        Slot { storage: slots[index].storage.clone(), index, arena: self.clone() }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.arena.slots.borrow_mut()[self.index].taken = false;
    }
}

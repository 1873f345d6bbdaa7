//! The device: getting one, making things on it, and hearing of its failures.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use super::counters::Tally;
use super::kernel::Access;
use super::variant::{TEAM, Variant};
use crate::{Error, Result};

/// A device with its queue.
pub(super) struct Device {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    pub info: wgpu::AdapterInfo,
    pub variant: Variant,
    pub tally: Tally,
    limits: wgpu::Limits,
    binding_limit: u64,
    failures: Arc<Failures>,
    /// Whether what was made since the last look could be made.
    pending: RefCell<Vec<Pending>>,
    ids: Cell<u64>,
}

/// A storage buffer with a number of its own.
#[derive(Clone)]
pub(super) struct Storage(Rc<StorageBuffer>);

pub(super) struct StorageBuffer {
    pub buffer: wgpu::Buffer,
    pub id: u64,
    /// The bind groups that begin with this buffer, which go when it goes.
    pub bind_groups: RefCell<HashMap<BoundTo, wgpu::BindGroup>>,
}

/// The buffers of a bind group, and how they are used.
pub(super) type BoundTo = (Access, [Option<u64>; BINDINGS]);

/// Most storage buffers that a kernel is bound to: as many as every device allows.
pub(super) const BINDINGS: usize = 8;

impl std::ops::Deref for Storage {
    type Target = StorageBuffer;

    fn deref(&self) -> &StorageBuffer {
        &self.0
    }
}

/// What the device's callbacks have told; they may run on another thread.
#[derive(Default)]
struct Failures {
    lost: Mutex<Option<String>>,
    errors: Mutex<Vec<String>>,
}

type Scope = Pin<Box<dyn Future<Output = Option<wgpu::Error>>>>;

/// Something whose making is not known to have succeeded: a browser tells later.
struct Pending {
    what: String,
    bytes: u64,
    scopes: [Scope; 2],
}

impl Device {
    /// The best adapter's device, or the one that runs `variant`; it binds at most `most_bytes` a buffer.
    pub async fn request(variant: Option<Variant>, most_bytes: u64) -> Result<Self> {
        let descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        let instance = wgpu::Instance::new(descriptor);
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::HighPerformance,
                ..Default::default()
            })
            .await
            .map_err(|error| match error {
                // Its text lists the interfaces of other systems.
                wgpu::RequestAdapterError::NotFound { .. } => {
                    Error::gpu("adapter", "none was found")
                }
                other => Error::gpu("adapter", other.to_string()),
            })?;
        let info = adapter.get_info();
        let subgroups = match info.subgroup_min_size {
            TEAM.. => adapter.features() & wgpu::Features::SUBGROUP,
            _ => wgpu::Features::empty(),
        };
        let variant = variant.unwrap_or(match info.device_type {
            wgpu::DeviceType::Cpu => Variant::Software,
            _ if !subgroups.is_empty() => Variant::Subgroups,
            _ => Variant::Workgroup,
        });
        if variant == Variant::Subgroups && subgroups.is_empty() {
            return Err(Error::gpu(
                "adapter",
                format!("`{}` has no subgroups of {TEAM} or more", info.name),
            ));
        }
        // All that the adapter has: the default limits bind 128 MiB and buffers of 256.
        let limits = adapter.limits();
        let required_features = match variant {
            Variant::Subgroups => subgroups,
            _ => wgpu::Features::empty(),
        };
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("toolgen"),
                required_features,
                required_limits: limits.clone(),
                ..Default::default()
            })
            .await
            .map_err(|error| Error::gpu("device", error.to_string()))?;
        let failures = Arc::new(Failures::default());
        let heard = failures.clone();
        device.set_device_lost_callback(move |reason, message| {
            *heard.lost.lock().expect("no panic while locked") =
                Some(format!("{reason:?}: {message}"));
        });
        let heard = failures.clone();
        device.on_uncaptured_error(Arc::new(move |error| {
            heard.errors.lock().expect("no panic while locked").push(error.to_string());
        }));
        Ok(Self {
            device,
            queue,
            info,
            variant,
            tally: Tally::default(),
            binding_limit: limits
                .max_storage_buffer_binding_size
                .min(limits.max_buffer_size)
                .min(most_bytes),
            limits,
            failures,
            pending: RefCell::default(),
            ids: Cell::default(),
        })
    }

    /// A storage buffer of `bytes`. Whether there was memory for it is told by [`Device::settle`].
    pub fn storage(&self, what: &str, bytes: u64) -> Storage {
        let usage = wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST;
        let id = self.ids.get();
        self.ids.set(id + 1);
        let buffer = self.buffer(what, bytes, usage);
        Storage(Rc::new(StorageBuffer { buffer, id, bind_groups: RefCell::default() }))
    }

    /// As [`Device::storage`], filled with `words`.
    pub fn storage_of(&self, what: &str, words: &[u32]) -> Storage {
        let storage = self.storage(what, size_of_val(words) as u64);
        self.queue.write_buffer(&storage.buffer, 0, bytemuck::cast_slice(words));
        storage
    }

    /// Any buffer.
    pub fn buffer(&self, what: &str, bytes: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let buffer = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(what),
            size: bytes.max(4),
            usage,
            mapped_at_creation: false,
        });
        let scopes: [Scope; 2] = [Box::pin(validation.pop()), Box::pin(memory.pop())];
        self.pending.borrow_mut().push(Pending { what: what.to_owned(), bytes, scopes });
        self.tally.change(|counters| counters.created += 1);
        buffer
    }

    /// Bytes of the largest buffer of weights that a kernel can be bound to.
    pub fn binding_limit(&self) -> u64 {
        self.binding_limit
    }

    /// Bytes between the parameters of two dispatches in one uniform buffer.
    pub fn parameter_stride(&self) -> u64 {
        u64::from(self.limits.min_uniform_buffer_offset_alignment.max(256))
    }

    /// Most workgroups in one dimension of a dispatch.
    pub fn most_workgroups(&self) -> u32 {
        self.limits.max_compute_workgroups_per_dimension
    }

    /// Waits until it is known that everything made so far could be made and nothing has failed.
    pub async fn settle(&self) -> Result<()> {
        let pending = std::mem::take(&mut *self.pending.borrow_mut());
        for Pending { what, bytes, scopes } in pending {
            for scope in scopes {
                if let Some(error) = scope.await {
                    self.check_lost()?;
                    let reason = format!("the device could not make {bytes} bytes: {error}");
                    return Err(Error::gpu(what, reason));
                }
            }
        }
        self.check_lost()?;
        let errors = std::mem::take(&mut *self.failures.errors.lock().expect("no panic"));
        match errors.into_iter().next() {
            Some(error) => Err(Error::gpu("device", error)),
            None => Ok(()),
        }
    }

    fn check_lost(&self) -> Result<()> {
        match &*self.failures.lost.lock().expect("no panic while locked") {
            Some(reason) => Err(Error::DeviceLost { reason: reason.clone() }),
            None => Ok(()),
        }
    }
}

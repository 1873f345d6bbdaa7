//! The WebGPU backend: the whole forward pass on the GPU, natively and in every browser that has WebGPU.
//!
//! A verb records one or two runs of kernels; [`Backend::top_k`] and [`Backend::read`] submit them at
//! once and wait for a few numbers. In the order of the data: `device` is asked for once and makes
//! buffers, `matrix` lays weights out for the kernels, `arena` has room for activations and for the keys
//! and values of a `sequence`, `recorder` gathers runs of the kernels that `kernel` names, and
//! `readback` waits. `variant` says how kernels share their work on this device; `product` and `ranking`
//! hold the longer verbs.
//!
//! Weights stay quantized; activations are 32-bit floats; keys and values are halves.

mod arena;
mod counters;
mod device;
mod kernel;
mod matrix;
mod product;
mod ranking;
mod readback;
mod recorder;
mod sequence;
mod variant;

use std::cell::RefCell;
use std::rc::Rc;

use super::{Backend, BitMask, LowRank, Sequence, TopK};
use crate::Result;
use crate::gguf::{Config, QuantizedMatrix};
use arena::{Arena, Slot};
pub use counters::Counters;
use device::{Device, Storage};
use kernel::{Epilogue, Kernel};
pub use matrix::Matrix;
use matrix::{Part, Weights};
use readback::Readback;
use recorder::Recorder;
pub use sequence::KeyValues;
use sequence::Rotations;
pub use variant::Variant;

/// A backend on one device. Clones share it.
#[derive(Clone)]
pub struct Wgpu(Rc<Inner>);

struct Inner {
    device: Rc<Device>,
    arena: Rc<Arena>,
    recorder: Recorder,
    readback: Readback,
    /// The angles of the longest sequence so far.
    rotations: RefCell<Option<Rc<Rotations>>>,
}

/// Activations `[rows, width]`, from row `first` of a slot on.
pub struct Tensor {
    slot: Slot,
    first: usize,
    rows: usize,
    width: usize,
    /// `z` of these rows, where the norm that they come from has made it (`product`).
    z: Option<Slot>,
}

/// A norm's gain.
pub struct Vector {
    gain: Storage,
    /// `A` of the update of the matrix that reads the norm's results.
    a: Option<Rc<Matrix>>,
}

impl Wgpu {
    /// A backend on the system's preferred adapter, with the variant that suits it.
    ///
    /// # Errors
    /// [`Error::Gpu`](crate::Error::Gpu) when there is no adapter or it gives no device.
    pub async fn new() -> Result<Self> {
        Self::open(None, u64::MAX).await
    }

    /// As [`Wgpu::new`], with a variant of the kernels of the caller's choice.
    pub async fn with_variant(variant: Variant) -> Result<Self> {
        Self::open(Some(variant), u64::MAX).await
    }

    /// As [`Wgpu::with_variant`], on a device that binds no more than `bytes` of weights at once: larger
    /// matrices are cut, as on small devices.
    pub async fn with_binding_limit(variant: Variant, bytes: u64) -> Result<Self> {
        Self::open(Some(variant), bytes).await
    }

    async fn open(variant: Option<Variant>, most_bytes: u64) -> Result<Self> {
        let device = Rc::new(Device::request(variant, most_bytes).await?);
        Ok(Self(Rc::new(Inner {
            arena: Rc::default(),
            recorder: Recorder::new(device.clone()),
            readback: Readback::new(device.clone()),
            rotations: RefCell::default(),
            device,
        })))
    }

    /// The adapter's name, its driver, and the variant of the kernels.
    pub fn description(&self) -> String {
        let Device { info, variant, .. } = &*self.0.device;
        let name = if info.name.is_empty() { "an adapter without a name" } else { &info.name };
        format!("{name} ({}, {variant:?} kernels)", info.backend)
    }

    /// Whether the adapter is a program and no GPU.
    pub fn is_software(&self) -> bool {
        self.0.device.info.device_type == wgpu::DeviceType::Cpu
    }

    /// What the device has been asked so far.
    pub fn counters(&self) -> Counters {
        self.0.device.tally.get()
    }

    /// Waits until it is known that the device could make all that it was asked to.
    ///
    /// # Errors
    /// [`Error::Gpu`](crate::Error::Gpu) with what could not be made and its bytes,
    /// [`Error::DeviceLost`](crate::Error::DeviceLost).
    pub async fn settle(&self) -> Result<()> {
        self.0.device.settle().await
    }

    /// Gives the device up, as a driver's reset would: whatever is asked from now on fails with
    /// [`Error::DeviceLost`](crate::Error::DeviceLost).
    pub fn destroy(&self) {
        self.0.device.device.destroy();
    }

    /// A tensor from its rows.
    pub fn tensor(&self, width: usize, values: &[f32]) -> Tensor {
        let tensor = self.room(values.len() / width, width);
        self.0.recorder.submit(None); // it may still read what was in the slot before
        let bytes = bytemuck::cast_slice(values);
        self.0.device.queue.write_buffer(&tensor.slot.storage.buffer, 0, bytes);
        tensor
    }

    /// Room for activations.
    fn room(&self, rows: usize, width: usize) -> Tensor {
        let slot = self.0.arena.take(&self.0.device, (4 * rows * width) as u64);
        Tensor { slot, first: 0, rows, width, z: None }
    }

    fn record(&self, kernel: Kernel, parameters: &[u32], buffers: &[&Storage], groups: [u32; 3]) {
        self.0.recorder.record(kernel, parameters, buffers, groups);
    }

    /// The angles for a sequence of `capacity` tokens.
    fn rotations(&self, config: &Config, capacity: usize) -> Rc<Rotations> {
        let mut kept = self.0.rotations.borrow_mut();
        match &*kept {
            Some(rotations) if rotations.fit(config, capacity) => rotations.clone(),
            _ => {
                let rotations = Rc::new(Rotations::new(&self.0.device, config, capacity));
                kept.insert(rotations).clone()
            }
        }
    }
}

impl Backend for Wgpu {
    type Tensor = Tensor;
    type Matrix = Matrix;
    type Vector = Vector;
    type Sequence = KeyValues;

    fn upload_matrix(&self, matrix: QuantizedMatrix) -> Result<Matrix> {
        Matrix::upload(&self.0.device, &matrix)
    }

    fn adapt(
        &self,
        weights: &mut Matrix,
        norm: Option<&mut Vector>,
        update: LowRank,
    ) -> Result<()> {
        let a = weights.adapt(&self.0.device, &update)?;
        if let Some(norm) = norm {
            norm.a = (a.parts.len() == 1).then_some(a); // the norm binds it as a whole
        }
        Ok(())
    }

    fn upload_vector(&self, vector: Vec<f32>) -> Result<Vector> {
        let gain = self.0.device.storage_of("gain", bytemuck::cast_slice(&vector));
        Ok(Vector { gain, a: None })
    }

    fn sequence(&self, config: &Config, capacity: usize) -> KeyValues {
        let rotations = self.rotations(config, capacity);
        KeyValues::new(&self.0.device, &self.0.arena, rotations, config, capacity)
    }

    fn embed(&self, table: &Matrix, tokens: &[u32]) -> Tensor {
        let y = self.room(tokens.len(), table.columns as usize);
        let at = self.0.recorder.input(tokens, table.parts.len());
        let inputs = self.0.recorder.inputs();
        let words = table.columns * table.bits / 32;
        let groups = [words.div_ceil(64), tokens.len() as u32, 1];
        for Part { first, rows, weights: Weights { quants, scales }, .. } in &table.parts {
            let parameters = [table.columns, at, *first, *rows];
            let buffers = [quants, scales, &inputs, &y.slot.storage];
            self.record(Kernel::Embed { bits: table.bits }, &parameters, &buffers, groups);
        }
        y
    }

    fn rms_norm(&self, x: &Tensor, gain: &Vector, epsilon: f32) -> Tensor {
        self.norm(x, gain, epsilon)
    }

    fn linear(&self, x: &Tensor, weights: &Matrix) -> Tensor {
        let y = self.room(x.rows, weights.rows as usize);
        self.product(x, weights, &y, Epilogue::Store, 0);
        y
    }

    fn linear_add(&self, residual: Tensor, x: &Tensor, weights: &Matrix) -> Tensor {
        self.product(x, weights, &residual, Epilogue::Add, 0);
        residual
    }

    fn swiglu(&self, x: &Tensor, gate_up: &Matrix) -> Tensor {
        let y = self.room(x.rows, gate_up.rows as usize / 2);
        if gate_up.parts.len() == 1 {
            self.product(x, gate_up, &y, Epilogue::SwiGlu, 0);
        } else {
            let products = self.linear(x, gate_up);
            let buffers = [&products.slot.storage, &y.slot.storage];
            let outputs = y.width as u32;
            let groups = [outputs.div_ceil(64), x.rows as u32, 1];
            self.record(Kernel::Gate, &[outputs], &buffers, groups);
        }
        y
    }

    fn attention(
        &self,
        qkv: Tensor,
        layer: usize,
        sequence: &mut KeyValues,
        config: &Config,
    ) -> Tensor {
        let y = self.room(qkv.rows, config.hidden);
        let (n, start) = (qkv.rows as u32, sequence.len() as u32);
        let [queries, keys, head] =
            [config.hidden, config.kv_width(), config.head_size].map(|width| width as u32 / 2);
        let cache = &sequence.layers[layer].storage;

        let buffers = [&sequence.rotations.storage, &qkv.slot.storage, cache];
        let groups = [(queries + 2 * keys).div_ceil(64), n, 1];
        self.record(Kernel::RotateAppend, &[start, queries, keys, head], &buffers, groups);

        let kernel = Kernel::Attention { head_size: config.head_size as u32 };
        let group = (config.heads / config.kv_heads) as u32;
        let buffers = [&qkv.slot.storage, cache, &y.slot.storage];
        let teams = kernel.teams(self.0.device.variant).teams;
        let groups = [(config.heads as u32).div_ceil(teams), n, 1];
        self.record(kernel, &[start, queries, keys, group], &buffers, groups);
        y
    }

    fn last_row(&self, x: Tensor) -> Tensor {
        Tensor { first: x.first + x.rows - 1, rows: 1, z: None, ..x }
    }

    async fn top_k(
        &self,
        x: &Tensor,
        head: &Matrix,
        mask: Option<&BitMask>,
        k: usize,
    ) -> Result<TopK> {
        self.ranks(x, head, mask, k).await
    }

    async fn read(&self, x: &Tensor) -> Result<Vec<f32>> {
        let (first, words) = (x.first * x.width, x.rows * x.width);
        let found = self.0.readback.read(&self.0.recorder, &x.slot.storage, first, words).await?;
        Ok(found.into_iter().map(f32::from_bits).collect())
    }
}

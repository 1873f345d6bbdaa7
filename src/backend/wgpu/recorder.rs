//! Recorded dispatches on their way to one submit.
//!
//! A verb of the contract records; nothing runs before a submit, which writes what all dispatches
//! need (their parameters, and inputs such as token ids) with two writes and runs them in one
//! compute pass. Pipelines and bind groups are kept: the same step finds them again.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::device::{BINDINGS, Device, Storage};
use super::kernel::{Access, Kernel};

/// Dispatches that are submitted together at most: more than a token of SmolLM2-135M with an adapter
/// needs (289), and short enough that a device is not taken for hung.
const MAX_DISPATCHES: usize = 320;
/// Words of the inputs' buffer; it grows when one input alone is longer.
const INPUT_WORDS: usize = 1 << 16;
/// Words of a dispatch's parameters.
const PARAMETERS: usize = 8;

pub(super) struct Recorder {
    device: Rc<Device>,
    parameters: wgpu::Buffer,
    stride: u64,
    state: RefCell<State>,
}

struct State {
    inputs: Storage,
    input_capacity: usize,
    /// What the next submit writes to the two buffers.
    parameter_words: Vec<u32>,
    input_words: Vec<u32>,
    dispatches: Vec<Dispatch>,
    layouts: HashMap<Access, wgpu::BindGroupLayout>,
    pipelines: HashMap<Kernel, wgpu::ComputePipeline>,
}

struct Dispatch {
    pipeline: wgpu::ComputePipeline,
    bind_group: wgpu::BindGroup,
    workgroups: [u32; 3],
}

/// A part of a buffer to copy to another after the dispatches.
pub(super) struct Copy<'a> {
    pub from: &'a Storage,
    pub to: &'a wgpu::Buffer,
    /// Bytes.
    pub offset: u64,
    pub bytes: u64,
}

impl Recorder {
    pub fn new(device: Rc<Device>) -> Self {
        let stride = device.parameter_stride();
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let parameters = device.buffer("parameters", stride * MAX_DISPATCHES as u64, usage);
        let state = RefCell::new(State {
            inputs: device.storage("inputs", 4 * INPUT_WORDS as u64),
            input_capacity: INPUT_WORDS,
            parameter_words: Vec::new(),
            input_words: Vec::new(),
            dispatches: Vec::new(),
            layouts: HashMap::new(),
            pipelines: HashMap::new(),
        });
        Self { device, parameters, stride, state }
    }

    /// Takes `words` along for the next `uses` dispatches: where they begin in [`Recorder::inputs`].
    pub fn input(&self, words: &[u32], uses: usize) -> u32 {
        let mut state = self.state.borrow_mut();
        let full = state.input_words.len() + words.len() > state.input_capacity
            || state.dispatches.len() + uses > MAX_DISPATCHES;
        if full {
            self.flush(&mut state, None);
        }
        if words.len() > state.input_capacity {
            state.input_capacity = words.len().next_power_of_two();
            state.inputs = self.device.storage("inputs", 4 * state.input_capacity as u64);
        }
        state.input_words.extend_from_slice(words);
        (state.input_words.len() - words.len()) as u32
    }

    /// The buffer that inputs are in.
    pub fn inputs(&self) -> Storage {
        self.state.borrow().inputs.clone()
    }

    /// Records a run of `kernel` on `buffers`, its bindings from 1 on.
    pub fn record(
        &self,
        kernel: Kernel,
        parameters: &[u32],
        buffers: &[&Storage],
        workgroups: [u32; 3],
    ) {
        let mut state = self.state.borrow_mut();
        if state.dispatches.len() == MAX_DISPATCHES {
            self.flush(&mut state, None);
        }
        let pipeline = self.pipeline(&mut state, kernel);
        let bind_group = self.bind_group(&mut state, kernel.access(), buffers);
        let place = state.dispatches.len() * self.stride as usize / 4;
        state.parameter_words.resize(place, 0);
        state.parameter_words.extend_from_slice(parameters);
        state.parameter_words.resize(place + PARAMETERS, 0);
        state.dispatches.push(Dispatch { pipeline, bind_group, workgroups });
    }

    /// Submits what is recorded, and then the copy.
    pub fn submit(&self, copy: Option<Copy<'_>>) {
        self.flush(&mut self.state.borrow_mut(), copy);
    }

    fn flush(&self, state: &mut State, copy: Option<Copy<'_>>) {
        if state.dispatches.is_empty() && copy.is_none() {
            return;
        }
        let Device { device, queue, tally, .. } = &*self.device;
        let write = |buffer: &wgpu::Buffer, words: &mut Vec<u32>| {
            if !words.is_empty() {
                queue.write_buffer(buffer, 0, bytemuck::cast_slice(words));
                words.clear();
            }
        };
        write(&self.parameters, &mut state.parameter_words);
        write(&state.inputs.buffer, &mut state.input_words);
        let mut encoder = device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        let count = state.dispatches.len() as u64;
        for (index, dispatch) in state.dispatches.drain(..).enumerate() {
            let [x, y, z] = dispatch.workgroups;
            pass.set_pipeline(&dispatch.pipeline);
            pass.set_bind_group(0, &dispatch.bind_group, &[index as u32 * self.stride as u32]);
            pass.dispatch_workgroups(x, y, z);
        }
        drop(pass);
        if let Some(Copy { from, to, offset, bytes }) = copy {
            encoder.copy_buffer_to_buffer(&from.buffer, offset, to, 0, bytes);
        }
        queue.submit([encoder.finish()]);
        tally.change(|counters| {
            counters.submits += 1;
            counters.dispatches += count;
        });
    }

    fn pipeline(&self, state: &mut State, kernel: Kernel) -> wgpu::ComputePipeline {
        if let Some(pipeline) = state.pipelines.get(&kernel) {
            return pipeline.clone();
        }
        let device = &self.device.device;
        let label = format!("{kernel:?}");
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(&label),
            source: wgpu::ShaderSource::Wgsl(kernel.source(self.device.variant).into()),
        });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(&label),
            bind_group_layouts: &[Some(self.layout(state, kernel.access()))],
            immediate_size: 0,
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&label),
            layout: Some(&layout),
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false, // no kernel reads what it has not written
                ..Default::default()
            },
            cache: None,
        });
        self.device.tally.change(|counters| counters.created += 1);
        state.pipelines.insert(kernel, pipeline.clone());
        pipeline
    }

    /// Binding 0 is the parameters, at the offset of the dispatch; storage buffers follow.
    fn layout<'a>(&self, state: &'a mut State, access: Access) -> &'a wgpu::BindGroupLayout {
        state.layouts.entry(access).or_insert_with(|| {
            let uniform = [(wgpu::BufferBindingType::Uniform, true)];
            let storage = access.iter().map(|&ty| (ty, false));
            let entries: Vec<_> = uniform
                .into_iter()
                .chain(storage)
                .zip(0..)
                .map(|((ty, has_dynamic_offset), binding)| wgpu::BindGroupLayoutEntry {
                    binding,
                    visibility: wgpu::ShaderStages::COMPUTE,
                    ty: wgpu::BindingType::Buffer {
                        ty,
                        has_dynamic_offset,
                        min_binding_size: None,
                    },
                    count: None,
                })
                .collect();
            let descriptor = wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries };
            self.device.device.create_bind_group_layout(&descriptor)
        })
    }

    fn bind_group(
        &self,
        state: &mut State,
        access: Access,
        buffers: &[&Storage],
    ) -> wgpu::BindGroup {
        let mut ids = [None; BINDINGS];
        ids.iter_mut().zip(buffers).for_each(|(id, storage)| *id = Some(storage.id));
        if let Some(bind_group) = buffers[0].bind_groups.borrow().get(&(access, ids)) {
            return bind_group.clone();
        }
        let parameters = wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: &self.parameters,
            offset: 0,
            size: wgpu::BufferSize::new(4 * PARAMETERS as u64),
        });
        let storage = buffers.iter().map(|storage| storage.buffer.as_entire_binding());
        let entries: Vec<_> = [parameters]
            .into_iter()
            .chain(storage)
            .zip(0..)
            .map(|(resource, binding)| wgpu::BindGroupEntry { binding, resource })
            .collect();
        let bind_group = self.device.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: self.layout(state, access),
            entries: &entries,
        });
        self.device.tally.change(|counters| counters.created += 1);
        buffers[0].bind_groups.borrow_mut().insert((access, ids), bind_group.clone());
        bind_group
    }
}

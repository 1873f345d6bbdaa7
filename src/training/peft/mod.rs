//! Adapters in PEFT's layout (<https://github.com/huggingface/peft>): a folder with `adapter_config.json`
//! and `adapter_model.safetensors`, which PyTorch loads and writes.
//!
//! The tensors are `base_model.model.model.layers.{i}.{module}.lora_A.weight`, `[r, columns]`, and
//! `….lora_B.weight`, `[rows, r]`; here too, rows are in Hugging Face's order. Written in 16-bit floats:
//! rank 32 on the upper 22 layers of SmolLM2-135M takes 14.3 MB.

pub mod config;
pub mod fused_projections;
pub mod merge;
pub mod pack;
pub mod projection;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use candle_core::{D, DType, Device, Tensor};

use crate::gguf::Config;
use crate::training::autograd::failed;
use crate::{Error, Result};
use config::PeftConfig;
use projection::Projection;

const CONFIG: &str = "adapter_config.json";
const TENSORS: &str = "adapter_model.safetensors";
const PREFIX: &str = "base_model.model.model.";

/// A projection of a layer.
pub type Module = (usize, Projection);

/// An adapter: what it adds to each projection.
#[derive(Clone, Debug)]
pub struct PeftAdapter {
    /// The base model's name.
    pub base_model: String,
    /// The updates.
    pub updates: BTreeMap<Module, Update>,
}

/// What is added to a projection's weights: `ΔW = s · B A`.
#[derive(Clone, Debug)]
pub struct Update {
    /// `[r, columns]`, 32-bit floats.
    pub a: Tensor,
    /// `[rows, r]`, 32-bit floats, rows in Hugging Face's order.
    pub b: Tensor,
    /// `s = α / r`.
    pub scale: f32,
}

impl Update {
    /// `r`.
    pub fn rank(&self) -> usize {
        self.a.dims()[0]
    }

    /// `ΔW`, `[rows, columns]`, rows in GGUF's order.
    pub fn delta(&self, projection: Projection, config: &Config) -> candle_core::Result<Vec<f32>> {
        let (a, b) = (self.a.to_vec2::<f32>()?, self.b.to_vec2::<f32>()?);
        let columns = a.first().map_or(0, Vec::len);
        let row = |index: u32| {
            let mut sums = vec![0f32; columns];
            for (b, a) in b[index as usize].iter().zip(&a) {
                sums.iter_mut().zip(a).for_each(|(sum, a)| *sum += b * a);
            }
            sums.into_iter().map(|sum| sum * self.scale)
        };
        Ok(projection.rows_in_gguf(config).into_iter().flat_map(row).collect())
    }
}

impl PeftAdapter {
    /// Writes the folder; returns the bytes of its tensors' file.
    pub fn write(&self, folder: &Path) -> Result<u64> {
        let io = Error::io(folder);
        if self.updates.is_empty() {
            return Err(Error::adapter(TENSORS, "the adapter holds no update"));
        }
        std::fs::create_dir_all(folder).map_err(io)?;
        let modules: Vec<_> = self
            .updates
            .iter()
            .map(|(&(layer, projection), update)| {
                let rank = update.rank();
                (layer, projection, rank, update.scale * rank as f32)
            })
            .collect();
        let config = config::write(&self.base_model, &modules);
        std::fs::write(folder.join(CONFIG), config).map_err(io)?;
        let mut tensors = BTreeMap::new();
        for (&module, update) in &self.updates {
            for (part, tensor) in [("A", &update.a), ("B", &update.b)] {
                let halves = tensor.to_dtype(DType::F16).map_err(failed)?;
                let name = format!("{PREFIX}{}.lora_{part}.weight", path_of(module));
                check_finite(&name, &halves)?;
                tensors.insert(name, halves);
            }
        }
        let path = folder.join(TENSORS);
        let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        safetensors::serialize_to_file(&tensors, Some(metadata), &path)
            .map_err(|error| Error::adapter(TENSORS, error.to_string()))?;
        Ok(std::fs::metadata(&path).map_err(io)?.len())
    }

    /// Reads a folder; shapes must be those of the model with `config`.
    pub fn read(folder: &Path, config: &Config) -> Result<Self> {
        let path = folder.join(CONFIG);
        let text = std::fs::read_to_string(&path).map_err(Error::io(&path))?;
        let peft = PeftConfig::parse(&text)?;
        let path = folder.join(TENSORS);
        let bytes = std::fs::read(&path).map_err(Error::io(&path))?;
        let mut tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)
            .map_err(|error| Error::adapter(TENSORS, error.to_string()))?;
        let mut updates = BTreeMap::new();
        for layer in 0..config.layers {
            for projection in Projection::ALL {
                let module = (layer, projection);
                let path = path_of(module);
                let mut take = |part| {
                    let name = format!("{PREFIX}{path}.lora_{part}.weight");
                    tensors.remove(&name).map(|tensor| (name, tensor))
                };
                let (a, b) = match (take("A"), take("B")) {
                    (None, None) => continue,
                    (Some(a), Some(b)) => (a, b),
                    _ => return Err(Error::adapter(path, "has one of lora_A and lora_B alone")),
                };
                let alpha = peft.alpha_of(&path);
                updates.insert(module, update(module, a, b, alpha, config)?);
            }
        }
        // What is left is DoRA's magnitudes, a bias, a saved module, a layer that the model lacks, …
        match tensors.keys().min() {
            Some(name) => Err(Error::adapter(name, "is not an update of the model's projections")),
            None if updates.is_empty() => Err(Error::adapter(TENSORS, "holds no update")),
            None => Ok(Self { base_model: peft.base_model, updates }),
        }
    }
}

/// `layers.{i}.{module}`.
fn path_of((layer, projection): Module) -> String {
    format!("layers.{layer}.{}", projection.module())
}

fn update(
    (_, projection): Module,
    (a_name, a): (String, Tensor),
    (b_name, b): (String, Tensor),
    alpha: f32,
    config: &Config,
) -> Result<Update> {
    let (rows, columns) = projection.shape(config);
    let rank = a.dims().first().copied().unwrap_or_default();
    for (name, tensor, shape) in [(&a_name, &a, [rank, columns]), (&b_name, &b, [rows, rank])] {
        if rank == 0 || tensor.dims() != shape {
            let reason = format!("has the shape {:?}, expected {shape:?}", tensor.dims());
            return Err(Error::adapter(name, reason));
        }
    }
    let floats = |name: &str, tensor: Tensor| {
        let tensor = tensor.to_dtype(DType::F32).map_err(failed)?;
        check_finite(name, &tensor)?;
        Ok::<_, Error>(tensor)
    };
    Ok(Update { a: floats(&a_name, a)?, b: floats(&b_name, b)?, scale: alpha / rank as f32 })
}

fn check_finite(name: &str, tensor: &Tensor) -> Result<()> {
    let largest = tensor
        .abs()
        .and_then(|x| x.to_dtype(DType::F32)?.flatten_all()?.max(D::Minus1)?.to_scalar::<f32>());
    // A maximum passes over NaN; a sum does not.
    let sum = tensor.to_dtype(DType::F32).and_then(|x| x.sum_all()?.to_scalar::<f32>());
    match (largest, sum) {
        (Ok(largest), Ok(sum)) if largest.is_finite() && !sum.is_nan() => Ok(()),
        (Err(error), _) | (_, Err(error)) => Err(failed(error)),
        _ => {
            Err(Error::adapter(name, "holds a number that is not finite or too large for 16 bits"))
        }
    }
}

//! The checkpoint that ships: the base with an adapter added to its weights and the memorization head beside
//! them, in one GGUF file.
//!
//! | entry | type and shape | what it is |
//! |---|---|---|
//! | `toolgen.question_norm` | F32 `[d]` | gain of the RMSNorm before tool rows and document head |
//! | `toolgen.document.weight` | Q8_0 `[d, d]` | see [`DocumentHead`](crate::model::DocumentHead) |
//! | `toolgen.document.bias` | F32 `[d]` | |
//! | `toolgen.special.weight` | F32 `[2, d]` | rows of the special tokens: abstain, finish |
//! | metadata `toolgen.version` | u32 | 1 or 2 |
//! | metadata `toolgen.row_scale` | f32 | length of a tool's row |

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{Read, Seek, Write};

use candle_core::quantized::gguf_file::{self, Content, Value};
use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{Device, Tensor};
use serde::Serialize;

use super::pack::head_weights;
use super::projection::Projection;
use super::{PeftAdapter, Update};
use crate::gguf::quantize::{Rounding, quantize};
use crate::gguf::{Config, Format, Header};
use crate::training::autograd::failed;
use crate::training::trainer::memorization_head::MemorizationHead;
use crate::{Error, Result};

/// How a checkpoint is stored.
#[derive(Clone, Debug)]
pub struct Storage {
    /// The layers' matrices.
    pub layers: Format,
    /// The embedding; as in the base when absent.
    pub embedding: Option<Format>,
    /// How 4-bit scales are chosen.
    pub rounding: Rounding,
    /// `general.name`; as in the base when absent.
    pub name: Option<String>,
}

/// How far a stored checkpoint is from what it should hold: from `W + ΔW`, over the layers' matrices.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Loss {
    /// Root of the squared errors' sum, relative to the weights'.
    pub weights: f64,
    /// The same relative to the updates', over the matrices that have one.
    pub updates: f64,
    /// What of the updates is left: the stored change's share along `ΔW`; 1 at best.
    pub kept: f64,
}

/// Sums of squares and products that a [`Loss`] is made of.
#[derive(Default)]
struct Sums {
    weights: f64,
    errors: f64,
    updates: f64,
    update_errors: f64,
    along: f64,
}

/// The architecture of the checkpoint at the beginning of `source`, to which it returns.
fn read_config(source: &mut (impl Read + Seek)) -> Result<Config> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).and_then(|_| source.rewind()).map_err(|e| failed(e.into()))?;
    let header = Header::parse(&bytes, bytes.len() as u64)?.expect("a whole file is enough");
    Config::from_metadata(&header.metadata)
}

/// Reads the base from `source` and writes it to `target` with the adapter's updates and the head.
pub fn merge(
    source: &mut (impl Read + Seek),
    target: &mut (impl Write + Seek),
    adapter: Option<&PeftAdapter>,
    head: Option<&MemorizationHead>,
    storage: &Storage,
) -> Result<Loss> {
    let config = read_config(source)?;
    let content = Content::read(source).map_err(failed)?;
    let updates: BTreeMap<String, (Projection, &Update)> = adapter
        .into_iter()
        .flat_map(|adapter| &adapter.updates)
        .map(|(&(layer, projection), update)| (projection.tensor(layer), (projection, update)))
        .collect();
    if let Some(name) = updates.keys().find(|name| !content.tensor_infos.contains_key(*name)) {
        return Err(Error::tensor(name, "is missing, and the adapter changes it"));
    }
    let mut infos: Vec<_> = content.tensor_infos.iter().collect();
    infos.sort_by_key(|(_, info)| info.offset);
    let (mut tensors, mut sums) = (Vec::new(), Sums::default());
    for (name, _) in infos.into_iter().filter(|(name, _)| !name.starts_with("toolgen.")) {
        let base = content.tensor(source, name, &Device::Cpu).map_err(failed)?;
        let delta = match updates.get(name) {
            Some((projection, update)) => Some(update.delta(*projection, &config).map_err(failed)?),
            None => None,
        };
        let stored = store(name, base, delta, storage, &mut sums)?;
        tensors.push((name.clone(), stored));
    }
    let mut metadata: BTreeMap<String, Value> =
        content.metadata.into_iter().filter(|(key, _)| !key.starts_with("toolgen.")).collect();
    if let Some(name) = &storage.name {
        metadata.insert("general.name".into(), Value::String(name.clone()));
    }
    if let Some(head) = head {
        let (head_tensors, row_scale) = head_tensors(head, config.hidden)?;
        tensors.extend(head_tensors);
        metadata.insert("toolgen.version".into(), Value::U32(head.version));
        metadata.insert("toolgen.row_scale".into(), Value::F32(row_scale));
    }
    let metadata: Vec<_> = metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    gguf_file::write(target, &metadata, &tensors).map_err(failed)?;
    Ok(sums.loss())
}

/// A tensor of the base as it is stored; what doesn't change is copied bit by bit.
fn store(
    name: &str,
    base: QTensor,
    delta: Option<Vec<f32>>,
    storage: &Storage,
    sums: &mut Sums,
) -> Result<QTensor> {
    let is_matrix = name.starts_with("blk.") && base.dtype() != GgmlDType::F32;
    let format = match name {
        "token_embd.weight" => storage.embedding,
        _ if is_matrix => Some(storage.layers),
        _ => None,
    };
    let Some(format) = format.filter(|format| delta.is_some() || dtype(*format) != base.dtype())
    else {
        return Ok(base);
    };
    let floats = |tensor: Tensor| tensor.flatten_all()?.to_vec1::<f32>();
    let (rows, columns) = base.shape().dims2().map_err(failed)?;
    let base = base.dequantize(&Device::Cpu).and_then(floats).map_err(failed)?;
    let wanted: Cow<[f32]> = match &delta {
        Some(delta) => base.iter().zip(delta).map(|(w, delta)| w + delta).collect(),
        None => (&base).into(),
    };
    let matrix = quantize(format, storage.rounding, rows, columns, &wanted)?;
    if is_matrix {
        sums.add(&base, delta.as_deref(), &wanted, &matrix.dequantize());
    }
    quantized(format, &matrix.bytes, &[rows, columns])
}

fn head_tensors(head: &MemorizationHead, hidden: usize) -> Result<(Vec<(String, QTensor)>, f32)> {
    let head = head_weights(head)?;
    let d = head.norm.len();
    if d != hidden {
        return Err(Error::adapter("head.projection", format!("is {d} wide, the model {hidden}")));
    }
    let float = |values: &[f32], shape: &[usize]| {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        quantized(Format::F32, &bytes, shape)
    };
    let specials = head.special_rows.len() / d;
    let weight = quantized(Format::Q8_0, &head.weight.bytes, &[d, d])?;
    let tensors = vec![
        ("toolgen.question_norm".to_owned(), float(&head.norm, &[d])?),
        ("toolgen.document.weight".to_owned(), weight),
        ("toolgen.document.bias".to_owned(), float(&head.bias, &[d])?),
        ("toolgen.special.weight".to_owned(), float(&head.special_rows, &[specials, d])?),
    ];
    Ok((tensors, head.row_scale))
}

const fn dtype(format: Format) -> GgmlDType {
    match format {
        Format::F32 => GgmlDType::F32,
        Format::Q4_0 => GgmlDType::Q4_0,
        Format::Q4_1 => GgmlDType::Q4_1,
        Format::Q8_0 => GgmlDType::Q8_0,
    }
}

fn quantized(format: Format, bytes: &[u8], shape: &[usize]) -> Result<QTensor> {
    QStorage::from_data(bytes.into(), &Device::Cpu, dtype(format))
        .and_then(|storage| QTensor::new(storage, shape))
        .map_err(failed)
}

impl Sums {
    fn add(&mut self, base: &[f32], delta: Option<&[f32]>, wanted: &[f32], stored: &[f32]) {
        for (index, (&wanted, &stored)) in wanted.iter().zip(stored).enumerate() {
            let error = f64::from(stored - wanted);
            self.weights += f64::from(wanted).powi(2);
            self.errors += error * error;
            if let Some(delta) = delta {
                let update = f64::from(delta[index]);
                self.updates += update * update;
                self.update_errors += error * error;
                self.along += f64::from(stored - base[index]) * update;
            }
        }
    }

    fn loss(&self) -> Loss {
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        Loss {
            weights: share(self.errors, self.weights).sqrt(),
            updates: share(self.update_errors, self.updates).sqrt(),
            kept: share(self.along, self.updates),
        }
    }
}

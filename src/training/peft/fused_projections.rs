//! From a training state, whose stacked matrices share one `A`, to PEFT's projections and back.
//!
//! Exporting repeats `A` and cuts `B`'s rows. Importing joins projections that have the same `A`; where they
//! differ, ranks are stacked: `A = [A_q; A_k; A_v]` and `B` block-diagonal.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Tensor};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::projection::{Projection, STACKS};
use super::{PeftAdapter, Update};
use crate::gguf::Config;
use crate::training::autograd::failed;
use crate::training::trainer::SavedState;
use crate::training::trainer::adapter::random_a;
use crate::{Error, Result};

/// The adapters of a training state, whose updates were scaled by `scale`.
pub fn from_state(
    state: &SavedState,
    config: &Config,
    scale: f32,
    base_model: &str,
) -> Result<PeftAdapter> {
    let mut updates = BTreeMap::new();
    for layer in 0..config.layers {
        for (stack, projections) in STACKS {
            let name = |part| format!("layers.{layer}.{stack}.{part}");
            let Some(a) = state.find(&name("a")) else { continue };
            let lacks = || Error::adapter(name("b"), "is missing");
            let b = state.find(&name("b")).ok_or_else(lacks)?;
            let rows: usize = projections.iter().map(|p| p.shape(config).0).sum();
            if b.dims() != [rows, a.dims()[0]] || a.dims()[1] != projections[0].shape(config).1 {
                let reason = format!("is {:?} on {:?}, unlike the model", b.dims(), a.dims());
                return Err(Error::adapter(name("b"), reason));
            }
            let mut first = 0;
            for &projection in projections {
                let b = cut(b, first, projection, config).map_err(failed)?;
                updates.insert((layer, projection), Update { a: a.clone(), b, scale });
                first += projection.shape(config).0;
            }
        }
    }
    Ok(PeftAdapter { base_model: base_model.into(), updates })
}

/// The rows of one projection of a stack, in Hugging Face's order.
fn cut(
    b: &Tensor,
    first: usize,
    projection: Projection,
    config: &Config,
) -> candle_core::Result<Tensor> {
    let order = Tensor::new(projection.rows_in_hugging_face(config), &Device::Cpu)?;
    b.narrow(0, first, projection.shape(config).0)?.contiguous()?.index_select(&order, 0)
}

/// The parameters of an adapter as a training state has them, and their rank. The scale is folded into `B`
/// (a state's is 1), and ranks are made equal: further rows of `A` start random and add nothing yet.
pub fn to_state(adapter: &PeftAdapter, config: &Config) -> Result<(SavedState, usize)> {
    let first = adapter.updates.keys().map(|&(layer, _)| layer).min().unwrap_or_default();
    let mut stacks = Vec::new();
    for layer in first..config.layers {
        for (stack, projections) in STACKS {
            let joined = join(adapter, layer, projections, config).map_err(failed)?;
            stacks.push((format!("layers.{layer}.{stack}"), projections, joined));
        }
    }
    let ranks = stacks.iter().filter_map(|(_, _, joined)| Some(joined.as_ref()?.0.dims()[0]));
    let rank = ranks.max().unwrap_or_default();
    let mut random = StdRng::seed_from_u64(1);
    let mut state = SavedState::default();
    for (name, projections, joined) in stacks {
        let rows = projections.iter().map(|projection| projection.shape(config).0).sum();
        let shape = (rows, projections[0].shape(config).1);
        let (a, b) = widen(joined, rank, shape, &mut random).map_err(failed)?;
        state.insert(format!("{name}.a"), a);
        state.insert(format!("{name}.b"), b);
    }
    Ok((state, rank))
}

/// `A`, `[R, columns]`, and `B`, `[rows, R]`, of a stack, or none where the adapter has nothing for it.
fn join(
    adapter: &PeftAdapter,
    layer: usize,
    projections: &[Projection],
    config: &Config,
) -> candle_core::Result<Option<(Tensor, Tensor)>> {
    let updates: Vec<Option<&Update>> =
        projections.iter().map(|&projection| adapter.updates.get(&(layer, projection))).collect();
    if updates.iter().all(Option::is_none) {
        return Ok(None);
    }
    let shared = shared_a(&updates)?;
    let total: usize = match &shared {
        Some(a) => a.dims()[0],
        None => updates.iter().flatten().map(|update| update.rank()).sum(),
    };
    let (mut a, mut b, mut before) = (Vec::new(), Vec::new(), 0);
    for (&projection, update) in projections.iter().zip(&updates) {
        let Some(update) = update else {
            b.push(zeros(projection.shape(config).0, total)?);
            continue;
        };
        let order = Tensor::new(projection.rows_in_gguf(config), &Device::Cpu)?;
        let own = (update.b.index_select(&order, 0)? * f64::from(update.scale))?; // [rows, r]
        if shared.is_some() {
            b.push(own);
        } else {
            let after = total - before - update.rank();
            b.push(own.pad_with_zeros(1, before, after)?);
            a.push(update.a.clone());
            before += update.rank();
        }
    }
    let a = shared.map_or_else(|| Tensor::cat(&a, 0), Ok)?;
    Ok(Some((a, Tensor::cat(&b, 0)?)))
}

/// The `A` of all updates, when it is one.
fn shared_a(updates: &[Option<&Update>]) -> candle_core::Result<Option<Tensor>> {
    let mut all = updates.iter().flatten();
    let Some(first) = all.next() else { return Ok(None) };
    for update in all {
        let same = update.a.dims() == first.a.dims()
            && update.a.flatten_all()?.to_vec1::<f32>()?
                == first.a.flatten_all()?.to_vec1::<f32>()?;
        if !same {
            return Ok(None);
        }
    }
    Ok(Some(first.a.clone()))
}

/// The same with rank `rank`; `(rows, columns)` is the stacked matrix's shape.
fn widen(
    joined: Option<(Tensor, Tensor)>,
    rank: usize,
    (rows, columns): (usize, usize),
    random: &mut StdRng,
) -> candle_core::Result<(Tensor, Tensor)> {
    let Some((a, b)) = joined else {
        return Ok((random_a(rank, columns, random)?, zeros(rows, rank)?));
    };
    let more = rank - a.dims()[0];
    if more == 0 {
        return Ok((a, b));
    }
    let a = Tensor::cat(&[a, random_a(more, columns, random)?], 0)?;
    Ok((a, b.pad_with_zeros(1, 0, more)?))
}

fn zeros(rows: usize, columns: usize) -> candle_core::Result<Tensor> {
    Tensor::zeros((rows, columns), DType::F32, &Device::Cpu)
}

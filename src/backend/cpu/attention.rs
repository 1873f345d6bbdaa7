//! Keys, values, and causal grouped-query attention over them.

use wide::f32x4;

use super::elementwise::{add_up, largest};
use super::parallel::for_each_chunk;
use super::rope::Angles;
use crate::backend::Sequence;
use crate::backend::exp::exp;
use crate::gguf::Config;

/// Vectors of a value that are added up at a time.
const LANES: usize = 8;

/// How far below the largest a score makes no difference. What is further becomes no smaller weight: its products
/// would be subnormal numbers, at which processors are slow.
const NEGLIGIBLE: f32 = -60.0;

/// Keys and values of one sequence, layer by layer, `[tokens, kv_heads · head_size]` each. They
/// grow with the sequence, so that a short question takes little memory.
#[derive(Clone, Debug)]
pub struct KeyValues {
    keys: Vec<Vec<f32>>,
    values: Vec<Vec<f32>>,
    angles: Angles,
    width: usize,
    len: usize,
    capacity: usize,
}

impl KeyValues {
    /// An empty sequence.
    pub fn new(config: &Config, capacity: usize) -> Self {
        let empty = vec![Vec::new(); config.layers];
        Self {
            keys: empty.clone(),
            values: empty,
            angles: Angles::new(config),
            width: config.kv_width(),
            len: 0,
            capacity,
        }
    }

    /// Appends the keys and values of `qkv`, `[n, q + k + v]`, to `layer` and attends: `[n, q]`.
    pub fn attend(&mut self, mut qkv: Vec<f32>, layer: usize, config: &Config) -> Vec<f32> {
        let (start, size, width) = (self.len, config.head_size, self.width);
        let n = qkv.len() / config.qkv_width();
        let (keys, values) = (&mut self.keys[layer], &mut self.values[layer]);
        keys.truncate(start * width);
        values.truncate(start * width);
        self.angles.grow(start + n);
        for (index, row) in qkv.chunks_exact_mut(config.qkv_width()).enumerate() {
            let (rotated, new_values) = row.split_at_mut(config.hidden + width);
            self.angles.rotate(rotated, start + index);
            keys.extend_from_slice(&rotated[config.hidden..]);
            values.extend_from_slice(new_values);
        }

        let (keys, values) = (&*keys, &*values);
        let mut out = vec![0.0; n * config.hidden];
        let work = 2 * n * (start + n) * config.hidden;
        for_each_chunk(&mut out, config.hidden, work, |index, out| {
            let queries = &qkv[index * config.qkv_width()..][..config.hidden];
            let seen = start + index + 1;
            let mut weights = vec![0.0; seen.next_multiple_of(4)];
            for (head, (query, out)) in
                queries.chunks_exact(size).zip(out.chunks_exact_mut(size)).enumerate()
            {
                let at = head / (config.heads / config.kv_heads) * size;
                score(query, &keys[at..seen * width], width, &mut weights);
                softmax(&mut weights[..seen.next_multiple_of(4)]);
                weigh(&weights[..seen], &values[at..seen * width], width, out);
            }
        });
        out
    }
}

/// `q · Kᵀ / √size`; keys stand `stride` apart. What follows the last of them is left at minus infinity.
fn score(query: &[f32], keys: &[f32], stride: usize, scores: &mut [f32]) {
    let scale = 1.0 / (query.len() as f32).sqrt();
    scores.fill(f32::NEG_INFINITY);
    let mut fours = keys.chunks_exact(4 * stride);
    let mut done = 0;
    for keys in &mut fours {
        let products = dots(query, std::array::from_fn(|i| &keys[i * stride..]));
        let scaled = products * f32x4::splat(scale);
        scores[done..done + 4].copy_from_slice(scaled.as_array());
        done += 4;
    }
    for (score, key) in scores[done..].iter_mut().zip(fours.remainder().chunks(stride)) {
        let [product, ..] = dots(query, [key; 4]).to_array();
        *score = product * scale;
    }
}

/// The products of a query and four keys. Each is added up in four lanes, whose sum is taken as (0 + 1) + (2 + 3).
fn dots(query: &[f32], keys: [&[f32]; 4]) -> f32x4 {
    let mut sums = [f32x4::ZERO; 4];
    let keys = keys.map(|key| key[..query.len()].as_chunks::<4>().0);
    for (i, &q) in query.as_chunks::<4>().0.iter().enumerate() {
        for (sum, key) in sums.iter_mut().zip(keys) {
            *sum += f32x4::new(q) * f32x4::new(key[i]);
        }
    }
    let [a, b, c, d] = f32x4::transpose(sums);
    (a + b) + (c + d)
}

/// Scores to weights that add up to one; their number is a multiple of four.
fn softmax(scores: &mut [f32]) {
    let (vectors, _) = scores.as_chunks_mut::<4>();
    let lowest = f32x4::splat(f32::NEG_INFINITY);
    let max = vectors.iter().fold(lowest, |max, &x| max.fast_max(f32x4::new(x)));
    let max = f32x4::splat(largest(max));
    let mut sum = f32x4::ZERO;
    for vector in &mut *vectors {
        let weight = exp((f32x4::new(*vector) - max).fast_max(f32x4::splat(NEGLIGIBLE)));
        sum += weight;
        *vector = weight.to_array();
    }
    let share = f32x4::splat(1.0 / add_up(sum));
    for vector in vectors {
        *vector = (f32x4::new(*vector) * share).to_array();
    }
}

/// `w · V`; values stand `stride` apart. Sums stay in registers while the values go by.
fn weigh(weights: &[f32], values: &[f32], stride: usize, out: &mut [f32]) {
    let mut at = 0;
    while at < out.len() {
        let vectors = LANES.min((out.len() - at) / 4);
        if vectors == LANES {
            weigh_vectors::<LANES>(weights, &values[at..], stride, &mut out[at..]);
            at += 4 * LANES;
        } else {
            weigh_vectors::<1>(weights, &values[at..], stride, &mut out[at..]);
            at += 4;
        }
    }
}

/// The first `N` vectors of [`weigh`].
fn weigh_vectors<const N: usize>(weights: &[f32], values: &[f32], stride: usize, out: &mut [f32]) {
    let mut sums = [f32x4::ZERO; N];
    for (&weight, value) in weights.iter().zip(values.chunks(stride)) {
        let weight = f32x4::splat(weight);
        let (vectors, _) = value[..4 * N].as_chunks::<4>();
        for (sum, &x) in sums.iter_mut().zip(vectors) {
            *sum += weight * f32x4::new(x);
        }
    }
    for (out, sum) in out.as_chunks_mut().0.iter_mut().zip(sums) {
        *out = sum.to_array();
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

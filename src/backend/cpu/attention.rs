//! Keys, values, and causal grouped-query attention over them.

use wide::f32x4;

use super::parallel::for_each_chunk;
use crate::backend::Sequence;
use crate::gguf::Config;

/// Keys and values of one sequence, layer by layer, `[tokens, kv_heads · head_size]` each. They
/// grow with the sequence, so that a short question takes little memory.
#[derive(Clone, Debug)]
pub struct KeyValues {
    keys: Vec<Vec<f32>>,
    values: Vec<Vec<f32>>,
    width: usize,
    len: usize,
    capacity: usize,
}

impl KeyValues {
    /// An empty sequence.
    pub fn new(config: &Config, capacity: usize) -> Self {
        let empty = vec![Vec::new(); config.layers];
        Self { keys: empty.clone(), values: empty, width: config.kv_width(), len: 0, capacity }
    }

    /// Appends the keys and values of `qkv`, `[n, q + k + v]`, to `layer` and attends: `[n, q]`.
    pub fn attend(&mut self, mut qkv: Vec<f32>, layer: usize, config: &Config) -> Vec<f32> {
        let (start, size) = (self.len, config.head_size);
        let (keys, values) = (&mut self.keys[layer], &mut self.values[layer]);
        keys.truncate(start * self.width);
        values.truncate(start * self.width);
        for (index, row) in qkv.chunks_exact_mut(config.qkv_width()).enumerate() {
            let (rotated, new_values) = row.split_at_mut(config.hidden + config.kv_width());
            rotate(rotated, start + index, size, config.rope_base);
            keys.extend_from_slice(&rotated[config.hidden..]);
            values.extend_from_slice(new_values);
        }

        let (keys, values, width) = (&*keys, &*values, self.width);
        let n = qkv.len() / config.qkv_width();
        let mut out = vec![0.0; n * config.hidden];
        let work = 2 * n * (start + n) * config.hidden;
        for_each_chunk(&mut out, config.hidden, work, |index, out| {
            let queries = &qkv[index * config.qkv_width()..][..config.hidden];
            let seen = (start + index + 1) * width;
            for (head, (query, out)) in
                queries.chunks_exact(size).zip(out.chunks_exact_mut(size)).enumerate()
            {
                let at = head / (config.heads / config.kv_heads) * size;
                attend_head(query, &keys[at..seen], &values[at..seen], width, out);
            }
        });
        out
    }
}

/// `softmax(q · Kᵀ / √size) · V` for one head; keys and values stand `stride` apart.
fn attend_head(query: &[f32], keys: &[f32], values: &[f32], stride: usize, out: &mut [f32]) {
    let size = query.len();
    let scale = 1.0 / (size as f32).sqrt();
    let mut weights: Vec<f32> =
        keys.chunks(stride).map(|key| dot(query, &key[..size]) * scale).collect();
    let max = weights.iter().fold(f32::NEG_INFINITY, |max, &weight| max.max(weight));
    weights.iter_mut().for_each(|weight| *weight = libm::expf(*weight - max));
    let sum: f32 = weights.iter().sum();
    for (weight, value) in weights.iter().zip(values.chunks(stride)) {
        let weight = weight / sum;
        for (out, value) in out.iter_mut().zip(&value[..size]) {
            *out += weight * value;
        }
    }
}

/// `a · b` in four lanes; lengths are multiples of four.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = f32x4::ZERO;
    for (&a, &b) in a.as_chunks().0.iter().zip(b.as_chunks().0) {
        lanes += f32x4::new(a) * f32x4::new(b);
    }
    let [x, y, z, w] = lanes.to_array();
    (x + y) + (z + w)
}

/// RoPE: rotates the pairs (x₀, x₁), (x₂, x₃), … of every head by `position · base^(−2i / size)`
/// (<https://arxiv.org/abs/2104.09864>, equation 34; GGUF stores llama's rows in this order).
fn rotate(heads: &mut [f32], position: usize, size: usize, base: f32) {
    for i in 0..size / 2 {
        let angle = position as f32 * (1.0 / libm::powf(base, 2.0 * i as f32 / size as f32));
        let (sin, cos) = (libm::sinf(angle), libm::cosf(angle));
        for head in heads.chunks_exact_mut(size) {
            let (a, b) = (head[2 * i], head[2 * i + 1]);
            head[2 * i] = a * cos - b * sin;
            head[2 * i + 1] = a * sin + b * cos;
        }
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

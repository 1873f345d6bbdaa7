//! The oracle: every verb as its formula says, in 64-bit floats on dequantized weights.
//!
//! Slow and plain on purpose. The property tests hold each other backend to it.

use super::{Backend, BitMask, LowRank, Scored, Sequence, TopK, select_top_k};
use crate::Result;
use crate::gguf::{Config, QuantizedMatrix};

/// The naive backend.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

/// Row-major `[rows, width]`.
#[derive(Clone, Debug)]
pub struct Matrix {
    width: usize,
    values: Vec<f64>,
}

/// Keys and values by layer, token and feature.
#[derive(Clone, Debug)]
pub struct KeyValues {
    keys: Vec<Vec<Vec<f64>>>,
    values: Vec<Vec<Vec<f64>>>,
    len: usize,
    capacity: usize,
}

impl Matrix {
    /// A tensor from floats.
    pub fn from_rows(width: usize, values: &[f32]) -> Self {
        Self { width, values: values.iter().map(|&x| f64::from(x)).collect() }
    }

    fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.width)
    }
}

/// Weights as they are stored, and their update.
#[derive(Clone, Debug)]
pub struct Weights {
    stored: QuantizedMatrix,
    update: Option<LowRank>,
}

/// The rows of weights, dequantized one by one: all at once would be eight times the file.
fn rows_of(weights: &Weights) -> impl Iterator<Item = Vec<f64>> {
    let update = weights.update.as_ref().map(|LowRank { a, b }| {
        let a: Vec<_> = (0..a.rows).map(|index| row_of(a, index)).collect();
        (a, b)
    });
    (0..weights.stored.rows).map(move |index| {
        let mut row = row_of(&weights.stored, index);
        if let Some((a, b)) = &update {
            for (b, a) in row_of(b, index).iter().zip(a) {
                row.iter_mut().zip(a).for_each(|(w, a)| *w += b * a);
            }
        }
        row
    })
}

fn row_of(weights: &QuantizedMatrix, index: usize) -> Vec<f64> {
    let mut row = vec![0.0; weights.columns];
    weights.dequantize_row(index, &mut row);
    row.into_iter().map(f64::from).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn softmax(scores: &mut [f64]) {
    let max = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores.iter_mut().for_each(|score| *score = (*score - max).exp());
    let sum: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
}

/// Rotates the pairs (x₀, x₁), (x₂, x₃), … of one head by `position · base^(−2i / head_size)`.
fn rotate(head: &mut [f64], position: usize, base: f32) {
    let size = head.len() as f64;
    for (i, pair) in head.chunks_exact_mut(2).enumerate() {
        let angle = position as f64 * f64::from(base).powf(-2.0 * i as f64 / size);
        let (sin, cos) = angle.sin_cos();
        (pair[0], pair[1]) = (pair[0] * cos - pair[1] * sin, pair[0] * sin + pair[1] * cos);
    }
}

impl Backend for Reference {
    type Tensor = Matrix;
    type Matrix = Weights;
    type Vector = Vec<f64>;
    type Sequence = KeyValues;

    fn upload_matrix(&self, matrix: QuantizedMatrix) -> Result<Weights> {
        Ok(Weights { stored: matrix, update: None })
    }

    fn adapt(
        &self,
        weights: &mut Weights,
        _norm: Option<&mut Vec<f64>>,
        update: LowRank,
    ) -> Result<()> {
        weights.update = Some(update);
        Ok(())
    }

    fn upload_vector(&self, vector: Vec<f32>) -> Result<Vec<f64>> {
        Ok(vector.into_iter().map(f64::from).collect())
    }

    fn sequence(&self, config: &Config, capacity: usize) -> KeyValues {
        let empty = vec![Vec::new(); config.layers];
        KeyValues { keys: empty.clone(), values: empty, len: 0, capacity }
    }

    fn embed(&self, table: &Weights, tokens: &[u32]) -> Matrix {
        let row = |&token: &u32| row_of(&table.stored, token as usize);
        Matrix { width: table.stored.columns, values: tokens.iter().flat_map(row).collect() }
    }

    fn rms_norm(&self, x: &Matrix, gain: &Vec<f64>, epsilon: f32) -> Matrix {
        let normalize = |row: &[f64]| {
            let scale = 1.0 / (dot(row, row) / row.len() as f64 + f64::from(epsilon)).sqrt();
            row.iter().zip(gain).map(|(x, gain)| x * scale * gain).collect::<Vec<_>>()
        };
        Matrix { width: x.width, values: x.rows().flat_map(normalize).collect() }
    }

    fn linear(&self, x: &Matrix, weights: &Weights) -> Matrix {
        let mut values = vec![0.0; x.rows().count() * weights.stored.rows];
        for (output, w) in rows_of(weights).enumerate() {
            let outputs = values.iter_mut().skip(output).step_by(weights.stored.rows);
            outputs.zip(x.rows()).for_each(|(y, row)| *y = dot(row, &w));
        }
        Matrix { width: weights.stored.rows, values }
    }

    fn linear_add(&self, mut residual: Matrix, x: &Matrix, weights: &Weights) -> Matrix {
        let y = self.linear(x, weights);
        residual.values.iter_mut().zip(y.values).for_each(|(r, y)| *r += y);
        residual
    }

    fn swiglu(&self, x: &Matrix, gate_up: &Weights) -> Matrix {
        let both = self.linear(x, gate_up);
        let width = both.width / 2;
        let gated = |row: &[f64]| {
            let (gate, up) = row.split_at(width);
            gate.iter().zip(up).map(|(g, u)| g / (1.0 + (-g).exp()) * u).collect::<Vec<_>>()
        };
        Matrix { width, values: both.rows().flat_map(gated).collect() }
    }

    fn attention(
        &self,
        qkv: Matrix,
        layer: usize,
        sequence: &mut KeyValues,
        config: &Config,
    ) -> Matrix {
        let (size, group) = (config.head_size, config.heads / config.kv_heads);
        let mut out = Vec::new();
        for (index, row) in qkv.rows().enumerate() {
            let position = sequence.len + index;
            let (queries, keys_values) = row.split_at(config.hidden);
            let (keys, values) = keys_values.split_at(config.kv_width());
            let (mut queries, mut keys) = (queries.to_vec(), keys.to_vec());
            for head in queries.chunks_exact_mut(size).chain(keys.chunks_exact_mut(size)) {
                rotate(head, position, config.rope_base);
            }
            sequence.keys[layer].truncate(position);
            sequence.values[layer].truncate(position);
            sequence.keys[layer].push(keys);
            sequence.values[layer].push(values.to_vec());

            for (head, query) in queries.chunks_exact(size).enumerate() {
                let at = head / group * size;
                let score = |key: &Vec<f64>| dot(query, &key[at..at + size]) / (size as f64).sqrt();
                let mut weights: Vec<f64> = sequence.keys[layer].iter().map(score).collect();
                softmax(&mut weights);
                out.extend((at..at + size).map(|feature| {
                    let value = |(w, value): (&f64, &Vec<f64>)| w * value[feature];
                    weights.iter().zip(&sequence.values[layer]).map(value).sum::<f64>()
                }));
            }
        }
        Matrix { width: config.hidden, values: out }
    }

    fn last_row(&self, x: Matrix) -> Matrix {
        let start = x.values.len() - x.width;
        Matrix { width: x.width, values: x.values[start..].to_vec() }
    }

    async fn top_k(
        &self,
        x: &Matrix,
        head: &Weights,
        mask: Option<&BitMask>,
        k: usize,
    ) -> Result<TopK> {
        let rows: Vec<Scored> = (0..)
            .zip(rows_of(head))
            .filter(|(id, _)| mask.is_none_or(|mask| mask.allows(*id)))
            .map(|(id, row)| Scored { id, logit: dot(&x.values, &row) as f32 })
            .collect();
        Ok(select_top_k(&rows, k))
    }

    async fn read(&self, x: &Matrix) -> Result<Vec<f32>> {
        Ok(x.values.iter().map(|&x| x as f32).collect())
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

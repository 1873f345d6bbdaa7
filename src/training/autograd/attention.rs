//! Causal grouped-query attention in which each text of a batch attends to itself alone.
//!
//! Queries and keys are rotated to their positions within the text (RoPE on neighbouring pairs,
//! <https://arxiv.org/abs/2104.09864>). Nothing but the input is kept for the gradient: with
//! `P = softmax(Q Kᵀ / √s)`, it is `dV = Pᵀ dO`, `dP = dO Vᵀ`, `dS = P ∘ (dP − rowsum(P ∘ dP)) / √s`,
//! `dQ = dS K`, `dK = dSᵀ Q`, and the rotation undone.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::linear::transpose;
use super::operands::{floats, with_floats};
use super::swiglu::exp;
use crate::gguf::Config;

/// The operation on `[n, q + k + v]`, giving `[n, q]`.
pub struct PackedAttention {
    /// Where texts begin, and the total.
    pub offsets: Arc<[usize]>,
    /// The decoder's shapes.
    pub config: Config,
}

impl CustomOp1 for PackedAttention {
    fn name(&self) -> &'static str {
        "packed_attention"
    }

    fn cpu_fwd(&self, qkv: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (qkv, n) = (floats(qkv, layout)?, layout.shape().dims2()?.0);
        let mut out = vec![0.0; n * self.config.hidden];
        let texts = self.texts(qkv, self.config.qkv_width());
        let outs = self.texts_mut(&mut out, self.config.hidden);
        texts.into_par_iter().zip(outs).for_each(|(qkv, out)| self.forward(qkv, out));
        Ok((CpuStorage::F32(out), (n, self.config.hidden).into()))
    }

    fn bwd(&self, qkv: &Tensor, _out: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let width = self.config.qkv_width();
        let dqkv = with_floats(qkv, |qkv| {
            with_floats(gradient, |dout| {
                let mut dqkv = vec![0.0; qkv.len()];
                let texts = self.texts(qkv, width);
                let douts = self.texts(dout, self.config.hidden);
                let dqkvs = self.texts_mut(&mut dqkv, width);
                let all = texts.into_par_iter().zip(douts).zip(dqkvs);
                all.for_each(|((qkv, dout), dqkv)| self.backward(qkv, dout, dqkv));
                Ok(dqkv)
            })
        })?;
        Ok(Some(Tensor::from_vec(dqkv, qkv.shape(), qkv.device())?))
    }
}

/// Columns of a product that are added up at once where columns are keys, and where they are a head's own.
const KEYS: usize = 32;
const VALUES: usize = 64;
/// Partial sums of a reduction: without them a sum waits for each of its terms.
const LANES: usize = 16;

/// Keys and values of one head, `[L, s]`, and turned, `[s, stride]`.
struct KeysValues {
    k: Vec<f32>,
    k_transposed: Vec<f32>,
    v: Vec<f32>,
    v_transposed: Vec<f32>,
    /// `L`, rounded up to whole blocks of [`KEYS`].
    stride: usize,
}

impl PackedAttention {
    fn texts<'a>(&self, rows: &'a [f32], width: usize) -> Vec<&'a [f32]> {
        self.offsets.windows(2).map(|ends| &rows[ends[0] * width..ends[1] * width]).collect()
    }

    fn texts_mut<'a>(&self, mut rows: &'a mut [f32], width: usize) -> Vec<&'a mut [f32]> {
        let lengths = self.offsets.windows(2).map(|ends| ends[1] - ends[0]);
        lengths.map(|len| rows.split_off_mut(..len * width).expect("rows fill the texts")).collect()
    }

    /// First column of the queries of query head `head`, of its keys and of its values.
    fn columns(&self, head: usize) -> [usize; 3] {
        let Config { hidden, heads, kv_heads, head_size, .. } = self.config;
        let key = hidden + head / (heads / kv_heads) * head_size;
        [head * head_size, key, key + kv_heads * head_size]
    }

    /// Calls `work` for each query head with its keys and values, which neighbouring heads share.
    fn for_each_head(&self, rotated: &[f32], mut work: impl FnMut(usize, &KeysValues)) {
        let (width, size) = (self.config.qkv_width(), self.config.head_size);
        let group = self.config.heads / self.config.kv_heads;
        for first in (0..self.config.heads).step_by(group) {
            let [_, key, value] = self.columns(first);
            let (k, v) = (gather(rotated, width, key, size), gather(rotated, width, value, size));
            let stride = (k.len() / size).next_multiple_of(KEYS);
            let turned = |mut rows: Vec<f32>| {
                rows.resize(stride * size, 0.0);
                transpose(&rows, size)
            };
            let (k_transposed, v_transposed) = (turned(k.clone()), turned(v.clone()));
            let shared = KeysValues { k, k_transposed, v, v_transposed, stride };
            (first..first + group).for_each(|head| work(head, &shared));
        }
    }

    /// One text: `qkv` is `[L, q + k + v]`, `out` `[L, q]`.
    fn forward(&self, qkv: &[f32], out: &mut [f32]) {
        let Config { hidden, head_size: size, .. } = self.config;
        let rotated = self.rotated(qkv);
        self.for_each_head(&rotated, |head, shared| {
            let q = gather(&rotated, self.config.qkv_width(), head * size, size);
            let mut o = vec![0.0; q.len()];
            attend(&q, shared, &mut o, size);
            scatter_add(&o, out, hidden, head * size, size);
        });
    }

    /// One text: `dout` is `[L, q]`, `dqkv` `[L, q + k + v]`.
    fn backward(&self, qkv: &[f32], dout: &[f32], dqkv: &mut [f32]) {
        let Config { hidden, head_size: size, .. } = self.config;
        let (width, rotated) = (self.config.qkv_width(), self.rotated(qkv));
        self.for_each_head(&rotated, |head, shared| {
            let q = gather(&rotated, width, head * size, size);
            let d_out = gather(dout, hidden, head * size, size);
            let mut gradients = [vec![0.0; q.len()], vec![0.0; q.len()], vec![0.0; q.len()]];
            attend_backward(&q, shared, &d_out, &mut gradients, size);
            for (gradient, at) in gradients.iter().zip(self.columns(head)) {
                scatter_add(gradient, dqkv, width, at, size);
            }
        });
        self.rotate(dqkv, -1.0);
    }

    fn rotated(&self, qkv: &[f32]) -> Vec<f32> {
        let mut rotated = qkv.to_vec();
        self.rotate(&mut rotated, 1.0);
        rotated
    }

    /// Rotates queries and keys by their positions, forwards or (`direction` −1) back.
    fn rotate(&self, qkv: &mut [f32], direction: f32) {
        let (size, base) = (self.config.head_size, self.config.rope_base);
        let turned = self.config.hidden + self.config.kv_width();
        let frequencies: Vec<f32> =
            (0..size / 2).map(|i| base.powf(-2.0 * i as f32 / size as f32)).collect();
        for (position, row) in qkv.chunks_exact_mut(self.config.qkv_width()).enumerate() {
            for (i, frequency) in frequencies.iter().enumerate() {
                let (sin, cos) = (position as f32 * frequency * direction).sin_cos();
                for pair in row[..turned].chunks_exact_mut(size) {
                    let (x, y) = (pair[2 * i], pair[2 * i + 1]);
                    (pair[2 * i], pair[2 * i + 1]) = (x * cos - y * sin, x * sin + y * cos);
                }
            }
        }
    }
}

wide_vectors!(attend => attend_plainly(q: &[f32], kv: &KeysValues, o: &mut [f32], size: usize));
wide_vectors!(attend_backward => attend_backward_plainly(
    q: &[f32], kv: &KeysValues, d_out: &[f32], gradients: &mut [Vec<f32>; 3], size: usize
));

/// One head of one text: `O = softmax(Q Kᵀ / √s) V`.
#[inline(always)]
fn attend_plainly(q: &[f32], kv: &KeysValues, o: &mut [f32], size: usize) {
    let mut p = vec![0.0; kv.stride];
    for (i, (q, o)) in q.chunks_exact(size).zip(o.chunks_exact_mut(size)).enumerate() {
        probabilities(q, kv, i, &mut p);
        add_weighted::<VALUES>(&p[..=i], &kv.v, size, o);
    }
}

/// Gradients of queries, keys and values of one head of one text.
#[inline(always)]
fn attend_backward_plainly(
    q: &[f32],
    kv: &KeysValues,
    d_out: &[f32],
    [dq, dk, dv]: &mut [Vec<f32>; 3],
    size: usize,
) {
    let (len, scale) = (q.len() / size, 1.0 / (size as f32).sqrt());
    let (mut p, mut dp) = (vec![0.0; kv.stride], vec![0.0; kv.stride]);
    // Pᵀ and dSᵀ, `[L, L]`: a key's gradients add up over the queries after it.
    let (mut p_transposed, mut ds_transposed) = (vec![0.0; len * len], vec![0.0; len * len]);
    for i in 0..len {
        let here = i * size..(i + 1) * size;
        probabilities(&q[here.clone()], kv, i, &mut p);
        let seen = (i + 1).next_multiple_of(KEYS);
        dp[..seen].fill(0.0);
        add_weighted::<KEYS>(&d_out[here.clone()], &kv.v_transposed, kv.stride, &mut dp[..seen]);
        let mean = dot(&p[..seen], &dp[..seen]);
        for (dp, p) in dp[..seen].iter_mut().zip(&p) {
            *dp = p * (*dp - mean) * scale; // dS
        }
        add_weighted::<VALUES>(&dp[..=i], &kv.k, size, &mut dq[here]);
        for j in 0..=i {
            p_transposed[j * len + i] = p[j];
            ds_transposed[j * len + i] = dp[j];
        }
    }
    for j in 0..len {
        let (here, after) = (j * size..(j + 1) * size, j * len + j..(j + 1) * len);
        let p = &p_transposed[after.clone()];
        add_weighted::<VALUES>(p, &d_out[j * size..], size, &mut dv[here.clone()]);
        add_weighted::<VALUES>(&ds_transposed[after], &q[j * size..], size, &mut dk[here]);
    }
}

/// `softmax(q · k_j / √s)` for the keys up to `i`, and zeros after them up to a whole block.
#[inline(always)]
fn probabilities(q: &[f32], kv: &KeysValues, i: usize, p: &mut [f32]) {
    let scale = 1.0 / (q.len() as f32).sqrt();
    let p = &mut p[..(i + 1).next_multiple_of(KEYS)];
    p.fill(0.0);
    add_weighted::<KEYS>(q, &kv.k_transposed, kv.stride, p);
    p[i + 1..].fill(f32::NEG_INFINITY);
    let mut most = [f32::NEG_INFINITY; LANES];
    for p in p.as_chunks::<LANES>().0 {
        (0..LANES)
            .for_each(|lane| most[lane] = if p[lane] > most[lane] { p[lane] } else { most[lane] });
    }
    let most = most.into_iter().fold(f32::NEG_INFINITY, f32::max);
    p.iter_mut().for_each(|p| *p = exp((*p - most) * scale));
    p[i + 1..].fill(0.0);
    let mut sums = [0.0; LANES];
    for p in p.as_chunks::<LANES>().0 {
        (0..LANES).for_each(|lane| sums[lane] += p[lane]);
    }
    let inverse = 1.0 / sums.into_iter().sum::<f32>();
    p.iter_mut().for_each(|p| *p *= inverse);
}

/// `y += Σ_j a_j · row_j` for rows `stride` apart, `WIDTH` columns at a time, so that sums stay in registers.
#[inline(always)]
fn add_weighted<const WIDTH: usize>(a: &[f32], rows: &[f32], stride: usize, y: &mut [f32]) {
    let (blocks, rest) = y.as_chunks_mut::<WIDTH>();
    let whole = blocks.len() * WIDTH;
    for (block, y) in blocks.iter_mut().enumerate() {
        let mut sums = *y;
        for (a, row) in a.iter().zip(rows.chunks(stride)) {
            let row = &row[block * WIDTH..][..WIDTH];
            (0..WIDTH).for_each(|column| sums[column] += a * row[column]);
        }
        *y = sums;
    }
    if !rest.is_empty() {
        for (a, row) in a.iter().zip(rows.chunks(stride)) {
            axpy(*a, &row[whole..][..rest.len()], rest);
        }
    }
}

/// `a · b`, of lengths that are multiples of [`LANES`].
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        (0..LANES).for_each(|lane| sums[lane] += a[lane] * b[lane]);
    }
    sums.into_iter().sum()
}

/// `y += a · x`.
#[inline(always)]
fn axpy(a: f32, x: &[f32], y: &mut [f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

/// Columns `at..at + size` of rows `width` wide: `[L, size]`.
fn gather(rows: &[f32], width: usize, at: usize, size: usize) -> Vec<f32> {
    let mut gathered = Vec::with_capacity(rows.len() / width * size);
    rows.chunks_exact(width).for_each(|row| gathered.extend_from_slice(&row[at..at + size]));
    gathered
}

fn scatter_add(values: &[f32], rows: &mut [f32], width: usize, at: usize, size: usize) {
    for (row, values) in rows.chunks_exact_mut(width).zip(values.chunks_exact(size)) {
        axpy(1.0, values, &mut row[at..at + size]);
    }
}

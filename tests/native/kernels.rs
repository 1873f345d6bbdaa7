//! The CPU's kernels: each gives the bits of the sum that is defined for all of them.

use pollster::block_on;
use proptest::prelude::*;
use toolgen::backend::Backend;
use toolgen::backend::cpu::{self, Cpu, PackedMatrix};
use toolgen::gguf::{BLOCK, Format, QuantizedMatrix};
use toolgen::self_test::fingerprint;

use crate::common;
use crate::common::backend_properties::formats;

/// Any blocks that a file may hold: all bytes, scales of both signs.
fn matrix(format: Format, rows: usize, columns: usize) -> impl Strategy<Value = QuantizedMatrix> {
    // The last is below the normal range of halves.
    let scale = || prop_oneof![4 => -2f32..2.0, 1 => prop::sample::select(vec![0.0, 3e-6])];
    let block = (scale(), scale(), prop::collection::vec(extreme(), BLOCK));
    let blocks = prop::collection::vec(block, rows * columns / BLOCK);
    blocks.prop_map(move |blocks| {
        let half = |x: f32| half::f16::from_f32(x).to_le_bytes();
        let bytes = blocks.into_iter().flat_map(|(d, m, quants)| {
            let halves =
                if format == Format::Q4_1 { vec![half(d), half(m)] } else { vec![half(d)] };
            let mut bytes = halves.concat();
            bytes.extend(&quants[..format.block_bytes() - bytes.len()]);
            bytes
        });
        QuantizedMatrix::new(format, rows, columns, bytes.collect()).unwrap()
    })
}

/// A byte, often one of those whose products are the largest.
fn extreme() -> impl Strategy<Value = u8> {
    prop_oneof![any::<u8>(), prop::sample::select(vec![0u8, 0x7f, 0x80, 0xff])]
}

/// A number, often one that becomes 127 or -127 among its neighbours.
fn number() -> impl Strategy<Value = f32> {
    prop_oneof![-3f32..3.0, prop::sample::select(vec![0.0, 3.0, -3.0, 1e-30, 1e30])]
}

fn products() -> impl Strategy<Value = (Vec<f32>, QuantizedMatrix)> {
    let rows = prop_oneof![1usize..50, Just(16), Just(64)];
    (formats(), 1usize..=9, rows, 1usize..5).prop_flat_map(|(format, n, rows, blocks)| {
        let columns = blocks * BLOCK;
        (prop::collection::vec(number(), n * columns), matrix(format, rows, columns))
    })
}

/// The eight-bit integers of a block of activations, and their scale.
fn quantize(x: &[f32]) -> (Vec<i32>, f32) {
    let d = x.iter().fold(0f32, |max, x| max.max(x.abs())) / 127.0;
    let inverse = if d.is_normal() { 1.0 / d } else { 0.0 };
    (x.iter().map(|x| (x * inverse).round_ties_even() as i32).collect(), d)
}

/// The sum of `backend/cpu/kernels/sums.rs`, number by number, from the blocks of the file.
fn defined(x: &[f32], w: &QuantizedMatrix, row: usize) -> f32 {
    let blocks = w.row(row).chunks_exact(w.format.block_bytes());
    blocks.zip(x.chunks_exact(BLOCK)).fold(0f32, |y, (block, x)| {
        let half = |at: usize| half::f16::from_le_bytes([block[at], block[at + 1]]).to_f32();
        let nibble = |j: usize, at: usize| match j {
            0..16 => block[at + j] & 15,
            _ => block[at + j - 16] >> 4,
        };
        let weight = |j: usize| match w.format {
            Format::Q8_0 => i32::from(block[2 + j] as i8),
            Format::Q4_1 => i32::from(nibble(j, 4)),
            _ => i32::from(nibble(j, 2)) - 8,
        };
        let (q, d) = quantize(x);
        let product: i32 = q.iter().enumerate().map(|(j, q)| weight(j) * q).sum();
        let term = product as f32 * (half(0) * d);
        match w.format {
            Format::Q4_1 => y + (term + half(2) * (d * q.iter().sum::<i32>() as f32)),
            _ => y + term,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_kernel_gives_the_defined_bits((x, w) in products()) {
        let rows = x.chunks_exact(w.columns);
        let expected: Vec<u32> = rows
            .flat_map(|x| (0..w.rows).map(|row| defined(x, &w, row).to_bits()).collect::<Vec<_>>())
            .collect();
        let packed = PackedMatrix::new(w).unwrap();
        for kernel in cpu::kernels() {
            let found = cpu::product(kernel, &x, &packed);
            let found: Vec<u32> = found.into_iter().map(f32::to_bits).collect();
            prop_assert_eq!(&found, &expected, "{:?}", kernel);
        }
    }

    #[test]
    fn rows_come_back_from_their_tiles((_, w) in products()) {
        let tokens: Vec<u32> = (0..w.rows as u32).collect();
        let packed = Cpu.upload_matrix(w.clone()).unwrap();
        prop_assert_eq!(block_on(Cpu.read(&Cpu.embed(&packed, &tokens))).unwrap(), w.dequantize());
    }

    /// Rounding moves an activation by at most half a step, so an output by at most `Σ |w| d / 2`.
    #[test]
    fn eight_bits_lose_what_rounding_may_lose((x, w) in products()) {
        let x: Vec<f32> = x.iter().map(|x| x.clamp(-3.0, 3.0)).collect();
        let weights = w.dequantize();
        let found = cpu::product(cpu::fastest(), &x, &PackedMatrix::new(w.clone()).unwrap());
        for (x, found) in x.chunks_exact(w.columns).zip(found.chunks_exact(w.rows)) {
            for (weights, &found) in weights.chunks_exact(w.columns).zip(found) {
                let (mut exact, mut bound) = (0f64, 0f64);
                for (x, w) in x.chunks_exact(BLOCK).zip(weights.chunks_exact(BLOCK)) {
                    let step = f64::from(quantize(x).1);
                    for (&x, &w) in x.iter().zip(w) {
                        exact += f64::from(x) * f64::from(w);
                        bound += f64::from(w).abs() * step * 0.5001;
                    }
                }
                let rounding = 1e-5 * bound * 254.0 + 1e-6;
                prop_assert!((f64::from(found) - exact).abs() <= bound + rounding);
            }
        }
    }
}

/// A browser has the same number (`tests/browser`): its vectors are others, its bits are not.
#[test]
fn the_arithmetic_is_that_of_every_build() {
    let path = common::root().join("tests/golden/arithmetic.txt");
    let found = block_on(fingerprint()).unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, format!("{found}\n")).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        kept.trim(),
        found,
        "run UPDATE_GOLDEN=1 cargo test --release --test native kernels"
    );
}

/// `cargo test --release --test native kernels::speed -- --ignored --nocapture`, on one core.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for kernel in cpu::kernels() {
        for format in [Format::Q4_0, Format::Q4_1, Format::Q8_0] {
            for n in [1, 128] {
                let rates = [(960, 576), (576, 576), (3072, 576), (576, 1536), (49_152, 576)].map(
                    |(rows, columns)| one_core.install(|| rate(kernel, format, n, rows, columns)),
                );
                println!("{kernel:?} {format:?}, {n} tokens: {rates:.1?} GMAC/s");
            }
        }
    }
}

/// Billions of multiply-adds a second, the best of some runs.
fn rate(kernel: &dyn cpu::Kernel, format: Format, n: usize, rows: usize, columns: usize) -> f64 {
    let bytes = vec![0x21; rows * columns / BLOCK * format.block_bytes()];
    let w = QuantizedMatrix::new(format, rows, columns, bytes).unwrap();
    let (w, x) = (PackedMatrix::new(w).unwrap(), vec![1.0; n * columns]);
    let run = || {
        let start = std::time::Instant::now();
        std::hint::black_box(cpu::product(kernel, &x, &w));
        start.elapsed().as_secs_f64()
    };
    let best = (0..8).map(|_| run()).fold(f64::INFINITY, f64::min);
    (n * rows * columns) as f64 / best / 1e9
}

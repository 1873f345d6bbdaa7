//! The exponential function, the same bits on every processor.

use wide::{f32x4, i32x4};

/// `eˣ` in four lanes, within 2 units in the last place; what would leave the normal range is brought to its end.
///
/// `eˣ = 2ⁿ eʳ` with `n` the integer nearest to `x / ln 2`; `ln 2` is subtracted in two parts, of which the first
/// has so few bits that its product with `n` is exact; `eʳ = 1 + r + r² p(r)`. The range reduction and the
/// coefficients are those of Cephes' `expf` (S. L. Moshier, <https://netlib.org/cephes/>).
pub fn exp(x: f32x4) -> f32x4 {
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    const P: [f32; 6] =
        [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
    let x = x.fast_max(f32x4::splat(-87.3)).fast_min(f32x4::splat(88.3));
    let n = (x * f32x4::splat(std::f32::consts::LOG2_E)).fast_round_int();
    let whole = f32x4::from_i32x4(n);
    let r = x - whole * f32x4::splat(LN_2[0]) - whole * f32x4::splat(LN_2[1]);
    let p = P[1..].iter().fold(f32x4::splat(P[0]), |p, &c| p * r + f32x4::splat(c));
    let power: f32x4 = bytemuck::cast((n + i32x4::splat(127)) << 23);
    ((p * (r * r) + r) + f32x4::splat(1.0)) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_exponential_within_two_units_in_the_last_place() {
        for i in -870_000..880_000 {
            let x = i as f32 * 1e-4 + 3e-6;
            let [found, ..] = exp(f32x4::splat(x)).to_array();
            let expected = libm::exp(f64::from(x));
            let unit = f64::from((expected as f32).next_up() - expected as f32);
            let off = (f64::from(found) - expected).abs() / unit;
            assert!(off < 2.0, "exp({x}) is {found}, {off} units off");
        }
    }

    #[test]
    fn far_numbers_stay_finite() {
        let found = exp(f32x4::new([-1e9, -100.0, 100.0, 1e9])).to_array();
        assert!(found[..2].iter().all(|&y| (0.0..2e-38).contains(&y)), "{found:?}");
        assert!(found[2..].iter().all(|&y| y > 1e38 && y.is_finite()), "{found:?}");
        assert_eq!(exp(f32x4::ZERO).to_array(), [1.0; 4]);
    }
}

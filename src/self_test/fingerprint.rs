//! All results of the CPU in one number, the same on every processor and in every browser.

use super::case::{Verb, cases};
use super::prepared::Prepared;
use crate::Result;
use crate::backend::cpu::Cpu;

/// Rows of a head beyond which a case adds time and no kind of work.
const LARGE: usize = 10_000;
/// Ranks that are hashed.
const RANKS: usize = 32;

/// FNV-1a over the bits of what the CPU computes in the self-test's cases, in hexadecimal digits
/// (<http://www.isthe.com/chongo/tech/comp/fnv/>).
///
/// # Errors
/// None that is known: the cases are made here.
pub async fn fingerprint() -> Result<String> {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut take = |x: f32| {
        for byte in x.to_bits().to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for case in cases() {
        if matches!(&case.verb, Verb::TopK { head, .. } if head.1 > LARGE) {
            continue;
        }
        let mut prepared = Prepared::new(&case, &Cpu)?;
        prepared.numbers().await?.into_iter().for_each(&mut take);
        if let Some(top) = prepared.top_k(RANKS).await? {
            top.best.iter().for_each(|row| take(row.logit));
            take(top.log_sum_exp);
        }
    }
    Ok(format!("{hash:016x}"))
}

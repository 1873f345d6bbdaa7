//! Choosing among phrases, the same in every run.

/// A small generator of pseudo-random numbers (SplitMix64): enough to choose among a few phrases.
pub struct Rng(pub u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }

    /// One of `list`.
    pub fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[(self.next() % list.len() as u64) as usize]
    }

    /// One of `list` that does not stand in `source`, if there is one.
    pub fn other<'a>(&mut self, list: &[&'a str], source: &str) -> &'a str {
        let others: Vec<&str> =
            list.iter().copied().filter(|phrase| !source.starts_with(phrase)).collect();
        if others.is_empty() { self.of(list) } else { self.of(&others) }
    }
}

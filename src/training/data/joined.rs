//! Two wishes in one breath.

use rand::Rng;
use rand::rngs::StdRng;

const JOINTS: [&str; 8] =
    [" and ", ". ", ", and also ", ", then ", "; then ", "; ", ". After that ", " "];

/// The first question without its last mark, and the second.
pub fn joined(first: &str, second: &str, random: &mut StdRng) -> String {
    let joint = JOINTS[random.random_range(0..JOINTS.len())];
    format!("{}{joint}{second}", first.trim_end_matches(['.', '?', '!', ' ']))
}

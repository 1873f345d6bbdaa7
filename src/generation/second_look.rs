//! When a tool's token is looked at again, and what of it.
//!
//! The tool token is chosen by what the question and the tool's row say. Where that leaves doubt the model reads
//! the tool's document, as it would anyway before it writes arguments, and says whether this is the tool; on "it
//! isn't" the token is taken back, and the next likeliest is looked at.

/// Most tools that are looked at.
pub const MAX_LOOKS: usize = 3;
/// The probability from which on a tool is taken without a second look.
const CLEAR: f32 = 0.95;
/// The probability from which on a look keeps a tool.
const FITS: f32 = 0.5;

/// Whether a ranking with this probability of the likeliest leaves doubt.
pub fn is_needed(likeliest: f32) -> bool {
    likeliest < CLEAR
}

/// Whether a look with this outcome keeps the tool.
pub fn fits(probability: f32) -> bool {
    probability >= FITS
}

/// What all of it comes to: the place in a ranking, by falling probability beside that of `none`, of the tool that
/// is taken, where `looks` has what a look at each of the first would say.
///
/// ```
/// use toolgen::generation::second_look::choose;
/// assert_eq!(choose(&[0.6, 0.3], 0.1, &[0.2, 0.9]), Some(1));
/// assert_eq!(choose(&[0.99, 0.01], 0.0, &[0.2, 0.9]), Some(0), "there is no doubt");
/// assert_eq!(choose(&[0.6, 0.3], 0.1, &[0.2, 0.3]), None);
/// assert_eq!(choose(&[0.4, 0.1], 0.5, &[0.9, 0.9]), None);
/// ```
pub fn choose(probabilities: &[f32], none: f32, looks: &[f32]) -> Option<usize> {
    let likeliest = *probabilities.first()?;
    if likeliest < none {
        return None;
    }
    if !is_needed(likeliest) || looks.is_empty() {
        return Some(0);
    }
    looks.iter().take(MAX_LOOKS).position(|&look| fits(look))
}

//! Numbers with units: "half a litre" is 500 where a tool counts millilitres.

use super::numbers::numbers;
use super::unit::{Dimension, Unit};

/// Words before a unit in which its number is looked for.
const MAX_WORDS: usize = 4;

/// The amounts that a text names, but for lengths of time, which [`mentions`](crate::time::mentions) has.
pub(super) fn quantities(text: &str) -> Vec<(Dimension, f64)> {
    let words = words(text);
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some(unit) = Unit::behind_a_number(&word.to_lowercase()) else { continue };
        // Short names are units only behind digits. Of lengths of time only milliseconds are no mention.
        let is_digit = at > 0 && words[at - 1].ends_with(|c: char| c.is_ascii_digit());
        if word.len() < 3 && !is_digit || unit.dimension == Dimension::Time && word.len() > 2 {
            continue;
        }
        let before = &words[at.saturating_sub(MAX_WORDS)..at];
        let after = &words[at + 1..];
        let half = if after.starts_with(&["and", "a", "half"]) { 0.5 } else { 0.0 };
        let count = match before {
            [.., "half", "a" | "an"] | [.., "half"] => Some(0.5),
            [.., "quarter", "of", "a" | "an"] => Some(0.25),
            [.., "a" | "an" | "one" | "per" | "each" | "every"] => Some(1.0),
            _ => numbers(&before.join(" ")).last().map(|number| number.value()),
        };
        found.extend(count.map(|count| (unit.dimension, unit.amount(count + half))));
    }
    found
}

/// Words and numbers, which may stand together: "6cm".
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for piece in text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | ',')) {
        let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
        let end = if piece.starts_with(|c: char| c.is_ascii_digit()) {
            piece.find(|c| !is_number(c)).unwrap_or(piece.len())
        } else {
            0
        };
        let parts = [&piece[..end], &piece[end..]].map(|part| part.trim_matches(['.', ',']));
        words.extend(parts.into_iter().filter(|part| !part.is_empty()));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use Dimension::{Length, Mass, Time, Volume};

    #[test]
    fn amounts_are_read_with_their_units() {
        for (text, amounts) in [
            ("half a litre of saline", &[(Volume, 0.5)][..]),
            ("leave it 6 cm, or 7cm.", &[(Length, 0.06), (Length, 0.07)]),
            ("two kilos of pork", &[(Mass, 2000.0)]),
            ("a metre and a half around it", &[(Length, 1.5)]),
            ("1.5km away", &[(Length, 1500.0)]),
            ("wait 250ms", &[(Time, 0.25)]),
            ("tell me every kilometre", &[(Length, 1000.0)]),
            ("I met an m at l for two hours", &[]),
        ] {
            assert_eq!(quantities(text), amounts, "{text}");
        }
    }
}

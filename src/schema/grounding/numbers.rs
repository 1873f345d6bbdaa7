//! The numbers of a question, in digits and in words.

use crate::schema::number_words;

/// The numbers of a text: digits with an optional fraction, thousands apart by commas or not, after a sign that
/// begins a word or without one; and words.
pub(super) fn numbers(text: &str) -> Vec<f64> {
    let mut found = Vec::new();
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let mut end = 0;
    while let Some(start) = text[end..].find(is_part).map(|at| end + at) {
        let mut back = text[..start].chars().rev();
        let is_negative = back.next().is_some_and(|sign| matches!(sign, '-' | '−'))
            && back.next().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ','));
        end = text[start..].find(|c| !is_part(c)).map_or(text.len(), |at| start + at);
        let digits = text[start..end].trim_matches(['.', ',']);
        let readings =
            [digits.replace(',', "")].into_iter().chain(digits.split(',').map(str::to_owned));
        let value = |reading: String| reading.parse::<f64>().ok();
        found.extend(readings.filter_map(value).map(|x| if is_negative { -x } else { x }));
    }
    found.extend(number_words(text));
    found
}

//! The numbers of a question, in digits and in words.
//!
//! Digits are read as most of the world writes them: of two kinds of marks the last one is the decimal mark,
//! thousands are apart by commas, dots, spaces or apostrophes, and digits may be of any script. Where a comma may be
//! of both kinds, or stand between two numbers, each reading is offered.

use serde_json::{Number as JsonNumber, Value, json};

use crate::schema::number_words;

/// A number, exact where it is whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    value: f64,
    whole: Option<i128>,
}

/// JavaScript's and llguidance's numbers are exact up to here: 2^53 - 1.
const MAX_SAFE: u128 = (1 << 53) - 1;
/// Decimal digits that every float tells apart.
const SAFE_DIGITS: usize = 15;

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        let is_exact = value.fract() == 0.0 && value.abs() <= MAX_SAFE as f64;
        Self { value, whole: is_exact.then_some(value as i128) }
    }
}

impl Number {
    /// Reads digits with an optional fraction and an optional exponent; none where a float would be of another number.
    pub fn read(digits: &str) -> Option<Self> {
        if let Ok(whole) = digits.parse::<i128>() {
            return Some(Self { value: whole as f64, whole: Some(whole) });
        }
        let value = digits.parse::<f64>().ok().filter(|value| value.is_finite())?;
        // `6.02e23` is the same to whoever reads it; the digits of a number that is written out all count.
        let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, ""));
        let is_short = mantissa.bytes().filter(u8::is_ascii_digit).count() <= SAFE_DIGITS;
        match exponent.is_empty() || !is_short {
            true => Self::computed(value),
            false => Some(value.into()),
        }
    }

    /// What was computed with floats; none past what they hold exactly.
    pub fn computed(value: f64) -> Option<Self> {
        (value.abs() <= MAX_SAFE as f64).then(|| value.into())
    }

    /// This many times as much.
    fn times(self, times: i128) -> Option<Self> {
        match self.whole {
            Some(whole) => {
                let whole = whole.checked_mul(times)?;
                Some(Self { value: whole as f64, whole: Some(whole) })
            }
            None => Self::computed(self.value * times as f64),
        }
    }

    pub fn of_json(number: &JsonNumber) -> Option<Self> {
        let whole = number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
        let value = number.as_f64()?;
        Some(whole.map_or_else(|| value.into(), |whole| Self { value, whole: Some(whole) }))
    }

    pub fn value(&self) -> f64 {
        self.value
    }

    pub fn negated(self) -> Self {
        Self { value: -self.value, whole: self.whole.map(|whole| -whole) }
    }

    /// Whether every program holds it exactly.
    pub fn is_safe(&self) -> bool {
        self.whole.is_none_or(|whole| whole.unsigned_abs() <= MAX_SAFE)
    }

    /// `None` for whole numbers past 64 bits, which would become others.
    pub fn to_json(self) -> Option<Value> {
        match self.whole {
            Some(whole) => {
                let signed = i64::try_from(whole).map(Value::from);
                signed.or_else(|_| u64::try_from(whole).map(Value::from)).ok()
            }
            None => Some(json!(self.value)),
        }
    }
}

/// The zeros of scripts whose digits people type.
const ZEROS: [char; 12] =
    ['0', '٠', '۰', '०', '০', '੦', '૦', '௦', '౦', '๐', '\u{ff10}', '\u{17e0}'];
const FRACTIONS: [(char, f64); 11] = [
    ('½', 0.5),
    ('¼', 0.25),
    ('¾', 0.75),
    ('⅓', 1.0 / 3.0),
    ('⅔', 2.0 / 3.0),
    ('⅕', 0.2),
    ('⅛', 0.125),
    ('⅜', 0.375),
    ('⅝', 0.625),
    ('⅞', 0.875),
    ('⅙', 1.0 / 6.0),
];

/// A text with its digits and their marks in ASCII.
fn plain(text: &str) -> String {
    let of_script = |c: char| {
        let zero =
            ZEROS.into_iter().find(|zero| (*zero as u32..*zero as u32 + 10).contains(&(c as u32)));
        zero.and_then(|zero| char::from_digit(c as u32 - zero as u32, 10))
    };
    let mark = |c: char| match c {
        '\u{66b}' | '．' => '.',
        '\u{66c}' | '，' => ',',
        '’' => '\'',
        '\u{a0}' | '\u{2009}' | '\u{202f}' => '\u{a0}',
        other => other,
    };
    text.chars().map(|c| of_script(c).unwrap_or_else(|| mark(c))).collect()
}

/// The numbers of a text: digits with an optional fraction, after a sign that begins a word or without one, with what
/// multiplies them ("250k"); and words.
pub(super) fn numbers(text: &str) -> Vec<Number> {
    let plain = plain(text);
    let mut found = Vec::new();
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | '\u{a0}');
    let (mut end, mut spaced_end) = (0, 0);
    let begins = |c: char| is_part(c) && c != '\'' && c != '\u{a0}' || fraction(c).is_some();
    while let Some(start) = plain[end..].find(begins).map(|at| end + at) {
        let mut back = plain[..start].chars().rev();
        let is_negative = back.next().is_some_and(|sign| matches!(sign, '-' | '−'))
            && back.next().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ','));
        end = plain[start..].find(|c| !is_part(c)).map_or(plain.len(), |at| start + at);
        let run = &plain[start..end];
        let digits = run.trim_matches(['.', ',', '\'', '\u{a0}']);
        let mut own = readings(digits);
        let after = &plain[end..];
        if let Some((exponent, length)) = exponent(after).filter(|_| run.ends_with(digits)) {
            own = Number::read(&format!("{digits}{exponent}")).into_iter().collect();
            end += length;
        } else if let Some((c, value)) = fraction_after(after, digits) {
            let whole = own.first().map_or(0.0, Number::value);
            own = Number::computed(whole + value).into_iter().collect();
            end += c;
        } else if let Some(centimetres) =
            height(after).filter(|_| ["0", "1", "2"].contains(&digits))
        {
            own = Number::read(&format!("{digits}.{centimetres}")).into_iter().collect();
            end += 1 + centimetres.len();
        } else if run.ends_with(digits)
            && let Some(times) = times(after)
            && let Some(more) = own.first().and_then(|first| first.times(times))
        {
            own.insert(0, more);
        }
        if start >= spaced_end
            && let Some((number, length)) = spaced(&plain[start..])
        {
            own.insert(0, number);
            spaced_end = start + length;
        }
        found.extend(own.into_iter().map(|x| if is_negative { x.negated() } else { x }));
    }
    found.extend(number_words(text).into_iter().filter_map(Number::computed));
    found
}

/// The numbers that digits with marks between them may be.
fn readings(digits: &str) -> Vec<Number> {
    // Feet and inches have a mark between them, too.
    let is_group = |group: &str| group.split(['.', ',']).next().is_some_and(|g| g.len() == 3);
    if digits.contains('\'') && !digits.split('\'').skip(1).all(is_group) {
        return digits.split('\'').flat_map(readings).collect();
    }
    let digits = digits.replace(['\'', '\u{a0}'], "");
    let (commas, dots) = (digits.matches(',').count(), digits.matches('.').count());
    let are_thousands = |text: &str, mark: char| {
        let mut groups = text.split(mark);
        groups.next().is_some_and(|first| (1..=3).contains(&first.len()))
            && groups.all(|group| group.len() == 3)
    };
    let mut texts: Vec<String> = Vec::new();
    match (commas, dots) {
        (_, 0 | 1) if commas == 0 => texts.push(digits),
        (0, _) if are_thousands(&digits, '.') => texts.push(digits.replace('.', "")),
        (0, _) => {}
        (1, 1..) if digits.rfind(',') > digits.rfind('.') => {
            texts.push(digits.replace('.', "").replace(',', "."));
        }
        (_, dots) => {
            let whole = digits.split('.').next().unwrap_or_default();
            if are_thousands(whole, ',') && dots <= 1 {
                texts.push(digits.replace(',', ""));
            }
            if commas == 1 && dots == 0 {
                texts.push(digits.replace(',', "."));
            }
            texts.extend(digits.split(',').map(str::to_owned));
        }
    }
    texts.iter().filter_map(|text| Number::read(text)).collect()
}

/// Groups of three digits with spaces between them, as one number, and its length.
fn spaced(text: &str) -> Option<(Number, usize)> {
    let run = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let mut length = run(text);
    if !(1..=3).contains(&length) {
        return None;
    }
    let first = length;
    while let Some(group) = text[length..].strip_prefix(' ').filter(|group| run(group) == 3) {
        length = text.len() - group.len() + 3;
    }
    let number = Number::read(&text[..length].replace(' ', ""))?;
    (length > first).then_some((number, length))
}

/// An exponent at a text's beginning, `e-3`, and its length.
fn exponent(text: &str) -> Option<(&str, usize)> {
    let signed = text.strip_prefix(['e', 'E'])?;
    let digits = signed.strip_prefix(['-', '+']).unwrap_or(signed);
    let count = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let length = text.len() - digits.len() + count;
    let ends = text[length..].chars().next().is_none_or(|c| !c.is_alphanumeric());
    (count > 0 && ends).then(|| (&text[..length], length))
}

fn fraction(c: char) -> Option<f64> {
    FRACTIONS.iter().find(|(sign, _)| *sign == c).map(|(_, value)| *value)
}

/// A fraction's sign at a text's beginning, behind a space where a number stands before it: its bytes and value.
fn fraction_after(text: &str, before: &str) -> Option<(usize, f64)> {
    let sign = if before.is_empty() { text } else { text.strip_prefix(' ').unwrap_or(text) };
    let c = sign.chars().next()?;
    Some((text.len() - sign.len() + c.len_utf8(), fraction(c)?))
}

/// What stands behind digits and multiplies them: "250k", "1.5M", "1.5 million".
fn times(text: &str) -> Option<i128> {
    let word = text.trim_start_matches(' ');
    let end = word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len());
    Some(match &word[..end] {
        "k" | "K" if word.len() == text.len() => 1_000,
        "m" | "M" if word.len() == text.len() => 1_000_000,
        "thousand" | "grand" => 1_000,
        "million" => 1_000_000,
        "billion" => 1_000_000_000,
        _ => return None,
    })
}

/// The centimetres of "1m76", behind the metres; "1m30s" is a length of time.
fn height(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('m')?;
    let count = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let ends = digits[count..].chars().next().is_none_or(|c| !c.is_alphanumeric());
    (count == 2 && ends).then(|| &digits[..2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_questions_or_none() {
        let found = |text: &str| -> Vec<Value> {
            numbers(text).into_iter().filter_map(Number::to_json).collect()
        };
        assert_eq!(found("9007199254740993"), [json!(9_007_199_254_740_993_i64)]);
        assert_eq!(
            found("9007199254740993k"),
            [json!(9_007_199_254_740_993_000_i64), json!(9_007_199_254_740_993_i64)]
        );
        assert_eq!(found("2.5k"), [json!(2500), json!(2.5)]);
        assert_eq!(found("6.02e23"), [json!(6.02e23)]);
        assert_eq!(found("1.5 million"), [json!(1_500_000), json!(1.5), json!(1_000_000)]);
        assert_eq!(found("1m76, or 5'9"), [json!(1.76), json!(5), json!(9)]);
        assert_eq!(found("5m30"), [json!(5), json!(30)]);
        assert_eq!(found("1m30s"), [json!(1), json!(30)]);
        assert_eq!(found("1'234'567.5"), [json!(1_234_567.5)]);
        for beyond in [
            "99999999999999999999",
            "1234567890123456789012345678901234567890",
            "9007199254740993.5",
            "9007199254740993e1",
            "9007199254740992 ½",
            "1e999",
        ] {
            assert!(found(beyond).is_empty(), "{beyond}");
        }
    }
}

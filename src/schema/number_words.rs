//! Numbers written as English words: "seven", "twenty-five", "two hundred and forty", "a dozen", "the third", "six point
//! five", "nineteen eighty-eight".

use crate::time::numerals::{ORDINALS, SMALL, TENS};

/// Words that stand alone.
const ALONE: [(&str, f64); 5] =
    [("zero", 0.0), ("pair", 2.0), ("couple", 2.0), ("twice", 2.0), ("thrice", 3.0)];
/// Words that multiply what stands before them.
const TIMES: [(&str, f64); 6] = [
    ("dozen", 12.0),
    ("hundred", 1e2),
    ("hundredth", 1e2),
    ("thousand", 1e3),
    ("grand", 1e3),
    ("million", 1e6),
];

/// The numbers that `text` writes as words, in their order.
///
/// ```
/// use toolgen::schema::number_words;
/// assert_eq!(number_words("Seven of twenty-five"), [7.0, 25.0]);
/// assert_eq!(number_words("two hundred and forty, or a dozen"), [240.0, 12.0]);
/// assert_eq!(number_words("one two three, nobody"), [1.0, 2.0, 3.0]);
/// assert_eq!(number_words("the twenty-third of the sevens"), [23.0, 7.0]);
/// assert_eq!(number_words("eighteen and a half, half a thousand"), [18.5, 500.0]);
/// assert_eq!(number_words("six point two five"), [6.25]);
/// assert_eq!(number_words("since nineteen eighty-eight"), [19.0, 88.0, 1988.0]);
/// ```
pub fn number_words(text: &str) -> Vec<f64> {
    let (mut found, mut open) = (Vec::new(), None::<f64>);
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_lowercase).collect();
    let is_halved =
        |at: usize| words[at] == "half" && at > 1 && words[at - 1] == "a" && words[at - 2] == "and";
    let mut skipped = 0;
    for (at, word) in words.iter().enumerate() {
        if skipped > 0 {
            skipped -= 1;
            continue;
        }
        found.extend(ALONE.iter().find(|(name, _)| name == word).map(|(_, value)| value));
        let next = if let Some(times) = TIMES.iter().find(|(name, _)| name == word) {
            let is_half = at > 1 && words[at - 1] == "a" && words[at - 2] == "half"
                || at > 0 && words[at - 1] == "half";
            Some(open.take().unwrap_or(if is_half { 0.5 } else { 1.0 }) * times.1)
        } else if let Some(value) = value_of(word) {
            // "twenty" takes one of the small ones, "hundred" anything smaller.
            let room = |open: &f64| {
                open % 100.0 == 0.0 || *open >= 20.0 && open % 10.0 == 0.0 && value < 10.0
            };
            Some(open.take_if(|open| room(open)).unwrap_or(0.0) + value)
        } else if word == "and" || word == "a" && at > 0 && words[at - 1] == "and" {
            open.take_if(|open| {
                *open % 100.0 == 0.0
                    || words.get(at + 1).is_some_and(|next| next == "a" || next == "half")
            })
        } else if is_halved(at) {
            open.take().map(|open| open + 0.5)
        } else if let Some((decimals, count)) = decimals(&words[at..]) {
            skipped = count;
            Some(open.take().unwrap_or(0.0) + decimals)
        } else {
            None
        };
        found.extend(std::mem::replace(&mut open, next));
    }
    found.extend(open);
    let is_year =
        |pair: &&[f64]| (18.0..=20.0).contains(&pair[0]) && (10.0..100.0).contains(&pair[1]);
    let years: Vec<f64> =
        found.windows(2).filter(is_year).map(|pair| pair[0] * 100.0 + pair[1]).collect();
    found.extend(years);
    found
}

/// What "point two five" adds, and how many words it has after the first.
fn decimals(words: &[String]) -> Option<(f64, usize)> {
    let (point, rest) = words.split_first()?;
    let digit = |word: &String| match word.as_str() {
        "zero" | "oh" => Some(0),
        word => SMALL[1..10].iter().position(|name| *name == word).map(|index| index as u32 + 1),
    };
    let digits: Vec<String> = rest.iter().map_while(digit).map(|digit| digit.to_string()).collect();
    let value = format!("0.{}", digits.concat()).parse().ok()?;
    (point == "point" && !digits.is_empty()).then_some((value, digits.len()))
}

fn value_of(word: &str) -> Option<f64> {
    let place = |names: &[&str], word: &str| names.iter().position(|name| *name == word);
    let singular =
        || word.strip_suffix("es").or(word.strip_suffix('s')).filter(|word| word.len() > 2);
    let small = |word: &str| place(&SMALL[1..], word).or_else(|| place(&ORDINALS, word));
    let small = small(word)
        .or_else(|| place(&SMALL[1..], word.strip_suffix('s')?))
        .or_else(|| place(&SMALL[1..], singular()?));
    let tens = || {
        let name = word.strip_suffix("ieth").map(|stem| format!("{stem}y"));
        place(&TENS, name.as_deref().unwrap_or(word))
    };
    small.map(|index| index as f64 + 1.0).or_else(|| tens().map(|index| index as f64 * 10.0 + 20.0))
}

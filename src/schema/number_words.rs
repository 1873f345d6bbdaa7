//! Numbers written as English words: "seven", "twenty-five", "two hundred and forty", "a dozen".

/// Words that stand alone.
const ALONE: [(&str, f64); 5] =
    [("zero", 0.0), ("pair", 2.0), ("couple", 2.0), ("twice", 2.0), ("thrice", 3.0)];
/// Words from one to nineteen.
const SMALL: [&str; 19] = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
/// Words for twenty, thirty, … ninety.
const TENS: [&str; 8] =
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
/// Words that multiply what stands before them.
const TIMES: [(&str, f64); 4] =
    [("dozen", 12.0), ("hundred", 1e2), ("thousand", 1e3), ("million", 1e6)];

/// The numbers that `text` writes as words, in their order.
///
/// ```
/// use toolgen::schema::number_words;
/// assert_eq!(number_words("Seven of twenty-five"), [7.0, 25.0]);
/// assert_eq!(number_words("two hundred and forty, or a dozen"), [240.0, 12.0]);
/// assert_eq!(number_words("one two three, nobody"), [1.0, 2.0, 3.0]);
/// ```
pub fn number_words(text: &str) -> Vec<f64> {
    let (mut found, mut open) = (Vec::new(), None::<f64>);
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        let word = word.to_lowercase();
        found.extend(ALONE.iter().find(|(name, _)| *name == word).map(|(_, value)| value));
        let next = if let Some(times) = TIMES.iter().find(|(name, _)| *name == word) {
            Some(open.take().unwrap_or(1.0) * times.1)
        } else if let Some(value) = value_of(&word) {
            // "twenty" takes one of the small ones, "hundred" anything smaller.
            let room = |open: &f64| {
                open % 100.0 == 0.0 || *open >= 20.0 && open % 10.0 == 0.0 && value < 10.0
            };
            Some(open.take_if(|open| room(open)).unwrap_or(0.0) + value)
        } else if word == "and" {
            open.take_if(|open| *open % 100.0 == 0.0)
        } else {
            None
        };
        found.extend(std::mem::replace(&mut open, next));
    }
    found.extend(open);
    found
}

fn value_of(word: &str) -> Option<f64> {
    let small = SMALL.iter().position(|name| *name == word).map(|index| index as f64 + 1.0);
    let tens =
        || TENS.iter().position(|name| *name == word).map(|index| index as f64 * 10.0 + 20.0);
    small.or_else(tens)
}

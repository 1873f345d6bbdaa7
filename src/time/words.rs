//! A question as words, digits and marks, and the numbers among them.

use std::ops::Range;

use super::numerals::{ORDINALS, SMALL, TENS};

/// A run of letters, a run of digits, or another character; in small letters, with straight apostrophes.
/// "Monday's" is "monday" and "'s", "7pm" is "7" and "pm".
pub(super) struct Word {
    pub(super) text: String,
    pub(super) range: Range<usize>,
    /// Whether it follows the one before without a space.
    pub(super) is_glued: bool,
    /// Whether it begins with a capital letter.
    pub(super) is_capital: bool,
}

/// The words of a question. What lies outside of it reads as an empty word.
pub(super) struct Words(pub(super) Vec<Word>);

/// Words that may follow a bare hour or day: what follows a number of things is something else.
const FOLLOWERS: &[&str] = &[
    "on", "in", "at", "to", "till", "til", "until", "for", "and", "or", "but", "with", "please",
    "pls", "plz", "tomorrow", "today", "tonight", "this", "next", "from", "instead", "then",
    "again", "so", "if", "when", "as", "is", "was", "i", "we", "sharp", "exactly", "the", "every",
    "each", "daily", "not", "thanks", "ok", "okay", "because", "since", "through", "by", "my",
    "our", "it", "that", "should", "would", "works", "suits", "already", "too", "now", "of",
    "onwards", "onward", "latest", "earliest", "would", "will", "may", "can", "has", "just",
    "only", "they", "he", "she", "you", "during", "without", "after", "i'll", "i'm", "i've", "i'd",
    "we'll", "we're", "we've", "there",
];

impl Words {
    pub(super) fn of(question: &str) -> Self {
        let mut words = Vec::new();
        let (mut at, mut is_glued) = (0, false);
        while let Some(first) = question[at..].chars().next() {
            let rest = &question[at..];
            let length = if first.is_ascii_digit() {
                rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())
            } else {
                letters(rest).max(first.len_utf8())
            };
            // The end of a line is a mark.
            if !first.is_whitespace() || first == '\n' {
                let text = rest[..length].to_lowercase().replace(is_apostrophe, "'");
                words.push(Word {
                    text,
                    range: at..at + length,
                    is_glued,
                    is_capital: first.is_uppercase(),
                });
            }
            is_glued = !first.is_whitespace();
            at += length;
        }
        Self(words)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn text(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |word| &word.text)
    }

    /// The word that stands so many before.
    pub(super) fn back(&self, at: usize, count: usize) -> &str {
        at.checked_sub(count).map_or("", |at| self.text(at))
    }

    pub(super) fn is(&self, at: usize, any: &[&str]) -> bool {
        any.contains(&self.text(at))
    }

    pub(super) fn is_glued(&self, at: usize) -> bool {
        self.0.get(at).is_some_and(|word| word.is_glued)
    }

    /// `at`, or past the words there if they are these.
    pub(super) fn past(&self, at: usize, any: &[&str]) -> usize {
        at + usize::from(self.is(at, any))
    }

    /// Past these words in a row.
    pub(super) fn after(&self, at: usize, row: &[&str]) -> Option<usize> {
        let is_row = row.iter().enumerate().all(|(index, word)| self.text(at + index) == *word);
        is_row.then_some(at + row.len())
    }

    /// Digits, and how many there are.
    pub(super) fn digits(&self, at: usize) -> Option<(u32, usize)> {
        let text = self.text(at);
        let is_number = text.starts_with(|c: char| c.is_ascii_digit()) && text.len() < 9;
        is_number.then(|| text.parse().ok())?.map(|value| (value, text.len()))
    }

    /// Whether a number that begins here is one of its own: "40" in "T-40" and in "£40" isn't, nor in "1.40".
    pub(super) fn begins(&self, at: usize) -> bool {
        if !self.is_glued(at) || at == 0 {
            return true;
        }
        let before =
            at.checked_sub(2).and_then(|at| self.digits(at)).filter(|_| self.is_glued(at - 1));
        match self.back(at, 1) {
            "(" | "\"" | "“" | "–" | "—" | "'" | "@" | "~" | "…" => true,
            "," | ":" => before.is_none(),
            // "2022-06-15..2022-07-15", "October 2013-20 August 2018", "2026-05-14T09:30".
            "." => self.back(at, 2) == ".",
            // An interval of ISO 8601, "2026-05-14/2026-05-20".
            "/" => before.is_some_and(|(_, count)| count == 2) && self.back(at, 3) == "-",
            "-" => before.is_some_and(|(year, count)| count == 4 && (1900..2200).contains(&year)),
            "t" => before.is_some_and(|(_, count)| count == 2),
            _ => false,
        }
    }

    /// Whether what ends here is no number of things: the question ends, or a mark or a small word follows.
    pub(super) fn ends(&self, at: usize) -> bool {
        let text = self.text(at);
        let is_mark = !text.starts_with(|c: char| {
            c.is_alphanumeric() || matches!(c, '%' | '°' | '$' | '€' | '£' | '/' | '#' | '+' | '*')
        });
        let is_decimal = self.is_glued(at)
            && matches!(text, "." | "," | ":")
            && self.is_glued(at + 1)
            && self.digits(at + 1).is_some();
        text.is_empty() || is_mark && !is_decimal || FOLLOWERS.contains(&text)
    }

    /// A whole number in digits or words: "25", "twenty-five", "a hundred and twenty".
    pub(super) fn cardinal(&self, at: usize) -> Option<(u32, usize)> {
        if let Some((value, _)) = self.digits(at) {
            return self.begins(at).then_some((value, at + 1));
        }
        let begin = self.past(at, &["a"]);
        let (mut value, mut next) = match self.below_hundred(begin) {
            Some(read) if begin == at => read,
            _ if self.text(begin) == "hundred" => (1, begin),
            _ => return None,
        };
        if self.text(next) == "hundred" {
            (value, next) = (value * 100, next + 1);
            if let Some((more, end)) = self.below_hundred(self.past(next, &["and"])) {
                (value, next) = (value + more, end);
            }
        }
        Some((value, next))
    }

    pub(super) fn below_hundred(&self, at: usize) -> Option<(u32, usize)> {
        let index = |list: &[&str], at: usize| list.iter().position(|word| *word == self.text(at));
        if let Some(small) = index(&SMALL, at) {
            return Some((small as u32, at + 1));
        }
        let tens = index(&TENS, at)? as u32 * 10 + 20;
        let second = self.past(at + 1, &["-"]);
        let small = index(&SMALL[..10], second).filter(|small| *small > 0);
        Some(small.map_or((tens, at + 1), |small| (tens + small as u32, second + 1)))
    }

    /// "1st", "first", "twenty-first"; whether it is in digits comes third.
    pub(super) fn ordinal(&self, at: usize) -> Option<(u32, usize, bool)> {
        if let Some((value, _)) = self.digits(at) {
            let is_ordinal = self.is(at + 1, &["st", "nd", "rd", "th"]) && self.is_glued(at + 1);
            return is_ordinal.then_some((value, at + 2, true));
        }
        let index = |at: usize| ORDINALS.iter().position(|word| *word == self.text(at));
        if let Some(small) = index(at) {
            return Some((small as u32 + 1, at + 1, false));
        }
        let tens = match self.text(at) {
            "twenty" => 20,
            "thirty" => 30,
            "thirtieth" => return Some((30, at + 1, false)),
            _ => return None,
        };
        let second = self.past(at + 1, &["-"]);
        let small = index(second).filter(|small| *small < 9)?;
        Some((tens + small as u32 + 1, second + 1, false))
    }
}

/// How long the run of letters is; an apostrophe is one within a word, and "'s" is a run of its own.
fn letters(text: &str) -> usize {
    let is_s = |rest: &str| {
        let mut chars = rest.chars();
        chars.next().is_some_and(is_apostrophe)
            && matches!(chars.next(), Some('s' | 'S'))
            && !chars.next().is_some_and(char::is_alphanumeric)
    };
    let mut end = 0;
    while let Some(c) = text[end..].chars().next() {
        let rest = &text[end..];
        if is_s(rest) {
            return if end == 0 { c.len_utf8() + 1 } else { end };
        }
        let goes_on = rest[c.len_utf8()..].starts_with(char::is_alphabetic);
        if !(c.is_alphabetic() || is_apostrophe(c) && end > 0 && goes_on) {
            break;
        }
        end += c.len_utf8();
    }
    end
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_and_marks_stand_apart() {
        let words = Words::of("Monday’s 7pm at 5 o'clock, é’");
        let texts: Vec<&str> = words.0.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["monday", "'s", "7", "pm", "at", "5", "o'clock", ",", "é", "'"]);
        assert!(words.is_glued(1) && words.is_glued(3) && !words.is_glued(2));
    }

    #[test]
    fn numbers_are_read_in_digits_and_words() {
        let cardinal = |text: &str| Words::of(text).cardinal(0);
        assert_eq!(cardinal("twenty-five"), Some((25, 3)));
        assert_eq!(cardinal("a hundred and twenty"), Some((120, 4)));
        assert_eq!(cardinal("90 min"), Some((90, 1)));
        assert_eq!(cardinal("a lot"), None);
        assert_eq!(Words::of("twenty first").ordinal(0), Some((21, 2, false)));
        assert_eq!(Words::of("3rd").ordinal(0), Some((3, 2, true)));
    }
}

//! Codes of countries, currencies and languages, which questions say by name: "how much is that in yen?" is `JPY`.
//!
//! The tables have a line for each code, with its names in English: ISO 3166-1 alpha-2, ISO 4217, ISO 639-1.

use serde_json::Value;

/// What a text is a code of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodeList {
    Countries,
    Currencies,
    Languages,
}

impl CodeList {
    /// The list that a text's description speaks of.
    pub fn of(description: &str) -> Option<Self> {
        let small = description.to_lowercase();
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| small.contains(phrase));
        // A code that is shown in capitals, as in "the currency (e.g. USD)".
        let shows = |codes: &[&str]| {
            let mut words = description.split(|c: char| !c.is_ascii_alphanumeric());
            words.any(|word| codes.contains(&word))
        };
        if says(&["iso 4217", "currency code", "iso currency"])
            || says(&["currency", "currencies"])
                && (shows(&["USD", "EUR", "GBP"]) || says(&["iso code"]))
        {
            Some(Self::Currencies)
        } else if says(&["iso 3166", "country code", "iso country"])
            && !says(&["phone", "mobile", "dial", "calling", "alpha-3", "three-letter"])
        {
            Some(Self::Countries)
        } else {
            says(&["iso 639", "language code"]).then_some(Self::Languages)
        }
    }

    /// The list that all of these values are codes of.
    pub fn of_values(values: &[Value]) -> Option<Self> {
        let lists = [Self::Countries, Self::Currencies, Self::Languages];
        let is_of = |list: &Self| {
            let codes: Vec<&str> = list.lines().map(|(code, _)| code).collect();
            values.iter().all(|value| value.as_str().is_some_and(|value| codes.contains(&value)))
        };
        lists.into_iter().find(is_of).filter(|_| values.len() > 1)
    }

    /// One of the codes, which a pattern of such codes takes.
    pub fn sample(self) -> &'static str {
        match self {
            Self::Countries => "DE",
            Self::Currencies => "EUR",
            Self::Languages => "en",
        }
    }

    /// Codes, each with its names.
    fn lines(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let table = match self {
            Self::Countries => include_str!("countries.txt"),
            Self::Currencies => include_str!("currencies.txt"),
            Self::Languages => include_str!("languages.txt"),
        };
        table.lines().filter_map(|line| line.split_once(' '))
    }

    /// The codes that `text` names or says, each once. Of names within others, such as "dollar" in "Canadian dollar",
    /// the longest counts.
    pub fn named_in(self, text: &str) -> Vec<&'static str> {
        let words = words(text);
        let small: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        // Where each code is named: its first word and the one after its last.
        let mut named: Vec<(usize, usize, &str)> = Vec::new();
        for (code, names) in self.lines() {
            for (at, word) in words.iter().enumerate() {
                // "in", "it" and "us" are words; in capitals they are codes.
                if *word == code || code.len() > 2 && word.eq_ignore_ascii_case(code) {
                    named.push((at, at + 1, code));
                }
            }
            for name in names.split(", ") {
                let name: Vec<&str> = self::words(name);
                let found = small.windows(name.len()).enumerate();
                named.extend(
                    found
                        .filter(|(_, words)| is_name(words, &name))
                        .map(|(at, _)| (at, at + name.len(), code)),
                );
            }
        }
        let is_longest = |&(from, to, _): &(usize, usize, &str)| {
            !named
                .iter()
                .any(|&(start, end, _)| start <= from && to <= end && end - start > to - from)
        };
        let mut codes = Vec::new();
        for (.., code) in named.iter().copied().filter(|found| is_longest(found)) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        // "Say it in French": the other language is the one that is spoken.
        if self == Self::Languages && !codes.is_empty() && !codes.contains(&"en") {
            codes.push("en");
        }
        codes
    }
}

/// Words, and signs of money one by one.
fn words(text: &str) -> Vec<&str> {
    let is_sign = |c: char| "$€£¥₹₺₩₴₽₫₱₦₪฿".contains(c);
    let mut words = Vec::new();
    for piece in text.split(|c: char| !c.is_alphanumeric() && !is_sign(c)) {
        let mut rest = piece;
        while let Some(at) = rest.find(is_sign) {
            // "US$" is one.
            let end = at + rest[at..].chars().next().map_or(0, char::len_utf8);
            let letters = rest[..at].rfind(|c: char| !c.is_alphabetic());
            let start =
                letters.map_or(0, |at| at + rest[at..].chars().next().map_or(0, char::len_utf8));
            words.extend([&rest[..start], &rest[start..end]].into_iter().filter(|w| !w.is_empty()));
            rest = &rest[end..];
        }
        // "100eur" is two.
        let letters = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, letters) = rest.split_at(letters);
        words.extend([digits, letters].into_iter().filter(|word| !word.is_empty()));
    }
    words
}

/// Whether words are a name, or its plural.
fn is_name(words: &[String], name: &[&str]) -> bool {
    let (Some((last, words)), Some((name, names))) = (words.split_last(), name.split_last()) else {
        return false;
    };
    words.iter().eq(names) && (last == name || last.strip_suffix('s') == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_tells_the_list() {
        for (description, list) in [
            ("ISO 3166-1 alpha-2 country code", Some(CodeList::Countries)),
            ("ISO 3166-1 alpha-3 country code", None),
            ("The phone number with its country code", None),
            ("Target currency (e.g. USD)", Some(CodeList::Currencies)),
            ("The currency's name, e.g. euro", None),
            ("ISO 639-1 language code", Some(CodeList::Languages)),
        ] {
            assert_eq!(CodeList::of(description), list, "{description}");
        }
    }

    #[test]
    fn names_are_codes() {
        for (list, text, codes) in [
            (
                CodeList::Countries,
                "Is Germany's flag older than that of papua new guinea?",
                &["DE", "PG"][..],
            ),
            (CodeList::Countries, "what do I need it for in the USA", &["US"]),
            (CodeList::Countries, "the population of NL", &["NL"]),
            (CodeList::Countries, "is it raining in Paris", &[]),
            (CodeList::Currencies, "500 usd in Thai baht", &["THB", "USD"]),
            (CodeList::Currencies, "100 Canadian dollars in euros", &["CAD", "EUR"]),
            (CodeList::Currencies, "£20 to US$", &["GBP", "USD"]),
            (CodeList::Currencies, "how many crowns", &["CZK", "DKK", "ISK", "NOK", "SEK"]),
            (CodeList::Languages, "hello in Japanese", &["en", "ja"]),
        ] {
            let mut found = list.named_in(text);
            found.sort_unstable();
            assert_eq!(found, codes, "{text}");
        }
    }

    #[test]
    fn tables_are_in_order() {
        for list in [CodeList::Countries, CodeList::Currencies, CodeList::Languages] {
            assert!(list.lines().is_sorted_by(|(a, _), (b, _)| a < b));
            let is_plain = |names: &str| names == names.trim() && !names.is_empty();
            assert!(list.lines().all(|(_, names)| names.split(", ").all(is_plain)));
        }
    }
}

//! Dates and times in the form that a description writes out, where no `format` says it: "YYYY-MM-DD", "DD/MM/YYYY",
//! "HH:MM".

/// Such a form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WrittenForm<'a>(&'a str);

/// What a form is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Date,
    Time,
    DateTime,
}

const PARTS: [&str; 5] = ["YYYY", "MM", "DD", "HH", "SS"];

/// The bytes of the form that `text` begins with: two parts or more, with a mark between them or none.
fn form_length(text: &str) -> Option<usize> {
    let (mut length, mut at, mut parts) = (None, 0, 0);
    let is_part = |at: usize, part: &str| {
        text.get(at..at + part.len()).is_some_and(|text| text.eq_ignore_ascii_case(part))
    };
    while let Some(part) = PARTS.into_iter().find(|part| is_part(at, part)) {
        at += part.len();
        parts += 1;
        let next = text[at..].chars().next();
        if parts > 1 && next.is_none_or(|c| !c.is_alphanumeric()) {
            length = Some(at);
        }
        at += usize::from(next.is_some_and(|c| "-/.: Tt".contains(c)));
    }
    length
}

impl<'a> WrittenForm<'a> {
    /// The first that a description has.
    pub fn of(description: &'a str) -> Option<Self> {
        let is_start = |at: &usize| !description[..*at].ends_with(char::is_alphanumeric);
        let starts = description.char_indices().map(|(at, _)| at).filter(is_start);
        let form =
            starts.map(|at| &description[at..]).find_map(|rest| rest.get(..form_length(rest)?))?;
        let count = |part: &str| form.to_ascii_uppercase().matches(part).count();
        // A range has two of each.
        let is_one = count("YYYY") <= 1 && count("DD") <= 1 && count("HH") <= 1;
        (is_one && (count("YYYY") == 1 || count("HH") == 1)).then_some(Self(form))
    }

    /// What it is written for.
    pub fn kind(self) -> Written {
        let form = self.0.to_ascii_uppercase();
        match (form.contains("YYYY"), form.contains("HH")) {
            (true, false) => Written::Date,
            (true, true) => Written::DateTime,
            (false, _) => Written::Time,
        }
    }

    /// Whether it is RFC 3339's, which has an offset behind it.
    pub fn is_rfc_3339(self) -> bool {
        self.0.to_ascii_uppercase().contains("DT")
    }

    /// `2026-05-14`, `09:30` or `2026-05-14T09:30:00` in this form; without what it isn't made of.
    pub fn write(self, text: &str) -> String {
        let (date, time) = match self.kind() {
            Written::Date => (text, ""),
            Written::Time => ("", text),
            Written::DateTime => text.split_once('T').unwrap_or_default(),
        };
        let mut date = date.split('-');
        let [year, month, day] = std::array::from_fn(|_| date.next().unwrap_or_default());
        let mut time = time.split([':', '+', 'Z']);
        let [hour, minute, second] = std::array::from_fn(|_| time.next().unwrap_or("00"));
        let (mut written, mut rest, mut is_time) = (String::new(), self.0, false);
        while let Some(c) = rest.chars().next() {
            let length = if c.eq_ignore_ascii_case(&'Y') { 4 } else { 2 };
            is_time |= c.eq_ignore_ascii_case(&'H');
            let part = match c.to_ascii_uppercase() {
                'Y' => year,
                'M' if is_time => minute,
                'M' => month,
                'D' => day,
                'H' => hour,
                'S' => second,
                _ => {
                    written.push(c);
                    rest = &rest[1..];
                    continue;
                }
            };
            written += part;
            rest = &rest[length..];
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_found_and_written() {
        for (description, text, written) in [
            ("The date in YYYY-MM-DD format", "2026-05-14", "2026-05-14"),
            ("date (e.g., dd/mm/yyyy)", "2026-05-14", "14/05/2026"),
            ("formatted as 'YYYYMMDD'", "2026-05-14", "20260514"),
            ("in 24-hour form (HH:MM)", "09:30", "09:30"),
            ("HH:MM:SS", "09:30", "09:30:00"),
            ("YYYY-MM-DD HH:MM", "2026-05-14T09:30:00+02:00", "2026-05-14 09:30"),
            ("the month, YYYY-MM", "2026-05-14", "2026-05"),
        ] {
            let form = WrittenForm::of(description).expect(description);
            assert_eq!(form.write(text), written, "{description}");
        }
        for none in
            ["MM/DD/YYYY-MM/DD/YYYY", "the year, YYYY", "in mm", "a 10 mm drill", "MM/SS", ""]
        {
            assert_eq!(WrittenForm::of(none), None, "{none}");
        }
    }
}

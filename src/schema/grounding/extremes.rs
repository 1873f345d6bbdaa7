//! Numbers that a question says by where they lie between a schema's bounds: "fully", "half", "off".

const MOST: [&str; 13] = [
    "max",
    "maximum",
    "full",
    "fully",
    "completely",
    "highest",
    "loudest",
    "brightest",
    "strongest",
    "fastest",
    "most",
    "everything",
    "always",
];
const LEAST: [&str; 8] =
    ["min", "minimum", "lowest", "quietest", "dimmest", "weakest", "slowest", "least"];
const NOTHING: [&str; 14] = [
    "no", "none", "zero", "nothing", "off", "mute", "muted", "without", "close", "closed", "shut",
    "never", "stop", "empty",
];

/// Largest bound of which half is a place on a scale; half a cup is no part of what a tool can count to.
const MAX_SCALE: f64 = 1000.0;

/// Which of them it says.
#[derive(Default)]
pub(super) struct Extremes {
    most: bool,
    least: bool,
    nothing: bool,
    half: bool,
    quarter: bool,
    three_quarters: bool,
}

impl Extremes {
    /// Adds those of a text.
    pub fn add(&mut self, text: &str) {
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            let word = word.to_lowercase();
            self.most |= MOST.contains(&word.as_str());
            self.least |= LEAST.contains(&word.as_str());
            self.nothing |= NOTHING.contains(&word.as_str());
            self.half |= ["half", "halfway", "middle"].contains(&word.as_str());
            self.quarter |= word == "quarter";
            self.three_quarters |= word == "quarters";
        }
    }

    /// What they are between a property's bounds; percents are of 100.
    pub fn values(
        &self,
        name: &str,
        least: Option<f64>,
        most: Option<f64>,
    ) -> impl Iterator<Item = f64> {
        let is_percent = name.to_lowercase().contains("percent");
        let part = |share: f64, is_said: bool| match most {
            _ if !is_said => None,
            Some(most) if most <= MAX_SCALE && least == Some(0.0) || most == 100.0 => {
                Some(most * share)
            }
            _ => is_percent.then_some(100.0 * share),
        };
        let values = [
            most.or(is_percent.then_some(100.0)).filter(|_| self.most),
            least.filter(|_| self.least),
            self.nothing.then_some(0.0).filter(|_| least == Some(0.0)),
            part(0.5, self.half),
            self.half.then_some(0.5),
            part(0.25, self.quarter),
            part(0.75, self.three_quarters),
        ];
        values.into_iter().flatten()
    }
}

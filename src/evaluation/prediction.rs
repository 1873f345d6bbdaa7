//! What a method says to a question: all that metrics look at.

use crate::tool::ToolCall;

/// The answer of a model or a baseline to one question.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prediction {
    /// Names of tools, best first; no entry says "no tool".
    pub ranking: Vec<String>,
    /// Whether the method said that no tool fits.
    pub abstained: bool,
    /// The probability that the method gives what it would do, where it gives one.
    pub confidence: Option<f32>,
    /// The call, where one was asked for and made.
    pub call: Option<ToolCall>,
    /// Required arguments that are asked for before it can be made.
    pub lacks: Vec<String>,
}

impl Prediction {
    /// From a ranking in which `None` is the entry "no tool": first place abstains, any other place
    /// is only left out.
    ///
    /// ```
    /// use toolgen::evaluation::Prediction;
    /// let prediction = Prediction::ranked([None, Some("flip_coin".into())]);
    /// assert!(prediction.abstained);
    /// assert_eq!(prediction.ranking, ["flip_coin"]);
    /// ```
    pub fn ranked(entries: impl IntoIterator<Item = Option<String>>) -> Self {
        let mut entries = entries.into_iter().peekable();
        let abstained = matches!(entries.peek(), Some(None));
        Self { ranking: entries.flatten().collect(), abstained, ..Self::default() }
    }

    /// The tool that the method would call: the first, unless it abstained.
    pub fn tool(&self) -> Option<&str> {
        self.ranking.first().filter(|_| !self.abstained).map(String::as_str)
    }
}

//! Tokens beside the tools' own: what the model says when it calls nothing.

/// A token that stands for no tool. Its row follows the tools' rows in a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// After a question: no tool fits.
    Abstain,
    /// After an observation: the wish is fulfilled (the paper's `Finish`).
    Finish,
}

impl Special {
    /// How many there are.
    pub const COUNT: usize = 2;

    /// Its place among the special tokens.
    pub const fn index(self) -> usize {
        self as usize
    }
}

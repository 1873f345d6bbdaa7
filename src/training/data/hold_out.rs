//! The tools that training never sees: a tenth, chosen by name.
//!
//! A tool is held out when the first byte of its name's SHA-256 is below 26 (26 of 256, 10.2 %). So
//! the choice needs no file and no seed, is the same in every data set and on every machine, and
//! does not change when tools are added.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use crate::prompt::document_text;
use crate::tool::{Instance, Tool};

/// First bytes below this are held out.
const HELD_OUT_BELOW: u8 = 26;

/// Whether training must see neither the document nor a question of the tool `name`.
///
/// ```
/// use toolgen::training::data::hold_out::held_out;
/// let held: Vec<_> = (0..1000).filter(|i| held_out(&format!("tool_{i}"))).collect();
/// assert!((80..120).contains(&held.len()));
/// ```
pub fn held_out(name: &str) -> bool {
    Sha256::digest(name)[0] < HELD_OUT_BELOW
}

/// For each of `tools` whether training on the data set `known` has seen it: whether its document stands there and
/// is not held out.
pub fn seen_in_training(known: &[Tool], tools: &[Tool]) -> Vec<bool> {
    let known = known.iter().filter(|tool| !held_out(&tool.name));
    let documents: HashSet<String> = known.map(document_text).collect();
    tools.iter().map(|tool| documents.contains(&document_text(tool))).collect()
}

/// Part of a data set, by the tools that its questions call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HoldOut {
    /// Every question.
    #[default]
    All,
    /// Questions that call no held-out tool, those without a call among them: what training sees.
    Seen,
    /// Questions with calls, all of held-out tools.
    Unseen,
}

impl HoldOut {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Seen => "seen",
            Self::Unseen => "unseen",
        }
    }

    /// Whether `instance` belongs to it. One that calls tools of both kinds is neither seen nor
    /// unseen.
    pub fn holds(self, instance: &Instance) -> bool {
        let mut calls = instance.calls.iter();
        match self {
            Self::All => true,
            Self::Seen => !calls.any(|call| held_out(&call.name)),
            Self::Unseen => calls.len() > 0 && calls.all(|call| held_out(&call.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::Call;

    fn instance(names: &[&str]) -> Instance {
        let call = |name: &&str| Call { name: (*name).into(), arguments: None };
        Instance {
            query: "?".into(),
            calls: names.iter().map(call).collect(),
            ..Instance::default()
        }
    }

    #[test]
    fn a_split_is_told_by_the_tools_called() {
        let (held, seen) = ("flip_coin", "roll_dice");
        assert!(held_out(held) && !held_out(seen));
        for (names, expected) in [
            (&[held][..], [true, false, true]),
            (&[seen], [true, true, false]),
            (&[held, seen], [true, false, false]),
            (&[], [true, true, false]),
        ] {
            let found = [HoldOut::All, HoldOut::Seen, HoldOut::Unseen]
                .map(|split| split.holds(&instance(names)));
            assert_eq!(found, expected, "{names:?}");
        }
    }
}

//! Stage 1, tool memorization: document → tool token (ToolGen, section 3.2).
//!
//! A row that is computed from the very text that asks for it would be learned by the identity, so the
//! text is a *view* of the document: its name alone, its description alone, half of it, some of its words.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::contrast::{Contrast, Example};
use crate::Result;
use crate::tool::Tool;
use crate::training::data::mixture::Mixture;
use crate::training::trainer::{SavedState, Stage, StepReport, Trainer};

/// The stage.
pub struct Memorization<'a> {
    /// The tools.
    pub mixture: &'a Mixture,
    /// The loss, and the documents' states.
    pub contrast: Contrast,
    /// Documents in a batch.
    pub batch: usize,
}

impl Stage for Memorization<'_> {
    fn name(&self) -> &'static str {
        "memorization"
    }

    fn step(&mut self, trainer: &Trainer, random: &mut StdRng) -> Result<StepReport> {
        let examples = (0..self.batch).map(|_| view_example(self.mixture, random)).collect();
        self.contrast.loss(trainer, self.mixture, examples, random)
    }

    fn snapshot(&self) -> Result<SavedState> {
        self.contrast.snapshot()
    }

    fn restore(&mut self, saved: &SavedState) -> Result<()> {
        self.contrast.restore(saved)
    }

    fn begin(&mut self, trainer: &Trainer) -> Result<()> {
        self.contrast.begin(trainer, self.mixture)
    }
}

/// A view of a drawn tool's document.
pub fn view_example(mixture: &Mixture, random: &mut StdRng) -> Example {
    let source = mixture.draw(random);
    let data = &mixture.sources[source];
    let tool = data.draw_tool(random);
    Example { text: view(&data.tools[tool], random), source, tools: vec![tool] }
}

/// Part of what a document says.
fn view(tool: &Tool, random: &mut StdRng) -> String {
    let name = tool.name.replace(['_', '.', '-'], " ");
    let words: Vec<&str> = tool.description.split_whitespace().take(60).collect();
    if words.len() < 4 {
        return format!("{name} {}", tool.description);
    }
    match random.random_range(0..10) {
        0 => name,
        1..4 => words.join(" "),
        4..6 => {
            let sentences: Vec<&str> = tool.description.split_inclusive(". ").collect();
            (*sentences.choose(random).expect("there are words")).trim().to_owned()
        }
        6..8 => words[..words.len().div_ceil(2)].join(" "),
        _ => {
            let kept: Vec<&str> =
                words.iter().filter(|_| random.random_bool(0.6)).copied().collect();
            if kept.is_empty() { name } else { kept.join(" ").to_lowercase() }
        }
    }
}

//! Stage 2, retrieval training: question → tool token (ToolGen, section 3.3).
//!
//! Some questions are joined to wishes for two or three tools, all of which are right, and some views of
//! documents stay in the mixture, so that rows from documents are not forgotten.

use rand::Rng;
use rand::rngs::StdRng;

use super::contrast::{Contrast, Example};
use super::memorization::view_example;
use crate::Result;
use crate::training::data::joined::joined;
use crate::training::data::mixture::Mixture;
use crate::training::trainer::{SavedState, Stage, StepReport, Trainer};

/// The stage.
pub struct RetrievalTraining<'a> {
    /// The questions.
    pub mixture: &'a Mixture,
    /// The loss, and the documents' states.
    pub contrast: Contrast,
    /// Questions in a batch.
    pub batch: usize,
    /// Share of wishes for several tools.
    pub joined: f64,
}

impl Stage for RetrievalTraining<'_> {
    fn name(&self) -> &'static str {
        "retrieval"
    }

    fn step(&mut self, trainer: &Trainer, random: &mut StdRng) -> Result<StepReport> {
        let examples = (0..self.batch).map(|_| self.draw(random)).collect();
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

impl RetrievalTraining<'_> {
    fn draw(&self, random: &mut StdRng) -> Example {
        let source = self.mixture.draw(random);
        let data = &self.mixture.sources[source];
        let Some((instance, tools)) = data.draw_question(random) else {
            return view_example(self.mixture, random);
        };
        let (mut text, mut tools) = (instance.query.clone(), tools.clone());
        if !tools.is_empty() && random.random_bool(self.joined) {
            for _ in 0..random.random_range(1..3) {
                let Some((other, more)) = data.draw_question(random) else { break };
                if more.is_empty() || text.len() + other.query.len() > 320 {
                    continue;
                }
                text = joined(&text, &other.query, random);
                tools.extend(more);
            }
        }
        Example { text, source, tools }
    }
}

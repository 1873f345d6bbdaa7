//! What an engine was taught, kept apart from the rows that documents gave.
//!
//! An example tells its tool from all the others, so all examples are fitted together, on the untaught rows, when the
//! tools are next asked after a change of either: in which order they came makes no difference.

use crate::backend::Backend;
use crate::model::DocumentHead;
use crate::rows::at_run_time::{self, Example, RowTransform};
use crate::tool::ToolPack;
use crate::{Error, Result};

/// An example: the name of its tool, or none where no tool fits, and what a [`RowMaker`](super::RowMaker) made of its
/// question.
pub type Taught = (Option<String>, (Vec<f32>, Vec<f32>));

/// The same by its parts: the question's state and its own row, `[d]` each.
#[derive(Clone)]
struct Lesson {
    tool: Option<String>,
    state: Vec<f32>,
    row: Vec<f32>,
}

/// The examples that were taught.
#[derive(Clone, Default)]
pub(super) struct Lessons(Vec<Lesson>);

impl Lessons {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// With more; of a question that was taught before, the later counts.
    ///
    /// # Errors
    /// [`Error::Pack`] for a tool that isn't there, numbers that aren't `[d]` or finite, or a pack that can't be taught.
    pub fn with<B: Backend>(
        &self,
        examples: Vec<Taught>,
        pack: &ToolPack,
        head: &DocumentHead<B>,
    ) -> Result<Self> {
        RowTransform::of(pack, head)?;
        let mut all = self.clone();
        for (tool, (state, row)) in examples {
            let known = |name: &String| pack.tools.iter().any(|tool| tool.name == *name);
            if let Some(name) = tool.as_ref().filter(|name| !known(name)) {
                return Err(Error::pack("examples", format!("there is no tool `{name}`")));
            }
            let d = pack.rows.columns;
            let whole = |x: &[f32]| x.len() == d && x.iter().all(|x| x.is_finite());
            if !whole(&state) || !whole(&row) {
                return Err(Error::pack("examples", format!("are not of {d} finite numbers each")));
            }
            all.0.retain(|before| before.state != state);
            all.0.push(Lesson { tool, state, row });
        }
        Ok(all)
    }

    /// Forgets those of the tools of these names.
    pub fn forget(&mut self, names: &[String]) {
        self.0.retain(|lesson| !lesson.tool.as_ref().is_some_and(|tool| names.contains(tool)));
    }

    /// The pack with its rows moved towards the examples.
    pub fn fit<B: Backend>(&self, pack: &ToolPack, head: &DocumentHead<B>) -> Result<ToolPack> {
        let token = |lesson: &Lesson| match &lesson.tool {
            None => Some(pack.tools.len()), // abstain
            Some(name) => pack.tools.iter().position(|tool| tool.name == *name),
        };
        let example = |lesson: &Lesson| {
            let token = token(lesson)?;
            Some(Example { state: lesson.state.clone(), row: lesson.row.clone(), token })
        };
        let examples: Vec<Example> = self.0.iter().filter_map(example).collect();
        at_run_time::taught(pack, head, &examples)
    }
}

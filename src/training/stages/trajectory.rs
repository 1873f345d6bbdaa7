//! What the agent reads and writes on its way from a question to the end of its calls, and where it is trained.

use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::contrast::{Query, shortened};
use crate::Result;
use crate::conversation::{Question, Turn};
use crate::generation::Grammar;
use crate::prompt;
use crate::time::{Date, Moment};
use crate::tokenizer::Tokenizer;
use crate::tool::{Instance, Tool, ToolCall};
use crate::training::data::imagined_answer::imagined_answer;
use crate::training::data::mixture::Source;
use crate::training::data::written_arguments::{ArgumentWriter, Decision, Written};
use crate::virtualization::Special;

/// Longest trajectory in tokens; longer ones end after their first tool token.
const MAX_TOKENS: usize = 448;
/// Longest prompt in tokens, apart from the turns before; longer ones are cut in the middle.
const MAX_PROMPT: usize = 160;
/// How often a trajectory of one call goes on to the observation and the finish.
const FINISHED: f64 = 0.3;
/// How often the right tool of a question is taken away, so that none fits.
const MISSING: f64 = 0.1;
/// How often a second look is at a wrong tool.
const WRONG_LOOK: f64 = 0.35;
/// How often it is at one that is like the right one.
const SIMILAR_LOOK: f64 = 0.75;
/// As [`WRONG_LOOK`], where no tool fits.
const WRONG_LOOK_OF_NONE: f64 = 0.5;
/// How often a question that has something said next is followed to that.
const FOLLOWED: f64 = 0.5;
/// How often a question that is whole by itself comes after one of its data set that it has nothing to do with.
const AFTER_ANOTHER: f64 = 0.2;
/// Fewest words of a question that no tool fits, for that: "and tomorrow?" would be whole after another.
const WHOLE_WORDS: usize = 4;
/// How often an earlier turn's call has an observation.
const OBSERVED: f64 = 0.3;
/// How often the second of two wishes is served first.
const SECOND_FIRST: f64 = 0.25;
/// How often a question without a time is asked at some.
const AT_SOME_TIME: f64 = 0.5;

/// What the agent reads and writes, and what it is trained on.
#[derive(Debug, Default)]
pub struct Trajectory {
    /// All tokens.
    pub tokens: Vec<u32>,
    /// Where a tool token is chosen: after token `.0`.
    pub decisions: Vec<(usize, Query)>,
    /// Where a second look says whether the tool fits: after token `.0`.
    pub looks: Vec<(usize, bool)>,
    /// Where an argument token is chosen: after token `.0`.
    pub choices: Vec<(usize, Decision)>,
}

impl Trajectory {
    fn decide(&mut self, query: Query) {
        self.decisions.push((self.tokens.len() - 1, query));
    }
}

/// Makes trajectories of one data set's questions.
pub struct Tuner<'a> {
    /// Turns schemas into masks.
    pub grammar: &'a Grammar,
    /// The checkpoint's tokenizer.
    pub tokenizer: &'a Tokenizer,
    /// The data set.
    pub data: &'a Source,
    /// Its index in the mixture.
    pub source: usize,
    /// Of a tool, those of the data set that are most like it.
    pub similar: &'a dyn Fn(usize) -> Vec<usize>,
}

impl Tuner<'_> {
    /// The agent's way from a question, or from what is said after it, to the end of its labelled calls, or as far
    /// as labels go.
    pub fn trajectory(&self, instance: &Instance, random: &mut StdRng) -> Result<Trajectory> {
        let mut question = Question::from(instance);
        if question.now.is_none() && random.random_bool(AT_SOME_TIME) {
            question.now = some_time(random);
        }
        if let Some(then) = instance.then.as_ref().filter(|_| random.random_bool(FOLLOWED))
            && let Some(turn) = self.turn(instance, random)
        {
            question.before.push(turn);
            question.text = then.query.trim().to_owned();
            return self.answer(&question, then, random);
        }
        if is_whole(instance)
            && random.random_bool(AFTER_ANOTHER)
            && let Some((other, _)) = self.data.draw_question(random)
        {
            question.before.extend(self.turn(other, random));
        }
        if instance.calls.len() == 2 && random.random_bool(SECOND_FIRST) {
            let mut instance = instance.clone();
            instance.calls.reverse();
            return self.answer(&question, &instance, random);
        }
        self.answer(&question, instance, random)
    }

    /// A question as a turn before another; none where its last call isn't known.
    fn turn(&self, instance: &Instance, random: &mut StdRng) -> Option<Turn> {
        let call = instance.calls.last()?;
        let arguments = call.arguments.clone()?;
        let tool = &self.data.tools[self.find(&call.name)];
        let is_observed = instance.lacks.is_empty() && random.random_bool(OBSERVED);
        let observation = is_observed.then(|| imagined_answer(tool, random));
        let call = ToolCall { name: call.name.clone(), arguments };
        Some(Turn { text: instance.query.trim().to_owned(), call, observation })
    }

    fn answer(
        &self,
        question: &Question,
        instance: &Instance,
        random: &mut StdRng,
    ) -> Result<Trajectory> {
        let tools: Vec<usize> = instance.calls.iter().map(|call| self.find(&call.name)).collect();
        let prompt = prompt::conversation(self.tokenizer, question)?;
        let most = MAX_PROMPT + if question.before.is_empty() { 0 } else { prompt::MAX_BEFORE };
        let mut trajectory =
            Trajectory { tokens: shortened(prompt, most), ..Trajectory::default() };
        let query = |tools: &[usize], hidden: &[usize], special| Query {
            source: self.source,
            tools: tools.to_vec(),
            hidden: hidden.to_vec(),
            special,
        };

        let is_exclusive = self.data.exclusive && self.data.tools.len() > 1;
        let is_missing = is_exclusive && tools.len() == 1 && random.random_bool(MISSING);
        let is_none = is_missing || tools.is_empty();
        if is_none || is_exclusive && random.random_bool(WRONG_LOOK) {
            let (right, hidden) =
                if is_missing { (&[][..], &tools[..]) } else { (&tools[..], &[][..]) };
            trajectory.decide(query(right, hidden, Special::Abstain));
            if is_exclusive && (!is_none || random.random_bool(WRONG_LOOK_OF_NONE)) {
                self.look_at_wrong_tool(&mut trajectory, question, &tools, random)?;
            }
            return Ok(trajectory);
        }

        for (step, (call, &tool)) in instance.calls.iter().zip(&tools).enumerate() {
            // Where nothing says in which order calls go, those still to come are all right.
            let special = if step == 0 { Special::Abstain } else { Special::Finish };
            trajectory.decide(query(&tools[step..], &[], special));
            let Some(arguments) = &call.arguments else { return Ok(trajectory) };
            let tool = &self.data.tools[tool];
            let writer = ArgumentWriter { grammar: self.grammar, tokenizer: self.tokenizer };
            let written = writer.write(tool, question, arguments)?;
            let Some(Written { tokens, choices }) = written else { return Ok(trajectory) };
            let document = self.tokenizer.encode(&prompt::arguments(tool, question))?;
            if trajectory.tokens.len() + document.len() + tokens.len() > MAX_TOKENS {
                return Ok(trajectory);
            }
            trajectory.tokens.extend(document);
            let start = trajectory.tokens.len();
            if step == 0 {
                trajectory.looks.push((start - 1, true));
            }
            let placed = choices.into_iter().map(|(at, choice)| (start + at - 1, choice));
            trajectory.choices.extend(placed);
            trajectory.tokens.extend(tokens);
            if instance.calls.len() == 1 && !random.random_bool(FINISHED) {
                return Ok(trajectory);
            }
            let seen = prompt::observation(self.tokenizer, &imagined_answer(tool, random))?;
            trajectory.tokens.extend(seen);
        }
        trajectory.decide(query(&[], &[], Special::Finish));
        Ok(trajectory)
    }

    /// Reads the document of a tool that is not right, most often one that is like the right one, and says so.
    fn look_at_wrong_tool(
        &self,
        trajectory: &mut Trajectory,
        question: &Question,
        right: &[usize],
        random: &mut StdRng,
    ) -> Result<()> {
        let is_wrong = |tool: &usize| self.data.visible[*tool] && !right.contains(tool);
        let mut wrong: Vec<usize> = match right.first() {
            Some(&tool) if random.random_bool(SIMILAR_LOOK) => (self.similar)(tool),
            _ => (0..self.data.tools.len()).collect(),
        };
        wrong.retain(is_wrong);
        let Some(&tool) = wrong.choose(random) else { return Ok(()) };
        let document = prompt::arguments(&self.data.tools[tool], question);
        let document = self.tokenizer.encode(&document)?;
        if trajectory.tokens.len() + document.len() <= MAX_TOKENS {
            trajectory.tokens.extend(document);
            trajectory.looks.push((trajectory.tokens.len() - 1, false));
        }
        Ok(())
    }

    fn find(&self, name: &str) -> usize {
        let place = self.data.tools.iter().position(|tool: &Tool| tool.name == name);
        place.expect("a data set holds the tools that its questions call")
    }
}

/// Whether a question reads the same whatever was asked before it.
fn is_whole(instance: &Instance) -> bool {
    let is_long = || instance.query.split_whitespace().count() >= WHOLE_WORDS;
    instance.lacks.is_empty() && (!instance.calls.is_empty() || is_long())
}

/// A time between 2020 and 2030.
fn some_time(random: &mut StdRng) -> Option<Moment> {
    let date = Date::new(2020, 1, 1)?.plus(random.random_range(0..3650))?;
    Some(Moment { date, hour: random.random_range(6..24), minute: random.random_range(0..60) })
}

//! What happens next: (state, what happened) → (state, request), with no clock and no I/O.
//!
//! The model's side ([`Stream`](super::Stream)) carries out [`Request::Choose`], [`Request::Take`], [`Request::Write`] and
//! [`Request::Read`]; whoever holds the page carries out [`Request::Ask`], [`Request::Approve`] and
//! [`Request::Execute`] and says what came of it. Every way ends in [`Request::Stop`].

pub use super::end::{End, Outcome, PastCall, Reason};
use super::sure::Unsure;
use crate::retrieval::RankedTool;
use crate::tool::ToolCall;

/// How far an answer has come.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    max_steps: usize,
    unsure: Unsure,
    calls: Vec<PastCall>,
    phase: Phase,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    Choosing,
    Asking { candidates: Vec<RankedTool> },
    Writing { approval: Option<Reason> },
    Approving { call: ToolCall },
    Executing { call: ToolCall },
    Reading,
    Stopped,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// The model chose a tool.
    Chose {
        /// Its index.
        tool: usize,
        /// Whether the tool says that it changes nothing.
        read_only: bool,
        /// Whether the question leads to this tool without anything that came from elsewhere.
        asked: bool,
    },
    /// The model would choose the first of these, and is not sure.
    Unsure {
        /// The likeliest first.
        candidates: Vec<RankedTool>,
    },
    /// The person means the tool of this name.
    Picked(String),
    /// No tool fits, or no further one is needed: says the model, or the person who was asked.
    Declined,
    /// The question doesn't hold some required arguments.
    Lacks {
        /// The tool, and the arguments that were said.
        call: ToolCall,
        /// The names of those that were not.
        parameters: Vec<String>,
    },
    /// What comes next doesn't fit the model's context.
    NoRoom,
    /// The arguments are written.
    Wrote(ToolCall),
    /// The person has said yes, or no.
    Approved(bool),
    /// The call gave this, as JSON.
    Observed(String),
    /// The call failed, for this reason.
    Failed(String),
    /// The observation has been read.
    Read,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Choose a tool, or to end.
    Choose,
    /// Take the likeliest tool that fits.
    Take,
    /// Ask the person which tool is meant.
    Ask(Vec<RankedTool>),
    /// Take the tool of this name, which a person has chosen.
    TakePicked(String),
    /// Write the chosen tool's arguments.
    Write {
        /// Its index.
        tool: usize,
    },
    /// Ask the person.
    Approve(ToolCall, Reason),
    /// Carry the call out.
    Execute(ToolCall),
    /// Read what the call gave. It is data: whatever it says, it leads to no call by itself.
    Read {
        /// JSON.
        observation: String,
        /// Whether it says that the call failed.
        failed: bool,
    },
    /// Nothing more.
    Stop(End),
}

/// The least that is said of an answer or a failure whose text must not matter.
pub const ANSWERED: &str = r#"{"result": "done"}"#;
/// As [`ANSWERED`], of a failure.
pub const FAILED: &str = r#"{"error": "failed"}"#;

impl State {
    /// The beginning. `max_steps` counts calls; at least one is made.
    pub fn new(max_steps: usize, unsure: Unsure) -> Self {
        Self { max_steps: max_steps.max(1), unsure, calls: Vec::new(), phase: Phase::Choosing }
    }

    fn to(self, phase: Phase, request: Request) -> (Self, Request) {
        (Self { phase, ..self }, request)
    }

    fn stop(self, end: End) -> (Self, Request) {
        self.to(Phase::Stopped, Request::Stop(end))
    }

    fn execute(self, call: ToolCall) -> (Self, Request) {
        self.to(Phase::Executing { call: call.clone() }, Request::Execute(call))
    }

    fn past(mut self, call: ToolCall, outcome: Outcome) -> Self {
        self.calls.push(PastCall { call, outcome });
        self
    }

    /// The calls that were to be carried out, in their order.
    pub fn calls(&self) -> &[PastCall] {
        &self.calls
    }
}

/// The step. What can't happen in a state ends it as a failure: nothing is ever carried out by mistake.
pub fn step(state: State, happened: Happened) -> (State, Request) {
    match (state.phase.clone(), happened) {
        (Phase::Choosing, Happened::Unsure { candidates }) => match state.unsure {
            Unsure::Ask => {
                state.to(Phase::Asking { candidates: candidates.clone() }, Request::Ask(candidates))
            }
            Unsure::Call => state.to(Phase::Choosing, Request::Take),
            Unsure::End => state.stop(End::Unsure),
        },
        (Phase::Asking { candidates }, Happened::Picked(tool))
            if candidates.iter().any(|candidate| candidate.name == tool) =>
        {
            state.to(Phase::Choosing, Request::TakePicked(tool))
        }
        (Phase::Choosing | Phase::Asking { .. }, Happened::Declined) => {
            let end = match state.calls.last().map(|past| past.outcome) {
                None => End::Abstained,
                Some(Outcome::Observed) => End::Done,
                // The model read that it failed and knows of nothing better.
                Some(Outcome::Failed | Outcome::Denied) => End::Failed,
            };
            state.stop(end)
        }
        (Phase::Choosing, Happened::Chose { tool, read_only, asked }) => {
            let approval = match (asked, read_only) {
                (false, _) => Some(Reason::NotAsked),
                (true, false) => Some(Reason::Changes),
                (true, true) => None,
            };
            state.to(Phase::Writing { approval }, Request::Write { tool })
        }
        (Phase::Writing { .. }, Happened::Lacks { call, parameters }) => {
            let ToolCall { name: tool, arguments } = call;
            state.stop(End::Asked { tool, arguments, parameters })
        }
        (Phase::Writing { approval }, Happened::Wrote(call)) => {
            let earlier = state.calls.iter().find(|past| past.call == call);
            match (earlier.map(|past| past.outcome), approval) {
                (Some(Outcome::Observed), _) => state.stop(End::Repeated),
                (Some(Outcome::Failed | Outcome::Denied), _) => state.stop(End::Failed),
                (None, None) => state.execute(call),
                (None, Some(reason)) => state
                    .to(Phase::Approving { call: call.clone() }, Request::Approve(call, reason)),
            }
        }
        (Phase::Approving { call }, Happened::Approved(true)) => state.execute(call),
        (Phase::Approving { call }, Happened::Approved(false)) => {
            state.past(call, Outcome::Denied).stop(End::Denied)
        }
        (Phase::Executing { call }, Happened::Observed(observation)) => {
            let state = state.past(call, Outcome::Observed);
            if state.calls.len() >= state.max_steps {
                return state.stop(End::MaxSteps);
            }
            state.to(Phase::Reading, Request::Read { observation, failed: false })
        }
        (Phase::Executing { call }, Happened::Failed(reason)) => {
            let mended = state.calls.iter().any(|past| past.outcome == Outcome::Failed);
            let state = state.past(call, Outcome::Failed);
            if mended || state.calls.len() >= state.max_steps {
                return state.stop(End::Failed);
            }
            let observation = serde_json::json!({ "error": reason }).to_string();
            state.to(Phase::Reading, Request::Read { observation, failed: true })
        }
        (Phase::Reading, Happened::Read) => state.to(Phase::Choosing, Request::Choose),
        (Phase::Choosing | Phase::Writing { .. } | Phase::Reading, Happened::NoRoom) => {
            state.stop(End::NoRoom)
        }
        (Phase::Stopped, _) => (state, Request::Stop(End::Failed)),
        _ => state.stop(End::Failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::Arguments;

    fn call(name: &str) -> ToolCall {
        ToolCall { name: name.into(), arguments: serde_json::Map::new() }
    }

    fn chose(read_only: bool, asked: bool) -> Happened {
        Happened::Chose { tool: 7, read_only, asked }
    }

    /// The requests that a sequence of happenings leads to.
    fn follow(max_steps: usize, happenings: Vec<Happened>) -> Vec<Request> {
        follow_when(Unsure::Call, max_steps, happenings)
    }

    fn follow_when(unsure: Unsure, max_steps: usize, happenings: Vec<Happened>) -> Vec<Request> {
        let mut state = State::new(max_steps, unsure);
        let mut requests = Vec::new();
        for happened in happenings {
            let (next, request) = step(state, happened);
            state = next;
            requests.push(request);
        }
        requests
    }

    fn last(max_steps: usize, happenings: Vec<Happened>) -> Request {
        follow(max_steps, happenings).pop().unwrap()
    }

    fn read(text: &str) -> Vec<Happened> {
        vec![
            chose(true, true),
            Happened::Wrote(call("a")),
            Happened::Observed(text.into()),
            Happened::Read,
        ]
    }

    #[test]
    fn two_calls_and_the_end() {
        let mut happenings = read("{}");
        happenings.extend([
            chose(true, true),
            Happened::Wrote(call("b")),
            Happened::Observed("1".into()),
            Happened::Read,
            Happened::Declined,
        ]);
        let observation = |text: &str| Request::Read { observation: text.into(), failed: false };
        assert_eq!(
            follow(4, happenings),
            [
                Request::Write { tool: 7 },
                Request::Execute(call("a")),
                observation("{}"),
                Request::Choose,
                Request::Write { tool: 7 },
                Request::Execute(call("b")),
                observation("1"),
                Request::Choose,
                Request::Stop(End::Done),
            ]
        );
    }

    fn unsure() -> Happened {
        Happened::Unsure { candidates: candidates() }
    }

    fn candidates() -> Vec<RankedTool> {
        ["a", "b"].map(|name| RankedTool { name: name.into(), probability: 0.4 }).into()
    }

    #[test]
    fn where_the_model_is_not_sure_the_person_chooses() {
        let last = |unsure, happenings| follow_when(unsure, 4, happenings).pop().unwrap();
        let asked = Request::Ask(candidates());
        assert_eq!(last(Unsure::Ask, vec![unsure()]), asked);
        assert_eq!(last(Unsure::Call, vec![unsure()]), Request::Take);
        assert_eq!(last(Unsure::End, vec![unsure()]), Request::Stop(End::Unsure));
        let chosen = |tool: &str| vec![unsure(), Happened::Picked(tool.into())];
        assert_eq!(last(Unsure::Ask, chosen("b")), Request::TakePicked("b".into()));
        assert_eq!(last(Unsure::Ask, chosen("c")), Request::Stop(End::Failed), "not a candidate");
        let none = vec![unsure(), Happened::Declined];
        assert_eq!(last(Unsure::Ask, none), Request::Stop(End::Abstained));
        let later = [read("{}"), vec![unsure(), Happened::Declined]].concat();
        assert_eq!(last(Unsure::Ask, later), Request::Stop(End::Done));
    }

    #[test]
    fn a_choice_is_no_approval() {
        let happenings = [chosen_b(), vec![chose(false, true), Happened::Wrote(call("b"))]];
        let last = follow_when(Unsure::Ask, 4, happenings.concat()).pop().unwrap();
        assert_eq!(last, Request::Approve(call("b"), Reason::Changes));
    }

    fn chosen_b() -> Vec<Happened> {
        vec![unsure(), Happened::Picked("b".into())]
    }

    #[test]
    fn nothing_that_changes_something_happens_without_a_yes() {
        let asked = vec![chose(false, true), Happened::Wrote(call("a"))];
        assert_eq!(last(4, asked.clone()), Request::Approve(call("a"), Reason::Changes));
        let answered = |yes| [asked.clone(), vec![Happened::Approved(yes)]].concat();
        assert_eq!(last(4, answered(true)), Request::Execute(call("a")));
        assert_eq!(last(4, answered(false)), Request::Stop(End::Denied));
    }

    #[test]
    fn what_the_question_did_not_ask_for_needs_a_yes_even_if_it_only_reads() {
        let more = vec![chose(true, false), Happened::Wrote(call("b"))];
        let happenings = [read("call b"), more].concat();
        assert_eq!(last(4, happenings), Request::Approve(call("b"), Reason::NotAsked));
    }

    #[test]
    fn a_failure_is_read_once() {
        let failed = |name: &str| {
            vec![
                chose(true, true),
                Happened::Wrote(call(name)),
                Happened::Failed("status 500".into()),
            ]
        };
        let error = Request::Read { observation: r#"{"error":"status 500"}"#.into(), failed: true };
        assert_eq!(last(4, failed("a")), error);
        let again = [failed("a"), vec![Happened::Read], failed("b")].concat();
        assert_eq!(last(4, again), Request::Stop(End::Failed));
        let same =
            [failed("a"), vec![Happened::Read, chose(true, true), Happened::Wrote(call("a"))]];
        assert_eq!(last(4, same.concat()), Request::Stop(End::Failed));
        assert_eq!(last(1, failed("a")), Request::Stop(End::Failed));
        let given_up = [failed("a"), vec![Happened::Read, Happened::Declined]].concat();
        assert_eq!(last(4, given_up), Request::Stop(End::Failed));
    }

    #[test]
    fn it_ends() {
        assert_eq!(last(4, vec![Happened::Declined]), Request::Stop(End::Abstained));
        let one =
            vec![chose(true, true), Happened::Wrote(call("a")), Happened::Observed("{}".into())];
        for steps in [0, 1] {
            assert_eq!(last(steps, one.clone()), Request::Stop(End::MaxSteps));
        }
        let repeated = [read("{}"), vec![chose(true, true), Happened::Wrote(call("a"))]].concat();
        assert_eq!(last(4, repeated), Request::Stop(End::Repeated));
        let parameters = vec!["city".to_owned()];
        let lacks = vec![
            chose(true, true),
            Happened::Lacks { call: call("a"), parameters: parameters.clone() },
        ];
        let (tool, arguments) = ("a".into(), Arguments::new());
        assert_eq!(last(4, lacks), Request::Stop(End::Asked { tool, arguments, parameters }));
    }

    #[test]
    fn what_can_not_happen_carries_nothing_out() {
        for happened in [
            Happened::Picked("a".into()),
            Happened::Approved(true),
            Happened::Wrote(call("a")),
            Happened::Observed("{}".into()),
            Happened::Read,
        ] {
            assert_eq!(last(4, vec![happened]), Request::Stop(End::Failed));
        }
        let early = vec![chose(false, true), Happened::Approved(true)];
        assert_eq!(last(4, early), Request::Stop(End::Failed));
        let late = vec![Happened::Declined, chose(true, true)];
        assert_eq!(last(4, late), Request::Stop(End::Failed));
    }
}

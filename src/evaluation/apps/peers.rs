//! Those that the model is compared with, on the same questions.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::{AppsReport, Asked, Judging, Tally, asked};
use crate::evaluation::baselines::Retriever;
use crate::evaluation::evaluate::DEPTH;
use crate::evaluation::prediction::Prediction;
use crate::tool::dataset::{App, read_lines};
use crate::tool::{Tool, ToolCall};
use crate::{Error, Result};

/// Judges the rankings of a retriever that `build` makes for the tools of an app.
pub fn evaluate_retriever_on_apps<'a>(
    apps: &'a [App],
    limit: usize,
    mut build: impl FnMut(&'a [Tool]) -> Result<Box<dyn Retriever + 'a>>,
) -> Result<AppsReport> {
    let mut tally = Tally { judging: Judging::Rankings, ..Tally::default() };
    for app in apps {
        let mut retriever = build(&app.tools)?;
        tally.begin(app);
        for asked in firsts(app, limit) {
            let ranking = retriever.rank(&asked.question.text, DEPTH)?;
            let names = ranking.into_iter().map(|tool| Some(app.tools[tool].name.clone()));
            tally.add(&asked, &Prediction::ranked(names));
        }
    }
    Ok(tally.finish())
}

/// What another model said to a question.
#[derive(Deserialize)]
struct PeerCall {
    app: String,
    query: String,
    /// Nothing where it called none.
    call: Option<ToolCall>,
}

/// Judges another model's calls in the file `path`, `{"app", "query", "call"}` a line: first questions alone, for a peer
/// may know no conversation.
///
/// # Errors
/// [`Error::Dataset`] for a question that the file has nothing on.
pub fn evaluate_peer_on_apps(apps: &[App], limit: usize, path: &Path) -> Result<AppsReport> {
    let peer: Vec<PeerCall> = read_lines(path)?;
    let line = peer.len();
    let calls: HashMap<(String, String), Option<ToolCall>> =
        peer.into_iter().map(|PeerCall { app, query, call }| ((app, query), call)).collect();
    let mut tally = Tally { judging: Judging::Calls, ..Tally::default() };
    for app in apps {
        tally.begin(app);
        for asked in firsts(app, limit) {
            let key = (app.app.clone(), asked.instance.query.clone());
            let call = calls.get(&key).cloned().ok_or_else(|| {
                let reason =
                    format!("there is nothing on `{}` of {}", asked.instance.query, app.app);
                Error::Dataset { path: path.into(), line, reason }
            })?;
            let name = call.as_ref().map(|call| call.name.clone());
            tally.add(&asked, &Prediction { call, ..Prediction::ranked([name]) });
        }
    }
    Ok(tally.finish())
}

fn firsts(app: &App, limit: usize) -> impl Iterator<Item = Asked<'_>> {
    asked(app, limit).into_iter().filter(|asked| asked.question.before.is_empty())
}

//! Asks every question of a data set and judges the answers.

use std::time::Instant;

use super::baselines::Retriever;
use super::prediction::Prediction;
use super::report::Report;
use super::tally::Tally;
use crate::agent::{Engine, Event, Stream};
use crate::backend::Backend;
use crate::tool::{Instance, Tool};
use crate::{Error, Result};

/// How far rankings are evaluated.
pub const DEPTH: usize = 5;

/// Judges `engine`. With `calling`, arguments are generated too. `each` sees every answer.
pub async fn evaluate<B: Backend>(
    engine: &Engine<B>,
    instances: &[Instance],
    calling: bool,
    mut each: impl FnMut(&Instance, &Prediction),
) -> Result<Report> {
    let pack = engine.pack()?.clone();
    let mut tally = Tally::new(&pack.tools, calling)?;
    for instance in instances {
        let start = Instant::now();
        let stream =
            if calling { engine.call(instance, DEPTH) } else { engine.retrieve(instance, DEPTH) };
        let prediction = match stream {
            Ok(stream) => predict(stream).await?,
            // A question that the model can't read is a wrong answer, not the end of the judging.
            Err(Error::QuestionTooLong { .. }) => Prediction::default(),
            Err(error) => return Err(error),
        };
        tally.count(instance, &prediction, milliseconds(start));
        each(instance, &prediction);
    }
    Ok(tally.finish())
}

/// Judges a retriever over `tools`. `each` sees every answer.
pub fn evaluate_retriever(
    retriever: &mut dyn Retriever,
    tools: &[Tool],
    instances: &[Instance],
    mut each: impl FnMut(&Instance, &Prediction),
) -> Result<Report> {
    let mut tally = Tally::new(tools, false)?;
    for instance in instances {
        let start = Instant::now();
        let ranking = retriever.rank(&instance.query, DEPTH)?;
        let milliseconds = milliseconds(start);
        let prediction =
            Prediction::ranked(ranking.into_iter().map(|tool| Some(tools[tool].name.clone())));
        tally.count(instance, &prediction, milliseconds);
        each(instance, &prediction);
    }
    Ok(tally.finish())
}

/// Follows a stream to its end.
pub(super) async fn predict<B: Backend>(mut stream: Stream<B>) -> Result<Prediction> {
    let mut prediction = Prediction::default();
    loop {
        match stream.next().await {
            Ok(Some(Event::Ranking { tools, abstain, .. })) => {
                let best = tools.first().map_or(0.0, |tool| tool.probability);
                let (abstained, confidence) = (best < abstain, Some(best.max(abstain)));
                let ranking = tools.into_iter().map(|tool| tool.name).collect();
                prediction = Prediction { ranking, abstained, confidence, ..Prediction::default() };
            }
            Ok(Some(Event::Call { call })) => prediction.call = Some(call),
            Ok(Some(Event::Ask { call, parameters })) => {
                (prediction.call, prediction.lacks) = (Some(call), parameters);
            }
            Ok(Some(_)) => {}
            Ok(None) => return Ok(prediction),
            // Arguments without an end are a call that failed, not an evaluation that did.
            Err(Error::ArgumentsTooLong { .. }) => return Ok(prediction),
            Err(error) => return Err(error),
        }
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

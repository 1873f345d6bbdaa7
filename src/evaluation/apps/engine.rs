//! Asking an engine, as a page does.

use super::{AppsReport, Asked, Tally, asked};
use crate::agent::Engine;
use crate::backend::Backend;
use crate::evaluation::evaluate::{DEPTH, predict};
use crate::evaluation::prediction::Prediction;
use crate::rows::from_documents::pack_of_documents;
use crate::tool::dataset::App;
use crate::{Error, Result};

/// Judges `engine`, whose pack is lost, on at most `limit` questions of each app, evenly spread. `each` sees every
/// answer.
pub async fn evaluate_apps<B: Backend>(
    engine: &mut Engine<B>,
    apps: &[App],
    limit: usize,
    mut each: impl FnMut(&Asked, &Prediction),
) -> Result<AppsReport> {
    let mut tally = Tally::default();
    for app in apps {
        let pack = pack_of_documents(engine.checkpoint(), app.tools.clone(), |_| ()).await?;
        engine.load_pack(pack)?;
        tally.begin(app);
        for asked in asked(app, limit) {
            let prediction = match engine.call(asked.question.clone(), DEPTH) {
                Ok(stream) => predict(stream).await?,
                Err(Error::QuestionTooLong { .. }) => Prediction::default(),
                Err(error) => return Err(error),
            };
            tally.add(&asked, &prediction);
            each(&asked, &prediction);
        }
    }
    Ok(tally.finish())
}

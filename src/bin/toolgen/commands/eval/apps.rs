//! `toolgen eval --apps`.

use std::collections::HashSet;
use std::path::Path;

use toolgen::agent::Engine;
use toolgen::backend::cpu::Cpu;
use toolgen::evaluation::Prediction;
use toolgen::evaluation::apps::{
    AppsReport, Asked, asked_in_all, evaluate_apps, evaluate_apps_by_teacher_forcing,
    evaluate_peer_on_apps, evaluate_retriever_on_apps,
};
use toolgen::evaluation::record::{self, AppsRecord};
use toolgen::model::file;
use toolgen::tool::Call;
use toolgen::tool::dataset::{App, read_apps};
use toolgen::training::autograd::Autograd;
use toolgen::training::data::hold_out::HoldOut;
use toolgen::training::trainer::{SavedState, Trainer};
use toolgen::{Error, Result};

use super::{Baseline, Eval, checkpoint_file, print_report, tell, write_lines};
use crate::project::ModelFiles;
use crate::questions::Part;

impl Eval {
    pub(super) fn evaluate_apps(&self, path: &Path, model: &ModelFiles, json: bool) -> Result<()> {
        let mut apps = read_apps(path)?;
        if let Some(names) = &self.answered_by {
            keep_answered_by(&mut apps, names)?;
        }
        let limit = self.questions.limit.unwrap_or(usize::MAX);
        let (method, judged_model, report) = if let Some(calls) = &self.calls {
            (String::new(), None, evaluate_peer_on_apps(&apps, limit, calls)?)
        } else if let Some(baseline) = self.baseline {
            let (method, report) = self.evaluate_baseline_on_apps(baseline, &apps, limit, model)?;
            (method, None, report)
        } else if let Some(state) = &self.state {
            ("ToolGen".into(), None, self.evaluate_state_on_apps(state, &apps, limit, model)?)
        } else {
            let mut engine = Engine::new(model.load(Cpu)?)?;
            let all = asked_in_all(&apps, limit);
            let mut done = 0;
            let each = |asked: &Asked, answer: &Prediction| {
                self.see(asked.instance, answer);
                done += 1;
                tell(done, all);
            };
            let report = pollster::block_on(evaluate_apps(&mut engine, &apps, limit, each))?;
            ("ToolGen".into(), Some(model), report)
        };
        print_report(json, &report);
        let Some(out) = &self.header.report else { return Ok(()) };
        let of_path = || path.parent().and_then(Path::file_name).unwrap_or_default();
        let record = AppsRecord {
            set: self.header.set.clone().unwrap_or_else(|| of_path().to_string_lossy().into()),
            method: self.header.method.clone().unwrap_or(method),
            checkpoint: judged_model.map(checkpoint_file).transpose()?,
            apps: report,
        };
        record::write(&record, out)
    }

    fn evaluate_state_on_apps(
        &self,
        state: &Path,
        apps: &[App],
        limit: usize,
        model: &ModelFiles,
    ) -> Result<AppsReport> {
        let base = file::load(&model.base(), Autograd)?;
        let trainer = Trainer::from_saved(base, &SavedState::load(state)?)?;
        let progress = |what: &str, done, all| eprintln!("{what} {done}/{all}");
        let (report, judged) = evaluate_apps_by_teacher_forcing(&trainer, apps, limit, progress)?;
        if let Some(path) = &self.judged {
            write_lines(path, &judged)?;
        }
        Ok(report)
    }

    fn evaluate_baseline_on_apps(
        &self,
        baseline: Baseline,
        apps: &[App],
        limit: usize,
        model: &ModelFiles,
    ) -> Result<(String, AppsReport)> {
        let checkpoint = baseline.needs_checkpoint().then(|| model.load(Cpu)).transpose()?;
        let mut name = String::new();
        let report = evaluate_retriever_on_apps(apps, limit, |tools| {
            let (method, retriever) = baseline.build(
                tools,
                &self.training,
                &Part::HoldOut(HoldOut::All),
                checkpoint.as_ref(),
            )?;
            name = method;
            Ok(retriever)
        })?;
        Ok((name, report))
    }
}

/// Leaves the questions that are answered by a tool of the file's, and the apps that have some.
fn keep_answered_by(apps: &mut Vec<App>, file: &Path) -> Result<()> {
    let names = std::fs::read_to_string(file).map_err(Error::io(file))?;
    let names: HashSet<&str> = names.lines().map(str::trim).collect();
    for app in apps.iter_mut() {
        let is_kept = |call: &Call| names.contains(call.name.as_str());
        app.questions.retain(|question| question.calls.iter().any(is_kept));
    }
    apps.retain(|app| !app.questions.is_empty());
    Ok(())
}

//! Every indexing trained for a few steps on a tiny checkpoint and data set, cut, resumed and evaluated.

use crate::common;
use std::path::{Path, PathBuf};

use toolgen::evaluation::RankingReport;
use toolgen::evaluation::indexing::evaluate_indexing;
use toolgen::evaluation::metrics::ndcg;
use toolgen::model::Checkpoint;
use toolgen::prompt;
use toolgen::tool::{Instance, Tool};
use toolgen::training::autograd::Autograd;
use toolgen::training::data::mixture::Mixture;
use toolgen::training::stages::indexing::IndexingTraining;
use toolgen::training::stages::tool_tokens::ToolTokens;
use toolgen::training::trainer::adapter::AdapterConfig;
use toolgen::training::trainer::hidden_states::HiddenStates;
use toolgen::training::trainer::memorization_head::MemorizationHead;
use toolgen::training::trainer::{RunOptions, SavedState, Stage, Trainer};
use toolgen::virtualization::IndexingKind;

const STEPS: usize = 48;

/// A data set of twelve tools and as many questions, in a folder of its own.
fn mixture(folder: &Path) -> Mixture {
    std::fs::create_dir_all(folder).unwrap();
    let (mut tools, mut questions) = (String::new(), String::new());
    for index in 0..12 {
        let name = format!("tool_{}{index}", ["in", "an", "the"][index % 3]);
        let parameters = serde_json::json!({ "type": "object", "properties": {} });
        let tool = serde_json::json!({ "name": name, "description": format!("Does {index}."), "parameters": parameters });
        let question = serde_json::json!({ "query": format!("do {index} now"), "calls": [{ "name": name, "arguments": null }] });
        tools += &format!("{tool}\n");
        questions += &format!("{question}\n");
    }
    let (tools_path, questions_path) = (folder.join("tools.jsonl"), folder.join("train.jsonl"));
    std::fs::write(&tools_path, tools).unwrap();
    std::fs::write(&questions_path, questions).unwrap();
    let path = folder.join("mixture.json");
    let source = serde_json::json!([{ "name": "tiny", "tools": tools_path, "questions": [questions_path], "weight": 1.0 }]);
    std::fs::write(&path, source.to_string()).unwrap();
    Mixture::read(&path).unwrap()
}

fn checkpoint() -> Checkpoint<Autograd> {
    common::read(Autograd, &common::tiny(), 1 << 20).unwrap()
}

/// The head's statistics are those of 300 questions: fewer would leave deviations near zero.
fn trainer() -> Trainer {
    let checkpoint = checkpoint();
    let question = |index: usize| {
        let text =
            format!("do {} {}", index * 7919 % 1009, ["now", "then", "in the inn"][index % 3]);
        prompt::question(&checkpoint.tokenizer, &text).unwrap()
    };
    let sample: Vec<Vec<u32>> = (0..300).map(question).collect();
    let states = HiddenStates::compute(&checkpoint, &sample, |_| ()).unwrap();
    let head = MemorizationHead::from_states(&states).unwrap();
    let config = AdapterConfig { rank: 4, alpha: 4.0, first_layer: 1 };
    Trainer::new(checkpoint, config, 1, head).unwrap()
}

fn options(folder: &Path, name: &str) -> RunOptions {
    RunOptions {
        steps: STEPS,
        until: STEPS,
        learning_rate: 2e-3,
        seed: 7,
        state: folder.join(format!("{name}.safetensors")),
        log: folder.join(format!("{name}.jsonl")),
        begin: None,
        save_every: STEPS / 2,
    }
}

fn stage<'a>(trainer: &Trainer, mixture: &'a Mixture, kind: IndexingKind) -> IndexingTraining<'a> {
    let mut stage = IndexingTraining::new(trainer, mixture, kind, 7).unwrap();
    stage.batch = 12;
    stage
}

fn losses(path: &Path) -> Vec<f64> {
    let text = std::fs::read_to_string(path).unwrap();
    let loss = |line: &str| {
        serde_json::from_str::<serde_json::Value>(line).unwrap()["loss"].as_f64().unwrap()
    };
    text.lines().map(loss).collect()
}

fn folder(kind: IndexingKind) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("indexing-{}", kind.name()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// NDCG at 1, 3 and 5 when every tool is scored by its whole sequence.
fn exhaustive_ndcg(
    trainer: &Trainer,
    tokens: &ToolTokens,
    tools: &[Tool],
    instances: &[Instance],
) -> [f64; 3] {
    let trie = tokens.trie();
    let mut sums = [0.0; 3];
    for instance in instances {
        let question = prompt::question(&trainer.checkpoint.tokenizer, &instance.query).unwrap();
        let score = |sequence: &Vec<u32>| -> f32 {
            let text = [(question.as_slice(), &sequence[..sequence.len() - 1])];
            let rows = tokens.logit_rows(trainer, &text).unwrap();
            let log_probability = |(at, (&token, logits)): (usize, (&u32, Vec<f32>))| {
                let allowed = trie.allowed(&sequence[..at]).unwrap();
                let sum: f32 = allowed.iter().map(|id| logits[id as usize].exp()).sum();
                logits[token as usize] - sum.ln()
            };
            sequence.iter().zip(rows).enumerate().map(log_probability).sum()
        };
        let mut ranked: Vec<(f32, &str)> = tokens
            .sequences
            .iter()
            .map(score)
            .zip(tools.iter().map(|tool| tool.name.as_str()))
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let ranking: Vec<&str> = ranked.into_iter().map(|(_, name)| name).collect();
        for (sum, k) in sums.iter_mut().zip([1, 3, 5]) {
            *sum += ndcg(&ranking, &[instance.calls[0].name.as_str()], k);
        }
    }
    sums.map(|sum| sum / instances.len() as f64)
}

#[test]
fn every_indexing_learns_goes_on_where_it_was_cut_and_is_judged() {
    for kind in IndexingKind::ALL {
        let folder = folder(kind);
        let mixture = mixture(&folder);
        let whole = options(&folder, "whole");
        let first = trainer();
        first.run(&mut stage(&first, &mixture, kind), &whole).unwrap();
        let logged = losses(&whole.log);
        let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
        assert!(mean(&logged[STEPS - 6..]) < 0.9 * mean(&logged[..6]), "{kind:?}: {logged:?}");

        let parts = options(&folder, "parts");
        let second = trainer();
        let cut = RunOptions { until: STEPS / 2, ..parts.clone() };
        second.run(&mut stage(&second, &mixture, kind), &cut).unwrap();
        let third = trainer();
        third.run(&mut stage(&third, &mixture, kind), &parts).unwrap();
        assert_eq!(losses(&parts.log).last(), logged.last(), "{kind:?}");

        let state = SavedState::load(&whole.state).unwrap();
        let tokens = ToolTokens::from_saved(&state).unwrap();
        assert_eq!((tokens.kind, state.steps_taken().unwrap()), (kind, STEPS));
        let restored = Trainer::from_saved(checkpoint(), &state).unwrap();
        let source = &mixture.sources[0];
        let instances: Vec<_> =
            source.questions.iter().map(|(instance, _)| instance.clone()).collect();
        let evaluated = evaluate_indexing(&restored, &tokens, &source.tools, &instances, |_| ());
        let evaluated = pollster::block_on(evaluated).unwrap();
        assert_eq!(evaluated.report.instances, 12);
        assert_eq!(evaluated.hallucinated_constrained, 0.0);
        if matches!(kind, IndexingKind::Atomic | IndexingKind::Numeric) {
            // At most five first tokens, or one step: five beams find the five likeliest tools.
            let expected = exhaustive_ndcg(&restored, &tokens, &source.tools, &instances);
            let RankingReport { ndcg_1, ndcg_3, ndcg_5, .. } = evaluated.report.ranking;
            for (found, expected) in [ndcg_1, ndcg_3, ndcg_5].into_iter().zip(expected) {
                assert!((found - expected).abs() < 1e-9, "{kind:?}: {found} for {expected}");
            }
        }

        let other = IndexingKind::ALL.into_iter().find(|other| *other != kind).unwrap();
        assert!(stage(&third, &mixture, other).restore(&state).is_err());
    }
}

//! Training: the backend against the oracle, gradients against slopes, runs that are cut, trajectories.

use crate::common;
use std::path::PathBuf;

use candle_core::Tensor;
use rand::SeedableRng;
use rand::rngs::StdRng;
use toolgen::backend::cpu::Cpu;
use toolgen::backend::reference::Reference;
use toolgen::backend::{Backend, Sequence};
use toolgen::generation::Grammar;
use toolgen::model::Checkpoint;
use toolgen::prompt;
use toolgen::training::autograd::{Autograd, Packed};
use toolgen::training::data::hold_out::{held_out, seen_in_training};
use toolgen::training::data::mixture::Mixture;
use toolgen::training::rows::states::states_of_texts;
use toolgen::training::stages::contrast::Contrast;
use toolgen::training::stages::memorization::Memorization;
use toolgen::training::stages::trajectory::Tuner;
use toolgen::training::trainer::adapter::{Adapter, AdapterConfig};
use toolgen::training::trainer::hidden_states::HiddenStates;
use toolgen::training::trainer::memorization_head::MemorizationHead;
use toolgen::training::trainer::{RunOptions, SavedState, Trainer};

const ADAPTERS: AdapterConfig = AdapterConfig { rank: 4, alpha: 4.0, first_layer: 0 };

fn tiny() -> Checkpoint<Autograd> {
    common::read(Autograd, &common::tiny(), 1 << 20).unwrap()
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// The residual stream of `tokens` as one text.
fn stream<B: Backend>(checkpoint: &Checkpoint<B>, tokens: &[u32]) -> Vec<f32> {
    let mut sequence = checkpoint.decoder.sequence(tokens.len());
    let x = checkpoint.decoder.residual_stream(tokens, &mut sequence).unwrap();
    assert_eq!(sequence.len(), tokens.len());
    pollster::block_on(checkpoint.decoder.backend.read(&x)).unwrap()
}

fn assert_near(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    let size = expected.iter().map(|x| x * x).sum::<f32>().sqrt();
    let error = found.iter().zip(expected).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt();
    assert!(error < tolerance * size, "off by {error} of {size}");
}

#[test]
fn the_training_backend_computes_what_the_reference_does() {
    let tokens: Vec<u32> = (3..40).collect();
    let reference = common::read(Reference, &common::tiny(), 1 << 20).unwrap();
    // bfloat16 keeps eight bits of a number.
    assert_near(&stream(&tiny(), &tokens), &stream(&reference, &tokens), 0.01);
}

#[test]
fn rows_are_fitted_on_the_states_of_the_engine() {
    let checkpoint = common::read(Cpu, &common::tiny(), 1 << 20).unwrap();
    let decoder = &checkpoint.decoder;
    // One begins as the others do, one ends where another goes on, one comes twice.
    let texts = [vec![1, 5, 9, 13], vec![1, 5], vec![1, 5, 20, 7, 8], vec![1, 5]];
    let states = states_of_texts(&checkpoint, &texts, None, |_| ()).unwrap();
    let found: Vec<Vec<f32>> = states.rows().map(<[f32]>::to_vec).collect();
    for (found, text) in found.iter().zip(&texts) {
        let x = decoder.forward(text, &mut decoder.sequence(text.len())).unwrap();
        let state = pollster::block_on(decoder.hidden_state(&x)).unwrap();
        let without_gain: Vec<f32> =
            state.iter().zip(&decoder.output_norm).map(|(h, gain)| h / gain).collect();
        assert_near(found, &without_gain, 1e-6);
    }
    let trained = HiddenStates::compute(&tiny(), &texts, |_| ()).unwrap();
    assert_near(&found.concat(), &trained.values, 0.02);
}

#[test]
fn states_are_computed_once_and_survive_an_interruption() {
    let checkpoint = common::read(Cpu, &common::tiny(), 1 << 20).unwrap();
    let folder = std::env::temp_dir().join(format!("toolgen-kept-{}", std::process::id()));
    let cache = folder.join("states.safetensors");
    let reported = |texts: &[Vec<u32>]| {
        let mut reports = Vec::new();
        let states = states_of_texts(&checkpoint, texts, Some(&cache), |done| reports.push(done));
        (states.map(|states| states.values), reports)
    };
    let mut texts: Vec<Vec<u32>> = (0..300).map(|i| vec![1 + i / 200, 3 + i % 200]).collect();
    texts[299] = vec![u32::MAX];
    let (failed, reports) = reported(&texts);
    assert!(failed.is_err(), "a token that isn't in the vocabulary");
    assert_eq!(reports, [0, 256]);

    texts[299] = texts[0].clone();
    let (states, reports) = reported(&texts);
    assert_eq!(
        reports,
        [257, 300],
        "the first round, of which one text comes again, is in the file"
    );
    let states = states.unwrap();
    let alone = states_of_texts(&checkpoint, &texts, None, |_| ()).unwrap().values;
    assert_eq!(states, alone);
    let kept = std::fs::read(&cache).unwrap();
    assert_eq!(reported(&texts[..2]).1, [2]);
    assert_eq!(std::fs::read(&cache).unwrap(), kept, "nothing was computed");

    // Of another model nothing is taken.
    let id = checkpoint.id.to_string();
    let place = kept.windows(id.len()).position(|bytes| bytes == id.as_bytes()).unwrap();
    let mut others = kept;
    others[place] ^= 1;
    std::fs::write(&cache, others).unwrap();
    let (states, reports) = reported(&texts);
    assert_eq!(reports[0], 1, "all but the one that comes twice are computed");
    assert_eq!(states.unwrap(), alone);

    let other = folder.join("tools.jsonl");
    std::fs::write(&other, "{}\n").unwrap();
    let refused = states_of_texts(&checkpoint, &texts, Some(&other), |_| ()).err().unwrap();
    assert!(refused.to_string().contains("is no cache"), "{refused}");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "{}\n");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn texts_of_a_batch_do_not_see_each_other() {
    let checkpoint = tiny();
    let texts: [&[u32]; 3] = [&[5, 9, 200], &[17], &[8, 8, 30, 41, 7]];
    let mut packed = Packed::new(texts.map(<[u32]>::len));
    let x = checkpoint.decoder.residual_stream(&texts.concat(), &mut packed).unwrap();
    let alone: Vec<f32> = texts.iter().flat_map(|text| stream(&checkpoint, text)).collect();
    assert_near(&numbers(&x), &alone, 1e-5);
    assert_eq!(packed.last_tokens(), [2, 3, 8]);
}

#[test]
fn gradients_are_slopes() {
    let mut checkpoint = tiny();
    let adapter = Adapter::attach(&mut checkpoint.decoder, ADAPTERS, 7).unwrap();
    for (index, (_, var)) in adapter.parameters.iter().enumerate() {
        let count = var.elem_count();
        let value = |i: usize| ((i * 7919 + index * 31) % 101) as f32 / 505.0 - 0.1;
        let values = (0..count).map(value).collect();
        var.set(&Tensor::from_vec(values, var.shape(), var.device()).unwrap()).unwrap();
    }
    let lengths = [7, 1, 12];
    let tokens: Vec<u32> = (0..20).map(|i| 3 + i * 13 % 250).collect();
    let loss = || {
        let mut packed = Packed::new(lengths);
        let x = checkpoint.decoder.residual_stream(&tokens, &mut packed).unwrap();
        let weights: Vec<f32> = (0..x.elem_count()).map(|i| (i as f32 * 0.7).sin()).collect();
        let weights = Tensor::from_vec(weights, x.shape(), x.device()).unwrap();
        (x * weights).unwrap().mean_all().unwrap()
    };
    let gradients = loss().backward().unwrap();
    for (name, var) in &adapter.parameters {
        let gradient = gradients.get(var).unwrap_or_else(|| panic!("{name} has no gradient"));
        let before = var.as_tensor().copy().unwrap();
        let square: f32 = gradient.sqr().unwrap().sum_all().unwrap().to_scalar().unwrap();
        // A step along the gradient, long enough to stand out of bfloat16's rounding.
        let step = 0.1 / square.sqrt();
        let at = |direction: f64| -> f32 {
            let moved = (&before + (gradient * (direction * f64::from(step))).unwrap()).unwrap();
            var.set(&moved).unwrap();
            loss().to_scalar().unwrap()
        };
        let slope = (at(1.0) - at(-1.0)) / (2.0 * step);
        var.set(&before).unwrap();
        assert!((slope / square - 1.0).abs() < 0.1, "{name}: slope {slope}, gradient {square}");
    }
}

/// Two tools with questions, as a mixture in a folder of its own.
struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("toolgen-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
        let schema = r#"{"type": "object", "properties": {"unit": {"enum": ["km", "mi"]}, "n": {"type": "integer", "minimum": 0, "maximum": 99}}, "required": ["unit", "n"], "additionalProperties": false}"#;
        write(
            "tools.jsonl",
            &format!(
                r#"{{"name": "measure", "description": "Measures how far it is there and back.", "parameters": {schema}}}
{{"name": "flip", "description": "Flips a coin for you. Heads or tails.", "parameters": {{"type": "object", "properties": {{}}, "additionalProperties": false}}}}
"#
            ),
        );
        write(
            "questions.jsonl",
            r#"{"query": "how far is 7 in miles", "calls": [{"name": "measure", "arguments": {"n": 7, "unit": "mi"}}]}
{"query": "heads or tails", "calls": [{"name": "flip", "arguments": {}}]}
{"query": "hello", "calls": []}
"#,
        );
        let path = |name: &str| folder.join(name).display().to_string();
        let mixture = serde_json::json!([{ "name": "two", "tools": path("tools.jsonl"),
            "questions": [path("questions.jsonl")], "weight": 1 }]);
        write("mixture.json", &mixture.to_string());
        Self(folder)
    }

    fn mixture(&self) -> Mixture {
        Mixture::read(&self.0.join("mixture.json")).unwrap()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[test]
fn a_run_that_is_cut_goes_on_as_if_it_had_not_been() {
    let files = Files::new("cut");
    let mixture = files.mixture();
    let run = |state: &str, until: usize| {
        let checkpoint = tiny();
        let texts: Vec<Vec<u32>> = (3..40).map(|i| vec![1, i, 2 + i % 5]).collect();
        let states = HiddenStates::compute(&checkpoint, &texts, |_| ()).unwrap();
        let head = MemorizationHead::from_states(&states).unwrap();
        let trainer = Trainer::new(checkpoint, ADAPTERS, 1, head).unwrap();
        let contrast = Contrast::new(0.5, 0.0);
        let mut stage = Memorization { mixture: &mixture, contrast, batch: 3 };
        let options = RunOptions {
            steps: 6,
            until,
            learning_rate: 1e-2,
            seed: 3,
            state: files.0.join(state),
            log: files.0.join(format!("{state}.log")),
            begin: None,
            save_every: 100,
        };
        trainer.run(&mut stage, &options).unwrap();
        SavedState::load(&options.state).unwrap()
    };
    let whole = run("whole", 6);
    run("cut", 2);
    let cut = run("cut", 6);
    assert_eq!(whole.iter().count(), cut.iter().count());
    for (name, tensor) in whole.iter() {
        if tensor.dtype() == candle_core::DType::F32 {
            assert_eq!(numbers(tensor), numbers(cut.tensor(name).unwrap()), "{name}");
        }
    }
    let lines = std::fs::read_to_string(files.0.join("cut.log")).unwrap();
    assert_eq!(lines.lines().count(), 6);
}

#[test]
fn tools_that_training_has_seen_are_known_by_their_documents() {
    let mut known = Files::new("known").mixture().sources[0].tools.clone();
    let mut names = (0..).map(|i| format!("tool_{i}")).filter(|name| !held_out(name));
    known.iter_mut().for_each(|tool| tool.name = names.next().unwrap());
    let mut tools = known.clone();
    assert_eq!(seen_in_training(&known, &tools), [true, true]);
    tools[1].description = "Another tool of this name.".into();
    assert_eq!(seen_in_training(&known, &tools), [true, false]);
    let name = (0..).map(|i| format!("tool_{i}")).find(|name| held_out(name));
    tools[1].name = name.unwrap();
    assert_eq!(seen_in_training(&tools, &tools), [true, false]);
}

#[test]
fn a_trajectory_is_what_the_agent_reads_and_writes() {
    let files = Files::new("trajectory");
    let mixture = files.mixture();
    let tokenizer = tiny().tokenizer;
    let grammar = Grammar::new(&tokenizer).unwrap();
    let data = &mixture.sources[0];
    let tuner = Tuner {
        grammar: &grammar,
        tokenizer: &tokenizer,
        data,
        source: 0,
        similar: &|_| Vec::new(),
    };
    let mut random = StdRng::seed_from_u64(1);
    let (instance, _) = &data.questions[0];
    let trajectory = tuner.trajectory(instance, &mut random).unwrap();

    let question = prompt::question(&tokenizer, &instance.query).unwrap();
    let text = tokenizer.decode(&trajectory.tokens[question.len()..]).unwrap();
    let expected =
        prompt::arguments(&data.tools[0], &instance.into()) + r#"{"unit": "mi", "n": 7}"#;
    assert!(text.starts_with(&expected), "{text}");
    let (at, query) = &trajectory.decisions[0];
    assert_eq!((*at, &query.tools), (question.len() - 1, &vec![0]));
    // That it is the tool is said first. The unit is a choice, and so is nothing that the schema forces.
    let document = prompt::arguments(&data.tools[0], &instance.into());
    let document = tokenizer.encode(&document).unwrap();
    assert_eq!(trajectory.looks, [(question.len() + document.len() - 1, true)]);
    assert!(!trajectory.choices.is_empty());
    for (at, choice) in &trajectory.choices {
        assert_eq!(trajectory.tokens[at + 1], choice.token);
        assert!(choice.allowed.allows(choice.token) && choice.allowed.count() > 1);
        assert!(
            choice.right.contains(&choice.token) && choice.right.len() < choice.allowed.count()
        );
    }

    let (hello, _) = &data.questions[2];
    let nothing = tuner.trajectory(hello, &mut random).unwrap();
    assert_eq!(nothing.decisions.len(), 1);
    assert!(nothing.decisions[0].1.tools.is_empty() && nothing.choices.is_empty());
}

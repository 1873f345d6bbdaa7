//! The four indexings: their sequences, beam search over them, and the packs that carry them.

use crate::common;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::common::HIDDEN;
use pollster::block_on;
use proptest::prelude::*;
use toolgen::agent::{Engine, Event};
use toolgen::backend::cpu::Cpu;
use toolgen::backend::reference::Reference;
use toolgen::backend::{Backend, Sequence};
use toolgen::gguf::QuantizedMatrix;
use toolgen::model::Checkpoint;
use toolgen::retrieval::ToolHead;
use toolgen::tokenizer::Tokenizer;
use toolgen::tool::{Tool, ToolPack};
use toolgen::virtualization::{
    Hierarchical, Indexing, IndexingKind, Numeric, Semantic, Special, TokenTable, Trie, atomic,
    check_sequences, indexing_of,
};

static TOKENIZER: LazyLock<Tokenizer> =
    LazyLock::new(|| common::read(Cpu, &common::tiny(), 1 << 20).unwrap().tokenizer);

/// Numbers that look drawn, between −½ and ½.
fn noise(seed: usize, count: usize) -> Vec<f32> {
    let number = |i: usize| ((i * 2_654_435_761 + seed * 40_503 + 17) % 10_007) as f32;
    (0..count).map(|i| number(i * i + 3 * i + seed) / 10_007.0 - 0.5).collect()
}

/// Every sequence names its own tool, none begins another, and every token has a text.
fn sound(indexing: &dyn Indexing, tools: usize) -> Result<(), TestCaseError> {
    let (tokens, sequences) = (indexing.tool_tokens(), indexing.sequences());
    prop_assert_eq!(sequences.len(), tools);
    prop_assert_eq!(indexing.texts().len(), tokens);
    let checked = check_sequences(tokens, &sequences);
    prop_assert!(checked.is_ok(), "{:?}", checked);
    let trie = Trie::new(tokens, &sequences);
    for (tool, sequence) in sequences.iter().enumerate() {
        prop_assert_eq!(trie.tool(sequence), Some(tool));
        for end in 0..sequence.len() {
            prop_assert_eq!(trie.tool(&sequence[..end]), None);
            prop_assert!(trie.allowed(&sequence[..end]).unwrap().allows(sequence[end]));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn numbers_are_sound(tools in 1usize..1200) {
        sound(&Numeric { tools }, tools)?;
    }

    #[test]
    fn clusters_are_sound(
        states in prop::collection::vec(prop::collection::vec(-2i8..3, 3), 1..160),
        seed in any::<u64>(),
    ) {
        let states: Vec<Vec<f32>> =
            states.into_iter().map(|state| state.into_iter().map(f32::from).collect()).collect();
        let indexing = Hierarchical::new(&states, seed);
        sound(&indexing, states.len())?;
        prop_assert_eq!(indexing.sequences(), Hierarchical::new(&states, seed).sequences());
    }

    #[test]
    fn names_are_sound(
        names in prop::collection::btree_set("[aAbB_.]{1,5}|(get|set|the)[A-Z_.](an|in|The|2)*|\\PC{0,6}", 1..60)
    ) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        sound(&Semantic::new(&TOKENIZER, &names).unwrap(), names.len())?;
    }

    /// The check on sorted neighbours says what comparing all pairs says.
    #[test]
    fn beginnings_are_found(
        sequences in prop::collection::vec(prop::collection::vec(0u32..3, 1..4), 0..8)
    ) {
        let begins = |(i, a): (usize, &Vec<u32>)| {
            sequences.iter().enumerate().any(|(j, b)| i != j && b.starts_with(a))
        };
        let expected = sequences.iter().enumerate().any(begins);
        prop_assert_eq!(check_sequences(3, &sequences).is_err(), expected);
    }
}

#[test]
fn sequences_of_foreign_or_no_tokens_are_refused() {
    assert!(check_sequences(3, &[vec![0, 1], vec![]]).is_err());
    assert!(check_sequences(3, &[vec![0, 1], vec![3]]).is_err());
}

const NAMES: [&str; 14] = [
    "get_weather",
    "getWeather",
    "get_weather_now",
    "play",
    "play_song",
    "alarm",
    "the.inn",
    "the_thin_man",
    "flip",
    "flip_coin",
    "convert",
    "convertLength",
    "convertMass",
    "note",
];

/// A pack of [`NAMES`] with rows and embeddings of noise.
fn pack(kind: IndexingKind, seed: usize) -> ToolPack {
    let states = || Ok(noise(5, NAMES.len() * 3).chunks(3).map(<[f32]>::to_vec).collect());
    let indexing = indexing_of(kind, &TOKENIZER, &NAMES, states, 1).unwrap();
    let tokens = indexing.tool_tokens();
    let matrix = |rows, seed| {
        let weights = noise(seed, rows * HIDDEN);
        QuantizedMatrix::quantize_q8_0(rows, HIDDEN, &weights).unwrap()
    };
    let tool = |name: &&str| Tool {
        name: (*name).into(),
        description: "Does something.".into(),
        parameters: serde_json::json!({ "type": "object", "properties": {} }),
        http: None,
        annotations: Default::default(),
    };
    let table = (kind != IndexingKind::Atomic)
        .then(|| TokenTable::new(indexing.sequences(), matrix(tokens, seed + 1)).unwrap());
    ToolPack {
        model: common::read(Cpu, &common::tiny(), 1 << 20).unwrap().id,
        indexing: kind,
        tools: NAMES.iter().map(tool).collect(),
        norm: vec![1.0; HIDDEN],
        rows: matrix(tokens + Special::COUNT, seed),
        table,
        temperature: 1.0,
    }
}

/// The probability of every tool, each sequence scored on its own from the first token of the question, and
/// of abstaining at last.
fn exhaustive<B: Backend>(checkpoint: &Checkpoint<B>, pack: &ToolPack, prompt: &[u32]) -> Vec<f32> {
    let (decoder, backend) = (&checkpoint.decoder, &checkpoint.decoder.backend);
    let sequences = pack
        .table
        .as_ref()
        .map_or_else(|| atomic::sequences(pack.tools.len()), |table| table.sequences().to_vec());
    let trie = Trie::new(pack.rows.rows, &sequences);
    let norm = backend.upload_vector(pack.norm.clone()).unwrap();
    let rows = backend.upload_matrix(pack.rows.clone()).unwrap();
    let embeddings =
        pack.table.as_ref().map(|table| backend.upload_matrix(table.embeddings().clone()).unwrap());
    let abstain = (pack.tool_tokens() + Special::Abstain.index()) as u32;
    let probability = |tokens: &Vec<u32>| {
        let mut sequence = decoder.sequence(prompt.len() + tokens.len());
        let mut x = decoder.forward(prompt, &mut sequence).unwrap();
        let mut probability = 1.0;
        for (index, &token) in tokens.iter().enumerate() {
            if let Some(before) = index.checked_sub(1) {
                let read = backend.embed(embeddings.as_ref().unwrap(), &[tokens[before]]);
                x = decoder.residual_stream_of(read, 1, &mut sequence).unwrap();
            }
            let mut mask = trie.allowed(&tokens[..index]).unwrap();
            if index == 0 {
                mask.insert(abstain);
            }
            let h = backend.rms_norm(&x, &norm, decoder.config.rms_epsilon);
            let top = block_on(backend.top_k(&h, &rows, Some(&mask), pack.rows.rows)).unwrap();
            let scored = top.best.iter().find(|scored| scored.id == token).unwrap();
            probability *= top.probability(scored);
        }
        probability
    };
    sequences.iter().chain([&vec![abstain]]).map(probability).collect()
}

fn beams_are_exhaustive<B: Backend>(backend: impl Fn() -> B) {
    let checkpoint = common::read(backend(), &common::tiny(), 1 << 20).unwrap();
    let prompt = checkpoint.tokenizer.encode("the thin man in the inn").unwrap();
    for kind in IndexingKind::ALL {
        let pack = pack(kind, 3);
        let expected = exhaustive(&checkpoint, &pack, &prompt);
        assert!((expected.iter().sum::<f32>() - 1.0).abs() < 1e-3, "{kind:?}: {expected:?}");

        let head = ToolHead::new(&checkpoint.decoder.backend, &pack).unwrap();
        let mut sequence = checkpoint.decoder.sequence(prompt.len() + head.room());
        let x = checkpoint.decoder.forward(&prompt, &mut sequence).unwrap();
        for width in [NAMES.len(), 5, 1] {
            let ranked = block_on(head.rank(
                &checkpoint.decoder,
                &x,
                &mut sequence,
                Special::Abstain,
                width,
            ))
            .unwrap();
            assert_eq!(sequence.len(), prompt.len(), "the sequence is left as it was");
            let (ranked, abstain) = (ranked.tools, ranked.special);
            assert!((abstain - expected[NAMES.len()]).abs() < 1e-3, "{kind:?}: {abstain}");
            assert_eq!(ranked.len(), width);
            assert!(ranked.is_sorted_by(|a, b| a.1 >= b.1));
            for (tool, probability) in &ranked {
                let expected = expected[*tool];
                assert!(
                    (probability - expected).abs() < 1e-3,
                    "{kind:?}: {probability} for {expected}"
                );
            }
            if width == NAMES.len() {
                let tools: BTreeSet<usize> = ranked.iter().map(|(tool, _)| *tool).collect();
                assert_eq!(tools.len(), NAMES.len(), "{kind:?}: every tool is ranked once");
            }
        }
    }
}

#[test]
fn beams_are_exhaustive_on_the_cpu() {
    beams_are_exhaustive(|| Cpu);
}

#[test]
fn beams_are_exhaustive_on_the_reference() {
    beams_are_exhaustive(|| Reference);
}

#[test]
fn held_to_the_trie_only_tools_are_named_and_free_not() {
    let checkpoint = common::read(Cpu, &common::tiny(), 1 << 20).unwrap();
    let mut hallucinated = 0;
    for seed in 0..40 {
        for kind in IndexingKind::ALL {
            let head = ToolHead::new(&checkpoint.decoder.backend, &pack(kind, seed)).unwrap();
            let prompt = [5, 6, 7 + seed as u32];
            let mut sequence = checkpoint.decoder.sequence(prompt.len() + head.room());
            let x = checkpoint.decoder.forward(&prompt, &mut sequence).unwrap();
            let ranked =
                block_on(head.rank(&checkpoint.decoder, &x, &mut sequence, Special::Abstain, 5))
                    .unwrap();
            let tools: BTreeSet<usize> = ranked.tools.iter().map(|(tool, _)| *tool).collect();
            assert!(tools.len() == 5 && tools.iter().all(|&tool| tool < NAMES.len()));
            let free = head.unconstrained(&checkpoint.decoder, &x, &mut sequence);
            match block_on(free).unwrap() {
                Some(tool) => assert!(tool < NAMES.len()),
                None => {
                    assert_ne!(kind, IndexingKind::Atomic, "every atomic token names a tool");
                    hallucinated += 1;
                }
            }
        }
    }
    assert!(hallucinated > 0, "untrained rows name no tool now and then");
}

#[test]
fn packs_of_every_kind_come_back_and_rank() {
    for kind in IndexingKind::ALL {
        let pack = pack(kind, 1);
        let back = ToolPack::from_bytes(&pack.to_bytes().unwrap()).unwrap();
        assert_eq!((back.indexing, &back.tools), (kind, &pack.tools));
        assert_eq!(back.rows.bytes, pack.rows.bytes);
        let parts = |pack: &ToolPack| {
            let table = pack.table.as_ref();
            table.map(|table| (table.sequences().to_vec(), table.embeddings().bytes.clone()))
        };
        assert_eq!(parts(&back), parts(&pack));

        let mut engine = Engine::new(common::read(Cpu, &common::tiny(), 1 << 20).unwrap()).unwrap();
        engine.load_pack(back).unwrap();
        let mut stream = engine.retrieve("the inn", 3).unwrap();
        let mut last = None;
        while let Some(event) = block_on(stream.next()).unwrap() {
            last = Some(event);
        }
        let Some(Event::Ranking { tools, .. }) = last else { panic!("{kind:?}: {last:?}") };
        assert_eq!(tools.len(), 3);
        assert!(tools.iter().all(|tool| NAMES.contains(&tool.name.as_str())));
    }
}

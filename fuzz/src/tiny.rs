//! The model of `models/tiny`, which computes in milliseconds.

use pollster::block_on;
use toolgen::Result;
use toolgen::agent::{Engine, Event, Reply, Stream};
use toolgen::backend::cpu::Cpu;
use toolgen::generation::{ArgumentConstraint, Grammar};
use toolgen::model::{Checkpoint, CheckpointReader};
use toolgen::tokenizer::Tokenizer;
use toolgen::tool::{Tool, ToolPack};

const CHECKPOINT: &[u8] = include_bytes!("../../models/tiny/toolgen-tiny.gguf");
const PACK: &[u8] = include_bytes!("../../models/tiny/tools.safetensors");

/// Units of work of one stream.
const MAX_EVENTS: usize = 60;

pub fn checkpoint() -> Checkpoint<Cpu> {
    read(CHECKPOINT, 1 << 16).expect("the tiny checkpoint is whole")
}

pub fn read(bytes: &[u8], chunk: usize) -> Result<Checkpoint<Cpu>> {
    let mut reader = CheckpointReader::new(Cpu, bytes.len() as u64);
    bytes.chunks(chunk).try_for_each(|part| reader.push(part))?;
    reader.finish()
}

/// Computes something with a model; all of it must be numbers.
pub fn compute(checkpoint: &Checkpoint<Cpu>) {
    let decoder = &checkpoint.decoder;
    let mut sequence = decoder.sequence(1);
    let Ok(x) = decoder.forward(&[0], &mut sequence) else { return };
    if let Ok(top) = block_on(decoder.next_tokens(&x, None, 1)) {
        assert!(top.best.iter().all(|token| (token.id as usize) < decoder.config.vocabulary));
    }
}

/// Lets a stream work for a while, and replies where it asks.
pub fn follow(mut stream: Stream<Cpu>, replies: impl IntoIterator<Item = Reply>) -> Result<()> {
    let mut replies = replies.into_iter();
    for _ in 0..MAX_EVENTS {
        if stream.is_waiting() {
            let Some(reply) = replies.next() else { break };
            stream.reply(reply)?;
        }
        match block_on(stream.next())? {
            None => break,
            Some(event) => drop(serde_json::to_value::<Event>(event).expect("an event is JSON")),
        }
    }
    Ok(())
}

thread_local! {
    static GRAMMAR: (Tokenizer, Grammar) = {
        let tokenizer = checkpoint().tokenizer;
        let grammar = Grammar::new(&tokenizer).expect("the tiny vocabulary has a grammar");
        (tokenizer, grammar)
    };
}

/// An engine with the pack of `models/tiny`.
pub fn engine() -> Engine<Cpu> {
    let mut engine = Engine::new(checkpoint()).expect("the tiny checkpoint has an engine");
    let pack = ToolPack::from_bytes(PACK).expect("the tiny pack is whole");
    engine.load_pack(pack).expect("the tiny pack fits");
    engine
}

pub fn with_grammar<T>(act: impl FnOnce(&Tokenizer, &Grammar) -> T) -> T {
    GRAMMAR.with(|(tokenizer, grammar)| act(tokenizer, grammar))
}

pub fn tool(parameters: serde_json::Value) -> Tool {
    let (name, description) = ("tool".into(), String::new());
    Tool { name, description, parameters, http: None, annotations: Default::default() }
}

/// Writes arguments with `choices` in a model's place; `None` where these end before the arguments do.
pub fn write(
    tokenizer: &Tokenizer,
    constraint: &mut ArgumentConstraint,
    choices: &[u8],
) -> Option<String> {
    let mut choices = choices.iter();
    let mut ids = constraint.take_fast_forward();
    while !constraint.is_complete().expect("the grammar goes on") {
        let allowed: Vec<u32> = constraint.mask().expect("there is a mask").iter().collect();
        assert!(!allowed.is_empty(), "nothing may follow {:?}", tokenizer.decode(&ids));
        let id = allowed[usize::from(*choices.next()?) % allowed.len()];
        constraint.take(id).expect("what is allowed can be taken");
        ids.push(id);
        ids.extend(constraint.take_fast_forward());
    }
    Some(tokenizer.decode(&ids).expect("tokens are text"))
}

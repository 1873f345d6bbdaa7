//! A checkpoint that is read, an engine that is asked, and streams of what it answers.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::device::{Device, On, on};
use super::error;
use super::value::{exact_to_js, from_js, question};
use crate::agent::{self, Unsure};
use crate::backend::Backend;
use crate::backend::cpu::Cpu;
use crate::backend::wgpu::Wgpu;
use crate::model::{self, Adapter};
use crate::tool::ToolPack;

/// Reads a checkpoint from the chunks of a download, and the adapter beside it.
#[wasm_bindgen]
pub struct CheckpointReader {
    reader: On<model::CheckpointReader<Cpu>, model::CheckpointReader<Wgpu>>,
    adapter: Option<Adapter>,
}

#[wasm_bindgen]
impl CheckpointReader {
    /// A reader of a file of `total_bytes`, for a device.
    #[wasm_bindgen(constructor)]
    pub fn new(total_bytes: f64, device: &Device) -> Self {
        let total = total_bytes.max(0.0) as u64;
        let reader = match &device.backend {
            On::Cpu(backend) => On::Cpu(model::CheckpointReader::new(*backend, total)),
            On::Gpu(backend) => On::Gpu(model::CheckpointReader::new(backend.clone(), total)),
        };
        Self { reader, adapter: None }
    }

    /// Takes an adapter's file; whether it fits the checkpoint is seen when that is whole.
    pub fn adapt(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        self.adapter = Some(Adapter::from_bytes(bytes).map_err(error::to_js)?);
        Ok(())
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), JsValue> {
        on!(&mut self.reader, reader => reader.push(chunk)).map_err(error::to_js)
    }

    /// The engine, once all bytes have arrived and lie on the device; consumes the reader.
    pub async fn finish(self) -> Result<Engine, JsValue> {
        let adapter = self.adapter;
        let engine = match self.reader {
            On::Cpu(reader) => engine_of(reader, adapter).map(On::Cpu),
            On::Gpu(reader) => match engine_of(reader, adapter) {
                Ok(engine) => {
                    let backend = &engine.checkpoint().decoder.backend;
                    backend.settle().await.map_err(error::to_js)?;
                    Ok(On::Gpu(engine))
                }
                Err(error) => Err(error),
            },
        };
        engine.map(Engine).map_err(error::to_js)
    }
}

fn engine_of<B: Backend>(
    reader: model::CheckpointReader<B>,
    adapter: Option<Adapter>,
) -> crate::Result<agent::Engine<B>> {
    let mut checkpoint = reader.finish()?;
    if let Some(adapter) = adapter {
        checkpoint.adapt(adapter)?;
    }
    agent::Engine::new(checkpoint)
}

/// A checkpoint with a tool pack, ready to be asked.
#[wasm_bindgen]
pub struct Engine(pub(super) On<agent::Engine<Cpu>, agent::Engine<Wgpu>>);

#[wasm_bindgen]
impl Engine {
    /// Takes a tool pack; one for another checkpoint is refused.
    pub fn load_pack(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        let pack = ToolPack::from_bytes(bytes).map_err(error::to_js)?;
        on!(&mut self.0, engine => engine.load_pack(pack)).map_err(error::to_js)
    }

    /// The tools; none without a pack.
    #[wasm_bindgen(unchecked_return_type = "object[]")]
    pub fn tools(&self) -> Result<JsValue, JsValue> {
        let tools = on!(&self.0, engine => engine.tools().map(<[_]>::to_vec));
        exact_to_js(&tools.unwrap_or_default())
    }

    /// Ranks the tools for a question: a text, or `{ text, now, offsets, before }`, all but the text optional.
    pub fn retrieve(&self, asked: JsValue, top_k: usize) -> Result<Stream, JsValue> {
        let question = question(asked)?;
        on!(&self.0, engine => engine.retrieve(question, top_k).map(Stream::from))
            .map_err(error::to_js)
    }

    /// Answers a question with a call, of one of the tools with these names if there are names; with `explain`, each
    /// token of its arguments is told, and where a call is `required` the likeliest is made even if none fits.
    pub fn call(
        &self,
        asked: JsValue,
        top_k: usize,
        names: Option<Vec<String>>,
        explain: Option<bool>,
        required: Option<bool>,
    ) -> Result<Stream, JsValue> {
        let question = question(asked)?;
        let (names, explains) = (names.as_deref(), explain.unwrap_or(false));
        let required = required.unwrap_or(false);
        on!(&self.0, engine => {
            let call = engine.call_among(question, top_k, names);
            call.map(|call| Stream::from(call.explained(explains).required(required)))
        })
        .map_err(error::to_js)
    }

    /// Answers a question with calls that the page carries out; `unsure` is `ask`, `call` (as without it) or `end`;
    /// `explain` as in [`Self::call`].
    pub fn run(
        &self,
        asked: JsValue,
        top_k: usize,
        max_steps: usize,
        names: Option<Vec<String>>,
        unsure: JsValue,
        explain: Option<bool>,
    ) -> Result<Stream, JsValue> {
        let question = question(asked)?;
        let (names, explains) = (names.as_deref(), explain.unwrap_or(false));
        let unsure = if unsure.is_undefined() { Unsure::Call } else { from_js(unsure)? };
        let run = on!(&self.0, engine => {
            let run = engine.run_when(question, top_k, max_steps, names, unsure);
            run.map(|run| Stream::from(run.explained(explains)))
        });
        run.map_err(error::to_js)
    }

    /// Continues a raw text greedily.
    pub fn complete(&self, prompt: &str, max_tokens: usize) -> Result<Stream, JsValue> {
        on!(&self.0, engine => engine.complete(prompt, max_tokens).map(Stream::from))
            .map_err(error::to_js)
    }

    /// Writes what follows a question and a tool's document, without the grammar.
    pub fn complete_arguments(
        &self,
        asked: JsValue,
        tool: &str,
        max_tokens: usize,
    ) -> Result<Stream, JsValue> {
        let question = question(asked)?;
        let completion = on!(&self.0, engine => {
            engine.complete_arguments(question, tool, max_tokens).map(Stream::from)
        });
        completion.map_err(error::to_js)
    }

    /// Goes on with a stream whose device was lost; consumes that stream.
    pub fn resume(&self, stream: Stream) -> Result<Stream, JsValue> {
        let stream = Rc::into_inner(stream.0).ok_or_else(error::busy)?.into_inner();
        on!(&self.0, engine => on!(stream, stream => engine.resume(stream)).map(Stream::from))
            .map_err(error::to_js)
    }
}

/// Work in progress; freeing it cancels.
#[wasm_bindgen]
pub struct Stream(Rc<RefCell<On<agent::Stream<Cpu>, agent::Stream<Wgpu>>>>);

impl From<agent::Stream<Cpu>> for Stream {
    fn from(stream: agent::Stream<Cpu>) -> Self {
        Self(Rc::new(RefCell::new(On::Cpu(stream))))
    }
}

impl From<agent::Stream<Wgpu>> for Stream {
    fn from(stream: agent::Stream<Wgpu>) -> Self {
        Self(Rc::new(RefCell::new(On::Gpu(stream))))
    }
}

#[wasm_bindgen]
impl Stream {
    /// Says what the page answers to an `approve` or `execute` event.
    pub fn reply(&self, reply: JsValue) -> Result<(), JsValue> {
        let reply = from_js(reply)?;
        let Ok(mut stream) = self.0.try_borrow_mut() else { return Err(error::busy()) };
        on!(&mut *stream, stream => stream.reply(reply)).map_err(error::to_js)
    }

    /// Does the next unit of work; resolves to its event, or to undefined when all is done.
    #[wasm_bindgen(unchecked_return_type = "Promise<object | undefined>")]
    pub fn next(&self) -> Promise {
        let stream = self.0.clone();
        future_to_promise(async move {
            // Holding the borrow makes a second `next()` before the first has settled an error.
            let Ok(mut stream) = stream.try_borrow_mut() else {
                return Err(error::busy());
            };
            match on!(&mut *stream, stream => stream.next().await).map_err(error::to_js)? {
                Some(event) => exact_to_js(&event),
                None => Ok(JsValue::UNDEFINED),
            }
        })
    }
}

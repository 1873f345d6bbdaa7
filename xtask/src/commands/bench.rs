//! `cargo xtask bench`: this engine on the CPU and on WebGPU, and its peers, in one browser, in one run.

use anyhow::{Context, Result, ensure};
use lexopt::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

use crate::build::{Profile, module, npm, size};
use crate::fetch::model::{self, Model};
use crate::fetch::weights;
use crate::host::apt::Install;
use crate::host::stamp::{Stamp, hash_file};
use crate::host::{browser, node, project, shell};

/// What to measure.
struct Options {
    /// How often each engine takes its turn.
    rounds: u32,
    /// Words of which an engine's name has one, to measure it; none for all.
    only: Vec<String>,
    /// Words of which no measured engine's name has one.
    without: Vec<String>,
    install: Install,
}

impl Default for Options {
    fn default() -> Self {
        Self { rounds: 5, only: Vec::new(), without: Vec::new(), install: Install::Forbidden }
    }
}

impl Options {
    fn parse(mut arguments: lexopt::Parser) -> Result<Self> {
        let mut options = Self::default();
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("install") => options.install = Install::Allowed,
                Long("rounds") => options.rounds = arguments.value()?.parse()?,
                Long("only") => options.only.push(arguments.value()?.string()?),
                Long("without") => options.without.push(arguments.value()?.string()?),
                other => return Err(other.unexpected().into()),
            }
        }
        ensure!(options.rounds > 0, "a benchmark takes at least one round");
        Ok(options)
    }

    fn asks_for(&self, name: &str) -> bool {
        let has = |words: &[String]| words.iter().any(|word| name.contains(word));
        (self.only.is_empty() || has(&self.only)) && !has(&self.without)
    }
}

/// There is no ONNX file of the model: onnxruntime-web's kernel is measured, beside this engine's.
const KERNELS: &str = "onnxruntime-web webgpu kernels";
/// Without a browser: the command line beside llama.cpp.
const NATIVE: &str = "llama.cpp native";

pub fn run(arguments: lexopt::Parser) -> Result<()> {
    let options = Options::parse(arguments)?;
    let chromium = browser::find(options.install)?;
    let engines = engines(&options)?;
    module::build(Profile::Web, options.install)?;
    module::build_threads(Profile::Web, options.install)?;
    npm::build()?;
    let mut report = if engines.is_empty() {
        json!({})
    } else {
        let rounds = options.rounds.to_string();
        measure("bench.mjs", &[&Value::from(engines).to_string(), &rounds], &chromium)?
    };
    if report.get("webgpu").is_some() {
        report["webgpu"]["bandwidth"] = measure("bandwidth.mjs", &[], &chromium)?;
    }
    if options.asks_for(KERNELS) {
        install_peers()?;
        report["kernels"] = measure("kernels.mjs", &[], &chromium)?;
    }
    if options.asks_for(NATIVE) {
        report["native"] = beside_llama(options.rounds)?;
    }
    let Model { checkpoint, adapter } = model::fetch()?;
    report["size"] = serde_json::to_value(size::measure(&checkpoint, &adapter)?)?;
    println!("{report:#}");
    Ok(())
}

/// One thread each, on the same files.
fn beside_llama(rounds: u32) -> Result<Value> {
    // Not `npm ci`: a registry that lacks the builds for other systems would fail it.
    let mut install = node::npm();
    install.current_dir(project::root().join("bench/native"));
    shell::run(install.args(["install", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    let toolgen = shell::built_toolgen()?;
    let files = [weights::fetch_base()?, requantize("q4_0")?, requantize("q8_0")?];
    let mut node = node::node()?;
    node.arg("bench/native/llama.mjs").arg(toolgen).arg(rounds.to_string()).arg("1").args(files);
    serde_json::from_str(&shell::output(&mut node)?).context("llama.mjs printed no JSON")
}

/// What a script of `bench` prints.
fn measure(script: &str, arguments: &[&str], chromium: &Path) -> Result<Value> {
    let mut node = node::node()?;
    node.arg(format!("bench/{script}")).args(arguments).env("CHROMIUM", chromium);
    let measured = shell::output(&mut node)?;
    serde_json::from_str(&measured).with_context(|| format!("{script} printed no JSON"))
}

/// The engine's builds and devices.
const OURS: [&str; 4] = ["toolgen", "toolgen strict", "toolgen, two threads", "toolgen webgpu"];

/// The engines that are asked for, with all that they need built or fetched.
fn engines(options: &Options) -> Result<Vec<Value>> {
    let is_asked = |name: &str| options.asks_for(name);
    let mut engines = Vec::new();
    let mut add = |name: &str, mut engine: Value| {
        if is_asked(name) {
            engine["name"] = name.into();
            engines.push(engine);
        }
    };
    let module = "/toolgen/toolgen.js";
    let pack = "/models/packs/catalogue.safetensors";
    if OURS.iter().any(|name| is_asked(name)) {
        let [relaxed, strict, two_threads, webgpu] = OURS;
        let files = model::fetch()?;
        let (model, adapter) = (url(&files.checkpoint)?, url(&files.adapter)?);
        let own = json!({ "module": module, "model": model, "adapter": adapter, "pack": pack });
        let built = |wasm: &str| {
            let mut engine = own.clone();
            engine["wasm"] = format!("/toolgen/{wasm}").into();
            engine
        };
        add(relaxed, built("toolgen_relaxed_bg.wasm"));
        add(strict, built("toolgen_bg.wasm"));
        let mut threads = own.clone();
        threads["threads"] = 2.into();
        add(two_threads, threads);
        add(
            webgpu,
            json!({
                "module": module,
                "wasm": "/toolgen/toolgen_relaxed_bg.wasm",
                "model": model,
                "adapter": adapter,
                "pack": pack,
                "device": "webgpu",
                // A software adapter takes minutes for a long prompt; what counts there are the counters.
                "rounds": 1,
                "longest": 128,
            }),
        );
    }
    // The peers' fastest formats: the base as it is fetched, Q4_1, is slow in both.
    for format in ["q8_0", "q4_0"] {
        let name = format!("candle {format}");
        if is_asked(&name) {
            module::build_candle(options.install)?;
            let model = url(&requantize(format)?)?;
            add(&name, json!({ "module": "/candle/candle_web.js", "model": model }));
        }
    }
    for (name, peer, threads) in [
        ("wllama 2.3.1 q8_0", "wllama2", 1),
        ("wllama 2.3.1 q8_0, two threads", "wllama2", 2),
        ("wllama 3.13.0 q8_0", "wllama3", 1),
        ("wllama 3.13.0 webgpu q8_0", "wllama3webgpu", 1),
    ] {
        if is_asked(name) {
            install_peers()?;
            let model = url(&requantize("q8_0")?)?;
            add(name, json!({ "peer": peer, "model": model, "threads": threads }));
        }
    }
    ensure!(
        !engines.is_empty() || is_asked(KERNELS) || is_asked(NATIVE),
        "--only and --without leave no engine"
    );
    Ok(engines)
}

/// The peers' packages, which only the benchmark needs.
fn install_peers() -> Result<()> {
    node::install(&project::root().join("bench/peers"))
}

/// Where checkpoints for the peers are made.
fn models() -> PathBuf {
    project::work().join("bench")
}

/// The base, which has no tensors that only this project reads, in another format.
fn requantize(format: &str) -> Result<PathBuf> {
    let base = weights::fetch_base()?;
    std::fs::create_dir_all(models())?;
    let file = models().join(format!("base-{format}.gguf"));
    let stamp = Stamp::new(&format!("base-{format}"), hash_file(&base)?);
    if stamp.is_fresh(std::slice::from_ref(&file)) {
        return Ok(file);
    }
    stamp.clear();
    let mut quantize = shell::toolgen();
    quantize.arg("--checkpoint").arg(&base);
    quantize.args(["checkpoint", "quantize", "--type", format, "--out"]).arg(&file);
    shell::run(&mut quantize)?;
    stamp.set()?;
    Ok(file)
}

/// The address under which the benchmark's site (`bench/site.mjs`) serves `file`.
fn url(file: &Path) -> Result<String> {
    let (prefix, rest) = match file.strip_prefix(project::root().join("models")) {
        Ok(rest) => ("/models/", rest),
        Err(_) => ("/bench/", file.strip_prefix(models())?),
    };
    Ok(format!("{prefix}{}", rest.to_string_lossy().replace('\\', "/")))
}

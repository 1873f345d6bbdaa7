//! `cargo xtask bench`: this engine on the CPU and on WebGPU, and its peers, in one browser, in one run.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

use crate::site::Site;
use crate::stamp::{Stamp, hash_file};
use crate::{base, browser, npm, project, release, serve, shell, size, web};

/// What to measure.
pub struct Options {
    /// How often each engine takes its turn.
    pub rounds: u32,
    /// Words of which an engine's name has one, to measure it; none for all.
    pub only: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { rounds: 5, only: Vec::new() }
    }
}

impl Options {
    fn asks_for(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| name.contains(word))
    }
}

/// There is no ONNX file of the model: onnxruntime-web's kernel is measured, beside this engine's.
const KERNELS: &str = "onnxruntime-web webgpu kernels";

pub fn run(options: &Options) -> Result<()> {
    let engines = engines(options)?;
    web::build()?;
    npm::build()?;
    let root = project::root();
    let server = serve::start(
        Site::new(vec![
            ("/", root.join("bench/page")),
            ("/toolgen/", web::bindings()),
            ("/candle/", web::candle_bindings()),
            ("/peers/", root.join("bench/peers/node_modules")),
            ("/models/", root.join("models")),
            ("/bench/", models()),
        ]),
        Some(0),
    )?;
    let mut report = if engines.is_empty() {
        json!({})
    } else {
        let rounds = options.rounds.to_string();
        measure("bench.mjs", &[&server.url, &Value::from(engines).to_string(), &rounds])?
    };
    if report.get("webgpu").is_some() {
        report["webgpu"]["bandwidth"] = measure("bandwidth.mjs", &[])?;
    }
    if options.asks_for(KERNELS) {
        npm::install_peers()?;
        report["kernels"] = measure("kernels.mjs", &[&server.url])?;
    }
    report["size"] = serde_json::to_value(size::measure()?)?;
    println!("{report:#}");
    Ok(())
}

/// What a script of `tests/browser` prints.
fn measure(script: &str, arguments: &[&str]) -> Result<Value> {
    let mut node = npm::node()?;
    node.arg(format!("tests/browser/{script}")).args(arguments).env("CHROMIUM", browser::find()?);
    let measured = shell::output(&mut node)?;
    serde_json::from_str(&measured).with_context(|| format!("{script} printed no JSON"))
}

/// The engines that are asked for, with all that they need built or fetched.
fn engines(options: &Options) -> Result<Vec<Value>> {
    let is_asked = |name: &str| options.asks_for(name);
    let mut engines = Vec::new();
    let mut add = |name: &str, mut engine: Value| {
        engine["name"] = name.into();
        engines.push(engine);
    };
    let module = "/toolgen/toolgen.js";
    let pack = "/models/packs/catalogue.safetensors";
    if is_asked("toolgen") {
        let model = url(&release::build()?)?;
        add("toolgen", json!({ "module": module, "model": model, "pack": pack }));
        add(
            "toolgen webgpu",
            json!({
                "module": module,
                "model": model,
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
            web::build_candle()?;
            let model = url(&requantize(format)?)?;
            add(&name, json!({ "module": "/candle/candle_web.js", "model": model }));
        }
    }
    for (name, peer) in [("wllama 2.3.1 q8_0", "wllama2"), ("wllama 3.8.1 webgpu q8_0", "wllama3")]
    {
        if is_asked(name) {
            npm::install_peers()?;
            add(name, json!({ "peer": peer, "model": url(&requantize("q8_0")?)? }));
        }
    }
    ensure!(
        !engines.is_empty() || is_asked(KERNELS),
        "no engine has a name with {}",
        options.only.join(" or ")
    );
    Ok(engines)
}

/// Where checkpoints for the peers are made.
fn models() -> PathBuf {
    project::work().join("bench")
}

/// The base, which has no tensors that only this project reads, in another format.
fn requantize(format: &str) -> Result<PathBuf> {
    let base = base::fetch()?;
    std::fs::create_dir_all(models())?;
    let file = models().join(format!("base-{format}.gguf"));
    let stamp = Stamp::new(&format!("base-{format}"), hash_file(&base)?);
    if stamp.is_fresh(std::slice::from_ref(&file)) {
        return Ok(file);
    }
    stamp.clear();
    let mut toolgen = shell::cargo();
    toolgen
        .args(["run", "--quiet", "--release", "--package", "toolgen", "--bin", "toolgen", "--"])
        .arg("--checkpoint")
        .arg(&base)
        .args(["checkpoint", "quantize", "--type", format, "--out"])
        .arg(&file);
    shell::run(&mut toolgen)?;
    stamp.set()?;
    Ok(file)
}

/// The address under which the benchmark's site serves `file`.
fn url(file: &Path) -> Result<String> {
    let (prefix, rest) = match file.strip_prefix(project::root().join("models")) {
        Ok(rest) => ("/models/", rest),
        Err(_) => ("/bench/", file.strip_prefix(models())?),
    };
    Ok(format!("{prefix}{}", rest.to_string_lossy().replace('\\', "/")))
}

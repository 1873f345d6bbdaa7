//! `cargo xtask bench`: this engine on the CPU and on WebGPU, and candle's, in one browser, in one run.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

use crate::site::Site;
use crate::stamp::{Stamp, hash_file};
use crate::{browser, npm, project, release, serve, shell, size, web};

/// The formats that candle has SIMD kernels for; it has none for the base's.
const CANDLE_FORMATS: [&str; 2] = ["q8_0", "q4_0"];

pub fn run() -> Result<()> {
    let base = release::build()?;
    web::build()?;
    npm::build()?;
    let candle = web::build_candle()?;
    let models = project::work().join("bench");
    std::fs::create_dir_all(&models)?;
    let mut engines = vec![
        json!({ "name": "toolgen", "module": "/toolgen/toolgen.js", "model": url(&base)? }),
        // A software adapter takes minutes for a round; the figures that count there are the counters'.
        json!({
            "name": "toolgen webgpu",
            "module": "/toolgen/toolgen.js",
            "model": url(&base)?,
            "device": "webgpu",
            "rounds": 1,
        }),
        json!({ "name": "candle q4_1", "module": "/candle/candle_web.js", "model": url(&base)? }),
    ];
    for format in CANDLE_FORMATS {
        match requantize(&base, format, &models) {
            Ok(file) => engines.push(json!({
                "name": format!("candle {format}"),
                "module": "/candle/candle_web.js",
                "model": url(&file)?,
            })),
            Err(error) => eprintln!("candle {format} is left out: {error:#}"),
        }
    }
    let root = project::root();
    let server = serve::start(
        Site::new(vec![
            ("/", root.join("bench/page")),
            ("/toolgen/", web::bindings()),
            ("/candle/", candle),
            ("/models/", root.join("models")),
            ("/bench/", models),
        ]),
        Some(0),
    )?;
    let measured = shell::output(
        npm::node()?
            .arg("tests/browser/bench.mjs")
            .arg(&server.url)
            .arg(Value::from(engines).to_string())
            .env("CHROMIUM", browser::find()?),
    )?;
    let mut report: Value =
        serde_json::from_str(&measured).context("tests/browser/bench.mjs printed no JSON")?;
    report["size"] = serde_json::to_value(size::measure()?)?;
    println!("{report:#}");
    Ok(())
}

/// The base in another format, made by this project's command line.
fn requantize(base: &Path, format: &str, folder: &Path) -> Result<PathBuf> {
    let file = folder.join(format!("base-{format}.gguf"));
    let stamp = Stamp::new(&format!("base-{format}"), hash_file(base)?);
    if stamp.is_fresh(std::slice::from_ref(&file)) {
        return Ok(file);
    }
    stamp.clear();
    let mut toolgen = shell::cargo();
    toolgen
        .args(["run", "--quiet", "--release", "--package", "toolgen", "--bin", "toolgen", "--"])
        .args(["checkpoint", "quantize", "--type", format, "--out"])
        .arg(&file);
    shell::run(&mut toolgen)?;
    stamp.set()?;
    Ok(file)
}

/// The address under which the benchmark's site serves `file`.
fn url(file: &Path) -> Result<String> {
    let models = project::root().join("models");
    let bench = project::work().join("bench");
    let (prefix, rest) = match file.strip_prefix(models) {
        Ok(rest) => ("/models/", rest),
        Err(_) => ("/bench/", file.strip_prefix(bench)?),
    };
    Ok(format!("{prefix}{}", rest.to_string_lossy().replace('\\', "/")))
}

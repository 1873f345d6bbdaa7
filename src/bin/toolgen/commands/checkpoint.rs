//! `toolgen checkpoint`.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use toolgen::gguf::Format;
use toolgen::gguf::quantize::Rounding;
use toolgen::model::file;
use toolgen::training::peft::PeftAdapter;
use toolgen::training::peft::merge::{Storage, merge};
use toolgen::training::trainer::memorization_head::MemorizationHead;
use toolgen::{Error, Result};

use crate::commands::adapter;
use crate::project::{self, ModelFiles};

#[derive(Subcommand)]
pub enum Checkpoint {
    /// Store the layers' matrices in another format, for comparison with other engines.
    Quantize(Target),
    /// Add an adapter to the base's weights and store its memorization head, if any, beside them.
    Merge(Merge),
}

#[derive(Args)]
pub struct Merge {
    /// The adapter's folder.
    #[arg(long, default_value = "models/adapter")]
    peft: PathBuf,
    /// The checkpoint's name (`general.name`).
    #[arg(long, default_value = "ToolGen SmolLM2 135M")]
    name: String,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub struct Target {
    /// The layers' format.
    #[arg(long = "type")]
    format: FormatName,
    /// The embedding's format; as it is when absent.
    #[arg(long)]
    embedding: Option<FormatName>,
    /// How 4-bit scales are chosen.
    #[arg(long, default_value = "least-squares")]
    rounding: RoundingName,
    /// Where to write the checkpoint.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    #[value(name = "q4_0")]
    Q4_0,
    #[value(name = "q4_1")]
    Q4_1,
    #[value(name = "q8_0")]
    Q8_0,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoundingName {
    /// From a block's extremes, as ggml's reference does.
    Extremes,
    /// By a search for the smallest squared error.
    LeastSquares,
}

impl Checkpoint {
    pub fn run(self, model: &ModelFiles, json: bool) -> Result<()> {
        let base = model.base();
        let summary = match self {
            Self::Quantize(target) => write(&base, &target, None, None, None)?,
            Self::Merge(options) => {
                let config = file::config(&base)?;
                let updates = PeftAdapter::read(&options.peft, &config)?;
                let head = adapter::read_head(&options.peft)?;
                let name = Some(options.name);
                write(&base, &options.target, Some(&updates), head.as_ref(), name)?
            }
        };
        project::report(json, &summary);
        Ok(())
    }
}

fn write(
    base: &Path,
    target: &Target,
    adapter: Option<&PeftAdapter>,
    head: Option<&MemorizationHead>,
    name: Option<String>,
) -> Result<serde_json::Value> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    let mut source = File::open(base).map_err(io(base))?;
    let mut file = BufWriter::new(File::create(&target.out).map_err(io(&target.out))?);
    let storage = Storage {
        layers: target.format.into(),
        embedding: target.embedding.map(Format::from),
        rounding: match target.rounding {
            RoundingName::Extremes => Rounding::Extremes,
            RoundingName::LeastSquares => Rounding::LeastSquares,
        },
        name,
    };
    let has_head = head.is_some();
    let loss = merge(&mut source, &mut file, adapter, head, &storage)?;
    let file = file.into_inner().map_err(|error| io(&target.out)(error.into_error()))?;
    let bytes = file.metadata().map_err(io(&target.out))?.len();
    Ok(json!({ "checkpoint": target.out, "bytes": bytes, "document_head": has_head, "loss": loss }))
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Q4_0 => Self::Q4_0,
            FormatName::Q4_1 => Self::Q4_1,
            FormatName::Q8_0 => Self::Q8_0,
        }
    }
}

//! `toolgen adapter`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use toolgen::model::file;
use toolgen::training::peft::PeftAdapter;
use toolgen::training::peft::config::BASE_MODEL;
use toolgen::training::peft::fused_projections;
use toolgen::training::peft::pack::pack;
use toolgen::training::trainer::SavedState;
use toolgen::training::trainer::memorization_head::MemorizationHead;
use toolgen::{Error, Result};

use crate::project::{self, ModelFiles};

/// The memorization head's file, in an adapter's folder.
const HEAD: &str = "head.safetensors";
/// Files in the repository stay below this.
const MAX_BYTES: u64 = 20 << 20;

#[derive(Subcommand)]
pub enum Adapter {
    /// Write a training state's adapters as PEFT does, and the memorization head beside them.
    Export(Export),
    /// Make a training state of an adapter that PEFT wrote, to train on from it (`train … --begin`).
    Import(Import),
    /// Write the file that ships, for the base: from a folder that PEFT wrote, or from a training state.
    Pack(Pack),
}

#[derive(Args)]
pub struct Pack {
    /// The adapter's folder.
    #[arg(long, requires = "out", default_value = "models/adapter")]
    peft: PathBuf,
    /// A training state in place of the folder.
    #[arg(long, requires = "out", conflicts_with = "peft")]
    state: Option<PathBuf>,
    /// The adapter's file.
    #[arg(long, default_value = project::ADAPTER)]
    out: PathBuf,
}

#[derive(Args)]
pub struct Export {
    /// The training state.
    #[arg(long)]
    state: PathBuf,
    /// The adapter's folder.
    #[arg(long)]
    out: PathBuf,
    /// `α / r`, as it was in training.
    #[arg(long, default_value_t = 1.0)]
    scale: f32,
}

#[derive(Args)]
pub struct Import {
    /// The adapter's folder.
    #[arg(long, default_value = "models/adapter")]
    peft: PathBuf,
    /// A memorization head, or a training state that holds one; by default the adapter's own.
    #[arg(long)]
    head: Option<PathBuf>,
    /// Where to write the training state.
    #[arg(long)]
    out: PathBuf,
}

impl Adapter {
    pub fn run(self, model: &ModelFiles, json: bool) -> Result<()> {
        let base = model.base();
        let config = file::config(&base)?;
        let summary = match self {
            Self::Export(options) => {
                let state = read(&options.state)?;
                let adapter =
                    fused_projections::from_state(&state, &config, options.scale, BASE_MODEL)?;
                let bytes = adapter.write(&options.out)?;
                if bytes > MAX_BYTES {
                    eprintln!("warning: {bytes} bytes are too many for the repository (20 MiB)");
                }
                head(&state)?.tensors()?.save(&options.out.join(HEAD))?;
                json!({ "adapter": options.out, "updates": adapter.updates.len(), "bytes": bytes })
            }
            Self::Import(options) => {
                let adapter = PeftAdapter::read(&options.peft, &config)?;
                let (mut state, rank) = fused_projections::to_state(&adapter, &config)?;
                let own = options.peft.join(HEAD);
                let head_path = options.head.or_else(|| own.exists().then_some(own));
                let has_head = head_path.is_some();
                if let Some(path) = head_path {
                    state.extend(head(&read(&path)?)?.tensors()?);
                }
                state.save(&options.out)?;
                json!({ "state": options.out, "rank": rank, "head": has_head })
            }
            Self::Pack(options) => {
                let (state, head) = match &options.state {
                    Some(path) => {
                        let state = read(path)?;
                        let head = head(&state)?;
                        (state, Some(head))
                    }
                    None => {
                        let adapter = PeftAdapter::read(&options.peft, &config)?;
                        let (state, _) = fused_projections::to_state(&adapter, &config)?;
                        (state, read_head(&options.peft)?)
                    }
                };
                let bytes = pack(&state, head.as_ref(), &config, &file::sha256(&base)?)?;
                std::fs::write(&options.out, &bytes).map_err(Error::io(&options.out))?;
                let (head, sha256) = (head.is_some(), file::sha256(&options.out)?);
                json!({ "adapter": options.out, "head": head, "bytes": bytes.len(), "sha256": sha256 })
            }
        };
        if json {
            project::print_json(&summary);
        } else {
            println!("{summary}");
        }
        Ok(())
    }
}

/// The memorization head in an adapter's folder; none beside an adapter that was trained elsewhere.
pub fn read_head(folder: &Path) -> Result<Option<MemorizationHead>> {
    let path = folder.join(HEAD);
    if path.exists() { head(&read(&path)?).map(Some) } else { Ok(None) }
}

fn head(tensors: &SavedState) -> Result<MemorizationHead> {
    MemorizationHead::from_tensors(tensors)
        .map_err(|error| Error::Adapter { field: HEAD.into(), reason: error.to_string() })
}

fn read(path: &Path) -> Result<SavedState> {
    SavedState::load(path)
        .map_err(|error| Error::adapter(path.display().to_string(), error.to_string()))
}

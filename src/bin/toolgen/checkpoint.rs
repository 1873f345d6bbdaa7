//! `toolgen checkpoint`.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use candle_core::Device;
use candle_core::quantized::{GgmlDType, QTensor, gguf_file};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use toolgen::{Error, Result};

use crate::project;

#[derive(Subcommand)]
pub enum Checkpoint {
    /// Store the layers' matrices in another format, for comparison with other engines.
    Quantize(Quantize),
}

#[derive(Args)]
pub struct Quantize {
    /// The format.
    #[arg(long = "type")]
    format: Target,
    /// Where to write the checkpoint.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Target {
    #[value(name = "q4_0")]
    Q4_0,
    #[value(name = "q4_1")]
    Q4_1,
    #[value(name = "q8_0")]
    Q8_0,
}

impl Checkpoint {
    pub fn run(self, checkpoint: Option<PathBuf>, json: bool) -> Result<()> {
        let Self::Quantize(options) = self;
        let path = project::checkpoint_path(checkpoint);
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Io { path, source }
        };
        let mut source = File::open(&path).map_err(io(&path))?;
        let mut target = BufWriter::new(File::create(&options.out).map_err(io(&options.out))?);
        let tensors = requantize(&mut source, &mut target, options.format).map_err(|error| {
            Error::Io { path: options.out.clone(), source: std::io::Error::other(error) }
        })?;
        let summary = json!({ "checkpoint": options.out, "tensors": tensors });
        if json {
            project::print_json(&summary);
        } else {
            println!("{tensors} tensors written to {}", options.out.display());
        }
        Ok(())
    }
}

/// Embedding and gains stay as they are.
fn requantize(
    source: &mut File,
    target: &mut BufWriter<File>,
    format: Target,
) -> candle_core::Result<usize> {
    let dtype = match format {
        Target::Q4_0 => GgmlDType::Q4_0,
        Target::Q4_1 => GgmlDType::Q4_1,
        Target::Q8_0 => GgmlDType::Q8_0,
    };
    let content = gguf_file::Content::read(source)?;
    let mut infos: Vec<_> = content.tensor_infos.iter().collect();
    infos.sort_by_key(|(_, info)| info.offset);
    let mut tensors = Vec::new();
    for (name, _) in infos {
        let tensor = content.tensor(source, name, &Device::Cpu)?;
        let in_layer = name.starts_with("blk.") && tensor.dtype() != GgmlDType::F32;
        let tensor = if in_layer {
            QTensor::quantize(&tensor.dequantize(&Device::Cpu)?, dtype)?
        } else {
            tensor
        };
        tensors.push((name.as_str(), tensor));
    }
    let metadata: Vec<_> =
        content.metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let borrowed: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
    gguf_file::write(target, &metadata, &borrowed)?;
    Ok(tensors.len())
}

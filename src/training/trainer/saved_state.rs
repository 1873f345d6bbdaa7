//! What a run leaves: parameters, moments and whatever else the next step depends on, by name.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};

use crate::training::autograd::failed;
use crate::{Error, Result};

/// Where the number of steps stands.
pub(super) const STEP: &str = "#step";

/// Tensors by name, in one safetensors file.
#[derive(Clone, Debug, Default)]
pub struct SavedState(HashMap<String, Tensor>);

impl SavedState {
    /// Reads the file at `path`.
    pub fn load(path: &Path) -> Result<Self> {
        candle_core::safetensors::load(path, &Device::Cpu).map(Self).map_err(failed)
    }

    /// Writes the file beside `path` and moves it into place, so that a cut leaves the one before.
    pub fn save(&self, path: &Path) -> Result<()> {
        let io = Error::io(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        let beside = path.with_extension("partial");
        candle_core::safetensors::save(&self.0, &beside).map_err(failed)?;
        std::fs::rename(&beside, path).map_err(io)
    }

    /// The tensor of this name.
    ///
    /// # Errors
    /// [`Error::Training`] where there is none.
    pub fn tensor(&self, name: &str) -> Result<&Tensor> {
        let lacks = || Error::Training(format!("the saved state lacks `{name}`"));
        self.0.get(name).ok_or_else(lacks)
    }

    /// The tensor of this name, if there is one.
    pub fn find(&self, name: &str) -> Option<&Tensor> {
        self.0.get(name)
    }

    /// Puts a tensor in.
    pub fn insert(&mut self, name: impl Into<String>, tensor: Tensor) {
        self.0.insert(name.into(), tensor);
    }

    /// Every name with its tensor.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.0.iter().map(|(name, tensor)| (name.as_str(), tensor))
    }

    /// Steps after which it was saved.
    pub fn steps_taken(&self) -> Result<usize> {
        let step = self.tensor(STEP)?.to_vec1::<u32>().map_err(failed)?;
        Ok(step.first().copied().unwrap_or(0) as usize)
    }
}

impl Extend<(String, Tensor)> for SavedState {
    fn extend<I: IntoIterator<Item = (String, Tensor)>>(&mut self, tensors: I) {
        self.0.extend(tensors);
    }
}

impl FromIterator<(String, Tensor)> for SavedState {
    fn from_iter<I: IntoIterator<Item = (String, Tensor)>>(tensors: I) -> Self {
        Self(tensors.into_iter().collect())
    }
}

impl IntoIterator for SavedState {
    type Item = (String, Tensor);
    type IntoIter = std::collections::hash_map::IntoIter<String, Tensor>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

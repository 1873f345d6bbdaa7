//! Which file a request means, and which part of it. Pure, so that the rules
//! that keep a server inside its folders are tested without one.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// Folders mounted under URL paths.
pub struct Site {
    mounts: Vec<(&'static str, PathBuf)>,
}

impl Site {
    /// A site of (URL prefix that ends in a slash, folder); the longest
    /// prefix that fits a path wins.
    pub fn new(mut mounts: Vec<(&'static str, PathBuf)>) -> Self {
        mounts.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Self { mounts }
    }

    /// The file that `url` (path and query of a request) means; `None` if it
    /// leads out of the site.
    pub fn file(&self, url: &str) -> Option<PathBuf> {
        let path = url.split(['?', '#']).next()?;
        let path = percent_decode(path)?;
        let (prefix, folder) = self.mounts.iter().find(|(prefix, _)| path.starts_with(prefix))?;
        let rest = &path[prefix.len()..];
        let mut file = folder.clone();
        for part in rest.split('/').filter(|part| !part.is_empty()) {
            if !is_plain(part) {
                return None;
            }
            file.push(part);
        }
        if rest.is_empty() || rest.ends_with('/') {
            file.push("index.html");
        }
        Some(file)
    }
}

/// A file name that means the same on every system: neither a step up, nor
/// hidden, nor a separator, drive or stream of another system.
fn is_plain(part: &str) -> bool {
    !part.starts_with('.') && !part.contains(['\\', ':', '\0'])
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, tail @ ..] = rest else {
            return None;
        };
        let digit = |byte: u8| (byte as char).to_digit(16);
        bytes.push((digit(*high)? * 16 + digit(*low)?) as u8);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

/// What a `Range` header asks of a file.
#[derive(Debug, PartialEq)]
pub enum Part {
    /// All of it; also when the header is one that a server may ignore.
    Whole,
    /// These bytes.
    Bytes(Range<u64>),
    /// Bytes that the file does not have.
    Unsatisfiable,
}

impl Part {
    /// Reads `Range: bytes=first-last`, `bytes=first-` or `bytes=-count`
    /// (RFC 9110, section 14.2) for a file of `size` bytes.
    pub fn parse(header: &str, size: u64) -> Self {
        let Some((first, last)) =
            header.trim().strip_prefix("bytes=").and_then(|spec| spec.split_once('-'))
        else {
            return Self::Whole;
        };
        let (first, last) = (first.trim(), last.trim());
        let range = match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
            (Ok(first), Err(_)) if last.is_empty() => first..size,
            (Err(_), Ok(count)) if first.is_empty() => size.saturating_sub(count)..size,
            _ => return Self::Whole,
        };
        if range.is_empty() { Self::Unsatisfiable } else { Self::Bytes(range) }
    }
}

/// The media type of a file, by its extension.
pub fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("txt" | "md" | "jsonl" | "ts") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(url: &str) -> Option<String> {
        let site = Site::new(vec![("/", "page".into()), ("/models/", "models".into())]);
        site.file(url).map(|file| file.to_string_lossy().replace('\\', "/"))
    }

    #[test]
    fn paths_lead_to_files() {
        assert_eq!(file("/").unwrap(), "page/index.html");
        assert_eq!(file("/about/").unwrap(), "page/about/index.html");
        assert_eq!(file("/worker.js?v=1#top").unwrap(), "page/worker.js");
        assert_eq!(file("/models/packs/a.safetensors").unwrap(), "models/packs/a.safetensors");
        assert_eq!(file("/models").unwrap(), "page/models");
        assert_eq!(file("/a%20b.txt").unwrap(), "page/a b.txt");
    }

    #[test]
    fn no_path_leads_out() {
        for url in [
            "/../secret",
            "/models/../../secret",
            "/%2e%2e/secret",
            "/..%2fsecret",
            "/a/%2e%2E%2Fsecret",
            "/..\\secret",
            "/%5c..%5csecret",
            "/c:/secret",
            "/.git/config",
            "/a%00.txt",
            "/a%2",
            "/%zz",
            "/%ff",
            "secret",
            "",
        ] {
            assert_eq!(file(url), None, "{url}");
        }
    }

    #[test]
    fn ranges() {
        assert_eq!(Part::parse("bytes=0-99", 1000), Part::Bytes(0..100));
        assert_eq!(Part::parse("bytes=900-", 1000), Part::Bytes(900..1000));
        assert_eq!(Part::parse("bytes=-1", 1000), Part::Bytes(999..1000));
        assert_eq!(Part::parse("bytes=-5000", 1000), Part::Bytes(0..1000));
        assert_eq!(Part::parse("bytes=0-18446744073709551615", 10), Part::Bytes(0..10));
        assert_eq!(Part::parse("bytes=1000-", 1000), Part::Unsatisfiable);
        assert_eq!(Part::parse("bytes=-0", 1000), Part::Unsatisfiable);
        assert_eq!(Part::parse("bytes=0-", 0), Part::Unsatisfiable);
        for ignored in ["bytes=5-2", "bytes=a-b", "bytes=", "lines=1-2", "bytes=0-1,5-6", ""] {
            assert_eq!(Part::parse(ignored, 1000), Part::Whole, "{ignored}");
        }
    }

    #[test]
    fn types_that_browsers_insist_on() {
        assert_eq!(content_type(Path::new("a.wasm")), "application/wasm");
        assert!(content_type(Path::new("a.js")).starts_with("text/javascript"));
        assert_eq!(content_type(Path::new("a.gguf")), "application/octet-stream");
    }
}

//! The address that an operation's path is appended to.

use serde_json::Value;

use super::document::{Document, Version};
use super::{Options, Reason};

/// The first server that speaks HTTPS or runs on this machine, without a slash at its end. The operation's own servers go
/// before its path's and the document's (Server Object); Swagger 2 has `schemes`, `host` and
/// `basePath`.
pub fn base_url(
    document: &Document,
    item: &Value,
    operation: &Value,
    options: &Options,
) -> Result<String, Reason> {
    let root = document.root();
    let urls: Vec<String> = match document.version() {
        Version::Swagger2 => swagger(root, operation),
        Version::OpenApi3 => {
            let servers = [operation, item, root].into_iter().find_map(|level| {
                level.get("servers").and_then(Value::as_array).filter(|list| !list.is_empty())
            });
            servers.into_iter().flatten().filter_map(with_variables).collect()
        }
    };
    if let Some(base) = &options.base_url {
        let base = base.trim_end_matches('/');
        return Ok(match urls.iter().find(|url| !url.contains("//")) {
            Some(relative) => resolved(base, relative),
            None => base.to_owned(),
        });
    }
    let mut reason = Reason::RelativeServer;
    for url in urls {
        let url = if url.starts_with("//") { format!("https:{url}") } else { url };
        let host = |scheme: &str| {
            let host = url.strip_prefix(scheme)?.split(['/', '?', '#']).next()?;
            (!host.is_empty() && !host.contains(['{', '}', '@', '\\', ' '])).then_some(host)
        };
        let is_this_machine =
            |host: &str| matches!(host.split(':').next(), Some("localhost" | "127.0.0.1"));
        if host("https://").is_some() || host("http://").is_some_and(is_this_machine) {
            return Ok(url.trim_end_matches('/').to_owned());
        }
        if host("http://").is_some() {
            reason = Reason::InsecureServer;
        }
    }
    Err(reason)
}

/// A server's relative address as seen from `base` (RFC 3986, section 5.2, without dots within the path). `/`, which is
/// a document's server where it names none, adds nothing.
fn resolved(base: &str, relative: &str) -> String {
    let relative = relative.trim_end_matches('/');
    let origin = base.find("://").map_or(0, |at| at + 3);
    let origin = base[origin..].find('/').map_or(base.len(), |at| origin + at);
    match relative.trim_start_matches("./") {
        "" | "." => base.to_owned(),
        path if path.starts_with('/') => format!("{}{path}", &base[..origin]),
        path => format!("{base}/{path}"),
    }
}

/// A server's `url` with the defaults of its variables (Server Variable Object).
fn with_variables(server: &Value) -> Option<String> {
    let mut url = server.get("url")?.as_str()?.trim().to_owned();
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten()
    {
        let default = match variable.get("default") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => continue,
        };
        url = url.replace(&format!("{{{name}}}"), &default);
    }
    (!url.contains(['{', '}', '#', '?'])).then_some(url)
}

fn swagger(root: &Value, operation: &Value) -> Vec<String> {
    let base = root.get("basePath").and_then(Value::as_str).unwrap_or("");
    let slash = if base.is_empty() || base.starts_with('/') { "" } else { "/" };
    let Some(host) = root.get("host").and_then(Value::as_str) else {
        return vec![format!("{slash}{base}")];
    };
    let schemes = [operation, root].into_iter().find_map(|level| level.get("schemes")?.as_array());
    let url = |scheme: &str| format!("{scheme}://{host}{slash}{base}");
    match schemes {
        // Without schemes it is the one that served the document, which isn't known.
        None => vec![url("https")],
        Some(schemes) => schemes.iter().filter_map(Value::as_str).map(url).collect(),
    }
}

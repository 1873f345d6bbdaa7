//! One operation → one tool.

use serde_json::Value;

use super::document::Document;
use super::request::request;
use super::server::base_url;
use super::{Import, Names, Operation, Options, Reason, Skipped, snake_case};
use crate::tool::text::{plain, shortened};
use crate::tool::{Annotations, Tool};

/// Characters of a tool's description, the API's title not counted.
const MAX_DESCRIPTION: usize = 300;
/// Characters of a tool's title.
const MAX_TITLE: usize = 80;

/// The methods of a Path Item Object that do something: OPTIONS is for browsers, and HEAD is a GET without its answer.
const METHODS: [&str; 6] = ["get", "put", "post", "delete", "patch", "trace"];

/// Adds the operations of a path to `import`.
pub fn import_path(
    document: &Document,
    path: &str,
    item: &Value,
    options: &Options,
    names: &mut Names,
    import: &mut Import,
) {
    if path.starts_with("x-") {
        return; // a specification extension
    }
    let at = format!("$.paths[\"{path}\"]");
    let item = match document.resolve(item, &at) {
        Ok(item @ Value::Object(_)) => item,
        Ok(_) => {
            let reason = Reason::Malformed { at: at.clone(), expected: "an object" };
            return import.skipped.push(Skipped { path: at, reason });
        }
        Err(unsupported) => {
            let reason = unsupported.into();
            return import.skipped.push(Skipped { path: at, reason });
        }
    };
    for method in METHODS {
        let Some(operation) = item.get(method) else { continue };
        let at = format!("{at}.{method}");
        match import_operation(document, path, method, item, operation, options, names, &at) {
            Ok(operation) => import.operations.push(operation),
            Err(reason) => import.skipped.push(Skipped { path: at, reason }),
        }
    }
}

#[allow(clippy::too_many_arguments)] // an operation is what all of these say together
fn import_operation(
    document: &Document,
    path: &str,
    method: &str,
    item: &Value,
    operation: &Value,
    options: &Options,
    names: &mut Names,
    at: &str,
) -> Result<Operation, Reason> {
    if !operation.is_object() {
        return Err(Reason::Malformed { at: at.into(), expected: "an object" });
    }
    if !path.starts_with('/') {
        return Err(Reason::Malformed {
            at: at.into(),
            expected: "a path that begins with a slash",
        });
    }
    if method == "trace" {
        return Err(Reason::Method("TRACE".into()));
    }
    // Some documents tell operations of one address apart by a fragment, which is never sent.
    let address = path.split('#').next().unwrap_or_default();
    let url = base_url(document, item, operation, options)? + address;
    let request = request(document, options, method, url, item, operation, at)?;

    let text = |field: &str| plain(operation.get(field).and_then(Value::as_str).unwrap_or(""));
    let (summary, description) = (text("summary"), text("description"));
    let name = name(path, method, operation, options);
    let words = match sentences(&summary, &description) {
        words if words.is_empty() => name.replace('_', " "),
        words => shortened(&words, MAX_DESCRIPTION),
    };
    let mut http = request.http;
    let documentation = operation.pointer("/externalDocs/url").and_then(Value::as_str);
    http.documentation = documentation.filter(|url| url.starts_with("https://")).map(Into::into);
    let tool = Tool {
        name: names.unique(&name),
        description: match &options.api {
            Some(api) if !api.title.is_empty() => format!("{}: {words}", api.title),
            _ => words,
        },
        parameters: request.parameters,
        http: Some(http),
        annotations: Annotations {
            title: (1..=MAX_TITLE).contains(&summary.chars().count()).then(|| summary.clone()),
            read_only_hint: method == "get",
            ..Annotations::default()
        },
    };
    Ok(Operation { tool, summary, description, left_out: request.left_out })
}

/// The operation's id, or its method and path, after the API's name.
fn name(path: &str, method: &str, operation: &Value, options: &Options) -> String {
    let id = operation.get("operationId").and_then(Value::as_str).map(snake_case);
    let own =
        id.filter(|id| !id.is_empty()).unwrap_or_else(|| snake_case(&format!("{method} {path}")));
    match &options.api {
        Some(api) if own != api.name && !own.starts_with(&format!("{}_", api.name)) => {
            format!("{}_{own}", api.name)
        }
        _ => own,
    }
}

/// Summary and description, without saying the same twice.
fn sentences(summary: &str, description: &str) -> String {
    let bare = summary.trim_end_matches('.');
    let starts = || description.to_lowercase().starts_with(&bare.to_lowercase());
    match (bare.is_empty(), description.is_empty()) {
        (_, true) => summary.to_owned(),
        (true, _) => description.to_owned(),
        _ if starts() => description.to_owned(),
        _ if bare.ends_with(['!', '?', ':']) => format!("{bare} {description}"),
        _ => format!("{bare}. {description}"),
    }
}

//! Parameters that are no business of a question: keys, and headers that a browser sets or that sign a request.

use serde_json::{Map, Value};

use super::document::{Document, Version};

/// Where a key goes (Security Scheme Object of type `apiKey`).
#[derive(Clone)]
pub(super) struct Key<'a> {
    pub name: &'a str,
    pub place: &'a str,
}

impl Key<'_> {
    pub fn is(&self, name: &str, place: &str) -> bool {
        let is_name = match place {
            "header" => self.name.eq_ignore_ascii_case(name),
            _ => self.name == name,
        };
        is_name && self.place == place
    }
}

/// The keys that a document's security schemes name.
pub(super) fn keys(document: &Document) -> Vec<Key<'_>> {
    let schemes = match document.version() {
        Version::Swagger2 => "/securityDefinitions",
        Version::OpenApi3 => "/components/securitySchemes",
    };
    let schemes = document.root().pointer(schemes).and_then(Value::as_object);
    schemes.into_iter().flat_map(Map::values).filter_map(of_scheme).collect()
}

fn of_scheme(scheme: &Value) -> Option<Key<'_>> {
    let text = |field: &str| scheme.get(field)?.as_str();
    (text("type")? == "apiKey").then_some(Key { name: text("name")?, place: text("in")? })
}

/// Whether OpenAPI says to ignore this header as a parameter, a browser sets or forbids it
/// (<https://fetch.spec.whatwg.org/#forbidden-request-header>), or it tells one sending from another.
pub(super) fn is_no_argument(header: &str) -> bool {
    const HEADERS: [&str; 32] = [
        "accept",
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "idempotency-key",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
        "x-amz-algorithm",
        "x-amz-content-sha256",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-signature",
    ];
    let name = header.to_ascii_lowercase();
    HEADERS.contains(&name.as_str())
        || ["proxy-", "sec-", "x-amz-signed"].iter().any(|start| name.starts_with(start))
}

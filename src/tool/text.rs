//! Documents' prose as plain text: descriptions are written in CommonMark and HTML.

/// Characters of prose that are looked at; some descriptions are whole manuals.
const MAX_SOURCE: usize = 4000;

/// One line of plain text: without tags, links' addresses, marks of emphasis, code blocks and tables.
///
/// ```
/// use toolgen::tool::text::plain;
/// let source = "<p>Lists  **all** [pets](https://example.org/pets) &amp; `owners`.</p>\n\n## Note\n";
/// assert_eq!(plain(source), "Lists all pets & owners. Note");
/// ```
pub fn plain(source: &str) -> String {
    let source: String = source.chars().take(MAX_SOURCE).collect();
    let mut text = String::with_capacity(source.len());
    let mut in_code = false;
    for line in source.lines() {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            in_code = !in_code;
        } else if !in_code && !line.starts_with('|') {
            let line = line.trim_start_matches(['#', '>']).trim_start();
            let line = line.strip_prefix("* ").or(line.strip_prefix("- ")).unwrap_or(line);
            text.push_str(line);
            text.push(' ');
        }
    }
    let text = without_entities(&without_marks(&without_links(&without_tags(&text))));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `<p>`, `</b>`, `<!-- -->`; a lone `<` stays.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let is_tag = tail.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match tail.find('>').filter(|_| is_tag) {
            Some(end) => {
                // Blocks end words, inline tags don't: "<b>A</b>pple" is one.
                let name = tail[..end].trim_start_matches('/');
                let name = name.split([' ', '/']).next().unwrap_or("");
                if matches!(name, "p" | "br" | "li" | "ul" | "ol" | "div" | "note" | "h1" | "h2") {
                    out.push(' ');
                }
                rest = &tail[end + 1..];
            }
            None => {
                out.push('<');
                rest = tail;
            }
        }
    }
    out + rest
}

/// `[words](address)` and `![words](address)` as their words.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(middle) = rest.find("](") {
        let Some(open) = rest[..middle].rfind('[') else {
            out.push_str(&rest[..middle + 2]);
            rest = &rest[middle + 2..];
            continue;
        };
        let Some(close) = rest[middle..].find(')') else { break };
        out.push_str(rest[..open].trim_end_matches('!'));
        out.push_str(&rest[open + 1..middle]);
        rest = &rest[middle + close + 1..];
    }
    out + rest
}

/// Emphasis and code spans as their words. An underscore within a word is part of it.
fn without_marks(text: &str) -> String {
    text.replace("**", "").replace("__", "").replace(['`', '*'], "")
}

fn without_entities(text: &str) -> String {
    let entities =
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'")];
    let text = entities.iter().fold(text.to_owned(), |text, (name, c)| text.replace(name, c));
    text.replace("&amp;", "&")
}

/// At most `limit` characters: whole sentences if the first one fits, else whole words and "…".
///
/// ```
/// use toolgen::tool::text::shortened;
/// assert_eq!(shortened("One, e.g. this. Two. Three.", 21), "One, e.g. this. Two.");
/// assert_eq!(shortened("A sentence without an end", 12), "A sentence…");
/// ```
pub fn shortened(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit) else { return text.to_owned() };
    let head = &text[..end];
    if let Some(at) = sentence_ends(text).take_while(|&at| at <= end).last() {
        return text[..at].to_owned();
    }
    let words = head.rfind(' ').map_or(head, |at| &head[..at]);
    format!("{}…", words.trim_end_matches([',', ';', ':', '.', ' ', '(']))
}

/// The first sentence.
pub fn first_sentence(text: &str) -> &str {
    sentence_ends(text).next().map_or(text, |end| &text[..end])
}

/// Where sentences end: after a full stop that a space and no small letter follows.
fn sentence_ends(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices(['.', '!', '?']).filter_map(|(at, mark)| {
        let (before, after) = (&text[..at], &text[at + mark.len()..]);
        let abbreviated =
            ["e.g", "i.e", "etc", " vs", "approx"].iter().any(|a| before.ends_with(a));
        let mut next = after.chars();
        let ends = match (next.next(), next.next()) {
            (None, _) => true,
            (Some(' '), following) => following.is_none_or(|c| !c.is_lowercase()),
            _ => false,
        };
        (ends && !abbreviated).then_some(at + mark.len())
    })
}

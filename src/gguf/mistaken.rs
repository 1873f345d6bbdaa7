//! What is often found in a model file's place.

/// What a file's beginning is, where it is no model at all: a server's page, or what Git LFS keeps in a clone.
pub fn mistaken_for(beginning: &[u8]) -> Option<&'static str> {
    let text = beginning.trim_ascii_start();
    let starts_with = |start: &str| {
        text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start.as_bytes()))
    };
    if ["<!doctype html", "<html", "<head"].into_iter().any(starts_with) {
        return Some("a web page (HTML) came in its place; is its address right?");
    }
    let is_pointer = starts_with("version https://git-lfs.github.com/spec/");
    is_pointer.then_some(
        "a pointer of Git LFS came in its place; fetch the file itself, with `git lfs pull`",
    )
}

//! Tool names.

use std::collections::HashSet;

/// Characters that a name may have, as in the Model Context Protocol and other makers' APIs.
const MAX_LENGTH: usize = 64;

/// The names given so far: no two tools get the same.
#[derive(Clone, Debug, Default)]
pub struct Names(HashSet<String>);

impl Names {
    /// `name` in snake_case within the length limit; a number is appended if another tool has it.
    pub fn unique(&mut self, name: &str) -> String {
        let name = match snake_case(name) {
            name if name.is_empty() => "operation".into(),
            name if name.starts_with(|c: char| c.is_numeric()) => format!("_{name}"),
            name => name,
        };
        let mut unique = shortened(&name, MAX_LENGTH).to_owned();
        let mut number = 2;
        while !self.0.insert(unique.clone()) {
            let suffix = format!("_{number}");
            unique = format!("{}{suffix}", shortened(&name, MAX_LENGTH - suffix.len()));
            number += 1;
        }
        unique
    }
}

/// At most `length` bytes, cut between words where one ends in the second half.
fn shortened(name: &str, length: usize) -> &str {
    if name.len() <= length {
        return name;
    }
    match name[..name.floor_char_boundary(length + 1)].rfind('_') {
        Some(at) if at > length / 2 => &name[..at],
        _ => &name[..name.floor_char_boundary(length)],
    }
}

/// Words in small letters, of any script, with underscores between them.
///
/// ```
/// use toolgen::openapi::snake_case;
/// assert_eq!(snake_case("listPets"), "list_pets");
/// assert_eq!(snake_case("users/get-by-ID"), "users_get_by_id");
/// assert_eq!(snake_case("GET_DescribeVPCs"), "get_describe_vpcs");
/// assert_eq!(snake_case("HTTPServer2"), "http_server2");
/// assert_eq!(snake_case("größenAuflisten"), "größen_auflisten");
/// ```
pub fn snake_case(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut name = String::with_capacity(text.len() + 8);
    for (index, &c) in characters.iter().enumerate() {
        if !c.is_alphanumeric() {
            if !name.is_empty() && !name.ends_with('_') {
                name.push('_');
            }
            continue;
        }
        let before = index.checked_sub(1).map(|at| characters[at]);
        let after = characters.get(index + 1..).unwrap_or_default();
        // A capital begins a word after a small letter or digit, and as the last of several capitals
        // when small letters follow: "HTTPServer", but not "VPCs".
        let begins = c.is_uppercase()
            && (before.is_some_and(|b| b.is_lowercase() || b.is_numeric())
                || before.is_some_and(|b| b.is_uppercase())
                    && after.first().is_some_and(|c| c.is_lowercase())
                    && after.get(1).is_some_and(|c| c.is_lowercase()));
        if begins && !name.ends_with('_') {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name.truncate(name.trim_end_matches('_').len());
    name
}

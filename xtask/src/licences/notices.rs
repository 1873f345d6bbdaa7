//! `THIRD-PARTY-NOTICES.txt`: the licences' own texts, with those who are named in them.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fs;

use super::parts::Part;
use crate::host::project;

/// Licences, the most wanted first, and what their texts say.
const LICENCES: [(&str, &str); 7] = [
    ("MIT", "Permission is hereby granted, free of charge"),
    ("Zlib", "This software is provided 'as-is'"),
    ("ISC", "Permission to use, copy, modify, and"),
    ("BSD-3-Clause", "Redistribution and use in source and binary forms"),
    ("Unicode-3.0", "UNICODE LICENSE V3"),
    ("MIT-0", "Permission is hereby granted, free of charge"),
    (APACHE, "Apache License"),
];
/// Its text is the same for everyone.
const APACHE: &str = "Apache-2.0";

/// All notices as one text.
pub fn notices(module: &[Part], page: &[Part]) -> Result<String> {
    let mut written = String::from(HEAD);
    written += &section("In the WebAssembly module", module)?;
    written += &section("In the scripts of the demo page", page)?;
    let apache = fs::read_to_string(project::root().join("LICENSE-APACHE"))?;
    written += &format!("{RULE}\nApache License 2.0\n{RULE}\n\n{}\n", apache.trim());
    Ok(written)
}

const RULE: &str =
    "================================================================================";

const HEAD: &str = "\
Third-party notices

toolgen is licensed under Apache-2.0 or MIT, see LICENSE-APACHE and LICENSE-MIT. What is below was made by others. This file is
written by `cargo xtask licences --write`.

The Rust standard library is in the module: https://www.rust-lang.org, MIT OR Apache-2.0; used under Apache-2.0, whose text is
at the end.

The base model, where it is served beside the page or packed, is SmolLM2-135M-Instruct by Hugging Face,
https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct, Apache-2.0; it was quantized by others, and toolgen's adapter changes
what it computes.

";

/// The parts of one place, those with the same text together.
fn section(title: &str, parts: &[Part]) -> Result<String> {
    let mut by_text: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for part in parts {
        let name = format!("{} {} ({})", part.name, part.version, part.licence);
        for text in texts(part).with_context(|| format!("licence of {}", part.name))? {
            by_text.entry(text).or_default().push(name.clone());
        }
    }
    let mut all: Vec<(Vec<String>, String)> = by_text.into_iter().map(|(t, n)| (n, t)).collect();
    all.sort();
    let mut written = format!("{RULE}\n{title}\n{RULE}\n\n");
    for (names, text) in all {
        written += &format!("{}\n\n{text}\n\n--------\n\n", names.join("\n"));
    }
    Ok(written)
}

/// The texts that must go along with a part: of alternatives one, of what holds together all, and its notice.
fn texts(part: &Part) -> Result<Vec<String>> {
    let files = licence_files(part)?;
    let mut texts = Vec::new();
    for all in terms(&part.licence) {
        let text =
            LICENCES.iter().filter(|(name, _)| all.contains(name)).find_map(|(name, says)| {
                match *name {
                    APACHE => Some("Used under Apache-2.0, whose text is at the end.".to_owned()),
                    _ => files.iter().find(|(_, text)| text.contains(says)).map(|f| f.1.clone()),
                }
            });
        let Some(text) = text else { bail!("no text of `{}` is among its files", part.licence) };
        texts.push(text);
    }
    texts.extend(files.into_iter().filter(|(name, _)| name.starts_with("NOTICE")).map(|f| f.1));
    Ok(texts)
}

/// `(MIT OR Apache-2.0) AND Unicode-3.0`: lists of alternatives, of each of which one is needed.
fn terms(licence: &str) -> Vec<Vec<&str>> {
    licence
        .split(" AND ")
        .map(|term| term.trim_matches(['(', ')']).split(" OR ").map(str::trim).collect())
        .collect()
}

/// Names, in capitals, and contents of files with licences and notices, those of one licence before the general one.
fn licence_files(part: &Part) -> Result<Vec<(String, String)>> {
    let folder = fs::read_dir(&part.folder)
        .with_context(|| format!("{} {} is not here", part.name, part.version))?;
    let mut files = Vec::new();
    for file in folder {
        let file = file?;
        let name = file.file_name().to_string_lossy().to_uppercase();
        let is_wanted = ["LICEN", "COPYING", "NOTICE"].iter().any(|start| name.starts_with(start));
        if is_wanted && file.file_type()?.is_file() {
            let text = fs::read_to_string(file.path())?.replace("\r\n", "\n");
            let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
            files.push((name, lines.join("\n").trim().to_owned()));
        }
    }
    files.sort_by_key(|(name, _)| (!name.contains('-'), name.clone()));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, licence: &str, files: &[(&str, &str)]) -> Part {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            fs::write(folder.join(file), text).unwrap();
        }
        Part { name: name.into(), version: "1".into(), licence: licence.into(), folder }
    }

    const MIT: &str = "© Ann\r\n\r\nPermission is hereby granted, free of charge  \r\n";

    #[test]
    fn the_text_of_one_alternative_and_of_all_that_holds_together() {
        assert_eq!(
            terms("(MIT OR Apache-2.0) AND Unicode-3.0"),
            [vec!["MIT", "Apache-2.0"], vec!["Unicode-3.0"]]
        );
        let files =
            [("LICENSE-MIT", MIT), ("license-apache", "Apache License"), ("NOTICE", "By Bo")];
        let both = part("both", "MIT OR Apache-2.0", &files);
        let text = "© Ann\n\nPermission is hereby granted, free of charge";
        assert_eq!(texts(&both).unwrap(), [text, "By Bo"]);
        let apache = Part { licence: "Apache-2.0".into(), ..both.clone() };
        assert!(texts(&apache).unwrap()[0].starts_with("Used under Apache-2.0"));
        let unicode = Part { licence: "MIT AND Unicode-3.0".into(), ..both };
        assert!(texts(&unicode).unwrap_err().to_string().contains("Unicode-3.0"));
    }

    #[test]
    fn parts_with_the_same_text_stand_together() {
        let parts = ["same-a", "same-b"].map(|name| part(name, "MIT", &[("LICENSE", MIT)]));
        let written = section("Here", &parts).unwrap();
        assert!(written.contains("same-a 1 (MIT)\nsame-b 1 (MIT)\n\n© Ann"), "{written}");
    }
}

//! The program as a shell runs it.

use std::process::{Command, Stdio};

use crate::common::root;

/// `toolgen … | head`: no panic, and nothing to read about.
#[test]
fn a_reader_that_has_gone_is_no_fault() {
    let document = root().join("tests/fixtures/openapi/library-3.0.json");
    let out = std::env::temp_dir().join(format!("toolgen-{}.jsonl", std::process::id()));
    let mut program = Command::new(env!("CARGO_BIN_EXE_toolgen"))
        .args(["--json", "import", "openapi"])
        .arg(document)
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(program.stdout.take());
    let ended = program.wait_with_output().unwrap();
    std::fs::remove_file(out).unwrap();
    assert!(ended.status.success(), "{ended:?}");
    assert!(ended.stderr.is_empty(), "{ended:?}");
}

/// What the project ships is replaced only by who asks for that.
#[test]
fn other_inputs_than_the_projects_want_a_file_of_their_own() {
    for arguments in [
        &["train", "retrieval", "--rows-only", "--tools", "mine.jsonl"][..],
        &["train", "retrieval", "--rows-only", "--data", "mine.jsonl"],
        &["adapter", "export", "--state", "mine.safetensors"],
        &["adapter", "pack", "--peft", "mine"],
        &["adapter", "pack", "--state", "mine.safetensors"],
    ] {
        let ended = Command::new(env!("CARGO_BIN_EXE_toolgen")).args(arguments).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(!ended.status.success() && said.contains("--out"), "{said}");
    }
}

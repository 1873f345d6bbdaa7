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

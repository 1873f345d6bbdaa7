//! The page of results, from reports in a folder.

use crate::common;
use toolgen::evaluation::record::{self, Records};
use toolgen::evaluation::results::page;

/// Every table appears, with the columns that have values; compared with a page kept in the
/// repository. After a change that is meant, run with `UPDATE_GOLDEN=1` and look at the difference.
#[test]
fn the_page_is_written_from_reports() {
    let golden = common::root().join("tests/golden/results.md");
    let records = Records::read_all(&common::root().join("tests/golden/results")).unwrap();
    let found = page(&records);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(golden).unwrap());
}

/// docs/results.md is made of the reports beside it: after a new one, run `toolgen results`.
#[test]
fn the_page_in_the_documentation_is_that_of_its_reports() {
    let docs = common::root().join("docs");
    let records = Records::read_all(&docs.join("results")).unwrap();
    assert_eq!(page(&records), std::fs::read_to_string(docs.join("results.md")).unwrap());
}

#[test]
fn without_reports_there_is_no_table() {
    assert!(!page(&Records::default()).contains('|'));
}

#[test]
fn a_record_comes_back_from_its_file() {
    let records = Records::read_all(&common::root().join("tests/golden/results")).unwrap();
    let folder = std::env::temp_dir().join(format!("toolgen-results-{}", std::process::id()));
    let file = folder.join("new/report.json");
    let reread = || Records::read_all(&folder.join("new")).unwrap();
    for record in &records.sets {
        record::write(record, &file).unwrap();
        assert_eq!(reread().sets, std::slice::from_ref(record));
    }
    for record in &records.apps {
        record::write(record, &file).unwrap();
        assert_eq!(reread().apps, std::slice::from_ref(record));
    }
    assert!(!records.apps.is_empty());
    std::fs::write(&file, "{\n\"set\": 5 }").unwrap();
    let error = Records::read_all(&folder.join("new")).unwrap_err().to_string();
    std::fs::remove_dir_all(folder).unwrap();
    assert!(error.contains("report.json:2"), "{error}");
}

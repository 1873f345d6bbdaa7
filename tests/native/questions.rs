//! Paraphrases: never the source's words as they stand, and always the same.

use proptest::prelude::*;
use toolgen::openapi::corpus::api::plain_title;
use toolgen::openapi::corpus::question::{holds, paraphrase};

#[test]
fn a_question_reads_like_a_person() {
    for (text, seed) in [
        ("Lists all invoices", 1),
        ("Retrieve a list of users", 2),
        ("Delete the specified page", 3),
    ] {
        let question = paraphrase(text, "Acme REST API v2", seed).unwrap();
        assert!(question.contains("acme"), "{question}");
        assert_eq!(question, question.to_lowercase());
        assert!(!question.contains("api") && !question.contains("specified"), "{question}");
    }
}

#[test]
fn titles_lose_what_only_documents_say() {
    assert_eq!(plain_title("Acme Billing API v2.1 (beta)"), "Acme Billing");
    assert_eq!(plain_title("The REST API"), "The REST API");
}

#[test]
fn nothing_to_ask() {
    assert_eq!(paraphrase("", "Acme", 1), None);
    assert_eq!(paraphrase("List", "Acme", 1), None);
}

proptest! {
    #[test]
    fn never_holds_its_source(
        verb in prop::sample::select(vec!["List", "Gets", "Creating", "Remove", "Look up", "Frobnicate", "The"]),
        rest in "[a-zA-Z ]{1,40}",
        seed in any::<u64>(),
    ) {
        let text = format!("{verb} {rest}");
        if let Some(question) = paraphrase(&text, "Acme", seed) {
            prop_assert!(!holds(&question, &text), "{} for {}", question, text);
            prop_assert_eq!(paraphrase(&text, "Acme", seed), Some(question));
        }
    }
}

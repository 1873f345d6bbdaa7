//! The catalogue itself: enough tools, sound schemas, honest splits.

use crate::common;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind;
use serde::Serialize;
use serde_json::Value;
use toolgen::evaluation::visitors::read_visits;
use toolgen::tool::dataset::read_instances;
use toolgen::tool::{Instance, Tool};
use toolgen::training::data::catalogue::Catalogue;

/// From the domains, not from the expanded files: another test may be writing these.
fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
        Catalogue::read(&common::root().join("models/catalogue/domains")).unwrap()
    });
    &CATALOGUE
}

/// Questions in people's own words, of which there are no templates.
const NATURAL: &str = "natural.jsonl";

fn tools() -> Vec<Tool> {
    catalogue().tools.clone()
}

fn instances(split: &str) -> Vec<Instance> {
    match split {
        "train" => catalogue().train.clone(),
        "dev" => catalogue().dev.clone(),
        file => read_instances(&common::root().join("models/catalogue").join(file)).unwrap(),
    }
}

/// Written beside the file and moved into place: other tests read it meanwhile.
fn write_lines<T: Serialize>(file: &str, lines: &[T]) {
    let path = common::root().join("models/catalogue").join(file);
    let line = |line: &T| serde_json::to_string(line).unwrap() + "\n";
    let beside = path.with_extension("partial");
    std::fs::write(&beside, lines.iter().map(line).collect::<String>()).unwrap();
    std::fs::rename(beside, path).unwrap();
}

/// `UPDATE_GOLDEN=1` writes them again, as `toolgen catalogue` does.
#[test]
fn the_expanded_files_are_fresh() {
    let catalogue = Catalogue::read(&common::root().join("models/catalogue/domains")).unwrap();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        write_lines("tools.jsonl", &catalogue.tools);
        write_lines("train.jsonl", &catalogue.train);
        write_lines("dev.jsonl", &catalogue.dev);
    }
    let how = "run UPDATE_GOLDEN=1 cargo test --test native catalogue";
    assert!(catalogue.tools == tools(), "{how}");
    assert!(catalogue.train == instances("train"), "{how}");
    assert!(catalogue.dev == instances("dev"), "{how}");
}

#[test]
fn there_are_tools_of_both_kinds() {
    let tools = tools();
    let live = tools.iter().filter(|tool| tool.http.is_some()).count();
    let offline = tools.len() - live;
    assert!(tools.len() >= 300 && live >= 200 && offline >= 80, "{live} live, {offline} offline");
    for tool in &tools {
        assert!(tool.annotations.title.is_some(), "{} has no title", tool.name);
        assert_eq!(tool.parameters["additionalProperties"], false, "{}", tool.name);
        assert!(jsonschema::meta::is_valid(&tool.parameters), "{}", tool.name);
    }
}

#[test]
fn requests_are_described_in_full() {
    for tool in tools() {
        let Some(http) = &tool.http else { continue };
        assert!(http.url.starts_with("https://"), "{}: {}", tool.name, http.url);
        assert!(
            http.documentation.as_ref().is_some_and(|url| url.starts_with("https://")),
            "{}",
            tool.name
        );
        assert!(!http.result.is_empty(), "{} shows nothing", tool.name);
        let body = http.body.as_ref().map(ToString::to_string).unwrap_or_default();
        let texts = http.query.values().chain(http.headers.values()).chain([&http.url, &body]);
        let templates: String = texts.map(|text| format!("{text} ")).collect();
        let parameters = tool.parameters["properties"].as_object().unwrap();
        for name in parameters.keys() {
            assert!(
                templates.contains(&format!("{{{name}}}")),
                "{} does not send `{name}`",
                tool.name
            );
        }
        for pointer in http.result.values().filter_map(Value::as_str) {
            assert!(pointer.is_empty() || pointer.starts_with('/'), "{}: {pointer}", tool.name);
        }
    }
}

#[test]
fn every_tool_has_questions_and_every_label_is_valid() {
    let tools = tools();
    let validator = |tool: &Tool| {
        jsonschema::options().should_validate_formats(true).build(&tool.parameters).unwrap()
    };
    let validators: HashMap<_, _> =
        tools.iter().map(|tool| (tool.name.as_str(), validator(tool))).collect();
    let mut total = 0;
    for (split, least) in [("train", 12), (NATURAL, 5), ("dev", 3)] {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for instance in instances(split) {
            for call in &instance.calls {
                let arguments = call.arguments.clone().expect("our questions are labelled");
                let validator = &validators[call.name.as_str()];
                let mut wrong = Vec::new();
                for error in validator.iter_errors(&Value::Object(arguments)) {
                    match error.kind() {
                        ValidationErrorKind::Required { property } => {
                            wrong.extend(property.as_str().map(str::to_owned))
                        }
                        _ => wrong.push(error.to_string()),
                    }
                }
                wrong.sort();
                let mut lacks = instance.lacks.clone();
                lacks.sort();
                assert_eq!(wrong, lacks, "{split}: {}", instance.query);
                *counts.entry(call.name.clone()).or_default() += 1;
            }
        }
        for tool in &tools {
            let count = counts.get(&tool.name).copied().unwrap_or(0);
            assert!(count >= least, "{} has {count} questions in {split}", tool.name);
        }
        total += counts.values().sum::<usize>();
    }
    assert!(total >= 16 * tools.len());
    let none = instances("dev").iter().filter(|instance| instance.calls.is_empty()).count();
    let several = instances("dev").iter().filter(|instance| instance.calls.len() > 1).count();
    assert!(none >= 100 && several >= 40, "{none} for no tool, {several} for several");
}

/// Words with numbers and case taken away: what is left of a template when its slots are filled.
fn skeleton(query: &str) -> String {
    let words = query.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Templates were there before visitors' questions, and both have the shortest ones ("easter 2027").
#[test]
fn no_question_leaks_from_training_to_judging() {
    let visits = |file| read_visits(&common::root().join("models/visitors").join(file)).unwrap();
    let visitors = ["questions.jsonl", "blind.jsonl"].into_iter().flat_map(visits);
    let dev: Vec<String> = instances("dev").into_iter().map(|instance| instance.query).collect();
    let visitors = visitors.map(|visit| visit.query).collect();
    let judged: [(&str, Vec<String>); 3] =
        [("train", dev.clone()), (NATURAL, dev), (NATURAL, visitors)];
    for (split, judged) in judged {
        let trained: HashSet<String> =
            instances(split).iter().map(|instance| skeleton(&instance.query)).collect();
        for query in judged {
            let words = skeleton(&query);
            assert!(words.is_empty() || !trained.contains(&words), "in {split}, too: {query}");
        }
    }
}

/// What generation could not write, because it takes values from the question, the model can't learn either.
#[test]
fn nearly_all_labels_can_be_taken_from_their_questions() {
    let tools = tools();
    let by_name: HashMap<&str, &Tool> =
        tools.iter().map(|tool| (tool.name.as_str(), tool)).collect();
    for split in ["train", "dev"] {
        let (calls, out_of_reach) = common::reach::out_of_reach(&by_name, &instances(split));
        let share = out_of_reach.len() as f64 / calls as f64;
        println!("{split}: {share:.4} of {calls}\n{}", out_of_reach.join("\n"));
        assert!(share < 0.015, "{split}: {share:.4} of {calls}");
    }
}

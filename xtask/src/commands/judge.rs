//! `cargo xtask judge`: the reports in `docs/results`, and the page that compares them.

use anyhow::{Result, ensure};

use super::only;
use crate::fetch::{data, model, openapi, weights};
use crate::host::shell::{self, toolgen};

/// A data set of `models/data`.
struct Set {
    name: &'static str,
    /// Of the fit of its rows, chosen on its dev questions.
    weight_decay: &'static str,
    /// Where questions for its held-out tools come from, if there are any: training has left out those of `train` too.
    unseen: &'static [&'static str],
}

/// The questions of a data set that are judged.
enum Part {
    All,
    /// For tools that training has seen.
    Seen,
    Unseen,
}

const SETS: [Set; 7] = [
    Set { name: "toole", weight_decay: "1e-3", unseen: &["dev"] },
    Set { name: "clinc150", weight_decay: "1e-4", unseen: &["dev"] },
    Set { name: "thingpedia", weight_decay: "1e-4", unseen: &["dev"] },
    Set { name: "hwu64", weight_decay: "1e-4", unseen: &["dev"] },
    Set { name: "snips", weight_decay: "1e-2", unseen: &["dev"] },
    Set { name: "hass", weight_decay: "1e-4", unseen: &[] },
    Set { name: "sealtools", weight_decay: "1e-4", unseen: &["train", "dev"] },
];

/// The project's own tools.
const CATALOGUE: &str = "catalogue";
/// Apps that training has never seen, and services of dialogues that it has left out.
const APPS: [&str; 2] = ["apps", "sgd"];
/// What visitors of the demo type.
const VISITORS: &str = "visitors";
/// 50,000 operations of real APIs.
const SCALE: &str = "openapi";

/// Judges every method on the sets whose names are in `only`, or on all, and writes the page.
pub fn run(arguments: lexopt::Parser) -> Result<()> {
    let only = only(arguments)?;
    let others = [CATALOGUE, VISITORS, SCALE];
    let names: Vec<&str> = SETS.iter().map(|set| set.name).chain(APPS).chain(others).collect();
    for name in &only {
        ensure!(names.contains(&name.as_str()), "`{name}` is none of {}", names.join(", "));
    }
    let wanted = |name: &str| only.is_empty() || only.iter().any(|only| only == name);
    model::fetch()?;
    weights::fetch_minilm()?;
    data::fetch()?;
    for (name, options) in APPS.into_iter().zip([DEV_APPS, HELD_OUT_SERVICES]) {
        if wanted(name) {
            apps(name, options)?;
        }
    }
    if wanted("apps") {
        eval(NEEDLES_QUESTIONS, "apps/toolgen-needle")?;
    }
    for set in SETS.iter().filter(|set| wanted(set.name)) {
        set.judge_fitted_rows()?;
        set.judge_document_rows()?;
        set.judge_baselines()?;
    }
    if wanted(CATALOGUE) {
        catalogue()?;
    }
    if wanted(VISITORS) {
        for name in ["questions", "blind"] {
            let file = format!("models/visitors/{name}.jsonl");
            eval(&["--visitors", &file], &format!("visitors/{name}"))?;
        }
    }
    if wanted(SCALE) {
        openapi::import()?;
        scale()?;
    }
    shell::run(toolgen().arg("results"))
}

impl Set {
    /// Rows fitted on the training questions.
    fn judge_fitted_rows(&self) -> Result<()> {
        let pack = self.pack("fitted");
        let cache = format!("target/judge/{}.states.safetensors", self.name);
        shell::run(
            toolgen()
                .args(["train", "retrieval", "--rows-only", "--tools", &self.tools()])
                .args(["--data", &self.questions("train"), "--calibrate", &self.questions("dev")])
                .args(["--weight-decay", self.weight_decay, "--cache", &cache, "--out", &pack]),
        )?;
        self.eval(Part::All, &["--teacher-forcing", "--retrieval-only", "--pack", &pack], "toolgen")
    }

    /// Rows from documents alone, as they are and with trained tools giving way, for questions of tools that
    /// training has seen and for those of others.
    fn judge_document_rows(&self) -> Result<()> {
        if self.unseen.is_empty() {
            return Ok(());
        }
        let cache = format!("target/judge/{}.documents.safetensors", self.name);
        let tools = self.tools();
        let ways: [(&str, &[&str], &str); 2] = [
            ("documents", &[], "ToolGen, from documents"),
            (
                "gives-way",
                &["--trained", &tools],
                "ToolGen, from documents, trained tools give way",
            ),
        ];
        for (name, options, method) in ways {
            let pack = self.pack(name);
            shell::run(
                toolgen()
                    .args(["pack", "build", "--tools", &tools, "--cache", &cache])
                    .args(["--out", &pack])
                    .args(options),
            )?;
            for (part, suffix) in [(Part::Unseen, "unseen"), (Part::Seen, "seen")] {
                let options =
                    ["--teacher-forcing", "--retrieval-only", "--pack", &pack, "--method", method];
                self.eval(part, &options, &format!("toolgen-{name}-{suffix}"))?;
            }
        }
        Ok(())
    }

    fn judge_baselines(&self) -> Result<()> {
        let (tools, train) = (self.tools(), self.questions("train"));
        for (name, options) in baselines(&train, &["--limit", "2000"]) {
            let options = [&["--tools", &tools], &options[..]].concat();
            self.eval(Part::All, &options, name)?;
            if !self.unseen.is_empty() {
                self.eval(Part::Unseen, &options, &format!("{name}-unseen"))?;
            }
        }
        Ok(())
    }

    /// Judges on the questions of a part.
    fn eval(&self, part: Part, options: &[&str], report: &str) -> Result<()> {
        let (files, only): (&[&str], &[&str]) = match part {
            Part::Unseen => (self.unseen, &["--unseen"]),
            Part::Seen => (&["dev"], &["--seen"]),
            Part::All => (&["dev"], &[]),
        };
        let files: Vec<String> = files.iter().map(|file| self.questions(file)).collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let options = [&["--data"], &files[..], only, options].concat();
        eval(&options, &format!("{}/{report}", self.name))
    }

    fn tools(&self) -> String {
        format!("models/data/{}/tools.jsonl", self.name)
    }

    fn questions(&self, part: &str) -> String {
        format!("models/data/{}/{part}.jsonl", self.name)
    }

    fn pack(&self, rows: &str) -> String {
        format!("target/judge/{}-{rows}.safetensors", self.name)
    }
}

/// Reports' names and options of the baselines; `encoded` limits the questions that the sentence encoder reads.
fn baselines<'a>(train: &'a str, encoded: &[&'a str]) -> [(&'static str, Vec<&'a str>); 4] {
    [
        ("bm25", vec!["--baseline", "bm25"]),
        ("minilm", [&["--baseline", "embedding"], encoded].concat()),
        ("naive-bayes-add-one", vec!["--baseline", "naive-bayes", "--train", train]),
        ("naive-bayes", vec!["--baseline", "naive-bayes", "--train", train, "--smoothing", "0.03"]),
    ]
}

const DEV_APPS: &[&str] = &["--apps", "models/data/apps/dev.jsonl", "--limit", "40"];
/// What Needle was asked, which is too slow for more: `bench/native/ask_needle.py`.
const NEEDLES_QUESTIONS: &[&str] = &[
    "--apps",
    "models/data/apps/dev.jsonl",
    "--limit",
    "12",
    "--method",
    "ToolGen, asked what Needle was",
];
const HELD_OUT_SERVICES: &[&str] = &[
    "--apps",
    "models/data/sgd/train.jsonl",
    "--answered-by",
    "models/training/held-out/sgd.txt",
    "--limit",
    "12",
];

/// Tools of strangers, each among those of its app.
fn apps(name: &str, options: &[&str]) -> Result<()> {
    let methods: [(&str, &[&str]); 3] = [
        ("toolgen", &[]),
        ("bm25", &["--baseline", "bm25"]),
        ("minilm", &["--baseline", "embedding"]),
    ];
    for (method, more) in methods {
        eval(&[options, more].concat(), &format!("{name}/{method}"))?;
    }
    Ok(())
}

fn catalogue() -> Result<()> {
    let forced = ["--teacher-forcing", "--method", "ToolGen, by teacher forcing"];
    eval(&forced, "catalogue/toolgen-forced")?;
    eval(&["--limit", "250"], "catalogue/toolgen")?;
    for (name, options) in baselines("models/catalogue/train.jsonl", &[]) {
        eval(&options, &format!("catalogue/{name}"))?;
    }
    let base = weights::fetch_base()?.display().to_string();
    let prompted = ["--baseline", "prompted", "--limit", "100", "--checkpoint", &base];
    eval(&prompted, "catalogue/prompted")
}

/// All operations in the choice, by questions that paraphrase their summaries.
fn scale() -> Result<()> {
    let (tools, pack) = ("target/openapi/tools.jsonl", "target/judge/openapi.safetensors");
    let cache = "target/judge/openapi.documents.safetensors";
    shell::run(
        toolgen().args(["pack", "build", "--tools", tools, "--cache", cache, "--out", pack]),
    )?;
    let on = ["--data", "target/openapi/questions.jsonl", "--study", "scale"];
    let ways: [(&str, &[&str]); 3] = [
        ("toolgen", &["--teacher-forcing", "--retrieval-only", "--pack", pack]),
        ("bm25", &["--baseline", "bm25", "--tools", tools]),
        ("minilm", &["--baseline", "embedding", "--tools", tools]),
    ];
    for (name, options) in ways {
        eval(&[&on[..], options].concat(), &format!("openapi/{name}"))?;
    }
    Ok(())
}

fn eval(options: &[&str], report: &str) -> Result<()> {
    eprintln!("{report}");
    let report = format!("docs/results/{report}.json");
    shell::run(toolgen().arg("eval").args(options).args(["--report", &report]))
}

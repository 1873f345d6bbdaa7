//! The page that compares reports: Markdown tables, each there only when its reports are.

use std::collections::BTreeSet;

use super::apps::{AppsReport, Share};
use super::record::{AppsRecord, CheckpointFile, Record, Records, Study, VisitorsRecord};
use super::visitors::Satisfaction;

/// The set of the project's own tools, which comes first.
const CATALOGUE: &str = "catalogue";
/// What a cell without a value says; a column of nothing else is left out.
const NOTHING: &str = "–";

const INTRODUCTION: &str = "\
# Results

Written by `toolgen results` from the reports in `docs/results`, each of which is one run of
`toolgen eval --report`. NDCG, recall and all shares are in percent. Rankings and tool accuracy are over
the questions that some tool answers; questions that no tool answers count for abstention alone. Of a
question with several calls every called tool is relevant. Where a cell says \"2000 of 3290\", the
questions were taken at a fixed stride.
";

const STRANGERS: &str = "
## Tools of strangers

Apps whose tools training has never seen, nor anything of their makers. A tool's row comes of its document; the choice is among
the tools of one app. *Whole call*: the tool and every argument are right; *lacking ones named*: a required
argument was not said, and is asked for by its name; *times*: dates and times of day counted from a given moment;
*said next*: a second sentence that only the first one explains; *sure*: the most probable choices of which
90 in 100 are right. *Questions* are taken of each app at a fixed stride.

";

const VISITORS: &str = "
## Visitors

What people type into the demo's page, by writers who had not seen its tools, with all outcomes that would content them
(`models/visitors`). *Calling*: the likeliest tool is called at any probability. *Asking*: where the model isn't sure, the visitor
is asked which of the three likeliest tools is meant, and says it, as on the page. *Misled*: something was called
that isn't what was wanted.

";

/// A column's title, and what it says of a record.
type Column<R = Record> = (&'static str, fn(&R) -> String);

const SET: Column = ("set", |record| record.set.clone());
const METHOD: Column = ("method", |record| match record.seed {
    Some(seed) => format!("{} (seed {seed})", record.method),
    None => record.method.clone(),
});
const PART: Column = ("tools asked for", |record| record.split.clone());
const TOOLS: Column = ("tools", |record| record.report.tools.to_string());
const INDEXING: Column = ("indexing", |record| record.indexing.clone().unwrap_or(NOTHING.into()));
const CHECKPOINT: Column = ("checkpoint", |record| checkpoint(record.checkpoint.as_ref()));
const RANKING: [Column; 4] = [
    ("NDCG@1", |record| percent(Some(record.report.ranking.ndcg_1))),
    ("NDCG@3", |record| percent(Some(record.report.ranking.ndcg_3))),
    ("NDCG@5", |record| percent(Some(record.report.ranking.ndcg_5))),
    ("recall@5", |record| percent(Some(record.report.ranking.recall_5))),
];
const SINGLE: Column =
    ("NDCG@1, one call", |record| percent(record.report.single.map(|single| single.ndcg_1)));
const ACCURACY: Column =
    ("tool right", |record| percent(Some(record.report.ranking.tool_accuracy)));
const CALLS: [Column; 3] = [
    ("call exact", |record| percent(record.report.calls.map(|calls| calls.call_exact))),
    ("argument F1", |record| percent(record.report.calls.and_then(|calls| calls.argument_f1))),
    ("valid calls", |record| percent(record.report.calls.and_then(|calls| calls.valid_calls))),
];
const ABSTENTION: Column = ("abstention F1", |record| {
    percent(record.report.abstention.map(|abstention| abstention.abstention_f1))
});
const CALIBRATION: Column =
    ("calibration error", |record| percent(record.report.calibration_error));
const HALLUCINATION: [Column; 2] = [
    ("no such tool, free", |record| percent(record.hallucinated_unconstrained)),
    ("no such tool, under the trie", |record| percent(record.hallucinated_constrained)),
];
const LATENCY: Column = ("ms a question", |record| match record.report.latency_ms.p50 {
    0.0 => NOTHING.into(), // evaluated in batches
    ms => format!("{ms:.1}"),
});
const QUESTIONS: Column = ("questions", |record| match record.report.instances {
    evaluated if evaluated < record.questions => format!("{evaluated} of {}", record.questions),
    evaluated => evaluated.to_string(),
});

const OF_STRANGERS: [Column<AppsRecord>; 12] = [
    ("method", |record| record.method.clone()),
    ("tool right", |record| share(record.apps.tool)),
    ("NDCG@5", |record| percent(record.apps.ndcg_5)),
    ("whole call", |record| share(record.apps.whole_call)),
    ("abstention F1", |record| match record.apps.abstention_recall.of {
        0 => NOTHING.into(),
        _ => percent(Some(record.apps.abstention_f1)),
    }),
    ("lacking ones named", |record| share(record.apps.lacks)),
    ("times", |record| share(record.apps.times)),
    ("said next", |record| share(record.apps.follow_ups)),
    ("sure: right", |record| share(record.apps.sure_precision)),
    ("sure: of all", |record| match record.apps.sure_precision.of {
        0 => NOTHING.into(),
        _ => share(record.apps.sure_coverage),
    }),
    ("questions", |record| record.apps.questions().to_string()),
    ("checkpoint", |record| checkpoint(record.checkpoint.as_ref())),
];

const OF_VISITORS: [Column<VisitorsRecord>; 10] = [
    ("questions", |record| format!("{}: {}", record.set, record.visitors.questions)),
    ("method", |record| record.method.clone()),
    ("satisfied, calling", |record| percent(Some(record.visitors.calling.satisfied))),
    ("misled, calling", |record| percent(Some(record.visitors.calling.misled))),
    ("satisfied, asking", |record| percent(Some(record.visitors.asking.satisfied))),
    ("misled, asking", |record| percent(Some(record.visitors.asking.misled))),
    ("asked", |record| percent(Some(record.visitors.asked))),
    ("one wish", |record| of_kind(&record.visitors.asking, "one")),
    ("two wishes", |record| of_kind(&record.visitors.asking, "two")),
    ("nothing fits", |record| of_kind(&record.visitors.asking, "none")),
];

/// The page for `records`, which keep their order within a table.
pub fn page(records: &Records) -> String {
    let mut page = INTRODUCTION.to_owned() + &of_strangers(&records.apps);
    if !records.visitors.is_empty() {
        let rows: Vec<&VisitorsRecord> = records.visitors.iter().collect();
        page += &(VISITORS.to_owned() + &table(&OF_VISITORS, &rows));
    }
    let records = &records.sets;
    let of = |study| records.iter().filter(move |record| record.study == study);
    let (whole, part): (Vec<_>, Vec<_>) = of(None).partition(|record| record.split == "all");
    let names: BTreeSet<&str> = whole.iter().map(|record| record.set.as_str()).collect();
    let mut sets: Vec<&str> = names.into_iter().collect();
    sets.sort_by_key(|&set| set != CATALOGUE); // stable: the others stay sorted by name

    let mut add = |title: &str, note: &str, columns: &[&[Column]], rows: &[&Record]| {
        if !rows.is_empty() {
            page += &format!("\n## {title}\n\n{note}{}", table(&columns.concat(), rows));
        }
    };
    for set in sets {
        let rows: Vec<&Record> = whole.iter().copied().filter(|record| record.set == set).collect();
        let title = format!("{set}: {} tools", rows[0].report.tools);
        add(&title, "", &[&[METHOD], &RANKING, &[SINGLE, ACCURACY, QUESTIONS]], &rows);
    }
    let with_calls = |record: &&Record| record.report.calls.is_some() || record.set == CATALOGUE;
    let rows: Vec<&Record> = whole.iter().copied().filter(with_calls).collect();
    let note = "Whole calls, and saying that no tool fits.\n\n";
    add(
        "Calls",
        note,
        &[&[SET, METHOD, ACCURACY], &CALLS, &[ABSTENTION, CALIBRATION, QUESTIONS]],
        &rows,
    );

    let note = "A tenth of the tools is held out from training (`training::data::hold_out`): *unseen* are the \
                questions for\nthese, *seen* the questions for the others. The choice is among all \
                tools of the set, and no row is trained. Where trained tools give way, their rows are \
                shorter\n(`pack build --trained`).\n\n";
    add("Unseen tools", note, &[&[SET, METHOD, PART], &RANKING, &[ACCURACY, QUESTIONS]], &part);

    let rows: Vec<&Record> = of(Some(Study::Indexing)).collect();
    let note = "How tools become tokens, and how often a generation names no tool.\n\n";
    add("Indexing", note, &[&[SET, INDEXING], &RANKING, &HALLUCINATION, &[QUESTIONS]], &rows);

    let mut rows: Vec<&Record> = of(Some(Study::Scale)).collect();
    rows.sort_by_key(|record| record.report.tools);
    let note = "How many tools are in the choice.\n\n";
    add("Scale", note, &[&[TOOLS, SET, METHOD], &RANKING, &[LATENCY, QUESTIONS]], &rows);

    let rows: Vec<&Record> = of(Some(Study::Quantization)).collect();
    let note = "How weights are stored.\n\n";
    add(
        "Quantization",
        note,
        &[
            &[SET, METHOD, CHECKPOINT],
            &RANKING,
            &[ACCURACY],
            &CALLS,
            &[ABSTENTION, LATENCY, QUESTIONS],
        ],
        &rows,
    );
    page
}

/// One table a data set of apps.
fn of_strangers(records: &[AppsRecord]) -> String {
    let sets: BTreeSet<&str> = records.iter().map(|record| record.set.as_str()).collect();
    let of_set = |set: &str| {
        let rows: Vec<&AppsRecord> = records.iter().filter(|record| record.set == set).collect();
        let AppsReport { apps, tools, .. } = rows[0].apps;
        format!("### {set}: {tools} tools of {apps} apps\n\n{}", table(&OF_STRANGERS, &rows))
    };
    match sets.is_empty() {
        true => String::new(),
        false => {
            STRANGERS.to_owned() + &sets.into_iter().map(of_set).collect::<Vec<_>>().join("\n")
        }
    }
}

/// One row a record; columns in which no record has a value are left out.
fn table<R>(columns: &[Column<R>], rows: &[&R]) -> String {
    let has_value = |(_, cell): &&Column<R>| rows.iter().any(|record| cell(record) != NOTHING);
    let columns: Vec<&Column<R>> = columns.iter().filter(has_value).collect();
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let titles = line(columns.iter().map(|(title, _)| (*title).to_owned()).collect());
    let rule = format!("|{}\n", "---|".repeat(columns.len()));
    let row = |record: &&R| line(columns.iter().map(|(_, cell)| cell(record)).collect());
    titles + &rule + &rows.iter().map(row).collect::<String>()
}

fn percent(share: Option<f64>) -> String {
    share.map_or(NOTHING.into(), |share| format!("{:.1}", share * 100.0))
}

fn of_kind(satisfaction: &Satisfaction, kind: &str) -> String {
    percent(satisfaction.by_kind.get(kind).map(|&(satisfied, _)| satisfied))
}

fn share(share: Share) -> String {
    percent((share.of > 0).then_some(share.share))
}

fn checkpoint(file: Option<&CheckpointFile>) -> String {
    file.map_or(NOTHING.into(), |file| format!("{}, {:.1} MB", file.name, file.bytes as f64 / 1e6))
}

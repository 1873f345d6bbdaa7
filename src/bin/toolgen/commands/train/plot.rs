//! `toolgen train plot`: the logs of the stages as a picture for the model card.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use toolgen::{Error, Result};

/// Options of `train plot`.
#[derive(Args)]
pub struct Plot {
    /// The logs, in the runs' order.
    #[arg(default_values = [
        "models/training/logs/memorization.jsonl",
        "models/training/logs/retrieval.jsonl",
        "models/training/logs/agent.jsonl",
        "models/training/logs/agent-again.jsonl",
    ])]
    logs: Vec<PathBuf>,
    /// Where the picture (SVG) goes.
    #[arg(long, default_value = "docs/training.svg")]
    out: PathBuf,
}

/// What of a line is drawn.
#[derive(Deserialize)]
struct Line {
    stage: String,
    step: usize,
    loss: f64,
    accuracy: f64,
    argument_accuracy: Option<f64>,
}

/// Size of one stage's panel, and the room around it.
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 180.0;
const MARGIN: f64 = 44.0;
/// Steps that a drawn point is the mean of.
const WINDOW: usize = 10;

impl Plot {
    pub fn run(self) -> Result<()> {
        let mut panels = String::new();
        for (index, path) in self.logs.iter().enumerate() {
            let io = Error::io(&path);
            let text = std::fs::read_to_string(path).map_err(io)?;
            let lines: Vec<Line> = (1..)
                .zip(text.lines())
                .map(|(line, json)| {
                    let wrong = |error: serde_json::Error| Error::Dataset {
                        path: path.clone(),
                        line,
                        reason: error.to_string(),
                    };
                    serde_json::from_str(json).map_err(wrong)
                })
                .collect::<Result<_>>()?;
            panels += &panel(&lines, MARGIN + index as f64 * (WIDTH + MARGIN));
        }
        let (width, height) =
            (MARGIN + self.logs.len() as f64 * (WIDTH + MARGIN), HEIGHT + 2.0 * MARGIN);
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{panels}</svg>\n"
        );
        std::fs::write(&self.out, svg).map_err(Error::io(&self.out))
    }
}

/// Name, colour, value at the top, and what is drawn.
type Series<'a> = (&'a str, &'a str, f64, &'a dyn Fn(&Line) -> Option<f64>);

/// Loss (left axis, from 0) and shares of right tokens (from 0 to 1) over the steps of one stage.
fn panel(lines: &[Line], x: f64) -> String {
    let last = lines.last().map_or(1, |line| line.step) as f64;
    let windows: Vec<&[Line]> = lines.chunks(WINDOW).collect();
    let mean = |window: &[Line], value: &dyn Fn(&Line) -> Option<f64>| {
        let values: Vec<f64> = window.iter().filter_map(value).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let losses = windows.iter().filter_map(|window| mean(window, &|line| Some(line.loss)));
    let most = losses.fold(0f64, f64::max).max(1e-9);
    let mut svg = String::new();
    let bottom = MARGIN + HEIGHT;
    let stage = lines.first().map_or("", |line| line.stage.as_str());
    let _ = writeln!(
        svg,
        "<rect x=\"{x}\" y=\"{MARGIN}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"none\" stroke=\"#bbb\"/>\n\
         <text x=\"{x}\" y=\"{:.0}\">{stage}: {last} steps, loss to {most:.2}</text>\n\
         <text x=\"{:.0}\" y=\"{bottom}\">0</text><text x=\"{:.0}\" y=\"{:.0}\">100 %</text>",
        MARGIN - 24.0,
        x - 12.0,
        x + WIDTH - 36.0,
        MARGIN + 14.0,
    );
    let series: [Series; 3] = [
        ("loss", "#c0392b", most, &|line| Some(line.loss)),
        ("tool token right", "#2471a3", 1.0, &|line| Some(line.accuracy)),
        ("argument token right", "#1e8449", 1.0, &|line| line.argument_accuracy),
    ];
    for (index, (name, colour, scale, value)) in series.into_iter().enumerate() {
        let points: Vec<String> = windows
            .iter()
            .filter_map(|window| {
                let step = window[window.len() / 2].step as f64;
                let y = mean(window, value)?;
                Some(format!("{:.1},{:.1}", x + WIDTH * step / last, bottom - HEIGHT * y / scale))
            })
            .collect();
        if points.is_empty() {
            continue;
        }
        let at = x + index as f64 * 90.0;
        let _ = writeln!(
            svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\" points=\"{}\"/>\n\
             <text x=\"{at}\" y=\"{:.0}\" fill=\"{colour}\">{name}</text>",
            points.join(" "),
            bottom + 18.0,
        );
    }
    svg
}

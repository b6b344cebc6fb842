//! `cargo xtask bench`: nestkey beside the same commands by hand, as a table.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use clap::Args;
use fs_err as fs;
use serde_json::{Value, json};

use crate::{npm, process::read, redis, wasm, workspace::Workspace};

/// How the rows are shown and judged.
#[derive(Args)]
pub(crate) struct Options {
    /// Print one JSON object a row: name, ratio, aa, target, figures, verdict.
    #[arg(long)]
    json: bool,
    /// Fail when a row misses its target, and name it.
    #[arg(long)]
    check: bool,
}

/// What became of a row's target.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Met,
    Missed,
    /// Two equal things were further apart than a target can be judged with.
    Noisy,
    /// There is no target.
    None,
}

struct Row {
    name: String,
    ratio: Option<f64>,
    aa: Option<f64>,
    target: Option<f64>,
    figures: String,
}

/// How far apart two equal things may be for a target to be judged.
const NOISE: f64 = 0.01;
/// The size in kB that the module may have gzipped.
const WASM_TARGET: f64 = 90.0;

/// Measures everything and prints the table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut rows = sizes(workspace)?;
    rows.extend(measured(workspace)?);
    if !options.json {
        println!("{:<58} {:>6} {:>6} {:>6}         figures", "", "ratio", "A/A", "target");
    }
    for row in &rows {
        println!("{}", if options.json { row.json() } else { row.line() });
    }
    let missed = rows.iter().filter(|row| row.verdict() == Verdict::Missed);
    let missed: Vec<_> = missed.map(|row| &row.name[..]).collect();
    ensure!(!options.check || missed.is_empty(), "missed their targets: {}", missed.join("; "));
    Ok(())
}

/// The npm package is built on the way: the rows of Node need it.
fn sizes(workspace: &Workspace) -> Result<Vec<Row>> {
    npm::build(workspace)?;
    let module = fs::read(workspace.js().join("dist/nestkey.wasm"))?;
    let size = |name: &str, bytes: usize, target| Row {
        name: name.to_owned(),
        ratio: Some(bytes as f64 / 1000.0),
        aa: None,
        target,
        figures: format!("{bytes} bytes"),
    };
    Ok(vec![
        size("wasm: kB", module.len(), None),
        size("wasm: kB gzipped", wasm::gzipped_size(&module)?, Some(WASM_TARGET)),
    ])
}

fn measured(workspace: &Workspace) -> Result<Vec<Row>> {
    let server = redis::locate()?;
    eprintln!("==> measuring, which takes some minutes");
    let mut bench =
        workspace.cargo(&["run", "--release", "--locked", "--package", "nestkey-bench"]);
    let printed = read(bench.env(redis::SERVER, server).stderr(Stdio::inherit()))?;
    printed.lines().map(Row::parse).collect()
}

impl Row {
    fn parse(line: &str) -> Result<Self> {
        let row: Value = serde_json::from_str(line).context("the bench printed no JSON")?;
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            name: text("name"),
            ratio: row["ratio"].as_f64(),
            aa: row["aa"].as_f64(),
            target: row["target"].as_f64(),
            figures: text("figures"),
        })
    }

    fn verdict(&self) -> Verdict {
        match (self.ratio, self.target) {
            (Some(_), Some(_)) if self.aa.is_some_and(|aa| (aa - 1.0).abs() > NOISE) => {
                Verdict::Noisy
            }
            (Some(ratio), Some(target)) if ratio <= target => Verdict::Met,
            (Some(_), Some(_)) => Verdict::Missed,
            _ => Verdict::None,
        }
    }

    fn json(&self) -> String {
        let Self { name, ratio, aa, target, figures } = self;
        let verdict = self.verdict().word();
        json!({
            "name": name, "ratio": ratio, "aa": aa, "target": target,
            "figures": figures, "verdict": verdict,
        })
        .to_string()
    }

    fn line(&self) -> String {
        let number = |number: Option<f64>, places: usize| {
            number.map_or_else(String::new, |number| format!("{number:.places$}"))
        };
        let places = if self.ratio.is_some_and(|ratio| ratio >= 10.0) { 1 } else { 3 };
        format!(
            "{:<58} {:>6} {:>6} {:>6} {:<6}  {}",
            self.name,
            number(self.ratio, places),
            number(self.aa, 3),
            number(self.target, 2),
            self.verdict().word(),
            self.figures,
        )
    }
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Noisy => "noisy",
            Self::None => "",
        }
    }
}

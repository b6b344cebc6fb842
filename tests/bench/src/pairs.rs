//! Two sides measured in turns, so that whatever slows the machine slows both.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use crate::row::Row;

/// The sides of a row: ours, theirs, and theirs once more.
const OURS: usize = 0;
const THEIRS: usize = 1;
const AGAIN: usize = 2;

/// Every order of the three sides: none profits from the place it stands at.
const ORDERS: [[usize; 3]; 6] = [
    [OURS, THEIRS, AGAIN],
    [AGAIN, OURS, THEIRS],
    [THEIRS, AGAIN, OURS],
    [OURS, AGAIN, THEIRS],
    [THEIRS, OURS, AGAIN],
    [AGAIN, THEIRS, OURS],
];

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    samples: [Vec<Duration>; 3],
}

impl Pairs {
    /// Measures two functions so many times each.
    pub(crate) fn measure(pairs: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) -> Self {
        let mut measured = Self::default();
        for round in 0..warm(pairs) {
            for side in ORDERS[round % ORDERS.len()] {
                let start = Instant::now();
                if side == OURS {
                    ours()
                } else {
                    theirs()
                }
                measured.keep(round, pairs, side, start);
            }
        }
        measured
    }

    /// The same for what has to be awaited.
    pub(crate) async fn measure_async<E>(
        pairs: usize,
        ours: impl AsyncFn() -> Result<(), E>,
        theirs: impl AsyncFn() -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut measured = Self::default();
        for round in 0..warm(pairs) {
            for side in ORDERS[round % ORDERS.len()] {
                let start = Instant::now();
                if side == OURS {
                    timed(ours()).await?
                } else {
                    timed(theirs()).await?
                }
                measured.keep(round, pairs, side, start);
            }
        }
        Ok(measured)
    }

    fn keep(&mut self, round: usize, pairs: usize, side: usize, start: Instant) {
        let elapsed = start.elapsed();
        if round >= warm(pairs) - pairs {
            self.samples[side].push(elapsed);
        }
    }

    /// The row of these measurements; a sample holds so many of what the figures are about.
    pub(crate) fn row(self, name: &'static str, target: Option<f64>, per_sample: u32) -> Row {
        let [ours, theirs, again] = self.samples.map(median);
        let each = |time: f64| time / f64::from(per_sample);
        Row {
            name,
            ratio: Some(ours / theirs),
            aa: Some(again / theirs),
            target,
            figures: format!("{} beside {}", show(each(ours)), show(each(theirs))),
        }
    }
}

/// One tenth more, so that caches and branch predictors have seen it.
const fn warm(pairs: usize) -> usize {
    pairs + pairs.div_ceil(10)
}

async fn timed<T>(future: impl Future<Output = T>) -> T {
    future.await
}

/// In nanoseconds.
pub(crate) fn median(mut samples: Vec<Duration>) -> f64 {
    samples.sort_unstable();
    let middle = samples.get(samples.len() / 2).copied().unwrap_or_default();
    middle.as_nanos() as f64
}

fn show(ns: f64) -> String {
    if ns < 1_000.0 { format!("{ns:.1} ns") } else { format!("{:.2} µs", ns / 1_000.0) }
}

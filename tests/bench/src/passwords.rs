//! What passwords tell by their time, and what they leave of it to others.

use std::{
    error::Error,
    hint::black_box,
    time::{Duration, Instant},
};

use nestkey::{Client, Layout, Root, Verdict};
use tokio::time::sleep;

use crate::row::Row;

type Fallible<T> = Result<T, Box<dyn Error>>;

const LAYOUT: &str = r#"{"prefix": "root", "namespaces": {"user": {
    "prefix": "user:{user_id:int}", "keys": {
        "pin": {"kind": "password", "cost": 10},
        "password": {"kind": "password", "cost": 12}
    }
}}}"#;
/// How many verifications each mean is of.
const SAMPLES: usize = 200;
/// How many verifications there are at once.
const VERIFICATIONS: u32 = 64;
const TICK: Duration = Duration::from_millis(1);

pub(crate) async fn rows(url: &str) -> Fallible<[Row; 2]> {
    let root = Client::connect(url).await?.bind(&Layout::from_json(LAYOUT)?);
    Ok([missing_beside_wrong(&root).await?, lag(&root).await?])
}

/// A user who is missing, one whose password is another, and such a one again, in turns.
async fn missing_beside_wrong(root: &Root) -> Fallible<Row> {
    let users = [(1, Verdict::Missing), (2, Verdict::No), (3, Verdict::No)];
    for (id, verdict) in users {
        if verdict == Verdict::No {
            pin(root, id)?.set("hunter2").await?;
        }
    }
    let mut means = [0.0; 3];
    for round in 0..SAMPLES {
        for turn in 0..users.len() {
            let side = (round + turn) % users.len();
            let (id, wanted) = users[side];
            let start = Instant::now();
            let verdict = pin(root, id)?.verify("hunter3").await?;
            means[side] += start.elapsed().as_secs_f64() / SAMPLES as f64;
            assert_eq!(black_box(verdict), wanted);
        }
    }
    let [missing, wrong, again] = means;
    Ok(Row {
        name: "Rust: verify of a missing password, beside a wrong one",
        ratio: Some(apart(missing, wrong)),
        aa: Some(apart(again, wrong)),
        target: Some(1.02),
        figures: format!("means of {:.2} ms and {:.2} ms", missing * 1e3, wrong * 1e3),
    })
}

fn pin(root: &Root, id: u32) -> nestkey::Result<nestkey::PasswordEntry<'_>> {
    root.namespace("user", [id])?.password("pin")
}

/// How far two times are apart, whichever is the longer one.
fn apart(one: f64, other: f64) -> f64 {
    (one / other).max(other / one)
}

/// How late a timer is while passwords are verified.
async fn lag(root: &Root) -> Fallible<Row> {
    root.namespace("user", [1])?.password("password")?.set("hunter2").await?;
    let idle = p99(ticks(sleep(Duration::from_secs(2))).await);
    let root = root.clone();
    let start = Instant::now();
    let busy = p99(ticks(verify(root)).await);
    let elapsed = start.elapsed().as_secs_f64();
    Ok(Row {
        name: "Rust: p99 lag in ms of a tokio timer, 64 verifications at cost 12",
        ratio: Some(busy),
        aa: None,
        target: Some(5.0),
        figures: format!("{idle:.2} ms without them; they took {elapsed:.1} s"),
    })
}

async fn verify(root: Root) {
    let verifications = (0..VERIFICATIONS).map(|_| {
        let root = root.clone();
        tokio::spawn(async move {
            let password = root.namespace("user", [1])?.password("password")?;
            password.verify("hunter2").await
        })
    });
    for verification in verifications.collect::<Vec<_>>() {
        let verdict = verification.await.expect("a verification").expect("a verdict");
        assert!(verdict.is_yes());
    }
}

/// How late each tick was, in milliseconds, until the work is done.
async fn ticks<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Vec<f64> {
    let work = tokio::spawn(work);
    let mut late = Vec::new();
    while !work.is_finished() {
        let start = Instant::now();
        sleep(TICK).await;
        late.push((start.elapsed() - TICK).as_secs_f64() * 1e3);
    }
    work.await.expect("the work is done");
    late
}

fn p99(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() * 99 / 100).copied().unwrap_or_default()
}

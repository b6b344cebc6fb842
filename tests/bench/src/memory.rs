//! How many calls the memory backend carries in a second.

use std::time::Instant;

use nestkey::{Client, Layout};

use crate::{LAYOUT, row::Row};

const CALLS: u32 = 200_000;

pub(crate) async fn row() -> Result<Row, nestkey::Error> {
    let root = Client::connect("memory://").await?.bind(&Layout::from_json(LAYOUT)?);
    let start = Instant::now();
    for id in 0..CALLS / 2 {
        let age = root.namespace("user", [id])?.entry("age")?;
        age.set(30).await?;
        age.get::<i64>().await?;
    }
    let per_second = f64::from(CALLS) / start.elapsed().as_secs_f64();
    Ok(Row {
        name: "Rust: calls per second on memory",
        ratio: None,
        aa: None,
        target: None,
        figures: format!("{:.0} thousand", per_second / 1_000.0),
    })
}

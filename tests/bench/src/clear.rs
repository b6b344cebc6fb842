//! Clearing half of a large keyspace, beside `redis-cli --scan … | xargs redis-cli unlink`.

use std::{
    env,
    error::Error,
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use nestkey::{Client, Layout, redis};
use nestkey_conformance::server::Server;
use redis::Pipeline;

use crate::{pairs::median, row::Row};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// One entry with an open parameter below a namespace: only a scan finds its keys.
const LAYOUT: &str = r#"{"prefix": "root", "namespaces": {"user": {
    "prefix": "user:{user_id:int}", "keys": {"message": {"template": "message:{n:int}", "type": "string"}}
}}}"#;
const NAME: &str = "Rust: clear 500,000 of 1,000,000 keys, beside redis-cli";
const ROUNDS: usize = 5;
/// How many keys a clear removes, and how many with which its memory is compared.
const MANY: u32 = 500_000;
const FEW: u32 = 10_000;
const OTHERS: u32 = 500_000;
/// The argument that starts the bench as a process that clears.
pub(crate) const CLEAR: &str = "clear";
/// How many commands a pipeline of the filling has.
const FILLING: u32 = 10_000;

pub(crate) fn row() -> Fallible<Row> {
    let row = |ratio, figures| Row { name: NAME, ratio, aa: None, target: Some(1.3), figures };
    if !has_redis_cli() {
        let figures = "not measured: there is no redis-cli (Debian: redis-tools)";
        return Ok(row(None, figures.to_owned()));
    }
    let server = Server::start();
    let (url, port) = (server.url(), server.port());
    let mut filler = redis::Client::open(url.clone())?.get_connection()?;
    fill(&mut filler, FEW, other)?;
    fill(&mut filler, FEW, removed)?;
    let (_, few_kb) = clear(&url, FEW)?;
    fill(&mut filler, OTHERS, other)?;
    let mut many_kb = 0;
    let [mut ours, mut theirs] = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for is_ours in [round % 2 == 0, round % 2 != 0] {
            fill(&mut filler, MANY, removed)?;
            if is_ours {
                let (time, kb) = clear(&url, MANY)?;
                ours.push(time);
                many_kb = many_kb.max(kb);
            } else {
                theirs.push(clear_by_hand(port)?);
            }
        }
    }
    let [ours, theirs] = [ours, theirs].map(median);
    let figures = format!(
        "{:.2} s beside {:.2} s; it takes {many_kb} kB of memory, {few_kb} kB for {FEW} keys of {}",
        ours / 1e9,
        theirs / 1e9,
        2 * FEW,
    );
    Ok(row(Some(ours / theirs), figures))
}

/// What the bench does when it is started as a process that clears: it prints how many keys are
/// gone, and by how many kB the peak of its memory rose.
pub(crate) async fn run(url: &str) -> Fallible<()> {
    let root = Client::connect(url).await?.bind(&Layout::from_json(LAYOUT)?);
    let user = root.namespace("user", [1])?;
    // The first call makes the connection.
    user.entry_with("message", [0])?.exists().await?;
    let before = peak_kb()?;
    let cleared = user.clear().await?;
    println!("{} {}", cleared.removed, peak_kb()?.saturating_sub(before));
    Ok(())
}

fn other(n: u32) -> String {
    format!("root:user:{}:message:{n}", 2 + n % 500)
}

fn removed(n: u32) -> String {
    format!("root:user:1:message:{n}")
}

fn has_redis_cli() -> bool {
    let version = Command::new("redis-cli").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

fn fill(
    connection: &mut redis::Connection,
    count: u32,
    key: impl Fn(u32) -> String,
) -> Fallible<()> {
    for start in (0..count).step_by(FILLING as usize) {
        let mut pipeline = Pipeline::with_capacity(FILLING as usize);
        for n in start..start + FILLING {
            pipeline.cmd("SET").arg(key(n)).arg(r#"{"__type__": "str", "value": "-"}"#).ignore();
        }
        pipeline.query::<()>(connection)?;
    }
    Ok(())
}

/// How long a process that clears takes, and how many kB its memory rises.
fn clear(url: &str, count: u32) -> Fallible<(Duration, u64)> {
    let mut process = Command::new(env::current_exe()?);
    let start = Instant::now();
    let output = process.args([CLEAR, url]).stderr(Stdio::inherit()).output()?;
    let elapsed = start.elapsed();
    let printed = String::from_utf8(output.stdout)?;
    let (removed, kb) = printed.trim().split_once(' ').ok_or("the process printed no figures")?;
    expect(removed.parse()?, count)?;
    Ok((elapsed, kb.parse()?))
}

fn clear_by_hand(port: u16) -> Fallible<Duration> {
    let cli = format!("redis-cli -p {port}");
    let script = format!("{cli} --scan --pattern 'root:user:1:message:*' | xargs {cli} unlink");
    let start = Instant::now();
    let output = Command::new("sh").args(["-c", &script]).output()?;
    let elapsed = start.elapsed();
    // Each command that xargs starts prints how many keys it removed.
    let counts = String::from_utf8(output.stdout)?;
    expect(counts.lines().filter_map(|line| line.trim().parse::<u64>().ok()).sum(), MANY)?;
    Ok(elapsed)
}

fn expect(removed: u64, count: u32) -> Fallible<()> {
    if removed == u64::from(count) {
        return Ok(());
    }
    Err(format!("{removed} keys were removed instead of {count}").into())
}

/// The most memory that this process has had at a time.
fn peak_kb() -> Fallible<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("the system does not tell the peak of the memory")?.parse()?)
}

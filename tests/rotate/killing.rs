//! Processes that rotate, and are killed without a chance to clean up.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use nestkey::Keyring;

use crate::random::Random;

/// The variable that tells such a process where its server is.
pub(crate) const URL: &str = "NESTKEY_ROTATE_URL";
/// What it prints when it begins.
pub(crate) const BEGINS: &str = "the rotation begins";

/// Starts rotations until so many were killed before they were done.
pub(crate) async fn kill_rotations(
    kills: usize,
    url: &str,
    keyring: &Keyring,
    longest: Duration,
    random: &mut Random,
) {
    let mut killed = 0;
    while killed < kills {
        let mut process = start(url, keyring);
        tokio::time::sleep(random.within(longest)).await;
        process.kill().unwrap();
        let status = process.wait().unwrap();
        match status.code() {
            None => killed += 1,
            Some(code) => assert_eq!(code, 0, "a rotation failed"),
        }
    }
}

/// This very program, asked for the test that rotates.
fn start(url: &str, keyring: &Keyring) -> Child {
    let keyring = keyring.to_json();
    let mut process = Command::new(env::current_exe().unwrap())
        .args(["--exact", "a_process_that_rotates", "--ignored", "--nocapture"])
        .env(URL, url)
        .env("NESTKEY_KEYRING", std::str::from_utf8(keyring.expose()).unwrap())
        .env_remove("MY_ENCRYPTION_KEY")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains(BEGINS)), "no rotation begins");
    process
}

//! EVAL and EVALSHA of nestkey's own scripts: what they answer, and what they say when they fail.

use nestkey_core::script::Builtin;

use crate::pair::{Pair, Protocol, Step};

/// Keys, then what follows `--`: arguments.
const CALLS: &[&str] = &[
    "",
    "k",
    "k --",
    "k -- a",
    "k -- b",
    "k -- 1",
    "k -- 1 a",
    "k -- 1 a b",
    "k -- 1 b c",
    "k -- 0",
    "k -- 0 a",
    "k -- 0 a b",
    "k -- x a b",
    "missing -- 0 a b",
    "missing -- 1 a b",
    "missing -- 1",
    "missing -- 0 a",
    "missing --",
    "missing k -- 0 a b",
    // Options of SET, right and wrong.
    "k -- 1 a b EX 10",
    "k -- 1 a b KEEPTTL XX",
    "k -- 1 a b NX",
    "k -- 1 a b EX 0",
    "k -- 1 a b EX x",
    "k -- 1 a b PX 9223372036854775807",
    "k -- 1 a b EX 10 PX 10",
    "k -- 1 a b nonsense",
    "missing -- 0 a b EX",
    "k -- 1 a b GET",
    "k -- 1 a b GET KEEPTTL",
];

#[test]
fn scripts_answer_and_fail_as_on_a_server() {
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let mut pair = Pair::start(protocol);
        for script in Builtin::ALL {
            for call in CALLS {
                let steps = [
                    line("SET k a EX 100"),
                    command(&["EVAL", script.lua()], call),
                    line("GET k"),
                    line("PTTL k"),
                    line("GET missing"),
                    line("SET k a"),
                    command(&["EVALSHA", script.sha1()], call),
                    line("MULTI"),
                    command(&["EVALSHA", script.sha1()], call),
                    line("EXEC"),
                    line("GET k"),
                ];
                if let Some(difference) = pair.run(&steps) {
                    panic!("{script:?} {call}: {difference}");
                }
            }
        }
    }
}

fn line(text: &str) -> Step {
    Step::Send(0, text.split(' ').map(Into::into).collect())
}

fn command(script: &[&str], call: &str) -> Step {
    let (keys, argv) = call.split_once("--").unwrap_or((call, ""));
    let keys: Vec<_> = keys.split_whitespace().collect();
    let count = keys.len().to_string();
    let words = script.iter().copied().chain([&count[..]]).chain(keys);
    Step::Send(0, words.chain(argv.split_whitespace()).map(Into::into).collect())
}

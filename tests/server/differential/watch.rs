//! WATCH: what counts as a change between it and EXEC.

use nestkey_core::reply::Reply;

use crate::pair::{Pair, Protocol, Step};

/// What is done before WATCH, what between it and EXEC, and whether EXEC then gives up.
type Case = (&'static str, &'static [&'static str], &'static [&'static str], bool);

const CASES: &[Case] = &[
    ("writing the same value", &["SET k 1"], &["SET k 1"], true),
    ("setting an expiry", &["SET k 1"], &["EXPIRE k 100"], true),
    (
        "setting the same expiry",
        &["SET k 1 PXAT 1800000000000"],
        &["PEXPIREAT k 1800000000000"],
        true,
    ),
    ("taking an expiry away", &["SET k 1 EX 100"], &["PERSIST k"], true),
    ("renewing by a read", &["SET k 1"], &["GETEX k EX 10"], true),
    ("persisting by a read", &["SET k 1 EX 10"], &["GETEX k PERSIST"], true),
    ("creating and deleting", &[], &["SET k 1", "DEL k"], true),
    ("deleting", &["SET k 1"], &["UNLINK k"], true),
    ("deleting by a read", &["SET k 1"], &["GETDEL k"], true),
    ("deleting by an expiry in the past", &["SET k 1"], &["EXPIRE k -1"], true),
    ("expiring", &["SET k 1 PX 100"], &["+101"], true),
    ("expiring and being seen", &["SET k 1 PX 100"], &["+101", "GET k"], true),
    ("expiring and being written", &["SET k 1 PX 100"], &["+101", "SET k 1"], true),
    ("the last millisecond", &["SET k 1 PX 100"], &["+100"], false),
    ("writing what had expired before", &["SET k 1 PX 100", "+101"], &["SET k 1"], true),
    ("having expired before", &["SET k 1 PX 100", "+101"], &[], false),
    ("having expired before and being seen", &["SET k 1 PX 100", "+101"], &["GET k"], false),
    ("having expired before and being deleted", &["SET k 1 PX 100", "+101"], &["DEL k"], false),
    ("reading", &["SET k 1"], &["GET k", "GETEX k", "TTL k", "TOUCH k", "SCAN 0"], false),
    ("persisting what is persistent", &["SET k 1"], &["PERSIST k", "GETEX k PERSIST"], false),
    ("a condition that fails", &["SET k 1"], &["SET k 2 NX", "EXPIRE k 10 XX"], false),
    ("a write that is refused", &["SET k 1"], &["SET k 2 EX 0", "EXPIRE k x"], false),
    ("deleting what is missing", &[], &["DEL k", "GETDEL k", "EXPIRE k 10"], false),
    ("writing another key", &["SET k 1"], &["SET other 1"], false),
];

#[test]
fn exec_gives_up_on_the_same_changes() {
    let mut pair = Pair::start(Protocol::Resp2);
    for (name, before, between, gives_up) in CASES {
        for changes_itself in [false, true] {
            let changer = usize::from(!changes_itself);
            let mut steps = steps(changer, before);
            steps.extend(self::steps(0, &["WATCH k k"]));
            steps.extend(self::steps(changer, between));
            steps.extend(self::steps(0, &["MULTI", "PING", "EXEC"]));
            if let Some(difference) = pair.run(&steps) {
                panic!("{name}: {difference}");
            }
            assert_eq!(exec_gives_up(&mut pair, &steps), *gives_up, "{name}");
        }
    }
}

/// Runs the steps on both once more, command by command.
fn exec_gives_up(pair: &mut Pair, steps: &[Step]) -> bool {
    pair.reset();
    let mut last = Reply::Nil;
    for step in steps {
        match step {
            Step::Advance(ms) => pair.advance(*ms),
            Step::Send(session, args) => (_, last) = pair.call(*session, args),
        }
    }
    last == Reply::Nil
}

fn steps(session: usize, lines: &[&str]) -> Vec<Step> {
    let step = |line: &&str| match line.strip_prefix('+') {
        Some(ms) => Step::Advance(ms.parse().expect("milliseconds")),
        None => Step::Send(session, line.split(' ').map(|word| word.into()).collect()),
    };
    lines.iter().map(step).collect()
}

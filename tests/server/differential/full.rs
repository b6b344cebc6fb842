//! A store and a server that are past their memory: which commands each refuses, and in which words.

use nestkey_core::{reply::Reply, script::Builtin};

use crate::pair::{Pair, Protocol};

/// What is sent by one session after the other, in order.
const LINES: &[&str] = &[
    "SET k b",
    "SET k b XX",
    "SET k b NX",
    "SET k b KEEPTTL",
    "SET new a EX 10",
    "SET k a GET",
    "SET k b EX nonsense",
    "SET k",
    "GET k",
    "GETEX k EX 100",
    "GETEX k PERSIST",
    "GETRANGE k 0 1",
    "STRLEN k",
    "EXISTS k new",
    "TOUCH k",
    "TYPE k",
    "EXPIRE k 100",
    "PEXPIRE k 100000",
    "EXPIREAT k 1800000000",
    "PEXPIREAT k 1800000000000",
    "PERSIST k",
    "EXPIRE k 100 NX",
    "PTTL k",
    "PEXPIRETIME k",
    "SCAN 0 COUNT 100 MATCH k",
    "PING",
    "WATCH k",
    "UNWATCH",
    "MULTI",
    "GET k",
    "SET k b",
    "EXEC",
    "MULTI",
    "GET k",
    "EXPIRE k 100",
    "EXEC",
    "MULTI",
    "SET k b",
    "DISCARD",
    "DEL gone",
    "GETDEL other",
    "UNLINK k",
    "EXISTS k",
    "SET k a",
];

#[test]
fn a_full_store_refuses_what_a_full_server_refuses() {
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        let mut pair = filled(protocol);
        for line in LINES {
            let (memory, server) = pair.call(0, &words(line));
            assert_eq!(memory, server, "{line}");
        }
    }
}

#[test]
fn a_transaction_that_was_queued_before_is_given_up_when_it_is_full() {
    let mut pair = Pair::start(Protocol::Resp3);
    let steps = ["SET k a", "MULTI", "SET k b", "GET k"];
    steps.iter().for_each(|line| drop(pair.call(0, &words(line))));
    pair.fill();
    for line in ["EXEC", "GET k"] {
        let (memory, server) = pair.call(0, &words(line));
        assert_eq!(memory, server, "{line}");
    }
}

#[test]
fn scripts_read_and_remove_where_it_is_full_and_fail_where_they_write() {
    let mut pair = filled(Protocol::Resp3);
    for (script, rest) in [
        (Builtin::CompareAndSet, "1 k 1 wrong b"),
        (Builtin::CompareAndSet, "1 k 1 a b"),
        (Builtin::CompareAndSet, "1 new 0 x b"),
        (Builtin::CompareAndDelete, "1 k wrong"),
        (Builtin::CompareAndDelete, "1 k a"),
    ] {
        let args: Vec<_> = ["EVAL", script.lua()].into_iter().chain(rest.split(' ')).collect();
        let (memory, server) = pair.call(0, &args);
        assert_eq!(memory, server, "{script:?} {rest}");
    }
}

#[test]
fn what_is_refused_is_what_the_server_flags() {
    let mut pair = Pair::start(Protocol::Resp2);
    for name in ["del", "eval", "expire", "get", "getdel", "getex", "persist", "set", "unlink"] {
        let info = pair.call_server(0, &["COMMAND", "INFO", name]);
        let Reply::Array(commands) = info else { panic!("an array") };
        let Reply::Array(parts) = &commands[0] else { panic!("an array") };
        let flagged = format!("{:?}", parts[2]).contains("denyoom");
        assert_eq!(flagged, name == "set", "{name}");
    }
}

fn filled(protocol: Protocol) -> Pair {
    let mut pair = Pair::start(protocol);
    for line in ["SET k a EX 100", "SET other a"] {
        drop(pair.call(0, &words(line)));
    }
    pair.fill();
    pair
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

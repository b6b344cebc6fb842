//! What others wrote, and what is large: nothing of it changes how the rest is shown, or is lost.

use nestkey_conformance::server::Server;

use crate::run::{Ran, folder, nestkey_in};

/// A line break, what moves a cursor (ESC, and CSI in one character), what turns text.
const HOSTILE: &str = "x\n\u{1b}[2J\u{9b}2J\u{7f}\u{2028}\u{202e}y";

#[track_caller]
fn assert_plain(ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        let is_plain =
            |c: char| c == '\n' || !(c.is_control() || matches!(c, '\u{2028}' | '\u{202e}'));
        assert!(text.chars().all(is_plain), "{ran:?}");
        // What followed a line break in it.
        assert!(text.lines().all(|line| !line.starts_with("\\u001b")), "{ran:?}");
    }
    assert!(!ran.out.is_empty() || !ran.err.is_empty());
}

#[test]
fn nothing_that_is_printed_moves_the_cursor() {
    let quoted = r#""x\n\u001b[2J\u009b2J\u007f\u2028\u202ey""#;
    let wrong =
        format!("[keys]\na = {{ template = {quoted} }}\n{quoted} = {{ type = {quoted} }}\n");
    let fine = format!(
        "doc = {quoted}\nforeign = [{quoted}]\nkeys.a = {{ type = 'string', doc = {quoted} }}\n"
    );
    let here = folder([
        ("wrong.layout.toml", &wrong),
        ("fine.layout.toml", &fine),
        ("no.layout.toml", HOSTILE),
    ]);
    let run = |args: &[&str]| nestkey_in(&here, args, "");
    for file in ["wrong.layout.toml", "fine.layout.toml", "no.layout.toml", HOSTILE] {
        for json in [&[][..], &["--json"]] {
            for args in [
                &["check", file][..],
                &["-f", file, "describe"],
                &["-f", file, "describe", HOSTILE],
                &["-f", file, "resolve", HOSTILE],
                &["-f", file, "--prefix", HOSTILE, "resolve", "a"],
                &["-f", file, "parse", HOSTILE],
                &["-f", file, "plan", "set", "a", HOSTILE],
                &["-f", file, "plan", HOSTILE, "a"],
                &["-f", file, "--url", "memory://", "set", "a", HOSTILE],
                &["-f", file, "--url", HOSTILE, "get", "a"],
                &["-f", file, "--url", "memory://", "--trace", "set", "a", HOSTILE],
                &["-f", file, "--url", "memory://", "--keyring", HOSTILE, "rotate", "--yes"],
                &["import", "redisimnest", file],
                &[HOSTILE],
            ] {
                assert_plain(&run(&[json, args].concat()));
            }
        }
    }
}

#[test]
fn a_value_is_printed_so_that_it_reads_back_and_moves_no_cursor() {
    let here = folder([("l.layout.toml", "keys.a = { type = 'string' }")]);
    let server = Server::start();
    let url = server.url();
    let run = |args: &[&str], input: &str| {
        nestkey_in(&here, &[&["--url", &url[..]][..], args].concat(), input)
    };
    run(&["set", "a", "-"], HOSTILE).fine();
    let shown = run(&["get", "a"], "").fine();
    assert_eq!(shown, "\"x\\n\\u001b[2J\\u009b2J\\u007f\\u2028\\u202ey\"\n");
    assert_eq!(run(&["set", "a", shown.trim_end()], "").fine(), "true\n");
    assert_eq!(run(&["get", "a"], "").fine(), shown);
}

#[test]
fn a_value_of_several_megabytes_is_printed_whole() {
    let here =
        folder([("l.layout.toml", "keys.a = { type = 'string' }\nkeys.b = { type = 'bytes' }")]);
    let server = Server::start();
    let url = server.url();
    let run = |args: &[&str], input: &str| {
        nestkey_in(&here, &[&["--url", &url[..]][..], args].concat(), input)
    };
    let large = "é".repeat(3 << 20);
    run(&["set", "a", "-"], &large).fine();
    let shown = run(&["get", "a"], "").fine();
    assert_eq!(shown.trim_end().len(), large.len() + 2);
    let base64 = "AAAA".repeat(1 << 20);
    run(&["set", "b", "-"], &base64).fine();
    assert_eq!(run(&["get", "b"], "").fine(), format!("\"{base64}\"\n"));
}

#[test]
fn what_json_cannot_hold_is_an_error_and_no_null() {
    let here =
        folder([("l.layout.toml", "keys.a = { type = 'any' }\nkeys.o = { type = 'object' }")]);
    let server = Server::start();
    let url = server.url();
    let stored = r#"{"__type__": "dict", "value": {"__type__": "x", "value": 1}}"#;
    for key in ["a", "o"] {
        server.connect().call(&["SET", key, stored]);
        let ran = nestkey_in(&here, &["--url", &url, "get", key], "");
        assert_eq!((ran.code, &ran.out[..]), (Some(2), ""), "{ran:?}");
        assert!(!ran.err.is_empty());
    }
}

#[test]
fn check_says_how_many_problems_it_does_not_list() {
    let many: String = (0..10_000).map(|n| format!("k{n} = {{ type = 'nope' }}\n")).collect();
    let equal: String = (0..3_001).map(|n| format!("k{n} = {{ template = 'k' }}\n")).collect();
    let here = folder([
        ("many.layout.toml", &format!("[keys]\n{many}")),
        ("equal.layout.toml", &format!("[keys]\n{equal}")),
        ("no.layout.toml", &"a b\n".repeat(1_234)),
    ]);
    for (file, more, shown) in [
        ("many.layout.toml", 9_900, "9,900"),
        ("equal.layout.toml", 2_900, "2,900"),
        ("no.layout.toml", 1_134, "1,134"),
    ] {
        let said = nestkey_in(&here, &["check", file], "");
        assert_eq!(said.code, Some(1), "{}", said.err);
        assert_eq!(said.out.lines().count(), 101);
        assert!(said.out.ends_with(&format!("{file}: and {shown} more\n")), "{}", said.out);
        let json = nestkey_in(&here, &["--json", "check", file], "").out;
        assert!(json.ends_with(&format!("],\"more_issues\":{more}}}]\n")), "{json}");
        let elsewhere = nestkey_in(&here, &["-f", file, "describe"], "").failed(2);
        assert!(elsewhere.contains(&format!("{file}: and {shown} more\n")), "{elsewhere}");
    }
}

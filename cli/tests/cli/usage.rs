//! Command lines that cannot be, help, versions and pipes.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use crate::run::{examples, folder, nestkey, nestkey_in, nestkey_with};

#[test]
fn the_version_and_the_help_are_printed() {
    assert_eq!(nestkey(["--version"]).fine(), format!("nestkey {}\n", env!("CARGO_PKG_VERSION")));
    let help = nestkey(["--help"]).fine();
    for word in [
        "check",
        "fmt",
        "export",
        "describe",
        "resolve",
        "parse",
        "plan",
        "get",
        "set",
        "ttl",
        "del",
        "keys",
        "count",
        "clear",
        "Examples:",
        "Exit codes:",
        "--prefix",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    assert!(nestkey(["plan", "--help"]).fine().contains("--json-call"));
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    for args in [
        &[][..],
        &["fly"],
        &["resolve"],
        &["get", "user(1).age", "surplus", "--url", "memory://"],
        &["plan"],
        &["plan", "set", "user(1).age", "30", "--ttl", "5m", "--expire-at", "1"],
        &["plan", "get", "user(1).age", "--json-call", "{}"],
        &["set", "user(1).age", "30", "--if", "raining", "--url", "memory://"],
        &["del", "user(1).age", "--yes", "--dry-run", "--url", "memory://"],
    ] {
        nestkey_in(&examples(), args, "").failed(2);
    }
}

#[test]
fn a_folder_without_or_with_several_layouts_wants_a_file() {
    let none = folder([("layout.toml", "")]);
    assert_eq!(
        nestkey_in(&none, &["describe"], "").failed(2),
        "nestkey: this folder has no layout file (*.layout.toml or *.layout.json), say where it \
         is with -f\n"
    );
    let two = folder([("b.layout.toml", ""), ("a.layout.toml", ""), ("a.layout.json", "{}")]);
    assert_eq!(
        nestkey_in(&two, &["describe"], "").failed(2),
        "nestkey: this folder has 2 layout files, say which with -f: a.layout.toml, b.layout.toml\n"
    );
    assert_eq!(nestkey_in(&two, &["describe", "-f", "a.layout.json"], "").fine(), "(layout)  *\n");
    let json = folder([("b.layout.json", "{}"), ("a.layout.json", "{}")]);
    nestkey_in(&json, &["describe"], "").failed(2);
    assert_eq!(
        nestkey(["-f", "layout.yaml", "describe"]).failed(2),
        "nestkey: a layout file ends in .toml or .json, layout.yaml does not\n"
    );
}

#[test]
fn a_command_on_values_wants_a_server() {
    assert_eq!(
        nestkey(["get", "user(1).age"]).failed(2),
        "nestkey: this command wants a server: --url redis://…, REDIS_URL or REDIS_HOST\n"
    );
    let err = nestkey(["--json", "get", "user(1).age"]).failed(2);
    assert!(err.starts_with("{\"error\":{\"code\":\"usage\","), "{err}");
    for (args, message) in [
        (["get", "--json"], "the following required arguments were not provided: <PATH>"),
        (["--json", "fly"], "unrecognized subcommand 'fly'"),
    ] {
        let error = format!("{{\"error\":{{\"code\":\"usage\",\"message\":\"{message}\"}}}}\n");
        assert_eq!(nestkey(args).failed(2), error);
    }
}

#[test]
fn the_server_may_stand_in_the_environment() {
    for (url, code) in [("memory://", 0), ("", 2)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nestkey"));
        let command = command.args(["get", "user(1).age"]).current_dir(examples());
        let output = command.env("REDIS_URL", url).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{url:?}");
    }
}

#[test]
fn a_password_is_never_printed() {
    for args in [
        &["redis://:hunter2@127.0.0.1:1", "get"][..],
        &["--url", "redis://:hunter2@127.0.0.1:1", "get", "user(1).age"],
        &["--url", "carrier://:hunter2@127.0.0.1:1", "get", "user(1).age"],
        &["--url", "redis://:hunter2@127.0.0.1:port", "get", "user(1).age"],
        &["--url", "redis://:hunter2@127.0.0.1:1", "--help"],
    ] {
        let ran = nestkey_in(&examples(), args, "");
        assert!(!ran.err.contains("hunter2") && !ran.out.contains("hunter2"), "{ran:?}");
    }
}

#[test]
fn usage_and_help_are_the_same_whatever_the_environment_says() {
    for args in [&["--help"][..], &["get", "--help"], &["get"], &["fly"], &["set", "--if"]] {
        let variables = [("REDIS_URL", "redis://:hunter2@host"), ("NESTKEY_KEYRING", "hunter2")];
        let told = nestkey_with(&examples(), args, "", &variables);
        assert_eq!(told, nestkey_in(&examples(), args, ""), "{args:?}");
        assert!(!told.out.contains("hunter2") && !told.err.contains("hunter2"), "{told:?}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let keys: String = (0..20_000).map(|i| format!("key_{i} = {{}}\n")).collect();
    let folder = folder([(
        "wide.layout.toml",
        &format!("[keys]\n{}", &keys[..keys.len() / 2].rsplit_once('\n').unwrap().0),
    )]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_nestkey"))
        .arg("describe")
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("(layout)"), "{line}");
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &output.stderr[..]), (Some(0), &b""[..]));
}

//! `plan`: the commands of a call, without a server.

use crate::run::{examples, nestkey, nestkey_in};

#[test]
fn a_set_carries_its_envelope_and_the_ttl_of_the_layout() {
    let out = nestkey(["plan", "set", "user(1).age", "30"]).fine();
    assert_eq!(out, "SET root:user:1:age '{\"__type__\": \"int\", \"value\": 30}' EX 120\n");
    let out = nestkey(["plan", "set", "user(1).age", "-5"]).fine();
    assert_eq!(out, "SET root:user:1:age '{\"__type__\": \"int\", \"value\": -5}' EX 120\n");
    let out = nestkey(["plan", "set", "project_name", "nestkey"]).fine();
    assert_eq!(out, "SET root:project_name '{\"__type__\": \"str\", \"value\": \"nestkey\"}'\n");
}

#[test]
fn the_layout_may_be_named() {
    let folder = examples().join("..");
    let args = ["-f", "examples/shop.layout.toml", "plan", "set", "user(1).age", "30"];
    let out = nestkey_in(&folder, &args, "").fine();
    assert_eq!(out, "SET root:user:1:age '{\"__type__\": \"int\", \"value\": 30}' EX 120\n");
}

#[test]
fn options_of_a_set_are_flags() {
    let set = "SET root:user:1:age '{\"__type__\": \"int\", \"value\": 30}'";
    for (flags, rest) in [
        (&["--ttl", "5m"][..], " EX 300"),
        (&["--ttl", "500ms"], " PX 500"),
        (&["--ttl", "90"], " EX 90"),
        (&["--ttl", "keep"], " KEEPTTL"),
        (&["--ttl", "persist"], ""),
        (&["--expire-at", "1893456000000"], " EXAT 1893456000"),
        (&["--expire-at", "1893456000001"], " PXAT 1893456000001"),
        (&["--if", "missing"], " EX 120 NX"),
        (&["--if", "exists", "--previous"], " EX 120 XX GET"),
    ] {
        let args = [&["plan", "set", "user(1).age", "30"][..], flags].concat();
        let out = nestkey_in(&examples(), &args, "").fine();
        assert_eq!(out, format!("{set}{rest}\n"), "{flags:?}");
    }
}

#[test]
fn every_call_on_a_key_has_its_command() {
    for (call, command) in [
        ("get", "GET root:user:1:age"),
        ("lookup", "GET root:user:1:age"),
        ("raw", "GET root:user:1:age"),
        ("value_type", "GET root:user:1:age"),
        ("delete", "DEL root:user:1:age"),
        ("unlink", "UNLINK root:user:1:age"),
        ("exists", "EXISTS root:user:1:age"),
        ("expire", "EXPIRE root:user:1:age 120"),
        ("expire_time", "EXPIRETIME root:user:1:age"),
        ("expire_time_ms", "PEXPIRETIME root:user:1:age"),
        ("persist", "PERSIST root:user:1:age"),
        ("ttl", "TTL root:user:1:age"),
        ("ttl_ms", "PTTL root:user:1:age"),
        ("touch", "TOUCH root:user:1:age"),
        ("redis_type", "TYPE root:user:1:age"),
        ("memory_usage", "MEMORY USAGE root:user:1:age"),
    ] {
        assert_eq!(nestkey(["plan", call, "user(1).age"]).fine(), format!("{command}\n"));
    }
    let args = ["plan", "expire", "user(1).age", "--ttl", "1h", "--if", "gt"];
    assert_eq!(nestkey(args).fine(), "EXPIRE root:user:1:age 3600 GT\n");
    let args = ["plan", "memory_usage", "user(1).age", "--samples", "0"];
    assert_eq!(nestkey(args).fine(), "MEMORY USAGE root:user:1:age SAMPLES 0\n");
}

#[test]
fn a_call_of_several_turns_shows_the_first_and_says_so() {
    let ran = nestkey(["plan", "clear", "user(1).messages"]);
    assert_eq!(ran.code, Some(0));
    assert_eq!(
        ran.out,
        "UNLINK root:user:1:messages:complex_data\n\
         SCAN 0 MATCH root:user:1:messages:message:* COUNT 1000\n"
    );
    assert_eq!(ran.err, "nestkey: this is the first turn, more follow from the replies\n");
    let ran = nestkey(["plan", "update", "user(1).age"]);
    assert_eq!(ran.out, "GET root:user:1:age\n");
    assert_eq!(ran.err, "nestkey: this is the first turn, more follow from the replies\n");
    let out = nestkey(["plan", "count", "app"]).fine();
    assert_eq!(out, "EXISTS root:app:tokens\nEXISTS root:app:pending_users\n");
}

#[test]
fn a_call_may_be_given_as_json() {
    let call = r#"{"call": "set", "path": "user(1).age", "value": 30, "ttl": "5m"}"#;
    let out = nestkey(["plan", "--json-call", call]).fine();
    assert_eq!(out, "SET root:user:1:age '{\"__type__\": \"int\", \"value\": 30}' EX 300\n");
}

#[test]
fn several_calls_may_be_given_as_json() {
    let age = r#"{"call": "get", "path": "user(1).age"}"#;
    let clear = r#"{"call": "clear", "path": "user(1).messages"}"#;
    let both = format!("[{age}, {clear}]");
    let commands = "GET root:user:1:age\n\
                    UNLINK root:user:1:messages:complex_data\n\
                    SCAN 0 MATCH root:user:1:messages:message:* COUNT 1000\n";
    for (args, input) in [
        (&["--json-call", age, "--json-call", clear][..], ""),
        (&["--json-call", &both], ""),
        (&["--json-call", "-"], &both),
        (&["--json-call", age, "--json-call", "-"], clear),
    ] {
        let ran = nestkey_in(&examples(), &[&["plan"], args].concat(), input);
        assert_eq!((ran.code, &ran.out[..]), (Some(0), commands), "{args:?}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
    let ran = nestkey(["--json", "plan", "--json-call", &both]);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 2, "a line for each call: {lines:?}");
    assert_eq!(lines[0], "{\"commands\":[[\"GET\",\"root:user:1:age\"]],\"more\":false}");
    assert!(lines[1].ends_with("\"more\":true}"), "{}", lines[1]);
    assert_eq!(nestkey(["plan", "--json-call", "[]"]).fine(), "");
    nestkey(["plan", "--json-call", age, "--json-call", "{}"]).failed(2);
}

#[test]
fn the_plan_of_a_verify_wants_no_password() {
    let out = nestkey(["plan", "verify", "user(1).password"]);
    assert_eq!((out.code, &out.out[..]), (Some(0), "GET root:user:1:password\n"), "{}", out.err);
}

#[test]
fn commands_as_json_are_arrays() {
    let out = nestkey(["--json", "plan", "get", "user(1).age"]).fine();
    assert_eq!(out, "{\"commands\":[[\"GET\",\"root:user:1:age\"]],\"more\":false}\n");
    let out = nestkey(["--json", "plan", "keys", "user(1).messages"]).fine();
    assert_eq!(
        out,
        "{\"commands\":[[\"EXISTS\",\"root:user:1:messages:complex_data\"],[\"SCAN\",\"0\",\
         \"MATCH\",\"root:user:1:messages:message:*\",\"COUNT\",\"1000\"]],\"more\":true}\n"
    );
}

#[test]
fn a_value_is_json_or_a_bare_word_where_a_text_is_declared() {
    let set = |path: &str, value: &str| nestkey(["plan", "set", path, value]);
    for (path, value, payload) in [
        ("user(1).name", "Ann", r#"{"__type__": "str", "value": "Ann"}"#),
        ("user(1).name", "\"30\"", r#"{"__type__": "str", "value": "30"}"#),
        ("user(1).name", "Ann Lee [1", r#"{"__type__": "str", "value": "Ann Lee [1"}"#),
        (
            "date",
            "2020-01-02T03:04:05",
            r#"{"__type__": "datetime", "value": "2020-01-02T03:04:05"}"#,
        ),
        ("app.tokens", "[1, \"a\"]", r#"{"__type__": "list", "value": [1, "a"]}"#),
    ] {
        let out = set(path, value).fine();
        assert!(out.contains(payload), "{out}");
    }
    assert_eq!(
        set("user(1).name", "30").failed(2),
        "nestkey: user.name: a string is wanted, not a number: text that reads as JSON is \
         quoted, '\"…\"'\n"
    );
    let err = set("user(1).age", "thirty").failed(2);
    let start = "nestkey: user.age: `int` is wanted, and the value cannot be read as JSON: ";
    assert!(err.starts_with(start), "{err}");
    let err = set("user(1).age", "\"thirty\"").failed(2);
    assert!(err.starts_with("nestkey: user.age: "), "{err}");
    assert!(!err.contains("thirty"), "no value in an error: {err}");
}

#[test]
fn a_value_may_come_from_standard_input() {
    for (input, stored) in
        [("Ann\n", "Ann"), ("Ann\r\n", "Ann"), ("\"Ann\"", "Ann"), ("a\nb\n", "a\\nb")]
    {
        let out = nestkey_in(&examples(), &["plan", "set", "user(1).name", "-"], input).fine();
        let expected = format!(
            "SET root:user:1:name '{{\"__type__\": \"str\", \"value\": \"{stored}\"}}' EX 120\n"
        );
        assert_eq!(out, expected);
    }
}

#[test]
fn what_is_no_call_is_one_sentence() {
    for (args, sentence) in [
        (&["fly", "user(1).age"][..], "user.age: there is no call `fly`"),
        (&["get", "user(1).age", "--ttl", "5m"], "user.age: this call has no `ttl`"),
        (&["set", "user(1).age"], "user.age: `set` wants a `value`"),
        (&["get", "user(1)"], "user: `get` is a call on entries, not on namespaces"),
        (
            &["get", "user(1).password"],
            "user.password: a password is verified, not read: see `verify`, and `reveal` for its hash",
        ),
        (
            &["set", "user(1).age", "30", "--ttl", "soon"],
            "user.age: a ttl is seconds, a duration such as 500ms, 80s, 2m, 12h, 7d, or \
             persist, not `soon`",
        ),
    ] {
        let args = [&["plan"][..], args].concat();
        let err = nestkey_in(&examples(), &args, "").failed(2);
        assert_eq!(err, format!("nestkey: {sentence}\n"));
    }
}

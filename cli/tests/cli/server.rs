//! The commands that need a server, on real ones and on `memory://`.

use std::{fs, path::PathBuf};

use nestkey::core::reply::Reply;
use nestkey_conformance::{cluster::Cluster, resp::Connection, server::Server};

use crate::run::{Ran, examples, folder, nestkey, nestkey_in, nestkey_with};

/// A server of its own, and runs on it.
struct Shop {
    server: Server,
    connection: Connection,
    folder: PathBuf,
}

impl Shop {
    fn open() -> Self {
        let server = Server::start();
        let connection = server.connect();
        Self { server, connection, folder: examples() }
    }

    fn run<const N: usize>(&self, args: [&str; N]) -> Ran {
        self.run_with(&args, "")
    }

    fn run_with(&self, args: &[&str], input: &str) -> Ran {
        let url = self.server.url();
        let args = [&["--url", &url[..]][..], args].concat();
        nestkey_in(&self.folder, &args, input)
    }

    /// What `redis-cli` would answer, as text.
    fn redis(&mut self, command: &str) -> String {
        let args: Vec<_> = command.split(' ').collect();
        match self.connection.call(&args) {
            Reply::Bulk(bytes) => String::from_utf8(bytes).unwrap(),
            other => format!("{other:?}"),
        }
    }
}

#[test]
fn a_value_is_stored_and_read_as_json() {
    let mut shop = Shop::open();
    assert_eq!(shop.run(["get", "user(1).age"]).fine(), "0\n", "the default");
    assert_eq!(shop.run(["get", "project_name"]).fine(), "null\n", "missing");
    assert_eq!(shop.run(["set", "user(1).age", "30"]).fine(), "true\n");
    assert_eq!(shop.redis("GET root:user:1:age"), r#"{"__type__": "int", "value": 30}"#);
    assert_eq!(shop.run(["get", "user(1).age"]).fine(), "30\n");
    assert_eq!(shop.run(["--json", "get", "user(1).age"]).fine(), "30\n");
    assert_eq!(shop.run(["set", "project_name", "nest key"]).fine(), "true\n");
    assert_eq!(shop.run(["get", "project_name"]).fine(), "\"nest key\"\n");
    assert_eq!(shop.run_with(&["set", "user(1).name", "-"], "Ann\n").fine(), "true\n");
    assert_eq!(shop.run(["get", "user(1).name"]).fine(), "\"Ann\"\n");
}

#[test]
fn conditions_and_the_value_before_are_answered() {
    let shop = Shop::open();
    let set =
        |args: &[&str]| shop.run_with(&[&["set", "user(1).age"][..], args].concat(), "").fine();
    assert_eq!(set(&["1", "--if", "exists"]), "false\n");
    assert_eq!(set(&["2", "--previous"]), "null\n");
    assert_eq!(set(&["3", "--previous"]), "2\n");
    assert_eq!(set(&["4", "--if", "missing"]), "false\n");
    assert_eq!(set(&["-5", "--if", "exists"]), "true\n");
    assert_eq!(shop.run(["get", "user(1).age"]).fine(), "-5\n");
}

#[test]
fn ttl_is_seconds_persist_or_null() {
    let shop = Shop::open();
    shop.run(["set", "user(1).age", "30", "--ttl", "7d"]).fine();
    let seconds: u64 = shop.run(["ttl", "user(1).age"]).fine().trim().parse().unwrap();
    assert!((604_700..=604_800).contains(&seconds), "{seconds}");
    let ms: u64 = shop.run(["ttl", "user(1).age", "--ms"]).fine().trim().parse().unwrap();
    assert!((604_700_000..=604_800_000).contains(&ms), "{ms}");
    shop.run(["set", "project_name", "x"]).fine();
    assert_eq!(shop.run(["ttl", "project_name"]).fine(), "persist\n");
    assert_eq!(shop.run(["--json", "ttl", "project_name"]).fine(), "\"persist\"\n");
    assert_eq!(shop.run(["ttl", "user(2).age"]).fine(), "null\n");
}

#[test]
fn keys_are_listed_counted_and_cleared() {
    let mut shop = Shop::open();
    for path in ["user(1).age", "user(1).messages.message(42)", "user(2).age", "project_name"] {
        let value = if path.ends_with("age") { "1" } else { "x" };
        assert_eq!(shop.run(["set", path, value]).fine(), "true\n");
    }
    shop.redis("SET root:user:1:messages:message:4:2 stray");
    shop.redis("SET other stray");
    let sorted = |out: String| {
        let mut lines: Vec<_> = out.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(
        sorted(shop.run(["keys"]).fine()),
        [
            "root:project_name",
            "root:user:1:age",
            "root:user:1:messages:message:42",
            "root:user:2:age"
        ]
    );
    assert_eq!(
        sorted(shop.run(["--json", "keys", "user(1)"]).fine()),
        [
            r#"{"key":"root:user:1:age","path":"user.age","params":{"user_id":1}}"#,
            r#"{"key":"root:user:1:messages:message:42","path":"user.messages.message","params":{"user_id":1,"message_id":"42"}}"#,
        ]
    );
    assert_eq!(shop.run(["count"]).fine(), "4\n");
    assert_eq!(shop.run(["count", "user(1)"]).fine(), "2\n");
    for (args, said) in [
        (&["--dry-run"][..], "2 keys would be removed, 1 stray left\n"),
        (&["--dry-run", "--strays"], "3 keys would be removed, 1 of them strays\n"),
        (&["--dry-run", "--json"], "{\"removed\":2,\"strays\":1,\"dry_run\":true}\n"),
        (&["--dry-run", "--json", "--strays"], "{\"removed\":3,\"strays\":1,\"dry_run\":true}\n"),
    ] {
        let args = [&["clear", "user(1)"][..], args].concat();
        assert_eq!(shop.run_with(&args, "").fine(), said);
    }
    assert_eq!(shop.run(["count", "user(1)"]).fine(), "2\n", "nothing was removed");
    assert_eq!(shop.run(["clear", "user(1)", "--yes"]).fine(), "2 keys removed, 1 stray left\n");
    assert_eq!(
        shop.run(["--json", "clear", "user(1)", "--strays", "--yes"]).fine(),
        "{\"removed\":1,\"strays\":1}\n"
    );
    assert_eq!(shop.run(["clear", "", "--yes"]).fine(), "2 keys removed\n");
    assert_eq!(shop.redis("DBSIZE"), "Int(1)");
    assert_eq!(shop.redis("GET other"), "stray");
}

#[test]
fn del_removes_one_key_and_says_so() {
    let shop = Shop::open();
    shop.run(["set", "user(1).age", "30"]).fine();
    let del =
        |args: &[&str]| shop.run_with(&[&["del", "user(1).age"][..], args].concat(), "").fine();
    assert_eq!(del(&["--dry-run"]), "root:user:1:age would be removed\n");
    assert_eq!(del(&["--dry-run", "--json"]), "{\"removed\":1,\"dry_run\":true}\n");
    assert_eq!(del(&["--yes"]), "root:user:1:age is removed\n");
    assert_eq!(del(&["--yes"]), "root:user:1:age is not there\n");
    assert_eq!(del(&["--yes", "--json"]), "{\"removed\":0}\n");
}

#[test]
fn without_a_terminal_nothing_is_removed_unasked() {
    let shop = Shop::open();
    shop.run(["set", "user(1).age", "30"]).fine();
    for command in ["del user(1).age", "clear user(1)"] {
        let args: Vec<_> = command.split(' ').collect();
        assert_eq!(
            shop.run_with(&args, "user(1)\n").failed(2),
            "nestkey: there is no terminal to ask on: say --yes, or --dry-run\n"
        );
    }
    assert_eq!(shop.run(["get", "user(1).age"]).fine(), "30\n");
}

#[test]
fn keys_and_namespaces_are_not_mistaken_for_each_other() {
    let args = ["--url", "memory://", "del", "user(1)", "--yes"];
    assert_eq!(
        nestkey(args).failed(2),
        "nestkey: user: `del` removes one key: `clear` removes those of a namespace\n"
    );
    let args = ["--url", "memory://", "exists", "user(1)"];
    nestkey(args).failed(2);
}

#[test]
fn a_prefix_keeps_environments_apart() {
    let mut shop = Shop::open();
    shop.run(["--prefix", "staging", "set", "user(1).age", "30"]).fine();
    assert_eq!(shop.redis("EXISTS staging:root:user:1:age"), "Int(1)");
    assert_eq!(shop.run(["--prefix", "staging:", "get", "user(1).age"]).fine(), "30\n");
    assert_eq!(shop.run(["--prefix", "staging", "keys"]).fine(), "staging:root:user:1:age\n");
    assert_eq!(shop.run(["get", "user(1).age"]).fine(), "0\n");
    assert_eq!(shop.run(["count"]).fine(), "0\n");
}

#[test]
fn a_stored_value_that_does_not_fit_is_an_error_without_it() {
    let mut shop = Shop::open();
    shop.redis("SET root:user:1:age hunter2");
    let err = shop.run(["get", "user(1).age"]).failed(2);
    assert!(err.starts_with("nestkey: user.age: ") && !err.contains("hunter2"), "{err}");
    let err = shop.run(["--json", "get", "user(1).age"]).failed(2);
    let error: serde_json::Value = serde_json::from_str(&err).unwrap();
    assert_eq!(error["error"]["code"], "malformed-value");
    assert_eq!(error["error"]["key"], "root:user:1:age");
    shop.redis("DEL root:user:1:age");
    shop.redis("LPUSH root:user:1:age 1");
    let err = shop.run(["--json", "get", "user(1).age"]).failed(2);
    let error: serde_json::Value = serde_json::from_str(&err).unwrap();
    assert_eq!(
        (&error["error"]["code"], &error["error"]["server_code"]),
        (&"server".into(), &"WRONGTYPE".into())
    );
}

#[test]
fn memory_is_a_server_for_one_command() {
    assert_eq!(nestkey(["--url", "memory://", "get", "user(1).age"]).fine(), "0\n");
    assert_eq!(nestkey(["--url", "memory://", "set", "user(1).age", "30"]).fine(), "true\n");
    assert_eq!(nestkey(["--url", "memory://", "keys"]).fine(), "");
    assert_eq!(nestkey(["--url", "memory://", "clear", "", "--yes"]).fine(), "0 keys removed\n");
}

#[test]
fn a_server_that_is_not_there_or_wants_a_password_is_one_sentence() {
    let err = nestkey(["--json", "--url", "redis://127.0.0.1:1", "get", "date"]).failed(2);
    let error: serde_json::Value = serde_json::from_str(&err).unwrap();
    assert_eq!(error["error"]["code"], "unreachable");

    let server = Server::options().password("hunter2").start();
    let right = server.url();
    assert_eq!(nestkey(["--url", &right, "get", "date"]).fine(), "null\n");
    let wrong = right.replace("hunter2", "hunter3");
    let err = nestkey(["--url", &wrong, "get", "date"]).failed(2);
    assert!(err.starts_with("nestkey: ") && err.lines().count() == 1, "{err}");
    assert!(!err.contains("hunter3"), "{err}");
    let err = nestkey(["--json", "--url", &wrong, "get", "date"]).failed(2);
    assert!(err.starts_with("{\"error\":{\"code\":\"unauthorized\""), "{err}");
}

#[test]
fn the_variables_of_redisimnest_lead_to_the_server() {
    let server = Server::options().password("hunt:er2@").start();
    let port = server.port().to_string();
    let run = |variables: &[(&str, &str)]| {
        nestkey_with(&examples(), &["get", "user(1).age"], "", variables)
    };
    let mut variables = vec![("REDIS_HOST", "127.0.0.1"), ("REDIS_PORT", &port[..])];
    variables.push(("REDIS_PASS", "hunt:er2@"));
    assert_eq!(run(&variables).fine(), "0\n");
    variables.push(("REDIS_URL", "memory://"));
    variables.push(("REDIS_PORT", "no port"));
    assert_eq!(run(&variables).fine(), "0\n", "REDIS_URL comes first");
    let err = run(&[("REDIS_PORT", "no port")]).failed(2);
    assert!(err.contains("REDIS_PORT") && !err.contains("no port"), "{err}");
    variables.push(("NESTKEY_KEYRING", "no.json"));
    assert_eq!(run(&variables).fine(), "0\n", "whatever is about no secret needs no keyring");
}

#[test]
fn several_namespaces_are_cleared_in_one_walk() {
    let mut shop = Shop::open();
    for user in ["1", "2", "12", "3"] {
        let message = format!("user({user}).messages.message(4)");
        assert_eq!(shop.run(["set", &message, "x"]).fine(), "true\n");
    }
    shop.folder = folder([("gone.txt", "1\n\n3\n"), ("none.txt", "\n")]);
    fs::copy(examples().join("shop.layout.toml"), shop.folder.join("shop.layout.toml")).unwrap();
    let clear =
        |shop: &Shop, values: &str, how: &str| shop.run(["clear", "user", "--where", values, how]);
    assert_eq!(clear(&shop, "user_id=@gone.txt", "--dry-run").fine(), "2 keys would be removed\n");
    shop.redis("CONFIG RESETSTAT");
    assert_eq!(clear(&shop, "user_id=@gone.txt", "--yes").fine(), "2 keys removed\n");
    assert!(shop.redis("INFO commandstats").contains("cmdstat_scan:calls=1,"));
    assert_eq!(clear(&shop, "user_id=2,7", "--yes").fine(), "1 key removed\n");
    assert_eq!(shop.run(["keys"]).fine(), "root:user:12:messages:message:4\n");
    let err = clear(&shop, "user_id=@none.txt", "--yes").failed(2);
    assert_eq!(err, "nestkey: `--where user_id=@none.txt` names no value\n");
    clear(&shop, "user_id=x", "--yes").failed(2);
    clear(&shop, "id=1", "--yes").failed(2);
    clear(&shop, "1,2", "--yes").failed(2);
    clear(&shop, "user_id=1", "--json").failed(2);
}

#[test]
fn a_parameter_of_any_level_may_have_several_values() {
    let mut shop = Shop::open();
    let layout = r#"
        [namespaces.user]
        prefix = "user:{user_id:int}"
        [namespaces."user.box"]
        prefix = "box:{name}"
        keys.note = { template = "note:{n:int}", type = "string" }
        "#;
    shop.folder = folder([("box.layout.toml", layout), ("boxes.txt", "in\nout\n")]);
    for place in ["user(1).box(in)", "user(1).box(out)", "user(2).box(in)", "user(3).box(in)"] {
        assert_eq!(shop.run(["set", &format!("{place}.note(4)"), "x"]).fine(), "true\n");
    }
    let clear =
        |shop: &Shop, args: &[&str]| shop.run_with(&[&["clear"], args, &["--yes"]].concat(), "");
    shop.redis("CONFIG RESETSTAT");
    let both = ["user.box", "--where", "user_id=1,2", "--where", "name=@boxes.txt"];
    assert_eq!(clear(&shop, &both).fine(), "3 keys removed\n");
    assert!(shop.redis("INFO commandstats").contains("cmdstat_scan:calls=1,"));
    let doubled =
        clear(&shop, &["user(3).box", "--where", "user_id=4", "--where", "name=in"]).failed(2);
    assert_eq!(doubled, "nestkey: user.box: the parameter `user_id` is given twice\n");
    let unknown = clear(&shop, &["user", "--where", "user_id=3", "--where", "name=in"]).failed(2);
    assert_eq!(
        unknown,
        "nestkey: user: there is no parameter `name` on this path, only `user_id`\n"
    );
    let missing = clear(&shop, &["user().box", "--where", "name=in"]).failed(2);
    assert_eq!(missing, "nestkey: user: the parameter `user_id` is missing\n");
    assert_eq!(clear(&shop, &["user.box", "--where", "name=in"]).fine(), "1 key removed\n");
}

#[test]
fn a_trace_shows_commands_replies_and_times() {
    let ran = nestkey(["--url", "memory://", "--trace", "--prefix", "x", "get", "user(1).age"]);
    assert_eq!((ran.code, &ran.out[..]), (Some(0), "0\n"));
    let lines: Vec<_> = ran.err.lines().collect();
    assert_eq!(lines[..2], ["→ GET x:root:user:1:age", "← Nil"]);
    assert!(lines[2].ends_with(" ms") && lines.len() == 3, "{lines:?}");
}

#[test]
fn a_walk_over_one_node_of_a_cluster_is_no_success() {
    let cluster = Cluster::start();
    for id in 1..=9 {
        let age = r#"{"__type__": "int", "value": 1}"#;
        assert_eq!(cluster.call(&["SET", &format!("root:user:{id}:age"), age]), Reply::ok());
    }
    let url = cluster.nodes()[0].url();
    for (command, walk) in [
        ("count", "count"),
        ("keys", "keys"),
        ("clear user(1) --yes", "clear"),
        ("clear user --where user_id=1,2 --dry-run", "clear"),
        ("rotate --dry-run", "rotate"),
        ("--trace count", "count"),
    ] {
        let args: Vec<_> =
            ["--url", &url, "--json"].into_iter().chain(command.split(' ')).collect();
        let ran = nestkey_in(&examples(), &args, "");
        assert_eq!((ran.code, &ran.out[..]), (Some(2), ""), "{command}: {}", ran.err);
        assert!(
            ran.err.starts_with(r#"{"error":{"code":"unsupported","#),
            "{command}: {}",
            ran.err
        );
        assert!(ran.err.contains(&format!("`{walk}`")), "{command}: {}", ran.err);
    }
    let sizes = cluster.nodes().iter().map(|node| node.connect().call(&["DBSIZE"]));
    assert_eq!(sizes.filter(|size| *size != Reply::Int(0)).count(), 3, "nothing was removed");
}

#[test]
fn an_option_that_a_url_does_not_have_is_an_error() {
    let err = nestkey(["--url", "redis://127.0.0.1:1?cluster=true", "count"]).failed(2);
    assert_eq!(err, "nestkey: the option `cluster`: clusters are not built yet\n");
}

#[test]
fn a_path_that_leaves_parameters_open_is_everybodys() {
    let mut shop = Shop::open();
    for user in ["1", "2", "12"] {
        shop.run(["set", &format!("user({user}).age"), "30"]).fine();
        shop.run(["set", &format!("user({user}).messages.message(a)"), "x"]).fine();
    }
    shop.redis("SET root:user:1:old x");
    assert_eq!(shop.run(["count", "user"]).fine(), "6\n");
    assert_eq!(shop.run(["count", "user.age"]).fine(), "3\n");
    assert_eq!(shop.run(["count", "user(2).age"]).fine(), "1\n");
    assert_eq!(shop.run(["count", "user.messages.message(a)"]).fine(), "3\n");
    let mut keys: Vec<_> =
        shop.run(["keys", "user.messages"]).fine().lines().map(str::to_owned).collect();
    keys.sort();
    assert_eq!(keys, ["12", "1", "2"].map(|user| format!("root:user:{user}:messages:message:a")));
    let dry = shop.run(["clear", "user.age", "--dry-run"]).fine();
    assert_eq!(dry, "3 keys would be removed\n");
    shop.run(["clear", "user()", "--yes"]).failed(2);
    shop.run(["clear", "user", "--where", "user_id=", "--yes"]).failed(2);
    assert_eq!(shop.run(["clear", "user.age", "--yes"]).fine(), "3 keys removed\n");
    assert_eq!(shop.run(["clear", "user", "--yes"]).fine(), "3 keys removed, 1 stray left\n");
}

#[test]
fn strays_are_counted_by_their_shapes_the_biggest_first() {
    let mut shop = Shop::open();
    shop.run(["set", "user(1).age", "30"]).fine();
    for key in [
        "root:user:1:old",
        "root:user:1:older",
        "root:user:2:old",
        "root:user:3:old",
        "root:x",
        "other",
    ] {
        shop.redis(&format!("SET {key} x"));
    }
    assert_eq!(
        shop.run(["strays", "user(1)"]).fine(),
        "1  root:user:{int}:old    root:user:1:old\n1  root:user:{int}:older  root:user:1:older\n2 strays\n"
    );
    let out = shop.run(["strays"]).fine();
    let lines: Vec<_> = out.lines().collect();
    assert!(lines[0].starts_with("3  root:user:{int}:old    root:user:"), "{out}");
    assert_eq!(
        lines[1..],
        ["1  root:user:{int}:older  root:user:1:older", "1  root:x", "5 strays"]
    );
    let json = shop.run(["strays", "user", "--json"]).fine();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["strays"], &json["shapes"][0]["count"]), (&4.into(), &3.into()));
    assert_eq!(json["shapes"][1]["example"], "root:user:1:older");
    assert_eq!(shop.run(["strays", "user(9)"]).fine(), "0 strays\n");
    shop.run(["strays", "user.age"]).failed(2);
}

#[test]
fn exists_and_get_tell_a_missing_key_by_the_exit_code() {
    let mut shop = Shop::open();
    let missing = |args: &[&str], code, out: &str| {
        let ran = shop.run_with(args, "");
        assert_eq!((ran.code, &ran.out[..], &ran.err[..]), (Some(code), out, ""), "{args:?}");
    };
    missing(&["exists", "user(1).age"], 1, "false\n");
    missing(&["get", "user(1).age", "--exit-missing"], 3, "0\n");
    missing(&["get", "user(1).age"], 0, "0\n");
    missing(&["get", "project_name", "--exit-missing"], 3, "null\n");
    missing(&["get", "user(1).password", "--reveal", "--exit-missing"], 3, "null\n");
    shop.run(["set", "user(1).age", "0"]).fine();
    assert_eq!(shop.run(["exists", "user(1).age"]).fine(), "true\n");
    assert_eq!(
        shop.run(["get", "user(1).age", "--exit-missing"]).fine(),
        "0\n",
        "the default, stored"
    );
    shop.redis("SET root:user:1:age garbage");
    shop.run(["get", "user(1).age", "--exit-missing"]).failed(2);
}

#[test]
fn a_trace_shows_neither_stored_values_nor_sensitive_parameters() {
    let folder = folder([(
        "vault.layout.toml",
        "[namespaces.door]\nprefix = \"door:{code}\"\nparams.code = { sensitive = true }\n\
         keys.note = { type = \"string\", codec = \"bare\" }\nkeys.open = { template = \"{n:int}\", type = \"string\" }\n",
    )]);
    let server = Server::start();
    let url = server.url();
    server.connect().call(&["SET", "door:hidden1:note", "hidden2"]);
    for args in [
        &["get", "door(hidden1).note"][..],
        &["count", "door(hidden1)"],
        &["clear", "door(hidden1)", "--yes"],
    ] {
        let args = [&["--trace", "--url", &url[..]], args].concat();
        let ran = nestkey_in(&folder, &args, "");
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(!ran.err.contains("hidden"), "{}", ran.err);
        assert!(ran.err.contains("door:{code}:note"), "{}", ran.err);
    }
}

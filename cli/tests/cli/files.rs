//! `check`, `fmt` and `export`.

use std::fs;

use crate::run::{examples, folder, nestkey, nestkey_in};

const WRONG: &str = "\
prefix = 'root'
[keys]
age = { tpye = 'int' }
name = { type = 'strin' }
";

const UNKNOWN: &str = "unknown type `strin`, known are: any, array, bool, bytes, datetime, float, \
                       int, int64, naive_datetime, object, string, tuple, uuid, and the layout's own";

#[test]
fn check_counts_what_is_fine() {
    assert_eq!(nestkey(["check"]).fine(), "shop.layout.toml: fine, 15 keys in 6 namespaces\n");
}

#[test]
fn check_names_every_problem_of_every_file_with_its_place() {
    let folder = folder([
        ("a.layout.toml", WRONG),
        ("b.layout.json", "{\"keys\": {\n  \"k\": {\"kind\": \"pile\"}}}"),
        ("c.layout.json", "{\"keys\":\n nothing}"),
        ("d.layout.toml", "a = \n[keys]\nk = ]\n"),
        ("e.layout.json", "{\"keys\": {\"k\": {}}}"),
        ("other.toml", "= not a layout"),
    ]);
    let ran = nestkey_in(&folder, &["check"], "");
    assert_eq!((ran.code, &ran.err[..]), (Some(1), ""));
    let lines: Vec<_> = ran.out.lines().collect();
    let starts = [
        "a.layout.toml:3:9: age: a key has no field `tpye`",
        "a.layout.toml:4:17: name: unknown type `strin`, known are: any, array, bool, bytes, ",
        "b.layout.json:2:17: k: unknown kind `pile`, known are: ",
        "c.layout.json:2:2: ",
        "d.layout.toml:1:",
        "d.layout.toml:3:",
        "e.layout.json: fine, 1 key in 1 namespace",
    ];
    for start in starts {
        assert!(lines.iter().any(|line| line.starts_with(start)), "{start}: {lines:#?}");
    }
}

#[test]
fn check_as_json_lists_the_problems_of_each_file() {
    let folder = folder([("a.layout.toml", WRONG), ("b.layout.json", "{\"name\": \"b\"}")]);
    let ran = nestkey_in(&folder, &["--json", "check"], "");
    assert_eq!(ran.code, Some(1));
    let files: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        files,
        serde_json::json!([
            {"file": "a.layout.toml", "ok": false, "issues": [
                {"line": 3, "column": 9, "path": "age", "message": "a key has no field `tpye`"},
                {"line": 4, "column": 17, "path": "name", "message": UNKNOWN},
            ]},
            {"file": "b.layout.json", "ok": true, "name": "b", "keys": 0, "namespaces": 1},
        ])
    );
}

#[test]
fn a_file_that_cannot_be_read_fails_alone() {
    let folder = folder([("b.layout.json", "{}")]);
    let ran = nestkey_in(&folder, &["check", "missing.layout.toml", "b.layout.json"], "");
    assert_eq!(ran.code, Some(2));
    assert!(ran.out.starts_with("missing.layout.toml: "), "{}", ran.out);
    assert!(ran.out.ends_with("b.layout.json: fine, 0 keys in 1 namespace\n"), "{}", ran.out);
    fs::write(folder.join("d.layout.toml"), b"\xff").unwrap();
    let ran = nestkey_in(&folder, &["check", "d.layout.toml"], "");
    assert_eq!((ran.code, &ran.out[..]), (Some(2), "d.layout.toml: not UTF-8\n"));
    fs::write(folder.join("c.layout.toml"), WRONG).unwrap();
    for files in [["missing.toml", "c.layout.toml"], ["c.layout.toml", "missing.toml"]] {
        let ran = nestkey_in(&folder, &[&["check"], &files[..]].concat(), "");
        assert_eq!(ran.code, Some(2), "whether all are fine cannot be told: {files:?}");
    }
}

#[test]
fn a_layout_with_problems_serves_no_other_command() {
    let folder = folder([("a.layout.toml", WRONG)]);
    let err = nestkey_in(&folder, &["resolve", "age"], "").failed(2);
    assert_eq!(
        err,
        "a.layout.toml:3:9: age: a key has no field `tpye`\n\
         a.layout.toml:4:17: name: unknown type `strin`, known are: any, array, bool, bytes, datetime, float, int, \
         int64, naive_datetime, object, string, tuple, uuid, and the layout's own\n\
         nestkey: a.layout.toml has 2 problems\n"
    );
    let err = nestkey_in(&folder, &["--json", "resolve", "age"], "").failed(2);
    let error: serde_json::Value = serde_json::from_str(&err).unwrap();
    assert_eq!(error["error"]["code"], "invalid-layout");
    assert_eq!(error["error"]["issues"][0]["line"], 3);
}

#[test]
fn fmt_rewrites_files_and_then_finds_nothing_to_do() {
    let toml = "# mine\nprefix   = 'root'   # all\n[keys]\n\n\nage={type='int',default=0}\n";
    let json = "{\"keys\":{\"age\":{\"default\":1.50,\"type\":\"float\"}}}";
    let folder = folder([("a.layout.toml", toml), ("b.layout.json", json)]);

    let ran = nestkey_in(&folder, &["fmt", "--check"], "");
    assert_eq!((ran.code, &ran.out[..]), (Some(1), "a.layout.toml\nb.layout.json\n"));
    assert_eq!(fs::read_to_string(folder.join("a.layout.toml")).unwrap(), toml, "only checked");

    let out = nestkey_in(&folder, &["fmt"], "").fine();
    assert_eq!(out, "a.layout.toml\nb.layout.json\n");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(
        read("a.layout.toml"),
        "# mine\nprefix = \"root\" # all\n\n[keys]\n\nage = { type = \"int\", default = 0 }\n"
    );
    assert_eq!(
        read("b.layout.json"),
        "{\n  \"keys\": {\n    \"age\": { \"default\": 1.50, \"type\": \"float\" }\n  }\n}\n"
    );

    assert_eq!(nestkey_in(&folder, &["fmt", "--check"], "").fine(), "");
    assert_eq!(nestkey_in(&folder, &["--json", "fmt"], "").fine(), "{\"changed\":[]}\n");
}

#[test]
fn fmt_refuses_what_is_no_toml() {
    let folder = folder([("a.layout.toml", "a = ]\n")]);
    let err = nestkey_in(&folder, &["fmt"], "").failed(2);
    assert!(err.starts_with("a.layout.toml:1:5: "), "{err}");
}

#[test]
fn export_prints_a_layout_that_is_the_same() {
    let exported = nestkey(["export"]).fine();
    assert!(exported.starts_with("{\n  \"nestkey\": 1,\n  \"name\": \"shop\",\n"), "{exported}");
    let beside = fs::read_to_string(examples().join("node/shop.layout.json")).unwrap();
    assert_eq!(exported, beside, "what Node reads is the export of the example");
    let folder = folder([("shop.layout.json", &exported)]);
    assert_eq!(
        nestkey_in(&folder, &["check"], "").fine(),
        "shop.layout.json: fine, 15 keys in 6 namespaces\n"
    );
    for args in [&["describe"][..], &["describe", "--json"], &["export"]] {
        assert_eq!(nestkey_in(&folder, args, "").fine(), nestkey_in(&examples(), args, "").fine());
    }
}

#[test]
fn export_nests_dotted_namespaces() {
    let toml = "[namespaces.\"a.b\"]\nttl = 60\nkeys.k = { type = \"int\" }\n[namespaces.a]\n";
    let folder = folder([("a.layout.toml", toml)]);
    let exported = nestkey_in(&folder, &["export"], "").fine();
    let tree: serde_json::Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(
        tree,
        serde_json::json!({"nestkey": 1, "namespaces": {"a": {"namespaces": {"b":
            {"ttl": "1m", "keys": {"k": {"type": "int"}}}
        }}}})
    );
}

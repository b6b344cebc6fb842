//! `describe`.

use crate::run::{folder, nestkey, nestkey_in};

const LAYOUT: &str = r#"
name = "tiny"
doc = "All of it."
foreign = ["sess:*"]

[types.address]
street = "string"
zip = { type = "string?", max_length = 9 }

[keys]
motto = { type = "string", codec = "bare", deprecated = "nobody reads it" }
page = { type = "string", max_size = "1KiB", on_invalid = "missing", on_unavailable = "missing" }
hits = { kind = "counter", ttl = 60 }

[namespaces.user]
doc = "One user."
prefix = "user:{id}"
ttl = "1h"
params.id = { format = "slug", sensitive = true }
keys.home = { type = "address?", renew = "access" }
keys.tags = { kind = "set", type = "string", max_length = 5, ttl = "persist" }
keys.profile = { kind = "hash", fields = { visits = { type = "int", min = 0 }, pin = { kind = "secret" } } }
"#;

#[test]
fn the_tree_has_templates_and_facts_in_columns() {
    let folder = folder([("tiny.layout.toml", LAYOUT)]);
    let out = nestkey_in(&folder, &["describe"], "").fine();
    assert_eq!(
        out,
        "\
tiny         *                  # All of it.
  motto      motto              string, bare, deprecated: nobody reads it
  page       page               string, max_size 1024, on_invalid missing, on_unavailable missing
  hits       hits               counter, ttl 1m
  user       user:{id}:*        id: format slug, sensitive, ttl 1h  # One user.
    home     user:{id}:home     address?, ttl 1h, renew access
    tags     user:{id}:tags     set of string, max_length 5, ttl persist
    profile  user:{id}:profile  hash, visits: int (min 0), pin: secret, ttl 1h

type address { street: string, zip: string? (max_length 9) }
foreign sess:*
"
    );
}

#[test]
fn a_path_shows_what_stands_there() {
    assert_eq!(
        nestkey(["describe", "user.messages"]).fine(),
        "\
messages        root:user:{user_id:int}:messages:*                     ttl 50s  # The messages of one person.
  message       root:user:{user_id:int}:messages:message:{message_id}  string, default \"Unknown Message\", ttl 50s
  complex_data  root:user:{user_id:int}:messages:complex_data          object, default {}, ttl 50s
"
    );
    assert_eq!(
        nestkey(["describe", "user.age"]).fine(),
        "age  root:user:{user_id:int}:age  int, default 0, ttl 2m\n"
    );
}

#[test]
fn as_json_it_is_the_tree_of_the_core() {
    let read = |out: String| serde_json::from_str::<serde_json::Value>(&out).unwrap();
    let layout = read(nestkey(["--json", "describe"]).fine());
    assert_eq!(layout["name"], "shop");
    assert_eq!(layout["types"][0]["name"], "address");
    let user = read(nestkey(["--json", "describe", "user"]).fine());
    assert_eq!(user["prefix"], "root:user:{user_id:int}");
    assert_eq!(user["params"][0]["min"], 1);
    let age = read(nestkey(["--json", "describe", "user.age"]).fine());
    assert_eq!(user["keys"][0], age);
    assert_eq!((&age["key"], &age["default"]), (&"root:user:{user_id:int}:age".into(), &0.into()));
}

#[test]
fn a_path_without_an_end_is_refused() {
    assert_eq!(
        nestkey(["describe", "user.nobody"]).failed(2),
        "nestkey: no `nobody` in user, which has: age, name, fist_name, home, password, \
         sensitive_data, messages\n"
    );
}

#[test]
fn parameters_show_how_far_a_path_is_resolved() {
    assert_eq!(
        nestkey(["describe", "user(7).age"]).fine(),
        "age  root:user:{user_id:int}:age  int, default 0, ttl 2m\n\nresolved  root:user:7:age\n"
    );
    let out = nestkey(["describe", "admin(\"a.b\").messages.message", "--prefix", "x"]).fine();
    let end = "\n\nresolved  x:root:admin:a.b:messages\nmissing   message_id\n";
    assert!(out.ends_with(end), "{out}");
    let out = nestkey(["--json", "describe", "user.messages.message(4)"]).fine();
    let message: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&message["resolved"], &message["missing_params"][0]),
        (&"root".into(), &"user_id".into())
    );
    assert_eq!(
        nestkey(["describe", "user(x)"]).failed(2).lines().count(),
        1,
        "a parameter that is none is said in a sentence"
    );
}

//! `resolve` and `parse`.

use crate::run::{folder, nestkey, nestkey_in};

#[test]
fn resolve_prints_the_key_of_an_entry_and_the_prefix_of_a_namespace() {
    for (path, key) in [
        ("user(7).messages.message(42)", "root:user:7:messages:message:42"),
        ("user(user_id=7).age", "root:user:7:age"),
        ("admin(\"a:b, c\").fist_name", "root:admin:a%3Ab,%20c:firt_name"),
        ("date", "root:the_date"),
        ("user(7).messages", "root:user:7:messages"),
        ("", "root"),
    ] {
        assert_eq!(nestkey(["resolve", path]).fine(), format!("{key}\n"), "{path}");
    }
}

#[test]
fn one_more_prefix_stands_in_front() {
    for prefix in ["staging", "staging:"] {
        let args = ["--prefix", prefix, "resolve", "user(7).age"];
        assert_eq!(nestkey(args).fine(), "staging:root:user:7:age\n");
        let args = ["--prefix", prefix, "parse", "staging:root:user:7:age"];
        assert_eq!(nestkey(args).fine(), "user(7).age\n");
    }
}

#[test]
fn resolve_as_json_tells_keys_from_prefixes() {
    let out = nestkey(["--json", "resolve", "user(7).age"]).fine();
    assert_eq!(out, "{\"path\":\"user(7).age\",\"key\":\"root:user:7:age\"}\n");
    let out = nestkey(["resolve", "user(7)", "--json"]).fine();
    assert_eq!(out, "{\"path\":\"user(7)\",\"prefix\":\"root:user:7\"}\n");
}

#[test]
fn a_path_that_leads_nowhere_is_one_sentence() {
    let err = nestkey(["resolve", "user(7).agee"]).failed(2);
    assert_eq!(
        err,
        "nestkey: no `agee` in user, which has: age, name, fist_name, home, password, \
         sensitive_data, messages\n"
    );
    let err = nestkey(["resolve", "user.age"]).failed(2);
    assert_eq!(err, "nestkey: user: the parameter `user_id` is missing\n");
}

#[test]
fn an_error_as_json_has_its_code_and_place() {
    let err = nestkey(["--json", "resolve", "user.age"]).failed(2);
    let error = serde_json::from_str::<serde_json::Value>(&err).unwrap();
    assert_eq!(
        error,
        serde_json::json!({"error": {
            "code": "missing-param", "message": "the parameter `user_id` is missing",
            "path": "user", "outcome": "not-sent", "retryable": false,
        }})
    );
}

#[test]
fn parse_prints_the_path_with_its_parameters() {
    for (key, path) in [
        ("root:user:7:messages:message:42", "user(7).messages.message(42)"),
        ("root:the_date", "date"),
        ("root:admin:a%3Ab,%20c:firt_name", "admin(\"a:b, c\").fist_name"),
    ] {
        assert_eq!(nestkey(["parse", key]).fine(), format!("{path}\n"));
        assert_eq!(nestkey(["resolve", path]).fine(), format!("{key}\n"), "and back");
    }
}

#[test]
fn parse_as_json_has_path_parameters_and_key() {
    let out = nestkey(["--json", "parse", "root:user:7:messages:message:42"]).fine();
    assert_eq!(
        out,
        "{\"key\":\"root:user:7:messages:message:42\",\"path\":\"user.messages.message\",\
         \"params\":{\"user_id\":7,\"message_id\":\"42\"}}\n"
    );
}

#[test]
fn a_key_of_somebody_else_fails() {
    for key in ["root:user:0:age", "root:user:07:age", "root:user:7", "other", ""] {
        let err = nestkey(["parse", key]).failed(1);
        assert_eq!(err, format!("nestkey: no key of the layout can be `{key}`\n"));
    }
    let err = nestkey(["--json", "parse", "other"]).failed(1);
    assert!(err.starts_with("{\"error\":{\"code\":\"not-our-key\","), "{err}");
}

#[test]
fn bytes_that_are_no_text_are_only_shown_as_json() {
    let layout = r#"{"keys": {"blob": {"template": "blob:{id:bytes}"}}}"#;
    let folder = folder([("b.layout.json", layout)]);
    let ran = nestkey_in(&folder, &["parse", "blob:%FF"], "");
    assert_eq!(
        ran.failed(2),
        "nestkey: a parameter of bytes that are no text can only be shown by --json\n"
    );
    let out = nestkey_in(&folder, &["--json", "parse", "blob:%FF"], "").fine();
    assert_eq!(
        out,
        "{\"key\":\"blob:%FF\",\"path\":\"blob\",\
         \"params\":{\"id\":{\"__type__\":\"bytes\",\"value\":\"/w==\"}}}\n"
    );
}

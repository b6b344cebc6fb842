//! What is held against the caller's own functions, and what handles say of themselves.

use nestkey::{Client, ErrorKind, Layout, Result, Root, param::named};

fn root() -> Result<Root> {
    let layout = Layout::from_toml(
        r#"
        prefix = "root"
        keys.word = { template = "word:{text}", type = "string" }
        [namespaces.user]
        prefix = "user:{user_id:int}"
        ttl = "2m"
        keys.age = { type = "int", default = 0 }
        [namespaces."user.box"]
        prefix = "box:{mail}"
        params.mail = { sensitive = true }
        keys.note = { template = "note-{n:int}", type = "string" }
        "#,
    )?;
    Ok(Client::memory().0.bind(&layout))
}

fn even(id: i64) -> std::result::Result<(), &'static str> {
    if id % 2 == 0 { Ok(()) } else { Err("is odd") }
}

#[test]
fn a_parameter_is_validated_wherever_a_handle_is_made() -> Result<()> {
    let root = root()?.validate("user.user_id", even)?.validate("user.box.note.n", even)?;
    for error in [
        root.namespace("user", [7]).map(drop),
        root.namespace("user", ["7"]).map(drop),
        root.at("user(7).age").map(drop),
        root.namespace_at("user(7).box(x)").map(drop),
        root.namespace("user", [8])?.with([9]).map(drop),
        root.with_prefix("eu").namespace("user", [7]).map(drop),
    ] {
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidParam, "user"));
        assert_eq!(error.message(), "the parameter `user_id` is refused: is odd");
    }
    let inbox = root.namespace_at("user(8).box(a:b)")?;
    assert_eq!(inbox.entry_with("note", [3]).unwrap_err().path(), "user.box.note");
    assert_eq!(inbox.entry_with("note", [4])?.key(), "root:user:8:box:a%3Ab:note-4");
    Ok(())
}

#[test]
fn a_value_is_validated_before_it_is_written_and_when_it_was_computed() -> Result<()> {
    let young = |age: i64| if age < 150 { Ok(()) } else { Err(format!("{} is too much", 150)) };
    let root = root()?.validate("user.age", young)?;
    let age = root.at("user(1).age")?;
    for error in [
        age.set(200).wait().map(drop),
        age.update(|age: i64| async move { age + 200 }).wait().map(drop),
        age.get_or_set(|| async { 200 }).wait().map(drop),
    ] {
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidValue, "user.age"));
        assert_eq!(error.message(), "the value is refused: 150 is too much");
    }
    assert!(age.set(149).wait()?);
    Ok(())
}

#[test]
fn a_function_for_nothing_is_refused() -> Result<()> {
    for path in ["user", "user.name", "user_id", ""] {
        let error = root()?.validate(path, even).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownPath, "{path}");
    }
    Ok(())
}

#[test]
fn parameters_change_later() -> Result<()> {
    let root = root()?.with_prefix("eu");
    let note = root.at("user(1).box(\"a:b\").note(5)")?;
    assert_eq!(note.with([6])?.key(), "eu:root:user:1:box:a%3Ab:note-6");
    let other = note.with(named([("user_id", 2)]))?;
    assert_eq!(other.key(), "eu:root:user:2:box:a%3Ab:note-5");
    assert_eq!(note.key(), "eu:root:user:1:box:a%3Ab:note-5");
    assert_eq!(note.with([1, 2]).unwrap_err().kind(), ErrorKind::SurplusParam);
    let unknown = note.with(named([("nobody", 2)])).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::UnknownParam);
    assert_eq!(
        root.namespace("user", [1])?.with(["x"]).unwrap_err().kind(),
        ErrorKind::InvalidParam
    );
    Ok(())
}

#[test]
fn a_description_has_what_is_given_and_hides_what_is_sensitive() -> Result<()> {
    let root = root()?;
    let age = root.at("user(7).age")?.describe();
    let text = |name: &str| age.member(name).and_then(|node| node.as_str().map(str::to_owned));
    for (name, value) in [
        ("resolved", "root:user:7:age"),
        ("key", "root:user:{user_id:int}:age"),
        ("ttl", "2m"),
        ("ttl_from", "user"),
        ("type", "int"),
    ] {
        assert_eq!(text(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(age.member("given").unwrap().to_string(), r#"{"user_id":"7"}"#);
    let inbox = root.namespace_at("user(7).box(ada)")?.describe();
    assert_eq!(inbox.member("given").unwrap().to_string(), r#"{"user_id":"7","mail":"{mail}"}"#);
    assert!(!inbox.to_string().contains("ada"));
    Ok(())
}

//! R27 and R30.

use std::time::{Duration, SystemTime};

use nestkey::{Client, ErrorKind, Layout, Lifetime, Result, Root, Secret};

/// R27: every call goes into a pipeline and comes to what it comes to alone.
pub(crate) async fn every_call(root: &Root) -> Result<()> {
    let user = root.namespace("user", [777])?;
    let (age, name) = (user.entry("age")?, user.entry("fist_name")?);
    let (password, secret) = (user.password("password")?, user.secret("sensitive_data")?);
    let tokens = root.at("app.tokens")?;
    let written = root
        .pipeline((
            age.set(25),
            name.set("Ali"),
            password.set("hunter2"),
            secret.set("deep"),
            tokens.set(["a"]),
            tokens.delete(),
        ))
        .await?;
    assert_eq!(written, (true, true, true, true, true, true));

    let in_1000_s = SystemTime::now() + Duration::from_secs(1000);
    let found = root
        .pipeline((
            age.exists(),
            name.exists(),
            password.exists(),
            secret.exists(),
            age.expire(Duration::from_secs(100)),
            name.expire(Duration::from_millis(2000)),
            password.expire_at(in_1000_s),
            secret.expire_at(in_1000_s),
        ))
        .await?;
    assert_eq!(found, (true, true, true, true, true, true, true, true));
    let (left, ms, persisted, kind, size) = root
        .pipeline((age.ttl(), name.ttl_ms(), age.persist(), age.redis_type(), age.memory_usage()))
        .await?;
    assert_eq!(left, Lifetime::Left(Duration::from_secs(100)));
    assert!(ms.left().expect("an expiry") <= Duration::from_millis(2000));
    assert_eq!((persisted, kind.as_deref(), size.is_some()), (true, Some("string"), true));

    let (read, called, hash, text, none) = root
        .pipeline((
            age.get::<i64>(),
            name.get::<String>(),
            password.reveal(),
            secret.get(),
            tokens.get::<Vec<String>>(),
        ))
        .await?;
    assert_eq!((read, &called[..], none), (25, "Ali", Vec::new()));
    assert!(hash.expect("a hash").expose().starts_with("$2b$"));
    assert_eq!(text.map(Secret::<String>::into_exposed).as_deref(), Some("deep"));
    assert_eq!((age.get::<i64>().await?, &name.get::<String>().await?[..]), (25, "Ali"));
    Ok(())
}

/// R30: what is stored under another type, or is no envelope at all, is an error of its own call.
///
/// A pipeline that has run is gone: that it cannot run again is for the compiler to say.
pub(crate) async fn failures(client: &Client, root: &Root) -> Result<()> {
    let foreign = Layout::from_json(
        r#"{"prefix": "root:user:30", "keys": {
            "age": {"type": "string", "codec": "bare"}, "firt_name": {"type": "int"}}}"#,
    )?;
    let foreign = client.bind(&foreign);
    foreign.entry("age")?.set("thirty").await?;
    foreign.entry("firt_name")?.set(30).await?;
    let user = root.namespace("user", [30])?;
    let (age, name, date) = (user.entry("age")?, user.entry("fist_name")?, root.at("date")?);
    let (set, no_envelope, another_type, refused, bytes) = root
        .pipeline((
            root.at("project_name")?.set("kept"),
            age.get::<i64>(),
            name.get::<String>(),
            date.set("no date"),
            age.raw(),
        ))
        .settled()
        .await?;
    assert!(set?);
    assert_eq!(no_envelope.unwrap_err().kind(), ErrorKind::MalformedValue);
    assert_eq!(another_type.unwrap_err().kind(), ErrorKind::TypeMismatch);
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidValue);
    assert_eq!(bytes?.as_deref(), Some(&b"thirty"[..]));
    assert_eq!(root.at("project_name")?.get::<String>().await?, "kept");
    Ok(())
}

//! How large values may be, and what goes on where one is too large or something panics.

use std::time::Duration;

use nestkey::{Client, ErrorKind, Layout, Memory, Result, Root};

fn layout() -> Result<Layout> {
    Layout::from_toml(
        r#"
        keys.text = { type = "string", codec = "bare" }
        keys.part = { template = "part:{n:int}", type = "string", codec = "bare" }
        keys.count = { type = "int", default = 0 }
        "#,
    )
}

/// The same store with limits of 1000 bytes a value, and with those by default.
fn roots() -> Result<(Root, Root, Memory)> {
    let layout = layout()?;
    let (client, memory) = Client::memory();
    let free = client.bind(&layout);
    Ok((client.max_value_bytes(2000).bind(&layout), free, memory))
}

#[tokio::test]
async fn a_value_that_is_too_large_is_neither_sent_nor_read() -> Result<()> {
    let (bounded, free, _memory) = roots()?;
    let text = bounded.entry("text")?;
    text.set("x".repeat(1990)).await?;
    let error = text.set("x".repeat(2001)).await.unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::ValueTooLarge, "text"));
    assert_eq!(error.message(), "a value of 2006 bytes, where 2000 are the most");
    assert!(!error.is_retryable());
    assert_eq!(text.get::<String>().await?.len(), 1990);

    free.entry("text")?.set("x".repeat(2001)).await?;
    for error in [
        text.get::<String>().await.unwrap_err(),
        text.get::<String>().wait().unwrap_err(),
        text.raw().await.unwrap_err(),
        text.lookup::<String>().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::ValueTooLarge);
        assert_eq!(error.message(), "a value of 2001 bytes, where 2000 are the most");
    }
    assert_eq!(free.entry("text")?.get::<String>().await?.len(), 2001);
    Ok(())
}

#[tokio::test]
async fn a_value_that_came_before_is_too_large_to_be_read_and_the_new_one_is_stored() -> Result<()>
{
    let (bounded, free, _memory) = roots()?;
    free.entry("text")?.set("x".repeat(2001)).await?;
    let error = bounded.entry("text")?.set("new").previous::<String>().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome().code()), (ErrorKind::ValueTooLarge, "partial"));
    assert_eq!(free.entry("text")?.get::<String>().await?, "new");
    Ok(())
}

#[tokio::test]
async fn a_store_that_is_full_refuses_to_grow_and_goes_on() -> Result<()> {
    let (_, root, memory) = roots()?;
    memory.max_bytes(10_000);
    let part = |n: i64| root.entry_with("part", [n]);
    for n in 0..4 {
        part(n)?.set("x".repeat(2000)).await?;
    }
    let error = part(4)?.set("x".repeat(2000)).await.unwrap_err();
    assert_eq!((error.kind(), error.server_code()), (ErrorKind::Server, "OOM"));
    assert_eq!(part(0)?.get::<String>().await?.len(), 2000);
    assert!(part(0)?.delete().await?);
    part(4)?.set("x".repeat(2000)).await?;
    memory.max_bytes(20_000);
    part(0)?.set("x".repeat(2000)).await?;
    Ok(())
}

#[tokio::test]
async fn a_store_gets_its_size_when_it_is_connected_to() -> Result<()> {
    let client = Client::connect("memory://").max_memory_bytes(1000).await?;
    let root = client.bind(&layout()?);
    let error = root.entry("text")?.set("x".repeat(1000)).await.unwrap_err();
    assert_eq!(error.server_code(), "OOM");
    Ok(())
}

#[tokio::test]
async fn a_function_that_panics_fails_its_call_and_the_next_call_works() -> Result<()> {
    let (_, root, _memory) = roots()?;
    let count = root.entry("count")?;
    let text = root.entry("text")?;
    let update = || count.update(|_: i64| async { panic!("on purpose") as i64 });
    let fill = || text.get_or_set(|| async { panic!("on purpose") as String });
    assert!(tokio::spawn(update()).await.unwrap_err().is_panic());
    assert!(tokio::spawn(fill()).await.unwrap_err().is_panic());
    let waited = (update(), fill());
    let (first, second) = waited;
    assert!(std::thread::spawn(|| first.wait()).join().is_err());
    assert!(std::thread::spawn(|| second.wait()).join().is_err());
    assert_eq!(count.update(|n: i64| async move { n + 1 }).await?, 1);
    let next = text.get_or_set(|| async { String::from("next") });
    assert_eq!(next.deadline(Duration::from_millis(50)).await?, "next");
    Ok(())
}

#[tokio::test]
async fn an_entry_says_how_large_its_values_may_be() -> Result<()> {
    let layout = Layout::from_toml(
        r#"
        keys.small = { type = "string", codec = "bare", max_size = 10 }
        keys.large = { type = "string", codec = "bare", max_size = "4KiB" }
        keys.usual = { type = "string", codec = "bare" }
        "#,
    )?;
    let (client, _memory) = Client::memory();
    let root = client.max_value_bytes(2000).bind(&layout);
    let (small, large, usual) = (root.entry("small")?, root.entry("large")?, root.entry("usual")?);
    small.set("x".repeat(10)).await?;
    let error = small.set("x".repeat(11)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ValueTooLarge);
    assert_eq!(error.message(), "a value of 11 bytes, where 10 are the most");
    large.set("x".repeat(4096)).await?;
    assert_eq!(large.get::<String>().await?.len(), 4096);
    assert!(large.set("x".repeat(4097)).await.is_err());
    assert!(usual.set("x".repeat(2001)).await.is_err());
    Ok(())
}

#[test]
fn a_size_is_told_where_it_is_none_or_has_no_place() {
    let text = r#"
        keys.a = { max_size = "64 KB" }
        keys.b = { kind = "password", max_size = 10 }
    "#;
    let error = Layout::from_toml(text).unwrap_err();
    let messages: Vec<_> = error.issues().iter().map(|issue| &issue.message[..]).collect();
    assert_eq!(
        messages,
        [
            "a size is a whole number of bytes, or of KiB or MiB as in \"64KiB\", from 1 to 512MiB, \
             not \"64 KB\"",
            "a password has no max_size",
        ]
    );
}

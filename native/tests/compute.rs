//! Values that callers compute, over memory.

use std::{
    error::Error as StdError,
    mem::ManuallyDrop,
    num::ParseIntError,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use nestkey::{Client, Error, ErrorKind, Layout, Lifetime, Memory, Result, Root};

fn memory() -> Result<(Root, Memory)> {
    let layout = Layout::from_toml(
        r#"
        keys.age = { type = "int", default = 0, ttl = "2m" }
        keys.name = { type = "string" }
        keys.page = { type = "string", ttl = "1m" }
        keys.count = { template = "count:{n:int}", type = "int" }
        "#,
    )?;
    let (client, memory) = Client::memory();
    Ok((client.bind(&layout), memory))
}

#[tokio::test]
async fn an_update_gives_the_new_value_and_the_expiry_of_the_layout() -> Result<()> {
    let (root, _) = memory()?;
    let age = root.entry("age")?;
    assert_eq!(age.update(|age: i64| async move { age + 1 }).await?, 1);
    assert_eq!(age.update(|age: i64| async move { age + 1 }).wait()?, 2);
    assert_eq!(age.ttl().await?, Lifetime::Left(Duration::from_secs(120)));
    age.update(|age: i64| async move { age }).ttl(Duration::from_secs(5)).await?;
    age.update(|age: i64| async move { age }).keep_ttl().await?;
    assert_eq!(age.ttl().await?, Lifetime::Left(Duration::from_secs(5)));
    age.update(|age: i64| async move { age }).persist().await?;
    assert_eq!(age.ttl().await?, Lifetime::Persistent);
    Ok(())
}

#[tokio::test]
async fn a_missing_value_without_a_default_is_an_option_of_the_closure() -> Result<()> {
    let (root, _) = memory()?;
    let count = root.entry_with("count", [1])?;
    let error = count.update(|n: i64| async move { n }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Missing);
    let next = |n: Option<i64>| async move { n.unwrap_or(10) + 1 };
    assert_eq!(count.update(next).await?, 11);
    assert_eq!(count.update(next).await?, 12);
    Ok(())
}

#[tokio::test]
async fn an_error_of_the_closure_ends_the_call_and_stores_nothing() -> Result<()> {
    let (root, _) = memory()?;
    let age = root.entry("age")?;
    let refuse = |_: i64| async { Err::<i64, _>(Error::new(ErrorKind::InvalidValue, "too old")) };
    let error = age.update(refuse).await.unwrap_err();
    assert_eq!((error.message(), error.path()), ("too old", "age"));
    let error = root
        .entry("page")?
        .get_or_set(move || async move { refuse(0).await.map(|_| String::new()) })
        .await
        .unwrap_err();
    assert_eq!(error.message(), "too old");
    assert_eq!(root.count().await?, 0);
    // What the entry does not take is refused like any value.
    let error = age.update(|_: i64| async { String::from("old") }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    Ok(())
}

#[tokio::test]
async fn an_error_of_another_kind_is_the_source_of_what_the_call_fails_with() -> Result<()> {
    let (root, _) = memory()?;
    let (age, page) = (root.entry("age")?, root.entry("page")?);
    let parsed = || async { "thirty".parse::<i64>() };
    for error in [
        age.update(move |_: i64| parsed()).await.unwrap_err(),
        age.get_or_set(parsed).wait().unwrap_err(),
        root.pipeline((age.update(move |_: i64| parsed()), page.exists()))
            .await
            .unwrap_err()
            .results
            .0
            .unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.path()), (ErrorKind::ComputeFailed, "age"));
        let source = error.source().and_then(|source| source.downcast_ref::<ParseIntError>());
        assert_eq!(source, "thirty".parse::<i64>().err().as_ref());
    }
    let boxed = || async { Err::<String, Box<dyn StdError + Send + Sync>>("no page".into()) };
    let error = page.get_or_set(boxed).await.unwrap_err();
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("no page"));
    assert_eq!(age.update(|_: i64| async { "30".parse::<i64>() }).await?, 30);
    Ok(())
}

#[tokio::test]
async fn an_update_sees_what_others_wrote_in_between() -> Result<()> {
    let (root, _) = memory()?;
    let age = root.entry("age")?;
    let (tries, shared) = (Arc::new(AtomicU32::new(0)), root.clone());
    let counted = Arc::clone(&tries);
    let next = age.update(move |age: i64| {
        let (shared, counted) = (shared.clone(), Arc::clone(&counted));
        async move {
            if counted.fetch_add(1, Ordering::Relaxed) < 2 {
                shared.entry("age")?.set(age + 100).await?;
            }
            Ok::<_, Error>(age + 1)
        }
    });
    assert_eq!(next.await?, 201);
    assert_eq!(tries.load(Ordering::Relaxed), 3);
    let shared = root.clone();
    let busy = age.update(move |age: i64| {
        let shared = shared.clone();
        async move {
            shared.entry("age")?.set(age + 1).await?;
            Ok::<_, Error>(age)
        }
    });
    let error = busy.tries(2).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.is_retryable(), "nothing was stored");
    Ok(())
}

#[tokio::test]
async fn a_hundred_updates_at_once_lose_nothing() -> Result<()> {
    let root = Client::connect("memory://").await?.bind(memory()?.0.layout());
    let age = root.entry("age")?;
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let call = age.update(|age: i64| async move {
                tokio::task::yield_now().await;
                age + 1
            });
            tokio::spawn(async move { call.tries(1_000).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap()?;
    }
    assert_eq!(age.get::<i64>().await?, 100);
    Ok(())
}

#[tokio::test]
async fn each_closure_of_a_pipeline_computes_its_own_value() -> Result<()> {
    let (root, _) = memory()?;
    let (age, name, page) = (root.entry("age")?, root.entry("name")?, root.entry("page")?);
    let (one, stored, two, text) = root
        .pipeline((
            age.update(|age: i64| async move { age + 30 }),
            name.set("Ada"),
            root.entry_with("count", [1])?.update(|n: Option<i64>| async move { n.unwrap_or(7) }),
            page.get_or_set(|| async { String::from("<p>") }),
        ))
        .await?;
    assert_eq!((one, stored, two, &text[..]), (30, true, 7, "<p>"));
    let counts: Result<Vec<_>> = (0..5).map(|n| root.entry_with("count", [n])).collect();
    let calls = counts?.into_iter().enumerate().map(|(index, count)| {
        let more = index as i64;
        count.update(move |n: Option<i64>| async move { n.unwrap_or_default() + more })
    });
    assert_eq!(root.pipeline(calls.collect::<Vec<_>>()).wait()?, [0, 8, 2, 3, 4]);
    Ok(())
}

#[tokio::test]
async fn a_value_is_computed_once_and_found_afterwards() -> Result<()> {
    let (root, memory) = memory()?;
    let page = root.entry("page")?;
    let text = String::from("<p>");
    assert_eq!(page.get_or_set(move || async { text }).await?, "<p>");
    assert_eq!(page.ttl().await?, Lifetime::Left(Duration::from_secs(60)));
    let again = page.get_or_set(|| async { String::from("not asked for") });
    assert_eq!(again.await?, "<p>");
    memory.advance(Duration::from_secs(61));
    let short = page.get_or_set(|| async { String::from("new") }).ttl(Duration::from_secs(1));
    assert_eq!(short.wait()?, "new");
    assert_eq!(page.ttl().await?, Lifetime::Left(Duration::from_secs(1)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_computes_and_the_others_wait() -> Result<()> {
    let root = Client::connect("memory://").await?.bind(memory()?.0.layout());
    let computed = Arc::new(AtomicU32::new(0));
    let fill = |page: nestkey::Entry<'_>| {
        let computed = Arc::clone(&computed);
        page.get_or_set(move || async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            computed.fetch_add(1, Ordering::Relaxed);
            String::from("<p>")
        })
    };
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let call = fill(root.entry("page")?);
        tasks.push(tokio::spawn(call));
    }
    let blocking = root.entry("page")?.get_or_set(|| async { String::from("late") });
    let blocked = tokio::task::spawn_blocking(move || {
        std::thread::sleep(Duration::from_millis(10));
        blocking.wait()
    });
    for task in tasks {
        assert_eq!(task.await.unwrap()?, "<p>");
    }
    assert_eq!(blocked.await.unwrap()?, "<p>");
    assert_eq!(computed.load(Ordering::Relaxed), 1);
    Ok(())
}

#[tokio::test]
async fn a_computation_whose_process_is_gone_blocks_nobody() -> Result<()> {
    let (root, memory) = memory()?;
    let page = root.entry("page")?;
    let gone = page.get_or_set(std::future::pending::<String>).lease(Duration::from_secs(3));
    // What is never dropped gives nothing back.
    let mut gone = ManuallyDrop::new(gone);
    assert!(tokio::time::timeout(Duration::from_millis(20), &mut *gone).await.is_err());
    // The lease stands: whoever comes now waits, here until its deadline.
    let second = || page.get_or_set(|| async { String::from("second") });
    let error = second().deadline(Duration::from_millis(60)).await.unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::Timeout, "page"));
    memory.advance(Duration::from_secs(4));
    assert_eq!(second().await?, "second");
    Ok(())
}

#[tokio::test]
async fn a_computation_that_is_dropped_gives_its_lease_back() -> Result<()> {
    let (root, memory) = memory()?;
    let (page, name) = (root.entry("page")?, root.entry("name")?);
    let never = || page.get_or_set(std::future::pending::<String>);
    // Who finds the lease taken would wait past its deadline.
    let next =
        || page.get_or_set(|| async { "next".to_owned() }).deadline(Duration::from_millis(15));
    let a_while = Duration::from_millis(10);
    assert!(tokio::time::timeout(a_while, never()).await.is_err());
    assert_eq!(next().await?, "next");
    memory.advance(Duration::from_secs(61));
    let pipeline = root.pipeline((name.set("Ada"), never()));
    assert!(tokio::time::timeout(a_while, pipeline).await.is_err());
    assert_eq!(next().await?, "next");
    Ok(())
}

#[tokio::test]
async fn a_computation_that_panics_gives_its_lease_back() -> Result<()> {
    let (root, _) = memory()?;
    let page = root.entry("page")?;
    let panicking = || page.get_or_set(|| async { panic!("on purpose") as String });
    let (spawned, waited) = (panicking(), panicking());
    assert!(tokio::spawn(spawned).await.unwrap_err().is_panic());
    assert!(std::thread::spawn(|| waited.wait()).join().is_err());
    let next = page.get_or_set(|| async { String::from("next") });
    assert_eq!(next.deadline(Duration::from_millis(15)).await?, "next");
    Ok(())
}

#[tokio::test]
async fn a_value_is_computed_without_a_server_where_that_is_wanted() -> Result<()> {
    let (root, memory) = memory()?;
    let page = root.entry("page")?;
    let fill = || page.get_or_set(|| async { String::from("<p>") });
    memory.fail_next(ErrorKind::Unreachable);
    assert_eq!(fill().await.unwrap_err().kind(), ErrorKind::Unreachable);
    for blocking in [false, true] {
        memory.fail_next(ErrorKind::Unreachable);
        let call = fill().or_compute_when_down();
        let value = if blocking { call.wait()? } else { call.await? };
        assert_eq!(value, "<p>");
        assert!(!page.exists().await?, "there was no server to store it on");
    }
    Ok(())
}

#[tokio::test]
async fn a_computed_value_is_kept_when_a_neighbour_loses_the_server() -> Result<()> {
    let (root, memory) = memory()?;
    let (age, page) = (root.entry("age")?, root.entry("page")?);
    // The third turn carries the closure of the page beside the writing of the age.
    let later = memory.clone();
    let fill = page.get_or_set(move || {
        later.fail_next(ErrorKind::Unreachable);
        async { String::from("<p>") }
    });
    let slow = age.update(|age: i64| async move { age + 1 });
    let (text, age) = root.pipeline((fill.or_compute_when_down(), slow)).settled().await?;
    assert_eq!(text?, "<p>");
    assert_eq!(age.unwrap_err().kind(), ErrorKind::Unreachable);
    Ok(())
}

#[tokio::test]
async fn an_old_value_is_given_while_one_caller_computes_a_new_one() -> Result<()> {
    let (root, memory) = memory()?;
    let page = root.entry("page")?;
    let stale = Duration::from_secs(30);
    page.get_or_set(|| async { String::from("old") }).stale(stale).await?;
    assert_eq!(page.ttl().await?, Lifetime::Left(Duration::from_secs(90)));
    memory.advance(Duration::from_secs(59));
    let fresh = page.get_or_set(|| async { String::from("too early") }).stale(stale);
    assert_eq!(fresh.await?, "old");
    memory.advance(Duration::from_secs(2));
    // While somebody computes, all others have the old value at once.
    let other = page.get_or_set(|| async { String::from("not asked for") }).stale(stale);
    let next = page.get_or_set(|| async move { other.await.map(|old| format!("new after {old}")) });
    assert_eq!(next.stale(stale).await?, "new after old");
    assert_eq!(page.ttl().await?, Lifetime::Left(Duration::from_secs(90)));
    // The old value is better than a failure, or than being late.
    memory.advance(Duration::from_secs(61));
    let failing = || page.get_or_set(|| async { "x".parse::<i64>().map(|n| n.to_string()) });
    assert_eq!(failing().stale(stale).await?, "new after old");
    let late = page.get_or_set(|| async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        String::from("newest")
    });
    assert_eq!(late.stale(stale).deadline(Duration::from_millis(20)).await?, "new after old");
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(page.get::<String>().await?, "newest");
    memory.advance(Duration::from_secs(91));
    assert_eq!(failing().stale(stale).await.unwrap_err().kind(), ErrorKind::ComputeFailed);
    // What never expires never grows old.
    let error = root.entry("name")?.get_or_set(|| async { String::new() }).stale(stale).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidCall);
    Ok(())
}

#[tokio::test]
async fn an_entry_says_for_how_long_old_values_are_given_and_how_far_apart_keys_end() -> Result<()>
{
    let layout = Layout::from_toml(
        r#"
        keys.page = { type = "string", ttl = "1m", stale = "30s" }
        keys.apart = { template = "apart:{n:int}", type = "int", ttl = "1m", jitter = "50%" }
        "#,
    )?;
    let (client, memory) = Client::memory();
    let root = client.bind(&layout);
    let page = root.entry("page")?;
    page.set("old").await?;
    assert_eq!(page.ttl().await?, Lifetime::Left(Duration::from_secs(90)));
    memory.advance(Duration::from_secs(61));
    let none = page.get_or_set(|| async { String::from("not asked for") }).stale(Duration::ZERO);
    assert_eq!(none.await?, "old");
    assert_eq!(page.get_or_set(|| async { String::from("new") }).await?, "new");
    assert_eq!(page.ttl().await?, Lifetime::Left(Duration::from_secs(90)));
    let mut lives = Vec::new();
    for n in 0..8 {
        let apart = root.entry(&format!("apart({n})"))?;
        apart.set(n).await?;
        let Lifetime::Left(left) = apart.ttl_ms().await? else { panic!("it expires") };
        assert!((30_000..=60_000).contains(&left.as_millis()), "{left:?}");
        lives.push(left);
    }
    lives.sort_unstable();
    lives.dedup();
    assert!(lives.len() > 4, "{lives:?}");
    Ok(())
}

//! Every call on an entry.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nestkey::{Effect, Entry, ErrorKind, Expires, Layout, Lifetime, Lookup, Root, Value};
use serde::{Deserialize, Serialize};

use crate::place::{everywhere, everywhere_with};

const MINUTE: Duration = Duration::from_secs(60);

fn age(root: &Root) -> Entry<'_> {
    root.namespace("user", [1]).unwrap().entry("age").unwrap()
}

/// Whether that much is left, give or take what the test itself takes.
async fn lives_for(entry: &Entry<'_>, wanted: Duration) -> bool {
    match entry.ttl_ms().await.unwrap() {
        Lifetime::Left(left) => {
            left <= wanted + Duration::from_secs(1) && left > wanted.saturating_sub(MINUTE / 2)
        }
        Lifetime::Missing | Lifetime::Persistent => false,
    }
}

#[tokio::test]
async fn a_value_is_stored_read_and_removed() {
    everywhere(|root| async move {
        let age = age(&root);
        assert_eq!(age.get::<i64>().await.unwrap(), 0, "the default of a missing key");
        assert!(!age.exists().await.unwrap());
        assert!(age.set(30).await.unwrap());
        assert_eq!(age.get::<i64>().await.unwrap(), 30);
        assert_eq!(age.get::<Option<u8>>().await.unwrap(), Some(30));
        let stored = age.raw().await.unwrap().unwrap();
        assert_eq!(stored, br#"{"__type__": "int", "value": 30}"#);
        assert!(age.exists().await.unwrap() && age.touch().await.unwrap());
        assert!(age.delete().await.unwrap());
        assert!(!age.delete().await.unwrap() && !age.unlink().await.unwrap());
        assert_eq!(age.raw().await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn missing_null_and_value_are_told_apart() {
    everywhere(|root| async move {
        let note = root.entry("note").unwrap();
        assert_eq!(note.lookup::<String>().await.unwrap(), Lookup::Missing);
        assert_eq!(note.get::<Option<String>>().await.unwrap(), None);
        let error = note.get::<String>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Missing);
        note.set(None::<String>).await.unwrap();
        assert_eq!(note.lookup::<String>().await.unwrap(), Lookup::Null);
        assert_eq!(note.get::<Option<String>>().await.unwrap(), None);
        assert_eq!(note.get::<String>().await.unwrap_err().kind(), ErrorKind::TypeMismatch);
        note.set("hi").await.unwrap();
        assert_eq!(note.lookup::<String>().await.unwrap(), Lookup::Value("hi".into()));
        assert_eq!(age(&root).lookup::<i64>().await.unwrap(), Lookup::Missing);
    })
    .await;
}

#[tokio::test]
async fn conditions_decide_whether_a_value_is_stored() {
    everywhere(|root| async move {
        let age = age(&root);
        assert!(!age.set(1).if_exists().await.unwrap());
        assert!(age.set(1).if_missing().await.unwrap());
        assert!(!age.set(2).if_missing().await.unwrap());
        assert!(age.set(3).if_exists().await.unwrap());
        assert_eq!(age.get::<i64>().await.unwrap(), 3);
    })
    .await;
}

#[tokio::test]
async fn what_stood_there_before_is_handed_out() {
    everywhere(|root| async move {
        let age = age(&root);
        assert_eq!(age.set(1).previous::<Option<i64>>().await.unwrap(), None);
        assert_eq!(age.set(2).previous::<Option<i64>>().await.unwrap(), Some(1));
        assert_eq!(age.set(3).previous::<i64>().if_missing().await.unwrap(), 2);
        assert_eq!(age.get::<i64>().await.unwrap(), 2);
        let stamped = root.entry("stamped").unwrap();
        assert_eq!(stamped.set("a").previous::<Option<String>>().await.unwrap(), None);
        assert_eq!(stamped.set("b").previous::<String>().await.unwrap(), "a");
    })
    .await;
}

#[tokio::test]
async fn a_write_sets_the_expiry_that_the_layout_or_the_call_says() {
    everywhere(|root| async move {
        let age = age(&root);
        age.set(1).await.unwrap();
        assert!(lives_for(&age, 2 * MINUTE).await);
        age.set(1).ttl(10 * MINUTE).await.unwrap();
        assert!(lives_for(&age, 10 * MINUTE).await);
        age.set(1).keep_ttl().await.unwrap();
        assert!(lives_for(&age, 10 * MINUTE).await);
        age.set(1).persist().await.unwrap();
        assert_eq!(age.ttl().await.unwrap(), Lifetime::Persistent);
        let later = SystemTime::now() + 5 * MINUTE;
        age.set(1).expire_at(later).await.unwrap();
        assert!(lives_for(&age, 5 * MINUTE).await);
        let error = age.set(1).ttl(Duration::ZERO).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidCall);
        assert_eq!(error.path(), "user.age");
    })
    .await;
}

#[tokio::test]
async fn policies_renew_at_creation_only_or_at_each_read() {
    everywhere(|root| async move {
        let stamped = root.entry("stamped").unwrap();
        stamped.set("a").await.unwrap();
        assert!(lives_for(&stamped, 60 * MINUTE).await);
        stamped.expire(5 * MINUTE).await.unwrap();
        stamped.set("b").await.unwrap();
        assert!(lives_for(&stamped, 5 * MINUTE).await);
        assert_eq!(stamped.get::<String>().await.unwrap(), "b");

        let seen = root.entry("seen").unwrap();
        seen.set(1).await.unwrap();
        seen.expire(MINUTE).await.unwrap();
        assert_eq!(seen.get::<i64>().await.unwrap(), 1);
        assert!(lives_for(&seen, 30 * MINUTE).await);
    })
    .await;
}

#[tokio::test]
async fn an_expiry_is_changed_under_conditions() {
    everywhere(|root| async move {
        let motto = root.entry("motto").unwrap();
        assert!(!motto.expire(MINUTE).await.unwrap(), "a missing key");
        motto.set("x").await.unwrap();
        assert_eq!(motto.ttl_ms().await.unwrap(), Lifetime::Persistent);
        assert!(!motto.expire(MINUTE).xx().await.unwrap());
        assert!(!motto.expire(MINUTE).gt().await.unwrap());
        assert!(motto.expire(5 * MINUTE).nx().await.unwrap());
        assert!(!motto.expire(MINUTE).nx().await.unwrap());
        assert!(motto.expire(9 * MINUTE).gt().await.unwrap());
        assert!(motto.expire(3 * MINUTE).lt().await.unwrap());
        assert!(lives_for(&motto, 3 * MINUTE).await);
        assert!(motto.persist().await.unwrap() && !motto.persist().await.unwrap());
        let error = motto.expire_policy().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidCall);
        let age = age(&root);
        age.set(1).persist().await.unwrap();
        assert!(age.expire_policy().await.unwrap());
        assert!(lives_for(&age, 2 * MINUTE).await);
    })
    .await;
}

#[tokio::test]
async fn expiry_times_are_absolute() {
    everywhere(|root| async move {
        let motto = root.entry("motto").unwrap();
        assert_eq!(motto.expire_time().await.unwrap(), Expires::Missing);
        assert_eq!(motto.ttl().await.unwrap(), Lifetime::Missing);
        motto.set("x").await.unwrap();
        assert_eq!(motto.expire_time_ms().await.unwrap(), Expires::Persistent);
        let time = UNIX_EPOCH + Duration::from_millis(4_102_444_800_123);
        assert!(motto.expire_at(time).await.unwrap());
        assert_eq!(motto.expire_time_ms().await.unwrap(), Expires::At(time));
        let seconds = UNIX_EPOCH + Duration::from_secs(4_102_444_800);
        assert_eq!(motto.expire_time().await.unwrap(), Expires::At(seconds));
        assert!(motto.expire_at(UNIX_EPOCH + MINUTE).await.unwrap(), "long over");
        assert!(!motto.exists().await.unwrap());
        let error = motto.expire_at(UNIX_EPOCH - MINUTE).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidCall);
    })
    .await;
}

#[tokio::test]
async fn types_and_sizes_are_told() {
    everywhere(|root| async move {
        let anything = root.entry("anything").unwrap();
        assert_eq!(anything.redis_type().await.unwrap(), None);
        assert_eq!(anything.value_type().await.unwrap(), None);
        assert_eq!(anything.memory_usage().await.unwrap(), None);
        anything.set(Value::Tuple(vec![Value::Int(1), Value::Null])).await.unwrap();
        assert_eq!(anything.redis_type().await.unwrap().as_deref(), Some("string"));
        assert_eq!(anything.value_type().await.unwrap().as_deref(), Some("tuple"));
        assert!(anything.memory_usage().await.unwrap().unwrap() > 0);
        assert!(anything.memory_usage().samples(3).await.unwrap().unwrap() > 0);
    })
    .await;
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Address {
    street: String,
    #[serde(default)]
    zip: Option<String>,
}

#[tokio::test]
async fn records_are_structs() {
    everywhere(|root| async move {
        let home = root.namespace("user", [1]).unwrap().entry("home").unwrap();
        let address = Address { street: "Baker Street".into(), zip: None };
        home.set(&address).await.unwrap();
        assert_eq!(home.get::<Address>().await.unwrap(), address);
        #[derive(Serialize)]
        struct Surplus {
            street: &'static str,
            planet: &'static str,
        }
        let error = home.set(Surplus { street: "x", planet: "Mars" }).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
        assert_eq!(error.key(), "root:user:1:home");
    })
    .await;
}

#[tokio::test]
async fn what_is_stored_under_another_type_is_an_error_that_shows_no_value() {
    everywhere(|root| async move {
        let (age, anything) = (age(&root), root.entry("anything").unwrap());
        anything.set("hunter2").await.unwrap();
        let error = anything.get::<i64>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TypeMismatch);
        assert!(error.message().contains("found string"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
        let error = age.set("thirty").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
        assert!(!format!("{error} {error:?}").contains("thirty"));
    })
    .await;
}

#[tokio::test]
async fn a_kind_that_is_not_built_is_refused_by_name() {
    everywhere(|root| async move {
        let error = root.entry("tags").unwrap().get::<Value>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.message().contains("`set`"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn options_that_contradict_each_other_fail_their_call_alone() {
    everywhere(|root| async move {
        let age = age(&root);
        let soon = SystemTime::now() + MINUTE;
        for (call, named) in [
            (age.set(1).if_missing().if_exists(), ["`if_missing`", "`if_exists`"]),
            (age.set(1).ttl(MINUTE).persist(), ["`ttl`", "`persist`"]),
            (age.set(1).keep_ttl().ttl(MINUTE), ["`keep_ttl`", "`ttl`"]),
            (age.set(1).expire_at(soon).ttl(MINUTE), ["`expire_at`", "`ttl`"]),
            (age.set(1).ttl(MINUTE).ttl(MINUTE * 2), ["`ttl`", "twice"]),
        ] {
            let (contradicts, neighbour) =
                root.pipeline((call, age.set(2))).settled().await.unwrap();
            let error = contradicts.unwrap_err();
            assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidCall, "user.age"));
            assert!(named.iter().all(|name| error.message().contains(name)), "{error}");
            assert_eq!(neighbour, Ok(true));
        }
        assert!(age.set(3).if_exists().if_exists().ttl(MINUTE).ttl(MINUTE).await.unwrap());
        for (call, named) in [
            (age.expire(MINUTE).nx().xx(), "`nx` and `xx`"),
            (age.expire(MINUTE).gt().lt(), "`gt` and `lt`"),
        ] {
            let error = call.await.unwrap_err();
            assert!(error.message().contains(named), "{error}");
        }
        let error = age.memory_usage().samples(1).samples(2).await.unwrap_err();
        assert_eq!(error.message(), "`samples` is given twice, and not the same");
        let update = || age.update(|age: i64| async move { age + 1 });
        let fill = || age.get_or_set(|| async { 1_i64 });
        for error in [
            update().ttl(MINUTE).keep_ttl().await.unwrap_err(),
            update().tries(16).tries(5).await.unwrap_err(),
            update().tries(0).await.unwrap_err(),
            fill().persist().ttl(MINUTE).await.unwrap_err(),
            fill().lease(MINUTE).lease(MINUTE * 2).await.unwrap_err(),
            fill().lease(Duration::ZERO).await.unwrap_err(),
            age.set(1).previous::<i64>().ttl(MINUTE).persist().await.unwrap_err(),
            age.set(1).ttl(MINUTE).previous::<i64>().persist().await.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidCall, "user.age"));
        }
        assert_eq!(age.get::<i64>().await.unwrap(), 3, "nothing was sent");
    })
    .await;
}

#[tokio::test]
async fn times_that_a_server_refuses_are_refused_before() {
    everywhere(|root| async move {
        let age = age(&root);
        let error = age.set(1).expire_at(UNIX_EPOCH).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidCall, Effect::NotSent));
        assert!(error.message().contains("1970"), "{error}");
        assert!(age.set(1).expire_at(UNIX_EPOCH + Duration::from_millis(1)).await.is_ok());
        age.set(1).await.unwrap();
        assert!(age.expire_at(UNIX_EPOCH).await.unwrap(), "which removes it");
        assert!(!age.exists().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_float_takes_whole_numbers_and_what_serde_writes_becomes_the_declared_type() {
    let layout = Layout::from_toml(
        r#"[keys]
        ratio = { type = "float", max = 10 }
        id = { type = "uuid" }
        at = { type = "datetime" }
        blob = { type = "bytes" }"#,
    );
    let layout = layout.unwrap();
    everywhere_with(
        |client| client.bind(&layout),
        |root| async move {
            let ratio = root.entry("ratio").unwrap();
            ratio.set(3).await.unwrap();
            assert_eq!(
                ratio.raw().await.unwrap().unwrap(),
                br#"{"__type__": "float", "value": 3.0}"#
            );
            assert_eq!(ratio.get::<f64>().await.unwrap(), 3.0);
            ratio.set(3_u8).await.unwrap();
            let next = ratio.update(|ratio: f64| async move { ratio + 1.0 }).await.unwrap();
            assert_eq!(next, 4.0);
            for refused in [11_i64, (1 << 53) + 1] {
                let error = ratio.set(refused).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidValue, "{refused}");
            }
            let id = "12345678-1234-5678-1234-567812345678";
            root.entry("id").unwrap().set(id).await.unwrap();
            root.entry("at").unwrap().set("2020-01-02T03:04:05Z").await.unwrap();
            root.entry("blob").unwrap().set([1_u8, 2]).await.unwrap();
            let types = ["id", "at", "blob"].map(|name| root.entry(name).unwrap().value_type());
            assert_eq!(
                root.pipeline(types).await.unwrap().map(Option::unwrap),
                ["uuid", "datetime", "bytes"]
            );
        },
    )
    .await;
}

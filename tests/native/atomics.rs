//! Pipelines and atomic groups.

use nestkey::{Client, ErrorKind, Root};

use crate::place::{everywhere, layout};

fn user(root: &Root, id: i64) -> nestkey::Namespace<'_> {
    root.namespace("user", [id]).unwrap()
}

#[tokio::test]
async fn a_pipeline_gives_the_values_of_its_calls() {
    everywhere(|root| async move {
        let (age, name) =
            (user(&root, 1).entry("age").unwrap(), user(&root, 1).entry("name").unwrap());
        let (stored, named, age, name) = root
            .pipeline((age.set(30), name.set("Ada"), age.get::<i64>(), name.get::<String>()))
            .await
            .unwrap();
        assert_eq!((stored, named, age, &name[..]), (true, true, 30, "Ada"));
        let ages = (1..=3).map(|id| user(&root, id).entry("age").unwrap().get::<i64>());
        assert_eq!(root.pipeline(ages.collect::<Vec<_>>()).await.unwrap(), [30, 0, 0]);
        let array = [1, 2].map(|id| user(&root, id).entry("age").unwrap().get::<i64>());
        assert_eq!(root.pipeline(array).await.unwrap(), [30, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_failed_call_loses_none_of_its_neighbours() {
    everywhere(|root| async move {
        let age = user(&root, 1).entry("age").unwrap();
        let calls = || (age.set(30), age.set("thirty"), age.get::<i64>());
        let failure = root.pipeline(calls()).await.unwrap_err();
        assert_eq!(failure.index, 1);
        assert_eq!(failure.error.kind(), ErrorKind::InvalidValue);
        assert_eq!((&failure.results.0, &failure.results.2), (&Ok(true), &Ok(30)));
        let (stored, refused, read) = root.pipeline(calls()).settled().await.unwrap();
        assert_eq!((stored, read), (Ok(true), Ok(30)));
        assert_eq!(refused.unwrap_err().path(), "user.age");
        let error: nestkey::Error = failure.into();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
    })
    .await;
}

#[tokio::test]
async fn an_error_reply_stays_with_its_call() {
    everywhere(|root| async move {
        let motto = root.entry("motto").unwrap();
        motto.set("x").persist().await.unwrap();
        let kept = motto.set("y").keep_ttl();
        let (kept, unreadable) = root.pipeline((kept, motto.get::<i64>())).settled().await.unwrap();
        assert_eq!(kept, Ok(true));
        assert_eq!(unreadable.unwrap_err().kind(), ErrorKind::TypeMismatch);
    })
    .await;
}

#[tokio::test]
async fn an_atomic_group_is_carried_out_as_one() {
    everywhere(|root| async move {
        let (age, name) =
            (user(&root, 1).entry("age").unwrap(), user(&root, 1).entry("name").unwrap());
        let (_, _, age_read) =
            root.atomic((age.set(30), name.set("Ada"), age.get::<i64>())).await.unwrap();
        assert_eq!(age_read, 30);
        let stamped = root.entry("stamped").unwrap();
        let (_, stamped) =
            root.atomic((stamped.set("now"), stamped.get::<String>())).await.unwrap();
        assert_eq!(stamped, "now");
    })
    .await;
}

#[tokio::test]
async fn an_atomic_group_that_cannot_be_made_is_not_sent() {
    everywhere(|root| async move {
        let age = user(&root, 1).entry("age").unwrap();
        let (first, second) =
            root.atomic((age.set(30), age.set("thirty"))).settled().await.unwrap();
        assert_eq!(first.unwrap_err().kind(), ErrorKind::Aborted);
        assert_eq!(second.unwrap_err().kind(), ErrorKind::InvalidValue);
        let failure = root.atomic((age.set(30), age.set("thirty"))).await.unwrap_err();
        assert_eq!((failure.index, failure.error.kind()), (1, ErrorKind::InvalidValue));
        assert!(!age.exists().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn calls_of_another_binding_are_refused() {
    everywhere(|root| async move {
        let age = user(&root, 1).entry("age").unwrap();
        let stranger = Client::memory().0.bind(&layout());
        let strange = user(&stranger, 1).entry("age").unwrap();
        let staging = root.with_prefix("staging");
        let staged = user(&staging, 1).entry("age").unwrap();
        let (own, other, prefixed) = root
            .pipeline((age.get::<i64>(), strange.get::<i64>(), staged.get::<i64>()))
            .settled()
            .await
            .unwrap();
        assert_eq!(own, Ok(0));
        assert_eq!(other.unwrap_err().kind(), ErrorKind::InvalidCall);
        assert_eq!(prefixed.unwrap_err().kind(), ErrorKind::InvalidCall);
    })
    .await;
}

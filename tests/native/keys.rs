//! Namespaces: finding, counting and clearing keys.

use std::collections::BTreeSet;

use nestkey::{ErrorKind, Root, param::Given};

use crate::place::everywhere;

/// Two users, twelve messages of the first, and keys that are not the layout's.
async fn fill(root: &Root) {
    for user_id in [1, 12] {
        let user = root.namespace("user", [user_id]).unwrap();
        user.entry("age").unwrap().set(30).await.unwrap();
    }
    let messages = root.namespace_at("user(1).messages").unwrap();
    let calls = (0..12).map(|id| messages.entry_with("message", [id]).unwrap().set("hi"));
    root.pipeline(calls.collect::<Vec<_>>()).await.unwrap();
    root.entry("motto").unwrap().set("x").await.unwrap();
}

#[tokio::test]
async fn keys_are_found_with_their_path_and_parameters() {
    everywhere(|root| async move {
        fill(&root).await;
        let mut found = BTreeSet::new();
        let mut keys = root.namespace("user", [1]).unwrap().keys();
        while let Some(key) = keys.next().await {
            let key = key.unwrap();
            assert_eq!(key.param("user_id"), Some(&Given::Int(1)));
            assert_eq!(key.entry().key(), key.key());
            assert!(key.entry().exists().await.unwrap());
            found.insert((key.path().to_owned(), key.key().to_owned()));
        }
        assert!(keys.next().await.is_none(), "a scan that is over stays over");
        assert_eq!(found.len(), 13);
        assert!(found.contains(&("user.age".into(), "root:user:1:age".into())));
        let message = ("user.messages.message".into(), "root:user:1:messages:message:11".into());
        assert!(found.contains(&message));
    })
    .await;
}

#[tokio::test]
async fn a_blocking_scan_finds_the_same_keys() {
    everywhere(|root| async move {
        fill(&root).await;
        let mut waited = BTreeSet::new();
        for key in root.keys().wait() {
            waited.insert(key.unwrap().key().to_owned());
        }
        let mut awaited = BTreeSet::new();
        let mut keys = root.keys();
        while let Some(key) = keys.next().await {
            awaited.insert(key.unwrap().key().to_owned());
        }
        assert_eq!(waited, awaited);
        assert_eq!(waited.len(), 15);
    })
    .await;
}

#[tokio::test]
async fn keys_are_counted_and_cleared_by_namespace() {
    everywhere(|root| async move {
        fill(&root).await;
        let user = root.namespace("user", [1]).unwrap();
        assert_eq!(user.prefix(), "root:user:1");
        assert_eq!(root.count().await.unwrap(), 15);
        assert_eq!(user.count().await.unwrap(), 13);
        let cleared = user.clear().await.unwrap();
        assert_eq!((cleared.removed, cleared.strays), (13, 0));
        assert_eq!(user.count().await.unwrap(), 0);
        assert_eq!(root.count().await.unwrap(), 2, "user 12 is another");
        assert_eq!(root.clear().await.unwrap().removed, 2);
    })
    .await;
}

#[tokio::test]
async fn strays_go_only_when_asked_for() {
    everywhere(|root| async move {
        fill(&root).await;
        let prefixed = root.with_prefix("root:user:1");
        prefixed.entry("motto").unwrap().set("a stray of the root").await.unwrap();
        let user = root.namespace("user", [1]).unwrap();
        assert_eq!(user.clear().await.unwrap().removed, 13);
        assert!(prefixed.entry("motto").unwrap().exists().await.unwrap());
        let cleared = user.clear().strays().await.unwrap();
        assert_eq!((cleared.removed, cleared.strays), (1, 1));
        assert!(!prefixed.entry("motto").unwrap().exists().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn counts_and_clears_stand_beside_calls_in_a_pipeline() {
    everywhere(|root| async move {
        fill(&root).await;
        let user = root.namespace("user", [1]).unwrap();
        let age = user.entry("age").unwrap();
        let (count, age, cleared) =
            root.pipeline((user.count(), age.get::<i64>(), root.clear())).await.unwrap();
        assert_eq!((count, age), (13, 30));
        assert!(cleared.removed >= 2);
    })
    .await;
}

#[tokio::test]
async fn paths_and_parameters_are_checked() {
    everywhere(|root| async move {
        let kinds = [
            (root.namespace("usr", [1]).unwrap_err(), ErrorKind::UnknownPath),
            (root.namespace("user", ()).unwrap_err(), ErrorKind::MissingParam),
            (root.namespace("user", [1, 2]).unwrap_err(), ErrorKind::SurplusParam),
            (root.namespace("user", [0]).unwrap_err(), ErrorKind::InvalidParam),
            (root.namespace("user", ["x"]).unwrap_err(), ErrorKind::InvalidParam),
            (root.namespace("user", [true]).unwrap_err(), ErrorKind::WrongType),
            (
                root.namespace("user", nestkey::param::named([("id", 1)])).unwrap_err(),
                ErrorKind::UnknownParam,
            ),
            (
                root.namespace("user", nestkey::param::named([("user_id", 1), ("user_id", 1)]))
                    .unwrap_err(),
                ErrorKind::DoubledParam,
            ),
            (root.at("user(1)").unwrap_err(), ErrorKind::UnknownPath),
            (root.namespace_at("motto").unwrap_err(), ErrorKind::UnknownPath),
            (root.at("user(1).agee").unwrap_err(), ErrorKind::UnknownPath),
        ];
        for (error, kind) in kinds {
            assert_eq!(error.kind(), kind, "{error}");
        }
        let user = root.namespace("user", nestkey::param::named([("user_id", 7)])).unwrap();
        let message = user.namespace("messages", ()).unwrap().entry_with("message", ["a:b"]);
        assert_eq!(message.unwrap().key(), "root:user:7:messages:message:a%3Ab");
    })
    .await;
}

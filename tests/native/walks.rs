//! Walks along paths that leave parameters open, and strays.

use std::collections::BTreeSet;

use nestkey::{
    Client, ErrorKind, FoundKey, Keyring, Layout, Root, Walk,
    param::{Given, named},
};

use crate::place::everywhere_with;

const LAYOUT: &str = r#"
    prefix = "root"
    foreign = ["dev:root:user:*:lock"]
    keys.motto = { type = "string" }
    [namespaces.user]
    prefix = "user:{user_id:int}"
    keys.age = { type = "int" }
    keys.note = { template = "note:{n:int}", type = "string" }
    keys.pin = { kind = "secret" }
    [namespaces."user.box"]
    prefix = "box:{shelf}:{row:int}"
    keys.size = { type = "int" }
    keys.thing = { template = "{kind}:{n:int}", type = "string" }
    [namespaces."user.box.label"]
    prefix = "label"
    keys.text = { type = "string" }
"#;

const KEYRING: &str = r#"{"nestkey_keyring": 1, "keys": [{"id": "7f3a0102", "status": "primary",
    "material": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}]}"#;

fn bind(client: &Client) -> Root {
    let keyring = Keyring::from_json(KEYRING).unwrap();
    client.clone().keyring(keyring).bind(&Layout::from_toml(LAYOUT).unwrap()).with_prefix("dev")
}

/// Every entry of two users, with values of parameters that look like parts of other keys.
async fn fill(root: &Root) {
    root.entry("motto").unwrap().set("x").await.unwrap();
    for user in [1, 12] {
        let user = root.namespace("user", [user]).unwrap();
        user.entry("age").unwrap().set(30).await.unwrap();
        user.secret("pin").unwrap().set("1234").await.unwrap();
        for n in [1, 2] {
            user.entry_with("note", [n]).unwrap().set("x").await.unwrap();
        }
        for (shelf, row) in [("top", 1), ("top", 2), ("box", 1), ("label", 2)] {
            let shelf = user.namespace("box", (shelf, row)).unwrap();
            shelf.entry("size").unwrap().set(1).await.unwrap();
            shelf.entry_with("thing", ("box", 1)).unwrap().set("x").await.unwrap();
            shelf.entry_with("thing", ("label", 2)).unwrap().set("x").await.unwrap();
            shelf.entry("label.text").unwrap().set("x").await.unwrap();
        }
    }
}

async fn keys(walk: &Walk) -> Vec<FoundKey> {
    let (mut keys, mut found) = (walk.keys(), Vec::new());
    while let Some(key) = keys.next().await {
        found.push(key.unwrap());
    }
    found
}

fn is(key: &FoundKey, name: &str, wanted: &str) -> bool {
    match key.param(name) {
        Some(Given::Int(found)) => found.to_string() == wanted,
        Some(Given::String(found)) => found == wanted,
        _ => false,
    }
}

/// A walk with the path that its keys stand at or below, and the parameters that they have.
type Along = (Walk, &'static str, Vec<(&'static str, &'static str)>);

fn walks(root: &Root) -> Vec<Along> {
    let walk = |path: &str| root.walk(path, ()).unwrap();
    let rows = named([("row", 1)]);
    vec![
        (walk(""), "", vec![]),
        (walk("motto"), "motto", vec![]),
        (walk("user"), "user", vec![]),
        (walk("user.age"), "user.age", vec![]),
        (walk("user.note"), "user.note", vec![]),
        (walk("user.note(2)"), "user.note", vec![("n", "2")]),
        (walk("user(12).note"), "user.note", vec![("user_id", "12")]),
        (walk("user(1).note(1)"), "user.note", vec![("user_id", "1"), ("n", "1")]),
        (walk("user.box"), "user.box", vec![]),
        (walk("user.box(top, 1)"), "user.box", vec![("shelf", "top"), ("row", "1")]),
        (walk("user.box(shelf=box)"), "user.box", vec![("shelf", "box")]),
        (walk("user(1).box(row=2)"), "user.box", vec![("user_id", "1"), ("row", "2")]),
        (walk("user.box(row=2).label"), "user.box.label", vec![("row", "2")]),
        (walk("user.box.label.text"), "user.box.label.text", vec![]),
        (walk("user.box.thing(kind=box)"), "user.box.thing", vec![("kind", "box")]),
        (walk("user.box(row=1).thing(n=2)"), "user.box.thing", vec![("row", "1"), ("n", "2")]),
        (root.walk("user.box.size", rows).unwrap(), "user.box.size", vec![("row", "1")]),
        (root.walk("user.note", [12]).unwrap(), "user.note", vec![("user_id", "12")]),
        (
            root.walk("user.box.size", (1, "top", 2)).unwrap(),
            "user.box.size",
            vec![("user_id", "1"), ("shelf", "top"), ("row", "2")],
        ),
        (
            root.namespace("user", [1]).unwrap().walk("box", ()).unwrap(),
            "user.box",
            vec![("user_id", "1")],
        ),
        (root.namespace("user", [1]).unwrap().into(), "user", vec![("user_id", "1")]),
    ]
}

#[tokio::test]
async fn a_walk_finds_what_stands_along_its_path_and_nothing_else() {
    everywhere_with(bind, |root| async move {
        fill(&root).await;
        let all = keys(&root.walk("", ()).unwrap()).await;
        assert_eq!(all.len(), 1 + 2 * (4 + 4 * 4));
        for (walk, path, params) in walks(&root) {
            let is_along = |key: &&FoundKey| {
                let below = key.path().strip_prefix(path);
                below
                    .is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with('.'))
                    && params.iter().all(|(name, value)| is(key, name, value))
            };
            let wanted: BTreeSet<_> = all.iter().filter(is_along).map(FoundKey::key).collect();
            let found = keys(&walk).await;
            let found: Vec<_> = found.iter().map(FoundKey::key).collect();
            assert_eq!(BTreeSet::from_iter(found.iter().copied()), wanted, "{walk:?} {params:?}");
            assert_eq!(found.len(), wanted.len(), "{walk:?} finds each key once");
            assert_eq!(walk.count().await.unwrap(), wanted.len() as u64, "{walk:?}");
            assert_eq!(walk.count().wait().unwrap(), wanted.len() as u64, "{walk:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_clear_along_an_open_path_leaves_everything_else() {
    everywhere_with(bind, |root| async move {
        fill(&root).await;
        let before = root.count().await.unwrap();
        for (path, removed) in [
            ("user.note", 4),
            ("user.box(shelf=top).thing", 8),
            ("user.box(row=2)", 12),
            ("user.age", 2),
        ] {
            let walk = root.walk(path, ()).unwrap();
            assert_eq!(walk.clear().await.unwrap().removed, removed, "{path}");
            assert_eq!(walk.count().await.unwrap(), 0, "{path}");
        }
        assert_eq!(root.count().await.unwrap(), before - 26);
    })
    .await;
}

#[tokio::test]
async fn several_walks_are_cleared_at_once() {
    everywhere_with(bind, |root| async move {
        fill(&root).await;
        let walks = ["user.note(1)", "user(12).box(shelf=label)", "motto"]
            .map(|path| root.walk(path, ()).unwrap());
        let cleared = root.client().clear(walks).await.unwrap();
        assert_eq!(cleared.removed, 2 + 4 + 1);
    })
    .await;
}

#[tokio::test]
async fn a_rotation_goes_along_an_open_path() {
    everywhere_with(bind, |root| async move {
        fill(&root).await;
        let secrets = |walk: Walk| async move {
            let rotated = walk.rotate().await.unwrap();
            rotated.forms.iter().map(|(_, count)| count).sum::<u64>()
        };
        for (path, count) in
            [("user", 2), ("user.pin", 2), ("user(1)", 1), ("user.box", 0), ("user.age", 0)]
        {
            assert_eq!(secrets(root.walk(path, ()).unwrap()).await, count, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn strays_are_what_the_layout_does_not_know() {
    everywhere_with(bind, |root| async move {
        fill(&root).await;
        let other = root.client().bind(&Layout::from_toml(OTHER).unwrap()).with_prefix("dev");
        for path in
            ["user(1).old", "user(1).lock", "user(12).box(top).odd", "user(1).box(x).odd", "top"]
        {
            other.at(path).unwrap().set("x").await.unwrap();
        }
        let strays = |path: &'static str| {
            let mut strays = root.walk(path, ()).unwrap().strays();
            async move {
                let mut found = BTreeSet::new();
                while let Some(key) = strays.next().await {
                    found.insert(String::from_utf8(key.unwrap()).unwrap());
                }
                Vec::from_iter(found)
            }
        };
        let [old, top, odd] =
            ["dev:root:user:1:old", "dev:root:top", "dev:root:user:12:box:top:1:odd"];
        let other_odd = "dev:root:user:1:box:x:1:odd";
        assert_eq!(strays("").await, [top, odd, other_odd, old]);
        assert_eq!(strays("user").await, [odd, other_odd, old]);
        assert_eq!(strays("user(1)").await, [other_odd, old]);
        assert_eq!(strays("user.box").await, [odd, other_odd]);
        assert_eq!(strays("user.box(shelf=top)").await, [odd]);
        assert_eq!(strays("user.box(row=2)").await, <[&str; 0]>::default());
        let error = root.walk("user.age", ()).unwrap().strays().wait().next().unwrap().unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidCall, "user.age"));
        let kept = root.count().await.unwrap();
        let walk = root.walk("user.box", ()).unwrap();
        let cleared = walk.clear().strays().await.unwrap();
        assert_eq!((cleared.removed, cleared.strays), (34, 2));
        assert_eq!(root.count().await.unwrap(), kept - 32);
        assert_eq!(strays("").await, [top, old]);
    })
    .await;
}

/// Keys that the other layout does not know.
const OTHER: &str = r#"
    prefix = "root"
    keys.top = { type = "string" }
    [namespaces.user]
    prefix = "user:{user_id:int}"
    keys.old = { type = "string" }
    keys.lock = { type = "string" }
    [namespaces."user.box"]
    prefix = "box:{shelf}:1"
    keys.odd = { type = "string" }
"#;

#[test]
fn a_path_of_a_walk_is_refused_where_something_was_forgotten() {
    let root = bind(&Client::memory().0);
    for (path, kind) in [
        ("user()", ErrorKind::MissingParam),
        ("user( ).age", ErrorKind::EmptyParam),
        ("user.box(top)", ErrorKind::MissingParam),
        ("user.box(shelf=)", ErrorKind::EmptyParam),
        ("user(1, 2)", ErrorKind::SurplusParam),
        ("user(id=1)", ErrorKind::UnknownParam),
        ("user(x).box", ErrorKind::InvalidParam),
        ("user.box(row=x)", ErrorKind::InvalidParam),
        ("user.nowhere", ErrorKind::UnknownPath),
    ] {
        assert_eq!(root.walk(path, ()).unwrap_err().kind(), kind, "{path}");
    }
    assert_eq!(root.walk("user(1)", [2]).unwrap_err().kind(), ErrorKind::SurplusParam);
    let twice = root.walk("user(1)", named([("user_id", 2)]));
    assert_eq!(twice.unwrap_err().kind(), ErrorKind::DoubledParam);
    assert_eq!(root.walk("user.box", (1, "top")).unwrap_err().kind(), ErrorKind::MissingParam);
}

#[test]
fn parameters_that_are_given_on_a_walk_are_held_against_functions() {
    let root = bind(&Client::memory().0);
    let root = root.validate("user.box.row", |row: i64| match row % 2 {
        0 => Ok(()),
        _ => Err("is odd"),
    });
    let root = root.unwrap();
    root.walk("user.box(row=2)", ()).unwrap();
    let error = root.walk("user.box(row=1)", ()).unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::InvalidParam, "user.box"));
}

#[test]
fn a_walk_shows_what_is_open_and_nothing_that_is_given() {
    let root = bind(&Client::memory().0);
    let walk = root.walk("user.box(shelf=hidden)", ()).unwrap();
    assert_eq!(format!("{walk:?}"), "Walk(user.box, every user_id, row)");
}

//! What people read: errors and debug output.

use nestkey::{Client, Effect, ErrorKind, Layout, Root};

fn root() -> Root {
    let layout = Layout::from_json(
        r#"{"name": "shop", "prefix": "root", "namespaces": {
            "user": {"prefix": "user:{user_id:int}", "keys": {"name": {"type": "string"}}},
            "door": {
                "prefix": "door:{pin}",
                "params": {"pin": {"sensitive": true}},
                "keys": {"open": {"type": "bool"}}
            }
        }}"#,
    );
    Client::memory().0.bind(&layout.unwrap())
}

#[test]
fn a_value_that_cannot_be_read_says_where_and_as_what() {
    let root = root();
    let name = root.at("user(1).name").unwrap();
    let missing = name.get::<Vec<String>>().wait().unwrap_err();
    assert_eq!((missing.path(), missing.outcome()), ("user.name", Effect::Rejected));
    assert!(missing.message().ends_with("read it as Option<Vec<String>>"), "{missing}");
    name.set("Ada").wait().unwrap();
    let unreadable = root.pipeline([name.get::<i64>()]).wait().unwrap_err().error;
    assert_eq!((unreadable.path(), unreadable.outcome()), ("user.name", Effect::Rejected));
}

#[test]
fn a_set_whose_previous_value_cannot_be_read_was_carried_out() {
    let root = root();
    let name = root.at("user(1).name").unwrap();
    let error = name.set("Ada").previous::<String>().wait().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Missing, Effect::Partial));
    assert_eq!(name.get::<String>().wait().unwrap(), "Ada");
}

#[test]
fn an_entry_is_no_namespace() {
    let root = root();
    let error = root.entry("user").unwrap_err();
    assert_eq!(error.message(), "`user` is a namespace, an entry was wanted");
    let user = root.namespace("user", [1]).unwrap();
    let error = user.namespace("name", ()).unwrap_err();
    assert_eq!(error.to_string(), "user: `name` is an entry, a namespace was wanted");
}

#[test]
fn debug_output_is_short_and_hides_sensitive_parameters() {
    let root = root();
    assert_eq!(
        format!("{root:?}"),
        "Root { layout: Layout(\"shop\", 2 keys in 3 namespaces), prefix: \"\", \
         client: Client { backend: memory, prefix: \"\", trace_keys: false, .. } }"
    );
    let user = root.namespace("user", [1]).unwrap();
    assert_eq!(format!("{user:?}"), "Namespace(root:user:1)");
    let name = user.entry("name").unwrap();
    assert_eq!(format!("{name:?}"), "Entry(root:user:1:name)");
    let door = root.namespace("door", ["1234"]).unwrap();
    assert_eq!(format!("{door:?} {:?}", door.count()), "Namespace(door) Call(count door)");
    let open = door.entry("open").unwrap();
    assert_eq!(format!("{open:?}"), "Entry(root:door:{pin}:open)");
    assert_eq!(format!("{:?}", open.get::<bool>()), "Call(get door.open)");
    open.set(true).wait().unwrap();
    let found = root.keys().wait().next().unwrap().unwrap();
    assert_eq!(format!("{found:?}"), "FoundKey(root:door:{pin}:open)");
}

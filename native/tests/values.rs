//! Rust's types through serde: what is stored for them, and what reads back.

use std::collections::{BTreeMap, HashMap};

use nestkey::{
    Client, Entry, ErrorKind, Layout, Root, Value,
    value::{Bytes, DateTime, NaiveDateTime, Tuple, Uuid},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A layout with one entry, `thing`, of that type.
fn bound(ty: &str) -> Root {
    let layout = format!(r#"{{"keys": {{"thing": {{"type": "{ty}"}}}}}}"#);
    Client::memory().0.bind(&Layout::from_definition(&layout).unwrap())
}

fn thing(root: &Root) -> Entry<'_> {
    root.entry("thing").unwrap()
}

/// What is stored for a value of the type `any`.
fn stored(value: impl Serialize) -> String {
    let root = bound("any");
    let thing = thing(&root);
    thing.set(value).wait().unwrap();
    String::from_utf8(thing.raw().wait().unwrap().unwrap()).unwrap()
}

#[track_caller]
fn comes_back<T>(value: &T)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let root = bound("any");
    let thing = thing(&root);
    thing.set(value).wait().unwrap();
    assert_eq!(&thing.get::<T>().wait().unwrap(), value);
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum Shape {
    Point,
    Circle(f64),
    Line(i64, i64),
    Box { width: u8, height: u8 },
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Everything {
    shapes: Vec<Shape>,
    newtype: Meters,
    unit: (),
    letter: char,
    maybe: Option<bool>,
    nested: BTreeMap<i32, (u8, String)>,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
    big: u64,
    huge: i128,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Meters(f32);

#[test]
fn every_form_of_serde_comes_back() {
    comes_back(&Everything {
        shapes: vec![
            Shape::Point,
            Shape::Circle(0.5),
            Shape::Line(-1, 1),
            Shape::Box { width: 1, height: 2 },
        ],
        newtype: Meters(1.5),
        unit: (),
        letter: 'é',
        maybe: None,
        nested: BTreeMap::from([(-1, (255, "x".into())), (7, (0, String::new()))]),
        bytes: vec![0, 255],
        big: u64::MAX,
        huge: i128::MIN,
    });
    comes_back(&Shape::Point);
    comes_back(&HashMap::from([(true, 1), (false, 0)]));
    comes_back(&u128::MAX);
    comes_back(&[1, 2, 3]);
    comes_back(&Some("x".to_owned()));
}

#[test]
fn enums_are_stored_as_json_libraries_do() {
    assert_eq!(stored(Shape::Point), r#"{"__type__": "str", "value": "Point"}"#);
    let circle = stored(Shape::Circle(0.5));
    assert_eq!(circle, r#"{"__type__": "dict", "value": {"Circle": 0.5}}"#);
}

#[test]
fn a_value_of_any_type_keeps_it() {
    comes_back(&Value::Null);
    comes_back(&Value::Object(vec![
        ("z".into(), Value::Array(vec![Value::Bool(true), Value::Float(1.0)])),
        ("a".into(), Value::BigInt("18446744073709551616".into())),
        ("at".into(), "2020-01-02T03:04:05Z".parse::<DateTime>().unwrap().into()),
        ("local".into(), "2020-01-02T03:04:05".parse::<NaiveDateTime>().unwrap().into()),
        ("id".into(), Uuid::from([7; 16]).into()),
        ("bytes".into(), Value::Bytes(vec![1, 2])),
    ]));
    comes_back(&Value::Tuple(vec![Value::Null, "x".into()]));
    let value = Value::Object(vec![("a".into(), 1.into())]);
    assert_eq!(value.member("a"), Some(&Value::Int(1)));
    assert_eq!((value.member("b"), Value::Null.member("a")), (None, None));
}

#[test]
fn types_of_their_own_are_text_in_other_formats() {
    let time: DateTime = "2020-01-02T03:04:05Z".parse().unwrap();
    let id = Uuid::from([7; 16]);
    let value = Value::Object(vec![
        ("time".into(), time.clone().into()),
        ("id".into(), id.into()),
        ("pair".into(), Value::Tuple(vec![Value::Int(1)])),
    ]);
    let json = serde_json::to_string(&value).unwrap();
    let wanted = r#"{"time":"2020-01-02T03:04:05+00:00","id":"07070707-0707-0707-0707-070707070707","pair":[1]}"#;
    assert_eq!(json, wanted);
    assert_eq!(serde_json::from_str::<DateTime>("\"2020-01-02T03:04:05Z\"").unwrap(), time);
    assert_eq!(serde_json::from_str::<Uuid>(&format!("\"{id}\"")).unwrap(), id);
    assert_eq!(serde_json::from_str::<Tuple<(u8, u8)>>("[1,2]").unwrap(), Tuple((1, 2)));
    assert_eq!(serde_json::from_str::<Bytes>("[1,2]").unwrap(), Bytes(vec![1, 2]));
    let read: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read.member("pair"), Some(&Value::Array(vec![Value::Int(1)])));
}

#[test]
fn declared_types_take_what_other_crates_write() {
    let root = bound("datetime");
    let time = thing(&root);
    time.set("2020-01-02T03:04:05Z").wait().unwrap();
    assert_eq!(time.value_type().wait().unwrap().as_deref(), Some("datetime"));
    assert_eq!(time.get::<String>().wait().unwrap(), "2020-01-02T03:04:05+00:00");
    assert_eq!(time.get::<DateTime>().wait().unwrap().as_str(), "2020-01-02T03:04:05+00:00");

    let root = bound("bytes");
    let bytes = thing(&root);
    bytes.set(vec![0_u8, 255]).wait().unwrap();
    assert_eq!(bytes.get::<Vec<u8>>().wait().unwrap(), [0, 255]);
    assert_eq!(bytes.get::<Bytes>().wait().unwrap(), Bytes(vec![0, 255]));
    bytes.set(Bytes(vec![1])).wait().unwrap();
    assert_eq!(bytes.get::<Vec<u8>>().wait().unwrap(), [1]);

    let root = bound("tuple");
    let pair = thing(&root);
    pair.set((1, "x")).wait().unwrap();
    assert_eq!(pair.value_type().wait().unwrap().as_deref(), Some("tuple"));
    assert_eq!(pair.get::<(i64, String)>().wait().unwrap(), (1, "x".into()));
}

#[test]
fn a_reader_of_another_type_gets_an_error_without_the_value() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is never read successfully")]
    struct Named {
        secret_name: String,
    }
    let root = bound("any");
    let thing = thing(&root);
    thing.set(Value::Object(vec![("hunter2".into(), "hunter2".into())])).wait().unwrap();
    let errors = [
        thing.get::<i64>().wait().unwrap_err(),
        thing.get::<Vec<u8>>().wait().unwrap_err(),
        thing.get::<Named>().wait().unwrap_err(),
        thing.get::<Shape>().wait().unwrap_err(),
        thing.get::<DateTime>().wait().unwrap_err(),
        thing.get::<Tuple<Vec<Value>>>().wait().unwrap_err(),
        thing.get::<HashMap<String, Uuid>>().wait().unwrap_err(),
        thing.get::<HashMap<u8, String>>().wait().unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::TypeMismatch);
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    thing.set([1, 2, 3]).wait().unwrap();
    assert_eq!(thing.get::<(u8, u8)>().wait().unwrap_err().kind(), ErrorKind::TypeMismatch);
    assert_eq!(thing.get::<(u8, u8, u8)>().wait().unwrap(), (1, 2, 3));
    thing.set(i64::MAX).wait().unwrap();
    assert_eq!(thing.get::<f64>().wait().unwrap_err().kind(), ErrorKind::TypeMismatch);
    assert_eq!(thing.get::<i32>().wait().unwrap_err().kind(), ErrorKind::TypeMismatch);
    thing.set(3).wait().unwrap();
    assert_eq!(thing.get::<f64>().wait().unwrap(), 3.0);
}

#[test]
fn what_cannot_be_stored_is_an_error() {
    let root = bound("any");
    let thing = thing(&root);
    let mut deep = Value::Null;
    for _ in 0..65 {
        deep = Value::Array(vec![deep]);
    }
    let doubled = vec![("a".to_owned(), Value::Int(1)), ("a".to_owned(), Value::Int(2))];
    let errors = [
        thing.set(f64::NAN).wait().unwrap_err(),
        thing.set(f32::INFINITY).wait().unwrap_err(),
        thing.set(deep).wait().unwrap_err(),
        thing.set(HashMap::from([((1, 2), 3)])).wait().unwrap_err(),
        thing.set(Value::BigInt("hunter2".into())).wait().unwrap_err(),
        thing.set(Value::Object(doubled)).wait().unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::InvalidValue, "{error}");
        assert_eq!(error.path(), "thing");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    assert!(Value::try_from(f64::NAN).is_err());
}

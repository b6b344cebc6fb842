//! What a subscriber of tracing sees.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use nestkey::{Client, ErrorKind, Layout, Result, Root};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::with_default,
};

type Fields = BTreeMap<String, String>;

/// Keeps the fields of every span and event.
#[derive(Clone, Default)]
struct Watch {
    spans: Arc<Mutex<Vec<Fields>>>,
    events: Arc<Mutex<Vec<Fields>>>,
    last: Arc<AtomicU64>,
}

struct Into<'f>(&'f mut Fields);

impl Visit for Into<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().into(), format!("{value:?}"));
    }
}

impl Subscriber for Watch {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "nestkey"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::new();
        span.record(&mut Into(&mut fields));
        self.spans.lock().unwrap().push(fields);
        Id::from_u64(self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut spans = self.spans.lock().unwrap();
        values.record(&mut Into(&mut spans[span.into_u64() as usize - 1]));
    }

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::new();
        event.record(&mut Into(&mut fields));
        self.events.lock().unwrap().push(fields);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The spans and events of what is done with a fresh root.
fn watched(keys: bool, act: impl FnOnce(&Root)) -> Result<(Vec<Fields>, Vec<Fields>)> {
    let layout = Layout::from_toml(
        r#"
        prefix = "root"
        keys.motto = { type = "string" }
        keys.cache = { type = "int", default = 7, on_invalid = "missing" }
        [namespaces.user]
        prefix = "user:{user_id:int}:{mail}"
        params.mail = { sensitive = true }
        keys.age = { type = "int", default = 0 }
        "#,
    )?;
    let (client, _) = Client::memory();
    let root = client.trace_keys(keys).bind(&layout);
    let watch = Watch::default();
    with_default(watch.clone(), || act(&root));
    let (spans, events) = (watch.spans.lock().unwrap(), watch.events.lock().unwrap());
    Ok((spans.clone(), events.clone()))
}

fn field<'f>(fields: &'f Fields, name: &str) -> Option<&'f str> {
    fields.get(name).map(|text| &text[..])
}

#[test]
fn a_call_is_a_span_with_the_names_of_opentelemetry() -> Result<()> {
    let (spans, events) = watched(false, |root| {
        root.at("user(7, ada@example.org).age").unwrap().set(30).wait().unwrap();
        root.clear().wait().unwrap();
    })?;
    let [set, clear] = &spans[..] else { panic!("{spans:?}") };
    for (name, value) in [
        ("db.system.name", Some("redis")),
        ("db.operation.name", Some("SET")),
        ("db.operation.batch.size", None),
        ("otel.kind", Some("client")),
        ("otel.name", Some("SET")),
        ("nestkey.call", Some("set")),
        ("nestkey.path", Some("user.age")),
        ("nestkey.key", None),
        ("error.type", None),
    ] {
        assert_eq!(field(set, name), value, "{name}");
    }
    assert_eq!(field(clear, "db.operation.name"), Some("PIPELINE"));
    assert_eq!(field(clear, "db.operation.batch.size"), Some("2"));
    assert!(events.is_empty());
    Ok(())
}

#[test]
fn a_group_and_a_pipeline_are_one_span_each() -> Result<()> {
    let (spans, _) = watched(false, |root| {
        let motto = root.entry("motto").unwrap();
        root.atomic((motto.set("x"), motto.exists())).wait().unwrap();
        root.pipeline((motto.set("x"), motto.set("y"))).wait().unwrap();
    })?;
    let names = spans.iter().map(|span| {
        (
            field(span, "nestkey.call"),
            field(span, "db.operation.name"),
            span["db.operation.batch.size"].as_str(),
        )
    });
    assert_eq!(
        names.collect::<Vec<_>>(),
        [(Some("atomic"), Some("MULTI"), "2"), (Some("pipeline"), Some("PIPELINE SET"), "2"),]
    );
    Ok(())
}

#[test]
fn a_key_is_shown_on_request_and_sensitive_parameters_and_values_never() -> Result<()> {
    let (spans, events) = watched(true, |root| {
        root.at("user(7, ada@example.org).age").unwrap().set(4711).wait().unwrap();
        root.entry("motto").unwrap().set("hunter2").wait().unwrap();
    })?;
    assert_eq!(field(&spans[0], "nestkey.key"), Some("root:user:7:{mail}:age"));
    assert_eq!(field(&spans[1], "nestkey.key"), Some("root:motto"));
    let all = format!("{spans:?} {events:?}");
    for hidden in ["ada@", "4711", "hunter2"] {
        assert!(!all.contains(hidden), "{all}");
    }
    Ok(())
}

#[test]
fn a_failure_is_told_by_its_code() -> Result<()> {
    let (spans, _) = watched(false, |root| {
        let error = root.entry("motto").unwrap().set(1).wait().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
    })?;
    assert_eq!(field(&spans[0], "error.type"), Some("invalid-value"));
    assert_eq!(field(&spans[0], "otel.status_code"), Some("ERROR"));
    Ok(())
}

#[test]
fn what_the_layout_lets_pass_is_a_warning() -> Result<()> {
    let bad = Layout::from_json(r#"{"prefix": "root", "keys": {"cache": {"type": "string"}}}"#)?;
    let (_, events) = watched(false, |root| {
        let other = root.client().bind(&bad);
        other.entry("cache").unwrap().set("hunter2").wait().unwrap();
        assert_eq!(root.entry("cache").unwrap().get::<i64>().wait(), Ok(7));
    })?;
    let [warning] = &events[..] else { panic!("{events:?}") };
    assert_eq!(field(warning, "nestkey.path"), Some("cache"));
    assert_eq!(field(warning, "nestkey.note"), Some("invalid-as-missing"));
    assert_eq!(field(warning, "error.type"), Some("type-mismatch"));
    assert!(!format!("{warning:?}").contains("hunter2"));
    Ok(())
}

//! Everything that tracing is told at its most talkative, keys included.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use nestkey::{Client, Layout, Result};
use nestkey_canary::{assert_none, stored, text};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::with_default,
};

use crate::{
    core_types::{LAYOUT, ring},
    descriptions::DOOR,
    handles::put,
};

/// Writes down every field of every span and event, of whatever target and level.
#[derive(Clone, Default)]
struct Capture {
    told: Arc<Mutex<String>>,
    last: Arc<AtomicU64>,
}

impl Capture {
    fn write(&self, record: impl FnOnce(&mut dyn Visit)) {
        struct To<'t>(&'t mut String);
        impl Visit for To<'_> {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                self.0.push_str(&format!("{field}={value:?}\n"));
            }
            fn record_str(&mut self, field: &Field, value: &str) {
                self.0.push_str(&format!("{field}={value}\n"));
            }
        }
        record(&mut To(&mut self.told.lock().unwrap()));
    }
}

impl Subscriber for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.write(|to| span.record(to));
        Id::from_u64(self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.write(|to| values.record(to));
    }

    fn event(&self, event: &Event<'_>) {
        self.write(|to| event.record(to));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn told(act: impl FnOnce() -> Result<()>) -> String {
    let capture = Capture::default();
    with_default(capture.clone(), act).unwrap();
    let told = capture.told.lock().unwrap().clone();
    assert!(!told.is_empty());
    told
}

#[test]
fn traces_of_secrets_and_passwords_show_nothing() {
    let told = told(|| {
        let client = Client::memory().0.keyring(ring()).trace_keys(true);
        let root = client.bind(&Layout::from_json(LAYOUT)?);
        let user = root.namespace("user", [1])?;
        let (secret, password) = (user.secret("sensitive_data")?, user.password("password")?);
        secret.set(text("plaintext")).wait()?;
        secret.get::<String>().wait()?;
        password.set(text("password")).wait()?;
        password.verify(text("password")).upgrade().wait()?;
        password.reveal().wait()?;
        let _ = root.pipeline((secret.set(text("plaintext")), secret.get::<String>())).wait();
        for stored in [text("plaintext"), &stored("sealed")[..60], stored("sealed")] {
            put(&client, "root:user:1:sensitive_data", stored);
            put(&client, "root:user:1:password", stored);
            let _ = (secret.get::<String>().wait(), password.verify(text("password")).wait());
            root.rotate().wait()?;
        }
        Ok(())
    });
    assert!(told.contains("nestkey.key=root:user:1:sensitive_data"), "{told}");
    assert!(told.contains("not-resealed"), "{told}");
    assert_none("a trace", &told);
}

#[test]
fn traces_with_keys_show_no_sensitive_parameter() {
    let told = told(|| {
        let client = Client::memory().0.keyring(ring()).trace_keys(true);
        let root = client.bind(&Layout::from_json(DOOR)?);
        let door = root.namespace("door", (text("sensitive parameter"), 1))?;
        door.entry("open")?.set(true).wait()?;
        let _ = door.entry("open")?.set(1).wait();
        let code = door.secret("code")?;
        put(&client, code.key(), text("plaintext"));
        let _ = code.get::<String>().wait();
        door.rotate().wait()?;
        door.keys().wait().for_each(drop);
        door.clear().wait()?;
        Ok(())
    });
    assert!(told.contains("root:door:{pin}:1:open"), "{told}");
    assert_none("a trace", &told);
}

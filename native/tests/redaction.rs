//! No secret, password, hash, key or URL password is shown by anything that people can print.

use std::{
    fmt::{self, Debug, Write as _},
    sync::{Arc, Mutex},
};

use nestkey::{
    Client, Error, Keyring, Layout, Root, Secret,
    core::{
        call::{Password, Seal, SetPassword, Verb, Verify},
        command::{Batch, Class},
        error::Result,
        plan::{Answer, Job, Plan},
        value::{Entropy, Plaintext},
    },
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

const PLAINTEXT: &str = "canary-plaintext";
const PASSWORD: &str = "canary-password";
const URL_PASSWORD: &str = "canary-url-password";
const ACL_PASSWORD: &str = "canary-acl-password";
const PII: &str = "canary-pii";
const BYTES: &[u8] = b"canary-bytes";
/// Key material and entropy.
const MATERIAL: [u8; 32] = *b"canary-material-canary-material-";
const ENTROPY: [u8; 32] = *b"canary-entropy--canary-entropy--";
const HASH: &str = "$2b$10$abcdefghijklmnopqrstuu7gIUFBKrYXdzQy8HrouzMJyZ4cijAb2";
const FERNET_KEY: &str = "l-idRhyv2wJAXxgfAl_cpi3YdYXDCQjkiNwXUGpUCPc=";

const LAYOUT: &str = r#"
    prefix = "root"
    keys.token = { kind = "secret" }
    keys.blob = { kind = "secret", type = "bytes" }
    keys.password = { kind = "password", cost = 10 }
    keys.motto = { type = "string" }
    [namespaces.user]
    prefix = "user:{mail}"
    params.mail = { sensitive = true }
    keys.token = { kind = "secret" }
"#;

/// Everything that was printed.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<String>>);

impl Printed {
    fn show(&self, what: &impl Debug) {
        let mut printed = self.0.lock().unwrap();
        writeln!(printed, "{what:?}\n{what:#?}").unwrap();
    }

    fn fail<T>(&self, result: Result<T>) {
        let error: Error = result.map(drop).unwrap_err();
        self.show(&error);
        let mut printed = self.0.lock().unwrap();
        let _ = writeln!(printed, "{error} {} {}", error.message(), error.key());
        let source = std::error::Error::source(&error);
        let _ = writeln!(printed, "{source:?}");
    }

    /// Each canary is absent raw, in hex, in base64 and percent-encoded.
    fn hides_everything(&self) {
        let printed = self.0.lock().unwrap();
        assert!(printed.contains("<secret"), "something was hidden: {printed}");
        let canaries: [&[u8]; 10] = [
            PLAINTEXT.as_bytes(),
            PASSWORD.as_bytes(),
            URL_PASSWORD.as_bytes(),
            ACL_PASSWORD.as_bytes(),
            PII.as_bytes(),
            BYTES,
            &MATERIAL,
            &ENTROPY,
            HASH.as_bytes(),
            FERNET_KEY.as_bytes(),
        ];
        for canary in canaries {
            let percent: String = canary.iter().map(|byte| format!("%{byte:02X}")).collect();
            let hex = percent.replace('%', "").to_lowercase();
            let numbers = format!("{canary:?}");
            let listed = numbers.trim_matches(['[', ']']);
            let encoded = base64(canary);
            // What stands at the end depends on what follows.
            let encoded = &encoded[..encoded.len() / 4 * 4 - 4];
            let raw = String::from_utf8_lossy(canary);
            for form in [&raw[..], &hex, &percent, listed, encoded] {
                assert!(
                    !printed.contains(form),
                    "{raw} is shown as {form} in {:?}",
                    printed.lines().find(|line| line.contains(form))
                );
                assert!(!printed.contains(&form.to_uppercase()), "{raw} is shown as {form}");
            }
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(LETTERS[(word >> (18 - 6 * place)) as usize & 63]));
        }
    }
    text
}

/// Every field of every span and event.
impl Subscriber for Printed {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Visit for Printed {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = writeln!(self.0.lock().unwrap(), "{field}={value:?}");
    }
}

fn keyring() -> Keyring {
    let material = base64(&MATERIAL);
    Keyring::from_json(&format!(
        r#"{{"nestkey_keyring": 1, "keys": [{{"id": "7f3a0102", "status": "primary",
            "material": "{material}"}}], "fernet": ["{FERNET_KEY}"]}}"#,
    ))
    .unwrap()
}

fn root() -> Root {
    let layout = Layout::from_toml(LAYOUT).unwrap();
    Client::memory().0.keyring(keyring()).trace_keys(true).bind(&layout)
}

/// Stores bytes past the layout.
fn put(root: &Root, key: &str, value: &str) {
    let mut batch = Batch::default();
    batch.command("SET", Class::Other).key(key.as_bytes()).arg(value.as_bytes());
    root.client().backend().exchange_blocking(&batch, None).unwrap();
}

#[test]
fn handles_calls_and_what_they_give_show_nothing() {
    let (root, printed) = (root(), Printed::default());
    let watched = printed.clone();
    tracing::subscriber::with_default(watched, || {
        let (token, blob) = (root.secret("token").unwrap(), root.secret("blob").unwrap());
        let password = root.password("password").unwrap();
        let user = root.namespace("user", [PII]).unwrap();
        let own = user.secret("token").unwrap();
        printed.show(&(&root, root.client(), &token, &password, &user, &own));
        printed.show(&(token.set(PLAINTEXT), blob.set(BYTES), own.set(PLAINTEXT).if_missing()));
        printed.show(&(password.set(PASSWORD), password.set_hash(HASH), password.verify(PASSWORD)));
        printed.show(&root.pipeline((token.set(PLAINTEXT), password.verify(PASSWORD))));
        printed.show(&root.atomic((token.set(PLAINTEXT), password.set(PASSWORD))).settled());
        printed.show(&(root.rotate(), root.rotate().progress(drop), root.keys()));

        token.set(PLAINTEXT).wait().unwrap();
        blob.set(BYTES).wait().unwrap();
        own.set(PLAINTEXT).wait().unwrap();
        password.set_hash(HASH).wait().unwrap();
        password.verify(PASSWORD).wait().unwrap();
        printed.show(&token.get::<String>().wait());
        printed.show(&token.lookup::<String>().wait());
        printed.show(&(token.raw().wait(), token.key_id().wait(), blob.get::<Vec<u8>>().wait()));
        printed.show(&(password.reveal().wait(), password.verify("other").upgrade().wait()));
        printed.show(&root.pipeline((token.get::<String>(), password.reveal())).wait().ok());
        let mut keys = root.keys().wait();
        printed.show(&(keys.next(), &keys));
        printed.show(&(token.describe().to_string(), user.describe().to_string()));
        printed.show(&(root.rotate().wait(), Secret::new(PLAINTEXT.to_owned())));
    });
    printed.hides_everything();
}

#[test]
fn errors_show_nothing() {
    let (root, printed) = (root(), Printed::default());
    let watched = printed.clone();
    tracing::subscriber::with_default(watched, || {
        let (token, blob) = (root.secret("token").unwrap(), root.secret("blob").unwrap());
        let password = root.password("password").unwrap();
        printed.fail(blob.set(PLAINTEXT).wait());
        printed.fail(token.set(BYTES).wait());
        printed.fail(password.set(format!("{PASSWORD}\0")).wait());
        printed.fail(password.verify(PASSWORD.repeat(9)).wait());
        printed.fail(password.set_hash(format!("{HASH}x")).wait());
        for stored in [PLAINTEXT, "nk1.canary-plaintext", "gAAAAcanary-plaintext"] {
            let enveloped = format!(r#"{{"__type__": "str", "value": "{stored}"}}"#);
            for stored in [stored, &enveloped] {
                put(&root, "root:token", stored);
                printed.fail(token.get::<String>().wait());
                put(&root, "root:password", stored);
                printed.fail(password.verify(PASSWORD).wait());
                printed.fail(password.reveal().wait());
                printed.fail(root.at("password").unwrap().get::<String>().wait());
                printed.show(&root.rotate().wait());
                let pipeline = root.pipeline((token.get::<String>(), password.reveal())).wait();
                printed.show(&pipeline.unwrap_err());
            }
        }
        // A secret that was sealed for another key; the path stands in for the sensitive one.
        token.set(PLAINTEXT).wait().unwrap();
        let sealed = token.raw().wait().unwrap().unwrap().into_exposed();
        put(&root, &format!("root:user:{PII}:token"), std::str::from_utf8(&sealed).unwrap());
        let own = root.namespace("user", [PII]).unwrap().secret("token").unwrap();
        printed.fail(own.get::<String>().wait());
        printed.fail(own.rebind(PII).wait());
        printed.show(&Secret::new(sealed));
    });
    printed.hides_everything();
}

#[tokio::test]
async fn urls_and_keyrings_show_nothing() {
    let printed = Printed::default();
    for url in [
        format!("redis://:{URL_PASSWORD}@127.0.0.1:1"),
        format!("redis://ada:{ACL_PASSWORD}@127.0.0.1:1/2?protocol=resp3"),
        format!("redis://ada:{ACL_PASSWORD}@127.0.0.1:port"),
        format!("rediss://:{URL_PASSWORD}@127.0.0.1:1/#insecure"),
    ] {
        let connect = Client::connect(&url).keyring(keyring());
        printed.show(&connect);
        printed.fail(connect.clone().await);
        printed.fail(connect.wait());
    }
    let text = keyring().to_json();
    printed.show(&(keyring(), keyring().primary(), &text));
    let text = String::from_utf8(text.expose().to_vec()).unwrap();
    for broken in [
        text.replace("7f3a0102", "00000000"),
        text.replace("primary", URL_PASSWORD),
        text.replace(&base64(&MATERIAL)[40..], ""),
        text.replace(FERNET_KEY, &FERNET_KEY[1..]),
        text[..text.len() - 3].to_owned(),
    ] {
        assert_ne!(broken, text);
        printed.fail(Keyring::from_json(&broken));
    }
    printed.show(&"<secret>");
    printed.hides_everything();
}

#[test]
fn what_core_hands_to_hosts_shows_nothing() {
    let (root, printed) = (root(), Printed::default());
    let plaintext = || Plaintext::from(PLAINTEXT);
    for (path, verb) in [
        ("token", Verb::Seal(Seal::new(Some(plaintext())))),
        ("password", Verb::SetPassword(SetPassword::new(Password::Plain(PASSWORD.into())))),
        ("password", Verb::SetPassword(SetPassword::new(Password::Hashed(HASH.into())))),
        ("password", Verb::Verify(Verify::new(PASSWORD.into()))),
    ] {
        let (target, key) = root.layout().resolve(path, "").unwrap();
        let call = nestkey::core::call::Call::new(target, key, verb);
        printed.show(&call);
        printed.show(&Plan::join(vec![Plan::new(call)]));
    }
    printed.show(&Job::Hash { password: PASSWORD.into(), cost: 10, salt: [1; 16] });
    printed.show(&Job::Verify { password: PASSWORD.into(), hash: HASH.into() });
    printed.show(&Answer::Hashed(HASH.into()));
    printed.show(&Entropy::new(ENTROPY));
    let mut batch = Batch::default();
    batch.command("SET", Class::Other).key(b"k").secret(HASH.as_bytes()).secret(&MATERIAL);
    printed.show(&batch);
    struct Displayed<'a>(&'a Batch);
    impl Debug for Displayed<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.commands().try_for_each(|command| write!(f, "{command}"))
        }
    }
    printed.show(&Displayed(&batch));
    // Redis quotes what it does not know, Upstash every command.
    for quoting in ["unknown command 'X', with args beginning with: ", "no, command was: "] {
        printed.fail::<()>(Err(Error::server("ERR", &format!("{quoting}'k' '{PLAINTEXT}'"))));
    }
    printed.hides_everything();
}

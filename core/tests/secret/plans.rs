//! Calls on secrets and passwords, driven over the memory store.

use std::cell::Cell;

use nestkey_core::{
    call::{
        Call, Condition, Cx, Outcome, Password, Rebind, Seal, SetPassword, Verb, Verdict, Verify,
    },
    command::{Batch, Class},
    error::{Error, ErrorKind},
    json,
    key::Key,
    layout::Layout,
    memory::{SessionId, Store},
    ops::key as rows,
    plan::{Answer, Input, Job, NoteKind, Plan, Step, Turn},
    reply::Reply,
    value::{Entropy, Form, KeyId, Keyring, Plaintext, password},
};

const LAYOUT: &str = r#"{"prefix": "root", "keys": {"token": {"kind": "secret", "ttl": "1m", "legacy": "fernet"}},
"namespaces": {"user": {"prefix": "user:{id:int}", "keys": {
    "pin": {"kind": "secret", "type": "string", "max_length": 4},
    "blob": {"kind": "secret", "type": "bytes", "legacy": "fernet"},
    "old": {"kind": "secret", "legacy": ["plaintext", "fernet"]},
    "plain": {"kind": "secret", "legacy": "plaintext"},
    "once": {"kind": "secret", "ttl": "1m", "renew": "never"},
    "password": {"kind": "password", "cost": 10, "ttl": "1m"},
    "age": {"type": "int"}
}}}}"#;

const FERNET_KEY: &str = "l-idRhyv2wJAXxgfAl_cpi3YdYXDCQjkiNwXUGpUCPc=";
const FERNET_TOKEN: &str = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0OD8rpL1rr0X0_QvBDaW6GENjK8JJHZBaf52VwpTwb7icfV_WcRIPezvkHS0ZTj45lvQ==";

/// `correct horse` at cost 4, by Python's `bcrypt`.
const WEAK: &str = "$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";

const ROTATE: Verb = Verb::Rotate;

struct Bench {
    layout: Layout,
    keyring: Keyring,
    store: Store,
    sent: Vec<String>,
    notes: Vec<(NoteKind, ErrorKind)>,
    steps: Cell<u8>,
    /// Which of the steps wanted random bytes.
    draws: Vec<u8>,
}

impl Bench {
    fn new() -> Self {
        Self {
            layout: Layout::from_json(LAYOUT).unwrap(),
            keyring: super::vectors::keyring(1, &[1; 32]),
            store: Store::default(),
            sent: Vec::new(),
            notes: Vec::new(),
            steps: Cell::new(0),
            draws: Vec::new(),
        }
    }

    fn call(&self, path: &str, verb: Verb) -> Call {
        let (target, key) = self.layout.resolve(path, "").unwrap();
        Call::new(target, key, verb)
    }

    fn run(&mut self, path: &str, verb: Verb) -> Result<Outcome, Error> {
        let plan = Plan::new(self.call(path, verb));
        self.drive(plan, |_| {})
    }

    /// `meanwhile` uses the store while jobs are under way.
    fn drive(
        &mut self,
        mut plan: Plan,
        mut meanwhile: impl FnMut(&mut Self),
    ) -> Result<Outcome, Error> {
        let (mut replies, mut answers) = (Vec::new(), Vec::new());
        loop {
            let mut turn = Turn::default();
            let seed = self.steps.replace(self.steps.get().wrapping_add(1));
            let entropy = Entropy::new([seed; 32]);
            let mut cx = Cx::new(&self.layout, "").with_keyring(&self.keyring);
            if plan.wants_entropy(&cx) {
                cx = cx.with_entropy(&entropy);
                self.draws.push(seed);
            }
            let input = Input { replies: &mut replies, answers: &mut answers };
            let step = plan.step(&cx, input, &mut turn);
            self.notes.extend(turn.notes.iter().map(|note| (note.kind, note.error.kind())));
            if let Step::Done(outcome) = step? {
                return Ok(outcome);
            }
            self.sent.extend(turn.batch.commands().map(|command| command.to_string()));
            replies.clear();
            self.store.exchange(SessionId(1), 1_000_000, &turn.batch, &mut replies);
            answers = turn.jobs.iter().map(|(_, job)| job.run()).collect();
            if !turn.jobs.is_empty() {
                meanwhile(self);
            }
        }
    }

    fn raw(&mut self, args: &[&[u8]]) -> Reply {
        let mut batch = Batch::default();
        let writer = batch.command(std::str::from_utf8(args[0]).unwrap(), Class::Other);
        args[1..].iter().fold(writer, |writer, arg| writer.arg(arg));
        let mut replies = Vec::new();
        self.store.exchange(SessionId(9), 1_000_000, &batch, &mut replies);
        replies.remove(0)
    }

    fn stored(&mut self, key: &str) -> Vec<u8> {
        match self.raw(&[b"GET", key.as_bytes()]) {
            Reply::Bulk(bytes) => bytes,
            other => panic!("{key}: {other:?}"),
        }
    }

    fn put(&mut self, key: &str, value: &[u8]) {
        assert_eq!(self.raw(&[b"SET", key.as_bytes(), value]), Reply::ok());
    }

    fn seal(&mut self, path: &str, text: &str) -> Result<Outcome, Error> {
        self.run(path, Verb::Seal(Seal::new(Some(text.into()))))
    }

    fn set_password(&mut self, text: &str) -> Result<Outcome, Error> {
        let set = SetPassword::new(Password::Plain(text.into()));
        self.run("user(1).password", Verb::SetPassword(set))
    }

    fn verify(&mut self, text: &str, upgrade: bool) -> Result<Outcome, Error> {
        let mut verify = Verify::new(text.into());
        verify.upgrade = upgrade;
        self.run("user(1).password", Verb::Verify(verify))
    }
}

fn secret(text: &str) -> Result<Outcome, Error> {
    Ok(Outcome::Secret(Some(text.into())))
}

fn kind(result: Result<Outcome, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

fn envelope(text: &str) -> Vec<u8> {
    format!(r#"{{"__type__": "str", "value": "{text}"}}"#).into()
}

#[test]
fn a_secret_is_stored_sealed_and_read_back() {
    let mut bench = Bench::new();
    assert_eq!(bench.seal("token", "sk_live"), Ok(Outcome::Bool(true)));
    assert_eq!(bench.sent, ["SET root:token <secret 118 B> EX 60"]);
    assert!(bench.stored("root:token").starts_with(b"nk1.-QEAAAAB"));
    assert_eq!(bench.run("token", Verb::Get), secret("sk_live"));
    assert_eq!(bench.run("token", Verb::Lookup), secret("sk_live"));
    let id = KeyId::new(1).unwrap();
    assert_eq!(bench.run("token", Verb::KeyId), Ok(Outcome::Form(Form::Sealed(id))));
    assert_eq!(bench.run("token", Verb::ValueType), Ok(Outcome::Text("string".into())));
    let first = bench.stored("root:token");
    bench.seal("token", "sk_live").unwrap();
    assert_ne!(bench.stored("root:token"), first, "each time with a salt of its own");
    for verb in [Verb::Get, Verb::KeyId, Verb::Lookup, Verb::Raw, Verb::ValueType] {
        assert_eq!(bench.run("user(1).pin", verb), Ok(Outcome::Missing));
    }
}

#[test]
fn null_is_stored_as_redisimnest_stores_it() {
    let mut bench = Bench::new();
    assert_eq!(bench.run("token", Verb::Seal(Seal::new(None))), Ok(Outcome::Bool(true)));
    assert_eq!(bench.stored("root:token"), br#"{"__type__": "none", "value": "None"}"#);
    assert_eq!(bench.run("token", Verb::Get), Ok(Outcome::Secret(None)));
    let refused = bench.run("user(1).pin", Verb::Seal(Seal::new(None)));
    assert_eq!(kind(refused), ErrorKind::InvalidValue);
    bench.put("root:user:1:pin", br#"{"__type__": "none", "value": "None"}"#);
    assert_eq!(kind(bench.run("user(1).pin", Verb::Get)), ErrorKind::TypeMismatch);
}

#[test]
fn a_plaintext_is_held_against_type_and_constraints() {
    let mut bench = Bench::new();
    assert_eq!(kind(bench.seal("user(1).pin", "12345")), ErrorKind::InvalidValue);
    let bytes = || Seal::new(Some(Plaintext::new(vec![0xFF, 0])));
    assert_eq!(kind(bench.run("token", Verb::Seal(bytes()))), ErrorKind::InvalidValue);
    bench.run("user(1).blob", Verb::Seal(bytes())).unwrap();
    let opened = bench.run("user(1).blob", Verb::Get);
    assert_eq!(opened, Ok(Outcome::Secret(Some(Plaintext::new(vec![0xFF, 0])))));
    assert!(bench.sent.iter().all(|sent| sent.contains("blob")), "nothing was sent otherwise");
}

#[test]
fn conditions_and_expiries_hold_for_secrets() {
    let mut bench = Bench::new();
    let mut seal = Seal::new(Some("a".into()));
    seal.condition = Condition::IfExists;
    assert_eq!(bench.run("token", Verb::Seal(seal)), Ok(Outcome::Bool(false)));
    bench.seal("user(1).once", "a").unwrap();
    bench.sent.clear();
    bench.seal("user(1).once", "b").unwrap();
    let sent = [
        "MULTI",
        "SET root:user:1:once \"\" EX 60 NX",
        "SET root:user:1:once <secret 110 B> KEEPTTL XX",
        "EXEC",
    ];
    assert_eq!(bench.sent, sent);
    assert_eq!(bench.run("user(1).once", Verb::Get), secret("b"));
}

#[test]
fn a_secret_moved_to_another_key_opens_after_rebind_only() {
    let mut bench = Bench::new();
    bench.seal("user(1).pin", "1234").unwrap();
    let sealed = bench.stored("root:user:1:pin");
    bench.raw(&[b"SET", b"root:user:2:pin", &sealed, b"EX", b"77"]);
    assert_eq!(kind(bench.run("user(2).pin", Verb::Get)), ErrorKind::AuthFailed);
    let rebind = |from: &str| {
        let mut key = Key::new();
        key.push_str(from);
        Verb::Rebind(Rebind::new(key))
    };
    let wrong = bench.run("user(2).pin", rebind("root:user:3:pin"));
    assert_eq!(kind(wrong), ErrorKind::AuthFailed);
    assert_eq!(bench.run("user(2).pin", rebind("root:user:1:pin")), Ok(Outcome::Bool(true)));
    assert_eq!(bench.run("user(2).pin", Verb::Get), secret("1234"));
    assert_eq!(bench.raw(&[b"TTL", b"root:user:2:pin"]), Reply::Int(77));
    assert_eq!(bench.run("user(4).pin", rebind("root:user:1:pin")), Ok(Outcome::Missing));
}

#[test]
fn what_redisimnest_encrypted_is_read_with_its_key_where_the_entry_says_so() {
    let mut bench = Bench::new();
    bench.put("root:token", &envelope(FERNET_TOKEN));
    let error = bench.run("token", Verb::Get).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoKeyring);
    assert!(error.message().contains("MY_ENCRYPTION_KEY"));
    bench.keyring.add_fernet(FERNET_KEY).unwrap();
    assert_eq!(bench.run("token", Verb::Get), secret("hello"));
    bench.put("root:token", &envelope(&FERNET_TOKEN.replace("D8rp", "D8rq")));
    assert_eq!(kind(bench.run("token", Verb::Get)), ErrorKind::UnknownKey);

    // A token is not bound to its key: elsewhere it is no secret, and a rotation does not make it one.
    bench.put("root:user:1:pin", &envelope(FERNET_TOKEN));
    let error = bench.run("user(1).pin", Verb::Get).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MalformedSecret);
    assert!(error.message().contains("legacy = \"fernet\""), "{error}");
    let Ok(Outcome::Rotated(rotated)) = bench.run("user(1)", ROTATE) else { panic!("no rotation") };
    assert_eq!((rotated.resealed, rotated.failed), (0, 1));
    assert_eq!(bench.stored("root:user:1:pin"), envelope(FERNET_TOKEN));
}

#[test]
fn what_looks_like_a_token_or_an_envelope_is_never_plain_text() {
    let mut bench = Bench::new();
    let spaced = format!(" {{ \"value\" : \"{FERNET_TOKEN}\",\n\t\"__type__\": \"str\"}}\r\n");
    let compact = format!(r#"{{"__type__":"str","value":"{FERNET_TOKEN}"}}"#);
    let escaped = compact.replace("gAAAA", r"\u0067AAAA");
    let bare = FERNET_TOKEN.to_owned();
    let tokens = [spaced, compact, escaped, bare];
    let nulls = [
        r#"{"__type__":"none","value":"None"}"#,
        r#"{"__type__":"none","value":null}"#,
        r#"{"value": null, "__type__": "none"}"#,
        " {\n  \"__type__\":   \"none\",\n  \"value\": \"None\"\n}\n",
    ];
    let neither = [
        r#"{"__type__": "none", "value": "sk_live"}"#,
        r#"{"__type__": "str", "value": "sk_live", "value": "x"}"#,
        r#"{"__type__": "str", "value": "nk1.sk_live"}"#,
        r#"{"__type__": "secret", "value": "sk_live"}"#,
        r#"{"__type__": "str", "value": "sk_live""#,
        r#"{"\u005f_type__": "secret"}"#,
        " nk1.sk_live",
        " gAAAAsk_live",
    ];
    bench.keyring.add_fernet(FERNET_KEY).unwrap();
    for token in &tokens {
        bench.put("root:user:1:old", token.as_bytes());
        assert_eq!(bench.run("user(1).old", Verb::Get), secret("hello"), "{token}");
        bench.put("root:user:1:plain", token.as_bytes());
        assert_eq!(
            kind(bench.run("user(1).plain", Verb::Get)),
            ErrorKind::MalformedSecret,
            "{token}"
        );
    }
    for null in nulls {
        bench.put("root:user:1:plain", null.as_bytes());
        assert_eq!(bench.run("user(1).plain", Verb::Get), Ok(Outcome::Secret(None)), "{null}");
        let Ok(Outcome::Rotated(rotated)) = bench.run("user(1)", ROTATE) else { panic!("{null}") };
        assert_eq!(rotated.failed, 0);
        assert_eq!(bench.stored("root:user:1:plain"), null.as_bytes());
    }
    for stored in neither {
        bench.put("root:user:1:plain", stored.as_bytes());
        let error = kind(bench.run("user(1).plain", Verb::Get));
        assert!(matches!(error, ErrorKind::MalformedSecret | ErrorKind::NotEncrypted), "{stored}");
    }
    for plain in ["sk_live", r#"{"type": "service_account"}"#, "{", "nk1", "gAAA", ""] {
        bench.put("root:user:1:plain", plain.as_bytes());
        assert_eq!(bench.run("user(1).plain", Verb::Get), secret(plain));
    }
}

#[test]
fn plain_text_is_refused_unless_the_layout_reads_it() {
    let mut bench = Bench::new();
    for plain in [&b"sk_live"[..], &envelope("sk_live"), b"", b"\xFF"] {
        bench.put("root:token", plain);
        assert_eq!(kind(bench.run("token", Verb::Get)), ErrorKind::NotEncrypted);
    }
    for plain in [&b"sk_live"[..], &envelope("sk_live")] {
        bench.put("root:user:1:old", plain);
        assert_eq!(bench.run("user(1).old", Verb::Get), secret("sk_live"));
    }
    assert_eq!(bench.run("user(1).old", Verb::KeyId), Ok(Outcome::Form(Form::Plain)));
}

#[test]
fn a_missing_keyring_names_the_variable_to_set() {
    let bench = Bench::new();
    let call = bench.call("token", Verb::Seal(Seal::new(Some("a".into()))));
    let entropy = Entropy::new([0; 32]);
    let cx = Cx::new(&bench.layout, "").with_entropy(&entropy);
    let mut turn = Turn::default();
    let error = Plan::new(call).step(&cx, Input::default(), &mut turn).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoKeyring);
    assert!(error.message().contains("NESTKEY_KEYRING"), "{error}");
}

#[test]
fn a_rotation_seals_anew_what_the_primary_key_has_not_sealed() {
    let mut bench = Bench::new();
    bench.seal("token", "t").unwrap();
    for id in 1..=3 {
        bench.seal(&format!("user({id}).pin"), &format!("{id}")).unwrap();
    }
    bench.put("root:user:4:old", b"plain");
    bench.put("root:user:5:blob", &envelope(FERNET_TOKEN));
    bench.put("root:user:6:pin", b"plain");
    bench.put("root:user:7:age", b"1");
    bench.put("root:user:8:old", br#"{"__type__": "none", "value": "None"}"#);
    bench.keyring.add_fernet(FERNET_KEY).unwrap();
    let id = KeyId::new(2).unwrap();
    bench.keyring.add(id, [2; 32]).unwrap();
    bench.keyring.promote(id).unwrap();
    bench.seal("user(3).pin", "3").unwrap();
    bench.raw(&[b"EXPIRE", b"root:user:1:pin", b"99"]);

    let Ok(Outcome::Rotated(rotated)) = bench.run("", ROTATE) else { panic!("no rotation") };
    assert_eq!((rotated.resealed, rotated.failed), (5, 1));
    let mut forms = rotated.forms;
    forms.sort_by_key(|(form, _)| form.to_string());
    assert_eq!(forms, [(Form::Sealed(id), 6), (Form::Null, 1)]);
    assert_eq!(bench.notes, [(NoteKind::NotResealed, ErrorKind::NotEncrypted)]);
    assert_eq!(bench.raw(&[b"TTL", b"root:user:1:pin"]), Reply::Int(99));
    assert!(bench.sent.iter().all(|sent| !sent.contains("age")));

    bench.keyring.disable(KeyId::new(1).unwrap()).unwrap();
    for (path, text) in [("token", "t"), ("user(1).pin", "1"), ("user(4).old", "plain")] {
        assert_eq!(bench.run(path, Verb::Get), secret(text));
    }
    let Ok(Outcome::Rotated(again)) = bench.run("", ROTATE) else { panic!("no rotation") };
    assert_eq!((again.resealed, again.failed), (0, 1));
}

#[test]
fn a_rotation_goes_through_a_parameter_that_its_path_leaves_open() {
    let mut bench = Bench::new();
    bench.seal("token", "t").unwrap();
    for id in 1..=3 {
        bench.seal(&format!("user({id}).pin"), "1234").unwrap();
    }
    let [old, new] = [1, 2].map(|id| KeyId::new(id).unwrap());
    bench.keyring.add(new, [2; 32]).unwrap();
    bench.keyring.promote(new).unwrap();
    bench.sent.clear();
    let spelling = json::read(br#"{"call": "rotate", "path": "user"}"#).unwrap();
    let call = Call::from_json(&spelling, &bench.layout, "").unwrap();
    let outcome = bench.drive(Plan::new(call), |_| {});
    let Ok(Outcome::Rotated(rotated)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((rotated.resealed, rotated.failed), (3, 0));
    assert_eq!(rotated.forms, [(Form::Sealed(new), 3)]);
    assert!(bench.sent[0].starts_with("SCAN 0 MATCH root:user:*:"), "{:?}", bench.sent);
    assert_eq!(bench.run("token", Verb::KeyId), Ok(Outcome::Form(Form::Sealed(old))));
    // Its errors name its own path, and not the namespace above what is open.
    bench.keyring = Keyring::default();
    let spelling = json::read(br#"{"call": "rotate", "path": "user"}"#).unwrap();
    let call = Call::from_json(&spelling, &bench.layout, "").unwrap();
    let error = bench.drive(Plan::new(call), |_| {}).unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::NoKeyring, "user"));
    // Only a walk may leave one open.
    let spelling = json::read(br#"{"call": "delete", "path": "user"}"#).unwrap();
    let error = Call::from_json(&spelling, &bench.layout, "").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingParam);
}

#[test]
fn rotations_in_a_pipeline_keep_to_their_own_replies() {
    let mut bench = Bench::new();
    for id in 0..2_500 {
        bench.seal(&format!("user({id}).pin"), "1234").unwrap();
    }
    let id = KeyId::new(2).unwrap();
    bench.keyring.add(id, [2; 32]).unwrap();
    bench.keyring.promote(id).unwrap();
    let calls = [Verb::Count, ROTATE, ROTATE].map(|verb| bench.call("", verb));
    let pipeline = Plan::join(calls.map(Plan::new).into());
    let Ok(Outcome::Many(results)) = bench.drive(pipeline, |_| {}) else { panic!("no results") };
    assert_eq!(results[0], Ok(Outcome::Int(2_500)));
    for result in &results[1..] {
        let Ok(Outcome::Rotated(rotated)) = result else { panic!("{result:?}") };
        assert_eq!((rotated.failed, &rotated.forms[..]), (0, &[(Form::Sealed(id), 2_500)][..]));
    }
    bench.keyring.disable(KeyId::new(1).unwrap()).unwrap();
    assert_eq!(bench.run("user(2499).pin", Verb::Get), secret("1234"));
}

#[test]
fn a_wrong_password_takes_as_long_behind_a_cheaper_hash() {
    // Made by Python's bcrypt, at cost 4; the layout says 10.
    let cheap = "$2b$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm";
    let mut bench = Bench::new();
    bench.put("root:user:1:password", &envelope(cheap));
    let mut rounds = 0;
    let verify = Verb::Verify(Verify::new("hunter3".into()));
    let mut plan = Plan::new(bench.call("user(1).password", verify));
    let (mut replies, mut answers, mut turn) = (Vec::new(), Vec::new(), Turn::default());
    let outcome = loop {
        let input = Input { replies: &mut replies, answers: &mut answers };
        turn.clear();
        let cx = Cx::new(&bench.layout, "");
        if let Step::Done(outcome) = plan.step(&cx, input, &mut turn).unwrap() {
            break outcome;
        }
        for (_, job) in &turn.jobs {
            let Job::Verify { hash, .. } = job else { panic!("{job:?}") };
            rounds += 1 << password::cost(hash.expose()).unwrap();
        }
        replies.clear();
        bench.store.exchange(SessionId(1), 1_000_000, &turn.batch, &mut replies);
        answers = turn.jobs.iter().map(|(_, job)| job.run()).collect();
    };
    assert_eq!((outcome, rounds), (Outcome::Verdict(Verdict::No), 1 << 10));
    let yes = Outcome::Verdict(Verdict::Yes { wants_upgrade: true });
    assert_eq!(bench.verify("hunter2", false), Ok(yes));
}

#[test]
fn nothing_is_hashed_for_a_group_that_cannot_be_sent() {
    let mut bench = Bench::new();
    let set = SetPassword::new(Password::Plain("hunter2".into()));
    let verify = Verb::Verify(Verify::new("hunter2".into()));
    let calls = [Verb::SetPassword(set), verify].map(|verb| bench.call("user(1).password", verb));
    let group = Plan::atomic(calls.map(Plan::new).into());
    let Ok(Outcome::Many(results)) = bench.drive(group, |_| panic!("no job")) else {
        panic!("no results")
    };
    let kinds = results.into_iter().map(|result| result.unwrap_err().kind());
    assert!(kinds.eq([ErrorKind::Aborted, ErrorKind::InvalidCall]));
}

#[test]
fn a_password_is_hashed_and_verified() {
    let mut bench = Bench::new();
    assert_eq!(bench.set_password("hunter2"), Ok(Outcome::Bool(true)));
    assert_eq!(bench.sent, ["SET root:user:1:password <secret 92 B> EX 60"]);
    let stored = String::from_utf8(bench.stored("root:user:1:password")).unwrap();
    assert!(stored.starts_with(r#"{"__type__": "str", "value": "$2b$10$"#), "{stored}");
    let yes = Outcome::Verdict(Verdict::Yes { wants_upgrade: false });
    assert_eq!(bench.verify("hunter2", false), Ok(yes));
    assert_eq!(bench.verify("hunter3", false), Ok(Outcome::Verdict(Verdict::No)));
    let Ok(Outcome::Secret(Some(hash))) = bench.run("user(1).password", Verb::Reveal) else {
        panic!("no hash")
    };
    assert!(stored.contains(std::str::from_utf8(hash.expose()).unwrap()));
    for verb in [Verb::Get, Verb::Lookup, Verb::Raw, Verb::ValueType] {
        let error = bench.run("user(1).password", verb).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidCall);
        assert!(error.message().contains("verify"), "{error}");
    }
    bench.run("user(1).password", Verb::op(&rows::DELETE)).unwrap();
    assert_eq!(bench.verify("hunter2", false), Ok(Outcome::Verdict(Verdict::Missing)));
    assert_eq!(bench.run("user(1).password", Verb::Reveal), Ok(Outcome::Missing));
    bench.put("root:user:1:password", br#"{"__type__": "none", "value": "None"}"#);
    assert_eq!(bench.verify("hunter2", false), Ok(Outcome::Verdict(Verdict::Missing)));
}

#[test]
fn a_missing_hash_is_verified_like_any_other() {
    let mut bench = Bench::new();
    let plan = Plan::new(bench.call("user(1).password", Verb::Verify(Verify::new("a".into()))));
    let mut jobs = 0;
    assert_eq!(bench.drive(plan, |_| jobs += 1), Ok(Outcome::Verdict(Verdict::Missing)));
    assert_eq!(jobs, 1);
}

#[test]
fn passwords_that_bcrypt_would_cut_are_refused_before_anything_is_sent() {
    let mut bench = Bench::new();
    let long = "a".repeat(73);
    assert_eq!(kind(bench.set_password(&long)), ErrorKind::PasswordTooLong);
    assert_eq!(kind(bench.verify(&long, false)), ErrorKind::PasswordTooLong);
    assert_eq!(kind(bench.set_password("a\0b")), ErrorKind::InvalidPassword);
    assert_eq!(kind(bench.verify("a\0b", false)), ErrorKind::InvalidPassword);
    assert_eq!(kind(bench.set_password("")), ErrorKind::InvalidPassword);
    assert!(bench.sent.is_empty());
}

#[test]
fn a_weak_hash_is_replaced_if_it_still_stands_there() {
    let old = WEAK;
    let mut bench = Bench::new();
    bench.put("root:user:1:password", &envelope(old));
    let outdated = Outcome::Verdict(Verdict::Yes { wants_upgrade: true });
    assert_eq!(bench.verify("correct horse", false), Ok(outdated));
    bench.raw(&[b"EXPIRE", b"root:user:1:password", b"44"]);
    let fresh = Outcome::Verdict(Verdict::Yes { wants_upgrade: false });
    assert_eq!(bench.verify("correct horse", true), Ok(fresh.clone()));
    assert!(bench.stored("root:user:1:password").windows(7).any(|found| found == b"$2b$10$"));
    assert_eq!(bench.raw(&[b"TTL", b"root:user:1:password"]), Reply::Int(44));
    assert_eq!(bench.verify("correct horse", true), Ok(fresh));

    // Another password that comes between stays.
    bench.put("root:user:1:password", &envelope(old));
    let mut verify = Verify::new("correct horse".into());
    verify.upgrade = true;
    let plan = Plan::new(bench.call("user(1).password", Verb::Verify(verify)));
    let other = envelope(&password::hash(b"other", 10, [8; 16]).unwrap());
    bench.drive(plan, |bench| bench.put("root:user:1:password", &other)).unwrap();
    assert_eq!(bench.stored("root:user:1:password"), other);
}

#[test]
fn an_upgrade_never_lowers_the_cost_and_a_prefix_alone_is_no_reason_for_one() {
    let mut bench = Bench::new();
    let fresh = Outcome::Verdict(Verdict::Yes { wants_upgrade: false });
    for cost in [10, 11] {
        for version in ["$2a$", "$2y$"] {
            let hash = password::hash(b"hunter2", cost, [7; 16]).unwrap().replace("$2b$", version);
            bench.put("root:user:1:password", &envelope(&hash));
            assert_eq!(bench.verify("hunter2", true), Ok(fresh.clone()), "{hash}");
            assert_eq!(bench.stored("root:user:1:password"), envelope(&hash));
        }
    }
}

#[test]
fn random_bytes_are_drawn_only_for_the_step_that_hashes_or_seals() {
    let mut bench = Bench::new();
    let mut drawn = |act: &dyn Fn(&mut Bench) -> Result<Outcome, Error>| {
        bench.steps.set(0);
        bench.draws.clear();
        act(&mut bench).unwrap();
        bench.draws.clone()
    };
    assert_eq!(drawn(&|bench| bench.set_password("hunter2")), [0]);
    assert!(drawn(&|bench| bench.verify("hunter2", true)).is_empty());
    let old = WEAK;
    let put_old = |bench: &mut Bench| bench.put("root:user:1:password", &envelope(old));
    let verify_old = |upgrade| {
        move |bench: &mut Bench| {
            put_old(bench);
            bench.verify("correct horse", upgrade)
        }
    };
    assert!(drawn(&verify_old(false)).is_empty());
    // It reads, verifies, hashes and replaces.
    assert_eq!(drawn(&verify_old(true)), [2]);
    assert_eq!(drawn(&|bench| bench.seal("token", "t")), [0]);
    assert!(drawn(&|bench| bench.run("token", Verb::Get)).is_empty());
    let rebind =
        |bench: &mut Bench| bench.run("token", Verb::Rebind(Rebind::new(Key::from("root:token"))));
    assert_eq!(drawn(&rebind), [1]);
}

#[test]
fn a_stored_hash_that_is_none_is_refused_by_name() {
    let mut bench = Bench::new();
    let good = password::hash(b"a", 10, [7; 16]).unwrap();
    for (stored, wanted) in [
        (envelope(&good.replace("$2b$", "$2x$")), ErrorKind::MalformedHash),
        (envelope(&good.replace("$10$", "$16$")), ErrorKind::CostTooHigh),
        (envelope(&good[..59]), ErrorKind::MalformedHash),
        (envelope(""), ErrorKind::MalformedHash),
        (good.clone().into(), ErrorKind::MalformedHash),
        (br#"{"__type__": "int", "value": 1}"#.to_vec(), ErrorKind::MalformedHash),
    ] {
        bench.put("root:user:1:password", &stored);
        assert_eq!(kind(bench.verify("a", false)), wanted);
        assert_eq!(kind(bench.run("user(1).password", Verb::Reveal)), wanted);
    }
}

#[test]
fn secrets_and_passwords_go_into_pipelines_and_atomics() {
    let mut bench = Bench::new();
    let plans = |bench: &Bench| {
        let set = SetPassword::new(Password::Plain("hunter2".into()));
        vec![
            Plan::new(bench.call("token", Verb::Seal(Seal::new(Some("t".into()))))),
            Plan::new(bench.call("user(1).password", Verb::SetPassword(set))),
            Plan::new(bench.call("token", Verb::op(&rows::EXISTS))),
        ]
    };
    let stored = Outcome::Many(vec![Ok(Outcome::Bool(true)); 3]);
    let pipeline = Plan::join(plans(&bench));
    assert!(pipeline.wants_entropy(&Cx::new(&bench.layout, "")));
    assert!(matches!(bench.drive(pipeline, |_| {}), Ok(Outcome::Many(all)) if all.len() == 3));
    bench.sent.clear();
    assert_eq!(bench.drive(Plan::atomic(plans(&bench)), |_| {}), Ok(stored.clone()));
    let names: Vec<_> = bench.sent.iter().filter_map(|sent| sent.split(' ').next()).collect();
    assert_eq!(names, ["MULTI", "SET", "SET", "EXISTS", "EXEC"]);
    let nested = Plan::join(vec![Plan::atomic(plans(&bench)), Plan::atomic(plans(&bench))]);
    assert_eq!(
        bench.drive(nested, |_| {}),
        Ok(Outcome::Many(vec![Ok(stored.clone()), Ok(stored)]))
    );

    let verifications = (0..8).map(|_| {
        Plan::new(bench.call("user(1).password", Verb::Verify(Verify::new("hunter2".into()))))
    });
    let verifications = Plan::join(verifications.collect());
    let yes = Ok(Outcome::Verdict(Verdict::Yes { wants_upgrade: false }));
    assert_eq!(bench.drive(verifications, |_| {}), Ok(Outcome::Many(vec![yes; 8])));

    let long = SetPassword::new(Password::Plain(Plaintext::new(vec![b'a'; 73])));
    let mut refused = plans(&bench);
    refused.push(Plan::new(bench.call("user(2).password", Verb::SetPassword(long))));
    let refused = Plan::join(vec![Plan::atomic(refused), Plan::atomic(plans(&bench))]);
    let Ok(Outcome::Many(results)) = bench.drive(refused, |_| {}) else { panic!("no results") };
    let Ok(Outcome::Many(first)) = &results[0] else { panic!("no results") };
    let kinds: Vec<_> = first.iter().map(|result| result.as_ref().unwrap_err().kind()).collect();
    assert_eq!(kinds[3], ErrorKind::PasswordTooLong);
    assert_eq!(kinds[..3], [ErrorKind::Aborted; 3]);
    assert_eq!(results[1], Ok(Outcome::Many(vec![Ok(Outcome::Bool(true)); 3])));
}

#[test]
fn nothing_that_carries_a_secret_shows_it() {
    let bench = Bench::new();
    let canary = "canary-7f3a";
    let set = SetPassword::new(Password::Plain(canary.into()));
    let calls = [
        bench.call("token", Verb::Seal(Seal::new(Some(canary.into())))),
        bench.call("user(1).password", Verb::SetPassword(set)),
        bench.call("user(1).password", Verb::Verify(Verify::new(canary.into()))),
    ];
    let outcome = Outcome::Secret(Some(canary.into()));
    let job = Job::Verify { password: canary.into(), hash: canary.into() };
    let shown = format!("{calls:?} {:?} {outcome:?} {job:?}", calls.clone().map(Plan::new));
    assert!(!shown.contains("canary") && shown.contains("<secret 11 B>"), "{shown}");
    let answer = Answer::Hashed(canary.into());
    assert!(!format!("{answer:?} {:?}", bench.keyring).contains("canary"));
}

//! Keyrings: what is read, what is refused, and how keys change their status.

use nestkey_core::{
    error::ErrorKind,
    value::{Entropy, KeyId, KeyStatus, Keyring, fernet, open, seal},
};

/// 32 bytes of one value, in base64url.
const ONES: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const TWOS: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
const FERNET: &str = "l-idRhyv2wJAXxgfAl_cpi3YdYXDCQjkiNwXUGpUCPc=";

fn id(text: &str) -> KeyId {
    text.parse().unwrap()
}

fn key(id: &str, status: &str, material: &str) -> String {
    format!(r#"{{"id": "{id}", "status": "{status}", "material": "{material}"}}"#)
}

fn keyring(keys: &[&str]) -> String {
    format!(r#"{{"nestkey_keyring": 1, "keys": [{}]}}"#, keys.join(", "))
}

fn statuses(keyring: &Keyring) -> Vec<(String, KeyStatus)> {
    keyring.keys().map(|key| (key.id().to_string(), key.status())).collect()
}

#[test]
fn a_keyring_is_read_with_all_its_statuses() {
    let text = keyring(&[
        &key("00000001", "disabled", ONES),
        &key("7f3a0102", "primary", TWOS),
        &key("ffffffff", "decrypt-only", "_-8BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"),
    ]);
    let keyring = Keyring::from_json(&text).unwrap();
    assert_eq!(
        statuses(&keyring),
        [
            ("00000001".into(), KeyStatus::Disabled),
            ("7f3a0102".into(), KeyStatus::Primary),
            ("ffffffff".into(), KeyStatus::DecryptOnly),
        ]
    );
    assert_eq!(keyring.primary().map(|key| key.id().get()), Some(0x7F3A_0102));
    assert!(!keyring.reads_fernet());
}

#[test]
fn members_may_stand_in_any_order_and_be_escaped() {
    let text = format!(
        r#" {{"fernet": ["{FERNET}"], "\u006beys": [{{"material": "\u0041{}", "id": "00000001",
        "status": "primary"}}], "nestkey_keyring": 1}} "#,
        &ONES[1..]
    );
    let keyring = Keyring::from_json(&text).unwrap();
    assert!(keyring.reads_fernet());
    let check = keyring.primary().unwrap().check();
    let mut same = Keyring::default();
    same.add(id("00000001"), [1; 32]).unwrap();
    assert_eq!(check, same.primary().unwrap().check());
}

#[test]
fn a_keyring_without_root_keys_only_reads() {
    for text in [
        format!(r#"{{"nestkey_keyring": 1, "fernet": ["{FERNET}"]}}"#),
        format!(r#"{{"nestkey_keyring": 1, "keys": [], "fernet": ["{FERNET}"]}}"#),
    ] {
        let keyring = Keyring::from_json(&text).unwrap();
        assert!(keyring.reads_fernet() && keyring.primary().is_none());
        let error = seal(&keyring, &Entropy::new([1; 32]), b"k", b"", b"x", &mut Vec::new());
        assert_eq!(error.unwrap_err().kind(), ErrorKind::NoKeyring);
    }
}

#[test]
fn keyrings_of_other_forms_are_refused_without_showing_material() {
    let primary = key("7f3a0102", "primary", ONES);
    let material = |material: &str| keyring(&[&key("7f3a0102", "primary", material)]);
    let status = |status: &str| keyring(&[&key("7f3a0102", status, ONES)]);
    let number = |id: &str| keyring(&[&key(id, "primary", ONES)]);
    let zeros = "A".repeat(43);
    let naming_the_id = [
        ("a doubled id", keyring(&[&primary, &key("7f3a0102", "decrypt-only", TWOS)])),
        ("zeros alone", material(&zeros)),
        ("no material", material("")),
        ("31 bytes", material(&ONES[..42])),
        ("33 bytes", material(&format!("{ONES}E"))),
        ("64 bytes", material(&ONES.repeat(2))),
        ("padding", material(&format!("{ONES}="))),
        ("the standard alphabet", material(&format!("+/{}", &ONES[2..]))),
        ("bits that mean nothing", material(&format!("{}F", &ONES[..42]))),
        ("hex", material(&"01".repeat(32))),
        ("an unknown status", status("secondary")),
        ("a status in upper case", status("Primary")),
        ("a status with an underscore", status("decrypt_only")),
    ];
    let others = [
        ("id 0", number("00000000")),
        ("an id in upper case", number("7F3A0102")),
        ("an id of seven digits", number("7f3a010")),
        ("an id of nine digits", number("07f3a0102")),
        ("an id with a sign", number("+7f3a010")),
        ("an id with a prefix", number("0x7f3a01")),
        ("an id that is a number", primary.replace("\"7f3a0102\"", "2134507778")),
        ("no primary", status("decrypt-only")),
        ("all disabled", status("disabled")),
        ("two primaries", keyring(&[&primary, &key("00000001", "primary", TWOS)])),
        ("a key that is a text", format!(r#"{{"nestkey_keyring": 1, "keys": ["{ONES}"]}}"#)),
        ("keys in an object", format!(r#"{{"nestkey_keyring": 1, "keys": {primary}}}"#)),
        ("no version", format!(r#"{{"keys": [{primary}]}}"#)),
        ("another version", keyring(&[&primary]).replace(": 1,", ": 2,")),
        ("a version as text", keyring(&[&primary]).replace(": 1,", ": \"1\",")),
        ("a version as float", keyring(&[&primary]).replace(": 1,", ": 1.0,")),
        ("an unknown member", keyring(&[&primary]).replace("\"keys\"", "\"Keys\"")),
        ("material as a name", format!(r#"{{"nestkey_keyring": 1, "{ONES}": []}}"#)),
        ("material as a member of a key", keyring(&[&format!(r#"{{"{ONES}": "{TWOS}"}}"#)])),
        ("a member that stands twice", keyring(&[&primary.replace('{', r#"{"id": "00000001", "#)])),
        ("keys that stand twice", keyring(&[]).replace('}', r#", "keys": []}"#)),
        ("no id", keyring(&[&primary.replace(r#""id": "7f3a0102", "#, "")])),
        ("material alone", format!("\"{ONES}\"")),
        ("no JSON", ONES.into()),
        ("more after the end", keyring(&[&primary]) + ONES),
        ("nothing", String::new()),
        ("null", "null".into()),
        ("a list", format!("[{primary}]")),
        ("a Fernet key that is a number", r#"{"nestkey_keyring": 1, "fernet": [1]}"#.into()),
        (
            "a short Fernet key",
            format!(r#"{{"nestkey_keyring": 1, "fernet": ["{}"]}}"#, &FERNET[1..]),
        ),
    ];
    let named = naming_the_id.iter().map(|case| (case, true));
    for ((name, text), names_id) in named.chain(others.iter().map(|case| (case, false))) {
        let error = Keyring::from_json(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidKeyring, "{name}");
        let shown = format!("{error} {error:?}");
        assert!(!names_id || shown.contains("7f3a0102"), "{name}: {shown}");
        for secret in [ONES, TWOS, &FERNET[1..], &zeros, &"01".repeat(32)] {
            assert!(!shown.contains(&secret[..8]), "{name}: {shown}");
        }
    }
}

#[test]
fn a_key_is_added_promoted_and_disabled_in_this_order() {
    let mut keyring = Keyring::default();
    let (old, new) = (id("00000001"), id("00000002"));
    keyring.add(old, [1; 32]).unwrap();
    let mut sealed = Vec::new();
    seal(&keyring, &Entropy::new([3; 32]), b"k", b"", b"x", &mut sealed).unwrap();

    keyring.add(new, [2; 32]).unwrap();
    let status = |keyring: &Keyring| keyring.keys().map(|key| key.status()).collect::<Vec<_>>();
    assert_eq!(status(&keyring), [KeyStatus::Primary, KeyStatus::DecryptOnly]);
    assert_eq!(keyring.disable(old).unwrap_err().kind(), ErrorKind::InvalidKeyring);

    keyring.promote(new).unwrap();
    assert_eq!(status(&keyring), [KeyStatus::DecryptOnly, KeyStatus::Primary]);
    assert_eq!(open(&keyring, b"k", b"", &sealed).unwrap().expose(), b"x");

    keyring.disable(old).unwrap();
    assert_eq!(status(&keyring), [KeyStatus::Disabled, KeyStatus::Primary]);
    let error = open(&keyring, b"k", b"", &sealed).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeyDisabled);

    keyring.promote(old).unwrap();
    assert_eq!(status(&keyring), [KeyStatus::Primary, KeyStatus::DecryptOnly]);
}

#[test]
fn a_change_that_is_refused_changes_nothing() {
    let mut keyring = Keyring::default();
    keyring.add(id("00000001"), [1; 32]).unwrap();
    let before = statuses(&keyring);
    let unknown = id("00000009");
    let refused = [
        keyring.add(id("00000001"), [2; 32]),
        keyring.add(id("00000002"), [0; 32]),
        keyring.promote(unknown),
        keyring.disable(unknown),
        keyring.disable(id("00000001")),
        keyring.add_fernet(&FERNET[..43]),
    ];
    for (index, refused) in refused.into_iter().enumerate() {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidKeyring, "{index}");
    }
    assert_eq!(statuses(&keyring), before);
    assert!(!keyring.reads_fernet());
    let mut other = Keyring::default();
    other.add(id("00000001"), [1; 32]).unwrap();
    assert_eq!(keyring.to_json(), other.to_json());
}

#[test]
fn a_keyring_comes_back_from_its_own_text() {
    let mut keyring = Keyring::default();
    let written = |keyring: &Keyring| String::from_utf8(keyring.to_json().expose().into()).unwrap();
    let again = |keyring: &Keyring| Keyring::from_json(&written(keyring)).unwrap();
    assert_eq!(written(&again(&keyring)), written(&keyring));
    keyring.add_fernet(FERNET).unwrap();
    assert_eq!(written(&again(&keyring)), written(&keyring));
    keyring.add(id("7f3a0102"), [1; 32]).unwrap();
    keyring.add(id("00000001"), [2; 32]).unwrap();
    keyring.add(id("fffffffe"), [255; 32]).unwrap();
    keyring.disable(id("fffffffe")).unwrap();
    assert_eq!(written(&again(&keyring)), written(&keyring));
    assert_eq!(
        written(&keyring),
        format!(
            r#"{{
  "nestkey_keyring": 1,
  "keys": [
    {{"id": "7f3a0102", "status": "primary", "material": "{ONES}"}},
    {{"id": "00000001", "status": "decrypt-only", "material": "{TWOS}"}},
    {{"id": "fffffffe", "status": "disabled", "material": "{}8"}}
  ],
  "fernet": [
    "{FERNET}"
  ]
}}
"#,
            "_".repeat(42)
        )
    );
}

#[test]
fn fernet_keys_are_taken_as_python_takes_them() {
    let token = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0OD8rpL1rr0X0_QvBDaW6GENjK8JJHZBaf52VwpTwb7icfV_WcRIPezvkHS0ZTj45lvQ==";
    let standard = FERNET.replace('-', "+").replace('_', "/");
    assert_ne!(standard, FERNET);
    for key in [FERNET, &format!("{FERNET}\n"), &standard] {
        let mut keyring = Keyring::default();
        keyring.add_fernet(key).unwrap();
        assert_eq!(fernet::open(&keyring, token).unwrap().expose(), b"hello");
        assert_eq!(fernet::open(&keyring, format!("{token}\n")).unwrap().expose(), b"hello");
    }
    for key in ["", &FERNET[..43], &FERNET[1..], &format!("{FERNET}="), "hunter2"] {
        let error = Keyring::default().add_fernet(key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidKeyring, "{key}");
        assert!(key.is_empty() || !error.message().contains(key));
    }
}

#[test]
fn every_fernet_key_is_tried_and_the_signature_decides() {
    let token = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0OD8rpL1rr0X0_QvBDaW6GENjK8JJHZBaf52VwpTwb7icfV_WcRIPezvkHS0ZTj45lvQ==";
    let other = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let mut keyring = Keyring::default();
    keyring.add_fernet(other).unwrap();
    assert_eq!(fernet::open(&keyring, token).unwrap_err().kind(), ErrorKind::UnknownKey);
    keyring.add_fernet(FERNET).unwrap();
    assert_eq!(fernet::open(&keyring, token).unwrap().expose(), b"hello");

    for place in 0..token.len() {
        for bit in 0..7 {
            let mut changed = token.as_bytes().to_vec();
            changed[place] ^= 1 << bit;
            let changed = String::from_utf8(changed).unwrap();
            // White space behind a token is none of its bytes.
            if changed.trim_end().len() == token.len() {
                let kind = fernet::open(&keyring, &changed).unwrap_err().kind();
                assert!(matches!(kind, ErrorKind::MalformedSecret | ErrorKind::UnknownKey));
            }
        }
    }
    for length in 0..token.len() {
        let kind = fernet::open(&keyring, &token[..length]).unwrap_err().kind();
        assert!(matches!(kind, ErrorKind::MalformedSecret | ErrorKind::UnknownKey), "{length}");
    }
}

/// <https://github.com/fernet/spec/blob/master/invalid.json>, but for the two rows about the clock:
/// the time of a token is not looked at.
#[test]
fn the_invalid_tokens_of_the_fernet_specification_are_refused() {
    let mut keyring = Keyring::default();
    keyring.add_fernet("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=").unwrap();
    let valid = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";
    assert_eq!(fernet::open(&keyring, valid).unwrap().expose(), b"hello");
    let cases = [
        (
            "incorrect mac",
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==",
        ),
        ("too short", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA=="),
        (
            "invalid base64",
            "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
        ),
        (
            "payload size not multiple of block size",
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm",
        ),
        (
            "payload padding error",
            "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==",
        ),
        (
            "incorrect IV (causes padding error)",
            "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ==",
        ),
    ];
    for (name, token) in cases {
        let error = fernet::open(&keyring, token).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::MalformedSecret | ErrorKind::UnknownKey),
            "{name}"
        );
    }
}

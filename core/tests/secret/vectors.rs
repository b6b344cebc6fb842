//! What other programs have sealed, encrypted and hashed.

use base64ct::{Base64UrlUnpadded, Encoding};
use nestkey_core::{
    error::ErrorKind,
    value::{Form, Keyring, fernet, form, open, password},
};
use serde_json::Value;

pub(crate) fn read(name: &str) -> Value {
    let path = format!("{}/../tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

/// A keyring whose primary key is that one.
pub(crate) fn keyring(id: u32, root: &[u8]) -> Keyring {
    let mut keyring = Keyring::default();
    let id = nestkey_core::value::KeyId::new(id).unwrap();
    keyring.add(id, root.try_into().unwrap()).unwrap();
    keyring
}

#[test]
fn what_python_sealed_opens() {
    let cases = read("secrets.json");
    for case in cases.as_array().unwrap() {
        let text = |name: &str| case[name].as_str().unwrap();
        let id = u32::try_from(case["key_id"].as_u64().unwrap()).unwrap();
        let keyring = keyring(id, &bytes(text("root")));
        let (key, field, sealed) = (text("key"), text("field"), text("text"));
        let opened = open(&keyring, key.as_bytes(), field.as_bytes(), sealed.as_bytes()).unwrap();
        assert_eq!(opened.expose(), bytes(text("plaintext")));
        let form_of_head = form(&sealed.as_bytes()[..12]).unwrap();
        assert_eq!(form_of_head, Form::Sealed(keyring.primary().unwrap().id()));
    }
    assert!(cases.as_array().unwrap().len() >= 10);
}

#[test]
fn what_fernet_encrypted_opens() {
    for case in read("seeds.json")["fernet"].as_array().unwrap() {
        let text = |name: &str| case[name].as_str().unwrap();
        let mut keyring = Keyring::default();
        keyring.add_fernet(text("key")).unwrap();
        assert_eq!(fernet::open(&keyring, text("token")).unwrap(), text("plaintext").into());
    }
}

#[test]
fn bcrypt_says_what_python_says_but_for_nul_and_2x() {
    let seeds = read("seeds.json");
    for case in seeds["bcrypt"].as_array().unwrap() {
        let (hash, plain) = (case["hash"].as_str().unwrap(), case["password"].as_str().unwrap());
        let verified = password::verify(plain.as_bytes(), hash.as_bytes());
        let kind = verified.as_ref().map_err(|error| error.kind()).err();
        match (hash.starts_with("$2x$"), plain.contains('\0')) {
            (true, _) => assert_eq!(kind, Some(ErrorKind::MalformedHash), "{hash}"),
            (_, true) => assert_eq!(kind, Some(ErrorKind::InvalidPassword), "{hash}"),
            _ => assert_eq!(verified.unwrap(), case["ok"].as_bool().unwrap(), "{hash}"),
        }
    }
}

#[test]
fn the_known_answers_of_the_format_open() {
    let root: Vec<u8> = (0..32).collect();
    let keyring = keyring(0x0102_0304, &root);
    let text = b"nk1.-QEBAgMEQEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXP1qfwOqXeVVxvrFo5cWLPkORW3NNbwh7N7e5qcv5Af_W2lJ7FF4IjFaXvlW4BgMs8-NkRGlRPA";
    assert_eq!(open(&keyring, b"user:42:token", b"", text).unwrap().expose(), b"hunter2");
    let mut sealed =
        Base64UrlUnpadded::decode_vec(std::str::from_utf8(&text[4..]).unwrap()).unwrap();
    sealed.truncate(62);
    sealed.extend(bytes("802986763971a342f9e96d02a4f103fd"));
    let empty = format!("nk1.{}", Base64UrlUnpadded::encode_string(&sealed));
    assert!(open(&keyring, b"user:a%3Ab:secrets", b"totp", empty.as_bytes()).unwrap().is_empty());
}

//! Whatever goes in comes out, and nothing that comes in makes anything panic.

use nestkey_core::value::{Entropy, Form, Keyring, fernet, form, open, password, seal};
use proptest::{collection::vec, prelude::*};

use super::vectors::keyring;

const HASH: &str = "$2b$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm";
const FERNET: &str = "l-idRhyv2wJAXxgfAl_cpi3YdYXDCQjkiNwXUGpUCPc=";

/// Bytes that begin as they should.
fn beginning(start: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let rest = prop_oneof![vec(any::<u8>(), 0..200), "[-_A-Za-z0-9=]{0,200}".prop_map(Into::into)];
    (0..=start.len(), rest).prop_map(|(kept, rest)| [&start[..kept], &rest[..]].concat())
}

proptest! {
    #[test]
    fn what_is_sealed_opens(
        (root, seed) in (any::<[u8; 32]>(), any::<[u8; 32]>()),
        id in 1..=u32::MAX,
        (key, field) in (vec(any::<u8>(), 0..100), vec(any::<u8>(), 0..30)),
        plaintext in vec(any::<u8>(), 0..4096),
    ) {
        prop_assume!(root != [0; 32]);
        let keyring = keyring(id, &root);
        let mut text = Vec::new();
        seal(&keyring, &Entropy::new(seed), &key, &field, &plaintext, &mut text).unwrap();
        prop_assert!(text.is_ascii());
        let opened = open(&keyring, &key, &field, &text).unwrap();
        prop_assert_eq!(opened.expose(), &plaintext[..]);
        prop_assert_eq!(form(&text), Ok(Form::Sealed(keyring.primary().unwrap().id())));
    }

    #[test]
    fn no_bytes_open_that_nobody_sealed(bytes in beginning(b"nk1.-QF_OgEC")) {
        let keyring = keyring(0x7F3A_0102, &[1; 32]);
        prop_assert!(open(&keyring, b"k", b"", &bytes).is_err());
        let _ = form(&bytes);
    }

    #[test]
    fn no_token_opens_that_nobody_signed(bytes in beginning(b"gAAAAAAdwJ6w")) {
        let mut keyring = Keyring::default();
        keyring.add_fernet(FERNET).unwrap();
        prop_assert!(fernet::open(&keyring, &bytes).is_err());
    }

    #[test]
    fn any_bytes_are_a_hash_or_none(bytes in beginning(HASH.as_bytes())) {
        if password::check_hash(&bytes).is_ok() {
            prop_assert_eq!(bytes.len(), 60);
        } else {
            prop_assert!(password::verify(b"hunter2", &bytes).is_err());
        }
        let _ = password::wants_upgrade(&bytes, 12);
    }

    #[test]
    fn any_text_is_a_keyring_or_none(
        text in r#"[{}\[\],: "a-f0-9]{0,60}"#,
        bytes in beginning(br#"{"nestkey_keyring": 1, "keys": [{"id": "7f3a0102", "status": ""#),
    ) {
        let _ = Keyring::from_json(&text);
        let _ = Keyring::from_json(&String::from_utf8_lossy(&bytes));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn what_is_hashed_is_verified(plain in "[^\0]{0,18}", salt: [u8; 16]) {
        let hash = password::hash(plain.as_bytes(), 10, salt).unwrap();
        prop_assert_eq!(password::verify(plain.as_bytes(), hash.as_bytes()), Ok(true));
        prop_assert!(!password::wants_upgrade(hash.as_bytes(), 10));
    }
}

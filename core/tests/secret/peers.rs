//! Secrets and hashes that Python made with fixed salts: `tests/vectors/seals.py`, `passwords.py`.

use nestkey_core::{
    error::ErrorKind,
    value::{Form, form, open, password},
};
use serde_json::Value;

use super::vectors::{bytes, keyring, read};

fn cases(file: &str, list: &str) -> Vec<Value> {
    let cases = read(file)[list].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn text<'c>(case: &'c Value, name: &str) -> &'c str {
    case[name].as_str().unwrap()
}

#[test]
fn what_python_sealed_with_fixed_salts_opens_where_it_was_sealed_for() {
    let cases = cases("seals.json", "seals");
    assert!(cases.len() >= 10);
    for case in &cases {
        let id = u32::try_from(case["key_id"].as_u64().unwrap()).unwrap();
        let keyring = keyring(id, &bytes(text(case, "root")));
        let primary = keyring.primary().unwrap();
        let (key, field) = (text(case, "key").as_bytes(), text(case, "field").as_bytes());
        let sealed = text(case, "text").as_bytes();
        let name = text(case, "name");
        let opened = open(&keyring, key, field, sealed).unwrap();
        assert_eq!(opened.expose(), bytes(text(case, "plaintext")), "{name}");
        assert_eq!(form(sealed).unwrap(), Form::Sealed(primary.id()), "{name}");
        assert_eq!(primary.check(), bytes(text(case, "check"))[..], "{name}");
        // The length in front of each keeps the end of a key from being taken for its field.
        let moved = [key, field].concat();
        if !field.is_empty() {
            let error = open(&keyring, &moved, b"", sealed).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::AuthFailed, "{name}");
        }
    }
}

#[test]
fn what_python_hashed_is_verified() {
    let cases = cases("passwords.json", "hashes");
    assert!(cases.len() >= 30);
    for case in &cases {
        let (plain, hash) = (text(case, "password").as_bytes(), text(case, "hash").as_bytes());
        assert_eq!(password::verify(plain, hash), Ok(true), "{case}");
        let mut other = plain.to_vec();
        match other.last_mut() {
            Some(last) => *last ^= 1,
            None => other.push(b' '),
        }
        assert_eq!(password::verify(&other, hash), Ok(false), "{case}");
    }
}

#[test]
fn what_python_does_not_take_for_the_password_is_not() {
    for case in cases("passwords.json", "wrong") {
        let (plain, hash) = (text(&case, "password").as_bytes(), text(&case, "hash").as_bytes());
        assert_eq!(password::verify(plain, hash), Ok(false), "{case}");
    }
}

#[test]
fn a_password_is_hashed_as_python_hashes_it() {
    let mut count = 0;
    for case in cases("passwords.json", "hashes") {
        let (cost, wanted) = (case["cost"].as_u64().unwrap() as u8, text(&case, "hash"));
        if !password::COSTS.contains(&cost) || !wanted.starts_with("$2b$") {
            continue;
        }
        let salt = decoded(text(&case, "salt"));
        assert_eq!(password::hash(text(&case, "password").as_bytes(), cost, salt).unwrap(), wanted);
        count += 1;
    }
    assert!(count >= 5);
}

/// The 16 bytes of a salt in bcrypt's base64, bit by bit.
fn decoded(text: &str) -> [u8; 16] {
    const ALPHABET: &str = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let digits = text.chars().map(|char| ALPHABET.find(char).unwrap() as u8);
    let bits: Vec<u8> =
        digits.flat_map(|digit| (0..6).rev().map(move |i| digit >> i & 1)).collect();
    let mut salt = [0; 16];
    for (byte, bits) in salt.iter_mut().zip(bits.chunks(8)) {
        *byte = bits.iter().fold(0, |byte, bit| byte << 1 | bit);
    }
    salt
}

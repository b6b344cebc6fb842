//! Nothing opens but what was sealed, where it was sealed, with the key it was sealed with.
//!
//! `NESTKEY_LONG=1` changes a thousand secrets instead of some dozens, and opens with ten times as many
//! wrong keys.

use std::env;

use base64ct::{Base64UrlUnpadded, Encoding};
use nestkey_core::{
    error::ErrorKind,
    value::{Entropy, KeyId, Keyring, form, open, seal},
};

use super::vectors::keyring;

const ID: u32 = 0x7F3A_0102;
/// Magic, suite, key id, salt, commitment.
const HEADER: usize = 6 + 24 + 32;

/// Kinds of what fails closed.
const REFUSALS: [ErrorKind; 4] = [
    ErrorKind::AuthFailed,
    ErrorKind::CommitmentMismatch,
    ErrorKind::MalformedSecret,
    ErrorKind::UnknownKey,
];

fn count(default: u32, long: u32) -> u32 {
    if env::var_os("NESTKEY_LONG").is_some() { long } else { default }
}

/// A small generator of its own, so that a failure comes back.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    fn seed(&mut self) -> [u8; 32] {
        self.bytes(32).try_into().unwrap()
    }
}

struct Sealed {
    keyring: Keyring,
    key: Vec<u8>,
    field: Vec<u8>,
    text: Vec<u8>,
}

impl Sealed {
    fn random(random: &mut Random) -> Self {
        let keyring = keyring(ID, &random.seed());
        let (key_length, field_length) = (1 + random.below(40), random.below(12));
        let (key, field) = (random.bytes(key_length), random.bytes(field_length));
        let length = random.below(49);
        let plaintext = random.bytes(length);
        let mut text = Vec::new();
        let entropy = Entropy::new(random.seed());
        seal(&keyring, &entropy, &key, &field, &plaintext, &mut text).unwrap();
        let opened = open(&keyring, &key, &field, &text).unwrap();
        assert_eq!(opened.expose(), plaintext);
        Self { keyring, key, field, text }
    }

    fn refusal(&self, text: &[u8]) -> Option<ErrorKind> {
        open(&self.keyring, &self.key, &self.field, text).err().map(|error| error.kind())
    }

    fn bytes(&self) -> Vec<u8> {
        Base64UrlUnpadded::decode_vec(str::from_utf8(&self.text[4..]).unwrap()).unwrap()
    }
}

fn spelled(bytes: &[u8]) -> Vec<u8> {
    format!("nk1.{}", Base64UrlUnpadded::encode_string(bytes)).into_bytes()
}

#[test]
fn no_flipped_bit_opens() {
    let mut random = Random(1);
    for _ in 0..count(30, 1000) {
        let sealed = Sealed::random(&mut random);
        let bytes = sealed.bytes();
        for place in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[place / 8] ^= 1 << (place % 8);
            let wanted = match place / 8 {
                0 | 1 => ErrorKind::MalformedSecret,
                2..6 => ErrorKind::UnknownKey,
                6..HEADER => ErrorKind::CommitmentMismatch,
                _ => ErrorKind::AuthFailed,
            };
            assert_eq!(sealed.refusal(&spelled(&flipped)), Some(wanted), "bit {place}");
        }
    }
}

#[test]
fn no_changed_character_opens() {
    let mut random = Random(2);
    for _ in 0..count(30, 1000) {
        let sealed = Sealed::random(&mut random);
        for place in 0..sealed.text.len() * 8 {
            let mut flipped = sealed.text.clone();
            flipped[place / 8] ^= 1 << (place % 8);
            let kind = sealed.refusal(&flipped);
            assert!(kind.is_some_and(|kind| REFUSALS.contains(&kind)), "bit {place}: {kind:?}");
        }
    }
}

#[test]
fn the_bits_that_the_last_character_does_not_use_are_zero() {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut random = Random(3);
    let mut groups = [0; 3];
    for _ in 0..60 {
        let sealed = Sealed::random(&mut random);
        groups[sealed.bytes().len() % 3] += 1;
        for character in ALPHABET {
            let mut text = sealed.text.clone();
            if text.last() != Some(character) {
                *text.last_mut().unwrap() = *character;
                assert!(sealed.refusal(&text).is_some());
            }
        }
    }
    assert!(groups.iter().all(|&group| group > 0));
}

#[test]
fn nothing_cut_off_opens() {
    let mut random = Random(4);
    for _ in 0..count(40, 1000) {
        let sealed = Sealed::random(&mut random);
        for length in 0..sealed.text.len() {
            let kind = sealed.refusal(&sealed.text[..length]);
            assert!(kind.is_some_and(|kind| REFUSALS.contains(&kind)), "{length}: {kind:?}");
        }
        let bytes = sealed.bytes();
        for length in 0..bytes.len() {
            let cut = spelled(&bytes[..length]);
            let is_whole = length >= HEADER + 16;
            let wanted = if is_whole { ErrorKind::AuthFailed } else { ErrorKind::MalformedSecret };
            assert_eq!(sealed.refusal(&cut), Some(wanted), "{length}");
        }
    }
}

#[test]
fn nothing_with_a_byte_more_opens() {
    let mut random = Random(5);
    for _ in 0..count(15, 1000) {
        let sealed = Sealed::random(&mut random);
        let bytes = sealed.bytes();
        for byte in 0..=u8::MAX {
            let extended = spelled(&[&bytes[..], &[byte]].concat());
            assert_eq!(sealed.refusal(&extended), Some(ErrorKind::AuthFailed), "{byte}");
            let mut text = sealed.text.clone();
            text.push(byte);
            assert!(sealed.refusal(&text).is_some_and(|kind| REFUSALS.contains(&kind)), "{byte}");
            let place = random.below(sealed.text.len() + 1);
            text.pop();
            text.insert(place, byte);
            assert!(sealed.refusal(&text).is_some_and(|kind| REFUSALS.contains(&kind)), "{byte}");
        }
    }
}

#[test]
fn no_secret_opens_at_another_key_or_field() {
    let mut random = Random(6);
    let (keyring, entropy) = (keyring(ID, &random.seed()), Entropy::new(random.seed()));
    let places: Vec<_> = (0..101)
        .map(|i| (format!("root:user:{}:token", i / 3), ["", "totp", "pin"][i % 3]))
        .collect();
    let sealed: Vec<_> = places
        .iter()
        .map(|(key, field)| {
            let mut text = Vec::new();
            let (key, field) = (key.as_bytes(), field.as_bytes());
            seal(&keyring, &entropy, key, field, b"hunter2", &mut text).unwrap();
            text
        })
        .collect();
    let mut swaps = 0;
    for (from, text) in sealed.iter().enumerate() {
        for (to, (key, field)) in places.iter().enumerate() {
            let opened = open(&keyring, key.as_bytes(), field.as_bytes(), text);
            let kind = opened.err().map(|error| error.kind());
            assert_eq!(kind, (from != to).then_some(ErrorKind::AuthFailed), "{from} at {to}");
            swaps += usize::from(from != to);
        }
    }
    assert!(swaps >= 10_000);
}

#[test]
fn another_material_under_the_same_id_is_told_by_the_commitment() {
    let mut random = Random(7);
    let sealed = Sealed::random(&mut random);
    for _ in 0..count(10_000, 100_000) {
        let other = keyring(ID, &random.seed());
        let error = open(&other, &sealed.key, &sealed.field, &sealed.text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommitmentMismatch);
    }
}

#[test]
fn the_commitment_is_held_against_before_anything_is_decrypted() {
    // Of a secret that is wrong in both ways, the key is what it says.
    let mut random = Random(8);
    let sealed = Sealed::random(&mut random);
    let mut bytes = sealed.bytes();
    *bytes.last_mut().unwrap() ^= 1;
    let text = spelled(&bytes);
    assert_eq!(sealed.refusal(&text), Some(ErrorKind::AuthFailed));
    let other = keyring(ID, &random.seed());
    let error = open(&other, b"another key", b"", &text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CommitmentMismatch);
}

#[test]
fn a_key_is_looked_up_by_its_id_alone() {
    let mut random = Random(9);
    let sealed = Sealed::random(&mut random);
    let id: KeyId = "00000001".parse().unwrap();
    let material = random.seed();
    let mut keyring = Keyring::default();
    keyring.add(id, material).unwrap();
    let mut text = Vec::new();
    seal(&keyring, &Entropy::new(random.seed()), b"k", b"", b"x", &mut text).unwrap();

    // The material is there, under another id.
    let mut other = Keyring::default();
    other.add("00000002".parse().unwrap(), material).unwrap();
    assert_eq!(open(&other, b"k", b"", &text).unwrap_err().kind(), ErrorKind::UnknownKey);
    let error = open(&sealed.keyring, b"k", b"", &text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownKey);
    assert!(error.message().contains("00000001"));

    keyring.add("00000002".parse().unwrap(), random.seed()).unwrap();
    keyring.promote("00000002".parse().unwrap()).unwrap();
    assert_eq!(open(&keyring, b"k", b"", &text).unwrap().expose(), b"x");
    keyring.disable(id).unwrap();
    let error = open(&keyring, b"k", b"", &text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeyDisabled);
    assert!(error.message().contains("00000001"));
}

#[test]
fn headers_of_other_forms_are_malformed() {
    let sealed = Sealed::random(&mut Random(10));
    let malformed = Some(ErrorKind::MalformedSecret);
    for (place, byte) in [(0, 0x00), (0, 0xFA), (1, 0), (1, 2), (1, 255)] {
        let mut bytes = sealed.bytes();
        bytes[place] = byte;
        assert_eq!(sealed.refusal(&spelled(&bytes)), malformed, "{place} {byte}");
        assert_eq!(form(&spelled(&bytes)).unwrap_err().kind(), ErrorKind::MalformedSecret);
    }
    let mut bytes = sealed.bytes();
    bytes[2..6].fill(0);
    assert_eq!(sealed.refusal(&spelled(&bytes)), malformed);
    for text in ["", "nk1.", "nk1.-QF", "NK1.-QEBAgME", "nk2.-QEBAgME", "plain", "nk1.\u{e9}"] {
        assert_eq!(sealed.refusal(text.as_bytes()), malformed, "{text}");
    }
    // Padding, the standard alphabet and line ends are other spellings of the same bytes.
    let text = String::from_utf8(sealed.text.clone()).unwrap();
    for other in [format!("{text}="), format!("{text}\n"), format!(" {text}"), format!("{text} ")] {
        assert_eq!(sealed.refusal(other.as_bytes()), malformed, "{other}");
    }
    let standard = text.replace('-', "+").replace('_', "/");
    assert_ne!(standard, text);
    assert_eq!(sealed.refusal(standard.as_bytes()), malformed);
}

#[test]
fn sealing_wants_a_primary_key_and_at_most_a_mebibyte() {
    let entropy = Entropy::new([1; 32]);
    let mut out = b"before".to_vec();
    let mut fernet = Keyring::default();
    fernet.add_fernet("l-idRhyv2wJAXxgfAl_cpi3YdYXDCQjkiNwXUGpUCPc=").unwrap();
    for keyring in [&Keyring::default(), &fernet] {
        let error = seal(keyring, &entropy, b"k", b"", b"x", &mut out).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoKeyring);
    }
    let keyring = keyring(ID, &[1; 32]);
    let large = vec![0; (1 << 20) + 1];
    let error = seal(&keyring, &entropy, b"k", b"", &large, &mut out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    assert_eq!(out, b"before");
    seal(&keyring, &entropy, b"k", b"", &large[1..], &mut out).unwrap();
    assert_eq!(open(&keyring, b"k", b"", &out[6..]).unwrap().expose(), &large[1..]);
}

#[test]
fn no_two_salts_of_a_step_are_the_same() {
    let keyring = keyring(ID, &[1; 32]);
    let entropy = Entropy::new([2; 32]);
    let mut salts: Vec<Vec<u8>> = (0..1000)
        .map(|_| {
            let mut text = Vec::new();
            seal(&keyring, &entropy, b"k", b"", b"x", &mut text).unwrap();
            Base64UrlUnpadded::decode_vec(str::from_utf8(&text[4..]).unwrap()).unwrap()[6..30]
                .into()
        })
        .collect();
    salts.sort();
    salts.dedup();
    assert_eq!(salts.len(), 1000);
}

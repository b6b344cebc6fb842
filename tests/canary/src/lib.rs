//! Canaries: secrets that tests work with, and the search for them in whatever was shown.
//!
//! `canaries.json` has twelve, `canaries.py` makes it. Each is looked for by either of its halves,
//! so that a shortened one is found as well: as it is, percent-encoded, in hex, in base64 and as a
//! list of numbers, with any white space in between.

use std::{collections::HashMap, fmt, sync::LazyLock};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use serde_json::Value;

/// The file as it is.
pub const FILE: &str = include_str!("../canaries.json");

static CANARIES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(FILE).expect("the canaries are JSON"));
static NEEDLES: LazyLock<Needles> = LazyLock::new(Needles::new);

/// The canary of that name, where it is a text.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn text(name: &str) -> &'static str {
    CANARIES["texts"][name].as_str().unwrap_or_else(|| panic!("there is no canary `{name}`"))
}

/// A keyring as JSON, of the canaries `root key` and `Fernet key`.
#[must_use]
pub fn keyring() -> String {
    CANARIES["keyring"].to_string()
}

/// The key of the stored canary `plaintext`.
#[must_use]
pub fn stored_key() -> &'static str {
    CANARIES["stored"]["key"].as_str().unwrap_or_default()
}

/// The canary `plaintext` as it is stored there: `sealed` or, of redisimnest, `fernet`.
#[must_use]
pub fn stored(form: &str) -> &'static str {
    CANARIES["stored"][form].as_str().unwrap_or_default()
}

/// Where a canary was seen; it does not show it itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The name of the canary.
    pub canary: &'static str,
    /// What it was written as.
    pub form: &'static str,
}

/// The first canary in something that was shown.
#[must_use]
pub fn find(shown: &[u8]) -> Option<Sighting> {
    let squeezed: Vec<_> =
        shown.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    [shown, &squeezed, &percent_decoded(shown)].into_iter().find_map(|bytes| NEEDLES.find(bytes))
}

/// Refuses what shows a canary.
///
/// # Panics
///
/// When it does. The message tells which one, and at the beginning of `what`.
#[track_caller]
pub fn assert_none(what: &str, shown: &str) {
    if let Some(sighting) = find(shown.as_bytes()) {
        panic!("{what} shows {sighting}");
    }
}

impl fmt::Display for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the canary `{}` {}", self.canary, self.form)
    }
}

/// What is looked for, by its first bytes.
struct Needles(HashMap<[u8; START], Vec<(Vec<u8>, Sighting)>>);

const START: usize = 8;

impl Needles {
    fn new() -> Self {
        let mut needles = Self(HashMap::new());
        let members = |name: &str| CANARIES[name].as_object().into_iter().flatten();
        for (name, text) in members("texts") {
            needles.add(name, text.as_str().unwrap_or_default().as_bytes());
        }
        for (name, hex) in members("binaries") {
            let hex = hex.as_str().unwrap_or_default().as_bytes().chunks(2);
            let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
            needles.add(name, &hex.filter_map(byte).collect::<Vec<_>>());
        }
        needles
    }

    fn add(&mut self, canary: &'static str, bytes: &[u8]) {
        let (front, back) = bytes.split_at(bytes.len() / 2);
        for half in [front, back] {
            for (form, needle) in forms(half) {
                let start = *needle.first_chunk().expect("a needle is longer");
                self.0.entry(start).or_default().push((needle, Sighting { canary, form }));
            }
        }
    }

    fn find(&self, bytes: &[u8]) -> Option<Sighting> {
        (0..bytes.len()).map(|at| &bytes[at..]).find_map(|rest| {
            let known = self.0.get(rest.first_chunk::<START>()?)?;
            let (_, sighting) = known.iter().find(|(needle, _)| rest.starts_with(needle))?;
            Some(*sighting)
        })
    }
}

/// All that bytes may be written as.
fn forms(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let list = |write: fn(&u8) -> String| {
        bytes.iter().map(write).collect::<Vec<_>>().join(",").into_bytes()
    };
    let hex = |write: fn(&u8) -> String| bytes.iter().map(write).collect::<String>().into_bytes();
    let mut forms = vec![
        ("as it is", bytes.to_vec()),
        ("escaped", bytes.escape_ascii().to_string().into_bytes()),
        ("in hex", hex(|byte| format!("{byte:02x}"))),
        ("in hex", hex(|byte| format!("{byte:02X}"))),
        ("in hex", list(|byte| format!("{byte:02x}"))),
        ("in hex", list(|byte| format!("{byte:x}"))),
        ("in numbers", list(u8::to_string)),
    ];
    for before in 0..3 {
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            forms.push(("in base64", base64_behind(before, bytes, &engine)));
        }
    }
    forms
}

/// What is certain of the base64 of bytes that stand behind so many others, and before others.
fn base64_behind(before: usize, bytes: &[u8], engine: &impl Engine) -> Vec<u8> {
    let padded: Vec<_> = std::iter::repeat_n(0, before).chain(bytes.iter().copied()).collect();
    let text = engine.encode(&padded).into_bytes();
    text[(before * 8).div_ceil(6)..padded.len() * 8 / 6].to_vec()
}

fn percent_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, others @ ..] = rest {
        let digit = |at: usize| char::from(*others.get(at)?).to_digit(16);
        let (byte, length) = match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, 3),
            _ => (*first, 1),
        };
        decoded.push(byte);
        rest = &rest[length..];
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_canary_is_found_in_every_form() {
        let password = text("password");
        let hex: String = password.bytes().map(|byte| format!("{byte:02x}")).collect();
        let spaced: String = password.bytes().map(|byte| format!("{byte:02X} ")).collect();
        let percent: String = password.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let encoded = |before: &str| STANDARD_NO_PAD.encode(format!("{before}{password}!"));
        for planted in [
            password.into(),
            hex,
            format!("<Buffer {spaced}>"),
            percent,
            password.replace(':', "%3A").replace('/', "%2f"),
            encoded(""),
            encoded("a"),
            encoded("ab"),
            URL_SAFE_NO_PAD.encode(format!("?>?{password}")),
            format!("{:?}", password.as_bytes()),
            format!("{:#?}", password.as_bytes()),
            format!("{:x?}", password.as_bytes()),
            // Either half alone, as a message that is cut off has it.
            format!("{}…", &password[..20]),
            format!("…{}", &password[20..]),
        ] {
            let found = find(format!("before {planted} behind").as_bytes());
            assert_eq!(found.map(|found| found.canary), Some("password"));
        }
    }

    #[test]
    fn binary_canaries_are_found() {
        let members = CANARIES["binaries"].as_object().into_iter().flatten();
        for (name, hex) in members {
            let hex = hex.as_str().unwrap();
            assert_eq!(find(hex.as_bytes()).map(|found| found.canary), Some(&name[..]));
            let bytes: Vec<_> = (0..hex.len() / 2)
                .map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap())
                .collect();
            for shown in
                [bytes.clone(), format!("{bytes:?}").into(), STANDARD_NO_PAD.encode(&bytes).into()]
            {
                assert_eq!(find(&shown).map(|found| found.canary), Some(&name[..]));
            }
        }
    }

    #[test]
    fn there_are_twelve_and_none_is_found_where_none_is() {
        let count = |name: &str| CANARIES[name].as_object().map_or(0, serde_json::Map::len);
        assert_eq!(count("texts") + count("binaries"), 12);
        for shown in [
            "",
            "the password of a URL, a root key",
            include_str!("lib.rs"),
            stored("sealed"),
            stored("fernet"),
        ] {
            assert_eq!(find(shown.as_bytes()), None);
        }
    }

    #[test]
    fn keyrings_are_full_of_canaries() {
        for (member, canary) in [("keys", "root key"), ("fernet", "Fernet key")] {
            let shown = CANARIES["keyring"][member].to_string();
            assert_eq!(find(shown.as_bytes()).map(|found| found.canary), Some(canary));
        }
    }
}

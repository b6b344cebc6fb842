//! A keyring as JSON, without copies of its material that nobody wipes.

use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::fmt::Write;

use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

use super::{KeyStatus, Keyring, RootKey, invalid};
use crate::{
    error::Result,
    json::{Head, Lexer, Limits},
    value::Plaintext,
};

const MEMBERS: [&str; 3] = ["nestkey_keyring", "keys", "fernet"];
const KEY_MEMBERS: [&str; 3] = ["id", "status", "material"];

/// How much room a key and what stands around the keys take at most.
const KEY_LENGTH: usize = 128;

pub(super) fn read(text: &str) -> Result<Keyring> {
    let read = || {
        let mut reader = Reader(Lexer::new(text.as_bytes(), Limits::default())?);
        let keyring = reader.keyring()?;
        reader.0.end()?;
        Ok(keyring)
    };
    read().map_err(|error: crate::error::Error| invalid(error.message()))
}

pub(super) fn write(keyring: &Keyring) -> Plaintext {
    // A text that grows leaves copies behind.
    let rows = 1 + keyring.keys.len() + keyring.fernet.len();
    let mut out = String::with_capacity(KEY_LENGTH * rows);
    out.push_str("{\n  \"nestkey_keyring\": 1,\n  \"keys\": [");
    for (index, key) in keyring.keys.iter().enumerate() {
        let (comma, id, status) = (comma(index), key.id, key.status.word());
        let material = base64(key.material());
        let _ = write!(
            out,
            "{comma}\n    {{\"id\": \"{id}\", \"status\": \"{status}\", \"material\": \"{}\"}}",
            *material
        );
    }
    out.push_str(if keyring.keys.is_empty() { "]" } else { "\n  ]" });
    if !keyring.fernet.is_empty() {
        out.push_str(",\n  \"fernet\": [");
        for (index, key) in keyring.fernet.iter().enumerate() {
            let _ = write!(out, "{}\n    \"{}=\"", comma(index), *base64(key.bytes()));
        }
        out.push_str("\n  ]");
    }
    out.push_str("\n}\n");
    Plaintext::new(out.into_bytes())
}

fn base64(bytes: &[u8; 32]) -> Zeroizing<String> {
    Zeroizing::new(Base64UrlUnpadded::encode_string(bytes))
}

const fn comma(index: usize) -> &'static str {
    if index == 0 { "" } else { "," }
}

struct Reader<'a>(Lexer<'a>);

impl Reader<'_> {
    fn keyring(&mut self) -> Result<Keyring> {
        let (mut keyring, mut version) = (Keyring::default(), "");
        let mut seen = Vec::new();
        self.begin_object()?;
        while let Some(name) = self.member(MEMBERS, &mut seen)? {
            match name {
                "nestkey_keyring" => {
                    if let Head::Number(number) = self.0.value()? {
                        version = number;
                    }
                }
                "keys" => self.items(|reader| keyring.insert(reader.key()?))?,
                _ => self.items(|reader| keyring.add_fernet(&reader.string()?))?,
            }
        }
        if version != "1" {
            return Err(invalid("wanted `nestkey_keyring`, the version of its form, to be 1"));
        }
        let primaries = keyring.keys.iter().filter(|key| key.status == KeyStatus::Primary).count();
        if primaries != 1 && !keyring.keys.is_empty() {
            return Err(invalid(&format!("wanted one primary key, got {primaries}")));
        }
        Ok(keyring)
    }

    fn key(&mut self) -> Result<RootKey> {
        let (mut id, mut status, mut material) = (None, None, None);
        let mut seen = Vec::new();
        self.begin_object()?;
        while let Some(name) = self.member(KEY_MEMBERS, &mut seen)? {
            let text = self.string()?;
            match name {
                "id" => id = Some(text.parse()?),
                "status" => status = Some(text),
                _ => material = Some(text),
            }
        }
        let id = id.ok_or_else(|| invalid("a key without an `id`"))?;
        let status = status.and_then(|word| KeyStatus::parse(&word)).ok_or_else(|| {
            let wanted = "`primary`, `decrypt-only` or `disabled`";
            invalid(&format!("wanted the `status` of the key {id} to be {wanted}"))
        })?;
        let mut bytes = Box::new(Zeroizing::new([0; 32]));
        let text = material.unwrap_or_default();
        match Base64UrlUnpadded::decode(&*text, &mut **bytes) {
            Ok(decoded) if decoded.len() == 32 => Ok(RootKey { id, status, material: bytes }),
            _ => {
                let wanted = "32 bytes in base64url without padding";
                Err(invalid(&format!("wanted the `material` of the key {id} to be {wanted}")))
            }
        }
    }

    fn begin_object(&mut self) -> Result<()> {
        match self.0.value()? {
            Head::Object => Ok(()),
            _ => Err(self.0.error("expected an object").into()),
        }
    }

    /// The name of the next member. One that is not known is not shown: it may be material.
    fn member(
        &mut self,
        names: [&'static str; 3],
        seen: &mut Vec<&'static str>,
    ) -> Result<Option<&'static str>> {
        let Some(found) = self.0.member()? else { return Ok(None) };
        let Some(name) = names.into_iter().find(|name| found.is(name)) else {
            let [a, b, c] = names;
            return Err(invalid(&format!("wanted no other members than `{a}`, `{b}` and `{c}`")));
        };
        if seen.contains(&name) {
            return Err(invalid(&format!("a second member `{name}`")));
        }
        seen.push(name);
        Ok(Some(name))
    }

    fn items(&mut self, mut item: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        let Head::Array = self.0.value()? else {
            return Err(self.0.error("expected an array").into());
        };
        while self.0.element()? {
            item(self)?;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Zeroizing<String>> {
        match self.0.value()? {
            Head::String(text) => Ok(Zeroizing::new(text.text().into_owned())),
            _ => Err(self.0.error("expected a string").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::KeyId;

    #[test]
    fn the_text_of_a_keyring_never_grows_beyond_its_first_room() {
        let mut keyring = Keyring::default();
        for number in 1..=20 {
            let id = KeyId::new(number).unwrap();
            keyring.add(id, [0xAB; 32]).unwrap();
            keyring.add_fernet("l-idRhyv2wJAXxgfAl_cpi3YdYXDCQjkiNwXUGpUCPc=").unwrap();
            let rows = 1 + 2 * number as usize;
            assert!(write(&keyring).len() <= KEY_LENGTH * rows, "{number}");
        }
    }
}

//! Secrets at rest, version 1: AES-256-GCM under a key of their own, bound to their Redis key.
//!
//! The text is `nk1.` and the base64url of magic, suite, key id, salt, commitment, ciphertext and
//! tag. Key, nonce and commitment are derived by HKDF-SHA-256 from the root key and the salt, so
//! there is no limit on how many values a root key seals. The commitment tells another key from a
//! change, before anything is decrypted. The Redis key and the hash field are authenticated.

use alloc::{format, string::String, vec::Vec};
use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::{
    Entropy, KeyId, Keyring, Plaintext,
    gcm::{self, TAG},
    kdf::Prk,
    keyring::RootKey,
};
use crate::error::{Error, ErrorKind, Result};

/// How a secret is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Encrypted by redisimnest.
    Fernet,
    /// A null, which is no secret.
    Null,
    /// Something that is not encrypted.
    Plain,
    /// Sealed with that key.
    Sealed(KeyId),
}

const PREFIX: &[u8] = b"nk1.";
/// How redisimnest stores a null, what it reads as one besides, and how a token of its begins; but for
/// the white space.
const NULL: &[u8] = br#"{"__type__":"none","value":"None"}"#;
const NULL_TOO: &[u8] = br#"{"__type__":"none","value":null}"#;
const FERNET: &[u8] = br#"{"__type__":"str","value":"gAAAA"#;
/// How many bytes of a stored secret tell its [`form`]: a null as redisimnest writes it, and one more.
pub const HEAD: usize = NULL.len() + 4;
const MAGIC: u8 = 0xF9;
const SUITE: u8 = 1;
const SALT: usize = 24;
const COMMITMENT: usize = 32;
/// Magic, suite and key id, then the salt.
const SALT_END: usize = 6 + SALT;
const HEADER: usize = SALT_END + COMMITMENT;
/// How long a plaintext may be.
pub const MAX_PLAINTEXT: usize = 1 << 20;

/// Appends the text of a plaintext sealed with the primary key for a Redis key and hash field.
///
/// # Errors
///
/// [`NoKeyring`](ErrorKind::NoKeyring) without a primary key,
/// [`InvalidValue`](ErrorKind::InvalidValue) for a plaintext of more than 1 MiB.
pub fn seal(
    keyring: &Keyring,
    entropy: &Entropy,
    key: &[u8],
    field: &[u8],
    plaintext: &[u8],
    out: &mut Vec<u8>,
) -> Result<()> {
    let root = keyring.sealer()?;
    if plaintext.len() > MAX_PLAINTEXT {
        let message = format!("a secret of more than {MAX_PLAINTEXT} bytes");
        return Err(Error::new(ErrorKind::InvalidValue, message));
    }
    let salt: [u8; SALT] = entropy.take();
    let mut sealed = Vec::with_capacity(HEADER + plaintext.len() + TAG);
    sealed.extend_from_slice(&[MAGIC, SUITE]);
    sealed.extend_from_slice(&root.id().get().to_be_bytes());
    sealed.extend_from_slice(&salt);
    let derived = Derived::of(root, &salt);
    sealed.extend_from_slice(&*derived.commitment);
    let aad = aad(&sealed, key, field);
    sealed.extend_from_slice(plaintext);
    let body = sealed.get_mut(HEADER..).unwrap_or_default();
    let Some(tag) = derived.encrypt(&aad, body) else {
        sealed.zeroize();
        return Err(Error::new(ErrorKind::Internal, "a secret that cannot be encrypted"));
    };
    sealed.extend_from_slice(&tag);
    out.extend_from_slice(PREFIX);
    let start = out.len();
    out.resize(start + Base64UrlUnpadded::encoded_len(&sealed), 0);
    let text = out.get_mut(start..).unwrap_or_default();
    Base64UrlUnpadded::encode(&sealed, text)
        .map(drop)
        .map_err(|_| Error::new(ErrorKind::Internal, "a secret that cannot be written"))
}

/// Opens the text of a secret that was sealed for a Redis key and hash field.
///
/// # Errors
///
/// Fails closed: [`MalformedSecret`](ErrorKind::MalformedSecret),
/// [`UnknownKey`](ErrorKind::UnknownKey), [`KeyDisabled`](ErrorKind::KeyDisabled),
/// [`CommitmentMismatch`](ErrorKind::CommitmentMismatch) for another key under the same id, and
/// [`AuthFailed`](ErrorKind::AuthFailed) for what was changed or moved.
pub fn open(keyring: &Keyring, key: &[u8], field: &[u8], text: &[u8]) -> Result<Plaintext> {
    let sealed = decode(text)?;
    let id = id_of(&sealed)?;
    let (header, body) = sealed.split_at_checked(HEADER).ok_or_else(|| malformed("cut off"))?;
    let (ciphertext, tag) = body.split_last_chunk().ok_or_else(|| malformed("cut off"))?;
    let root = keyring.opener(id)?;
    let (salt, commitment) = (&header[6..SALT_END], &header[SALT_END..]);
    let derived = Derived::of(root, salt);
    if !bool::from(derived.commitment.ct_eq(commitment)) {
        let message = format!("a secret that was not sealed with this key {id}, or changed");
        return Err(Error::new(ErrorKind::CommitmentMismatch, message));
    }
    let mut plaintext = Plaintext::from(ciphertext);
    if derived.decrypt(&aad(header, key, field), plaintext.bytes_mut(), tag) {
        Ok(plaintext)
    } else {
        let message = "a secret that was changed, or moved here from another key";
        Err(Error::new(ErrorKind::AuthFailed, message))
    }
}

/// How a secret is stored, by its first [`HEAD`] bytes as it is written by nestkey, by redisimnest and
/// by writers of compact JSON. What others write may say [`Form::Plain`] until it is
/// [read](super::legacy::read) as a whole.
///
/// # Errors
///
/// [`MalformedSecret`](ErrorKind::MalformedSecret) for what begins as a sealed secret and goes on
/// otherwise.
pub fn form(stored: &[u8]) -> Result<Form> {
    if stored.starts_with(PREFIX) {
        let head = stored.get(..PREFIX.len() + 8).ok_or_else(|| malformed("cut off"))?;
        return id_of(&decode(head)?).map(Form::Sealed);
    }
    let squeezed: Vec<_> =
        stored.iter().take(HEAD).copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    Ok(match &squeezed[..] {
        NULL | NULL_TOO if stored.len() < HEAD => Form::Null,
        _ if squeezed.starts_with(FERNET) => Form::Fernet,
        _ => Form::Plain,
    })
}

/// What is derived from a root key for one value.
struct Derived {
    /// 32 bytes of key, 12 of nonce.
    okm: Zeroizing<[u8; 44]>,
    commitment: Zeroizing<[u8; COMMITMENT]>,
}

impl Derived {
    fn of(root: &RootKey, salt: &[u8]) -> Self {
        let prk = Prk::extract(salt, root.material());
        let id = root.id().get().to_be_bytes();
        Self {
            okm: prk.expand(&[b"nestkey/secret/v1/key\0", &[SUITE], &id]),
            commitment: prk.expand(&[b"nestkey/secret/v1/commit\0", &[SUITE], &id]),
        }
    }

    fn encrypt(&self, aad: &[u8], buffer: &mut [u8]) -> Option<[u8; TAG]> {
        gcm::encrypt(self.okm.first_chunk()?, self.okm.last_chunk()?, aad, buffer)
    }

    fn decrypt(&self, aad: &[u8], buffer: &mut [u8], tag: &[u8; TAG]) -> bool {
        let (Some(key), Some(nonce)) = (self.okm.first_chunk(), self.okm.last_chunk()) else {
            return false;
        };
        gcm::decrypt(key, nonce, aad, buffer, tag)
    }
}

fn aad(header: &[u8], key: &[u8], field: &[u8]) -> Vec<u8> {
    let mut aad = Vec::from(&b"nestkey/aad/v1\0"[..]);
    aad.extend_from_slice(header);
    for part in [key, field] {
        aad.extend_from_slice(&(part.len() as u32).to_be_bytes());
        aad.extend_from_slice(part);
    }
    aad
}

fn decode(text: &[u8]) -> Result<Vec<u8>> {
    let text = text.strip_prefix(PREFIX).and_then(|rest| core::str::from_utf8(rest).ok());
    let bytes = text.and_then(|text| Base64UrlUnpadded::decode_vec(text).ok());
    bytes.ok_or_else(|| malformed("not in base64url"))
}

fn id_of(sealed: &[u8]) -> Result<KeyId> {
    let [magic, suite, id @ ..] = *sealed.first_chunk::<6>().ok_or_else(|| malformed("cut off"))?;
    if magic != MAGIC {
        return Err(malformed("without its magic byte"));
    }
    if suite != SUITE {
        return Err(malformed("of an unknown suite"));
    }
    KeyId::new(u32::from_be_bytes(id)).ok_or_else(|| malformed("of the key id 0"))
}

#[cold]
fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::MalformedSecret, String::from("a stored secret that is ") + what)
}

/// The id of the key, or `fernet`, `null`, `plain`.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fernet => f.write_str("fernet"),
            Self::Null => f.write_str("null"),
            Self::Plain => f.write_str("plain"),
            Self::Sealed(id) => fmt::Display::fmt(id, f),
        }
    }
}

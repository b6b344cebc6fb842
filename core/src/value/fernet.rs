//! Fernet, as redisimnest encrypts secrets: read only.
//!
//! <https://github.com/fernet/spec/blob/master/Spec.md>: base64url of 0x80, a time, an IV,
//! AES-128-CBC and HMAC-SHA-256. The time is not looked at, as redisimnest does not.

use alloc::{boxed::Box, vec::Vec};

use base64ct::{Base64UrlUnpadded, Encoding};
use cbc::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Keyring, Plaintext, keyring::invalid};
use crate::error::{Error, ErrorKind, Result};

/// A Fernet key: the first half signs, the second encrypts.
#[derive(Clone)]
pub(super) struct Key(Box<Zeroizing<[u8; 32]>>);

const VERSION: u8 = 0x80;
/// Version and time, then the IV.
const IV: usize = 9;
const HEADER: usize = IV + 16;
const BLOCK: usize = 16;
const MAC: usize = 32;

impl Key {
    /// 32 bytes in padded base64, of either alphabet; white space may follow, as Python allows.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let refused = || invalid("wanted a Fernet key to be 32 bytes in padded base64");
        let unpadded = unpadded(text.trim_end()).ok_or_else(refused)?;
        let mut url = Zeroizing::new(Vec::from(unpadded));
        for byte in url.iter_mut() {
            match byte {
                b'+' => *byte = b'-',
                b'/' => *byte = b'_',
                _ => {}
            }
        }
        let mut key = Box::new(Zeroizing::new([0; 32]));
        match Base64UrlUnpadded::decode(&*url, &mut **key) {
            Ok(bytes) if bytes.len() == 32 => Ok(Self(key)),
            _ => Err(refused()),
        }
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn open(&self, signed: &[u8], mac: &[u8]) -> Option<Plaintext> {
        let (signing, encrypting) = self.0.split_at(16);
        let mut hmac = Hmac::<Sha256>::new_from_slice(signing).ok()?;
        hmac.update(signed);
        hmac.verify_slice(mac).ok()?;
        let iv = signed.get(IV..HEADER)?;
        let mut bytes = Zeroizing::new(Vec::from(signed.get(HEADER..)?));
        let cipher = cbc::Decryptor::<aes::Aes128>::new_from_slices(encrypting, iv).ok()?;
        cipher.decrypt_padded::<Pkcs7>(&mut bytes).ok().map(Plaintext::from)
    }
}

/// Opens a token with whichever Fernet key of the keyring has signed it.
///
/// # Errors
///
/// [`MalformedSecret`](ErrorKind::MalformedSecret) for what is no token,
/// [`UnknownKey`](ErrorKind::UnknownKey) when no key has signed it as it is.
pub fn open(keyring: &Keyring, token: impl AsRef<[u8]>) -> Result<Plaintext> {
    let malformed = || {
        let message = "a stored secret that is no Fernet token";
        Error::new(ErrorKind::MalformedSecret, message)
    };
    let token = core::str::from_utf8(token.as_ref()).map_err(|_| malformed())?;
    let unpadded = unpadded(token.trim_end()).ok_or_else(malformed)?;
    let bytes = Base64UrlUnpadded::decode_vec(unpadded).map_err(|_| malformed())?;
    let body = bytes.len().checked_sub(HEADER + MAC).ok_or_else(malformed)?;
    if bytes.first() != Some(&VERSION) || body == 0 || body % BLOCK != 0 {
        return Err(malformed());
    }
    let (signed, mac) = bytes.split_at(HEADER + body);
    keyring.fernet().iter().find_map(|key| key.open(signed, mac)).ok_or_else(|| {
        let message = "a Fernet token that no key of the keyring has signed, or that was changed";
        Error::new(ErrorKind::UnknownKey, message)
    })
}

/// Padded base64 without its padding, which has to be there.
fn unpadded(text: &str) -> Option<&str> {
    let bare = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    text.len().is_multiple_of(4).then_some(bare)
}

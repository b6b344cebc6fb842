//! Fernet, as redisimnest encrypts secrets: read only.
//!
//! <https://github.com/fernet/spec/blob/master/Spec.md>: base64url of 0x80, a time, an IV,
//! AES-128-CBC and HMAC-SHA-256. The time is not looked at, as redisimnest does not.

use alloc::{string::String, vec::Vec};

use base64ct::{Base64Url, Encoding};
use cbc::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Keyring, Plaintext, keyring::invalid};
use crate::error::{Error, ErrorKind, Result};

/// A Fernet key: the first half signs, the second encrypts.
#[derive(Clone)]
pub(super) struct Key(Zeroizing<[u8; 32]>);

const VERSION: u8 = 0x80;
/// Version and time, then the IV.
const IV: usize = 9;
const HEADER: usize = IV + 16;
const BLOCK: usize = 16;
const MAC: usize = 32;

impl Key {
    /// 32 bytes in padded base64, of either alphabet; white space may follow, as Python allows.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut url = Zeroizing::new(Vec::from(text.trim_end()));
        for byte in url.iter_mut() {
            match byte {
                b'+' => *byte = b'-',
                b'/' => *byte = b'_',
                _ => {}
            }
        }
        let mut key = Zeroizing::new([0; 32]);
        match Base64Url::decode(&*url, &mut *key) {
            Ok(bytes) if bytes.len() == 32 => Ok(Self(key)),
            _ => Err(invalid("a Fernet key is 32 bytes in padded base64")),
        }
    }

    pub(super) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(Base64Url::encode_string(&*self.0))
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
pub fn open(keyring: &Keyring, token: &str) -> Result<Plaintext> {
    let malformed = || {
        let message = "a stored secret that is no Fernet token";
        Error::new(ErrorKind::MalformedSecret, message)
    };
    let bytes = Base64Url::decode_vec(token.trim_end()).map_err(|_| malformed())?;
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

//! The keys that secrets are sealed with.

mod text;

use alloc::{boxed::Box, format, vec::Vec};
use core::{fmt, num::NonZeroU32, str::FromStr};

use zeroize::Zeroizing;

use super::{Entropy, Plaintext, fernet, kdf::Prk};
use crate::error::{Error, ErrorKind, Result};

/// The number of a key, written as eight lower-case hex digits; it stands in each secret that is
/// sealed with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(NonZeroU32);

/// What a key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyStatus {
    /// Opens what it has sealed.
    DecryptOnly,
    /// Nothing: what it has sealed is refused.
    Disabled,
    /// Seals, and opens what it has sealed.
    Primary,
}

/// One key of a keyring; its material is never shown, and wiped on drop.
#[derive(Clone)]
pub struct RootKey {
    id: KeyId,
    status: KeyStatus,
    /// In a place of its own: a list that grows moves its items and does not wipe where they were.
    material: Box<Zeroizing<[u8; 32]>>,
}

/// The keys that secrets are sealed and opened with.
///
/// One key is primary: it seals. Others open what they have sealed, or are disabled. Besides there
/// may be Fernet keys of redisimnest, which only read. A keyring without any root key seals
/// nothing.
///
/// ```
/// use nestkey_core::value::{KeyId, KeyStatus, Keyring};
/// let mut keyring = Keyring::default();
/// keyring.add("7f3a0102".parse()?, [7; 32])?;
/// keyring.add("01020304".parse()?, [8; 32])?;
/// keyring.promote("01020304".parse()?)?;
/// let shown: Vec<_> = keyring.keys().map(|key| (key.id().to_string(), key.status())).collect();
/// assert_eq!(shown[0], ("7f3a0102".into(), KeyStatus::DecryptOnly));
/// assert_eq!(keyring.primary().map(|key| key.id()), KeyId::new(0x0102_0304));
/// # Ok::<(), nestkey_core::error::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Keyring {
    keys: Vec<RootKey>,
    fernet: Vec<fernet::Key>,
}

/// The most keys of a keyring, and Fernet keys: each secret is opened with one of them.
const MAX_KEYS: usize = 1_000;

impl Keyring {
    /// Reads `{"nestkey_keyring": 1, "keys": [{"id": "7f3a0102", "status": "primary", "material":
    /// "…"}], "fernet": ["…"]}`.
    ///
    /// An id is eight lower-case hex digits, a status `primary`, `decrypt-only` or `disabled`, the
    /// material 32 bytes in base64url without padding; `fernet` may be left out.
    ///
    /// # Errors
    ///
    /// [`InvalidKeyring`](ErrorKind::InvalidKeyring), naming the key by its id, for what is of
    /// another form, for ids that stand twice or are 0, for material of another length or of
    /// zeros alone, and unless exactly one key is primary.
    pub fn from_json(text: &str) -> Result<Self> {
        text::read(text)
    }

    /// The same form, with all its material: for files that nobody else reads.
    #[must_use]
    pub fn to_json(&self) -> Plaintext {
        text::write(self)
    }

    /// The keys in the order in which they were added.
    pub fn keys(&self) -> impl Iterator<Item = &RootKey> {
        self.keys.iter()
    }

    /// The key that seals.
    #[must_use]
    pub fn primary(&self) -> Option<&RootKey> {
        self.keys.iter().find(|key| key.status == KeyStatus::Primary)
    }

    /// The key that seals, where there has to be one.
    pub(crate) fn sealer(&self) -> Result<&RootKey> {
        self.primary().ok_or_else(|| {
            let message = "a keyring without a primary key seals nothing";
            Error::new(ErrorKind::NoKeyring, message)
        })
    }

    /// Whether there is a Fernet key to read with what redisimnest wrote.
    #[must_use]
    pub fn reads_fernet(&self) -> bool {
        !self.fernet.is_empty()
    }

    /// Adds a key: the first is primary, others only open until they are promoted, so that every
    /// process can open what is sealed with a key before anyone seals with it.
    ///
    /// # Errors
    ///
    /// [`InvalidKeyring`](ErrorKind::InvalidKeyring) for an id that is there already and for
    /// material of zeros alone.
    pub fn add(&mut self, id: KeyId, material: [u8; 32]) -> Result<()> {
        let is_first = self.keys.is_empty();
        let status = if is_first { KeyStatus::Primary } else { KeyStatus::DecryptOnly };
        self.insert(RootKey { id, status, material: Box::new(Zeroizing::new(material)) })
    }

    /// Adds a key that nobody else has, under an id that no other key here has.
    ///
    /// ```
    /// use nestkey_core::value::{Entropy, KeyStatus, Keyring};
    /// let mut keyring = Keyring::default();
    /// let id = keyring.add_fresh(&Entropy::new([7; 32]))?; // of a cryptographic generator
    /// assert_eq!(keyring.primary().map(|key| key.id()), Some(id));
    /// # Ok::<(), nestkey_core::error::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// None, as long as the entropy is random.
    pub fn add_fresh(&mut self, entropy: &Entropy) -> Result<KeyId> {
        loop {
            let id = KeyId::new(u32::from_be_bytes(entropy.take()));
            let Some(id) = id.filter(|id| self.keys().all(|key| key.id() != *id)) else { continue };
            self.add(id, entropy.take())?;
            return Ok(id);
        }
    }

    /// Makes a key the primary one, a disabled one too; the one before still opens.
    ///
    /// # Errors
    ///
    /// [`InvalidKeyring`](ErrorKind::InvalidKeyring) for an id that is not there.
    pub fn promote(&mut self, id: KeyId) -> Result<()> {
        self.find(id)?;
        for key in &mut self.keys {
            if key.id == id {
                key.status = KeyStatus::Primary;
            } else if key.status == KeyStatus::Primary {
                key.status = KeyStatus::DecryptOnly;
            }
        }
        Ok(())
    }

    /// Disables a key: what it has sealed is refused from now on.
    ///
    /// # Errors
    ///
    /// [`InvalidKeyring`](ErrorKind::InvalidKeyring) for an id that is not there, and for the
    /// primary key.
    pub fn disable(&mut self, id: KeyId) -> Result<()> {
        let key = self.find(id)?;
        if key.status == KeyStatus::Primary {
            return Err(invalid(&format!("the key {id} is primary: promote another one first")));
        }
        key.status = KeyStatus::Disabled;
        Ok(())
    }

    /// Adds a Fernet key, as redisimnest has it in `MY_ENCRYPTION_KEY`: 32 bytes in padded base64.
    ///
    /// # Errors
    ///
    /// [`InvalidKeyring`](ErrorKind::InvalidKeyring) for any other text.
    pub fn add_fernet(&mut self, key: &str) -> Result<()> {
        if self.fernet.len() >= MAX_KEYS {
            return Err(invalid(&format!("more than {MAX_KEYS} Fernet keys")));
        }
        self.fernet.push(fernet::Key::parse(key)?);
        Ok(())
    }

    pub(super) fn fernet(&self) -> &[fernet::Key] {
        &self.fernet
    }

    /// The key that opens what has that id in front.
    pub(super) fn opener(&self, id: KeyId) -> Result<&RootKey> {
        match self.keys.iter().find(|key| key.id == id) {
            Some(key) if key.status == KeyStatus::Disabled => Err(Error::new(
                ErrorKind::KeyDisabled,
                format!("the key {id}, which sealed this secret, is disabled"),
            )),
            Some(key) => Ok(key),
            None => Err(Error::new(
                ErrorKind::UnknownKey,
                format!("the key {id}, which sealed this secret, is not in the keyring"),
            )),
        }
    }

    fn find(&mut self, id: KeyId) -> Result<&mut RootKey> {
        let found = self.keys.iter_mut().find(|key| key.id == id);
        found.ok_or_else(|| invalid(&format!("there is no key {id}")))
    }

    fn insert(&mut self, key: RootKey) -> Result<()> {
        if self.keys.iter().any(|other| other.id == key.id) {
            return Err(invalid(&format!("the key {} stands twice", key.id)));
        }
        if self.keys.len() >= MAX_KEYS {
            return Err(invalid(&format!("more than {MAX_KEYS} keys")));
        }
        if **key.material == [0; 32] {
            return Err(invalid(&format!("the material of the key {} is all zeros", key.id)));
        }
        self.keys.push(key);
        Ok(())
    }
}

impl RootKey {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// What it is good for.
    #[must_use]
    pub const fn status(&self) -> KeyStatus {
        self.status
    }

    /// Four bytes that tell whether two keyrings hold the same material under an id: HKDF-Expand
    /// of it with the info `nestkey/kcv`.
    #[must_use]
    pub fn check(&self) -> [u8; 4] {
        *Prk::of_random(&self.material).expand(&[b"nestkey/kcv"])
    }

    pub(super) fn material(&self) -> &[u8; 32] {
        &self.material
    }
}

impl KeyId {
    /// From a number that is not 0.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for KeyId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let is_hex =
            text.len() == 8 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let number = if is_hex { u32::from_str_radix(text, 16).ok() } else { None };
        number.and_then(Self::new).ok_or_else(|| {
            invalid("wanted the id of a key to be eight lower-case hex digits, and not 0")
        })
    }
}

impl KeyStatus {
    /// The word in keyrings.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::DecryptOnly => "decrypt-only",
            Self::Disabled => "disabled",
            Self::Primary => "primary",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let all = [Self::DecryptOnly, Self::Disabled, Self::Primary];
        all.into_iter().find(|status| status.word() == word)
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let check = u32::from_be_bytes(self.check());
        write!(f, "RootKey({} {}, check {check:08x})", self.id, self.status.word())
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut keyring = f.debug_struct("Keyring");
        keyring.field("keys", &self.keys).field("fernet", &self.fernet.len()).finish()
    }
}

#[cold]
pub(super) fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidKeyring, message)
}

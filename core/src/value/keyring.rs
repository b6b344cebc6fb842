//! The keys that secrets are sealed with.

use alloc::{format, string::String, vec::Vec};
use core::{fmt, num::NonZeroU32, str::FromStr};

use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::{Zeroize, Zeroizing};

use super::{Plaintext, fernet, kdf::Prk};
use crate::{
    error::{Error, ErrorKind, Result},
    json::{self, Node, Value},
};

/// The number of a key, written as eight hex digits; it stands in each secret sealed with it.
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
    material: Zeroizing<[u8; 32]>,
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

impl Keyring {
    /// Reads `{"nestkey_keyring": 1, "keys": [{"id": "7f3a0102", "status": "primary", "material":
    /// "…"}], "fernet": ["…"]}`.
    ///
    /// An id is eight hex digits, a status `primary`, `decrypt-only` or `disabled`, the material 32
    /// bytes in base64url without padding; `fernet` may be left out.
    ///
    /// # Errors
    ///
    /// [`InvalidKeyring`](ErrorKind::InvalidKeyring), naming the key by its id, for what is of
    /// another form, for ids that stand twice or are 0, for material of another length or of
    /// zeros alone, and unless exactly one key is primary.
    pub fn from_json(text: &str) -> Result<Self> {
        let tree = Tree(json::read(text.as_bytes()).map_err(|error| invalid(error.message()))?);
        let mut keyring = Self::default();
        let mut version = None;
        for member in members(&tree.0, "a keyring")? {
            match &member.name[..] {
                "nestkey_keyring" => version = Some(&member.node.value),
                "keys" => {
                    for key in items(&member.node, "keys")? {
                        keyring.insert(RootKey::from_tree(key)?)?;
                    }
                }
                "fernet" => {
                    for key in items(&member.node, "fernet")? {
                        keyring.add_fernet(key.as_str().unwrap_or_default())?;
                    }
                }
                other => return Err(invalid(&format!("a keyring has no `{other}`"))),
            }
        }
        if !matches!(version, Some(Value::Number(text)) if text == "1") {
            return Err(invalid("`nestkey_keyring` is the version of its form: 1"));
        }
        let primaries = keyring.keys.iter().filter(|key| key.status == KeyStatus::Primary).count();
        if primaries != 1 && !keyring.keys.is_empty() {
            let message = format!("one key of a keyring is primary, not {primaries}");
            return Err(invalid(&message));
        }
        Ok(keyring)
    }

    /// The same form, with all its material: for files that nobody else reads.
    #[must_use]
    pub fn to_json(&self) -> Plaintext {
        // Room for all of it: growing would leave copies behind.
        let room = 64 + 128 * self.keys.len() + 64 * self.fernet.len();
        let mut out = String::with_capacity(room);
        out.push_str("{\n  \"nestkey_keyring\": 1,\n  \"keys\": [");
        for (index, key) in self.keys.iter().enumerate() {
            let mut material = Zeroizing::new([0; 43]);
            let material = Base64UrlUnpadded::encode(&*key.material, &mut *material);
            let (comma, status) = (if index == 0 { "" } else { "," }, key.status.word());
            out.push_str(&format!(
                "{comma}\n    {{\"id\": \"{}\", \"status\": \"{status}\", ",
                key.id
            ));
            for part in ["\"material\": \"", material.unwrap_or_default(), "\"}"] {
                out.push_str(part);
            }
        }
        out.push_str(if self.keys.is_empty() { "]" } else { "\n  ]" });
        if !self.fernet.is_empty() {
            out.push_str(",\n  \"fernet\": [");
            for (index, key) in self.fernet.iter().enumerate() {
                for part in [if index == 0 { "" } else { "," }, "\n    \"", &key.to_text(), "\""] {
                    out.push_str(part);
                }
            }
            out.push_str("\n  ]");
        }
        out.push_str("\n}\n");
        Plaintext::new(out.into_bytes())
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
        self.insert(RootKey { id, status, material: Zeroizing::new(material) })
    }

    /// Makes a key the primary one; the one before still opens.
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
        if *key.material == [0; 32] {
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

    fn from_tree(tree: &Node) -> Result<Self> {
        let (mut id, mut status, mut material) = (None, None, None);
        for member in members(tree, "a key of a keyring")? {
            let text = member.node.as_str().unwrap_or_default();
            match &member.name[..] {
                "id" => id = Some(text.parse::<KeyId>()?),
                "status" => status = Some(KeyStatus::parse(text)?),
                "material" => material = Some(text),
                other => return Err(invalid(&format!("a key of a keyring has no `{other}`"))),
            }
        }
        let id = id.ok_or_else(|| invalid("a key of a keyring without an `id`"))?;
        let status = status.ok_or_else(|| invalid(&format!("the key {id} has no `status`")))?;
        let text = material.ok_or_else(|| invalid(&format!("the key {id} has no `material`")))?;
        let mut material = Zeroizing::new([0; 32]);
        let text = text.trim_end_matches('=');
        match Base64UrlUnpadded::decode(text, &mut *material) {
            Ok(bytes) if bytes.len() == 32 => Ok(Self { id, status, material }),
            _ => Err(invalid(&format!("the material of the key {id} is 32 bytes in base64url"))),
        }
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
        let is_hex = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = if is_hex { u32::from_str_radix(text, 16).ok() } else { None };
        number
            .and_then(Self::new)
            .ok_or_else(|| invalid("the id of a key is eight hex digits, and not 0"))
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

    fn parse(word: &str) -> Result<Self> {
        let all = [Self::DecryptOnly, Self::Disabled, Self::Primary];
        all.into_iter().find(|status| status.word() == word).ok_or_else(|| {
            invalid("the status of a key is `primary`, `decrypt-only` or `disabled`")
        })
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

/// The tree of a keyring, whose texts are wiped.
struct Tree(Node);

impl Drop for Tree {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(node: &mut Node) {
    match &mut node.value {
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.iter_mut().for_each(|member| wipe(&mut member.node)),
        Value::String(text) => text.zeroize(),
        _ => {}
    }
}

fn members<'n>(node: &'n Node, what: &str) -> Result<&'n [json::Member]> {
    match &node.value {
        Value::Object(members) => Ok(members),
        _ => Err(invalid(&format!("{what} is an object"))),
    }
}

fn items<'n>(node: &'n Node, name: &str) -> Result<&'n [Node]> {
    match &node.value {
        Value::Array(items) => Ok(items),
        _ => Err(invalid(&format!("`{name}` of a keyring is an array"))),
    }
}

#[cold]
pub(super) fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidKeyring, message)
}

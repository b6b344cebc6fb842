//! Secrets: entries that are encrypted before they leave, each for its own key.

use nestkey_core::{
    call::{Outcome, Rebind, Seal, Verb},
    error::{Error, ErrorKind, Result},
    key::Key,
    types::{Kind, Shape},
    value::{Builder, Form as SecretForm, Plaintext},
};
use zeroize::Zeroize;

use crate::{
    Entry, Namespace, Root,
    call::{Call, op},
    entry::kind,
    outcome::{Lookup, Read, Text, unexpected},
    param::Params,
    value::secret::{Content, Given, IntoSecret, Secret},
};

/// A secret with all its parameters: a text or bytes, encrypted for its key.
///
/// Beside its own calls it has those that [every key](Entry) has. Sealing and opening wants a
/// [keyring](crate::keyring), and what is changed or moved to another key does not open. The
/// examples show the commands of the entry `api_key` of the namespace `user`:
/// `{"kind": "secret", "ttl": "1h"}`.
///
/// ```
/// # use nestkey::{Client, Keyring, Layout, Secret};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
/// # let layout = Layout::from_json(r#"{"namespaces": {"user": {
/// #     "prefix": "user:{user_id:int}", "keys": {"api_key": {"kind": "secret"}}}}}"#)?;
/// # let keyring = Keyring::from_json(r#"{"nestkey_keyring": 1, "keys": [
/// #     {"id": "7f3a0102", "status": "primary", "material": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#)?;
/// let root = Client::connect("memory://").keyring(keyring).await?.bind(&layout);
/// let api_key = root.namespace("user", [1])?.secret("api_key")?;
///
/// api_key.set("sk_live").await?;                          // SET user:1:api_key <secret 118 B>
/// let secret: Option<Secret<String>> = api_key.get().await?; // GET user:1:api_key
/// assert_eq!(secret.unwrap().expose(), "sk_live");
/// # Ok(()) }
/// ```
pub type SecretEntry<'r> = Entry<'r, kind::Secret>;

impl<'r> Namespace<'r> {
    /// A secret in this namespace that has no parameters of its own.
    ///
    /// # Errors
    ///
    /// As [`entry`](Self::entry), and `invalid-call` where the entry is of another kind.
    pub fn secret(&self, name: &str) -> Result<SecretEntry<'r>> {
        self.secret_with(name, ())
    }

    /// A secret in this namespace, with its own parameters.
    ///
    /// # Errors
    ///
    /// As [`secret`](Self::secret).
    pub fn secret_with(&self, name: &str, params: impl Params) -> Result<SecretEntry<'r>> {
        self.entry_with(name, params)?.into_secret()
    }
}

impl Root {
    /// A secret directly below the root that has no parameters of its own.
    ///
    /// # Errors
    ///
    /// As [`entry`](Self::entry), and `invalid-call` where the entry is of another kind.
    pub fn secret(&self, name: &str) -> Result<SecretEntry<'_>> {
        self.secret_with(name, ())
    }

    /// A secret directly below the root, with its own parameters.
    ///
    /// # Errors
    ///
    /// As [`secret`](Self::secret).
    pub fn secret_with(&self, name: &str, params: impl Params) -> Result<SecretEntry<'_>> {
        self.entry_with(name, params)?.into_secret()
    }
}

impl<'r> Entry<'r> {
    /// The same entry as the secret that it is.
    ///
    /// ```
    /// # let layout = nestkey::Layout::from_json(r#"{"keys": {"api_key": {"kind": "secret"}}}"#)?;
    /// # let (client, _) = nestkey::Client::memory();
    /// let root = client.bind(&layout);
    /// assert_eq!(root.at("api_key")?.into_secret()?.key(), "api_key");
    /// # Ok::<(), nestkey::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `invalid-call` where it is of another kind.
    pub fn into_secret(self) -> Result<SecretEntry<'r>> {
        self.of_kind(Kind::Secret)
    }

    /// The same entry as a handle of its kind.
    pub(crate) fn of_kind<K>(self, wanted: Kind) -> Result<Entry<'r, K>> {
        let found = self.root().layout().entry(self.id())?.kind;
        if found == wanted {
            return Ok(Entry::new(self.held(), self.id(), self.into_key()));
        }
        let (wanted, found) = (wanted.name(), found.name());
        let message = format!("a {wanted} was wanted, and the entry is a {found}");
        Err(Error::new(ErrorKind::InvalidCall, message).at_path(self.path()))
    }
}

/// Calls on secrets.
impl SecretEntry<'_> {
    /// The secret; `None` where the key is missing or holds null.
    ///
    /// It is read as a `String`, or as a `Vec<u8>` where the layout says `bytes`.
    ///
    /// ```text
    /// api_key.get::<String>()  // GET root:user:1:api_key
    /// ```
    ///
    /// # Errors
    ///
    /// It fails closed: `unknown-key`, `key-disabled`, `commitment-mismatch`, `auth-failed`,
    /// `malformed-secret`, `not-encrypted` for what cannot be opened with the keyring, `no-keyring`
    /// without one. No error shows any of it.
    pub fn get<T: Content>(&self) -> Call<Option<Secret<T>>> {
        let verb = self.holds::<T>().map(|()| Verb::Get);
        self.maybe(verb, |outcome| looked(outcome).map(Lookup::value))
    }

    /// The secret, told apart from null and from a missing key.
    ///
    /// ```text
    /// api_key.lookup::<String>() // GET root:user:1:api_key
    /// ```
    pub fn lookup<T: Content>(&self) -> Call<Lookup<Secret<T>>> {
        self.maybe(self.holds::<T>().map(|()| Verb::Lookup), looked)
    }

    /// Stores a secret, or null; the answer is whether it was stored, which is no only under a
    /// condition.
    ///
    /// A null is not encrypted: it can be seen that there is nothing.
    ///
    /// ```text
    /// api_key.set("sk_live")                  // SET root:user:1:api_key <secret 118 B> EX 3600
    /// api_key.set("sk_live").if_missing()     // SET … EX 3600 NX
    /// api_key.set(None::<&str>).keep_ttl()    // SET … KEEPTTL
    /// ```
    pub fn set(&self, secret: impl IntoSecret) -> Call<bool, op::Seal> {
        let plaintext = self.admitted(secret.into_secret());
        self.maybe(plaintext.map(|plaintext| Verb::Seal(Seal::new(plaintext))), bool::read)
    }

    /// The stored bytes as they are, encrypted.
    ///
    /// ```text
    /// api_key.raw()            // GET root:user:1:api_key
    /// ```
    pub fn raw(&self) -> Call<Option<Secret<Vec<u8>>>> {
        self.call(Verb::Raw, |outcome| match outcome {
            Outcome::Bytes(bytes) => Ok(Some(Secret::new(bytes))),
            Outcome::Missing => Ok(None),
            _ => Err(unexpected()),
        })
    }

    /// How the secret is stored: sealed with which key of the keyring, as redisimnest encrypted it,
    /// as null, or as plain text. `None` where the key is missing.
    ///
    /// ```text
    /// api_key.key_id()         // GETRANGE root:user:1:api_key 0 37
    /// ```
    pub fn key_id(&self) -> Call<Option<SecretForm>> {
        self.call(Verb::KeyId, |outcome| match outcome {
            Outcome::Form(form) => Ok(Some(form)),
            Outcome::Missing => Ok(None),
            _ => Err(unexpected()),
        })
    }

    /// Seals a secret anew that was renamed or copied here from another key; whether there was one.
    /// Its expiry stays.
    ///
    /// ```text
    /// api_key.rebind("root:old:1:api_key") // GET root:user:1:api_key, EVALSHA … KEEPTTL
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get): `auth-failed` where it was sealed for neither that key.
    pub fn rebind(&self, from: &str) -> Call<bool> {
        self.call(Verb::Rebind(Rebind::new(Key::from(from))), |outcome| match outcome {
            Outcome::Missing => Ok(false),
            other => bool::read(other),
        })
    }

    /// The type of what the secret holds in a layout's words.
    ///
    /// ```text
    /// api_key.value_type()     // GET root:user:1:api_key
    /// ```
    pub fn value_type(&self) -> Call<Option<String>> {
        self.call(Verb::ValueType, Text::read)
    }

    /// Whether the layout lets the secret hold a `T`.
    fn holds<T: Content>(&self) -> Result<()> {
        match (self.is_bytes()?, T::IS_BYTES) {
            (true, false) => Err(mismatch("the secret holds bytes: read it as a `Vec<u8>`")),
            (false, true) => Err(mismatch("the secret holds a text: read it as a `String`")),
            _ => Ok(()),
        }
    }

    /// What is to be stored, held against the layout's type and the caller's own functions.
    fn admitted(&self, given: Given) -> Result<Option<Plaintext>> {
        let plaintext = match (given, self.is_bytes()?) {
            (Given::Null, _) => return Ok(None),
            (Given::Bytes(plaintext), true) | (Given::Text(plaintext), false) => plaintext,
            (Given::Bytes(_), false) => return Err(invalid("wanted string, got bytes")),
            (Given::Text(_), true) => return Err(invalid("wanted bytes, got a string")),
        };
        self.checked(&plaintext)?;
        Ok(Some(plaintext))
    }
}

impl<K> Entry<'_, K> {
    /// Holds what is to be stored against the caller's own functions.
    pub(crate) fn checked(&self, plaintext: &Plaintext) -> Result<()> {
        if !self.root().validates(self.id()) {
            return Ok(());
        }
        let mut builder = Builder::new();
        match std::str::from_utf8(plaintext.expose()) {
            Ok(text) if !self.is_bytes()? => builder.string(text)?,
            _ => builder.bytes(plaintext.expose())?,
        }
        let value = builder.finish()?;
        let checked = self.root().check_value(self.id(), &value);
        value.into_tape().zeroize();
        checked
    }

    fn is_bytes(&self) -> Result<bool> {
        Ok(self.root().layout().entry(self.id())?.ty.shape == Shape::Bytes)
    }
}

fn looked<T: Content>(outcome: Outcome) -> Result<Lookup<Secret<T>>> {
    match outcome {
        Outcome::Secret(Some(plaintext)) => Secret::read(&plaintext).map(Lookup::Value),
        Outcome::Secret(None) => Ok(Lookup::Null),
        Outcome::Missing => Ok(Lookup::Missing),
        _ => Err(unexpected()),
    }
}

#[cold]
fn mismatch(message: &str) -> Error {
    Error::new(ErrorKind::TypeMismatch, message)
}

#[cold]
fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}

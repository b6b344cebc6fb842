//! Passwords: entries that hold a bcrypt hash and never the password.

use nestkey_core::{
    call::{Outcome, Password, SetPassword, Verb, Verdict, Verify},
    error::Result,
    types::Kind,
    value::Plaintext,
};

use crate::{
    Entry, Namespace, Root,
    call::{Call, op},
    entry::kind,
    outcome::{Read, unexpected},
    param::Params,
    value::secret::Secret,
};

/// A password with all its parameters: a key that holds its bcrypt hash.
///
/// Beside its own calls it has those that [every key](Entry) has; none of them gives the password.
/// Hashing takes a quarter of a second on purpose. Awaited it is done on threads of its own, a
/// [bounded number](crate::connect::Connect::hash_threads) at a time; [`wait`](Call::wait) does it
/// on the calling thread. The examples show the commands of the entry `password` of the namespace
/// `user`: `{"kind": "password"}`.
///
/// ```
/// # use nestkey::{Client, Layout, Verdict};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
/// # let layout = Layout::from_json(r#"{"namespaces": {"user": {
/// #     "prefix": "user:{user_id:int}", "keys": {"password": {"kind": "password", "cost": 10}}}}}"#)?;
/// # let root = Client::connect("memory://").await?.bind(&layout);
/// let password = root.namespace("user", [1])?.password("password")?;
/// assert_eq!(password.verify("hunter2").await?, Verdict::Missing);
/// password.set("hunter2").await?;                    // SET user:1:password <secret 92 B>
/// assert!(password.verify("hunter2").await?.is_yes()); // GET user:1:password
/// assert_eq!(password.verify("hunter3").await?, Verdict::No);
/// # Ok(()) }
/// ```
pub type PasswordEntry<'r> = Entry<'r, kind::Password>;

impl<'r> Namespace<'r> {
    /// A password in this namespace that has no parameters of its own.
    ///
    /// # Errors
    ///
    /// As [`entry`](Self::entry), and `invalid-call` where the entry is of another kind.
    pub fn password(&self, name: &str) -> Result<PasswordEntry<'r>> {
        self.password_with(name, ())
    }

    /// A password in this namespace, with its own parameters.
    ///
    /// # Errors
    ///
    /// As [`password`](Self::password).
    pub fn password_with(&self, name: &str, params: impl Params) -> Result<PasswordEntry<'r>> {
        self.entry_with(name, params)?.into_password()
    }
}

impl Root {
    /// A password directly below the root that has no parameters of its own.
    ///
    /// # Errors
    ///
    /// As [`entry`](Self::entry), and `invalid-call` where the entry is of another kind.
    pub fn password(&self, name: &str) -> Result<PasswordEntry<'_>> {
        self.password_with(name, ())
    }

    /// A password directly below the root, with its own parameters.
    ///
    /// # Errors
    ///
    /// As [`password`](Self::password).
    pub fn password_with(&self, name: &str, params: impl Params) -> Result<PasswordEntry<'_>> {
        self.entry_with(name, params)?.into_password()
    }
}

impl<'r> Entry<'r> {
    /// The same entry as the password that it is.
    ///
    /// # Errors
    ///
    /// `invalid-call` where it is of another kind.
    pub fn into_password(self) -> Result<PasswordEntry<'r>> {
        self.of_kind(Kind::Password)
    }
}

/// Calls on passwords.
impl PasswordEntry<'_> {
    /// Stores the hash of a password, made with the layout's cost; the answer is whether it was
    /// stored, which is no only under a condition.
    ///
    /// ```text
    /// password.set("hunter2")              // SET root:user:1:password <secret 92 B>
    /// password.set("hunter2").if_missing() // SET … NX
    /// ```
    ///
    /// # Errors
    ///
    /// `password-too-long` over 72 bytes and `invalid-password` with a NUL byte: what bcrypt would
    /// cut off is refused. `busy` when [too many](crate::connect::Connect::hash_queue) wait to be
    /// hashed; nothing was computed or sent then.
    pub fn set(&self, password: impl AsRef<[u8]>) -> Call<bool, op::Seal> {
        let password = Plaintext::from(password.as_ref());
        let verb = self.checked(&password).map(|()| set(Password::Plain(password)));
        self.maybe(verb, bool::read)
    }

    /// Stores a bcrypt hash that was made elsewhere: `$2a$`, `$2b$` or `$2y$`, up to cost 15.
    ///
    /// ```text
    /// password.set_hash("$2b$12$…")        // SET root:user:1:password <secret 92 B>
    /// ```
    ///
    /// # Errors
    ///
    /// `malformed-hash` and `cost-too-high` for what could not be verified later.
    pub fn set_hash(&self, hash: impl AsRef<[u8]>) -> Call<bool, op::Seal> {
        self.call(set(Password::Hashed(hash.as_ref().into())), bool::read)
    }

    /// Whether a password is the one whose hash is stored, and whether that hash is weaker than the
    /// layout wants it; a missing key takes as long as a wrong password.
    ///
    /// ```text
    /// password.verify("hunter2")           // GET root:user:1:password
    /// password.verify("hunter2").upgrade() // GET …, and EVALSHA … where the hash is outdated
    /// ```
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set) for passwords that cannot be right; `malformed-hash` and
    /// `cost-too-high` for what is stored. None shows a password or a hash.
    pub fn verify(&self, password: impl AsRef<[u8]>) -> Call<Verdict, op::Verify> {
        let verify = Verify::new(password.as_ref().into());
        self.call(Verb::Verify(verify), |outcome| match outcome {
            Outcome::Verdict(verdict) => Ok(verdict),
            _ => Err(unexpected()),
        })
    }

    /// The stored hash, if there is one: for those who move it elsewhere.
    ///
    /// ```text
    /// password.reveal()                    // GET root:user:1:password
    /// ```
    pub fn reveal(&self) -> Call<Option<Secret<String>>> {
        self.call(Verb::Reveal, |outcome| match outcome {
            Outcome::Secret(hash) => hash.as_ref().map(Secret::read).transpose(),
            Outcome::Missing => Ok(None),
            _ => Err(unexpected()),
        })
    }
}

/// Options of [`PasswordEntry::verify`].
impl<T> Call<T, op::Verify> {
    /// Replaces the hash of a right password where the layout wants a stronger one, unless somebody
    /// stored another meanwhile; the expiry stays. What keeps it from being replaced is a
    /// [warning](crate::trace) and no error.
    pub fn upgrade(self) -> Self {
        self.option(|verb| {
            if let Verb::Verify(verify) = verb {
                verify.upgrade = true;
            }
        })
    }
}

fn set(password: Password) -> Verb {
    Verb::SetPassword(SetPassword::new(password))
}

//! Secrets in the clear, which are never shown and leave nothing behind.

use std::fmt;

use nestkey_core::{
    error::{Effect, Error, ErrorKind, Result},
    value::Plaintext,
};
use zeroize::Zeroize;

/// A secret in the clear: a `String`, or a `Vec<u8>` where the layout says `bytes`.
///
/// Neither `Display` nor `Serialize`, `Debug` is `<secret>`, and its bytes are overwritten when it
/// is dropped. What is made of the exposed text is the caller's to look after.
///
/// ```
/// use nestkey::Secret;
/// let token = Secret::new(String::from("sk_live"));
/// assert_eq!(token.expose(), "sk_live");
/// assert_eq!(format!("{token:?}"), "<secret>");
/// ```
///
/// ```compile_fail
/// let token = nestkey::Secret::new(String::from("sk_live"));
/// println!("{token}");
/// ```
///
/// ```compile_fail
/// let token = nestkey::Secret::new(String::from("sk_live"));
/// serde_json::to_string(&token).unwrap();
/// ```
#[derive(Clone)]
pub struct Secret<T: Content>(T);

/// What a secret may hold: `String` and `Vec<u8>`.
#[diagnostic::on_unimplemented(
    message = "a secret is not read as `{Self}`",
    label = "a `String`, or a `Vec<u8>` where the layout says `bytes`"
)]
pub trait Content: content::Sealed {}

impl Content for String {}
impl Content for Vec<u8> {}

pub(crate) mod content {
    use super::{Plaintext, Result};

    /// What is asked of the types that a secret may hold.
    pub trait Sealed: Clone + Default {
        /// Whether a layout calls it `bytes`.
        const IS_BYTES: bool;
        fn wipe(&mut self);
        fn into_plaintext(self) -> Plaintext;
        fn from_plaintext(plaintext: &Plaintext) -> Result<Self>;
    }
}

impl content::Sealed for String {
    const IS_BYTES: bool = false;

    fn wipe(&mut self) {
        self.zeroize();
    }

    fn into_plaintext(self) -> Plaintext {
        Plaintext::new(self.into_bytes())
    }

    fn from_plaintext(plaintext: &Plaintext) -> Result<Self> {
        std::str::from_utf8(plaintext.expose()).map(str::to_owned).map_err(|_| {
            let message = "wanted a text, found a secret that holds bytes";
            Error::new(ErrorKind::TypeMismatch, message).effect(Effect::Rejected)
        })
    }
}

impl content::Sealed for Vec<u8> {
    const IS_BYTES: bool = true;

    fn wipe(&mut self) {
        self.zeroize();
    }

    fn into_plaintext(self) -> Plaintext {
        Plaintext::new(self)
    }

    fn from_plaintext(plaintext: &Plaintext) -> Result<Self> {
        Ok(plaintext.expose().to_vec())
    }
}

impl<T: Content> Secret<T> {
    /// Takes over what must not be seen.
    pub const fn new(content: T) -> Self {
        Self(content)
    }

    /// The text or bytes, for those who must see them.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The text or bytes, which are no longer looked after.
    #[must_use]
    pub fn into_exposed(mut self) -> T {
        std::mem::take(&mut self.0)
    }

    pub(crate) fn read(plaintext: &Plaintext) -> Result<Self> {
        T::from_plaintext(plaintext).map(Self)
    }
}

impl<T: Content> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

/// Shows nothing, not even a length.
impl<T: Content> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// What can be stored as a secret: texts, bytes, a [`Secret`] of either, and null as `None` or `()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept as a secret",
    label = "a secret holds a text, bytes, or null"
)]
pub trait IntoSecret {
    #[doc(hidden)]
    fn into_secret(self) -> Given;
}

/// What is to be stored.
#[doc(hidden)]
#[derive(Debug)]
pub enum Given {
    /// Bytes, where the layout says `bytes`.
    Bytes(Plaintext),
    /// Null.
    Null,
    /// A text.
    Text(Plaintext),
}

fn given<T: Content>(content: T) -> Given {
    let is_bytes = T::IS_BYTES;
    let plaintext = content.into_plaintext();
    if is_bytes { Given::Bytes(plaintext) } else { Given::Text(plaintext) }
}

impl IntoSecret for String {
    fn into_secret(self) -> Given {
        given(self)
    }
}

impl IntoSecret for &String {
    fn into_secret(self) -> Given {
        self[..].into_secret()
    }
}

impl IntoSecret for Vec<u8> {
    fn into_secret(self) -> Given {
        given(self)
    }
}

impl IntoSecret for &Vec<u8> {
    fn into_secret(self) -> Given {
        self[..].into_secret()
    }
}

impl<T: Content> IntoSecret for Secret<T> {
    fn into_secret(self) -> Given {
        given(self.into_exposed())
    }
}

impl<T: Content> IntoSecret for &Secret<T> {
    fn into_secret(self) -> Given {
        given(self.0.clone())
    }
}

impl IntoSecret for &str {
    fn into_secret(self) -> Given {
        Given::Text(self.into())
    }
}

impl IntoSecret for &[u8] {
    fn into_secret(self) -> Given {
        Given::Bytes(self.into())
    }
}

impl<const N: usize> IntoSecret for &[u8; N] {
    fn into_secret(self) -> Given {
        self[..].into_secret()
    }
}

impl<S: IntoSecret> IntoSecret for Option<S> {
    fn into_secret(self) -> Given {
        self.map_or(Given::Null, S::into_secret)
    }
}

impl IntoSecret for () {
    fn into_secret(self) -> Given {
        Given::Null
    }
}

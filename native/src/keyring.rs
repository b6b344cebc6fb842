//! Where the keys come from that secrets are sealed with: the environment, a file, or the program.
//!
//! A [`Keyring`] is given to [`Client::connect`](crate::Client::connect), or to any
//! [`Client`](crate::Client::keyring); [`Client::from_env`](crate::Client::from_env) finds its own.
//!
//! ```
//! use nestkey::{Client, Keyring};
//!
//! let keyring = Keyring::from_json(r#"{
//!     "nestkey_keyring": 1,
//!     "keys": [{"id": "7f3a0102", "status": "primary", "material": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]
//! }"#)?;
//! let (client, _) = Client::memory();
//! let client = client.keyring(keyring);
//! # Ok::<(), nestkey::Error>(())
//! ```

use std::{env, ffi::OsString, fs, io, path::Path};

pub use nestkey_core::value::{KeyId, KeyStatus, Keyring, RootKey};
use nestkey_core::{
    error::{Error, ErrorKind, Result},
    value::Plaintext,
};

/// Reads a keyring from a file.
///
/// The file holds what [`Keyring::from_json`] reads. It should be readable by the service alone.
///
/// # Errors
///
/// `invalid-keyring` for a file that cannot be read or holds no usable keyring; no error shows any
/// of it.
///
/// ```no_run
/// let keyring = nestkey::keyring::load("/run/secrets/keyring.json")?;
/// # Ok::<(), nestkey::Error>(())
/// ```
pub fn load(path: impl AsRef<Path>) -> Result<Keyring> {
    let path = path.as_ref();
    read(path).map_err(|error| {
        let message = format!("the keyring {} cannot be read: {error}", path.display());
        Error::new(ErrorKind::InvalidKeyring, message)
    })?
}

/// Reads the keyring that the environment names.
///
/// `NESTKEY_KEYRING` is the keyring as JSON, or the path of a file that holds it.
/// `MY_ENCRYPTION_KEY` is the Fernet key of redisimnest, with or without a keyring: what it
/// encrypted is read with it, and nothing is sealed. An empty variable counts as one that is not
/// set.
///
/// # Errors
///
/// `no-keyring` where neither is set, `invalid-keyring` that names the variable. No error shows what
/// stands in one.
pub fn from_env() -> Result<Keyring> {
    found()?.ok_or_else(|| {
        let message = "no keyring: set NESTKEY_KEYRING to its JSON or to the path of a file";
        Error::new(ErrorKind::NoKeyring, message)
    })
}

/// The same, where none is no error.
pub(crate) fn found() -> Result<Option<Keyring>> {
    of(|name| env::var_os(name))
}

fn of(var: impl Fn(&str) -> Option<OsString>) -> Result<Option<Keyring>> {
    let set = |name: &str| var(name).filter(|value| !value.is_empty());
    let keyring =
        set("NESTKEY_KEYRING").map(|value| named("NESTKEY_KEYRING", value)).transpose()?;
    let Some(fernet) = set("MY_ENCRYPTION_KEY") else { return Ok(keyring) };
    let mut keyring = keyring.unwrap_or_default();
    let fernet = fernet.to_str().map(Plaintext::from);
    let fernet = fernet.as_ref().and_then(|key| std::str::from_utf8(key.expose()).ok());
    let added = fernet.map_or_else(|| Err(invalid("not UTF-8")), |key| keyring.add_fernet(key));
    added.map_err(|error| of_variable("MY_ENCRYPTION_KEY", &error))?;
    Ok(Some(keyring))
}

/// The keyring that a variable holds or names. A path is shown where something is there: anything
/// else may be a key that was put there by mistake.
fn named(name: &str, value: OsString) -> Result<Keyring> {
    let is_json = value.to_str().is_some_and(|text| text.trim_start().starts_with('{'));
    if is_json {
        let keyring = parse(&Plaintext::new(value.into_encoded_bytes()));
        return keyring.map_err(|error| of_variable(name, &error));
    }
    let path = Path::new(&value);
    let keyring = read(path).unwrap_or_else(|error| {
        Err(invalid(&format!("neither JSON nor the path of a file that can be read: {error}")))
    });
    keyring.map_err(|error| match path.exists() {
        true => of_variable(&format!("{name} ({})", path.display()), &error),
        false => of_variable(name, &error),
    })
}

fn read(path: &Path) -> io::Result<Result<Keyring>> {
    Ok(parse(&Plaintext::new(fs::read(path)?)))
}

fn parse(text: &Plaintext) -> Result<Keyring> {
    let text = std::str::from_utf8(text.expose()).map_err(|_| invalid("not UTF-8"))?;
    Keyring::from_json(text)
}

#[cold]
fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidKeyring, message)
}

#[cold]
fn of_variable(name: &str, error: &Error) -> Error {
    Error::new(error.kind(), format!("{name}: {}", error.message()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYRING: &str = r#"{"nestkey_keyring": 1, "keys": [{"id": "7f3a0102", "status": "primary",
        "material": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#;
    const FERNET: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";

    fn with(vars: &[(&str, &str)]) -> Result<Option<Keyring>> {
        of(|name| {
            let found = vars.iter().find(|(given, _)| *given == name);
            found.map(|(_, value)| (*value).into())
        })
    }

    #[test]
    fn a_keyring_stands_in_the_variable_or_in_a_file() {
        assert!(with(&[]).unwrap().is_none());
        assert!(with(&[("NESTKEY_KEYRING", "")]).unwrap().is_none());
        let file = env::temp_dir().join(format!("nestkey-keyring-{}.json", std::process::id()));
        fs::write(&file, KEYRING).unwrap();
        for value in [KEYRING, file.to_str().unwrap()] {
            let keyring = with(&[("NESTKEY_KEYRING", value)]).unwrap().unwrap();
            assert_eq!(keyring.primary().unwrap().id().get(), 0x7f3a_0102);
            assert!(!keyring.reads_fernet());
        }
        assert_eq!(load(&file).unwrap().primary().unwrap().id().get(), 0x7f3a_0102);
        fs::remove_file(&file).unwrap();
        let error = load(&file).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidKeyring);
        assert!(error.message().contains("nestkey-keyring-"), "{error}");
    }

    #[test]
    fn the_key_of_redisimnest_reads_and_does_not_seal() {
        let keyring = with(&[("MY_ENCRYPTION_KEY", FERNET)]).unwrap().unwrap();
        assert!(keyring.reads_fernet() && keyring.primary().is_none());
        let both = [("NESTKEY_KEYRING", KEYRING), ("MY_ENCRYPTION_KEY", FERNET)];
        let keyring = with(&both).unwrap().unwrap();
        assert!(keyring.reads_fernet() && keyring.primary().is_some());
    }

    #[test]
    fn a_file_that_a_variable_names_is_named_where_there_is_one() {
        let file = env::temp_dir().join(format!("nestkey-broken-{}.json", std::process::id()));
        fs::write(&file, "{hunter2").unwrap();
        for path in [&file, &env::temp_dir()] {
            let path = path.to_str().unwrap();
            let error = with(&[("NESTKEY_KEYRING", path)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidKeyring, "{error}");
            assert!(error.message().starts_with(&format!("NESTKEY_KEYRING ({path}): ")), "{error}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        fs::remove_file(&file).unwrap();
    }

    #[test]
    fn a_variable_that_makes_no_sense_is_named_and_not_shown() {
        for (name, value) in [
            ("NESTKEY_KEYRING", "hunter2hunter2"),
            ("NESTKEY_KEYRING", r#"{"nestkey_keyring": 1, "keys": "hunter2"}"#),
            ("NESTKEY_KEYRING", "{hunter2"),
            ("MY_ENCRYPTION_KEY", "hunter2"),
        ] {
            let error = with(&[(name, value)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidKeyring, "{error}");
            let error = format!("{error} {error:?}");
            assert!(error.contains(name) && !error.contains("hunter2"), "{error}");
        }
    }
}

//! The keys of secrets: where a command line has them from.

use std::{env, fs, path::Path};

use nestkey::core::{
    error::{Error, ErrorKind},
    value::{Keyring, Plaintext},
};

use crate::{
    args::Global,
    failure::{Failure, Result},
};

/// JSON, or a file's path.
const KEYRING: &str = "NESTKEY_KEYRING";
/// A Fernet key, as redisimnest wants it.
const FERNET: &str = "MY_ENCRYPTION_KEY";

/// The keyring of `--keyring` or of the variables, if there is one.
pub(crate) fn given(global: &Global) -> Result<Option<Keyring>> {
    let keyring = match (&global.keyring, variable(KEYRING)) {
        (Some(file), _) => Some(load(file)?),
        (None, Some(json)) if json.trim_start().starts_with('{') => {
            Some(Keyring::from_json(&json).map_err(|error| named(KEYRING, &error))?)
        }
        (None, Some(file)) => Some(load(Path::new(&file))?),
        (None, None) => None,
    };
    let Some(fernet) = variable(FERNET) else { return Ok(keyring) };
    let mut keyring = keyring.unwrap_or_default();
    keyring.add_fernet(&fernet).map_err(|error| named(FERNET, &error))?;
    Ok(Some(keyring))
}

/// Reads a keyring's file, and warns of one that others can read.
pub(crate) fn load(file: &Path) -> Result<Keyring> {
    let name = file.display().to_string();
    let bytes = fs::read(file).map_err(|error| Failure::Io { name: name.clone(), error })?;
    // Wiped when this ends.
    let bytes = Plaintext::new(bytes);
    warn_of_readers(file);
    let text = str::from_utf8(bytes.expose()).map_err(|_| {
        let message = format!("{name}: a keyring is JSON, this is not even text");
        Error::new(ErrorKind::InvalidKeyring, message)
    })?;
    Keyring::from_json(text).map_err(|error| named(&name, &error))
}

/// A variable that is set to something.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Says where the keyring is that is refused.
fn named(name: &str, error: &Error) -> Failure {
    Error::new(error.kind(), format!("{name}: {}", error.message())).into()
}

#[cfg(unix)]
fn warn_of_readers(file: &Path) {
    use std::os::unix::fs::PermissionsExt;

    let mode = fs::metadata(file).map_or(0, |metadata| metadata.permissions().mode());
    if mode & 0o077 != 0 {
        let name = file.display();
        eprintln!("nestkey: {name}: others than its owner have access to it: chmod 600 {name}");
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &Path) {}

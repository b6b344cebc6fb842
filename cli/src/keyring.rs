//! The keys of secrets: where a command line has them from.

use std::{env, fs, path::Path};

use nestkey::{
    core::{
        error::{Error, ErrorKind},
        value::{Keyring, Plaintext},
    },
    keyring,
};

use crate::{
    args::Global,
    failure::{Failure, Result},
};

/// A Fernet key, as redisimnest wants it.
const FERNET: &str = "MY_ENCRYPTION_KEY";

/// The keyring of `--keyring` or of the variables, if there is one.
pub(crate) fn given(global: &Global) -> Result<Option<Keyring>> {
    let Some(file) = &global.keyring else { return of_variables() };
    let mut keyring = load(file)?;
    if let Some(fernet) = env::var_os(FERNET).filter(|fernet| !fernet.is_empty()) {
        let not_text = || Error::new(ErrorKind::InvalidKeyring, "not UTF-8");
        let added = fernet.to_str().ok_or_else(not_text).and_then(|key| keyring.add_fernet(key));
        added.map_err(|error| named(FERNET, &error))?;
    }
    Ok(Some(keyring))
}

fn of_variables() -> Result<Option<Keyring>> {
    if let Some(file) = env::var_os("NESTKEY_KEYRING") {
        // JSON is no file's name.
        warn_of_readers(file.as_ref());
    }
    match keyring::from_env() {
        Err(error) if error.kind() == ErrorKind::NoKeyring => Ok(None),
        found => Ok(Some(found?)),
    }
}

/// An error in the words of the command line, where it has no keyring.
pub(crate) fn wanted(error: Error, keyring: Option<&Keyring>) -> Error {
    match (keyring, error.kind()) {
        (None, ErrorKind::NoKeyring) => {
            Error::new(ErrorKind::NoKeyring, WANTED).at_path(error.path())
        }
        _ => error,
    }
}

const WANTED: &str = "a secret wants a keyring: --keyring FILE, or NESTKEY_KEYRING";

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

/// Says where the keyring is that is refused.
fn named(name: &str, error: &Error) -> Failure {
    Error::new(error.kind(), format!("{name}: {}", error.message())).into()
}

#[cfg(unix)]
fn warn_of_readers(file: &Path) {
    use std::os::unix::fs::PermissionsExt;

    use crate::output::say;

    let mode = fs::metadata(file).map_or(0, |metadata| metadata.permissions().mode());
    if mode & 0o077 != 0 {
        let name = file.display();
        say(format_args!(
            "nestkey: {name}: others than its owner have access to it: chmod 600 {name}"
        ));
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &Path) {}

use super::reader::{Reader, broken, read_texts};
use crate::{error::Result, plan::Job, value::Keyring};

/// Reads a job that hashes or verifies a password.
///
/// # Errors
///
/// A frame that is cut off, or a job of another form.
pub fn read_job(frame: &[u8]) -> Result<Job> {
    let mut reader = Reader::new(frame);
    match reader.u8()? {
        1 => {
            let password = reader.bytes()?.into();
            Ok(Job::Hash { password, cost: reader.u8()?, salt: reader.chunk()? })
        }
        2 => Ok(Job::Verify { password: reader.bytes()?.into(), hash: reader.bytes()?.into() }),
        _ => Err(broken()),
    }
}

/// Reads a keyring, to which a Fernet key of redisimnest may be added.
///
/// # Errors
///
/// A frame that is cut off, and what makes a keyring unusable.
pub fn read_keyring(frame: &[u8]) -> Result<Keyring> {
    let (text, fernet) = read_texts(frame)?;
    let mut keyring = if text.is_empty() { Keyring::default() } else { Keyring::from_json(text)? };
    if !fernet.is_empty() {
        keyring.add_fernet(fernet)?;
    }
    Ok(keyring)
}

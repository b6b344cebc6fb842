//! The environment's word on where the server is, and on the keyring.

use std::{env, ffi::OsString};

use nestkey_core::error::{Error, ErrorKind, Result};

use crate::{Client, connect::Connect, keyring};

impl Client {
    /// Connects to where the environment says, when it is awaited or `.wait()`ed for.
    ///
    /// `REDIS_URL` is a URL as [`connect`](Self::connect) takes it. Without it `REDIS_HOST`
    /// (`localhost` unless set), `REDIS_PORT` (6379), `REDIS_USERNAME` and `REDIS_PASS` say where
    /// the server is, as redisimnest has them. `NESTKEY_KEYRING` and `MY_ENCRYPTION_KEY` are the
    /// keyring, as [`keyring::from_env`] reads it. An empty variable counts
    /// as one that is not set. No file is read but the keyring's, and nothing is run.
    ///
    /// # Errors
    ///
    /// When it is awaited: `invalid-url` or `invalid-keyring` that names the variable, and the errors
    /// of [`connect`](Self::connect). None shows what stands in a variable.
    ///
    /// ```no_run
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// let client = nestkey::Client::from_env().prefix("staging").await?;
    /// # drop(client); Ok(()) }
    /// ```
    pub fn from_env() -> Connect {
        match url(|name| env::var_os(name)) {
            Ok(url) => Connect::new(&url).found_keyring(keyring::found()),
            Err(error) => Connect::failed(error),
        }
    }
}

/// The URL that some variables make up.
fn url(var: impl Fn(&str) -> Option<OsString>) -> Result<String> {
    let text = |name: &str| match var(name).filter(|value| !value.is_empty()) {
        Some(value) => match value.into_string() {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(wrong(&format!("{name} is not UTF-8"))),
        },
        None => Ok(None),
    };
    if let Some(url) = text("REDIS_URL")? {
        return Ok(url);
    }
    let host = text("REDIS_HOST")?.unwrap_or_else(|| String::from("localhost"));
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte)) {
        return Err(wrong("REDIS_HOST is a name or an address alone; a URL goes into REDIS_URL"));
    }
    let port = match text("REDIS_PORT")? {
        Some(port) => port
            .parse::<u16>()
            .ok()
            .filter(|port| *port > 0)
            .ok_or_else(|| wrong("REDIS_PORT is a number from 1 to 65535"))?,
        None => 6379,
    };
    let user = match (text("REDIS_USERNAME")?, text("REDIS_PASS")?) {
        (None, None) => String::new(),
        (user, Some(password)) => {
            format!("{}:{}@", escaped(&user.unwrap_or_default()), escaped(&password))
        }
        (Some(_), None) => return Err(wrong("REDIS_USERNAME is set, and REDIS_PASS is not")),
    };
    // An address with colons stands in brackets.
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    Ok(format!("redis://{user}{host}:{port}"))
}

/// A text with everything percent-encoded that could mean something in a URL.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

#[cold]
fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::InvalidUrl, message)
}

#[cfg(test)]
mod tests {
    use super::url;

    fn of(vars: &[(&str, &str)]) -> Result<String, String> {
        let var = |name: &str| {
            let found = vars.iter().find(|(given, _)| *given == name);
            found.map(|(_, value)| (*value).into())
        };
        url(var).map_err(|error| error.to_string())
    }

    #[test]
    fn variables_of_redisimnest_make_a_url() {
        for (vars, expected) in [
            (&[][..], "redis://localhost:6379"),
            (&[("REDIS_HOST", "cache"), ("REDIS_PORT", "7000")], "redis://cache:7000"),
            (&[("REDIS_HOST", "::1"), ("REDIS_PORT", "")], "redis://[::1]:6379"),
            (&[("REDIS_PASS", "p@ss:/ä")], "redis://:p%40ss%3A%2F%C3%A4@localhost:6379"),
            (&[("REDIS_USERNAME", "ada"), ("REDIS_PASS", "x")], "redis://ada:x@localhost:6379"),
            (&[("REDIS_URL", "memory://shop"), ("REDIS_PORT", "x")], "memory://shop"),
        ] {
            assert_eq!(of(vars).as_deref(), Ok(expected), "{vars:?}");
        }
    }

    #[test]
    fn a_variable_that_makes_no_sense_is_named_and_not_shown() {
        for (name, value) in [
            ("REDIS_PORT", "hunter2"),
            ("REDIS_PORT", "0"),
            ("REDIS_PORT", "65536"),
            ("REDIS_HOST", "redis://hunter2@cache"),
            ("REDIS_USERNAME", "hunter2"),
        ] {
            let error = of(&[(name, value)]).unwrap_err();
            assert!(error.contains(name) && !error.contains("hunter2"), "{error}");
        }
    }
}

//! How long keys live: the policy of a layout and what a call may say instead.

use alloc::{format, string::String};
use core::fmt;

use crate::{
    command::CommandWriter,
    error::{self, Error, ErrorKind},
    steps,
};

/// A declared time to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ttl {
    /// That many milliseconds.
    For(u64),
    /// For ever: it stops what the parents declare.
    Persist,
}

/// When a declared time to live starts again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Renew {
    /// At each read and write.
    Access,
    /// Never: it is set when the key is created.
    Never,
    /// At each write.
    #[default]
    Write,
}

/// The longest time to live, in milliseconds: about 285,000 years, exact in every language.
pub const MAX_MS: u64 = 1 << 53;

impl Ttl {
    /// Reads `"500ms"`, `"80s"`, `"2m"`, `"12h"`, `"7d"` or `"persist"`; a bare number is seconds.
    ///
    /// # Errors
    ///
    /// A sentence that says what is wrong with the text.
    ///
    /// ```
    /// use nestkey_core::ttl::Ttl;
    /// assert_eq!(Ttl::parse("2m"), Ok(Ttl::For(120_000)));
    /// assert_eq!(Ttl::parse("persist"), Ok(Ttl::Persist));
    /// assert_eq!(Ttl::For(120_000).to_string(), "2m");
    /// assert!(Ttl::parse("0s").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "persist" {
            return Ok(Self::Persist);
        }
        steps::count(1 + text.len());
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
        let factor = if unit.is_empty() { Some(1_000) } else { factor };
        let milliseconds =
            factor.and_then(|factor| number.parse::<u64>().ok()?.checked_mul(factor));
        match milliseconds {
            Some(0) => Err(String::from("a ttl of zero: the key would be gone at once")),
            Some(ms) if ms <= MAX_MS => Ok(Self::For(ms)),
            Some(_) => Err(format!("the ttl `{text}` is longer than {MAX_MS} ms")),
            None => Err(format!(
                "a ttl is seconds, a duration such as 500ms, 80s, 2m, 12h, 7d, or persist, not `{text}`"
            )),
        }
    }
}

/// Longest first, so that a duration is shown in the largest unit that divides it.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl fmt::Display for Ttl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::For(ms) = *self else { return f.write_str("persist") };
        let (unit, factor) = UNITS
            .iter()
            .copied()
            .find(|(_, factor)| ms.is_multiple_of(*factor))
            .unwrap_or(("ms", 1));
        write!(f, "{}{unit}", ms / factor)
    }
}

impl Renew {
    /// Every policy.
    pub const ALL: &'static [Self] = &[Self::Access, Self::Never, Self::Write];

    /// The name in layout files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Never => "never",
            Self::Write => "write",
        }
    }

    /// The policy of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|renew| renew.name() == name)
    }
}

/// What a write does to the expiry of its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expiry {
    /// Expires at that Unix time in milliseconds.
    At(u64),
    /// Expires after that many milliseconds.
    In(u64),
    /// Stays as it is.
    Keep,
    /// The key lives for ever.
    Persist,
    /// What the layout declares.
    #[default]
    Policy,
}

impl Expiry {
    /// The name of the option that says it, as Rust and the layout's errors spell it; the layout's
    /// own has none.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::At(_) => "expire_at",
            Self::In(_) => "ttl",
            Self::Keep => "keep_ttl",
            Self::Persist => "persist",
            Self::Policy => "expire_policy",
        }
    }

    /// Refuses what no value outlives: times that a server refuses, or at which it would be gone.
    pub(crate) fn check_of_value(self) -> error::Result<()> {
        match self {
            Self::At(0) => Err(refused("an expiry at the beginning of 1970: it begins 1 ms later")),
            Self::In(0) => Err(refused("a ttl of zero: the value would be gone at once")),
            other => other.check(),
        }
    }

    /// Refuses times that are further away than a server or a language counts.
    pub(crate) fn check(self) -> error::Result<()> {
        match self {
            Self::At(ms) | Self::In(ms) if ms > MAX_MS => {
                Err(refused(&format!("an expiry is {MAX_MS} ms away at most")))
            }
            Self::At(_) | Self::In(_) | Self::Keep | Self::Persist | Self::Policy => Ok(()),
        }
    }
}

#[cold]
fn refused(message: &str) -> Error {
    Error::new(ErrorKind::InvalidCall, message)
}

/// Whole seconds travel in seconds, others in milliseconds.
#[must_use]
pub(crate) fn in_units(ms: u64) -> (bool, i64) {
    if ms.is_multiple_of(1_000) { (true, (ms / 1_000) as i64) } else { (false, ms as i64) }
}

/// Appends the expiry option of `SET` or `GETEX`: `EX 120`, `PX 500`, `EXAT …`, `PXAT …`.
pub(crate) fn write_option(writer: CommandWriter<'_>, at: bool, ms: u64) -> CommandWriter<'_> {
    let (whole, number) = in_units(ms);
    let option: &[u8] = match (at, whole) {
        (false, true) => b"EX",
        (false, false) => b"PX",
        (true, true) => b"EXAT",
        (true, false) => b"PXAT",
    };
    writer.arg(option).int(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_shown_in_their_largest_unit() {
        for (text, ms, shown) in [
            ("500ms", 500, "500ms"),
            ("80s", 80_000, "80s"),
            ("80", 80_000, "80s"),
            ("120s", 120_000, "2m"),
            ("12h", 43_200_000, "12h"),
            ("7d", 604_800_000, "7d"),
        ] {
            assert_eq!(Ttl::parse(text), Ok(Ttl::For(ms)), "{text}");
            assert_eq!(alloc::string::ToString::to_string(&Ttl::For(ms)), shown);
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in
            ["", "s", "1.5s", "-1", "0", "1 s", "1w", "99999999999999999999", "9007199254741s"]
        {
            assert!(Ttl::parse(text).is_err(), "{text}");
        }
    }
}

use std::{fmt, str::FromStr};

use nestkey_core::{
    error::{Error, ErrorKind},
    value::uuid,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::token;

/// A UUID, as its lowercase hyphenated text.
///
/// Other crates' UUIDs that go through serde as text are taken wherever the type `uuid` is declared;
/// the feature `uuid` converts those of the crate of that name, and takes them as parameters.
///
/// ```
/// use nestkey::value::Uuid;
/// let id: Uuid = "ABCDEFAB-1234-5678-1234-567812345678".parse()?;
/// assert_eq!(id.to_string(), "abcdefab-1234-5678-1234-567812345678");
/// assert_eq!(Uuid::from(id.to_bytes()), id);
/// # Ok::<(), nestkey::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uuid {
    text: [u8; 36],
}

/// Where the hyphens stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

impl Uuid {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only hex digits and hyphens get in.
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// The 16 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 16] {
        let digits = self.text.iter().filter_map(|digit| char::from(*digit).to_digit(16));
        let mut digits = digits.map(|digit| digit as u8);
        std::array::from_fn(|_| {
            let (high, low) = (digits.next(), digits.next());
            high.unwrap_or_default() << 4 | low.unwrap_or_default()
        })
    }
}

impl From<[u8; 16]> for Uuid {
    fn from(bytes: [u8; 16]) -> Self {
        let mut digits = bytes.into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let text = std::array::from_fn(|at| {
            if HYPHENS.contains(&at) {
                return b'-';
            }
            match digits.next().unwrap_or_default() {
                digit @ 0..=9 => b'0' + digit,
                digit => b'a' - 10 + digit,
            }
        });
        Self { text }
    }
}

impl FromStr for Uuid {
    type Err = Error;

    /// Reads a hyphenated UUID in either case.
    fn from_str(text: &str) -> Result<Self, Error> {
        let uuid = uuid::parse(text).map_err(|why| Error::new(ErrorKind::InvalidValue, why))?;
        let mut text = [b'-'; 36];
        for (place, byte) in text.iter_mut().zip(uuid.as_str().bytes()) {
            *place = byte;
        }
        Ok(Self { text })
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Uuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(token::UUID, self.as_str())
    }
}

impl<'de> Deserialize<'de> for Uuid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        token::text(deserializer, token::UUID, "a uuid", str::parse)
    }
}

//! UUIDs as text.

/// A UUID in its canonical text: lowercase, hyphenated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uuid {
    text: [u8; 36],
}

impl Uuid {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only hex digits and hyphens get in.
        core::str::from_utf8(&self.text).unwrap_or_default()
    }
}

/// Reads a hyphenated UUID in either case.
///
/// # Errors
///
/// A sentence about the wanted form; braces, `urn:uuid:` and texts without hyphens are refused.
///
/// ```
/// use nestkey_core::value::uuid;
/// let uuid = uuid::parse("ABCDEFAB-1234-5678-1234-567812345678").unwrap();
/// assert_eq!(uuid.as_str(), "abcdefab-1234-5678-1234-567812345678");
/// assert!(uuid::parse("{abcdefab-1234-5678-1234-567812345678}").is_err());
/// ```
pub fn parse(text: &str) -> Result<Uuid, &'static str> {
    const WANTED: &str =
        "a UUID is written as 8, 4, 4, 4 and 12 hex digits with hyphens between them";
    let mut uuid = Uuid { text: text.as_bytes().try_into().map_err(|_| WANTED)? };
    for (index, byte) in uuid.text.iter_mut().enumerate() {
        let is_wanted = match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        };
        if !is_wanted {
            return Err(WANTED);
        }
        byte.make_ascii_lowercase();
    }
    Ok(uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_spellings_are_refused() {
        for bad in [
            "",
            "abcdefab123456781234567812345678",
            "urn:uuid:abcdefab-1234-5678-1234-567812345678",
            "abcdefab-1234-5678-1234-56781234567g",
            "abcdefab-1234-5678-12345-67812345678",
            "abcdefab-1234-5678-1234-5678123456é",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}

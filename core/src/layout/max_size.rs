//! Sizes in bytes as they are written: `4096`, `"64KiB"`.

use alloc::{format, string::String};

/// The most that Redis takes for one string.
pub(super) const LARGEST: u32 = 512 << 20;

const UNITS: [(&str, u32); 4] = [("GiB", 30), ("MiB", 20), ("KiB", 10), ("", 0)];

/// A size from 1 byte to the largest; nothing for anything else.
pub(super) fn parse(text: &str) -> Option<u32> {
    let (digits, shift) = UNITS
        .iter()
        .find_map(|(unit, shift)| text.strip_suffix(unit).map(|digits| (digits, *shift)))?;
    if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let bytes = digits.parse::<u32>().ok()?.checked_mul(1 << shift)?;
    (bytes <= LARGEST).then_some(bytes)
}

/// A size in the largest unit that has it whole.
pub(super) fn spell(bytes: u32) -> String {
    let whole = |(_, shift): &&(&str, u32)| bytes.is_multiple_of(1 << shift);
    let (unit, shift) = UNITS.iter().find(whole).unwrap_or(&("", 0));
    format!("{}{unit}", bytes >> shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_whole_numbers_of_bytes_or_of_binary_units() {
        let sizes = [("1", 1), ("4096", 4096), ("64KiB", 65_536), ("3MiB", 3 << 20)];
        for (text, bytes) in sizes {
            assert_eq!(parse(text), Some(bytes), "{text}");
        }
        for text in ["", "0", "01", "-1", "1.5MiB", "1 KiB", "1kb", "KiB", "513MiB", "9999999999"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_size_is_spelled_in_the_largest_unit_that_has_it_whole() {
        for text in ["1", "1023", "1KiB", "1025", "1536KiB", "64MiB", "512MiB"] {
            assert_eq!(parse(text).map(spell).as_deref(), Some(text));
        }
        assert_eq!(spell(4096), "4KiB");
    }
}

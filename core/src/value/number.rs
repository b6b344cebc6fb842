//! Numbers as text.

use super::float;

use crate::steps;

/// The longest decimal text of an integer, as in Python (`sys.int_info.default_max_str_digits`).
pub const MAX_DIGITS: usize = 4_300;

pub(super) const NOT_AN_INTEGER: &str =
    "an integer is an optional `-` and up to 4300 digits without a leading zero";

/// An integer, by where it fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integer<'a> {
    /// Outside of `i64`, as canonical decimal text.
    Big(&'a str),
    /// Within `i64`.
    Small(i64),
}

/// Reads the text of an integer as JSON spells it; `-0` is 0.
///
/// ```
/// use nestkey_core::value::number::{Integer, integer};
/// assert_eq!(integer("-7"), Some(Integer::Small(-7)));
/// assert_eq!(integer("9223372036854775808"), Some(Integer::Big("9223372036854775808")));
/// assert_eq!(integer("007"), None);
/// ```
#[must_use]
pub fn integer(text: &str) -> Option<Integer<'_>> {
    steps::count(text.len());
    let digits = text.strip_prefix('-').unwrap_or(text);
    let has_leading_zero = digits.len() > 1 && digits.starts_with('0');
    if digits.is_empty()
        || has_leading_zero
        || digits.len() > MAX_DIGITS
        || !digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    Some(text.parse().map_or(Integer::Big(text), Integer::Small))
}

/// Reads the text of a JSON number as a float; `None` beyond the range of finite floats.
#[must_use]
pub fn float(text: &str) -> Option<f64> {
    float::read(text).filter(|value| value.is_finite())
}

/// Writes a finite float as Python's `repr` does: the shortest digits that read back the same,
/// integral values with `.0`, an exponent below 1e-4 and from 1e16 on.
///
/// ```
/// use nestkey_core::value::number::write_float;
/// let text = |value| {
///     let mut out = Vec::new();
///     write_float(value, &mut out);
///     String::from_utf8(out).unwrap()
/// };
/// assert_eq!(text(1e15), "1000000000000000.0");
/// assert_eq!(text(1e16), "1e+16");
/// assert_eq!(text(-1.2345e-7), "-1.2345e-07");
/// ```
pub fn write_float(value: f64, out: &mut alloc::vec::Vec<u8>) {
    let (digits, exponent) = float::shortest(value.abs());
    let digits = Digits::of(digits);
    let (first, fraction) = digits.as_str().split_at_checked(1).unwrap_or_default();
    let fraction = fraction.trim_end_matches('0');
    if value.is_sign_negative() {
        out.push(b'-');
    }
    match exponent {
        0..16 => {
            let whole = exponent as usize;
            let (before, after) = fraction.split_at_checked(whole).unwrap_or((fraction, ""));
            out.extend_from_slice(first.as_bytes());
            out.extend_from_slice(before.as_bytes());
            out.resize(out.len() + whole - before.len(), b'0');
            out.push(b'.');
            out.extend_from_slice(if after.is_empty() { b"0" } else { after.as_bytes() });
        }
        -4..0 => {
            out.extend_from_slice(b"0.");
            out.resize(out.len() + exponent.unsigned_abs() as usize - 1, b'0');
            out.extend_from_slice(first.as_bytes());
            out.extend_from_slice(fraction.as_bytes());
        }
        _ => {
            out.extend_from_slice(first.as_bytes());
            if !fraction.is_empty() {
                out.push(b'.');
                out.extend_from_slice(fraction.as_bytes());
            }
            out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
            let magnitude = exponent.unsigned_abs();
            if magnitude < 10 {
                out.push(b'0');
            }
            write_int(magnitude.into(), out);
        }
    }
}

/// Writes an integer in decimal.
pub(super) fn write_int(value: i64, out: &mut alloc::vec::Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(Digits::of(value.unsigned_abs()).as_str().as_bytes());
}

/// The decimal digits of a number.
struct Digits {
    text: [u8; 20],
    start: usize,
}

impl Digits {
    fn of(mut number: u64) -> Self {
        let mut digits = Self { text: [b'0'; 20], start: 20 };
        for digit in digits.text.iter_mut().rev() {
            *digit += (number % 10) as u8;
            number /= 10;
            digits.start -= 1;
            if number == 0 {
                break;
            }
        }
        digits
    }

    fn as_str(&self) -> &str {
        let digits = self.text.get(self.start..).unwrap_or_default();
        core::str::from_utf8(digits).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::String, vec::Vec};

    use super::*;

    #[test]
    fn floats_are_written_as_python_writes_them() {
        // The right side was printed by CPython 3.11.
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (10.0, "10.0"),
            (123.456, "123.456"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-4, "0.0001"),
            (1.5e-4, "0.00015"),
            (9.999e-5, "9.999e-05"),
            (1e15, "1000000000000000.0"),
            (9_007_199_254_740_993.0, "9007199254740992.0"),
            (1234567890123456.7, "1234567890123456.8"),
            (1e16, "1e+16"),
            (1.5e16, "1.5e+16"),
            (1e22, "1e+22"),
            (1e100, "1e+100"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
        ] {
            let mut out = Vec::new();
            write_float(value, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }

    #[test]
    fn integers_are_told_apart_by_size() {
        assert_eq!(integer("-0"), Some(Integer::Small(0)));
        assert_eq!(integer("-9223372036854775808"), Some(Integer::Small(i64::MIN)));
        assert_eq!(integer("-9223372036854775809"), Some(Integer::Big("-9223372036854775809")));
        for bad in ["", "-", "+1", "1.0", "1e2", "0x1", "00", " 1", "--1", &"1".repeat(4_301)] {
            assert_eq!(integer(bad), None, "{bad}");
        }
    }
}

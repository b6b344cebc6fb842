use super::refusal::Refusal;

/// Whether an option is that word, given in lower case.
///
/// The server compares options as C strings: what follows a NUL does not count.
pub(super) fn is_word(option: &[u8], word: &str) -> bool {
    c_string(option).eq_ignore_ascii_case(word.as_bytes())
}

/// The bytes in front of the first NUL.
pub(super) fn c_string(bytes: &[u8]) -> &[u8] {
    bytes.split(|&b| b == 0).next().unwrap_or_default()
}

/// An integer in the one spelling that the server takes: no sign but `-`, no spaces, no `01`, `-0`.
pub(super) fn integer(text: &[u8]) -> Result<i64, Refusal> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        b"0" if !negative => return Ok(0),
        [b'1'..=b'9', ..] => {}
        _ => return Err(Refusal::NOT_AN_INTEGER),
    }
    digits
        .iter()
        .try_fold(0i64, |value, digit| {
            let digit = i64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
            let value = value.checked_mul(10)?;
            if negative { value.checked_sub(digit) } else { value.checked_add(digit) }
        })
        .ok_or(Refusal::NOT_AN_INTEGER)
}

/// A cursor of SCAN, with the leniency of C's `strtoul`: an empty text is 0, `-1` wraps around.
pub(super) fn cursor(text: &[u8]) -> Result<u64, Refusal> {
    let text = c_string(text);
    if text.is_empty() {
        return Ok(0);
    }
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    // Rust's own parser would take another sign here.
    let all_digits = digits.iter().all(u8::is_ascii_digit);
    let number = core::str::from_utf8(digits).ok().filter(|_| all_digits);
    match number.and_then(|digits| digits.parse::<u64>().ok()) {
        Some(number) if negative => Ok(number.wrapping_neg()),
        Some(number) => Ok(number),
        None => Err(Refusal::new("ERR invalid cursor")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_one_spelling() {
        let taken: &[(&[u8], i64)] = &[
            (b"0", 0),
            (b"7", 7),
            (b"-7", -7),
            (b"9223372036854775807", i64::MAX),
            (b"-9223372036854775808", i64::MIN),
        ];
        for (text, value) in taken {
            assert_eq!(integer(text).ok(), Some(*value));
        }
        let refused: &[&[u8]] = &[
            b"",
            b"-",
            b"-0",
            b"+1",
            b"01",
            b" 1",
            b"1 ",
            b"1.5",
            b"1\0",
            b"9223372036854775808",
            b"-9223372036854775809",
        ];
        for text in refused {
            assert!(integer(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn cursors_are_read_as_strtoul_reads() {
        let taken: &[(&[u8], u64)] =
            &[(b"", 0), (b"\0x", 0), (b"007", 7), (b"+7", 7), (b"-1", u64::MAX)];
        for (text, value) in taken {
            assert_eq!(cursor(text).ok(), Some(*value), "{text:?}");
        }
        let refused: &[&[u8]] =
            &[b"-", b"+", b"+-1", b" 1", b"1 ", b"x", b"18446744073709551616", b"0x10"];
        for text in refused {
            assert!(cursor(text).is_err(), "{text:?}");
        }
    }
}

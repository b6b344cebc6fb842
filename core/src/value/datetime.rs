//! Dates and times as text: ISO 8601 in, Python's `isoformat()` out.

use crate::steps;

/// A date and time in its canonical text.
///
/// `YYYY-MM-DDTHH:MM:SS`, then six digits of fraction unless they are zero, then the offset where
/// there is one: `+HH:MM`, with seconds and their fraction unless they are zero. UTC is `+00:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Iso {
    text: [u8; MAX_LENGTH],
    length: usize,
    zone: Zone,
}

/// `YYYY-MM-DDTHH:MM:SS.ffffff+HH:MM:SS.ffffff`
const MAX_LENGTH: usize = 42;

/// Whether a date and time knows its offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// It does not.
    Naive,
    /// It does.
    Offset,
}

impl Iso {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII gets in.
        let text = self.text.get(..self.length).unwrap_or_default();
        core::str::from_utf8(text).unwrap_or_default()
    }

    /// Whether it knows its offset.
    #[must_use]
    pub const fn zone(&self) -> Zone {
        self.zone
    }

    pub(super) fn is(&self, text: &str, zone: Zone) -> bool {
        self.zone == zone && self.as_str() == text
    }

    fn push(&mut self, piece: &[u8]) {
        let end = self.length + piece.len();
        if let Some(room) = self.text.get_mut(self.length..end) {
            room.copy_from_slice(piece);
            self.length = end;
        }
    }

    fn push_fraction(&mut self, fraction: [u8; 6]) {
        if fraction != *b"000000" {
            self.push(b".");
            self.push(&fraction);
        }
    }
}

/// Reads `YYYY-MM-DDTHH:MM:SS[.f…][Z|±HH:MM[:SS[.f…]]]` with up to six digits of fraction, years
/// 1 to 9999, and an offset of less than a day.
///
/// # Errors
///
/// A sentence about the wanted form. A date alone, a space for the `T`, week dates, the form
/// without hyphens and fractions of more than six digits are refused: none of them would come back
/// as it was written.
///
/// ```
/// use nestkey_core::value::datetime::{self, Zone};
/// let time = datetime::parse("2020-01-02T03:04:05.12Z").unwrap();
/// assert_eq!(time.as_str(), "2020-01-02T03:04:05.120000+00:00");
/// assert_eq!(time.zone(), Zone::Offset);
/// assert!(datetime::parse("2023-02-29T00:00:00").is_err());
/// ```
pub fn parse(text: &str) -> Result<Iso, &'static str> {
    steps::count(1 + text.len().min(MAX_LENGTH));
    let mut reader = Reader { rest: text.as_bytes() };
    let (year, month, day) = reader.date()?;
    if reader.rest.is_empty() {
        return Err("a datetime needs a time: YYYY-MM-DDTHH:MM:SS");
    }
    reader.literal(b'T')?;
    let time = reader.time()?;
    if year == 0 || day == 0 || day > days(year, month) || time[0] > 23 {
        return Err("a date or time that the calendar does not have");
    }
    let mut iso = Iso { text: [0; MAX_LENGTH], length: 0, zone: Zone::Naive };
    // The date and the time up to the seconds are canonical as they stand.
    iso.push(text.as_bytes().get(..19).unwrap_or_default());
    iso.push_fraction(reader.fraction()?);
    if !reader.rest.is_empty() {
        iso.zone = Zone::Offset;
        reader.offset(&mut iso)?;
    }
    if reader.rest.is_empty() { Ok(iso) } else { Err(WANTED) }
}

const WANTED: &str = "a datetime is written YYYY-MM-DDTHH:MM:SS, then up to six digits of \
    fraction and an offset such as Z or +02:00 where there are any";

fn days(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 0,
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn date(&mut self) -> Result<(u32, u32, u32), &'static str> {
        let year = self.digits::<4>()?;
        self.literal(b'-')?;
        let month = self.digits::<2>()?;
        self.literal(b'-')?;
        Ok((year, month, self.digits::<2>()?))
    }

    /// Hours, minutes and seconds; the hours are still to be checked.
    fn time(&mut self) -> Result<[u32; 3], &'static str> {
        let hours = self.digits::<2>()?;
        self.literal(b':')?;
        let minutes = self.sixty()?;
        self.literal(b':')?;
        Ok([hours, minutes, self.sixty()?])
    }

    fn sixty(&mut self) -> Result<u32, &'static str> {
        match self.digits::<2>()? {
            number @ 0..60 => Ok(number),
            _ => Err("minutes and seconds end at 59"),
        }
    }

    /// The digits behind a point, filled up with zeros; zeros when there is no point.
    fn fraction(&mut self) -> Result<[u8; 6], &'static str> {
        let mut fraction = *b"000000";
        let [b'.', rest @ ..] = self.rest else { return Ok(fraction) };
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = rest.split_at_checked(length).ok_or(WANTED)?;
        let room = fraction.get_mut(..length).ok_or("a fraction of more than six digits")?;
        if room.is_empty() {
            return Err(WANTED);
        }
        room.copy_from_slice(digits);
        self.rest = rest;
        Ok(fraction)
    }

    fn offset(&mut self, iso: &mut Iso) -> Result<(), &'static str> {
        let (&sign, rest) = self.rest.split_first().ok_or(WANTED)?;
        let offset = rest;
        self.rest = rest;
        match sign {
            b'Z' => {
                iso.push(b"+00:00");
                return Ok(());
            }
            b'+' | b'-' => {}
            _ => return Err(WANTED),
        }
        let hours = self.digits::<2>()?;
        self.literal(b':')?;
        let minutes = self.sixty()?;
        let (mut seconds, mut fraction) = (0, *b"000000");
        if self.rest.first() == Some(&b':') {
            self.literal(b':')?;
            seconds = self.sixty()?;
            fraction = self.fraction()?;
        }
        if hours > 23 {
            return Err("an offset is less than a day");
        }
        let is_exact = fraction == *b"000000";
        let is_zero = hours + minutes + seconds == 0 && is_exact;
        iso.push(if is_zero { b"+" } else { core::slice::from_ref(&sign) });
        let length = if seconds == 0 && is_exact { 5 } else { 8 };
        iso.push(offset.get(..length).ok_or(WANTED)?);
        iso.push_fraction(fraction);
        Ok(())
    }

    fn digits<const N: usize>(&mut self) -> Result<u32, &'static str> {
        let (digits, rest) = self.rest.split_first_chunk::<N>().ok_or(WANTED)?;
        let mut number = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return Err(WANTED);
            }
            number = number * 10 + u32::from(digit - b'0');
        }
        self.rest = rest;
        Ok(number)
    }

    fn literal(&mut self, literal: u8) -> Result<(), &'static str> {
        match self.rest.split_first() {
            Some((&byte, rest)) if byte == literal => {
                self.rest = rest;
                Ok(())
            }
            _ => Err(WANTED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_become_what_python_would_print() {
        // The right side was printed by CPython 3.11: datetime.fromisoformat(left).isoformat().
        for (text, canonical) in [
            ("2020-01-02T03:04:05", "2020-01-02T03:04:05"),
            ("2020-01-02T03:04:05.000000", "2020-01-02T03:04:05"),
            ("2020-01-02T03:04:05.1", "2020-01-02T03:04:05.100000"),
            ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05+00:00"),
            ("2020-01-02T03:04:05-00:00", "2020-01-02T03:04:05+00:00"),
            ("2020-01-02T03:04:05-00:00:01.000001", "2020-01-02T03:04:05-00:00:01.000001"),
            ("2020-01-02T03:04:05+05:30:00", "2020-01-02T03:04:05+05:30"),
            ("2020-01-02T03:04:05-01:00:30", "2020-01-02T03:04:05-01:00:30"),
            (
                "0001-01-01T00:00:00.000001+23:59:59.999999",
                "0001-01-01T00:00:00.000001+23:59:59.999999",
            ),
            ("2000-02-29T23:59:59", "2000-02-29T23:59:59"),
        ] {
            assert_eq!(parse(text).unwrap().as_str(), canonical, "{text}");
            assert_eq!(parse(canonical).unwrap().as_str(), canonical);
        }
    }

    #[test]
    fn what_is_no_canonical_form_or_no_date_is_refused() {
        for bad in [
            "",
            "2020-01-02",
            "2020-01-02 03:04:05",
            "2020-01-02t03:04:05",
            "20200102T030405",
            "2020-W01-4",
            "2020-001T00:00:00",
            "2020-01-02T03:04",
            "2020-01-02T03:04:05.",
            "2020-01-02T03:04:05,1",
            "2020-01-02T03:04:05.1234567",
            "2020-01-02T03:04:05z",
            "2020-01-02T03:04:05Zx",
            "2020-01-02T03:04:05+0200",
            "2020-01-02T03:04:05+02",
            "2020-01-02T03:04:05+24:00",
            "2020-01-02T03:04:05+02:60",
            "2020-01-02T03:04:05+02:00:00.1234567",
            "2020-01-02T24:00:00",
            "2020-01-02T23:60:00",
            "2020-01-02T23:59:60",
            "2020-00-02T03:04:05",
            "2020-13-02T03:04:05",
            "2020-01-00T03:04:05",
            "2020-04-31T03:04:05",
            "1900-02-29T03:04:05",
            "0000-01-01T00:00:00",
            "+2020-01-02T03:04:05",
            "2020-01-02T03:04:05é",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}

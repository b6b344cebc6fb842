use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use nestkey_core::{
    error::{Error, ErrorKind},
    value::datetime::{self, Zone},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::token;

/// A date and time with its offset from UTC, as the exact text that is stored.
///
/// Years 1 to 9999, microseconds. Other crates' times that go through serde as ISO 8601 text are
/// taken wherever the type `datetime` is declared; the features `chrono`, `jiff` and `time` convert
/// theirs, and cut off what is finer than a microsecond.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use nestkey::value::DateTime;
/// let time: DateTime = "2020-01-02T03:04:05.5+01:00".parse()?;
/// assert_eq!(time.to_string(), "2020-01-02T03:04:05.500000+01:00");
/// let since_1970 = Duration::from_millis(1_577_930_645_500);
/// assert_eq!(time.to_system_time(), Some(SystemTime::UNIX_EPOCH + since_1970));
/// # Ok::<(), nestkey::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DateTime {
    text: Box<str>,
}

/// A date and time without an offset, as the exact text that is stored.
///
/// ```
/// use nestkey::value::NaiveDateTime;
/// let time: NaiveDateTime = "2020-01-02T03:04:05".parse()?;
/// assert_eq!(time.to_string(), "2020-01-02T03:04:05");
/// # Ok::<(), nestkey::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NaiveDateTime {
    text: Box<str>,
}

impl DateTime {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The moment it names, where the system's clock can tell it.
    #[must_use]
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let moment = self.moment()?;
        let distance = Duration::from_micros(moment.unsigned_abs());
        if moment < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
    }

    /// Microseconds from 1970 in UTC.
    pub(crate) fn moment(&self) -> Option<i64> {
        Some(local_micros(&self.text)? - offset_micros(&self.text)?)
    }

    /// How far its clock is ahead of UTC, in seconds, where it is a whole number of them.
    #[cfg(any(feature = "chrono", feature = "time"))]
    pub(crate) fn offset(&self) -> Option<i32> {
        let micros = offset_micros(&self.text)?;
        (micros % 1_000_000 == 0).then(|| i32::try_from(micros / 1_000_000).ok()).flatten()
    }

    /// The moment so many microseconds from 1970, in UTC.
    pub(crate) fn in_utc(micros: i64) -> Result<Self, Error> {
        let text = local(micros)?;
        format!("{text}Z").parse()
    }

    /// What a clock shows that is so many seconds ahead of UTC.
    #[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
    pub(crate) fn with_offset(micros: i64, offset: i32) -> Result<Self, Error> {
        let (text, sign) = (local(micros)?, if offset < 0 { '-' } else { '+' });
        let offset = offset.unsigned_abs();
        let (hours, minutes, seconds) = (offset / 3_600, offset / 60 % 60, offset % 60);
        match seconds {
            0 => format!("{text}{sign}{hours:02}:{minutes:02}").parse(),
            _ => format!("{text}{sign}{hours:02}:{minutes:02}:{seconds:02}").parse(),
        }
    }
}

impl NaiveDateTime {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Microseconds from 1970 on the same clock.
    #[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
    pub(crate) fn micros(&self) -> Option<i64> {
        local_micros(&self.text)
    }

    /// What a clock shows so many microseconds after it showed the beginning of 1970.
    #[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
    pub(crate) fn of_micros(micros: i64) -> Result<Self, Error> {
        local(micros)?.parse()
    }
}

/// In UTC; what is finer than a microsecond is cut off.
impl TryFrom<SystemTime> for DateTime {
    type Error = Error;

    /// Years before 1 and after 9999 are refused.
    fn try_from(time: SystemTime) -> Result<Self, Error> {
        let micros = match time.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()),
            // Cut off towards the past, as behind 1970.
            Err(before) => {
                i64::try_from(before.duration().as_nanos().div_ceil(1_000)).map(|before| -before)
            }
        };
        Self::in_utc(micros.unwrap_or(i64::MAX))
    }
}

/// What a clock shows so many microseconds after it showed the beginning of 1970.
fn local(micros: i64) -> Result<String, Error> {
    if !(FIRST..=LAST).contains(&micros) {
        return Err(invalid("a time outside of the years 1 to 9999"));
    }
    let (days, of_day) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    Ok(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}"))
}

const DAY: i64 = 86_400_000_000;
/// The beginning of the year 1, in microseconds from 1970.
const FIRST: i64 = -719_162 * DAY;
/// The end of the year 9999.
const LAST: i64 = 2_932_897 * DAY - 1;

/// Microseconds from 1970 on the clock that the text shows.
fn local_micros(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let seconds = number(11, 13)? * 3_600 + number(14, 16)? * 60 + number(17, 19)?;
    let fraction = if text.get(19..20) == Some(".") { number(20, 26)? } else { 0 };
    Some(days * DAY + seconds * 1_000_000 + fraction)
}

/// How far that clock is ahead of UTC: `+HH:MM`, `+HH:MM:SS`, `+HH:MM:SS.ffffff`.
fn offset_micros(text: &str) -> Option<i64> {
    let at = text.get(19..)?.find(['+', '-'])? + 19;
    let (sign, offset) = text.get(at..)?.split_at(1);
    let number = |from: usize, to: usize| match offset.get(from..to) {
        Some(digits) => digits.parse::<i64>().ok(),
        None => Some(0),
    };
    let seconds = number(0, 2)? * 3_600 + number(3, 5)? * 60 + number(6, 8)?;
    let micros = seconds * 1_000_000 + number(9, 15)?;
    Some(if sign == "-" { -micros } else { micros })
}

/// Days from 1970-01-01, in the calendar that everybody counts back with.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the day which leap years add is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The year, month and day of a number of days from 1970-01-01.
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
}

fn parse(text: &str, zone: Zone, wanted: &'static str) -> Result<Box<str>, Error> {
    let iso = datetime::parse(text).map_err(invalid)?;
    if iso.zone() == zone { Ok(iso.as_str().into()) } else { Err(invalid(wanted)) }
}

#[cold]
fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}

macro_rules! as_text {
    ($($type:ident $zone:ident $wanted:literal;)*) => {$(
        impl FromStr for $type {
            type Err = Error;

            /// Reads ISO 8601 as layouts take it: date, `T`, time, up to six digits of fraction.
            fn from_str(text: &str) -> Result<Self, Error> {
                parse(text, Zone::$zone, concat!("wanted ", $wanted)).map(|text| Self { text })
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.text)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.text)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_newtype_struct(token::DATETIME, &*self.text)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                token::text(deserializer, token::DATETIME, $wanted, str::parse)
            }
        }
    )*};
}

as_text! {
    DateTime Offset "a datetime with an offset";
    NaiveDateTime Naive "a datetime without an offset";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_texts_agree() {
        for (text, micros) in [
            ("1970-01-01T00:00:00+00:00", 0),
            ("2000-02-29T12:00:00.000001+00:00", 951_825_600_000_001),
            ("1969-12-31T23:59:59.999999+00:00", -1),
            ("0001-01-01T00:00:00+00:00", FIRST),
            ("9999-12-31T23:59:59.999999+00:00", LAST),
        ] {
            let time: DateTime = text.parse().unwrap();
            let distance = Duration::from_micros(i64::unsigned_abs(micros));
            let moment = if micros < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance };
            assert_eq!(time.to_system_time(), Some(moment), "{text}");
            assert_eq!(DateTime::try_from(moment).unwrap().as_str(), text);
        }
    }

    #[test]
    fn an_offset_is_taken_off() {
        let time = |text: &str| text.parse::<DateTime>().unwrap().to_system_time();
        assert_eq!(time("2020-01-01T01:00:00+01:00"), time("2020-01-01T00:00:00Z"));
        assert_eq!(time("2019-12-31T23:59:59.5-00:00:00.5"), time("2020-01-01T00:00:00Z"));
    }

    #[test]
    fn a_zone_is_neither_added_nor_dropped() {
        assert!("2020-01-02T03:04:05".parse::<DateTime>().is_err());
        assert!("2020-01-02T03:04:05Z".parse::<NaiveDateTime>().is_err());
    }
}

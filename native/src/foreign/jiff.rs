use jiff::{Timestamp, ZonedDateTime, civil::DateTime, tz::TimeZone};
use nestkey_core::error::{Error, Result};

use super::beyond;
use crate::value;

/// In UTC.
impl TryFrom<Timestamp> for value::DateTime {
    type Error = Error;

    fn try_from(time: Timestamp) -> Result<Self> {
        Self::in_utc(micros(time)?)
    }
}

/// With its offset from UTC; the name of its zone is dropped.
impl TryFrom<&ZonedDateTime> for value::DateTime {
    type Error = Error;

    fn try_from(time: &ZonedDateTime) -> Result<Self> {
        let offset = time.offset().seconds();
        Self::with_offset(micros(time.timestamp())? + i64::from(offset) * 1_000_000, offset)
    }
}

/// The same moment.
impl TryFrom<value::DateTime> for Timestamp {
    type Error = Error;

    fn try_from(time: value::DateTime) -> Result<Self> {
        let time = time.moment().and_then(|micros| Self::from_microsecond(micros).ok());
        time.ok_or_else(|| beyond("jiff"))
    }
}

impl TryFrom<DateTime> for value::NaiveDateTime {
    type Error = Error;

    fn try_from(time: DateTime) -> Result<Self> {
        let time = TimeZone::UTC.to_timestamp(time).map_err(|_| beyond("jiff"))?;
        Self::of_micros(micros(time)?)
    }
}

impl TryFrom<value::NaiveDateTime> for DateTime {
    type Error = Error;

    fn try_from(time: value::NaiveDateTime) -> Result<Self> {
        let time = time.micros().and_then(|micros| Timestamp::from_microsecond(micros).ok());
        time.map(|time| TimeZone::UTC.to_datetime(time)).ok_or_else(|| beyond("jiff"))
    }
}

fn micros(time: Timestamp) -> Result<i64> {
    i64::try_from(time.as_nanosecond().div_euclid(1_000)).map_err(|_| beyond("jiff"))
}

#[cfg(test)]
mod tests {
    use jiff::tz::offset;

    use super::*;

    #[test]
    fn times_of_jiff_have_the_text_of_layouts() {
        for (theirs, ours) in [
            ("2020-01-02T03:04:05.123456789Z", "2020-01-02T03:04:05.123456+00:00"),
            ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999+00:00"),
        ] {
            let time: Timestamp = theirs.parse().unwrap();
            let own = value::DateTime::try_from(time).unwrap();
            assert_eq!(own.as_str(), ours);
            assert_eq!(Timestamp::try_from(own).unwrap(), ours.parse().unwrap());
        }
        let time: Timestamp = "2020-01-02T03:04:05Z".parse().unwrap();
        let zoned = time.to_zoned_datetime(offset(-5).to_time_zone());
        assert_eq!(
            value::DateTime::try_from(&zoned).unwrap().as_str(),
            "2020-01-01T22:04:05-05:00"
        );
        let civil: DateTime = "2020-01-02T03:04:05.5".parse().unwrap();
        let own = value::NaiveDateTime::try_from(civil).unwrap();
        assert_eq!(own.as_str(), "2020-01-02T03:04:05.500000");
        assert_eq!(DateTime::try_from(own).unwrap(), civil);
        assert!(value::NaiveDateTime::try_from(DateTime::MIN).is_err());
    }
}

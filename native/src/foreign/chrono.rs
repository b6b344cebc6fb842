use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, TimeZone, Utc};
use nestkey_core::error::{Error, Result};

use super::beyond;
use crate::value;

/// With its offset from UTC; the name of its zone is dropped.
impl<Z: TimeZone> TryFrom<DateTime<Z>> for value::DateTime {
    type Error = Error;

    fn try_from(time: DateTime<Z>) -> Result<Self> {
        let offset = time.offset().fix().local_minus_utc();
        let micros = time.timestamp_micros() + i64::from(offset) * 1_000_000;
        Self::with_offset(micros, offset)
    }
}

impl TryFrom<value::DateTime> for DateTime<FixedOffset> {
    type Error = Error;

    fn try_from(time: value::DateTime) -> Result<Self> {
        let offset = time.offset().and_then(FixedOffset::east_opt);
        let offset = offset.ok_or_else(|| beyond("chrono"))?;
        Ok(DateTime::<Utc>::try_from(time)?.with_timezone(&offset))
    }
}

/// The same moment.
impl TryFrom<value::DateTime> for DateTime<Utc> {
    type Error = Error;

    fn try_from(time: value::DateTime) -> Result<Self> {
        time.moment().and_then(Self::from_timestamp_micros).ok_or_else(|| beyond("chrono"))
    }
}

impl TryFrom<NaiveDateTime> for value::NaiveDateTime {
    type Error = Error;

    fn try_from(time: NaiveDateTime) -> Result<Self> {
        Self::of_micros(time.and_utc().timestamp_micros())
    }
}

impl TryFrom<value::NaiveDateTime> for NaiveDateTime {
    type Error = Error;

    fn try_from(time: value::NaiveDateTime) -> Result<Self> {
        let time = time.micros().and_then(DateTime::from_timestamp_micros);
        time.map(|time| time.naive_utc()).ok_or_else(|| beyond("chrono"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_chrono_have_the_text_of_layouts() {
        for (theirs, ours) in [
            ("2020-01-02T03:04:05.123456789+01:00", "2020-01-02T03:04:05.123456+01:00"),
            ("1969-12-31T23:59:59.999999999-05:30", "1969-12-31T23:59:59.999999-05:30"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ] {
            let time = DateTime::parse_from_rfc3339(theirs).unwrap();
            let own = value::DateTime::try_from(time).unwrap();
            assert_eq!(own.as_str(), ours);
            let back = DateTime::<FixedOffset>::try_from(own.clone()).unwrap();
            assert_eq!(back, DateTime::parse_from_rfc3339(ours).unwrap());
            assert_eq!(back.offset(), time.offset());
            assert_eq!(DateTime::<Utc>::try_from(own).unwrap(), back);
        }
        let naive = NaiveDateTime::parse_from_str("2020-01-02T03:04:05", "%Y-%m-%dT%H:%M:%S");
        let own = value::NaiveDateTime::try_from(naive.unwrap()).unwrap();
        assert_eq!(own.as_str(), "2020-01-02T03:04:05");
        assert_eq!(NaiveDateTime::try_from(own).unwrap(), naive.unwrap());
        assert!(value::DateTime::try_from(DateTime::<Utc>::MAX_UTC).is_err());
        let odd: value::DateTime = "2020-01-01T00:00:00+00:00:00.500000".parse().unwrap();
        assert!(DateTime::<FixedOffset>::try_from(odd).is_err());
        let zone = FixedOffset::east_opt(3_723).unwrap();
        let odd = DateTime::<Utc>::UNIX_EPOCH.with_timezone(&zone);
        let odd = value::DateTime::try_from(odd).unwrap();
        assert_eq!(odd.as_str(), "1970-01-01T01:02:03+01:02:03");
    }
}

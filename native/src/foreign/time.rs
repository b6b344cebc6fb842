use nestkey_core::error::{Error, Result};
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

use super::beyond;
use crate::value;

/// With its offset from UTC.
impl TryFrom<OffsetDateTime> for value::DateTime {
    type Error = Error;

    fn try_from(time: OffsetDateTime) -> Result<Self> {
        let offset = time.offset().whole_seconds();
        Self::with_offset(micros(time)? + i64::from(offset) * 1_000_000, offset)
    }
}

impl TryFrom<value::DateTime> for OffsetDateTime {
    type Error = Error;

    fn try_from(time: value::DateTime) -> Result<Self> {
        let offset = time.offset().and_then(|seconds| UtcOffset::from_whole_seconds(seconds).ok());
        let moment = time.moment().and_then(at);
        let (Some(offset), Some(moment)) = (offset, moment) else { return Err(beyond("time")) };
        moment.checked_to_offset(offset).ok_or_else(|| beyond("time"))
    }
}

impl TryFrom<PrimitiveDateTime> for value::NaiveDateTime {
    type Error = Error;

    fn try_from(time: PrimitiveDateTime) -> Result<Self> {
        Self::of_micros(micros(time.assume_utc())?)
    }
}

impl TryFrom<value::NaiveDateTime> for PrimitiveDateTime {
    type Error = Error;

    fn try_from(time: value::NaiveDateTime) -> Result<Self> {
        let time = time.micros().and_then(at).ok_or_else(|| beyond("time"))?;
        Ok(Self::new(time.date(), time.time()))
    }
}

fn micros(time: OffsetDateTime) -> Result<i64> {
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000)).map_err(|_| beyond("time"))
}

fn at(micros: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_crate_time_have_the_text_of_layouts() {
        let moment = OffsetDateTime::from_unix_timestamp_nanos(1_577_934_245_123_456_789).unwrap();
        for (seconds, ours) in [
            (0, "2020-01-02T03:04:05.123456+00:00"),
            (-19_800, "2020-01-01T21:34:05.123456-05:30"),
            (3_723, "2020-01-02T04:06:08.123456+01:02:03"),
        ] {
            let offset = UtcOffset::from_whole_seconds(seconds).unwrap();
            let own = value::DateTime::try_from(moment.to_offset(offset)).unwrap();
            assert_eq!(own.as_str(), ours);
            let back = OffsetDateTime::try_from(own).unwrap();
            assert_eq!((back.offset(), back.microsecond()), (offset, 123_456));
        }
        let before = OffsetDateTime::from_unix_timestamp_nanos(-1).unwrap();
        assert_eq!(
            value::DateTime::try_from(before).unwrap().as_str(),
            "1969-12-31T23:59:59.999999+00:00"
        );
        let naive = PrimitiveDateTime::new(before.date(), before.time());
        let own = value::NaiveDateTime::try_from(naive).unwrap();
        assert_eq!(own.as_str(), "1969-12-31T23:59:59.999999");
        assert_eq!(PrimitiveDateTime::try_from(own).unwrap().microsecond(), 999_999);
        let odd: value::DateTime = "2020-01-01T00:00:00+00:00:00.500000".parse().unwrap();
        assert!(OffsetDateTime::try_from(odd).is_err());
    }
}

//! Ranges of integers, digit by digit.

use core::cmp::Ordering;

use crate::key::write_int;

/// The magnitudes of the integers of one sign, from the least to the greatest.
#[derive(Debug)]
pub(super) struct Span {
    least: Digits,
    greatest: Digits,
}

/// The decimal text of a magnitude.
#[derive(Debug)]
struct Digits {
    text: [u8; 20],
    length: u8,
}

impl Span {
    /// The span between two magnitudes, but not below `floor`.
    pub(super) fn new(least: i128, greatest: i128, floor: i128) -> Self {
        let least = least.max(floor);
        let greatest = if greatest < least { Digits::NONE } else { Digits::of(greatest) };
        Self { least: Digits::of(least), greatest }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.greatest.length == 0
    }

    pub(super) const fn contains_zero(&self) -> bool {
        !self.is_empty() && self.least.text[0] == b'0'
    }

    /// Compares one more digit with both ends, `None` when no magnitude in the span goes on so.
    pub(super) fn compare(
        &self,
        count: u8,
        least: Ordering,
        greatest: Ordering,
        digit: u8,
    ) -> Option<(Ordering, Ordering)> {
        if !digit.is_ascii_digit() {
            return None;
        }
        let least = least.then(self.least.compare(count, digit));
        let greatest = greatest.then(self.greatest.compare(count, digit));
        let (shortest, longest) = (self.least.length, self.greatest.length);
        let leads_inside = ((count + 1).max(shortest)..=longest).any(|length| {
            (length > shortest || least != Ordering::Less)
                && (length < longest || greatest != Ordering::Greater)
        });
        leads_inside.then_some((least, greatest))
    }

    /// Whether that many digits, compared with both ends, lie in the span.
    pub(super) fn contains(&self, count: u8, least: Ordering, greatest: Ordering) -> bool {
        let from = count.cmp(&self.least.length).then(least);
        let to = count.cmp(&self.greatest.length).then(greatest);
        from != Ordering::Less && to != Ordering::Greater
    }
}

impl Digits {
    /// Shorter than every number.
    const NONE: Self = Self { text: [0; 20], length: 0 };

    fn of(magnitude: i128) -> Self {
        let mut digits = Self::NONE;
        write_int(magnitude.unsigned_abs() as u64, false, |text| {
            for (place, digit) in digits.text.iter_mut().zip(text) {
                *place = *digit;
                digits.length += 1;
            }
        });
        digits
    }

    /// How a digit compares with the one at a place; behind the last one nothing depends on it.
    fn compare(&self, at: u8, digit: u8) -> Ordering {
        let own = self.text.iter().take(self.length.into()).nth(at.into());
        own.map_or(Ordering::Greater, |own| digit.cmp(own))
    }
}

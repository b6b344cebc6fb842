//! The shortest digits of a float.

use core::cmp::Ordering;

use super::{
    BIAS, STORED_BITS,
    estimate::Estimate,
    natural::{Natural, compare},
    parts,
};

/// The shortest decimal that is read as that finite float, which is not negative, and of several
/// the nearest: its digits, and the power of ten of the first one.
pub(in crate::value) fn shortest(value: f64) -> (u64, i32) {
    if value == 0.0 {
        return (0, 0);
    }
    let scaled = Scaled::of(value.to_bits());
    // 17 digits are always enough, and `scaled` has no fewer.
    let (mut digits, mut dropped, mut step) = (scaled.whole(), 0, 1);
    while let Some(multiple) = scaled.nearest_multiple(step) {
        digits = multiple / step;
        let Some(next) = step.checked_mul(10) else { break };
        (dropped, step) = (dropped + 1, next);
    }
    let power = dropped - 1 - scaled.power;
    (digits, power + digits.checked_ilog10().unwrap_or(0) as i32)
}

/// A float times a power of ten that makes it a number of 17 or 18 digits before the point.
struct Scaled {
    mantissa: u64,
    exponent: i32,
    power: i32,
    estimate: Estimate,
    /// The bits of the estimate behind the point.
    fraction_bits: u32,
    /// How far numbers may lie above and below to be read as the float, at least; and at most
    /// [`SLACK`] more.
    above: u64,
    below: u64,
    closer_below: bool,
}

const SLACK: u64 = 2;

impl Scaled {
    fn of(bits: u64) -> Self {
        let (mantissa, exponent) = parts(bits);
        let top_bit = exponent + 63 - mantissa.leading_zeros() as i32;
        // The power of ten at or below the highest bit: the constant is just below log10(2) × 2^18.
        let power = 16 - ((top_bit * 78_913) >> 18);
        let mut estimate = Estimate::of(mantissa, power, false);
        estimate.exponent += exponent;
        // Half of the gap to the next float; below a power of two floats lie twice as close.
        let above = estimate.mantissa / (2 * mantissa);
        let closer_below = mantissa == 1 << STORED_BITS && exponent > 1 - BIAS;
        let below = if closer_below { above / 2 } else { above };
        let fraction_bits = estimate.exponent.unsigned_abs();
        Self { mantissa, exponent, power, estimate, fraction_bits, above, below, closer_below }
    }

    /// The digits before the point.
    const fn whole(&self) -> u64 {
        self.estimate.mantissa >> self.fraction_bits
    }

    /// The multiple of a power of ten that is nearest among those that are read as the float.
    fn nearest_multiple(&self, step: u64) -> Option<u64> {
        let low = self.whole() / step * step;
        let high = low.checked_add(step)?;
        match (self.takes_below(low), self.takes_above(high)) {
            (true, true) if self.lies_nearer_to_high(low, step) => Some(high),
            (true, _) => Some(low),
            (false, true) => Some(high),
            (false, false) => None,
        }
    }

    /// Whether a number that is no greater is read as the float.
    fn takes_below(&self, number: u64) -> bool {
        let distance = self.estimate.mantissa - (number << self.fraction_bits);
        if distance + self.estimate.error < self.below {
            return true;
        }
        if distance > self.below + SLACK {
            return false;
        }
        let (mantissa, exponent) = match self.closer_below {
            true => (4 * self.mantissa - 1, self.exponent - 2),
            false => (2 * self.mantissa - 1, self.exponent - 1),
        };
        let middle = compare(Natural::from(number), -self.power, mantissa, exponent);
        self.is_inside(middle, Ordering::Greater)
    }

    /// Whether a number that is hardly less is read as the float.
    fn takes_above(&self, number: u64) -> bool {
        let end = u128::from(number) << self.fraction_bits;
        let distance = end.saturating_sub(self.estimate.mantissa.into());
        if distance < self.above.into() {
            return true;
        }
        if distance > (self.above + SLACK + self.estimate.error).into() {
            return false;
        }
        let digits = Natural::from(number);
        let middle = compare(digits, -self.power, 2 * self.mantissa + 1, self.exponent - 1);
        self.is_inside(middle, Ordering::Less)
    }

    /// The middle between two floats is read as the one whose mantissa is even.
    const fn is_inside(&self, middle: Ordering, inside: Ordering) -> bool {
        match middle {
            Ordering::Equal => self.mantissa & 1 == 0,
            _ => middle as i8 == inside as i8,
        }
    }

    /// Whether the float lies no further from `low` + `step` than from `low`.
    fn lies_nearer_to_high(&self, low: u64, step: u64) -> bool {
        let twice = 2 * u128::from(low) + u128::from(step);
        let middle = twice << (self.fraction_bits - 1);
        let value = u128::from(self.estimate.mantissa);
        if value >= middle {
            return true;
        }
        if value + u128::from(self.estimate.error) <= middle {
            return false;
        }
        let digits = Natural::from(twice as u64 * 5);
        compare(digits, -self.power - 1, self.mantissa, self.exponent).is_le()
    }
}

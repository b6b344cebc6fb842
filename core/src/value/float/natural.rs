//! Natural numbers of any size, as far as floats take them.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::steps;

/// A number of any size: digits to the base 2^32, the lowest first, no zeros at the end.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Natural(Vec<u32>);

/// Compares `digits` × 10^`power_of_ten` with `mantissa` × 2^`power_of_two`.
pub(super) fn compare(
    mut digits: Natural,
    power_of_ten: i32,
    mantissa: u64,
    power_of_two: i32,
) -> Ordering {
    let mut mantissa = Natural::from(mantissa);
    let scaled = if power_of_ten < 0 { &mut mantissa } else { &mut digits };
    scaled.multiply_power_of_five(power_of_ten.unsigned_abs());
    let shift = power_of_ten - power_of_two;
    let scaled = if shift < 0 { &mut mantissa } else { &mut digits };
    scaled.shift(shift.unsigned_abs());
    digits.cmp(&mantissa)
}

impl Natural {
    pub(super) fn multiply_add(&mut self, factor: u32, addend: u32) {
        steps::count(1 + self.0.len());
        let mut carry = u64::from(addend);
        for digit in &mut self.0 {
            carry += u64::from(*digit) * u64::from(factor);
            *digit = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    pub(super) fn multiply_power_of_five(&mut self, mut exponent: u32) {
        /// The greatest power that a factor holds.
        const MOST: u32 = 13;
        while exponent >= MOST {
            self.multiply_add(5_u32.pow(MOST), 0);
            exponent -= MOST;
        }
        self.multiply_add(5_u32.pow(exponent), 0);
    }

    /// Multiplies by 2 to that power.
    pub(super) fn shift(&mut self, bits: u32) {
        if !self.0.is_empty() {
            self.multiply_add(1 << (bits % 32), 0);
            self.0.splice(..0, core::iter::repeat_n(0, bits as usize / 32));
        }
    }
}

impl From<u64> for Natural {
    fn from(number: u64) -> Self {
        let digits = [number as u32, (number >> 32) as u32];
        let length = digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
        Self(digits.into_iter().take(length).collect())
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        let digits = || self.0.iter().rev().cmp(other.0.iter().rev());
        self.0.len().cmp(&other.0.len()).then_with(digits)
    }
}

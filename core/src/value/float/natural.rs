//! Natural numbers of any size, with the little arithmetic that conversions of floats take.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// A natural number with what conversions of floats need; `u128` is one for most of them.
pub(super) trait Number: Ord + From<u64> {
    /// How many bits it has from the highest one that is set.
    fn bits(&self) -> i32;

    fn multiply_add(&mut self, factor: u32, addend: u32);

    /// Multiplies by 2 to that power.
    fn shift(&mut self, bits: u32);

    /// Subtracts what is no greater.
    fn subtract(&mut self, other: &Self);

    /// Compares the sum with another number.
    fn compare_sum(&self, addend: &Self, other: &Self) -> Ordering;

    fn multiply_power_of_ten(&mut self, exponent: u32) {
        for _ in 0..exponent {
            self.multiply_add(10, 0);
        }
    }
}

impl Number for u128 {
    fn bits(&self) -> i32 {
        (Self::BITS - self.leading_zeros()) as i32
    }

    fn multiply_add(&mut self, factor: u32, addend: u32) {
        *self = *self * Self::from(factor) + Self::from(addend);
    }

    fn shift(&mut self, bits: u32) {
        *self <<= bits;
    }

    fn subtract(&mut self, other: &Self) {
        *self -= other;
    }

    fn compare_sum(&self, addend: &Self, other: &Self) -> Ordering {
        (self + addend).cmp(other)
    }
}

/// A number of any size: digits to the base 2^32, the lowest first, no zeros at the end.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Natural(Vec<u32>);

impl Natural {
    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

impl From<u64> for Natural {
    fn from(number: u64) -> Self {
        let mut natural = Self(Vec::from([number as u32, (number >> 32) as u32]));
        natural.trim();
        natural
    }
}

impl Number for Natural {
    fn bits(&self) -> i32 {
        self.0.last().map_or(0, |top| self.0.len() as i32 * 32 - top.leading_zeros() as i32)
    }

    fn multiply_add(&mut self, factor: u32, addend: u32) {
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

    fn shift(&mut self, bits: u32) {
        if !self.0.is_empty() {
            self.multiply_add(1 << (bits % 32), 0);
            self.0.splice(..0, core::iter::repeat_n(0, bits as usize / 32));
        }
    }

    fn subtract(&mut self, other: &Self) {
        let mut borrow = 0;
        for (index, digit) in self.0.iter_mut().enumerate() {
            let taken = other.0.get(index).map_or(0, |digit| i64::from(*digit));
            let difference = i64::from(*digit) - taken + borrow;
            *digit = difference as u32;
            borrow = difference >> 32;
        }
        self.trim();
    }

    fn compare_sum(&self, addend: &Self, other: &Self) -> Ordering {
        let mut missing = other.clone();
        if *self > missing {
            return Ordering::Greater;
        }
        missing.subtract(self);
        addend.cmp(&missing)
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

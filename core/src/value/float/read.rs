//! From decimal digits to the nearest float.

use core::cmp::Ordering;

use super::{
    BIAS, POWERS_OF_TEN, STORED_BITS,
    estimate::Estimate,
    natural::{Natural, compare},
    parts,
};

use crate::steps;

/// The float nearest to a number in JSON's grammar, infinite where that is beyond their range;
/// `None` for other texts.
pub(in crate::value) fn read(text: &str) -> Option<f64> {
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    let value = f64::from_bits(Decimal::of(magnitude)?.nearest());
    Some(if magnitude.len() < text.len() { -value } else { value })
}

/// A decimal number: the text of its digits, and what most conversions need of it.
struct Decimal<'a> {
    whole: &'a str,
    fraction: &'a str,
    /// The first digits that count, as many as 64 bits hold.
    head: u64,
    /// How many these are.
    length: i32,
    /// Whether one of the others is not 0.
    goes_on: bool,
    /// The power of ten that the head is multiplied by.
    exponent: i64,
}

/// More digits never lie just between two floats: of the rest only matters whether it is 0.
const MOST_DIGITS: i32 = 800;
const HEAD_DIGITS: i32 = 19;

impl<'a> Decimal<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent = read_exponent(exponent)? - fraction.len() as i64;
        let (head, length, goes_on) = (0, 0, false);
        let mut decimal = Self { whole, fraction, head, length, goes_on, exponent };
        steps::count(text.len());
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            if decimal.length == HEAD_DIGITS {
                decimal.goes_on |= byte != b'0';
                decimal.exponent += 1;
            } else if byte != b'0' || decimal.length > 0 {
                decimal.head = decimal.head * 10 + u64::from(byte - b'0');
                decimal.length += 1;
            }
        }
        (!whole.is_empty()).then_some(decimal)
    }

    /// The bits of the nearest float.
    fn nearest(&self) -> u64 {
        let point = self.exponent + i64::from(self.length);
        if self.head == 0 || point < -330 {
            return 0;
        }
        if point > 310 {
            return INFINITY;
        }
        let exponent = self.exponent as i32;
        if !self.goes_on
            && self.head >> f64::MANTISSA_DIGITS == 0
            && let Some(power) = POWERS_OF_TEN.get(exponent.unsigned_abs() as usize)
        {
            let head = self.head as f64;
            return (if exponent < 0 { head / power } else { head * power }).to_bits();
        }
        let estimate = Estimate::of(self.head, exponent, self.goes_on);
        let [low, high] = estimate.ends();
        if low == high {
            return low;
        }
        match self.compare_middle(low) {
            Ordering::Less => low,
            Ordering::Equal => low + (low & 1),
            Ordering::Greater => low + 1,
        }
    }

    /// Compares with the middle between a float and the next greater one.
    fn compare_middle(&self, bits: u64) -> Ordering {
        let (digits, exponent) = self.all_digits();
        let (mantissa, power) = parts(bits);
        compare(digits, exponent, 2 * mantissa + 1, power - 1)
    }

    /// All digits that matter as a number, and the power of ten that it is multiplied by.
    fn all_digits(&self) -> (Natural, i32) {
        let mut all = Natural::from(0);
        let mut exponent = self.exponent as i32 + self.length;
        let (mut chunk, mut scale, mut rest) = (0, 1, false);
        let digits = self.whole.bytes().chain(self.fraction.bytes());
        steps::count(self.whole.len() + self.fraction.len());
        for (index, byte) in (0..).zip(digits.skip_while(|byte| *byte == b'0')) {
            if index >= MOST_DIGITS {
                rest |= byte != b'0';
                continue;
            }
            chunk = chunk * 10 + u32::from(byte - b'0');
            scale *= 10;
            exponent -= 1;
            if scale == 1_000_000_000 {
                all.multiply_add(scale, chunk);
                (chunk, scale) = (0, 1);
            }
        }
        all.multiply_add(scale, chunk);
        if rest {
            all.multiply_add(10, 1);
            exponent -= 1;
        }
        (all, exponent)
    }
}

/// What is too long for an exponent is far beyond all floats, however many digits they have.
fn read_exponent(text: &str) -> Option<i64> {
    const FAR: i64 = 1 << 48;
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let beyond = if text.starts_with('-') { -FAR } else { FAR };
    Some(text.parse().map_or(beyond, |exponent: i64| exponent.clamp(-FAR, FAR)))
}

impl Estimate {
    /// The bits of the floats nearest to both ends.
    fn ends(&self) -> [u64; 2] {
        let low = round(self.mantissa, self.exponent);
        let high = match self.mantissa.checked_add(self.error) {
            Some(mantissa) => round(mantissa, self.exponent),
            None => round(1 << 63 | self.error, self.exponent + 1),
        };
        [low, high]
    }
}

/// The bits of the float nearest to a mantissa, whose highest bit is set, times a power of two; a
/// tie goes to the even one.
const fn round(mantissa: u64, exponent: i32) -> u64 {
    let normal = u64::BITS as i32 - f64::MANTISSA_DIGITS as i32;
    let biased = exponent + normal + BIAS;
    if biased > 2 * f64::MAX_EXP {
        return INFINITY;
    }
    let cut = if biased > 0 { normal } else { normal + 1 - biased };
    if cut > u64::BITS as i32 {
        return 0;
    }
    let kept = if cut == u64::BITS as i32 { 0 } else { mantissa >> cut };
    let half: u64 = 1 << (cut - 1);
    let rest = mantissa & (half << 1).wrapping_sub(1);
    let rounds_up = rest > half || rest == half && kept & 1 == 1;
    // The highest bit of the mantissa, which a subnormal number lacks, adds 1 to the exponent.
    let exponent = if biased > 1 { biased as u64 - 1 } else { 0 };
    let bits = (exponent << STORED_BITS) + kept + rounds_up as u64;
    if bits > INFINITY { INFINITY } else { bits }
}

const INFINITY: u64 = f64::INFINITY.to_bits();

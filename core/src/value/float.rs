//! Floats from and to decimal digits, exactly.
//!
//! The standard library is faster with long digits, by tables and code that make up a seventh of
//! the wasm module. Here short digits take a short cut through arithmetic without rounding, and
//! the others the way of the textbooks through numbers of any size.

mod natural;

use alloc::vec::Vec;
use core::cmp::Ordering;

use self::natural::{Natural, Number};

/// The float nearest to a number in JSON's grammar, infinite where that is beyond their range;
/// `None` for other texts.
pub(super) fn read(text: &str) -> Option<f64> {
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = magnitude.split_once(['e', 'E']).unwrap_or((magnitude, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if whole.is_empty() || !digits().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits: Vec<u8> = digits().skip_while(|byte| *byte == b'0').collect();
    let point = read_exponent(exponent)? + digits.len() as i64 - fraction.len() as i64;
    let value = nearest(digits, point);
    Some(if magnitude.len() < text.len() { -value } else { value })
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

/// The float nearest to 0.`digits` × 10^`point`; the first digit is not 0.
fn nearest(mut digits: Vec<u8>, point: i64) -> f64 {
    /// More digits never lie just between two floats: of the rest only matters whether it is 0.
    const MOST_DIGITS: usize = 800;
    if digits.is_empty() || point < -330 {
        return 0.0;
    }
    if point > 310 {
        return f64::INFINITY;
    }
    if digits.split_off(MOST_DIGITS.min(digits.len())).iter().any(|digit| *digit != b'0') {
        digits.push(b'1');
    }
    let exponent = point as i32 - digits.len() as i32;
    if digits.len() <= EXACT_DIGITS && exponent.unsigned_abs() <= EXACT_POWER {
        let whole = digits.iter().fold(0.0, |whole, digit| whole * 10.0 + f64::from(digit - b'0'));
        let power = power_of_ten(exponent.unsigned_abs());
        return if exponent < 0 { whole / power } else { whole * power };
    }
    // 10^36 has 120 bits.
    if digits.len() as i32 + exponent <= 36 && digits.len() <= 36 && exponent >= -36 {
        quotient::<u128>(&digits, exponent)
    } else {
        quotient::<Natural>(&digits, exponent)
    }
}

/// The float nearest to `digits` × 10^`exponent`: its bits are divided out one by one.
fn quotient<N: Number>(digits: &[u8], exponent: i32) -> f64 {
    let (mut dividend, mut divisor) = (N::from(0), N::from(1));
    for digit in digits {
        dividend.multiply_add(10, u32::from(digit - b'0'));
    }
    let scaled = if exponent < 0 { &mut divisor } else { &mut dividend };
    scaled.multiply_power_of_ten(exponent.unsigned_abs());
    // Scaled by 2^exponent, the quotient is at least 1 and less than 2.
    let mut exponent = dividend.bits() - divisor.bits();
    let scaled = if exponent < 0 { &mut dividend } else { &mut divisor };
    scaled.shift(exponent.unsigned_abs());
    if dividend < divisor {
        dividend.shift(1);
        exponent -= 1;
    }
    let subnormal_by = (LEAST_EXPONENT - exponent).max(0);
    let mut bits = 0;
    for _ in subnormal_by..MANTISSA_BITS {
        bits <<= 1;
        if dividend >= divisor {
            dividend.subtract(&divisor);
            bits |= 1;
        }
        dividend.shift(1);
    }
    if subnormal_by > MANTISSA_BITS {
        return 0.0;
    }
    // The rest counts half of the last bit; a tie goes to the even one.
    if dividend > divisor || dividend == divisor && bits & 1 == 1 {
        bits += 1;
    }
    // The highest bit of the mantissa, which a subnormal number lacks, adds 1 to the exponent.
    let biased = (exponent - LEAST_EXPONENT).max(0) as u64;
    f64::from_bits((biased << (MANTISSA_BITS - 1)) + bits).min(f64::INFINITY)
}

/// The shortest decimal that is read as that finite, positive float, and of several the nearest:
/// its digits, and the power of ten of the first one.
pub(super) fn shortest(value: f64) -> (u64, i32) {
    short(value).unwrap_or_else(|| long(value))
}

/// Decimals of up to 15 digits are never read as the same float, so there is no second one.
fn short(value: f64) -> Option<(u64, i32)> {
    for places in 0..=EXACT_POWER {
        let power = power_of_ten(places);
        let scaled = value * power;
        if scaled >= power_of_ten(EXACT_DIGITS as u32) {
            return None;
        }
        let whole = scaled as u64;
        if whole as f64 == scaled && scaled / power == value {
            return Some((whole, whole.checked_ilog10().unwrap_or(0) as i32 - places as i32));
        }
    }
    None
}

fn long(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let biased = (bits >> (MANTISSA_BITS - 1)) as i32;
    let implied = u64::from(biased > 0) << (MANTISSA_BITS - 1);
    let mantissa = bits & ((1 << (MANTISSA_BITS - 1)) - 1) | implied;
    let exponent = biased.max(1) - 1 + LEAST_EXPONENT - (MANTISSA_BITS - 1);
    // Below a power of two the floats lie twice as close.
    let closer_below = u32::from(mantissa == implied && biased > 1);
    // Then the largest number is below 2^126.
    if (-110..=60).contains(&exponent) {
        digits::<u128>(mantissa, exponent, closer_below)
    } else {
        digits::<Natural>(mantissa, exponent, closer_below)
    }
}

/// The digits of `mantissa` × 2^`exponent`, until one more would no longer tell the float from its
/// neighbours.
fn digits<N: Number>(mantissa: u64, exponent: i32, closer_below: u32) -> (u64, i32) {
    // All is counted in halves of the gap below the float.
    let mut rest = N::from(mantissa << (closer_below + 1));
    let mut one = N::from(1 << (closer_below + 1));
    let (mut below, mut above) = (N::from(1), N::from(1 << closer_below));
    let scaled = if exponent < 0 { &mut one } else { &mut rest };
    scaled.shift(exponent.unsigned_abs());
    if exponent > 0 {
        below.shift(exponent.unsigned_abs());
        above.shift(exponent.unsigned_abs());
    }
    // A float whose mantissa is even is read from the middle between it and a neighbour as well.
    let is_even = mantissa & 1 == 0;
    let reaches = |rest: &N, above: &N, one: &N| match rest.compare_sum(above, one) {
        Ordering::Less => false,
        Ordering::Equal => is_even,
        Ordering::Greater => true,
    };
    let top_bit = exponent + 63 - mantissa.leading_zeros() as i32;
    // The power of ten at or below the highest bit: the constant is just below log10(2) × 2^18.
    let mut power = (top_bit * 78_913) >> 18;
    if power < 0 {
        for number in [&mut rest, &mut below, &mut above] {
            number.multiply_power_of_ten(power.unsigned_abs());
        }
    } else {
        one.multiply_power_of_ten(power.unsigned_abs());
    }
    while reaches(&rest, &above, &one) {
        one.multiply_add(10, 0);
        power += 1;
    }
    let mut digits = 0;
    loop {
        for number in [&mut rest, &mut below, &mut above] {
            number.multiply_add(10, 0);
        }
        digits *= 10;
        power -= 1;
        while rest >= one {
            rest.subtract(&one);
            digits += 1;
        }
        let is_near_above = reaches(&rest, &above, &one);
        let is_near_below = rest < below || is_even && rest == below;
        if is_near_above || is_near_below {
            rest.shift(1);
            let rounds_up = is_near_above && (!is_near_below || rest >= one);
            let digits = digits + u64::from(rounds_up);
            return (digits, power + digits.checked_ilog10().unwrap_or(0) as i32);
        }
    }
}

/// Exact up to [`EXACT_POWER`].
fn power_of_ten(exponent: u32) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * 10.0)
}

/// Every number of so many digits is a float,
const EXACT_DIGITS: usize = 15;
/// and so is every power of ten up to this one.
const EXACT_POWER: u32 = 22;
const MANTISSA_BITS: i32 = f64::MANTISSA_DIGITS as i32;
/// The exponent of the least normal float.
const LEAST_EXPONENT: i32 = f64::MIN_EXP - 1;

#[cfg(test)]
mod tests {
    use alloc::{format, string::String};

    use proptest::prelude::*;

    use super::*;

    fn scientific(value: f64) -> String {
        let (digits, exponent) = shortest(value);
        let digits = format!("{digits}");
        let (first, rest) = digits.split_at(1);
        let rest = rest.trim_end_matches('0');
        format!("{first}{}{rest}e{exponent}", if rest.is_empty() { "" } else { "." })
    }

    #[track_caller]
    fn is_as_in_std(value: f64) {
        let text = format!("{value:e}");
        assert_eq!(scientific(value), text);
        assert_eq!(read(&text).map(f64::to_bits), Some(value.to_bits()), "{text}");
        let long = format!("{value:.20e}");
        assert_eq!(read(&long), long.parse().ok(), "{long}");
    }

    #[test]
    fn powers_and_their_neighbours_are_as_in_std() {
        let powers_of_two = (-1074..1024).map(|power| {
            let (whole, fraction) = (power.max(-1022), power.min(-1022) + 1022);
            f64::from_bits(((whole + 1023) as u64) << 52)
                * f64::from_bits(((fraction + 1023) as u64) << 52)
        });
        let powers_of_ten = (-323..309).map(|power| format!("1e{power}").parse::<f64>().unwrap());
        for power in powers_of_two.chain(powers_of_ten) {
            for bits in power.to_bits().saturating_sub(2).max(1)..=power.to_bits() + 2 {
                is_as_in_std(f64::from_bits(bits).min(f64::MAX));
            }
        }
    }

    #[test]
    fn all_digits_of_a_float_are_read() {
        for power in (-323..308).step_by(13) {
            let text = format!("3e{power}");
            let value: f64 = text.parse().unwrap_or_default();
            assert_eq!(read(&format!("{value:.1100}")), Some(value), "{text}");
        }
    }

    #[test]
    fn the_middle_between_two_floats_goes_to_the_even_one() {
        for (text, value) in [
            ("9007199254740993", 9_007_199_254_740_992.0),
            ("9007199254740993.00000000000000000000000000000000000000001", 9_007_199_254_740_994.0),
            ("9007199254740995", 9_007_199_254_740_996.0),
            ("2.4703282292062327208e-324", 0.0),
            ("2.4703282292062327209e-324", 5e-324),
            ("1.7976931348623158079e308", f64::MAX),
            ("1.7976931348623158080e308", f64::INFINITY),
        ] {
            assert_eq!(read(text), Some(value), "{text}");
        }
        let hardly_above = format!("9007199254740993.{}1", "0".repeat(2 * 800));
        assert_eq!(read(&hardly_above), Some(9_007_199_254_740_994.0));
    }

    #[test]
    fn far_exponents_are_infinite_or_zero() {
        let zeros = "0".repeat(10_000);
        for (text, value) in [
            ("1e999999999999999999999999", f64::INFINITY),
            ("-1E+400", f64::NEG_INFINITY),
            ("1e-999999999999999999999999", 0.0),
            ("0e999999999999999999999999", 0.0),
            (&format!("0.{zeros}1e10001"), 1.0),
            (&format!("1{zeros}e-10000"), 1.0),
        ] {
            assert_eq!(read(text), Some(value), "{text}");
        }
        assert!(read("-0.0").is_some_and(|zero| zero.is_sign_negative()));
        for bad in ["", "-", "e1", ".5", "1e", "1e+", "1 ", "+1", "1e1.5", "inf", "NaN", "1_0"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn any_float_is_as_in_std(bits in 1..f64::INFINITY.to_bits()) {
            is_as_in_std(f64::from_bits(bits));
        }

        #[test]
        fn short_decimals_are_as_in_std(digits in 1_u64..10_000_000_000_000_000, power in -30..30) {
            is_as_in_std(format!("{digits}e{power}").parse().unwrap());
        }

        #[test]
        fn any_decimal_is_read_as_in_std(text in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?(e[-+]?[0-9]{1,3})?") {
            let read = read(&text).map(f64::to_bits);
            prop_assert_eq!(read, text.parse().ok().map(f64::to_bits));
        }
    }
}

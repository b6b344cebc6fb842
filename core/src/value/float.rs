//! Floats from and to decimal digits, exactly.
//!
//! The standard library has the same, by tables and code that make up a seventh of the wasm module.
//! Here a float is read by arithmetic without rounding where its digits are few, else by arithmetic
//! with 64 bits whose error is known, and where that leaves two floats, by holding the digits
//! against the middle between them, in numbers of any size.

mod estimate;
mod natural;
mod read;
mod shortest;

pub(super) use self::{read::read, shortest::shortest};

/// The powers of ten that are floats, without rounding.
const POWERS_OF_TEN: [f64; 23] = powers_of_ten();

const fn powers_of_ten() -> [f64; 23] {
    let mut powers = [1.0; 23];
    let mut exponent = 1;
    while exponent < powers.len() {
        powers[exponent] = powers[exponent - 1] * 10.0;
        exponent += 1;
    }
    powers
}

/// The bits of a mantissa that are stored; the highest one is implied.
const STORED_BITS: u32 = f64::MANTISSA_DIGITS - 1;
/// What is added to the exponent of a mantissa without a point.
const BIAS: i32 = f64::MAX_EXP - 1 + STORED_BITS as i32;

/// A finite, positive float as a whole number times a power of two.
const fn parts(bits: u64) -> (u64, i32) {
    let biased = (bits >> STORED_BITS) as i32;
    let stored = bits & ((1 << STORED_BITS) - 1);
    match biased {
        0 => (stored, 1 - BIAS),
        _ => (stored | 1 << STORED_BITS, biased - BIAS),
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String, vec::Vec};

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
            ("0.4e309", f64::INFINITY),
            ("9e309", f64::INFINITY),
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

    /// The digits of the middle between a float and the next one, all of them.
    fn middle(bits: u64) -> String {
        let (low, high) = (f64::from_bits(bits), f64::from_bits(bits + 1));
        // Both ends have the middle's digits before their own end.
        let [low, high] = [low, high].map(|end| format!("{end:.1080}"));
        let mut sum = Vec::new();
        let mut carry = 0;
        let padded = format!("{low:0>width$}", width = high.len());
        for (a, b) in padded.bytes().rev().zip(high.bytes().rev()) {
            if a == b'.' {
                sum.push(a);
                continue;
            }
            let digit = a - b'0' + b - b'0' + carry;
            sum.push(digit % 10 + b'0');
            carry = digit / 10;
        }
        sum.push(carry + b'0');
        sum.reverse();
        let mut half = String::new();
        let mut rest = 0;
        for byte in sum {
            if byte == b'.' {
                half.push('.');
                continue;
            }
            let digit = byte - b'0' + 10 * rest;
            half.push(char::from(digit / 2 + b'0'));
            rest = digit % 2;
        }
        half
    }

    #[test]
    fn what_lies_around_a_middle_is_as_in_std() {
        let mut bits: u64 = 1;
        for round in 0..200_u64 {
            bits = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(round);
            let bits = match round {
                0..20 => round,
                20..40 => f64::MAX.to_bits() - 1 - (round - 20),
                40..60 => f64::MIN_POSITIVE.to_bits() - 50 + round,
                _ => bits % f64::MAX.to_bits(),
            };
            let middle = middle(bits);
            let digits = middle.trim_start_matches(['0', '.']).len();
            let start = middle.len() - digits;
            for length in [17, 18, 19, 20, 21, 25, 40, 100, digits] {
                let short = &middle[..middle.len().min(start + length)];
                let point = middle.find('.').unwrap();
                let zeros = "0".repeat(point.saturating_sub(short.len()));
                for text in [
                    format!("{short}{zeros}"),
                    format!("{short}{zeros}e0"),
                    format!("{middle}{}", "0".repeat(900)),
                    format!("{middle}{}1", "0".repeat(900)),
                ] {
                    let text = text.trim_end_matches('.');
                    assert_eq!(read(text), text.parse().ok(), "{text}");
                }
            }
        }
    }

    #[test]
    fn hard_cases_of_other_readers_are_as_in_std() {
        // From the tests of fast_float, double-conversion and David Gay's strtod.
        for text in [
            "2.2250738585072011e-308",
            "2.2250738585072012e-308",
            "2.2250738585072014e-308",
            "6.9294956446009195e15",
            "7.0420557077594588669468784357561207962098443483187940792729600000e59",
            "1.00000006e+09",
            "4.9406564584124653e-324",
            "3.5844466002796428e+298",
            "9214843084008499",
            "0.500000000000000166533453693773481063544750213623046875",
            "3.518437208883201171875e13",
            "62.5364939768271845828",
            "8.10109172351e-10",
            "1.50000000000000011102230246251565404236316680908203125",
            "1.49999999999999988897769753748434595763683319091796875",
            "89255e-22",
            "104110013277974872254e-225",
            "12345e-324",
            "8.3881182152621e-324",
            "358416272e-33",
            "123456789012345678901234567890e0",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880e0",
            "2.47032822920623272088284396434110686182e-324",
            "2.47032822920623272088284396434110686183e-324",
            "9007199254740992999999999999999e-15",
            "9007199254740993000000000000000e-15",
            "9007199254740993000000000000001e-15",
            "5e-324",
            "1e-400",
            "1e23",
            "8.5e22",
            "9.5367431640625e-7",
        ] {
            assert_eq!(read(text), text.parse().ok(), "{text}");
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
        fn any_decimal_of_few_digits_is_read_as_in_std(digits in any::<u64>(), power in -345..310_i32) {
            let text = format!("{digits}e{power}");
            prop_assert_eq!(read(&text), text.parse().ok());
        }

        #[test]
        fn any_decimal_is_read_as_in_std(text in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?(e[-+]?[0-9]{1,3})?") {
            let read = read(&text).map(f64::to_bits);
            prop_assert_eq!(read, text.parse().ok().map(f64::to_bits));
        }
    }
}

//! Numbers times powers of ten, with an error that is known.

/// A number of which 64 bits are known: it is `mantissa` × 2^`exponent`, or more by less than
/// `error` × 2^`exponent`. The highest bit of the mantissa is set.
pub(super) struct Estimate {
    pub(super) mantissa: u64,
    pub(super) exponent: i32,
    pub(super) error: u64,
}

impl Estimate {
    /// An estimate of `head` × 10^`power`, or of a number with more digits behind those of the head.
    pub(super) fn of(head: u64, power: i32, goes_on: bool) -> Self {
        let zeros = head.leading_zeros();
        // A head that goes on has 60 bits or more, so 1 is less than 16 of the lowest bit.
        let error = if goes_on { 16 } else { 0 };
        let mut estimate = Self { mantissa: head << zeros, exponent: -(zeros as i32), error };
        let fine = power.rem_euclid(STEP);
        let five = 5_u64.pow(fine.unsigned_abs());
        let zeros = five.leading_zeros();
        estimate.multiply(five << zeros, fine - zeros as i32);
        let coarse = power.div_euclid(STEP);
        let index = usize::try_from(coarse + LEAST_STEP).ok();
        if let Some(mantissa) = index.and_then(|index| STEPS.get(index)).filter(|_| coarse != 0) {
            // The constant is just above log2(10) × 2^16.
            estimate.multiply(*mantissa, ((coarse * STEP * 217_706) >> 16) - 63);
            estimate.error += 2;
        }
        estimate
    }

    /// Multiplies by a number whose highest bit is set.
    fn multiply(&mut self, mantissa: u64, exponent: i32) {
        let product = u128::from(self.mantissa) * u128::from(mantissa);
        let zeros = product.leading_zeros();
        let product = product << zeros;
        self.mantissa = (product >> 64) as u64;
        self.exponent += exponent + 64 - zeros as i32;
        // What was cut off is less than 1; the shift doubles what was unknown before.
        self.error = (self.error << zeros) + u64::from(product as u64 != 0);
    }
}

/// 5^27 is the last power of five below 2^64.
const STEP: i32 = 28;
const LEAST_STEP: i32 = 13;
/// The first 64 bits of every 28th power of ten from 10^-364 to 10^336.
const STEPS: [u64; 26] = [
    0xe1af_a13a_fbd1_4d6d,
    0xe3e2_7a44_4d8d_98b7,
    0xe61a_cf03_3d1a_45df,
    0xe858_ad24_8f5c_22c9,
    0xea9c_2277_23ee_8bcb,
    0xece5_3cec_4a31_4ebd,
    0xef34_0a98_172a_ace4,
    0xf188_99b1_bc3f_8ca1,
    0xf3e2_f893_dec3_f126,
    0xf643_35bc_f065_d37d,
    0xf8a9_5fcf_8874_7d94,
    0xfb15_8592_be06_8d2e,
    0xfd87_b5f2_8300_ca0d,
    0x8000_0000_0000_0000,
    0x813f_3978_f894_0984,
    0x8281_8f12_81ed_449f,
    0x83c7_088e_1aab_65db,
    0x850f_adc0_9923_329e,
    0x865b_8692_5b9b_c5c2,
    0x87aa_9aff_7904_2286,
    0x88fc_f317_f222_41e2,
    0x8a52_96ff_e33c_c92f,
    0x8bab_8eef_b640_9c1a,
    0x8d07_e334_5563_7eb2,
    0x8e67_9c2f_5e44_ff8f,
    0x8fca_c257_558e_e4e6,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::float::natural::Natural;

    #[test]
    fn the_steps_are_the_first_bits_of_their_powers() {
        for (step, mantissa) in (-LEAST_STEP..).zip(STEPS) {
            let power = (step * STEP).unsigned_abs();
            let exponent = ((step * STEP * 217_706) >> 16) - 63;
            let ends = [mantissa, mantissa + 1].map(|mantissa| {
                // mantissa × 2^exponent against 10^power: negative powers on the other side.
                let (mut ours, mut ten) = (Natural::from(mantissa), Natural::from(1));
                (if step < 0 { &mut ours } else { &mut ten }).multiply_power_of_five(power);
                let shift = exponent - step * STEP;
                (if shift < 0 { &mut ten } else { &mut ours }).shift(shift.unsigned_abs());
                ours.cmp(&ten)
            });
            assert!(ends[0].is_le() && ends[1].is_gt(), "10^{}", step * STEP);
        }
    }
}

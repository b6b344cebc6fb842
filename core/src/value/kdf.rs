//! HKDF-SHA-256 (RFC 5869).

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// A key from which others are derived.
pub(super) struct Prk(Hkdf<Sha256>);

impl Prk {
    /// HKDF-Extract.
    pub(super) fn extract(salt: &[u8], secret: &[u8]) -> Self {
        Self(Hkdf::new(Some(salt), secret))
    }

    /// 32 bytes that are uniformly random already.
    pub(super) fn of_random(bytes: &[u8; 32]) -> Self {
        // Only shorter keys than the hash are refused.
        Self(Hkdf::from_prk(bytes).unwrap_or_else(|_| Hkdf::new(None, bytes)))
    }

    /// HKDF-Expand with the parts of an info one after the other; `N` is at most 255 × 32.
    pub(super) fn expand<const N: usize>(&self, info: &[&[u8]]) -> Zeroizing<[u8; N]> {
        let mut out = Zeroizing::new([0; N]);
        let expanded = self.0.expand_multi_info(info, &mut *out);
        debug_assert!(expanded.is_ok(), "at most 255 blocks");
        out
    }
}

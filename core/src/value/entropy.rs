use core::{
    fmt,
    sync::atomic::{AtomicU32, Ordering},
};

use zeroize::Zeroizing;

use super::kdf::Prk;

/// The random bytes of one step, expanded into as many salts as it wants.
///
/// Salts are HKDF-Expand of the 32 bytes with a counter: they differ from each other as long as
/// nobody gives the same bytes twice.
pub struct Entropy {
    seed: Zeroizing<[u8; 32]>,
    taken: AtomicU32,
}

impl Entropy {
    /// From 32 bytes of a cryptographic random generator, for one step alone.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed: Zeroizing::new(seed), taken: AtomicU32::new(0) }
    }

    /// Bytes that are taken once; `N` is at most 255 × 32.
    #[must_use]
    pub fn take<const N: usize>(&self) -> [u8; N] {
        let counter = self.taken.fetch_add(1, Ordering::Relaxed);
        *Prk::of_random(&self.seed).expand(&[b"nestkey/entropy/v1", &counter.to_be_bytes()])
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(<secret>)")
    }
}

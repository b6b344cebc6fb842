use std::time::Duration;

/// Numbers without a pattern, the same in each run: xorshift.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) const fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    /// At least a millisecond.
    pub(crate) const fn within(&mut self, longest: Duration) -> Duration {
        Duration::from_micros(1_000 + self.below(longest.as_micros() as u64))
    }
}

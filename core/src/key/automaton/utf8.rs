//! UTF-8, byte by byte.

/// What a UTF-8 sequence still lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Due {
    Nothing,
    One,
    Two,
    Three,
    /// Behind `C2`, where control characters are refused.
    AfterC2,
    AfterE0,
    AfterEd,
    AfterF0,
    AfterF4,
}

impl Due {
    /// A step through UTF-8.
    pub(super) const fn next(self, byte: u8) -> Option<Self> {
        Some(match (self, byte) {
            (Self::Nothing, 0..=0x7F) | (Self::One, 0x80..=0xBF) | (Self::AfterC2, 0xA0..=0xBF) => {
                Self::Nothing
            }
            (Self::Nothing, 0xC2..=0xDF)
            | (Self::Two, 0x80..=0xBF)
            | (Self::AfterE0, 0xA0..=0xBF)
            | (Self::AfterEd, 0x80..=0x9F) => Self::One,
            (Self::Nothing, 0xE0) => Self::AfterE0,
            (Self::Nothing, 0xED) => Self::AfterEd,
            (Self::Nothing, 0xE1..=0xEF)
            | (Self::Three, 0x80..=0xBF)
            | (Self::AfterF0, 0x90..=0xBF)
            | (Self::AfterF4, 0x80..=0x8F) => Self::Two,
            (Self::Nothing, 0xF0) => Self::AfterF0,
            (Self::Nothing, 0xF1..=0xF3) => Self::Three,
            (Self::Nothing, 0xF4) => Self::AfterF4,
            _ => return None,
        })
    }
}

//! How many bytes values may have, one by one and all of one turn together.

use alloc::{format, vec::Vec};

use crate::{
    error::{Error, ErrorKind, NO_MEMORY, Result, TOO_LARGE},
    reply::{Reply, ServerError},
};

/// The bounds of values, in bytes. They hold for what is stored and for what is read.
///
/// A value is bounded as it crosses and as it is stored. Where an entry says `max_size`, that holds
/// for it instead of [`value`](Self::value).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// One value; 64 MiB by default.
    pub value: usize,
    /// What one turn sends, and what is answered to it; 256 MiB by default.
    pub turn: usize,
}

impl Limits {
    /// No bounds.
    pub const NONE: Self = Self { value: usize::MAX, turn: usize::MAX };

    /// Those that hold where nobody says otherwise.
    pub const DEFAULT: Self = Self { value: 64 << 20, turn: 256 << 20 };

    /// Bounds of so many bytes for a value and for a turn.
    #[must_use]
    pub const fn new(value: usize, turn: usize) -> Self {
        Self { value, turn }
    }

    /// Puts an error in the place of every reply that is out of bounds, as if the server had not
    /// given it.
    pub fn bound(self, replies: &mut [Reply]) {
        self.budget().bound(replies);
    }

    /// What is left of a turn before anything of it has come.
    #[must_use]
    pub(crate) const fn budget(self) -> Budget {
        Budget { limits: self, left: self.turn }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How much may still come in answer to a turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    limits: Limits,
    left: usize,
}

/// Replies up to this size always pass, so that what is written has its answer.
const SMALL: usize = 1024;

impl Budget {
    /// Takes the room of a bulk string, or answers what stands in for it.
    pub(crate) fn take(&mut self, bytes: usize) -> core::result::Result<(), Reply> {
        if bytes <= SMALL {
            return Ok(());
        }
        if let Err(error) = check(bytes, self.limits.value) {
            return Err(stand_in(&error));
        }
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => return Err(stand_in(&turn_too_large(self.limits.turn))),
        }
        Ok(())
    }

    fn bound(&mut self, replies: &mut [Reply]) {
        for reply in replies {
            match reply {
                Reply::Bulk(bytes) => {
                    if let Err(instead) = self.take(bytes.len()) {
                        *reply = instead;
                    }
                }
                Reply::Array(items) => self.bound(items),
                _ => {}
            }
        }
    }
}

/// Refuses what there is no memory for, before anything takes it piece by piece; what is small is not
/// asked for.
///
/// # Errors
///
/// [`ErrorKind::OutOfMemory`].
pub(crate) fn probe(bytes: usize) -> Result<()> {
    if bytes <= PROBED || Vec::<u8>::new().try_reserve_exact(bytes).is_ok() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::OutOfMemory, format!("there is no memory for {bytes} bytes")))
}

const PROBED: usize = 1 << 20;

/// Refuses a value that is larger than that.
///
/// # Errors
///
/// [`ErrorKind::ValueTooLarge`].
pub(crate) fn check(bytes: usize, most: usize) -> Result<()> {
    if bytes <= most {
        return Ok(());
    }
    let message = format!("a value of {bytes} bytes, where {most} are the most");
    Err(Error::new(ErrorKind::ValueTooLarge, message))
}

/// Values that are together too large to be sent or answered at once.
#[cold]
pub(crate) fn turn_too_large(most: usize) -> Error {
    let message =
        format!("values of more than {most} bytes in one turn: send or ask for fewer at once");
    Error::new(ErrorKind::ValueTooLarge, message)
}

/// Stands in for a reply that there is no memory for.
#[cold]
pub(crate) fn no_memory(bytes: usize) -> Reply {
    let detail = format!("there is no memory for a reply of {bytes} bytes");
    Reply::Error(ServerError { code: NO_MEMORY.into(), detail })
}

fn stand_in(error: &Error) -> Reply {
    Reply::Error(ServerError { code: TOO_LARGE.into(), detail: error.message().into() })
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn kinds(limits: Limits, lengths: &[usize]) -> Vec<bool> {
        let mut replies: Vec<_> = lengths.iter().map(|&n| Reply::Bulk(vec![0; n])).collect();
        limits.bound(&mut replies);
        replies.iter().map(|reply| matches!(reply, Reply::Bulk(_))).collect()
    }

    #[test]
    fn a_value_may_have_as_many_bytes_as_the_limit_says() {
        assert_eq!(kinds(Limits::new(5000, 50_000), &[5000, 5001, 4999]), [true, false, true]);
    }

    #[test]
    fn what_does_not_fit_into_a_turn_fails_and_what_follows_has_its_chance() {
        let limits = Limits::new(6000, 10_000);
        assert_eq!(
            kinds(limits, &[6000, 6000, 4000, 2000, 1024]),
            [true, false, true, false, true]
        );
    }

    #[test]
    fn replies_inside_of_a_group_count_as_well() {
        let mut replies = [Reply::Array(vec![Reply::Bulk(vec![0; 2000]), Reply::Nil])];
        Limits::new(1999, 50_000).bound(&mut replies);
        let [Reply::Array(items)] = &replies else { panic!("an array") };
        let Reply::Error(error) = &items[0] else { panic!("an error") };
        let error = Error::server(&error.code, &error.detail);
        assert_eq!(error.kind(), ErrorKind::ValueTooLarge);
        assert_eq!(error.message(), "a value of 2000 bytes, where 1999 are the most");
        assert_eq!(error.server_code(), "");
    }
}

//! How many commands, and how many bytes of them, are on their way.

use std::sync::atomic::{AtomicUsize, Ordering};

use nestkey_core::error::{Error, ErrorKind, Result};

/// A bound on what is sent and not answered yet.
#[derive(Debug)]
pub(super) struct Flight {
    commands: Count,
    bytes: Count,
}

/// Room for some commands, given back when dropped.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    _commands: Share<'a>,
    _bytes: Share<'a>,
}

#[derive(Debug)]
struct Count {
    taken: AtomicUsize,
    most: usize,
}

#[derive(Debug)]
struct Share<'a> {
    count: &'a Count,
    taken: usize,
}

impl Flight {
    pub(super) const fn new(commands: usize, bytes: usize) -> Self {
        Self { commands: Count::new(commands), bytes: Count::new(bytes) }
    }

    /// # Errors
    ///
    /// [`ErrorKind::Busy`] when there is no room.
    pub(super) fn take(&self, commands: usize, bytes: usize) -> Result<Permit<'_>> {
        let _commands = match self.commands.take(commands) {
            (share, before) if before.saturating_add(commands) <= self.commands.most => share,
            (_, before) => return Err(busy("commands", before, commands, self.commands.most)),
        };
        let _bytes = match self.bytes.take(bytes) {
            // One that comes alone is let through: core has bounded it.
            (share, 0) => share,
            (share, before) if before.saturating_add(bytes) <= self.bytes.most => share,
            (_, before) => return Err(busy("bytes", before, bytes, self.bytes.most)),
        };
        Ok(Permit { _commands, _bytes })
    }
}

impl Count {
    const fn new(most: usize) -> Self {
        Self { taken: AtomicUsize::new(0), most }
    }

    /// A share, and how much was taken before.
    fn take(&self, more: usize) -> (Share<'_>, usize) {
        let before = self.taken.fetch_add(more, Ordering::Relaxed);
        (Share { count: self, taken: more }, before)
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.count.taken.fetch_sub(self.taken, Ordering::Relaxed);
    }
}

#[cold]
fn busy(what: &str, before: usize, more: usize, most: usize) -> Error {
    let message =
        format!("{before} {what} are in flight and {more} more were to be sent: {most} at most");
    Error::new(ErrorKind::Busy, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_given_back() {
        let flight = Flight::new(3, 100);
        let two = flight.take(2, 10).unwrap();
        assert_eq!(flight.take(2, 10).unwrap_err().kind(), ErrorKind::Busy);
        let one = flight.take(1, 90).unwrap();
        drop((one, two));
        flight.take(3, 100).unwrap();
    }

    #[test]
    fn bytes_are_bounded_together_and_what_comes_alone_passes() {
        let flight = Flight::new(9, 100);
        let first = flight.take(1, 60).unwrap();
        let error = flight.take(1, 41).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Busy);
        assert_eq!(
            error.message(),
            "60 bytes are in flight and 41 more were to be sent: 100 at most"
        );
        let second = flight.take(1, 40).unwrap();
        drop((first, second));
        flight.take(1, 101).unwrap();
    }
}

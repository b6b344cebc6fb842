//! How many commands are on their way.

use std::sync::atomic::{AtomicUsize, Ordering};

use nestkey_core::error::{Error, ErrorKind, Result};

/// A bound on the commands that are sent and not answered yet.
#[derive(Debug)]
pub(super) struct Flight {
    commands: AtomicUsize,
    most: usize,
}

/// Room for some commands, given back when dropped.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    flight: &'a Flight,
    commands: usize,
}

impl Flight {
    pub(super) const fn new(most: usize) -> Self {
        Self { commands: AtomicUsize::new(0), most }
    }

    /// # Errors
    ///
    /// [`ErrorKind::Busy`] when there is no room, and [`ErrorKind::InvalidCall`] when there never
    /// will be.
    pub(super) fn take(&self, commands: usize) -> Result<Permit<'_>> {
        if commands > self.most {
            let message =
                format!("{commands} commands were to be sent at once: {} at most", self.most);
            return Err(Error::new(ErrorKind::InvalidCall, message));
        }
        let before = self.commands.fetch_add(commands, Ordering::Relaxed);
        let permit = Permit { flight: self, commands };
        if before.saturating_add(commands) <= self.most {
            return Ok(permit);
        }
        let message = format!(
            "{before} commands are in flight and {commands} more were to be sent: {} at most",
            self.most
        );
        Err(Error::new(ErrorKind::Busy, message))
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.flight.commands.fetch_sub(self.commands, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_given_back() {
        let flight = Flight::new(3);
        let two = flight.take(2).unwrap();
        assert_eq!(flight.take(2).unwrap_err().kind(), ErrorKind::Busy);
        let one = flight.take(1).unwrap();
        assert_eq!(flight.take(4).unwrap_err().kind(), ErrorKind::InvalidCall);
        drop((one, two));
        flight.take(3).unwrap();
    }
}

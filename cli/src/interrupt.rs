//! Ctrl-C: a walk that is interrupted says how far it came.

use std::{
    process,
    sync::{
        Once,
        atomic::{AtomicU8, Ordering},
    },
    thread,
};

use nestkey::core::error::{Error, ErrorKind};

/// The exit code of what a person has interrupted, as shells have it: 128 and the number of SIGINT.
pub(crate) const EXIT: u8 = 130;

/// Where a walk is; there is one at a time.
static STATE: AtomicU8 = AtomicU8::new(IDLE);

const IDLE: u8 = 0;
const WALKING: u8 = 1;
const INTERRUPTED: u8 = 2;

/// While it lives Ctrl-C does not end the program at once; the second one does.
#[derive(Debug)]
pub(crate) struct Watch;

impl Watch {
    pub(crate) fn begin() -> Self {
        static WATCHED: Once = Once::new();
        STATE.store(WALKING, Ordering::Relaxed);
        WATCHED.call_once(|| drop(thread::Builder::new().spawn(watch)));
        Self
    }

    /// What ends the walk, once somebody has interrupted it.
    pub(crate) fn interruption(&self) -> Option<Error> {
        let is_interrupted = STATE.load(Ordering::Relaxed) == INTERRUPTED;
        is_interrupted.then(|| Error::new(ErrorKind::Cancelled, "interrupted"))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        STATE.store(IDLE, Ordering::Relaxed);
    }
}

/// Without it, as where no thread can be started, Ctrl-C ends the program as ever.
fn watch() {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else {
        return;
    };
    while runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
        let (from, to) = (WALKING, INTERRUPTED);
        if STATE.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            process::exit(EXIT.into());
        }
    }
}

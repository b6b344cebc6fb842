use alloc::format;

use super::Turn;
use crate::{
    error::{Effect, Error, ErrorKind, Result},
    key::Key,
    ops::{
        self,
        compare::{Named, Swap},
    },
    reply::Reply,
};

/// Replacing what was read, if it still stands there: by a script, which is sent by its digest, and
/// once more by its whole text to a server that does not know it.
#[derive(Clone, Debug)]
pub(super) struct Swapping {
    swap: Swap,
    named: Named,
}

/// What became of it.
pub(super) enum Swapped {
    /// The script was sent once more.
    Again,
    /// Others wrote in between.
    Overtaken,
    Replaced,
}

impl Swapping {
    pub(super) fn begin(swap: Swap, key: &Key, turn: &mut Turn) -> Self {
        swap.write(key, Named::Digest, &mut turn.batch);
        Self { swap, named: Named::Digest }
    }

    pub(super) fn step(&mut self, key: &Key, reply: Reply, turn: &mut Turn) -> Result<Swapped> {
        match reply {
            Reply::Int(1) => Ok(Swapped::Replaced),
            Reply::Int(_) => Ok(Swapped::Overtaken),
            Reply::Error(_) if self.named == Named::Digest => {
                self.named = Named::Text;
                self.swap.write(key, self.named, &mut turn.batch);
                Ok(Swapped::Again)
            }
            other => Err(ops::unexpected("1 or 0", &other)),
        }
    }
}

/// It was overtaken once too often.
#[cold]
pub(super) fn conflict(tries: u32) -> Error {
    let message = format!("others wrote between reading and writing, {tries} times");
    Error::new(ErrorKind::Conflict, message).effect(Effect::Rejected)
}

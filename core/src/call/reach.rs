use alloc::format;

use super::Verb;
use crate::error::{Error, ErrorKind, Result};

/// Which keys a backend answers for.
///
/// A host asks its backend before the first step of a plan that [`walks`](crate::plan::Plan::walks).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// One node of a cluster: the keys of its slots.
    Node,
    /// All keys there are.
    #[default]
    Whole,
}

impl Reach {
    /// Refuses a walk whose answer would be a part of it.
    pub(crate) fn admit(self, verb: &Verb) -> Result<()> {
        match self {
            Self::Whole => Ok(()),
            Self::Node => {
                let message = format!(
                    "the server is a node of a cluster and has a part of the keys: `{}` wants a server \
                     that has all of them, for walks over every primary of a cluster are not built yet",
                    verb.name()
                );
                Err(Error::new(ErrorKind::Unsupported, message))
            }
        }
    }
}

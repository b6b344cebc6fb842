use super::Answer;
use crate::{
    call::Call,
    error::{Error, ErrorKind, Result},
    ops,
    reply::{Reply, ServerError},
};

/// What came back since the last step.
#[derive(Debug, Default)]
pub struct Input<'a> {
    /// One reply for each command of the last turn.
    pub replies: &'a mut [Reply],
    /// One answer to each job of the last turn.
    pub answers: &'a mut [Answer],
}

impl Input<'_> {
    /// The reply to the one command of a call. That a script is unknown is its sender's business.
    pub(super) fn reply(&mut self, call: &Call) -> Result<Reply> {
        match self.replies.first_mut().map(core::mem::take).unwrap_or_default() {
            Reply::Error(error) if !is_unknown_script(&error) => Err(ops::refusal(call, &error)),
            reply => Ok(reply),
        }
    }

    /// What the one job of a call came to.
    pub(super) fn answer<T>(&self, read: impl FnOnce(&Answer) -> Option<T>) -> Result<T> {
        match self.answers.first() {
            Some(Answer::Failed(error) | Answer::Late(error)) => Err(error.clone()),
            answer => answer
                .and_then(read)
                .ok_or_else(|| Error::new(ErrorKind::Internal, "a job that nobody did")),
        }
    }
}

pub(super) fn is_unknown_script(error: &ServerError) -> bool {
    error.code == "NOSCRIPT"
}

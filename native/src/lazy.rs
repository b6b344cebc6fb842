//! What is done when it is polled for the first time.

use std::{
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll},
};

/// A wish, what comes of it, or neither any more.
#[allow(clippy::large_enum_variant, reason = "it is a wish from its making to its first poll")]
pub(crate) enum Lazy<W, T> {
    New(W),
    Running(Running<T>),
    Over,
}

pub(crate) type Running<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<W, T> Lazy<W, T> {
    /// Begins it the first time, and goes on with it; `None` where it is over already.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        begin: impl FnOnce(W) -> Running<T>,
    ) -> Poll<Option<T>> {
        if let Self::New(_) = self
            && let Self::New(wish) = mem::replace(self, Self::Over)
        {
            *self = Self::Running(begin(wish));
        }
        let Self::Running(running) = self else { return Poll::Ready(None) };
        let polled = running.as_mut().poll(cx);
        if polled.is_ready() {
            *self = Self::Over;
        }
        polled.map(Some)
    }
}

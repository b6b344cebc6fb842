//! Clearing namespaces: several in one walk, and with a word on how far it is.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    time::Duration,
};

use nestkey_core::{
    call::{Call as CoreCall, Cleared, Outcome, Verb},
    error::{Error, ErrorKind, Result},
    plan::Plan,
};

use crate::{
    Client, Root, Walk,
    call::{Call, from_now, op},
    drive::Drive,
    outcome::Read,
    trace,
};

/// A clear along one or several ways: [`Client::clear`], or [`Call::progress`] on one.
///
/// The size of its pages is not for the caller to choose: the server looks at 1,000 keys at a time
/// and removes up to 500 with one command, which is where more stops being faster.
#[must_use = "nothing is cleared until this is awaited or `.wait()`ed for"]
pub struct Clear {
    /// The walks, all bound alike; none is nothing to do.
    calls: Result<Option<(Root, Vec<CoreCall>)>>,
    strays: bool,
    progress: Option<Progress>,
    deadline: Option<Duration>,
}

type Progress = Box<dyn FnMut(Cleared) + Send>;

impl Client {
    /// Removes every key of the layout below several namespaces, or along several
    /// [walks](Root::walk), going over the keyspace once.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"namespaces": {"user": {
    /// #     "prefix": "user:{user_id:int}",
    /// #     "keys": {"age": {"type": "int"}, "note": {"template": "note:{n:int}", "type": "int"}}}}}"#)?;
    /// # let client = Client::connect("memory://").await?;
    /// let root = client.bind(&layout);
    /// # root.at("user(1).note(5)")?.set(1).await?;
    /// let (one, three) = (root.namespace("user", [1])?, root.namespace("user", [3])?);
    /// // UNLINK user:1:age user:3:age, SCAN 0 MATCH user:*:note:* COUNT 1000, UNLINK …
    /// let cleared = client.clear([one, three]).progress(|so_far| print(so_far.removed)).await?;
    /// assert_eq!(cleared.removed, 1);
    /// # fn print(_: u64) {}
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// `invalid-call` where the namespaces are not of one binding of this client; what the walk
    /// broke off with, saying how many keys are gone.
    pub fn clear(&self, walks: impl IntoIterator<Item: Into<Walk>>) -> Clear {
        let mut shared: Option<(Root, Vec<CoreCall>)> = None;
        for walk in walks {
            let walk: Walk = walk.into();
            let (root, call) = (walk.root(), walk.core_call(Verb::Clear { strays: false }));
            let (first, calls) = shared.get_or_insert_with(|| (root.clone(), Vec::new()));
            if !first.is(root) || !root.client().is(self) {
                let message =
                    "namespaces share a walk where client, layout and prefix are the same";
                return Clear::new(Err(Error::new(ErrorKind::InvalidCall, message)));
            }
            calls.push(call);
        }
        Clear::new(Ok(shared))
    }
}

impl Call<Cleared, op::Clear> {
    /// Tells after each page how far the clear is.
    pub fn progress(self, tell: impl FnMut(Cleared) + Send + 'static) -> Clear {
        let (root, call, deadline) = self.into_core();
        let calls = call.map(|call| Some((root, vec![call])));
        Clear { deadline, ..Clear::new(calls) }.progress(tell)
    }
}

impl Clear {
    fn new(calls: Result<Option<(Root, Vec<CoreCall>)>>) -> Self {
        Self { calls, strays: false, progress: None, deadline: None }
    }

    /// Removes as well what stands below the prefixes and is not of the layout; refused under an
    /// empty prefix.
    pub const fn strays(mut self) -> Self {
        self.strays = true;
        self
    }

    /// Tells after each page how far it is.
    pub fn progress(mut self, tell: impl FnMut(Cleared) + Send + 'static) -> Self {
        self.progress = Some(Box::new(tell));
        self
    }

    /// How long all of it may take; what is gone by then is in the error.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Clears, blocking the thread.
    ///
    /// # Errors
    ///
    /// As awaiting it, and [`ErrorKind::NoBlocking`] on a client made from a borrowed connection.
    pub fn wait(self) -> Result<Cleared> {
        let Some((mut drive, progress)) = self.drive()? else { return Ok(Cleared::default()) };
        drive.run_telling_blocking(telling(progress)).and_then(Cleared::read)
    }

    async fn run(self) -> Result<Cleared> {
        let Some((mut drive, progress)) = self.drive()? else { return Ok(Cleared::default()) };
        drive.run_telling(telling(progress)).await.and_then(Cleared::read)
    }

    fn drive(self) -> Result<Option<(Drive, Option<Progress>)>> {
        let Some((root, mut calls)) = self.calls? else { return Ok(None) };
        if self.strays {
            calls.iter_mut().for_each(|call| call.verb = Verb::Clear { strays: true });
        }
        let span = match &calls[..] {
            [only] => trace::call(&root, only),
            _ => trace::begin(&root, "clear"),
        };
        let drive = Drive::new(root, Plan::walk(&calls), from_now(self.deadline)).with_span(span);
        Ok(Some((drive, self.progress)))
    }
}

/// Hands on what a step says of how far it is.
fn telling(mut progress: Option<Progress>) -> impl FnMut(Outcome) {
    move |item| {
        if let (Some(tell), Ok(cleared)) = (&mut progress, Cleared::read(item)) {
            tell(cleared);
        }
    }
}

impl IntoFuture for Clear {
    type Output = Result<Cleared>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Clear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clear").field("strays", &self.strays).finish_non_exhaustive()
    }
}

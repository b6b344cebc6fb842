//! Rotation: the secrets below a namespace, sealed anew with the keyring's primary key.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
    time::Duration,
};

use nestkey_core::{
    call::{Call as CoreCall, Outcome, Rotated, Verb},
    error::Result,
    plan::Plan,
};

use crate::{
    Namespace, Root,
    call::{Call, from_now, op},
    drive::Drive,
    outcome::Read,
    trace,
};

/// A rotation that tells how far it is: [`Call::progress`] on [`Namespace::rotate`].
#[must_use = "nothing is sealed anew until this is awaited or `.wait()`ed for"]
pub struct Rotate {
    root: Root,
    call: Result<CoreCall>,
    progress: Progress,
    deadline: Option<Duration>,
}

type Progress = Box<dyn FnMut(Rotated) + Send>;

impl Namespace<'_> {
    /// Seals the secrets below the namespace anew that are not sealed with the keyring's primary
    /// key, those that redisimnest encrypted among them; expiries stay.
    ///
    /// Others may read and write meanwhile. What is sealed with the primary key already costs a
    /// look at its first characters, so a rotation that broke off is just started again. A secret that
    /// cannot be opened is left as it is, counted in [`Rotated::failed`], and told as a
    /// [warning](crate::trace).
    ///
    /// ```
    /// # use nestkey::{Client, Keyring, Layout};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> nestkey::Result<()> {
    /// # let layout = Layout::from_json(r#"{"namespaces": {"user": {
    /// #     "prefix": "user:{user_id:int}", "keys": {"api_key": {"kind": "secret"}}}}}"#)?;
    /// # let keyring = Keyring::from_json(r#"{"nestkey_keyring": 1, "keys": [
    /// #     {"id": "7f3a0102", "status": "primary", "material": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#)?;
    /// # fn print(_: u64) {}
    /// let root = Client::connect("memory://").keyring(keyring).await?.bind(&layout);
    /// let rotated = root.rotate().progress(|so_far| print(so_far.resealed)).await?;
    /// assert_eq!((rotated.resealed, rotated.failed), (0, 0));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// `no-keyring` without a primary key; what the walk broke off with, saying how many secrets
    /// are sealed anew.
    pub fn rotate(&self) -> Call<Rotated, op::Rotate> {
        self.call(Verb::Rotate, Rotated::read)
    }
}

impl Root {
    /// Seals every secret of the layout anew: [`Namespace::rotate`].
    pub fn rotate(&self) -> Call<Rotated, op::Rotate> {
        match self.top_namespace() {
            Ok(top) => top.rotate(),
            Err(error) => Call::failed(self.clone(), error),
        }
    }
}

impl Call<Rotated, op::Rotate> {
    /// Tells after each page how far the rotation is.
    pub fn progress(self, tell: impl FnMut(Rotated) + Send + 'static) -> Rotate {
        let (root, call, deadline) = self.into_core();
        Rotate { root, call, progress: Box::new(tell), deadline }
    }
}

impl Rotate {
    /// How long all of it may take; how many are sealed anew by then is in the error.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Rotates, blocking the thread.
    ///
    /// # Errors
    ///
    /// As awaiting it, and `no-blocking` on a client made from a borrowed connection.
    pub fn wait(self) -> Result<Rotated> {
        let (mut drive, progress) = self.drive()?;
        drive.run_telling_blocking(telling(progress)).and_then(Rotated::read)
    }

    async fn run(self) -> Result<Rotated> {
        let (mut drive, progress) = self.drive()?;
        drive.run_telling(telling(progress)).await.and_then(Rotated::read)
    }

    fn drive(self) -> Result<(Drive, Progress)> {
        let call = self.call?;
        let span = trace::call(&self.root, &call);
        let drive = Drive::new(self.root, Plan::new(call), from_now(self.deadline)).with_span(span);
        Ok((drive, self.progress))
    }
}

/// Hands on what a step says of how far it is.
fn telling(mut tell: Progress) -> impl FnMut(Outcome) {
    move |item| {
        if let Ok(rotated) = Rotated::read(item) {
            tell(rotated);
        }
    }
}

impl IntoFuture for Rotate {
    type Output = Result<Rotated>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Rotate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rotate")
    }
}

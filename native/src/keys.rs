//! The keys below a namespace, and those that the layout does not know, one by one.

use std::{
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    mem,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_core::Stream;
use nestkey_core::{
    call::{Call as CoreCall, FoundKey as CoreFoundKey, Outcome, Target},
    error::{Error, Result},
    key::{Key, param::Given},
    plan::Plan,
    reply::Reply,
};

use tracing::Span;

use crate::{Entry, Root, call::from_now, drive::Drive, held::Held, trace};

/// The keys below a namespace that exist: a [`Stream`], or an iterator by [`wait`](Self::wait).
///
/// Nothing happens until the first is asked for. The next page is asked for while the last one is
/// handed out. As with SCAN, a key that comes or goes meanwhile may be found or not, and one may be
/// found twice.
#[must_use = "a scan does nothing until its keys are asked for"]
pub struct Keys<T = FoundKey> {
    root: Root,
    plan: Plan,
    deadline: Option<Duration>,
    span: Span,
    state: State,
    found: Found<T>,
}

/// The keys below a namespace that the layout does not know, as the server has them:
/// [`Namespace::strays`](crate::Namespace::strays).
pub type Strays = Keys<Vec<u8>>;

/// The keys below a namespace, found while the thread is blocked.
pub struct BlockingKeys<T = FoundKey> {
    root: Root,
    /// Gone when the scan is over.
    drive: Option<Drive>,
    /// Nothing before the first turn.
    arrived: Option<Result<Vec<Reply>>>,
    found: Found<T>,
}

/// One key that exists, and what the layout knows of it.
#[derive(Clone)]
pub struct FoundKey {
    root: Root,
    found: CoreFoundKey,
}

enum State {
    /// Not asked for anything yet.
    New,
    /// The commands of a turn are under way.
    Sent(Pin<Box<dyn Future<Output = Arrived> + Send>>),
    /// Their replies are here.
    Arrived(Arrived),
    Over,
}

type Arrived = Box<(Drive, Result<Vec<Reply>>)>;

/// What is there to be handed out.
struct Found<T> {
    keys: VecDeque<T>,
    /// Comes behind the keys.
    error: Option<Error>,
}

impl<T: Item> Keys<T> {
    pub(crate) fn new(root: Root, call: CoreCall) -> Self {
        let span = trace::call(&root, &call);
        Self { span, ..Self::of(root, Plan::new(call)) }
    }

    #[cold]
    pub(crate) fn failed(root: Root, error: Error) -> Self {
        Self::of(root, Plan::Failed(error))
    }

    fn of(root: Root, plan: Plan) -> Self {
        Self {
            root,
            plan,
            deadline: None,
            span: Span::none(),
            state: State::New,
            found: Found::new(),
        }
    }

    /// How long all of it may take, counted from the first key that is asked for.
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The next key, or `None` behind the last. It can be dropped while it waits without losing a
    /// key.
    ///
    /// # Errors
    ///
    /// What the scan broke off with; it is over then.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// The keys as an iterator that blocks the thread.
    #[must_use]
    pub fn wait(self) -> BlockingKeys<T> {
        let drive =
            Drive::new(self.root.clone(), self.plan, from_now(self.deadline)).with_span(self.span);
        BlockingKeys { root: self.root, drive: Some(drive), arrived: None, found: Found::new() }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let State::Sent(exchange) = &mut self.state
                && let Poll::Ready(arrived) = exchange.as_mut().poll(cx)
            {
                self.state = State::Arrived(arrived);
            }
            if let Some(item) = self.found.next() {
                return Poll::Ready(Some(item));
            }
            self.state = match mem::replace(&mut self.state, State::Over) {
                State::New => {
                    let plan = mem::replace(&mut self.plan, Plan::join(Vec::new()));
                    let drive = Drive::new(self.root.clone(), plan, from_now(self.deadline))
                        .with_span(self.span.clone());
                    State::Sent(Box::pin(begun(drive)))
                }
                State::Sent(exchange) => {
                    self.state = State::Sent(exchange);
                    return Poll::Pending;
                }
                State::Arrived(arrived) => {
                    let (mut drive, arrived) = *arrived;
                    if self.found.step(&self.root, &mut drive, arrived) {
                        State::Sent(Box::pin(exchanged(drive)))
                    } else {
                        State::Over
                    }
                }
                State::Over => return Poll::Ready(None),
            };
        }
    }
}

async fn begun(mut drive: Drive) -> Arrived {
    let arrived = drive.begin().await;
    Box::new((drive, arrived))
}

async fn exchanged(mut drive: Drive) -> Arrived {
    let arrived = drive.exchange().await;
    Box::new((drive, arrived))
}

impl<T: Item> Stream for Keys<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl<T: Item> Iterator for BlockingKeys<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.found.next() {
                return Some(item);
            }
            let mut drive = self.drive.take()?;
            let arrived = self.arrived.take().unwrap_or_else(|| drive.begin_blocking());
            if self.found.step(&self.root, &mut drive, arrived) {
                self.arrived = Some(drive.exchange_blocking());
                self.drive = Some(drive);
            }
        }
    }
}

impl<T: Item> Found<T> {
    const fn new() -> Self {
        Self { keys: VecDeque::new(), error: None }
    }

    fn next(&mut self) -> Option<Result<T>> {
        match self.keys.pop_front() {
            Some(found) => Some(Ok(found)),
            None => self.error.take().map(Err),
        }
    }

    /// Steps the scan and keeps what it hands out; whether it goes on.
    fn step(&mut self, root: &Root, drive: &mut Drive, arrived: Result<Vec<Reply>>) -> bool {
        let step = drive.next(arrived);
        self.keys.extend(drive.items().filter_map(|item| T::of(root, item)));
        let goes_on = matches!(step, Ok(None));
        self.error = step.err();
        goes_on
    }
}

/// What a walk hands out.
pub trait Item: sealed::Item + Unpin {}

impl<T: sealed::Item + Unpin> Item for T {}

mod sealed {
    use super::{FoundKey, Outcome, Root};

    pub trait Item: Sized {
        fn of(root: &Root, item: Outcome) -> Option<Self>;
    }

    impl Item for FoundKey {
        fn of(root: &Root, item: Outcome) -> Option<Self> {
            let Outcome::Key(found) = item else { return None };
            Some(Self { root: root.clone(), found })
        }
    }

    impl Item for Vec<u8> {
        fn of(_: &Root, item: Outcome) -> Option<Self> {
            let Outcome::Bytes(key) = item else { return None };
            Some(key)
        }
    }
}

impl FoundKey {
    /// The key as the server has it.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.found.key
    }

    /// The dotted path of its entry in the layout.
    #[must_use]
    pub fn path(&self) -> &str {
        self.root.layout().entry(self.found.entry).map_or("", |entry| &entry.path)
    }

    /// Its parameters with their names, from the root down.
    pub fn params(&self) -> impl Iterator<Item = (&str, &Given)> {
        let specs = self.root.layout().all_params(self.found.entry);
        specs.into_iter().map(|spec| &spec.name[..]).zip(&self.found.params)
    }

    /// The parameter of that name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&Given> {
        self.params().find(|(found, _)| *found == name).map(|(_, param)| param)
    }

    /// The key as core has it.
    #[must_use]
    pub const fn as_core(&self) -> &CoreFoundKey {
        &self.found
    }

    /// The entry, for calls on the key.
    #[must_use]
    pub fn entry(&self) -> Entry<'_> {
        Entry::new(Held::Borrowed(&self.root), self.found.entry, Key::from(self.key()))
    }
}

/// Shows the key; sensitive parameters are hidden.
impl fmt::Debug for FoundKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.root.shown(Target::Entry(self.found.entry), &Key::from(self.key()));
        write!(f, "FoundKey({shown})")
    }
}

/// Shows how many keys wait to be handed out: sensitive parameters may stand in them.
impl<T> fmt::Debug for Keys<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} found)", self.found.keys.len())
    }
}

/// As [`Keys`].
impl<T> fmt::Debug for BlockingKeys<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockingKeys({} found)", self.found.keys.len())
    }
}

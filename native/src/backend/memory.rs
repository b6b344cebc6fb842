//! Keys in the memory of this process.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt, future,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use nestkey_core::{
    call::Reach,
    command::Batch,
    error::{Error, ErrorKind, Result},
    memory::{SessionId, Store},
    reply::Reply,
};

use super::{Backend, Exchange, Reaching};

/// A store behind a lock, with a clock.
pub(crate) struct MemoryBackend {
    state: Mutex<State>,
}

struct State {
    store: Store,
    clock: Clock,
    /// What the next exchanges fail with.
    failures: VecDeque<Error>,
}

#[derive(Clone, Copy, Debug)]
enum Clock {
    /// The system's.
    Running,
    /// Unix milliseconds that pass only when somebody says so.
    Standing(i64),
}

impl MemoryBackend {
    /// A store with the system's clock.
    pub(crate) fn running() -> Self {
        let seed = RandomState::new().hash_one(0);
        Self::new(Store::seeded(seed), Clock::Running)
    }

    /// A store whose clock stands still; the same in every run but for the time of its start.
    pub(crate) fn standing() -> Self {
        Self::new(Store::default(), Clock::Standing(now_ms()))
    }

    fn new(store: Store, clock: Clock) -> Self {
        Self { state: Mutex::new(State { store, clock, failures: VecDeque::new() }) }
    }

    /// The store of that name, shared by everybody in the process from now on.
    pub(crate) fn shared(name: &str) -> Arc<Self> {
        static STORES: OnceLock<Mutex<BTreeMap<String, Arc<MemoryBackend>>>> = OnceLock::new();
        let mut stores = lock(STORES.get_or_init(Mutex::default));
        let store = stores.entry(name.to_owned()).or_insert_with(|| Arc::new(Self::running()));
        Arc::clone(store)
    }

    /// [`Connect::max_memory_bytes`](crate::connect::Connect::max_memory_bytes).
    pub(crate) fn max_bytes(&self, bytes: usize) {
        lock(&self.state).store.set_max_bytes(bytes);
    }

    fn answer(&self, batch: &Batch, deadline: Option<Instant>) -> Result<Vec<Reply>> {
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(Error::new(ErrorKind::Timeout, "the deadline is over"));
        }
        let mut state = lock(&self.state);
        if let Some(error) = state.failures.pop_front() {
            return Err(error);
        }
        let mut replies = Vec::with_capacity(batch.len());
        let now = state.clock.now();
        // A group never outlives its batch, so one session does for everybody.
        state.store.exchange(SessionId(0), now, batch, &mut replies);
        Ok(replies)
    }
}

impl Backend for MemoryBackend {
    fn exchange<'a>(&'a self, batch: &'a Batch, deadline: Option<Instant>) -> Exchange<'a> {
        Box::pin(async move { self.answer(batch, deadline) })
    }

    fn exchange_at_once(&self, batch: &Batch) -> Option<Result<Vec<Reply>>> {
        Some(self.answer(batch, None))
    }

    fn exchange_blocking(&self, batch: &Batch, deadline: Option<Instant>) -> Result<Vec<Reply>> {
        self.answer(batch, deadline)
    }

    fn reach(&self, _: Option<Instant>) -> Reaching<'_> {
        Box::pin(future::ready(Ok(Reach::Whole)))
    }

    fn reach_blocking(&self, _: Option<Instant>) -> Result<Reach> {
        Ok(Reach::Whole)
    }
}

impl fmt::Debug for MemoryBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}

/// The handle of a test on the memory behind its client: [`Client::memory`](crate::Client::memory).
///
/// The clock starts at the system's time and stands still until [`advance`](Self::advance), so a
/// TTL that was set is the TTL that is read.
///
/// ```
/// use std::time::Duration;
/// use nestkey::{Client, Layout};
///
/// let layout = Layout::from_json(r#"{"keys": {"session": {"type": "string", "ttl": "30m"}}}"#)?;
/// let (client, memory) = Client::memory();
/// let root = client.bind(&layout);
/// let session = root.entry("session")?;
/// session.set("ada").wait()?;
/// memory.advance(Duration::from_secs(29 * 60));
/// assert!(session.exists().wait()?);
/// memory.advance(Duration::from_secs(2 * 60));
/// assert!(!session.exists().wait()?);
/// # Ok::<(), nestkey::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Memory(pub(crate) Arc<MemoryBackend>);

impl Memory {
    /// Lets time pass.
    ///
    /// As in Redis, a key lives up to and including the millisecond of its expiry: one with a TTL of
    /// a second is still there after `advance` by 1000 ms, and gone after 1001.
    pub fn advance(&self, time: Duration) {
        let mut state = lock(&self.0.state);
        let now = state.clock.now();
        let ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        state.clock = Clock::Standing(now.saturating_add(ms));
    }

    /// The time that the store goes by.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        let ms = lock(&self.0.state).clock.now();
        UNIX_EPOCH + Duration::from_millis(ms.unsigned_abs())
    }

    /// Every key with its value and expiry, as the text that [`load`](Self::load) takes, in another
    /// process as well.
    ///
    /// The npm package has the same form; `docs/memory.md` describes it.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # let layout = Layout::from_json(r#"{"keys": {"n": {"type": "int", "codec": "bare"}}}"#)?;
    /// let (client, memory) = Client::memory();
    /// client.bind(&layout).entry("n")?.set(7).wait()?;
    /// let dump = memory.dump();
    /// assert!(dump.contains(r#"{"key": "n", "type": "string", "value": "7"}"#));
    ///
    /// let (client, memory) = Client::memory();
    /// memory.load(&dump)?;
    /// assert_eq!(client.bind(&layout).entry("n")?.get::<i64>().wait()?, 7);
    /// # Ok::<(), nestkey::Error>(())
    /// ```
    #[must_use]
    pub fn dump(&self) -> String {
        let state = lock(&self.0.state);
        state.store.dump(state.clock.now())
    }

    /// Replaces all keys by those of a dump, but those past their expiry.
    ///
    /// # Errors
    ///
    /// [`InvalidDump`](ErrorKind::InvalidDump) for what is no dump; nothing is changed then.
    pub fn load(&self, dump: &str) -> Result<()> {
        let mut state = lock(&self.0.state);
        let now = state.clock.now();
        state.store.load(dump, now)
    }

    /// Makes it as it was in the beginning: without keys or failures to come, its clock standing at
    /// the system's time.
    pub fn reset(&self) {
        let mut state = lock(&self.0.state);
        state.store.reset();
        state.failures.clear();
        state.clock = Clock::Standing(now_ms());
    }

    /// How many bytes of keys and values it takes; 256 MiB unless said otherwise.
    ///
    /// Past that, writing fails with the server's error `OOM`; reading and removing go on.
    pub fn max_bytes(&self, bytes: usize) {
        self.0.max_bytes(bytes);
    }

    /// Lets the next exchange fail with that error, and nothing be done; called twice, the next
    /// two.
    pub fn fail_next(&self, error: impl Into<Failure>) {
        lock(&self.0.state).failures.push_back(error.into().0);
    }
}

/// What [`Memory::fail_next`] takes: an [`Error`], or an [`ErrorKind`] for one that was not sent.
#[derive(Clone, Debug)]
pub struct Failure(Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<ErrorKind> for Failure {
    fn from(kind: ErrorKind) -> Self {
        Self(Error::new(kind, "a test lets this exchange fail"))
    }
}

impl Clock {
    fn now(self) -> i64 {
        match self {
            Self::Running => now_ms(),
            Self::Standing(now) => now,
        }
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A panic elsewhere leaves a store usable: each command is carried out whole or not at all.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use nestkey_core::command::Class;

    use super::*;

    #[test]
    fn a_store_goes_on_after_a_panic_under_its_lock() {
        let memory = Arc::new(MemoryBackend::standing());
        let mut batch = Batch::default();
        batch.command("PING", Class::Read);
        let held = Arc::clone(&memory);
        let panicked = std::thread::spawn(move || {
            let _held = held.state.lock();
            panic!("on purpose")
        });
        assert!(panicked.join().is_err());
        assert!(memory.state.is_poisoned());
        assert_eq!(memory.answer(&batch, None).unwrap(), [Reply::Status("PONG".into())]);
        Memory(Arc::clone(&memory)).advance(Duration::from_secs(1));
        assert_eq!(memory.answer(&batch, None).unwrap().len(), 1);
    }
}

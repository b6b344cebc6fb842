//! A call is data: which key or prefix, which operation, with which options.

mod lifetime;
mod outcome;
mod reach;
mod secret;

use alloc::{sync::Arc, vec, vec::Vec};

use crate::{
    error::{self, Error, ErrorKind},
    key::Key,
    layout::{Entry, Layout, Way},
    limits::Limits,
    op::{Op, Operand},
    ttl::Expiry,
    value::{Entropy, Keyring, Payload},
};

pub use self::outcome::{Cleared, FoundKey, Outcome};
pub use self::reach::Reach;
pub use self::secret::{Password, Rebind, Rotated, Seal, SetPassword, Verdict, Verify};
pub use crate::layout::Target;

/// One operation on one entry or namespace.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Call {
    /// What it is about.
    pub target: Target,
    /// The resolved key of the entry, or the resolved prefix of the namespace.
    pub key: Key,
    /// What to do.
    pub verb: Verb,
    /// Of a walk along a path that leaves parameters open, or that ends with an entry: its way. The
    /// key is the prefix of what stands above them.
    pub(crate) way: Option<Arc<Way>>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Verb {
    /// Remove the layout's own keys below a namespace.
    Clear {
        /// Remove as well what the layout does not know.
        strays: bool,
    },
    /// Count the layout's own keys below a namespace.
    Count,
    /// `EXPIRE` and its family.
    Expire(Expire),
    /// The value, or its default.
    Get,
    /// The value, computed and stored when it is missing.
    GetOrSet(GetOrSet),
    /// With which key of the keyring a secret is sealed.
    KeyId,
    /// Every key of the layout below a namespace, one by one.
    Keys,
    /// The value, told apart from a missing key; never the default.
    Lookup,
    /// What decides nothing.
    Op {
        /// Which operation.
        row: &'static Op,
        /// What is given for its arguments, one for each.
        args: Vec<Operand>,
    },
    /// The stored bytes as they are.
    Raw,
    /// Seal a secret anew that was moved here from another key.
    Rebind(Rebind),
    /// The stored hash of a password.
    Reveal,
    /// Seal the secrets below a namespace anew that are not sealed with the primary key.
    Rotate,
    /// Store a secret.
    Seal(Seal),
    /// Store a value.
    Set(Set),
    /// Store the hash of a password.
    SetPassword(SetPassword),
    /// Every key below a namespace that the layout does not know, one by one.
    Strays,
    /// Read, compute, write if nothing came between.
    Update(Update),
    /// The type of the stored value.
    ValueType,
    /// Hold a password against the stored hash.
    Verify(Verify),
}

/// Storing a value.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Set {
    /// The value.
    pub value: Payload,
    /// What happens to the expiry.
    pub expiry: Expiry,
    /// Under which condition it is stored.
    pub condition: Condition,
    /// Whether to hand out what stood there before.
    pub previous: bool,
}

impl Set {
    /// Storing a value as the layout declares.
    #[must_use]
    pub fn new(value: Payload) -> Self {
        Self { value, expiry: Expiry::default(), condition: Condition::default(), previous: false }
    }
}

/// Computing a value when it is missing, one computation at a time.
///
/// Who computes holds a lease on a key of its own (`root:page::lease:{root:page}`, in the
/// same slot); the
/// others wait for the value. The lease expires, so a computation that crashed blocks nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetOrSet {
    /// What happens to the expiry of the value.
    pub expiry: Expiry,
    /// How long the lease lives, in milliseconds.
    pub lease_ms: u64,
    /// For how long behind its expiry the old value is given while somebody computes a new one, in
    /// milliseconds; 0 for not at all, nothing for what the entry declares.
    pub stale_ms: Option<u64>,
    /// 16 random bytes: whose lease it is.
    pub token: [u8; 16],
    /// What happens when the server cannot be reached.
    pub when_down: WhenDown,
}

/// What a computed value does without a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenDown {
    /// It is computed and not stored.
    Compute,
    /// The call fails.
    #[default]
    Fail,
}

/// Writing a value that was computed from the one that stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Update {
    /// What happens to the expiry.
    pub expiry: Expiry,
    /// How often it is read and computed at most.
    pub tries: u32,
}

impl GetOrSet {
    /// A lease of 10 seconds, and the expiry that the layout declares.
    #[must_use]
    pub const fn new(token: [u8; 16]) -> Self {
        let (expiry, when_down) = (Expiry::Policy, WhenDown::Fail);
        Self { expiry, lease_ms: 10_000, stale_ms: None, token, when_down }
    }
}

impl Default for Update {
    fn default() -> Self {
        Self { expiry: Expiry::Policy, tries: 16 }
    }
}

/// Whether the key must be there before it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// It does not matter.
    #[default]
    Always,
    /// Only when it is there (`XX`).
    IfExists,
    /// Only when it is not (`NX`).
    IfMissing,
}

/// Giving a key another expiry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expire {
    /// When: [`Expiry::In`], [`Expiry::At`], or the layout's own with [`Expiry::Policy`].
    pub expiry: Expiry,
    /// Under which condition.
    pub condition: ExpireCondition,
}

/// Which expiry the key must have for a new one to be set, in Redis's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExpireCondition {
    /// Any.
    #[default]
    Always,
    /// An earlier one; a key without expiry counts as the latest.
    Gt,
    /// A later one, or none.
    Lt,
    /// None.
    Nx,
    /// One.
    Xx,
}

/// What a step may look at.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Cx<'a> {
    /// The layout that the calls were made with.
    pub layout: &'a Layout,
    /// The prefix given when binding, with its separator; empty when there is none.
    pub prefix: &'a str,
    /// Random bytes for this step, where [`Plan::wants_entropy`](crate::plan::Plan::wants_entropy).
    pub entropy: Option<&'a Entropy>,
    /// The keys that secrets are sealed with.
    pub keyring: Option<&'a Keyring>,
    /// How large values may be.
    pub limits: Limits,
    /// What the backend answers for, where [`Plan::walks`](crate::plan::Plan::walks).
    pub reach: Reach,
    /// How many commands may be on their way to the server at the same time, those of other calls
    /// included: [`MAX_IN_FLIGHT`] unless said otherwise.
    pub max_in_flight: usize,
}

/// How many commands may be sent and not answered yet, unless a host says otherwise.
pub const MAX_IN_FLIGHT: usize = 10_000;

impl<'a> Cx<'a> {
    /// What a step may look at.
    #[must_use]
    pub const fn new(layout: &'a Layout, prefix: &'a str) -> Self {
        Self {
            layout,
            prefix,
            entropy: None,
            keyring: None,
            limits: Limits::DEFAULT,
            reach: Reach::Whole,
            max_in_flight: MAX_IN_FLIGHT,
        }
    }

    /// With another bound on the commands that are on their way.
    #[must_use]
    pub const fn with_max_in_flight(self, commands: usize) -> Self {
        Self { max_in_flight: commands, ..self }
    }

    /// With random bytes for this step.
    #[must_use]
    pub const fn with_entropy(self, entropy: &'a Entropy) -> Self {
        Self { entropy: Some(entropy), ..self }
    }

    /// With the keys that secrets are sealed with.
    #[must_use]
    pub const fn with_keyring(self, keyring: &'a Keyring) -> Self {
        Self { keyring: Some(keyring), ..self }
    }

    /// With other limits than those by default.
    #[must_use]
    pub const fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// How large a value of an entry may be.
    pub(crate) fn most(&self, entry: &Entry) -> usize {
        entry.max_size.map_or(self.limits.value, |bytes| bytes as usize)
    }

    /// The same for a value as it is given: a number of one digit is a fifth as long where it is stored.
    pub(crate) fn most_given(&self, entry: &Entry) -> usize {
        let declared = entry.max_size.map_or(0, |bytes| (bytes as usize).saturating_mul(5));
        match declared {
            0 => self.limits.value,
            bytes => self.limits.value.max(bytes.saturating_add(64)),
        }
    }

    /// The limits for replies of which it is not known yet whose they are.
    #[must_use]
    pub fn reply_limits(&self) -> Limits {
        let value = self.limits.value.max(self.layout.max_size() as usize);
        Limits::new(value, self.limits.turn.max(value))
    }

    /// With what the backend answers for.
    #[must_use]
    pub const fn with_reach(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    pub(crate) fn keyring(&self) -> error::Result<&'a Keyring> {
        self.keyring.ok_or_else(|| {
            let message = "a secret without a keyring: set NESTKEY_KEYRING, or give one when connecting or \
                binding";
            Error::new(ErrorKind::NoKeyring, message)
        })
    }

    pub(crate) fn entropy(&self) -> error::Result<&'a Entropy> {
        self.entropy.ok_or_else(|| Error::new(ErrorKind::Internal, "a step without entropy"))
    }

    /// An error with the path and key of its call; sensitive parameters are hidden.
    #[cold]
    pub(crate) fn located(&self, error: Error, call: &Call) -> Error {
        let error = error.at_path(self.layout.path_of(call.target));
        match call.target {
            Target::Entry(id) if self.layout.entry(id).is_ok() => {
                error.at_key(&self.layout.shown(id, call.key.as_str(), self.prefix))
            }
            Target::Entry(_) | Target::Namespace(_) => error,
        }
    }
}

impl Call {
    /// A call on an entry's key or a namespace's prefix, as [`Layout::resolve`] gives them.
    #[must_use]
    pub const fn new(target: Target, key: Key, verb: Verb) -> Self {
        Self { target, key, verb, way: None }
    }

    /// A walk along a way.
    #[must_use]
    pub fn walk(way: Way, verb: Verb) -> Self {
        let key = way.prefix.clone();
        let target = way.end;
        let way = (!way.is_closed()).then(|| Arc::new(way));
        Self { target, key, verb, way }
    }
}

impl Verb {
    /// An operation of which no argument is given.
    #[must_use]
    pub fn op(row: &'static Op) -> Self {
        Self::Op { row, args: vec![Operand::Absent; row.args.len()] }
    }

    /// Its name in every language.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Clear { .. } => "clear",
            Self::Count => "count",
            Self::Expire(_) => "expire",
            Self::Get => "get",
            Self::GetOrSet(_) => "get_or_set",
            Self::KeyId => "key_id",
            Self::Keys => "keys",
            Self::Lookup => "lookup",
            Self::Op { row, .. } => row.name,
            Self::Raw => "raw",
            Self::Rebind(_) => "rebind",
            Self::Reveal => "reveal",
            Self::Rotate => "rotate",
            Self::Seal(_) | Self::Set(_) | Self::SetPassword(_) => "set",
            Self::Strays => "strays",
            Self::Update(_) => "update",
            Self::ValueType => "value_type",
            Self::Verify(_) => "verify",
        }
    }

    /// Whether it goes through the keys below a namespace.
    #[must_use]
    pub const fn is_walk(&self) -> bool {
        matches!(self, Self::Clear { .. } | Self::Count | Self::Keys | Self::Rotate | Self::Strays)
    }
}

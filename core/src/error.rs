//! The one error of nestkey: a kind, a sentence, what happened to the data, and where.

use alloc::{
    borrow::{Cow, ToOwned},
    boxed::Box,
    format,
    string::String,
    sync::Arc,
    vec::Vec,
};
use core::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

use crate::quote::visible;

/// The result of everything in core that can fail.
pub type Result<T> = core::result::Result<T, Error>;

/// What went wrong, where, and what became of the operation.
///
/// The message is one lower-case sentence without a full stop; it never carries a stored value, nor a
/// control character: what it quotes of others is [`visible`].
/// Programs branch on [`kind`](Self::kind), whose [`code`](ErrorKind::code) is the same string in
/// every language.
///
/// ```
/// use nestkey_core::error::{Effect, Error, ErrorKind};
/// let error = Error::new(ErrorKind::Timeout, "no reply within 50 ms").effect(Effect::Ambiguous);
/// assert_eq!(error.kind().code(), "timeout");
/// assert!(!error.is_retryable());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Repr>);

#[derive(Clone, PartialEq, Eq)]
struct Repr {
    kind: ErrorKind,
    message: String,
    path: String,
    key: String,
    effect: Effect,
    server_code: String,
    issues: Vec<Issue>,
    more_issues: usize,
    cause: Option<Cause>,
}

/// What a function of the caller failed with; equal to itself alone.
#[derive(Clone)]
struct Cause(Arc<dyn core::error::Error + Send + Sync>);

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Cause {}

// It is only ever looked at, so a panic in between leaves nothing half done.
impl UnwindSafe for Cause {}
impl RefUnwindSafe for Cause {}

impl Error {
    /// An error that stopped an operation before anything was sent.
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Repr {
            kind,
            message: shown(message.into()),
            path: String::new(),
            key: String::new(),
            effect: Effect::NotSent,
            server_code: String::new(),
            issues: Vec::new(),
            more_issues: 0,
            cause: None,
        }))
    }

    /// The error reply of a server: its first word is the code.
    #[cold]
    pub fn server(code: &str, detail: &str) -> Self {
        if let Some((_, kind)) = OWN_CODES.iter().find(|(own, _)| *own == code) {
            return Self::new(*kind, detail).effect(Effect::Rejected);
        }
        let kind = match code {
            "NOAUTH" | "WRONGPASS" | "NOPERM" => ErrorKind::Unauthorized,
            "EXECABORT" => ErrorKind::Aborted,
            _ => ErrorKind::Server,
        };
        let detail = without_arguments(detail);
        let sentence = format!("the server answered {code} {detail}");
        Self::new(kind, sentence).effect(Effect::Rejected).answered(code)
    }

    /// The error reply to a command that carried a secret: its words may quote the command, so
    /// only the code is kept.
    #[cold]
    pub fn server_unquoted(code: &str) -> Self {
        Self::server(code, "to a command with a secret")
    }

    /// A layout with problems: the first of them, and how many more there are.
    #[cold]
    pub fn layout(issues: Vec<Issue>, more: usize) -> Self {
        let said = match issues.len() + more {
            1 => String::from("the layout has a problem"),
            n => format!("the layout has {n} problems"),
        };
        Self::with_issues(ErrorKind::InvalidLayout, said, issues, more)
    }

    /// A file that is not of its form, such as `JSON`: the first places where it is not, and how many
    /// more there are.
    #[cold]
    pub fn file(form: &str, issues: Vec<Issue>, more: usize) -> Self {
        Self::with_issues(ErrorKind::InvalidFile, format!("this is not {form}"), issues, more)
    }

    fn with_issues(kind: ErrorKind, mut said: String, issues: Vec<Issue>, more: usize) -> Self {
        for (i, issue) in issues.iter().enumerate() {
            said.push_str(if i == 0 { ": " } else { "; " });
            said.push_str(&format!("{issue}"));
        }
        if more > 0 {
            said.push_str(&format!("; and {more} more"));
        }
        let mut error = Self::new(kind, said);
        error.0.issues = issues;
        error.0.more_issues = more;
        error
    }

    /// Says where in the layout it happened, unless that is known already.
    #[must_use]
    pub fn at_path(mut self, path: &str) -> Self {
        if self.0.path.is_empty() {
            self.0.path.push_str(&visible(path));
        }
        self
    }

    /// Says at which key it happened; sensitive parameters are to be hidden by the caller.
    #[must_use]
    pub fn at_key(mut self, key: &str) -> Self {
        if self.0.key.is_empty() {
            self.0.key.push_str(&visible(key));
        }
        self
    }

    /// Appends a remark to the sentence.
    #[must_use]
    pub fn noted(mut self, remark: &str) -> Self {
        self.0.message.push_str("; ");
        self.0.message.push_str(&visible(remark));
        self
    }

    /// Says what became of the operation.
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.0.effect = effect;
        self
    }

    /// Says with which word the server answered.
    pub(crate) fn answered(mut self, code: &str) -> Self {
        self.0.server_code = shown(code.to_owned());
        self
    }

    /// Says what it comes from: its [`source`](core::error::Error::source).
    #[must_use]
    pub fn caused_by(
        mut self,
        cause: impl Into<Arc<dyn core::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.cause = Some(Cause(cause.into()));
        self
    }

    /// What went wrong, for programs.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The sentence alone, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The dotted path of the namespace or entry, or an empty text.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The resolved key with sensitive parameters hidden, or an empty text.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// The first word of a server's error reply (`WRONGTYPE`, `OOM` …), or an empty text.
    #[must_use]
    pub fn server_code(&self) -> &str {
        &self.0.server_code
    }

    /// Every problem of a layout that was refused, or of its TOML; empty for other errors.
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        &self.0.issues
    }

    /// How many problems there are besides the [issues](Self::issues), of which there are 100 at most.
    #[must_use]
    pub fn more_issues(&self) -> usize {
        self.0.more_issues
    }

    /// What became of the operation.
    #[must_use]
    pub fn outcome(&self) -> Effect {
        self.0.effect
    }

    /// Whether the same call can be made again without any risk of applying it twice.
    ///
    /// It can where what stopped it may pass (a timeout, a lost connection, a server that is
    /// loading), and nothing was changed: it was not sent, it was rejected, or all that was sent
    /// only reads ([`Effect::Unchanged`]). A read that renews an expiry does not only read.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let passing = matches!(
            self.0.kind,
            ErrorKind::Busy | ErrorKind::Conflict | ErrorKind::Unreachable | ErrorKind::Timeout
        ) || matches!(
            self.server_code(),
            "LOADING" | "TRYAGAIN" | "CLUSTERDOWN" | "MASTERDOWN" | "BUSY" | "READONLY"
        );
        passing && matches!(self.0.effect, Effect::NotSent | Effect::Rejected | Effect::Unchanged)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.path.is_empty() {
            write!(f, "{}: ", self.0.path)?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({}: {self})", self.0.kind.code())
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.0.cause.as_ref().map(|Cause(cause)| &**cause as _)
    }
}

/// Texts in errors may quote what somebody else wrote, and go to terminals and logs.
fn shown(text: String) -> String {
    match visible(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(shown) => shown,
    }
}

/// Stands in the place of a reply that is larger than the limits.
pub(crate) const TOO_LARGE: &str = "NESTKEY_TOO_LARGE";
/// Stands in the place of a reply that there is no memory for.
pub(crate) const NO_MEMORY: &str = "NESTKEY_NO_MEMORY";

/// The codes of error replies that no server has given.
const OWN_CODES: [(&str, ErrorKind); 2] =
    [(TOO_LARGE, ErrorKind::ValueTooLarge), (NO_MEMORY, ErrorKind::OutOfMemory)];

/// What a server says of an error, up to where it quotes the command with its arguments: keys and
/// values.
pub(crate) fn without_arguments(detail: &str) -> &str {
    // Searching a text for a text is a kilobyte of wasm; looking at each comma is a loop.
    let quotes = [", with args beginning with", ", command was:"];
    let mut commas = detail.match_indices(',').map(|(at, _)| detail.split_at(at));
    let cut = commas.find(|(_, rest)| quotes.iter().any(|quote| rest.starts_with(quote)));
    cut.map_or(detail, |(said, _)| said)
}

/// What became of an operation that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Effect {
    /// It may or may not have been carried out: the reply never came.
    Ambiguous,
    /// Nothing was sent.
    NotSent,
    /// Some of its commands were carried out.
    Partial,
    /// The server refused it, or answered what cannot be used; nothing was changed by the refusal.
    Rejected,
    /// It may or may not have been carried out, and changes nothing: it only reads.
    Unchanged,
}

impl Effect {
    /// The effect as it is written in every language.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ambiguous => "ambiguous",
            Self::NotSent => "not-sent",
            Self::Partial => "partial",
            Self::Rejected => "rejected",
            Self::Unchanged => "unchanged",
        }
    }
}

/// One problem of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issue {
    /// The dotted path of the namespace, entry or type.
    pub path: String,
    /// The sentence.
    pub message: String,
    /// Line and column in the file, counted from 1; `None` for a layout that was no file.
    pub place: Option<(u32, u32)>,
}

impl Issue {
    /// A problem at a path.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: shown(path.into()), message: shown(message.into()), place: None }
    }

    /// Says where in the file it stands.
    #[must_use]
    pub fn placed(mut self, place: Option<(u32, u32)>) -> Self {
        self.place = place;
        self
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "{line}:{column}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What went wrong, as a word that stays the same in every language and version.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind { $($(#[$doc])* $name,)* }

        impl ErrorKind {
            /// Every kind, in the order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable kebab-case code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

kinds! {
    /// The server discarded an atomic group as a whole.
    Aborted = "aborted",
    /// A secret that was changed, or moved from another key.
    AuthFailed = "auth-failed",
    /// Too many commands are in flight.
    Busy = "busy",
    /// A call was used twice.
    CallUsed = "call-used",
    /// The caller gave up waiting by a signal of its own.
    Cancelled = "cancelled",
    /// A secret that was sealed with another key under the same id, or changed.
    CommitmentMismatch = "commitment-mismatch",
    /// The caller's own function, which computes a value, failed; the error's source is why.
    ComputeFailed = "compute-failed",
    /// Somebody else's writes came between, again and again.
    Conflict = "conflict",
    /// A bcrypt hash that would take too long.
    CostTooHigh = "cost-too-high",
    /// A parameter is named twice, or given both by position and by name.
    DoubledParam = "doubled-param",
    /// An empty parameter where the layout does not allow one.
    EmptyParam = "empty-param",
    /// What would touch every key of a database, under an empty prefix.
    EmptyPrefix = "empty-prefix",
    /// A text that is not well-formed Unicode, such as a lone surrogate in JS.
    IllFormedString = "ill-formed-string",
    /// In JavaScript: the instance of the core stopped, out of memory or by a fault, and was replaced.
    InstanceLost = "instance-lost",
    /// A fault of nestkey itself: please report it.
    Internal = "internal",
    /// A call that cannot be made: unknown, on the wrong kind, or with contradicting options.
    InvalidCall = "invalid-call",
    /// What is no dump of a memory store.
    InvalidDump = "invalid-dump",
    /// A text that is not JSON, or not TOML.
    InvalidFile = "invalid-file",
    /// A keyring that cannot be used.
    InvalidKeyring = "invalid-keyring",
    /// A layout with problems; [`Error::issues`] lists them.
    InvalidLayout = "invalid-layout",
    /// A parameter outside of its type or constraints.
    InvalidParam = "invalid-param",
    /// A password with a NUL byte, or a new one that is empty.
    InvalidPassword = "invalid-password",
    /// A path that is spelled wrong.
    InvalidPath = "invalid-path",
    /// A URL that names no backend.
    InvalidUrl = "invalid-url",
    /// A parameter that is not UTF-8.
    InvalidUtf8 = "invalid-utf8",
    /// A value that cannot be stored as its entry declares.
    InvalidValue = "invalid-value",
    /// A secret that is sealed with a disabled key.
    KeyDisabled = "key-disabled",
    /// A resolved key longer than the limit.
    KeyTooLong = "key-too-long",
    /// Namespaces nested deeper than the limit.
    LayoutTooDeep = "layout-too-deep",
    /// A stored password that is no bcrypt hash of a known form.
    MalformedHash = "malformed-hash",
    /// A stored secret that is cut off or of an unknown form.
    MalformedSecret = "malformed-secret",
    /// A stored value that is not in the entry's format.
    MalformedValue = "malformed-value",
    /// The key is missing, and the reader has no place for that.
    Missing = "missing",
    /// A parameter that was not given.
    MissingParam = "missing-param",
    /// A blocking wait over a connection that only knows how to be awaited.
    NoBlocking = "no-blocking",
    /// A secret, and no key to seal or open it with.
    NoKeyring = "no-keyring",
    /// A stored secret that is plain text.
    NotEncrypted = "not-encrypted",
    /// A key that no entry of the layout can resolve to.
    NotOurKey = "not-our-key",
    /// A JS number that is not a safe integer.
    NotSafeInteger = "not-safe-integer",
    /// There is no memory for what the call needs.
    OutOfMemory = "out-of-memory",
    /// A parameter longer than the limit.
    ParamTooLong = "param-too-long",
    /// A password of more than 72 bytes.
    PasswordTooLong = "password-too-long",
    /// An error reply of the server; [`Error::server_code`] has its first word.
    Server = "server",
    /// What a memory store held is gone, with the instance that held it.
    StoreLost = "store-lost",
    /// More parameters than the template has.
    SurplusParam = "surplus-param",
    /// A template longer than the limit.
    TemplateTooLong = "template-too-long",
    /// No reply in time.
    Timeout = "timeout",
    /// A stored value of another type than the entry declares or the reader wants.
    TypeMismatch = "type-mismatch",
    /// The server wants other credentials, or forbids the command.
    Unauthorized = "unauthorized",
    /// A reply of a shape that the command never gives.
    UnexpectedReply = "unexpected-reply",
    /// A secret that is sealed with a key that the keyring does not have.
    UnknownKey = "unknown-key",
    /// A parameter that the template does not have.
    UnknownParam = "unknown-param",
    /// A path that leads to no namespace or entry.
    UnknownPath = "unknown-path",
    /// The server cannot be reached, or the connection broke.
    Unreachable = "unreachable",
    /// What this version, or this backend, cannot do.
    Unsupported = "unsupported",
    /// A value, or all values of one turn, larger than the limit.
    ValueTooLarge = "value-too-large",
    /// A parameter or value of a type that can never be right here.
    WrongType = "wrong-type",
}

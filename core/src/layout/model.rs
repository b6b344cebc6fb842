use alloc::{string::String, vec::Vec};
use core::{fmt, ops::Range};

use super::trie::Trie;
use crate::{
    error::{Error, ErrorKind, Result},
    key::{param::ParamSpec, template::Template},
    ttl::{Renew, Ttl},
    types::{Constraints, Kind, Record, Type},
    value::Payload,
};

/// A checked layout: no two (path, parameters) resolve to the same key.
///
/// ```
/// use nestkey_core::layout::Layout;
/// let layout = Layout::from_json(r#"{
///     "prefix": "root",
///     "namespaces": {"user": {"prefix": "user:{user_id:int}", "keys": {"age": {"type": "int"}}}}
/// }"#)?;
/// let (_, key) = layout.resolve("user(1).age", "")?;
/// assert_eq!(key.as_str(), "root:user:1:age");
/// # Ok::<(), nestkey_core::error::Error>(())
/// ```
#[derive(Clone)]
pub struct Layout {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) foreign: Vec<String>,
    pub(super) records: Vec<Record>,
    /// In depth-first order: the entries below a namespace stand together. The root is the first.
    pub(super) namespaces: Vec<Namespace>,
    pub(super) entries: Vec<Entry>,
    /// The largest that any entry declares.
    pub(super) max_size: u32,
    pub(super) trie: Trie,
}

/// Shows its name and size: [`describe`](Layout::describe) shows what is in it.
impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (keys, namespaces) = (self.entries.len(), self.namespaces.len());
        write!(f, "Layout({:?}, {keys} keys in {namespaces} namespaces)", self.name)
    }
}

/// Which namespace of its layout; the root is [`NamespaceId::ROOT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NamespaceId(pub(crate) u32);

/// Which entry of its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub(crate) u32);

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// One key.
    Entry(EntryId),
    /// Every key under a prefix.
    Namespace(NamespaceId),
}

/// A node of the tree.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Namespace {
    /// Its own name; empty for the root.
    pub name: String,
    /// Its dotted path; empty for the root.
    pub path: String,
    /// What it is for.
    pub doc: String,
    /// Why it should not be used any more, if so.
    pub deprecated: Option<String>,
    /// The namespace above it.
    pub parent: Option<NamespaceId>,
    /// Its own part of the prefix.
    pub template: Template,
    /// The parameters that its own template declares, in order.
    pub params: Vec<ParamSpec>,
    /// The time to live that holds here unless something nearer says otherwise.
    pub ttl: Option<Ttl>,
    /// The entries declared in it, in order.
    pub entries: Vec<EntryId>,
    /// The namespaces declared in it, in order.
    pub children: Vec<NamespaceId>,
    /// Every entry in it and below.
    pub(super) below: Range<u32>,
    pub(super) pieces: Vec<Piece>,
}

/// One declared key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// Its own name.
    pub name: String,
    /// Its dotted path.
    pub path: String,
    /// What it is for.
    pub doc: String,
    /// Why it should not be used any more, if so.
    pub deprecated: Option<String>,
    /// The namespace it stands in.
    pub namespace: NamespaceId,
    /// How it is stored.
    pub kind: Kind,
    /// Its own part of the key.
    pub template: Template,
    /// The parameters that its own template declares, in order.
    pub params: Vec<ParamSpec>,
    /// The type of its value, or of its elements.
    pub ty: Type,
    /// What values must satisfy besides.
    pub constraints: Constraints,
    /// How values become bytes.
    pub codec: Codec,
    /// What reading a missing key gives.
    pub default: Option<Payload>,
    /// The time to live in force.
    pub ttl: Option<Ttl>,
    /// The path of what declares it; the entry's own, or a namespace's.
    pub ttl_from: String,
    /// When the time to live starts again.
    pub renew: Renew,
    /// For how long behind its time to live `get_or_set` gives the old value while one caller computes
    /// a new one, in milliseconds, unless a call says otherwise; 0 for not at all.
    pub stale_ms: u64,
    /// By how many percent of its time to live a key may live shorter, by chance: 0, or 1 to 50.
    pub jitter: u8,
    /// What reading a value that cannot be read gives.
    pub on_invalid: OnFailure,
    /// What reading without a server gives.
    pub on_unavailable: OnFailure,
    /// The bcrypt cost of new hashes of a password.
    pub cost: u8,
    /// What reading a secret takes besides what is sealed.
    pub legacy: Legacy,
    /// How many bytes a value or secret may be stored as, where that is declared.
    pub max_size: Option<u32>,
    /// The fields of a hash.
    pub fields: Vec<HashField>,
    pub(super) pieces: Vec<Piece>,
}

/// One declared field of a hash.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HashField {
    /// Its name.
    pub name: String,
    /// `value` or `secret`.
    pub kind: Kind,
    /// Its type.
    pub ty: Type,
    /// What its values must satisfy besides.
    pub constraints: Constraints,
}

/// What a read gives that fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnFailure {
    /// The error.
    #[default]
    Error,
    /// The same as a missing key, and a note for whoever watches.
    Missing,
}

/// What reading a secret takes besides what is sealed; a rotation seals it. Nothing by default.
///
/// Neither is bound to its key: whoever can write to the server can put it at another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Legacy {
    /// What redisimnest encrypted, opened with the Fernet keys of the keyring.
    pub fernet: bool,
    /// What was stored before the entry was a secret.
    pub plaintext: bool,
}

impl Legacy {
    /// What a layout may say.
    pub(super) const WORDS: [&'static str; 2] = ["fernet", "plaintext"];

    /// The words that stand for it in a layout.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Self::WORDS
            .into_iter()
            .zip([self.fernet, self.plaintext])
            .filter_map(|(word, is_read)| is_read.then_some(word))
    }

    /// Adds what a word stands for; `None` for an unknown one.
    pub(super) fn with(self, word: &str) -> Option<Self> {
        match word {
            "fernet" => Some(Self { fernet: true, ..self }),
            "plaintext" => Some(Self { plaintext: true, ..self }),
            _ => None,
        }
    }
}

/// How values become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Plain text.
    Bare,
    /// With their type, as redisimnest stores them.
    Envelope,
}

/// A part of a key that is rendered at once: literals are joined, separators included.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// The parameter at that index of the namespace's or entry's own.
    Param(u16),
    Text(String),
}

impl Piece {
    /// A template as it is rendered: separators and literals joined. Where it is `bare`, nothing
    /// stands before it.
    pub(super) fn of(template: &Template, bare: bool) -> Vec<Self> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut params = 0;
        for (i, segment) in template.segments.iter().enumerate() {
            text.push_str(if i == 0 && bare { "" } else { ":" });
            text.push_str(&segment.before);
            if segment.hole.is_some() {
                if !text.is_empty() {
                    pieces.push(Self::Text(core::mem::take(&mut text)));
                }
                pieces.push(Self::Param(params));
                params += 1;
                text.push_str(&segment.after);
            }
        }
        if !text.is_empty() {
            pieces.push(Self::Text(text));
        }
        pieces
    }
}

impl NamespaceId {
    /// The root of the tree.
    pub const ROOT: Self = Self(0);

    /// The id as a number, for hosts that keep it outside.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0
    }
}

impl Entry {
    /// How long a key lives that is written as the layout declares: behind its time it stays for as
    /// long as its value may be given.
    pub(crate) fn lifetime_ms(&self) -> Option<u64> {
        match self.ttl? {
            Ttl::For(ms) => Some(ms.saturating_add(self.stale_ms)),
            Ttl::Persist => None,
        }
    }
}

impl EntryId {
    /// The id as a number, for hosts that keep it outside.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.0
    }
}

impl Layout {
    /// The name of the layout.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The largest `max_size` of its entries; 0 where none has one.
    #[must_use]
    pub(crate) fn max_size(&self) -> u32 {
        self.max_size
    }

    /// Whether the prefixes of a namespace hold parameters that are not to be shown.
    #[must_use]
    pub fn is_sensitive(&self, id: NamespaceId) -> bool {
        self.ancestors(id).any(|namespace| namespace.params.iter().any(|param| param.sensitive))
    }

    /// What the layout is for.
    #[must_use]
    pub fn doc(&self) -> &str {
        &self.doc
    }

    /// The declared records.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Patterns of other programs' keys, which are never strays.
    #[must_use]
    pub fn foreign(&self) -> &[String] {
        &self.foreign
    }

    /// Every entry with its id, in depth-first order.
    pub fn entries(&self) -> impl Iterator<Item = (EntryId, &Entry)> {
        self.entries.iter().enumerate().map(|(index, entry)| (EntryId(index as u32), entry))
    }

    /// An entry.
    ///
    /// # Errors
    ///
    /// The id is of another layout.
    #[inline]
    pub fn entry(&self, id: EntryId) -> Result<&Entry> {
        self.entries.get(id.0 as usize).ok_or_else(stranger)
    }

    /// A namespace.
    ///
    /// # Errors
    ///
    /// The id is of another layout.
    #[inline]
    pub fn namespace(&self, id: NamespaceId) -> Result<&Namespace> {
        self.namespaces.get(id.0 as usize).ok_or_else(stranger)
    }

    /// The dotted path of what a call is about; empty for the root, and for what is not here.
    #[must_use]
    pub fn path_of(&self, target: Target) -> &str {
        match target {
            Target::Entry(id) => self.entry(id).map_or("", |entry| &entry.path),
            Target::Namespace(id) => self.namespace(id).map_or("", |found| &found.path),
        }
    }

    /// The id at that number, if there is such an entry.
    #[must_use]
    pub fn entry_id(&self, index: u32) -> Option<EntryId> {
        ((index as usize) < self.entries.len()).then_some(EntryId(index))
    }

    /// The id at that number, if there is such a namespace.
    #[must_use]
    pub fn namespace_id(&self, index: u32) -> Option<NamespaceId> {
        ((index as usize) < self.namespaces.len()).then_some(NamespaceId(index))
    }
}

#[cold]
fn stranger() -> Error {
    Error::new(ErrorKind::UnknownPath, "an id of another layout")
}

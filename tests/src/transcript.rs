//! Transcripts: one conversation each between a call and a server, as data.
//!
//! `tests/README.md` describes the files.

mod job;

use std::{fs, path::Path, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use nestkey_core::{
    call::{Call, Cx, Outcome},
    error::{Error, ErrorKind, Result},
    json::{self, Node, Value},
    layout::Layout,
    plan::Plan,
    reply::Reply,
    value::{Entropy, Keyring},
};

/// The Unix time in milliseconds at which every conversation takes place.
pub const NOW_MS: i64 = 1_700_000_000_000;

/// One conversation.
#[derive(Debug)]
pub struct Transcript {
    /// The file's name.
    pub file: String,
    /// What it shows, as a sentence.
    pub name: String,
    /// The layout that the call is made with.
    pub layout: Layout,
    /// The prefix given when binding.
    pub prefix: String,
    /// The keys that secrets are sealed with, if there are any.
    pub keyring: Option<Keyring>,
    /// What is drawn for the first step, where it wants random bytes.
    entropy: Option<[u8; 32]>,
    /// What the server holds before, as commands.
    pub before: Vec<Vec<Vec<u8>>>,
    /// The call, or the tree of calls.
    pub call: Calls,
    /// What is sent and answered.
    pub turns: Vec<Exchange>,
    /// What is handed out while it runs.
    pub items: Vec<Node>,
    /// What the layout lets pass while it runs.
    pub notes: Vec<Node>,
    /// How it ends.
    pub end: End,
    skip: Vec<(String, String)>,
}

/// One turn: what a plan wants done, and what comes of it.
#[derive(Debug)]
pub struct Exchange {
    /// The commands, the name first.
    pub send: Vec<Vec<Vec<u8>>>,
    /// A reply to each, as the file spells it.
    pub reply: Vec<Node>,
    /// What is to be computed.
    pub jobs: Vec<Node>,
    /// An answer to each job.
    pub answers: Vec<Node>,
    /// How long to wait.
    pub wait_ms: Option<u64>,
    /// Why it could not be carried out.
    pub failure: Option<ErrorKind>,
    /// What others do after it, as commands.
    pub meanwhile: Vec<Vec<Vec<u8>>>,
}

/// How a conversation ends.
#[derive(Debug)]
pub enum End {
    /// With an error of that code, and that effect where the file says so.
    Error(String, Option<String>),
    /// With an outcome.
    Outcome(Node),
}

/// One call or several.
#[derive(Debug)]
pub enum Calls {
    /// An atomic group.
    Atomic(Vec<Self>),
    /// A single call, if it can be made.
    One(Box<Result<Call>>),
    /// A pipeline.
    Pipeline(Vec<Self>),
}

impl Transcript {
    /// Every transcript, in the order of the file names.
    ///
    /// # Panics
    ///
    /// When a file is none.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts");
        let mut paths: Vec<_> = fs::read_dir(folder)
            .expect("the folder of transcripts")
            .map(|entry| entry.expect("a file among the transcripts").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Self {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read(path).expect("a transcript");
        let node = json::read(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let member = |name: &str| node.member(name);
        let text = |name: &str| member(name).and_then(Node::as_str).map(str::to_owned);
        let layout = Layout::from_definition(&member("layout").expect("a layout").to_string());
        let layout = layout.unwrap_or_else(|error| panic!("{file}: {error}"));
        let prefix = text("prefix").unwrap_or_default();
        let call = Calls::read(member("call").expect("a call"), &layout, &prefix);
        let end = match (text("error"), member("outcome")) {
            (Some(code), None) => End::Error(code, text("effect")),
            (None, Some(outcome)) => End::Outcome(outcome.clone()),
            _ => panic!("{file}: either an outcome or an error"),
        };
        Self {
            name: text("name").unwrap_or_else(|| panic!("{file}: a name")),
            keyring: member("keyring").map(|keyring| read_keyring(&keyring.to_string())),
            entropy: text("entropy").map(|hex| thirty_two_bytes(&hex)),
            before: commands(member("before")),
            turns: items(member("turns")).iter().map(Exchange::read).collect(),
            items: items(member("items")).to_vec(),
            notes: items(member("notes")).to_vec(),
            skip: reasons(member("skip")),
            file,
            layout,
            prefix,
            call,
            end,
        }
    }

    /// Why it cannot be replayed over a backend, if so.
    #[must_use]
    pub fn skipped(&self, backend: &str) -> Option<&str> {
        let found = self.skip.iter().find(|(name, _)| name == backend);
        found.map(|(_, reason)| &reason[..])
    }

    /// What steps of its plan look at.
    #[must_use]
    pub fn cx(&self) -> Cx<'_> {
        let cx = Cx::new(&self.layout, &self.prefix);
        match &self.keyring {
            Some(keyring) => cx.with_keyring(keyring),
            None => cx,
        }
    }

    /// What is drawn for the step of that number, where it wants random bytes: the file's bytes, the
    /// last one larger by that number.
    #[must_use]
    pub fn draw(&self, step: u8) -> Option<Entropy> {
        let mut bytes = self.entropy?;
        bytes[31] = bytes[31].wrapping_add(step);
        Some(Entropy::new(bytes))
    }
}

impl Exchange {
    fn read(node: &Node) -> Self {
        let list = |name: &str| items(node.member(name)).to_vec();
        let failure = node.member("failure").and_then(Node::as_str);
        Self {
            send: commands(node.member("send")),
            reply: list("reply"),
            jobs: list("jobs"),
            answers: list("answers"),
            wait_ms: node.member("wait_ms").map(number),
            failure: failure.map(|code| kind(code).expect("the code of an error")),
            meanwhile: commands(node.member("meanwhile")),
        }
    }
}

impl Calls {
    fn read(node: &Node, layout: &Layout, prefix: &str) -> Self {
        let children = |node: &Node| -> Vec<_> {
            items(Some(node)).iter().map(|child| Self::read(child, layout, prefix)).collect()
        };
        match (node.member("atomic"), node.member("pipeline")) {
            (Some(calls), None) => Self::Atomic(children(calls)),
            (None, Some(calls)) => Self::Pipeline(children(calls)),
            _ => Self::One(Box::new(Call::from_json(node, layout, prefix))),
        }
    }

    /// The plan that carries it out.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let plans = |calls: &[Self]| calls.iter().map(Self::plan).collect();
        match self {
            Self::Atomic(calls) => Plan::atomic(plans(calls)),
            Self::One(call) => match &**call {
                Ok(call) => Plan::new(call.clone()),
                Err(error) => Plan::Failed(error.clone()),
            },
            Self::Pipeline(calls) => Plan::join(plans(calls)),
        }
    }

    fn at(&self, place: &[u32]) -> &Self {
        match (place, self) {
            ([], calls) => calls,
            ([first, rest @ ..], Self::Atomic(calls) | Self::Pipeline(calls)) => {
                calls[*first as usize].at(rest)
            }
            (_, Self::One(_)) => panic!("a single call has no place {place:?}"),
        }
    }

    /// An outcome in the spelling of the files.
    ///
    /// # Panics
    ///
    /// When it is not the outcome of these calls.
    #[must_use]
    pub fn spell(&self, outcome: &Outcome, layout: &Layout) -> Node {
        match (self, outcome) {
            (Self::One(call), outcome) => match &**call {
                Ok(call) => outcome.to_json(call, layout).expect("an outcome that JSON can hold"),
                Err(error) => panic!("{error}, and yet an outcome"),
            },
            (Self::Atomic(calls) | Self::Pipeline(calls), Outcome::Many(results)) => {
                assert_eq!(calls.len(), results.len(), "a result for each call");
                let spelled = calls.iter().zip(results).map(|(call, result)| match result {
                    Ok(outcome) => Node::object([("ok", call.spell(outcome, layout))]),
                    Err(error) => Node::object([("error", code(error))]),
                });
                Node::array(spelled)
            }
            (_, other) => panic!("a result for each call, not {other:?}"),
        }
    }
}

/// The reply that a file spells.
///
/// # Panics
///
/// When it spells none.
#[must_use]
pub fn reply(node: &Node) -> Reply {
    let text = |name: &str| node.member(name).and_then(Node::as_str);
    match &node.value {
        Value::Array(items) => Reply::Array(items.iter().map(reply).collect()),
        Value::Bool(value) => Reply::Bool(*value),
        Value::Null => Reply::Nil,
        Value::Number(text) => Reply::Int(text.parse().expect("an integer")),
        Value::String(text) => Reply::Bulk(text.clone().into_bytes()),
        Value::Object(_) => match (text("status"), text("error"), node.member("unordered")) {
            (Some(status), None, None) => Reply::Status(status.to_owned()),
            (None, Some(line), None) => Reply::error(line),
            (None, None, Some(items)) => reply(items),
            _ => Reply::Bulk(bytes(node)),
        },
    }
}

/// Whether a reply is what a file spells, in any order where the file leaves that open.
#[must_use]
pub fn agrees(spelled: &Node, found: &Reply) -> bool {
    match (&spelled.value, found) {
        (Value::Array(spelled), Reply::Array(found)) => {
            spelled.len() == found.len()
                && spelled.iter().zip(found).all(|(spelled, found)| agrees(spelled, found))
        }
        (Value::Object(_), Reply::Array(found)) if spelled.member("unordered").is_some() => {
            let mut rest: Vec<_> = items(spelled.member("unordered")).iter().map(reply).collect();
            found.iter().all(|found| {
                let index = rest.iter().position(|reply| reply == found);
                index.map(|index| rest.remove(index)).is_some()
            }) && rest.is_empty()
        }
        _ => reply(spelled) == *found,
    }
}

fn commands(node: Option<&Node>) -> Vec<Vec<Vec<u8>>> {
    let command = |node: &Node| items(Some(node)).iter().map(bytes).collect();
    items(node).iter().map(command).collect()
}

fn bytes(node: &Node) -> Vec<u8> {
    let member = |name| node.member(name).and_then(Node::as_str);
    match (node.as_str(), member("bytes"), member("lua")) {
        (Some(text), _, _) => text.as_bytes().to_vec(),
        (None, Some(base64), _) => STANDARD.decode(base64).expect("base64"),
        (None, None, Some(script)) => {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src/script");
            fs::read(folder.join(script).with_extension("lua")).expect("a script of nestkey")
        }
        (None, None, None) => panic!("a string, bytes or a script, not {node}"),
    }
}

fn number<T: FromStr>(node: &Node) -> T {
    let Value::Number(text) = &node.value else { panic!("a number, not {node}") };
    text.parse().unwrap_or_else(|_| panic!("a number that cannot be {text}"))
}

fn read_keyring(text: &str) -> Keyring {
    Keyring::from_json(text).expect("a keyring")
}

fn thirty_two_bytes(hex: &str) -> [u8; 32] {
    assert_eq!(hex.len(), 64, "32 bytes in hex");
    let byte = |index| u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).expect("hex digits");
    std::array::from_fn(byte)
}

fn kind(code: &str) -> Option<ErrorKind> {
    ErrorKind::ALL.iter().copied().find(|kind| kind.code() == code)
}

fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.value) {
        None => &[],
        Some(Value::Array(items)) => items,
        Some(_) => panic!("an array is wanted"),
    }
}

fn reasons(node: Option<&Node>) -> Vec<(String, String)> {
    let Some(Value::Object(members)) = node.map(|node| &node.value) else { return Vec::new() };
    let reason = |node: &Node| node.as_str().expect("a reason").to_owned();
    members.iter().map(|member| (member.name.clone(), reason(&member.node))).collect()
}

fn code(error: &Error) -> Node {
    Node::string(error.kind().code())
}

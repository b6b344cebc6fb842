//! A store and a server that get the same steps.

use std::fmt;

use nestkey_conformance::{
    resp::{Connection, readable},
    server::Server,
};
use nestkey_core::{
    command::{Batch, Class},
    memory::{SessionId, Store},
    reply::Reply,
};

use crate::generate::KEYS;

/// When every sequence begins, in Unix milliseconds.
pub(crate) const START: i64 = 1_700_000_000_000;

/// How many sessions send commands.
pub(crate) const SESSIONS: usize = 2;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Time goes on by so many milliseconds.
    Advance(i64),
    /// A session sends a command, its name first.
    Send(usize, Vec<Vec<u8>>),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Protocol {
    Resp2,
    Resp3,
}

/// What a step got from both sides.
#[derive(Debug)]
pub(crate) struct Difference {
    step: Step,
    memory: Reply,
    server: Reply,
}

pub(crate) struct Pair {
    server: Server,
    connections: Vec<Connection>,
    store: Store,
    now: i64,
    /// What each session has queued since MULTI, to know what the replies of EXEC answer.
    queued: Vec<Vec<Vec<Vec<u8>>>>,
}

impl Pair {
    pub(crate) fn start(protocol: Protocol) -> Self {
        let server = Server::options().clock(START).start();
        // One more session looks at the outcome.
        let mut connections: Vec<_> = (0..=SESSIONS).map(|_| server.connect()).collect();
        if matches!(protocol, Protocol::Resp3) {
            connections.iter_mut().for_each(Connection::hello3);
        }
        connections[0].call(&["DEBUG", "SET-ACTIVE-EXPIRE", "0"]);
        let queued = vec![Vec::new(); SESSIONS + 1];
        Self { server, connections, store: Store::default(), now: START, queued }
    }

    /// Runs the steps from an empty state, and gives the first difference.
    pub(crate) fn run(&mut self, steps: &[Step]) -> Option<Difference> {
        self.reset();
        let steps: Vec<Step> = steps.iter().cloned().chain(outcome()).collect();
        let mut rest = &steps[..];
        while let Some(step) = rest.first() {
            let length = match step {
                Step::Advance(ms) => {
                    self.advance(*ms);
                    1
                }
                Step::Send(session, _) => {
                    let same = |step: &&Step| matches!(step, Step::Send(s, _) if s == session);
                    let length = rest.iter().take_while(same).take(64).count();
                    if let Some(difference) = self.exchange(*session, &rest[..length]) {
                        return Some(difference);
                    }
                    length
                }
            };
            rest = &rest[length..];
        }
        None
    }

    /// Gives both an empty state, without the transactions and watches of a sequence that differed.
    pub(crate) fn reset(&mut self) {
        for connection in &mut self.connections {
            connection.call(&["DISCARD"]);
            connection.call(&["UNWATCH"]);
        }
        self.connections[0].call(&["FLUSHALL"]);
        self.store = Store::default();
        self.queued.iter_mut().for_each(Vec::clear);
        self.now = START;
        self.server.set_clock(START);
    }

    pub(crate) fn advance(&mut self, ms: i64) {
        self.now += ms;
        self.server.set_clock(self.now);
    }

    /// Sends one command to both.
    pub(crate) fn call(&mut self, session: usize, args: &[impl AsRef<[u8]>]) -> (Reply, Reply) {
        let server = self.connections[session].call(args);
        let memory = self.in_memory(session, &[args]).swap_remove(0);
        (memory, server)
    }

    /// Sends one command to the server alone.
    pub(crate) fn call_server(&mut self, session: usize, args: &[&str]) -> Reply {
        self.connections[session].call(args)
    }

    /// Leaves both no memory at all.
    pub(crate) fn fill(&mut self) {
        self.connections[SESSIONS].call(&["CONFIG", "SET", "maxmemory", "1"]);
        self.store.set_max_bytes(0);
    }

    fn exchange(&mut self, session: usize, steps: &[Step]) -> Option<Difference> {
        let commands: Vec<_> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Send(_, args) => Some(&args[..]),
                Step::Advance(_) => None,
            })
            .collect();
        let connection = &mut self.connections[session];
        commands.iter().for_each(|args| connection.write(args));
        connection.flush();
        let server: Vec<_> = commands.iter().map(|_| connection.read()).collect();
        let memory = self.in_memory(session, &commands);
        for ((step, memory), server) in steps.iter().zip(memory).zip(server) {
            let Step::Send(_, args) = step else { continue };
            if !agree(args, &memory, &server, &mut self.queued[session]) {
                return Some(Difference { step: step.clone(), memory, server });
            }
        }
        None
    }

    fn in_memory(&mut self, session: usize, commands: &[&[impl AsRef<[u8]>]]) -> Vec<Reply> {
        let mut batch = Batch::default();
        for args in commands {
            let name = std::str::from_utf8(args[0].as_ref()).expect("names are text");
            let mut writer = batch.command(name, Class::Other);
            for arg in &args[1..] {
                writer = writer.arg(arg.as_ref());
            }
        }
        let mut replies = Vec::new();
        self.store.exchange(SessionId(session as u64), self.now, &batch, &mut replies);
        replies
    }
}

/// Ends what is open and reads everything there is.
fn outcome() -> impl Iterator<Item = Step> {
    let send =
        |session, args: &[&[u8]]| Step::Send(session, args.iter().map(|a| a.to_vec()).collect());
    let ends = (0..SESSIONS)
        .flat_map(move |session| [send(session, &[b"DISCARD"]), send(session, &[b"UNWATCH"])]);
    let keys = KEYS.iter().flat_map(move |key| {
        [send(SESSIONS, &[b"GET", key]), send(SESSIONS, &[b"PEXPIRETIME", key])]
    });
    ends.chain(keys).chain([send(SESSIONS, &[b"SCAN", b"0", b"COUNT", b"1000"])])
}

/// Whether two replies to a command are the same.
///
/// The differences that are allowed, all of them:
///
/// 1. SCAN: cursors and the order of keys are each side's own. Where both give everything in one
///    page, the keys are compared as a set; else the shape is. See `scan.rs` for the rest.
/// 2. MEMORY USAGE: the number is an estimate; and the server counts a key past its expiry while
///    nothing has touched it.
fn agree(args: &[Vec<u8>], memory: &Reply, server: &Reply, queued: &mut Vec<Vec<Vec<u8>>>) -> bool {
    if *server == Reply::Status("QUEUED".into()) {
        queued.push(args.to_vec());
        return memory == server;
    }
    let is = |name: &[u8]| args[0].eq_ignore_ascii_case(name);
    match (memory, server) {
        (Reply::Array(memory), Reply::Array(server)) if is(b"exec") => {
            let commands = std::mem::take(queued);
            memory.len() == server.len()
                && commands.len() == server.len()
                && commands
                    .iter()
                    .zip(memory.iter().zip(server))
                    .all(|(args, (memory, server))| agree(args, memory, server, &mut Vec::new()))
        }
        (Reply::Array(memory), Reply::Array(server)) if is(b"scan") => {
            agree_on_scan(&args[1], memory, server)
        }
        (Reply::Int(_) | Reply::Nil, Reply::Int(_)) if is(b"memory") => true,
        _ => {
            if is(b"exec") || is(b"discard") {
                queued.clear();
            }
            memory == server
        }
    }
}

fn agree_on_scan(cursor: &[u8], memory: &[Reply], server: &[Reply]) -> bool {
    let starts = cursor.split(|b| *b == 0).next().is_none_or(|c| !c.iter().any(|b| *b > b'0'));
    match (memory, server) {
        (
            [Reply::Bulk(next), Reply::Array(keys)],
            [Reply::Bulk(server_next), Reply::Array(server_keys)],
        ) => !starts || next != server_next || sorted(keys) == sorted(server_keys),
        _ => false,
    }
}

/// The keys of a page of SCAN in order.
pub(crate) fn sorted(keys: &[Reply]) -> Vec<&[u8]> {
    let mut keys: Vec<&[u8]> = keys
        .iter()
        .map(|key| match key {
            Reply::Bulk(key) => &key[..],
            other => panic!("a key is a bulk string, not {}", other.name()),
        })
        .collect();
    keys.sort_unstable();
    keys
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Advance(ms) => write!(f, "+{ms} ms"),
            Self::Send(session, args) => {
                write!(f, "{session}>")?;
                args.iter().try_for_each(|arg| write!(f, " \"{}\"", arg.escape_ascii()))
            }
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, memory, server } = self;
        write!(f, "{step}\n  memory {}\n  server {}", readable(memory), readable(server))
    }
}

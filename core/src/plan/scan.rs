use alloc::{format, string::String, sync::Arc, vec::Vec};

use super::{Step, Turn, join::room, target::Targets};
use crate::{
    call::{Call, Cleared, Cx, FoundKey, Outcome, Verb},
    command::Class,
    error::{Effect, Error, ErrorKind, Result},
    key::{Key, lease::is_lease},
    layout::{EntryId, Sought, parse::Captures},
    ops,
    reply::Reply,
};

/// A walk over the layout's own keys below one or several namespaces.
///
/// Entries without open parameters are asked for by their keys. Only where parameters are open is
/// the keyspace scanned, page by page, the next page being asked for while the last is handled.
/// Every key that a scan returns is parsed back before anything is done with it.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The call, or the first of several that share the walk.
    call: Call,
    targets: Result<Arc<Targets>>,
    /// Whether a clear only counts what it would remove.
    is_dry: bool,
    /// The single keys of entries that were not asked for yet.
    closed: Vec<(EntryId, Key)>,
    /// What is scanned for; `None` where every entry has a single key.
    pattern: Option<String>,
    /// How many keys it found, or removed.
    count: u64,
    strays: u64,
    state: State,
    /// What the replies of the present turn are.
    expected: Vec<Expected>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Start,
    /// The pattern is asked again with the next cursor.
    Scanning,
    /// The last page is in.
    Finished,
}

#[derive(Clone, Debug)]
enum Expected {
    /// `EXISTS` of an entry's only key.
    Exists(EntryId, Key),
    /// A page of `SCAN`.
    Page,
    /// `UNLINK` of some keys.
    Unlinked,
}

/// How many keys a server looks at for one page.
const COUNT: i64 = 1_000;
/// How many keys one `UNLINK` removes.
const UNLINK: usize = 500;

impl Scan {
    pub(super) fn new(call: Call) -> Self {
        let targets = Targets::of(core::slice::from_ref(&call)).map(Arc::new);
        Self {
            call,
            targets,
            is_dry: false,
            closed: Vec::new(),
            pattern: None,
            count: 0,
            strays: 0,
            state: State::Start,
            expected: Vec::new(),
        }
    }

    /// What it does, as calls are spelled.
    pub(super) const fn name(&self) -> &'static str {
        self.call.verb.name()
    }

    /// Several calls of one kind in a single walk, which changes nothing if it is dry.
    pub(super) fn shared(calls: &[Call], is_dry: bool) -> Result<Self> {
        let [first, others @ ..] = calls else {
            return Err(Error::new(ErrorKind::InvalidCall, "a walk through no namespace"));
        };
        if !first.verb.is_walk() || others.iter().any(|other| other.verb != first.verb) {
            let message = "only equal calls on namespaces can share a walk";
            return Err(Error::new(ErrorKind::InvalidCall, message));
        }
        if !is_dry && matches!(first.verb, Verb::Rotate) {
            let message = "a walk finds what a `rotate` seals anew, and does not seal it";
            return Err(Error::new(ErrorKind::InvalidCall, message));
        }
        let targets = Targets::of(calls).map(Arc::new);
        Ok(Self { targets, is_dry, ..Self::new(first.clone()) })
    }

    /// Whether it hands out keys one by one.
    pub(super) const fn hands_out_items(&self) -> bool {
        matches!(self.call.verb, Verb::Keys | Verb::Rotate | Verb::Strays)
    }

    /// Says where it happened and how far it came.
    pub(super) fn located(&self, cx: &Cx<'_>, error: Error) -> Error {
        // Its key is a prefix, and no key of an entry.
        self.with_progress(error).at_path(cx.layout.path_of(self.call.target))
    }

    pub(super) fn step(
        &mut self,
        cx: &Cx<'_>,
        replies: &mut [Reply],
        turn: &mut Turn,
    ) -> Result<Step> {
        let targets = self.targets.clone()?;
        if self.state == State::Start {
            self.start(cx, &targets, turn)?;
        } else {
            self.read(cx, &targets, replies, turn)?;
        }
        if self.expected.is_empty() { Ok(Step::Done(self.outcome())) } else { Ok(Step::More) }
    }

    /// Asks for the closed entries and, where there are open ones, for the first page.
    fn start(&mut self, cx: &Cx<'_>, targets: &Targets, turn: &mut Turn) -> Result<()> {
        cx.reach.admit(&self.call.verb)?;
        let sought = self.sought();
        if let Sought::Everything | Sought::Strays = sought {
            targets.admit_strays(sought == Sought::Everything)?;
        }
        let closed: Vec<_> = targets.closed(cx.layout, sought).collect();
        match self.call.verb {
            Verb::Clear { .. } if !self.is_dry => {
                for keys in closed.chunks(UNLINK) {
                    self.unlink(keys.iter().map(|(_, key)| key.as_bytes()), turn);
                }
            }
            _ => {
                self.closed = closed;
                self.ask_closed(cx, turn);
            }
        }
        self.state = State::Finished;
        self.pattern = targets.pattern(cx.layout, sought);
        self.ask(b"0", turn);
        Ok(())
    }

    /// Asks for as many single keys as a pipeline would in one turn: a layout may have more of them
    /// than may be in flight.
    fn ask_closed(&mut self, cx: &Cx<'_>, turn: &mut Turn) {
        let count = self.closed.len().min(room(cx)).min(COUNT as usize);
        for (entry, key) in self.closed.drain(..count) {
            ops::key::exists(&key, &mut turn.batch);
            self.expected.push(Expected::Exists(entry, key));
        }
    }

    const fn sought(&self) -> Sought {
        match self.call.verb {
            Verb::Clear { strays: true } => Sought::Everything,
            Verb::Rotate => Sought::Secrets,
            Verb::Strays => Sought::Strays,
            _ => Sought::Known,
        }
    }

    fn unlink<'a>(&mut self, keys: impl Iterator<Item = &'a [u8]>, turn: &mut Turn) {
        ops::key::unlink(keys, &mut turn.batch);
        self.expected.push(Expected::Unlinked);
    }

    fn ask(&mut self, cursor: &[u8], turn: &mut Turn) {
        let Some(pattern) = &self.pattern else { return };
        let writer = turn.batch.command("SCAN", Class::Read).arg(cursor);
        writer.arg(b"MATCH").arg(pattern.as_bytes()).arg(b"COUNT").int(COUNT);
        self.expected.push(Expected::Page);
        self.state = State::Scanning;
    }

    fn read(
        &mut self,
        cx: &Cx<'_>,
        targets: &Targets,
        replies: &mut [Reply],
        turn: &mut Turn,
    ) -> Result<()> {
        let expected = core::mem::take(&mut self.expected);
        self.state = State::Finished;
        let mut first_error = None;
        for (expected, reply) in expected.into_iter().zip(replies) {
            let read = match (expected, core::mem::take(reply)) {
                (_, Reply::Error(error)) => Err(Error::server(&error.code, &error.detail)),
                (Expected::Unlinked, Reply::Int(count)) => {
                    self.count = self.count.saturating_add(count.unsigned_abs());
                    Ok(())
                }
                (Expected::Exists(entry, key), Reply::Int(count)) => {
                    if count > 0 {
                        self.found(cx, entry, key.as_str(), turn);
                    }
                    Ok(())
                }
                (Expected::Page, reply) => self.read_page(cx, targets, reply, turn),
                (_, other) => Err(ops::unexpected("an integer", &other)),
            };
            if let Err(error) = read {
                first_error.get_or_insert(error);
            }
        }
        self.ask_closed(cx, turn);
        first_error.map_or(Ok(()), Err)
    }

    /// Asks for the page behind this one, then handles the keys of this one.
    fn read_page(
        &mut self,
        cx: &Cx<'_>,
        targets: &Targets,
        reply: Reply,
        turn: &mut Turn,
    ) -> Result<()> {
        let (cursor, keys) = match reply {
            Reply::Array(parts) => match <[Reply; 2]>::try_from(parts) {
                Ok([Reply::Bulk(cursor), Reply::Array(keys)]) => (cursor, keys),
                _ => return Err(ops::unexpected("a cursor and keys", &Reply::Array(Vec::new()))),
            },
            other => return Err(ops::unexpected("a cursor and keys", &other)),
        };
        if cursor != b"0" {
            self.ask(&cursor, turn);
        }
        let mut doomed = Vec::new();
        let mut captures = Captures::default();
        for key in keys {
            let Reply::Bulk(key) = key else {
                return Err(ops::unexpected("a bulk string for each key", &key));
            };
            match known(cx, &key, &mut captures) {
                Some((entry, text, params)) => {
                    // Closed entries were asked for at the start.
                    if !targets.are_above(cx.layout, entry, text, &params) {
                        continue;
                    }
                    match self.call.verb {
                        Verb::Clear { .. } => doomed.push(key),
                        _ => self.found(cx, entry, text, turn),
                    }
                }
                None => self.stray(cx, targets, key, &mut doomed, turn),
            }
        }
        if self.is_dry {
            self.count += doomed.len() as u64;
        } else {
            for keys in doomed.chunks(UNLINK) {
                self.unlink(keys.iter().map(|key| &key[..]), turn);
            }
        }
        if let Verb::Clear { .. } | Verb::Count = self.call.verb {
            turn.items.push(self.outcome());
        }
        Ok(())
    }

    /// A key that the layout does not know, if it is none of a lease or another program's.
    fn stray(
        &mut self,
        cx: &Cx<'_>,
        targets: &Targets,
        key: Vec<u8>,
        doomed: &mut Vec<Vec<u8>>,
        turn: &mut Turn,
    ) {
        let removes = match self.call.verb {
            Verb::Clear { strays } => strays,
            Verb::Strays => false,
            _ => return,
        };
        if !targets.have_below(cx.layout, &key) || cx.layout.is_foreign(&key) || is_lease(&key) {
            return;
        }
        self.strays += 1;
        if self.call.verb == Verb::Strays {
            turn.items.push(Outcome::Bytes(key));
        } else if removes {
            doomed.push(key);
        }
    }

    /// A key of the layout that exists: counted, and handed out where that was asked for.
    fn found(&mut self, cx: &Cx<'_>, entry: EntryId, key: &str, turn: &mut Turn) {
        // A pattern covers neighbours as well.
        let kind = cx.layout.entry(entry).map(|entry| entry.kind);
        if !kind.is_ok_and(|kind| self.sought().has(kind)) {
            return;
        }
        self.count += 1;
        if self.hands_out_items() {
            let params = cx.layout.parse(key, cx.prefix).map(|(_, params)| params);
            turn.items.push(Outcome::Key(FoundKey {
                key: key.into(),
                entry,
                params: params.unwrap_or_default(),
            }));
        }
    }

    fn outcome(&self) -> Outcome {
        match self.call.verb {
            Verb::Clear { .. } => {
                Outcome::Cleared(Cleared { removed: self.count, strays: self.strays })
            }
            Verb::Count => Outcome::Int(i64::try_from(self.count).unwrap_or(i64::MAX)),
            _ => Outcome::Unit,
        }
    }

    /// A walk that broke off says how far it came.
    fn with_progress(&self, error: Error) -> Error {
        let (keys, done) = match self.call.verb {
            Verb::Clear { .. } if !self.is_dry => (self.count, "removed"),
            Verb::Strays => (self.strays, "found"),
            // A rotation tells what it has sealed.
            Verb::Rotate => return error,
            _ => (self.count, "found"),
        };
        let error = match keys {
            0 => return error,
            1 => error.noted(&format!("1 key was {done} before")),
            keys => error.noted(&format!("{keys} keys were {done} before")),
        };
        if done == "removed" { error.effect(Effect::Partial) } else { error }
    }
}

/// The entry of a key, and its parameters as the key has them.
fn known<'k>(
    cx: &Cx<'_>,
    key: &'k [u8],
    captures: &mut Captures,
) -> Option<(EntryId, &'k str, Vec<&'k str>)> {
    let text = core::str::from_utf8(key).ok()?;
    let own = text.strip_prefix(cx.prefix)?;
    let entry = cx.layout.find(own, captures)?;
    Some((entry, text, captures.segments(own).collect()))
}

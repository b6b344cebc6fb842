use alloc::{format, string::String, vec::Vec};

use super::reader::{Reader, broken};
use crate::{
    call::{
        Call, Condition, Expire, ExpireCondition, GetOrSet, Password, Rebind, Seal, Set,
        SetPassword, Target, Update, Verb, Verify, WhenDown,
    },
    error::{Effect, Error, ErrorKind, Result},
    key::{
        Key,
        param::{Param, ParamSpec},
    },
    layout::{Layout, NamespaceId, Params, Way},
    op::{Arg, Operand},
    ops,
    plan::Plan,
    ttl::{Expiry, MAX_MS, Ttl},
    value::Payload,
};

/// The names of the verbs that are no rows, in the order of their numbers; those of the rows follow.
pub const VERBS: [&str; 19] = [
    "clear",
    "count",
    "expire",
    "get",
    "get_or_set",
    "key_id",
    "keys",
    "lookup",
    "raw",
    "rebind",
    "reveal",
    "rotate",
    "seal",
    "set",
    "set_password",
    "strays",
    "update",
    "value_type",
    "verify",
];

/// How many pipelines and atomic groups may stand inside each other.
const MAX_DEPTH: u32 = 8;

/// Reads a frame of calls: the plan to step, and the prefix that it was made with.
///
/// # Errors
///
/// What is wrong with a call that stands by itself. In a pipeline or atomic group a wrong call
/// becomes a [`Plan::Failed`], and its neighbours are not concerned.
pub fn read_calls<'a>(frame: &'a [u8], layout: &Layout) -> Result<(Plan, &'a str)> {
    let mut reader = Reader::new(frame);
    let prefix = reader.text()?;
    let calls = Calls { layout, prefix };
    Ok((calls.node(&mut reader, MAX_DEPTH)?, prefix))
}

/// Reads a frame of a prefix and a target: the key of an entry or the prefix of a namespace.
///
/// # Errors
///
/// A parameter is missing, surplus, unknown, doubled or ill-typed; the key gets too long.
pub fn read_key(frame: &[u8], layout: &Layout) -> Result<Key> {
    let mut reader = Reader::new(frame);
    let prefix = reader.text()?;
    let (what, index) = (reader.u8()?, reader.u32()?);
    Calls { layout, prefix }.target(what, index, &mut reader).map(|(_, key)| key)
}

struct Calls<'a> {
    layout: &'a Layout,
    prefix: &'a str,
}

impl Calls<'_> {
    fn node(&self, reader: &mut Reader<'_>, depth_left: u32) -> Result<Plan> {
        match reader.u8()? {
            0 => Err(failure(reader)?),
            1 => self.call(&mut reader.part()?).map(Plan::new),
            2 => self.nodes(reader, depth_left).map(Plan::join),
            3 => self.nodes(reader, depth_left).map(Plan::atomic),
            4 => {
                let count = reader.count()?;
                let calls: Result<Vec<_>> =
                    (0..count).map(|_| self.call(&mut reader.part()?)).collect();
                calls.map(|calls| Plan::walk(&calls))
            }
            _ => Err(broken()),
        }
    }

    fn nodes(&self, reader: &mut Reader<'_>, depth_left: u32) -> Result<Vec<Plan>> {
        let depth_left = depth_left.checked_sub(1).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidCall,
                format!("pipelines and atomic groups inside each other, more than {MAX_DEPTH}"),
            )
        })?;
        let count = reader.count()?;
        let mut plans = Vec::with_capacity(count);
        for _ in 0..count {
            plans.push(self.node(reader, depth_left).unwrap_or_else(Plan::Failed));
        }
        Ok(plans)
    }

    fn call(&self, reader: &mut Reader<'_>) -> Result<Call> {
        let number = reader.u8()?;
        let verb = |target, reader: &mut Reader<'_>| {
            let verb = read_verb(number, reader);
            verb.map_err(|error| error.at_path(self.layout.path_of(target)))
        };
        let (what, index) = (reader.u8()?, reader.u32()?);
        if let 2 | 3 = what {
            let way = self.way(what, index, reader)?;
            let verb = verb(way.target(), reader)?;
            return if verb.is_walk() { Ok(Call::walk(way, verb)) } else { Err(broken()) };
        }
        let (target, key) = self.target(what, index, reader)?;
        Ok(Call::new(target, key, verb(target, reader)?))
    }

    /// A target whose levels may leave parameters open.
    fn way(&self, what: u8, index: u32, reader: &mut Reader<'_>) -> Result<Way> {
        if what == 2 {
            return self.way_to(self.layout.namespace_id(index).ok_or_else(broken)?, reader);
        }
        let id = self.layout.entry_id(index).ok_or_else(broken)?;
        let entry = self.layout.entry(id)?;
        let mut way = self.way_to(entry.namespace, reader)?;
        with_level(&entry.params, &entry.path, reader, |given, gap| {
            leave_no_gap(gap)?;
            way.enter(self.layout, Target::Entry(id), given)
        })?;
        Ok(way)
    }

    /// The way to a namespace, whose levels stand in the frame from the root down.
    fn way_to(&self, id: NamespaceId, reader: &mut Reader<'_>) -> Result<Way> {
        let namespace = self.layout.namespace(id)?;
        let Some(parent) = namespace.parent else {
            return Ok(Way::new(NamespaceId::ROOT, self.layout.root(self.prefix)?));
        };
        let mut way = self.way_to(parent, reader)?;
        with_level(&namespace.params, &namespace.path, reader, |given, gap| {
            leave_no_gap(gap)?;
            way.enter(self.layout, Target::Namespace(id), given)
        })?;
        Ok(way)
    }

    fn target(&self, what: u8, index: u32, reader: &mut Reader<'_>) -> Result<(Target, Key)> {
        match what {
            0 => {
                let id = self.layout.namespace_id(index).ok_or_else(broken)?;
                Ok((Target::Namespace(id), self.prefix_of(id, reader)?))
            }
            1 => {
                let id = self.layout.entry_id(index).ok_or_else(broken)?;
                let entry = self.layout.entry(id)?;
                let mut key = self.prefix_of(entry.namespace, reader)?;
                with_level(&entry.params, &entry.path, reader, |given, _| {
                    self.layout.complete(id, given, &mut key)
                })?;
                Ok((Target::Entry(id), key))
            }
            _ => Err(broken()),
        }
    }

    /// The prefix of a namespace, whose levels stand in the frame from the root down.
    fn prefix_of(&self, id: NamespaceId, reader: &mut Reader<'_>) -> Result<Key> {
        let namespace = self.layout.namespace(id)?;
        // As deep as a layout nests, which is checked when it is loaded.
        let Some(parent) = namespace.parent else { return self.layout.root(self.prefix) };
        let mut key = self.prefix_of(parent, reader)?;
        with_level(&namespace.params, &namespace.path, reader, |given, _| {
            self.layout.enter(id, given, &mut key)
        })?;
        Ok(key)
    }
}

/// A parameter that a host has no value for is missing, and does not leave a walk open.
fn leave_no_gap(gap: Option<&str>) -> Result<()> {
    gap.map_or(Ok(()), |name| {
        Err(Error::new(ErrorKind::MissingParam, format!("the parameter `{name}` is missing")))
    })
}

/// An error that the host found itself.
pub(super) fn failure(reader: &mut Reader<'_>) -> Result<Error> {
    let kind = ErrorKind::ALL.get(usize::from(reader.u8()?)).ok_or_else(broken)?;
    let effect = EFFECTS.get(usize::from(reader.u8()?)).ok_or_else(broken)?;
    let message = reader.text()?;
    let error = Error::new(*kind, message).effect(*effect).at_path(reader.text()?);
    Ok(error.answered(reader.text()?))
}

/// In the order of the numbers in which they cross.
pub(super) const EFFECTS: [Effect; 5] =
    [Effect::Ambiguous, Effect::NotSent, Effect::Partial, Effect::Rejected, Effect::Unchanged];

/// Reads the parameters given at one level, where any are declared, and hands them on, with the name
/// of the first that the host named without giving it.
fn with_level(
    specs: &[ParamSpec],
    path: &str,
    reader: &mut Reader<'_>,
    resolve: impl FnOnce(Params<'_>, Option<&str>) -> Result<()>,
) -> Result<()> {
    if specs.is_empty() {
        return resolve(Params::Positional(&[]), None);
    }
    let named = reader.bool()?;
    let count = reader.count()?;
    if named {
        let (params, gap) =
            read_named(specs, reader, count).map_err(|error| error.at_path(path))?;
        return resolve(Params::Named(&params), gap);
    }
    let (params, gap) =
        read_positional(specs, reader, count).map_err(|error| error.at_path(path))?;
    resolve(Params::Positional(&params), gap)
}

fn read_positional<'a, 's>(
    specs: &'s [ParamSpec],
    reader: &mut Reader<'a>,
    count: usize,
) -> Result<(Vec<Param<'a>>, Option<&'s str>)> {
    let mut params = Vec::with_capacity(count);
    let mut gap = None;
    for index in 0..count {
        let spec = specs.get(index);
        let name = spec.map_or("", |spec| &spec.name);
        match read_param(reader, spec)? {
            // What follows a gap cannot stand at its own place.
            Some(param) if gap.is_none() => params.push(param),
            Some(_) => {}
            None => gap = gap.or(Some(name)),
        }
    }
    Ok((params, gap))
}

type NamedParams<'a> = Vec<(&'a str, Param<'a>)>;

fn read_named<'a>(
    specs: &[ParamSpec],
    reader: &mut Reader<'a>,
    count: usize,
) -> Result<(NamedParams<'a>, Option<&'a str>)> {
    let mut params = Vec::with_capacity(count);
    let mut gap = None;
    for _ in 0..count {
        let name = reader.text()?;
        let spec = specs.iter().find(|spec| spec.name == name);
        match read_param(reader, spec)? {
            Some(param) => params.push((name, param)),
            None => gap = gap.or(Some(name)),
        }
    }
    Ok((params, gap))
}

/// Reads a parameter; one that nobody declared is refused for that, whatever it is.
fn read_param<'a>(reader: &mut Reader<'a>, spec: Option<&ParamSpec>) -> Result<Option<Param<'a>>> {
    let refused = |kind, came: &str| match spec {
        Some(spec) => Err(spec.unfit(kind, came)),
        None => Ok(Some(Param::Bool(false))),
    };
    Ok(Some(match reader.u8()? {
        0 => return Ok(None),
        1 => Param::Bool(false),
        2 => Param::Bool(true),
        3 => Param::Int(reader.i64()?.into()),
        4 => match reader.text()?.parse() {
            Ok(number) => Param::Int(number),
            Err(_) => return refused(ErrorKind::InvalidParam, "an integer of more than 128 bits"),
        },
        5 => Param::Str(reader.text()?),
        6 => Param::Bytes(reader.bytes()?),
        7 => return refused(ErrorKind::NotSafeInteger, reader.text()?),
        8 => return refused(ErrorKind::WrongType, reader.text()?),
        9 => return refused(ErrorKind::IllFormedString, "a text that is not well-formed Unicode"),
        10 => {
            return refused(
                ErrorKind::ParamTooLong,
                "one that is longer than any parameter may be",
            );
        }
        _ => return Err(broken()),
    }))
}

/// Reads the options of the verb with that number in [`VERBS`], or of the row behind those.
fn read_verb(number: u8, reader: &mut Reader<'_>) -> Result<Verb> {
    if let Some(index) = usize::from(number).checked_sub(VERBS.len()) {
        let row = ops::rows().nth(index).ok_or_else(broken)?;
        let args = row.args.iter().map(|arg| read_operand(arg, reader)).collect::<Result<_>>()?;
        return Ok(Verb::Op { row, args });
    }
    Ok(match number {
        0 => Verb::Clear { strays: reader.bool()? },
        1 => Verb::Count,
        2 => Verb::Expire(Expire {
            expiry: read_expiry(reader)?,
            condition: match reader.u8()? {
                0 => ExpireCondition::Always,
                1 => ExpireCondition::Gt,
                2 => ExpireCondition::Lt,
                3 => ExpireCondition::Nx,
                4 => ExpireCondition::Xx,
                _ => return Err(broken()),
            },
        }),
        3 => Verb::Get,
        4 => {
            let (expiry, lease_ms) = (read_expiry(reader)?, read_ms(reader)?);
            let stale_ms = reader.bool()?.then(|| read_ms(reader)).transpose()?;
            let computes = reader.bool()?;
            let mut fill = GetOrSet::new(reader.chunk()?);
            (fill.expiry, fill.lease_ms, fill.stale_ms) = (expiry, lease_ms, stale_ms);
            fill.when_down = if computes { WhenDown::Compute } else { WhenDown::Fail };
            Verb::GetOrSet(fill)
        }
        5 => Verb::KeyId,
        6 => Verb::Keys,
        7 => Verb::Lookup,
        8 => Verb::Raw,
        9 => {
            let mut from = Key::new();
            from.push_str(reader.text()?);
            Verb::Rebind(Rebind::new(from))
        }
        10 => Verb::Reveal,
        11 => Verb::Rotate,
        12 => {
            let (expiry, condition) = (read_expiry(reader)?, read_condition(reader)?);
            let plaintext = if reader.bool()? { Some(reader.bytes()?.into()) } else { None };
            Verb::Seal(Seal { expiry, condition, ..Seal::new(plaintext) })
        }
        13 => Verb::Set(Set {
            expiry: read_expiry(reader)?,
            condition: read_condition(reader)?,
            previous: reader.bool()?,
            value: Payload::from_tape(reader.owned()?)?,
        }),
        14 => {
            let (expiry, condition) = (read_expiry(reader)?, read_condition(reader)?);
            let is_hashed = reader.bool()?;
            let text = reader.bytes()?.into();
            let password = if is_hashed { Password::Hashed(text) } else { Password::Plain(text) };
            Verb::SetPassword(SetPassword { expiry, condition, password })
        }
        15 => Verb::Strays,
        16 => {
            let mut update = Update::default();
            (update.expiry, update.tries) = (read_expiry(reader)?, reader.u32()?);
            Verb::Update(update)
        }
        17 => Verb::ValueType,
        18 => {
            let upgrade = reader.bool()?;
            Verb::Verify(Verify { upgrade, ..Verify::new(reader.bytes()?.into()) })
        }
        _ => return Err(broken()),
    })
}

fn read_operand(arg: &Arg, reader: &mut Reader<'_>) -> Result<Operand> {
    match arg {
        Arg::Count { .. } => Ok(match reader.bool()? {
            true => Operand::Int(reader.u32()?.into()),
            false => Operand::Absent,
        }),
    }
}

fn read_condition(reader: &mut Reader<'_>) -> Result<Condition> {
    match reader.u8()? {
        0 => Ok(Condition::Always),
        1 => Ok(Condition::IfExists),
        2 => Ok(Condition::IfMissing),
        _ => Err(broken()),
    }
}

fn read_expiry(reader: &mut Reader<'_>) -> Result<Expiry> {
    Ok(match reader.u8()? {
        0 => Expiry::Policy,
        1 => Expiry::In(read_ms(reader)?),
        2 => Expiry::At(read_ms(reader)?),
        3 => Expiry::Keep,
        4 => Expiry::Persist,
        5 => match Ttl::parse(reader.text()?) {
            Ok(Ttl::For(ms)) => Expiry::In(ms),
            Ok(Ttl::Persist) => Expiry::Persist,
            Err(message) => return Err(Error::new(ErrorKind::InvalidCall, message)),
        },
        _ => return Err(broken()),
    })
}

fn read_ms(reader: &mut Reader<'_>) -> Result<u64> {
    let ms = reader.f64()?;
    // Below 2^53 every whole float converts exactly; NaN fails the comparison.
    let whole = ms as u64;
    if ms >= 0.0 && whole <= MAX_MS && whole as f64 == ms {
        return Ok(whole);
    }
    let message = "a time is a whole number of milliseconds that is not negative";
    Err(Error::new(ErrorKind::InvalidCall, String::from(message)))
}

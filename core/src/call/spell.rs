//! Calls and outcomes as JSON: the spelling of transcripts and of the command line.

use alloc::{format, string::String, vec::Vec};

use super::{
    Call, Condition, Expire, ExpireCondition, FoundKey, GetOrSet, Outcome, Set, Target, Unit,
    Update, Verb, WhenDown,
};
use crate::{
    error::{Error, ErrorKind, Result},
    json::{self, Member, Node, Value},
    key::param::Given,
    layout::{Entry, Layout},
    ttl::{Expiry, Ttl},
    types::{Shape, Type},
    value::{self, Builder, Payload},
};

impl Call {
    /// Reads `{"call": "set", "path": "user(1).age", "value": 30, "ttl": "5m", "if": "missing"}`.
    ///
    /// `ttl` is seconds, a duration, `"persist"` or `"keep"`; `expire_at` a Unix time in
    /// milliseconds; `if` is `missing` or `exists`, of `expire` `missing`, `present`, `greater` or
    /// `less`; `previous`, `strays` are flags, `samples`, `tries` and `lease_ms` are numbers;
    /// `token` is 32 hex digits, `when_down` is `compute` or `fail`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidCall`] for what is no call, and whatever its path, parameters or value
    /// are refused for.
    pub fn from_json(node: &Node, layout: &Layout, prefix: &str) -> Result<Self> {
        let mut fields = Fields::new(node)?;
        let name = fields.text("call")?.ok_or_else(|| wrong("a call has a `call`"))?;
        let path = fields.text("path")?.unwrap_or_default();
        let (target, key) = layout.resolve(&path, prefix)?;
        let verb = verb(&name, &mut fields, layout, target)
            .and_then(|verb| fields.end().map(|()| verb))
            .map_err(|error| error.at_path(&path))?;
        Ok(Self::new(target, key, verb))
    }
}

fn verb(name: &str, fields: &mut Fields<'_>, layout: &Layout, target: Target) -> Result<Verb> {
    Ok(match name {
        "clear" => Verb::Clear { strays: fields.flag("strays")? },
        "count" => Verb::Count,
        "delete" => Verb::Delete,
        "exists" => Verb::Exists,
        "expire" => Verb::Expire(Expire {
            expiry: fields.expiry()?,
            condition: match fields.text("if")?.as_deref() {
                None => ExpireCondition::Always,
                Some("greater") => ExpireCondition::Greater,
                Some("less") => ExpireCondition::Less,
                Some("missing") => ExpireCondition::Missing,
                Some("present") => ExpireCondition::Present,
                Some(other) => return Err(wrong(&format!("`if` of expire cannot be `{other}`"))),
            },
        }),
        "expire_time" => Verb::ExpireTime(Unit::Seconds),
        "expire_time_ms" => Verb::ExpireTime(Unit::Milliseconds),
        "get" => Verb::Get,
        "get_or_set" => Verb::GetOrSet(get_or_set(fields)?),
        "keys" => Verb::Keys,
        "lookup" => Verb::Lookup,
        "memory_usage" => Verb::MemoryUsage { samples: fields.number("samples")? },
        "persist" => Verb::Persist,
        "raw" => Verb::Raw,
        "redis_type" => Verb::RedisType,
        "set" => Verb::Set(set(fields, layout, target)?),
        "touch" => Verb::Touch,
        "ttl" => Verb::Ttl(Unit::Seconds),
        "ttl_ms" => Verb::Ttl(Unit::Milliseconds),
        "unlink" => Verb::Unlink,
        "update" => Verb::Update(update(fields)?),
        "value_type" => Verb::ValueType,
        other => return Err(wrong(&format!("there is no call `{other}`"))),
    })
}

fn set(fields: &mut Fields<'_>, layout: &Layout, target: Target) -> Result<Set> {
    let value = fields.take("value").ok_or_else(|| wrong("`set` wants a `value`"))?;
    let any = Type::new(Shape::Any);
    let ty = match target {
        Target::Entry(id) => &layout.entry(id)?.ty,
        Target::Namespace(_) => &any,
    };
    Ok(Set {
        value: value::plain::from_json(value, ty, layout.records())?,
        expiry: fields.expiry()?,
        condition: match fields.text("if")?.as_deref() {
            None => Condition::Always,
            Some("exists") => Condition::IfExists,
            Some("missing") => Condition::IfMissing,
            Some(other) => return Err(wrong(&format!("`if` of set cannot be `{other}`"))),
        },
        previous: fields.flag("previous")?,
    })
}

fn get_or_set(fields: &mut Fields<'_>) -> Result<GetOrSet> {
    let token = fields.text("token")?;
    let token = token.as_deref().and_then(sixteen_bytes);
    let mut wish =
        GetOrSet::new(token.ok_or_else(|| wrong("`get_or_set` wants a `token` of 32 hex digits"))?);
    wish.expiry = fields.expiry()?;
    wish.lease_ms = fields.positive("lease_ms")?.unwrap_or(wish.lease_ms);
    wish.when_down = match fields.text("when_down")?.as_deref() {
        None | Some("fail") => WhenDown::Fail,
        Some("compute") => WhenDown::Compute,
        Some(other) => return Err(wrong(&format!("`when_down` cannot be `{other}`"))),
    };
    Ok(wish)
}

fn update(fields: &mut Fields<'_>) -> Result<Update> {
    let Update { tries, .. } = Update::default();
    let tries = fields.positive("tries")?.unwrap_or(tries);
    Ok(Update { expiry: fields.expiry()?, tries })
}

/// The bytes of 32 hex digits.
fn sixteen_bytes(hex: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    if hex.len() != 32 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        for &digit in pair {
            *byte = *byte << 4 | char::from(digit).to_digit(16)? as u8;
        }
    }
    Some(bytes)
}

impl Outcome {
    /// The outcome of a call as JSON.
    ///
    /// A missing key is `null`, a key without expiry `"persist"`; `lookup` gives
    /// `{"found": false}` or `{"found": true, "value": …}`, a clear `{"removed": 1, "strays": 0}`,
    /// a key `{"key": …, "path": …, "params": {…}}`. Times are in the unit of their call.
    #[must_use]
    pub fn to_json(&self, call: &Call, layout: &Layout) -> Node {
        match self {
            Self::Bool(value) => Node::new(Value::Bool(*value)),
            Self::Bytes(bytes) => match core::str::from_utf8(bytes) {
                Ok(text) => Node::string(text),
                Err(_) => tagged_bytes(bytes, layout),
            },
            Self::Cleared(cleared) => Node::object([
                ("removed", Node::number(&cleared.removed)),
                ("strays", Node::number(&cleared.strays)),
            ]),
            Self::Int(count) => Node::number(count),
            Self::Key(found) => found.to_json(layout),
            Self::Many(results) => Node::new(Value::Array(
                results
                    .iter()
                    .map(|result| match result {
                        Ok(outcome) => Node::object([("ok", outcome.to_json(call, layout))]),
                        Err(error) => Node::object([("error", Node::string(error.kind().code()))]),
                    })
                    .collect(),
            )),
            Self::Missing if call.verb == Verb::Lookup => {
                Node::object([("found", Node::new(Value::Bool(false)))])
            }
            Self::Missing => Node::null(),
            Self::Persistent => Node::string("persist"),
            Self::Text(word) => Node::string(word),
            Self::Time(ms) => Node::number(&match call.verb {
                Verb::Ttl(Unit::Seconds) | Verb::ExpireTime(Unit::Seconds) => ms / 1_000,
                _ => *ms,
            }),
            Self::Unit => Node::null(),
            Self::Value(payload) => {
                let entry = match call.target {
                    Target::Entry(id) => layout.entry(id).ok(),
                    Target::Namespace(_) => None,
                };
                let value = plain(payload, entry, layout);
                if call.verb == Verb::Lookup {
                    return Node::object([
                        ("found", Node::new(Value::Bool(true))),
                        ("value", value),
                    ]);
                }
                value
            }
        }
    }
}

impl FoundKey {
    /// The key as `{"key": …, "path": …, "params": {…}}`.
    #[must_use]
    pub fn to_json(&self, layout: &Layout) -> Node {
        let specs = layout.all_params(self.entry);
        let params = specs.iter().zip(&self.params).map(|(spec, given)| {
            let node = match given {
                Given::Bool(value) => Node::new(Value::Bool(*value)),
                Given::Bytes(bytes) => tagged_bytes(bytes, layout),
                Given::Int(value) => Node::number(value),
                Given::String(value) | Given::Uuid(value) => Node::string(value),
            };
            (spec.name.clone(), node)
        });
        let path = layout.entry(self.entry).map_or("", |entry| &entry.path);
        Node::object([
            ("key", Node::string(&*self.key)),
            ("path", Node::string(path)),
            ("params", Node::object(params)),
        ])
    }
}

/// A value in the plain spelling of its entry's type.
fn plain(payload: &Payload, entry: Option<&Entry>, layout: &Layout) -> Node {
    let any = Type::new(Shape::Any);
    let ty = entry.map_or(&any, |entry| &entry.ty);
    let shown = value::plain::to_json(payload, ty, layout.records());
    shown.and_then(|shown| json::read(shown.as_bytes())).unwrap_or_else(|_| Node::null())
}

fn tagged_bytes(bytes: &[u8], layout: &Layout) -> Node {
    let mut builder = Builder::new();
    let payload = builder.bytes(bytes).and_then(|()| builder.finish());
    payload.map_or_else(|_| Node::null(), |payload| plain(&payload, None, layout))
}

/// The fields of a call, each to be taken once.
struct Fields<'a> {
    members: Vec<&'a Member>,
}

impl<'a> Fields<'a> {
    fn new(node: &'a Node) -> Result<Self> {
        match &node.value {
            Value::Object(members) => Ok(Self { members: members.iter().collect() }),
            _ => Err(wrong(&format!("a call is an object, not {}", node.describe()))),
        }
    }

    fn take(&mut self, name: &str) -> Option<&'a Node> {
        let index = self.members.iter().position(|member| member.name == name)?;
        Some(&self.members.remove(index).node)
    }

    fn text(&mut self, name: &str) -> Result<Option<String>> {
        let Some(node) = self.take(name) else { return Ok(None) };
        match node.as_str() {
            Some(text) => Ok(Some(text.into())),
            None => Err(wrong(&format!("`{name}` is a text, not {}", node.describe()))),
        }
    }

    fn flag(&mut self, name: &str) -> Result<bool> {
        match self.take(name).map(|node| &node.value) {
            None => Ok(false),
            Some(Value::Bool(value)) => Ok(*value),
            Some(_) => Err(wrong(&format!("`{name}` is true or false"))),
        }
    }

    fn number<T: core::str::FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        let Some(node) = self.take(name) else { return Ok(None) };
        match &node.value {
            Value::Number(text) => text.parse().map(Some).ok(),
            _ => None,
        }
        .ok_or_else(|| wrong(&format!("`{name}` is a number that cannot be {node}")))
    }

    /// A number from 1 on.
    fn positive<T>(&mut self, name: &str) -> Result<Option<T>>
    where
        T: core::str::FromStr + Default + PartialEq,
    {
        match self.number(name)? {
            Some(zero) if zero == T::default() => Err(wrong(&format!("`{name}` is 1 at least"))),
            number => Ok(number),
        }
    }

    fn expiry(&mut self) -> Result<Expiry> {
        let at = self.number("expire_at")?;
        let ttl = match self.take("ttl").map(|node| &node.value) {
            None => None,
            Some(Value::Number(text) | Value::String(text)) => Some(text),
            Some(_) => return Err(wrong("`ttl` is seconds, a duration, `persist` or `keep`")),
        };
        match (at, ttl.map(|text| &text[..])) {
            (None, None) => Ok(Expiry::Policy),
            (Some(ms), None) => Ok(Expiry::At(ms)),
            (None, Some("keep")) => Ok(Expiry::Keep),
            (None, Some(text)) => match Ttl::parse(text) {
                Ok(Ttl::For(ms)) => Ok(Expiry::In(ms)),
                Ok(Ttl::Persist) => Ok(Expiry::Persist),
                Err(problem) => Err(wrong(&problem)),
            },
            (Some(_), Some(_)) => Err(wrong("`ttl` and `expire_at` contradict each other")),
        }
    }

    fn end(&self) -> Result<()> {
        match self.members.first() {
            Some(member) => Err(wrong(&format!("this call has no `{}`", member.name))),
            None => Ok(()),
        }
    }
}

#[cold]
fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::InvalidCall, message)
}

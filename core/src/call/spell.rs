//! Calls and outcomes as JSON: the spelling of transcripts and of the command line.

use alloc::{
    format,
    string::{String, ToString},
};

use super::{
    Call, Condition, Expire, ExpireCondition, FoundKey, GetOrSet, Outcome, Password, Rebind,
    Rotated, Seal, Set, SetPassword, Target, Unit, Update, Verb, Verdict, Verify, WhenDown,
    fields::{Fields, secret, wrong},
};
use crate::{
    error::Result,
    json::{self, Node, Value},
    key::{Key, param::Given},
    layout::{Entry, Layout},
    types::{Kind, Shape, Type},
    value::{self, Builder, Payload, View},
};

impl Call {
    /// Reads `{"call": "set", "path": "user(1).age", "value": 30, "ttl": "5m", "if": "missing"}`.
    ///
    /// `ttl` is seconds, a duration, `"persist"` or `"keep"`; `expire_at` a Unix time in
    /// milliseconds; `if` is `missing` or `exists`, of `expire` `missing`, `present`, `greater` or
    /// `less`; `previous`, `strays` are flags, `samples`, `tries` and `lease_ms` are numbers;
    /// `token` is 32 hex digits, `when_down` is `compute` or `fail`. A password is the `value` of
    /// a `set`, or its `hash`; `verify` takes a `password` and the flag `upgrade`; `rebind` the
    /// key that a secret comes `from`.
    ///
    /// # Errors
    ///
    /// [`InvalidCall`](crate::error::ErrorKind::InvalidCall) for what is no call, and whatever its
    /// path, parameters or value are refused for.
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
        "key_id" => Verb::KeyId,
        "keys" => Verb::Keys,
        "lookup" => Verb::Lookup,
        "memory_usage" => Verb::MemoryUsage { samples: fields.number("samples")? },
        "persist" => Verb::Persist,
        "raw" => Verb::Raw,
        "rebind" => {
            let mut from = Key::new();
            from.push_str(&fields.text("from")?.ok_or_else(|| wrong("`rebind` wants a `from`"))?);
            Verb::Rebind(Rebind::new(from))
        }
        "redis_type" => Verb::RedisType,
        "reveal" => Verb::Reveal,
        "rotate" => Verb::Rotate,
        "set" => set(fields, layout, target)?,
        "touch" => Verb::Touch,
        "ttl" => Verb::Ttl(Unit::Seconds),
        "ttl_ms" => Verb::Ttl(Unit::Milliseconds),
        "unlink" => Verb::Unlink,
        "update" => Verb::Update(update(fields)?),
        "value_type" => Verb::ValueType,
        "verify" => Verb::Verify(Verify {
            upgrade: fields.flag("upgrade")?,
            password: fields.secret("password")?,
        }),
        other => return Err(wrong(&format!("there is no call `{other}`"))),
    })
}

/// What is stored depends on the kind: a value, a secret, or the hash of a password.
fn set(fields: &mut Fields<'_>, layout: &Layout, target: Target) -> Result<Verb> {
    let expiry = fields.expiry()?;
    let condition = match fields.text("if")?.as_deref() {
        None => Condition::Always,
        Some("exists") => Condition::IfExists,
        Some("missing") => Condition::IfMissing,
        Some(other) => return Err(wrong(&format!("`if` of set cannot be `{other}`"))),
    };
    let any = Type::new(Shape::Any);
    let (ty, kind) = match target {
        Target::Entry(id) => layout.entry(id).map(|entry| (&entry.ty, entry.kind))?,
        Target::Namespace(_) => (&any, Kind::Value),
    };
    if kind == Kind::Password {
        let password = match fields.take("hash") {
            Some(hash) => Password::Hashed(secret("hash", hash)?),
            None => Password::Plain(fields.secret("value")?),
        };
        return Ok(Verb::SetPassword(SetPassword { password, expiry, condition }));
    }
    let value = fields.take("value").ok_or_else(|| wrong("`set` wants a `value`"))?;
    let value = value::plain::from_json(value, ty, layout.records())?;
    if kind == Kind::Secret {
        let value = match value.view() {
            View::Bytes(bytes) => Some(bytes.into()),
            View::String(text) => Some(text.into()),
            _ => None,
        };
        return Ok(Verb::Seal(Seal { value, expiry, condition }));
    }
    Ok(Verb::Set(Set { value, expiry, condition, previous: fields.flag("previous")? }))
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
            Self::Form(form) => Node::string(form.to_string()),
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
            Self::Rotated(rotated) => rotated.to_json(),
            Self::Secret(plaintext) => {
                let is_bytes = matches!(call.target, Target::Entry(id)
                    if layout.entry(id).is_ok_and(|entry| entry.ty.shape == Shape::Bytes));
                let secret = match plaintext {
                    None => Node::null(),
                    Some(bytes) if is_bytes => tagged_bytes(bytes.expose(), layout),
                    Some(text) => Node::string(String::from_utf8_lossy(text.expose())),
                };
                found(call, secret)
            }
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
                found(call, plain(payload, entry, layout))
            }
            Self::Verdict(verdict) => Node::object([
                ("verdict", Node::string(verdict.word())),
                (
                    "wants_upgrade",
                    Node::new(Value::Bool(*verdict == Verdict::Yes { wants_upgrade: true })),
                ),
            ]),
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

impl Rotated {
    /// `{"resealed": 2, "failed": 0, "forms": {"7f3a0102": 2}}`.
    fn to_json(&self) -> Node {
        let forms = self.forms.iter().map(|(form, count)| (form.to_string(), Node::number(count)));
        Node::object([
            ("resealed", Node::number(&self.resealed)),
            ("failed", Node::number(&self.failed)),
            ("forms", Node::object(forms)),
        ])
    }
}

/// What `lookup` says besides the value itself.
fn found(call: &Call, value: Node) -> Node {
    match call.verb {
        Verb::Lookup => Node::object([("found", Node::new(Value::Bool(true))), ("value", value)]),
        _ => value,
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

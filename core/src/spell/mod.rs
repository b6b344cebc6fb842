//! Calls and outcomes as JSON: the spelling of transcripts and of the command line.

mod fields;
mod outcome;

use alloc::format;

use self::fields::{Fields, wrong};
use crate::{
    call::{
        Call, Condition, Expire, ExpireCondition, GetOrSet, Password, Rebind, Seal, Set,
        SetPassword, Target, Update, Verb, Verify, WhenDown,
    },
    error::Result,
    json::Node,
    key::Key,
    layout::{Layout, NamespaceId, Params},
    op::{Arg, Operand},
    ops,
    types::{Kind, Shape, Type},
    value::{self, View},
};

impl Call {
    /// Reads `{"call": "set", "path": "user(1).age", "value": 30, "ttl": "5m", "if": "missing"}`.
    ///
    /// `ttl` is seconds, a duration, `"persist"` or `"keep"`; `expire_at` a Unix time in
    /// milliseconds; `if` is `missing` or `exists`, of `expire` `gt`, `lt`, `nx` or `xx`;
    /// `previous`, `strays` are flags, `samples`, `tries`, `lease_ms` and `stale_ms` are numbers;
    /// `token` is 32 hex digits, `when_down` is `compute` or `fail`. A password is the `value` of
    /// a `set`, or its `hash`; `verify` takes a `password` and the flag `upgrade`; `rebind` the
    /// key that a secret comes `from`. The path of a walk (`clear`, `count`, `keys`, `rotate` and
    /// `strays`) may leave parameters open: `user` is every user.
    ///
    /// # Errors
    ///
    /// [`InvalidCall`](crate::error::ErrorKind::InvalidCall) for what is no call, and whatever its path, parameters or value
    /// are refused for.
    pub fn from_json(node: &Node, layout: &Layout, prefix: &str) -> Result<Self> {
        let mut fields = Fields::new(node)?;
        let name = fields.text("call")?.ok_or_else(|| wrong("a call has a `call`"))?;
        let path = fields.text("path")?.unwrap_or_default();
        if let "clear" | "count" | "keys" | "rotate" | "strays" = &name[..] {
            let root = layout.root(prefix)?;
            let way = layout.way(NamespaceId::ROOT, &root, &path, Params::Positional(&[]))?;
            let verb = whole_verb(&name, fields, layout, way.target())?;
            return Ok(Self::walk(way, verb));
        }
        let (target, key) = layout.resolve(&path, prefix)?;
        let verb = whole_verb(&name, fields, layout, target)?;
        Ok(Self::new(target, key, verb))
    }
}

/// The verb that all fields are of.
fn whole_verb(name: &str, mut fields: Fields<'_>, layout: &Layout, target: Target) -> Result<Verb> {
    verb(name, &mut fields, layout, target)
        .and_then(|verb| fields.end().map(|()| verb))
        .map_err(|error| error.at_path(layout.path_of(target)))
}

fn verb(name: &str, fields: &mut Fields<'_>, layout: &Layout, target: Target) -> Result<Verb> {
    Ok(match name {
        "clear" => Verb::Clear { strays: fields.flag("strays")? },
        "count" => Verb::Count,
        "expire" => Verb::Expire(Expire {
            expiry: fields.expiry()?,
            condition: match fields.text("if")?.as_deref() {
                None => ExpireCondition::Always,
                Some("gt") => ExpireCondition::Gt,
                Some("lt") => ExpireCondition::Lt,
                Some("nx") => ExpireCondition::Nx,
                Some("xx") => ExpireCondition::Xx,
                Some(other) => {
                    return Err(wrong(&format!(
                        "`if` of expire is gt, lt, nx or xx, not `{other}`"
                    )));
                }
            },
        }),
        "get" => Verb::Get,
        "get_or_set" => Verb::GetOrSet(get_or_set(fields)?),
        "key_id" => Verb::KeyId,
        "keys" => Verb::Keys,
        "lookup" => Verb::Lookup,
        "raw" => Verb::Raw,
        "rebind" => {
            let mut from = Key::new();
            from.push_str(&fields.text("from")?.ok_or_else(|| wrong("`rebind` wants a `from`"))?);
            Verb::Rebind(Rebind::new(from))
        }
        "reveal" => Verb::Reveal,
        "rotate" => Verb::Rotate,
        "set" => set(fields, layout, target)?,
        "strays" => Verb::Strays,
        "update" => Verb::Update(update(fields)?),
        "value_type" => Verb::ValueType,
        "verify" => Verb::Verify(Verify {
            upgrade: fields.flag("upgrade")?,
            password: fields.secret("password")?,
        }),
        other => {
            let kind = kind_of(layout, target);
            let row = ops::row(other, kind)
                .ok_or_else(|| wrong(&format!("there is no call `{other}`")))?;
            let args = row.args.iter().map(|arg| operand(arg, fields)).collect::<Result<_>>()?;
            Verb::Op { row, args }
        }
    })
}

fn kind_of(layout: &Layout, target: Target) -> Option<Kind> {
    match target {
        Target::Entry(id) => layout.entry(id).ok().map(|entry| entry.kind),
        Target::Namespace(_) => None,
    }
}

/// What is given for an argument of a row.
fn operand(arg: &Arg, fields: &mut Fields<'_>) -> Result<Operand> {
    match arg {
        Arg::Count { name, .. } => {
            let count: Option<u32> = fields.number(name)?;
            Ok(count.map_or(Operand::Absent, |count| Operand::Int(count.into())))
        }
    }
}

/// What is stored depends on the kind: a value, a secret, or the hash of a password.
fn set(fields: &mut Fields<'_>, layout: &Layout, target: Target) -> Result<Verb> {
    let expiry = fields.expiry()?;
    let condition = match fields.text("if")?.as_deref() {
        None => Condition::Always,
        Some("exists") => Condition::IfExists,
        Some("missing") => Condition::IfMissing,
        Some(other) => {
            return Err(wrong(&format!("`if` of set is exists or missing, not `{other}`")));
        }
    };
    let any = Type::new(Shape::Any);
    let (ty, kind) = match target {
        Target::Entry(id) => layout.entry(id).map(|entry| (&entry.ty, entry.kind))?,
        Target::Namespace(_) => (&any, Kind::Value),
    };
    if kind == Kind::Password {
        let password = match fields.take("hash") {
            Some(hash) => Password::Hashed(fields::secret("hash", hash)?),
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
    wish.stale_ms = fields.number("stale_ms")?;
    wish.when_down = match fields.text("when_down")?.as_deref() {
        None | Some("fail") => WhenDown::Fail,
        Some("compute") => WhenDown::Compute,
        Some(other) => {
            return Err(wrong(&format!("`when_down` is compute or fail, not `{other}`")));
        }
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

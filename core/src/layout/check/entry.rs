//! Entries: which fields make sense on which kind.

use alloc::{borrow::ToOwned, format, vec::Vec};

use core::ops::RangeInclusive;

use super::Checker;
use crate::{
    layout::{
        max_size,
        model::{Codec, HashField, Legacy, OnFailure},
        read::{At, DeclaredField, DeclaredKey},
    },
    quote::quoted,
    ttl::{self, Renew, Ttl},
    types::{Constraints, Kind, Shape, Type},
    value::{self, Payload, password},
};

/// By how many percent keys may live shorter.
const JITTERS: RangeInclusive<u8> = 1..=50;

/// What an entry is, apart from its place in the tree.
pub(in crate::layout) struct Facts {
    pub(in crate::layout) kind: Kind,
    pub(in crate::layout) ty: Type,
    pub(in crate::layout) constraints: Constraints,
    pub(in crate::layout) codec: Codec,
    pub(in crate::layout) default: Option<Payload>,
    pub(in crate::layout) on_invalid: OnFailure,
    pub(in crate::layout) on_unavailable: OnFailure,
    pub(in crate::layout) cost: u8,
    pub(in crate::layout) legacy: Legacy,
    pub(in crate::layout) max_size: Option<u32>,
    pub(in crate::layout) fields: Vec<HashField>,
}

impl Checker<'_, '_> {
    /// The facts of an entry that its fields state.
    pub(in crate::layout) fn entry(&mut self, key: &DeclaredKey<'_>, path: &str) -> Facts {
        let kind = self.kind(key.kind, path, Kind::ALL);
        let ty = match (key.ty, kind) {
            (Some(ty), _) => self.ty(ty, path),
            (None, Kind::Counter) => Type::new(Shape::Int),
            (None, Kind::Secret) => Type { shape: Shape::String, nullable: true },
            (None, Kind::Password) => Type::new(Shape::String),
            (None, _) => Type::new(Shape::Any),
        };
        let constraints = self.value_constraints(&key.constraints, &ty, key.at, path);
        let codec = self.codec(key, kind, &ty, path);
        self.kind_rules(key, kind, &ty, path);
        let default = self.default(key, kind, &ty, &constraints, path);
        let fields = match &key.fields {
            Some((at, fields)) => {
                self.refuse_many(fields.len(), *at, path);
                fields.iter().map(|field| self.hash_field(field, path)).collect()
            }
            None => Vec::new(),
        };
        let on_invalid = self.on_failure(key.on_invalid, kind, path);
        let on_unavailable = self.on_failure(key.on_unavailable, kind, path);
        let cost = self.cost(key, kind, path);
        let legacy = self.legacy(key, kind, path);
        let max_size = self.max_size(key, kind, path);
        Facts {
            kind,
            ty,
            constraints,
            codec,
            default,
            on_invalid,
            on_unavailable,
            cost,
            legacy,
            max_size,
            fields,
        }
    }

    fn kind(&mut self, declared: Option<At<&str>>, path: &str, allowed: &[Kind]) -> Kind {
        let Some(At { at, is }) = declared else { return Kind::Value };
        match Kind::parse(is).filter(|kind| allowed.contains(kind)) {
            Some(kind) => kind,
            None => {
                self.unknown(at, path, "kind", is, &mut allowed.iter().map(|kind| kind.name()));
                Kind::Value
            }
        }
    }

    fn codec(&mut self, key: &DeclaredKey<'_>, kind: Kind, ty: &Type, path: &str) -> Codec {
        let usual = if kind == Kind::Value { Codec::Envelope } else { Codec::Bare };
        let Some(At { at, is }) = key.codec else { return usual };
        let codec = match is {
            "bare" => Codec::Bare,
            "envelope" => Codec::Envelope,
            other => {
                self.unknown(at, path, "codec", other, &mut ["bare", "envelope"].into_iter());
                usual
            }
        };
        if matches!(kind, Kind::Counter | Kind::Password | Kind::Secret) {
            self.issues.add(at, path, format!("a {} has no codec", kind.name()));
        }
        let text = matches!(ty.shape, Shape::Any | Shape::Bytes | Shape::String);
        if codec == Codec::Bare && ty.allows_null() && text {
            let message = "bare text cannot tell null from text: declare a type without null";
            self.issues.add(at, path, message);
        }
        codec
    }

    fn on_failure(&mut self, declared: Option<At<&str>>, kind: Kind, path: &str) -> OnFailure {
        let Some(At { at, is }) = declared else { return OnFailure::Error };
        if kind != Kind::Value {
            let message = format!("a {} does not read as missing when it fails", kind.name());
            self.issues.add(at, path, message);
        }
        match is {
            "error" => OnFailure::Error,
            "missing" => OnFailure::Missing,
            other => {
                let mut known = ["error", "missing"].into_iter();
                self.unknown(at, path, "behaviour", other, &mut known);
                OnFailure::Error
            }
        }
    }

    fn cost(&mut self, key: &DeclaredKey<'_>, kind: Kind, path: &str) -> u8 {
        let Some(At { at, is }) = key.cost else { return password::DEFAULT_COST };
        if kind != Kind::Password {
            self.issues.add(at, path, format!("a {} has no cost", kind.name()));
        }
        match u8::try_from(is).ok().filter(|cost| password::COSTS.contains(cost)) {
            Some(cost) => cost,
            None => {
                let (min, max) = (password::COSTS.start(), password::COSTS.end());
                self.issues.add(at, path, format!("a cost is from {min} to {max}, not {is}"));
                password::DEFAULT_COST
            }
        }
    }

    fn max_size(&mut self, key: &DeclaredKey<'_>, kind: Kind, path: &str) -> Option<u32> {
        let At { at, is } = key.max_size?;
        if !matches!(kind, Kind::Secret | Kind::Value) {
            self.issues.add(at, path, format!("a {} has no max_size", kind.name()));
        }
        let size = max_size::parse(is);
        if size.is_none() {
            let message = format!(
                "a size is a whole number of bytes, or of KiB or MiB as in \"64KiB\", from 1 to {}, not {}",
                max_size::spell(max_size::LARGEST),
                quoted(is)
            );
            self.issues.add(at, path, message);
        }
        size
    }

    /// For how long values stay behind their time, in milliseconds; what is read is never behind its
    /// time where reading renews it.
    pub(in crate::layout) fn stale(
        &mut self,
        declared: Option<At<&str>>,
        kind: Kind,
        ttl: Option<Ttl>,
        renew: Renew,
        path: &str,
    ) -> u64 {
        let Some(At { at, is }) = declared else { return 0 };
        if kind != Kind::Value {
            self.issues.add(at, path, format!("a {} has no stale", kind.name()));
            return 0;
        }
        let (Some(Ttl::For(lives_ms)), true) = (ttl, renew != Renew::Access) else {
            let message = "`stale` is for values with a ttl, which no read renews";
            self.issues.add(at, path, message);
            return 0;
        };
        match Ttl::parse(is) {
            Ok(Ttl::For(ms)) if lives_ms + ms <= ttl::MAX_MS => ms,
            Ok(Ttl::For(_)) => {
                let message = format!("ttl and stale are longer than {} ms together", ttl::MAX_MS);
                self.issues.add(at, path, message);
                0
            }
            _ => {
                let message = format!(
                    "a stale is seconds, or a duration such as 500ms, 80s, 2m, 12h, 7d, not {}",
                    quoted(is)
                );
                self.issues.add(at, path, message);
                0
            }
        }
    }

    /// In percent.
    pub(in crate::layout) fn jitter(
        &mut self,
        declared: Option<At<&str>>,
        ttl: Option<Ttl>,
        path: &str,
    ) -> u8 {
        let Some(At { at, is }) = declared else { return 0 };
        if !matches!(ttl, Some(Ttl::For(_))) {
            self.issues.add(at, path, "`jitter` is for keys with a ttl");
        }
        let digits = is.strip_suffix('%').filter(|digits| !digits.starts_with(['+', '0']));
        let percent = digits.and_then(|digits| digits.parse().ok());
        match percent.filter(|percent| JITTERS.contains(percent)) {
            Some(percent) => percent,
            None => {
                let (min, max) = (JITTERS.start(), JITTERS.end());
                let message =
                    format!("a jitter is from \"{min}%\" to \"{max}%\", not {}", quoted(is));
                self.issues.add(at, path, message);
                0
            }
        }
    }

    fn legacy(&mut self, key: &DeclaredKey<'_>, kind: Kind, path: &str) -> Legacy {
        let Some(At { at, is: words }) = &key.legacy else { return Legacy::default() };
        if kind != Kind::Secret {
            self.issues.add(*at, path, format!("a {} has no legacy", kind.name()));
        }
        let mut legacy = Legacy::default();
        for At { at, is: word } in words {
            match legacy.with(word) {
                Some(more) => legacy = more,
                None => self.unknown(*at, path, "legacy", word, &mut Legacy::WORDS.into_iter()),
            }
        }
        legacy
    }

    /// Which fields make sense on which kind.
    fn kind_rules(&mut self, key: &DeclaredKey<'_>, kind: Kind, ty: &Type, path: &str) {
        let mut refuse = |at: Option<u32>, what: &str| {
            if let Some(at) = at {
                self.issues.add(at, path, format!("a {} has no {what}", kind.name()));
            }
        };
        let ty_at = key.ty.as_ref().map(|at| at.at);
        match kind {
            Kind::Counter if *ty != Type::new(Shape::Int) => refuse(ty_at, "type but `int`"),
            Kind::Hash | Kind::Password => refuse(ty_at, "type"),
            Kind::Secret if !matches!(ty.shape, Shape::Bytes | Shape::String) => {
                refuse(ty_at, "type but `string` and `bytes`");
            }
            _ => {}
        }
        if kind == Kind::Channel {
            refuse(key.ttl.as_ref().map(|at| at.at), "ttl");
            refuse(key.renew.as_ref().map(|at| at.at), "renew");
        }
        match (&key.fields, kind) {
            (Some((at, _)), kind) if kind != Kind::Hash => refuse(Some(*at), "fields"),
            (None, Kind::Hash) => refuse(Some(key.at), "meaning without its `fields`"),
            _ => {}
        }
    }

    fn default(
        &mut self,
        key: &DeclaredKey<'_>,
        kind: Kind,
        ty: &Type,
        constraints: &Constraints,
        path: &str,
    ) -> Option<Payload> {
        let node = key.default?;
        if kind != Kind::Value {
            let message = format!("a {} has no default", kind.name());
            self.issues.add(node.at, path, message);
            return None;
        }
        let default = value::plain::from_json(node, ty, &self.records).and_then(|payload| {
            let fitted = value::fit(&payload, ty, constraints, &self.records)?.into_owned();
            // What is shown of a layout has it in its plain spelling.
            value::plain::to_node(&fitted, ty, &self.records).map(|_| fitted)
        });
        default
            .map_err(|error| {
                self.issues.add(node.at, path, format!("the default: {}", error.message()));
            })
            .ok()
    }

    fn hash_field(&mut self, field: &DeclaredField<'_>, path: &str) -> HashField {
        let path = format!("{path}.{}", field.name);
        let kind = self.kind(field.kind, &path, &[Kind::Secret, Kind::Value]);
        let ty = match field.ty {
            Some(ty) => self.ty(ty, &path),
            None => Type { shape: Shape::String, nullable: kind == Kind::Secret },
        };
        let constraints = self.value_constraints(&field.constraints, &ty, field.at, &path);
        HashField { name: field.name.to_owned(), kind, ty, constraints }
    }
}

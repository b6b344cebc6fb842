//! The meaning of what is declared: types, constraints, defaults, and whether they agree.

use alloc::{borrow::Cow, format, string::String, vec::Vec};

use super::{
    collide,
    model::{Codec, HashField},
    name,
    place::Issues,
    read::{At, Declared, DeclaredConstraints, DeclaredField, DeclaredKey, DeclaredParam},
};
use crate::{
    json::{Node, Value},
    key::{
        param::{ParamSpec, ParamType},
        template::Template,
    },
    ttl::{Renew, Ttl},
    types::{Constraints, Field, Format, Kind, Record, Shape, Type},
    value::{self, Payload},
};

/// The most parameters that one template has.
const MAX_PARAMS: usize = 16;

/// Turns declared parts into checked ones; what is wrong goes to the issues and a harmless part
/// takes its place.
pub(super) struct Checker<'b, 's> {
    pub(super) issues: &'b mut Issues<'s>,
    named_params: &'b [DeclaredParam],
    records: Vec<Record>,
}

/// What an entry is, apart from its place in the tree.
pub(super) struct Facts {
    pub(super) kind: Kind,
    pub(super) ty: Type,
    pub(super) constraints: Constraints,
    pub(super) codec: Option<Codec>,
    pub(super) default: Option<Payload>,
    pub(super) fields: Vec<HashField>,
}

impl<'b, 's> Checker<'b, 's> {
    pub(super) fn new(declared: &'b Declared, issues: &'b mut Issues<'s>) -> Self {
        let mut checker = Self { issues, named_params: &declared.params, records: Vec::new() };
        // Names first: records may mention each other.
        for (name, _) in &declared.types {
            if builtin(&name.is) {
                checker.issues.add(name.at, &name.is, "a built-in type has this name");
            }
            checker.records.push(Record::new(&name.is, Vec::new()));
        }
        for (index, (name, fields)) in declared.types.iter().enumerate() {
            let fields = fields.iter().map(|field| checker.field(field, &name.is)).collect();
            checker.records[index].fields = fields;
        }
        checker
    }

    pub(super) fn take_records(&mut self) -> Vec<Record> {
        core::mem::take(&mut self.records)
    }

    pub(super) fn template(&mut self, text: &str, at: u32, path: &str) -> Template {
        Template::parse(text).unwrap_or_else(|problem| {
            self.issues.add(at, path, problem);
            Template::default()
        })
    }

    pub(super) fn ttl(&mut self, declared: Option<&At<String>>, path: &str) -> Option<Ttl> {
        let At { at, is } = declared?;
        Ttl::parse(is).map_err(|problem| self.issues.add(*at, path, problem)).ok()
    }

    pub(super) fn renew(&mut self, declared: Option<&At<String>>, path: &str) -> Option<Renew> {
        let At { at, is } = declared?;
        let renew = Renew::parse(is);
        if renew.is_none() {
            self.unknown(*at, path, "renew", is, Renew::ALL.iter().map(|renew| renew.name()));
        }
        renew
    }

    /// The parameters of a template in its order.
    pub(super) fn params(
        &mut self,
        template: &Template,
        declared: &[DeclaredParam],
        at: u32,
        path: &str,
        above: &[String],
    ) -> Vec<ParamSpec> {
        let mut specs: Vec<ParamSpec> = Vec::new();
        for hole in template.holes() {
            if let Some(problem) = name::problem(&hole.name) {
                self.issues.add(at, path, problem);
            }
            if above.contains(&hole.name) || specs.iter().any(|spec| spec.name == hole.name) {
                let message =
                    format!("the parameter `{}` stands twice in the whole key", hole.name);
                self.issues.add(at, path, message);
            }
            let declared = declared.iter().find(|param| param.name == hole.name);
            let inline = hole.inline.as_ref().map(|is| At { at, is: is.clone() });
            specs.push(self.param(&hole.name, inline.as_ref(), declared, path));
        }
        for param in declared {
            if !template.holes().any(|hole| hole.name == param.name) {
                let message = format!("`{}` is no parameter of the template", param.name);
                self.issues.add(param.at, path, message);
            }
        }
        if specs.len() > MAX_PARAMS {
            self.issues.add(at, path, format!("more than {MAX_PARAMS} parameters in a template"));
        }
        specs
    }

    fn param(
        &mut self,
        name: &str,
        inline: Option<&At<String>>,
        declared: Option<&DeclaredParam>,
        path: &str,
    ) -> ParamSpec {
        let own = declared.and_then(|param| param.ty.as_ref());
        if let (Some(inline), Some(own)) = (inline, own)
            && inline.is != own.is
        {
            let message =
                format!("`{name}` is `{}` in the template and `{}` here", inline.is, own.is);
            self.issues.add(own.at, path, message);
        }
        let Some(ty) = inline.or(own) else {
            return self.spec(name, ParamType::String, declared, path);
        };
        if let Some(ty) = ParamType::parse(&ty.is) {
            return self.spec(name, ty, declared, path);
        }
        // `{session_id:hex}` is a string of that format.
        if let Some(format) = Format::parse(&ty.is) {
            let mut spec = self.spec(name, ParamType::String, declared, path);
            spec.constraints.format = Some(format);
            return spec;
        }
        let Some(named) = self.named_params.iter().find(|param| param.name == ty.is) else {
            let names = ParamType::ALL.iter().map(|ty| ty.name());
            self.unknown(ty.at, path, "parameter type", &ty.is, names);
            return ParamSpec::new(name, ParamType::String);
        };
        let base = named.ty.as_ref().map_or(Some(ParamType::String), |ty| ParamType::parse(&ty.is));
        let Some(base) = base else {
            let message = format!("`params.{}` has no type that parameters can have", named.name);
            self.issues.add(named.at, path, message);
            return ParamSpec::new(name, ParamType::String);
        };
        if declared.is_some_and(|param| param.constraints.any()) {
            let message = format!("`{name}` has the constraints of `params.{}`", named.name);
            self.issues.add(declared.map_or(0, |param| param.at), path, message);
        }
        let mut spec = self.spec(name, base, Some(named), path);
        spec.sensitive |= declared.is_some_and(|param| param.sensitive);
        spec
    }

    fn spec(
        &mut self,
        name: &str,
        ty: ParamType,
        declared: Option<&DeclaredParam>,
        path: &str,
    ) -> ParamSpec {
        let mut spec = ParamSpec::new(name, ty);
        let Some(param) = declared else { return spec };
        spec.doc.clone_from(&param.doc);
        spec.sensitive = param.sensitive;
        spec.allow_empty = param.allow_empty;
        spec.verbatim = match param.encoding.as_ref() {
            None => false,
            Some(At { is, .. }) if is == "verbatim" => true,
            Some(At { is, .. }) if is == "percent" => false,
            Some(At { at, is }) => {
                self.unknown(*at, path, "encoding", is, ["percent", "verbatim"].into_iter());
                false
            }
        };
        spec.constraints = self.constraints(&param.constraints, path);
        let mut problems = spec.problems();
        if problems.is_empty() && collide::example(&spec).is_none() {
            problems.push(String::from("no value satisfies all of this"));
        }
        for problem in problems {
            self.issues.add(param.at, path, format!("`{name}`: {problem}"));
        }
        spec
    }

    /// The facts of an entry that its fields state.
    pub(super) fn entry(&mut self, key: &DeclaredKey, path: &str) -> Facts {
        let kind = self.kind(key.kind.as_ref(), path, Kind::ALL);
        let ty = match (&key.ty, kind) {
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
            Some((_, fields)) => fields.iter().map(|field| self.hash_field(field, path)).collect(),
            None => Vec::new(),
        };
        Facts { kind, ty, constraints, codec: Some(codec), default, fields }
    }

    fn kind(&mut self, declared: Option<&At<String>>, path: &str, allowed: &[Kind]) -> Kind {
        let Some(At { at, is }) = declared else { return Kind::Value };
        match Kind::parse(is).filter(|kind| allowed.contains(kind)) {
            Some(kind) => kind,
            None => {
                self.unknown(*at, path, "kind", is, allowed.iter().map(|kind| kind.name()));
                Kind::Value
            }
        }
    }

    fn codec(&mut self, key: &DeclaredKey, kind: Kind, ty: &Type, path: &str) -> Codec {
        let usual = if kind == Kind::Value { Codec::Envelope } else { Codec::Bare };
        let Some(At { at, is }) = &key.codec else { return usual };
        let codec = match &is[..] {
            "bare" => Codec::Bare,
            "envelope" => Codec::Envelope,
            other => {
                self.unknown(*at, path, "codec", other, ["bare", "envelope"].into_iter());
                usual
            }
        };
        if matches!(kind, Kind::Counter | Kind::Password | Kind::Secret) {
            self.issues.add(*at, path, format!("a {} has no codec", kind.name()));
        }
        let text = matches!(ty.shape, Shape::Any | Shape::Bytes | Shape::String);
        if codec == Codec::Bare && ty.allows_null() && text {
            let message = "bare text cannot tell null from text: declare a type without null";
            self.issues.add(*at, path, message);
        }
        codec
    }

    /// Which fields make sense on which kind.
    fn kind_rules(&mut self, key: &DeclaredKey, kind: Kind, ty: &Type, path: &str) {
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
        }
        match (&key.fields, kind) {
            (Some((at, _)), kind) if kind != Kind::Hash => refuse(Some(*at), "fields"),
            (None, Kind::Hash) => refuse(Some(key.at), "meaning without its `fields`"),
            _ => {}
        }
    }

    fn default(
        &mut self,
        key: &DeclaredKey,
        kind: Kind,
        ty: &Type,
        constraints: &Constraints,
        path: &str,
    ) -> Option<Payload> {
        let node = key.default.as_ref()?;
        if kind != Kind::Value {
            let message = format!("a {} has no default", kind.name());
            self.issues.add(node.at, path, message);
            return None;
        }
        let default = value::plain::from_json(node, ty, &self.records).and_then(|payload| {
            value::fit(&payload, ty, constraints, &self.records).map(Cow::into_owned)
        });
        default
            .map_err(|error| {
                self.issues.add(node.at, path, format!("the default: {}", error.message()));
            })
            .ok()
    }

    fn hash_field(&mut self, field: &DeclaredField, path: &str) -> HashField {
        let path = format!("{path}.{}", field.name);
        let kind = self.kind(field.kind.as_ref(), &path, &[Kind::Secret, Kind::Value]);
        let ty = match &field.ty {
            Some(ty) => self.ty(ty, &path),
            None => Type { shape: Shape::String, nullable: kind == Kind::Secret },
        };
        let constraints = self.value_constraints(&field.constraints, &ty, field.at, &path);
        HashField { name: field.name.clone(), kind, ty, constraints }
    }

    fn field(&mut self, field: &DeclaredField, record: &str) -> Field {
        let path = format!("{record}.{}", field.name);
        if field.name == "__type__" {
            self.issues.add(field.at, &path, "`__type__` is the envelope's own");
        }
        if let Some(kind) = &field.kind {
            self.issues.add(kind.at, &path, "a field of a record has no kind");
        }
        let ty = match &field.ty {
            Some(ty) => self.ty(ty, &path),
            None => Type::new(Shape::Any),
        };
        let mut built = Field::new(&field.name, ty);
        built.constraints = self.value_constraints(&field.constraints, &built.ty, field.at, &path);
        built
    }

    fn ty(&mut self, declared: &At<String>, path: &str) -> Type {
        let records = &self.records;
        let record = |name: &str| {
            records.iter().position(|record| record.name == name).map(|index| index as u32)
        };
        Type::parse(&declared.is, &record).unwrap_or_else(|problem| {
            self.issues.add(declared.at, path, problem);
            Type::new(Shape::Any)
        })
    }

    fn constraints(&mut self, declared: &DeclaredConstraints, path: &str) -> Constraints {
        let list = |declared: &Option<At<Vec<String>>>| {
            declared.as_ref().map_or_else(Vec::new, |at| at.is.clone())
        };
        let mut built = Constraints {
            min: declared.min.as_ref().map(|at| at.is),
            max: declared.max.as_ref().map(|at| at.is),
            one_of: list(&declared.one_of),
            none_of: list(&declared.none_of),
            ..Constraints::default()
        };
        if let Some(At { at, .. }) = declared.one_of.as_ref().filter(|at| at.is.is_empty()) {
            self.issues.add(*at, path, "`one_of` is empty, so nothing fits");
        }
        if let Some(At { at, is }) = &declared.max_length {
            built.max_length = u32::try_from(*is).ok().filter(|max| *max > 0);
            if built.max_length.is_none() {
                self.issues.add(*at, path, "`max_length` is at least 1");
            }
        }
        if let Some(At { at, is }) = &declared.format {
            built.format = Format::parse(is);
            if built.format.is_none() {
                self.unknown(*at, path, "format", is, Format::ALL.iter().map(|f| f.name()));
            }
        }
        built
    }

    /// The constraints of a value, which must suit its type and each other.
    fn value_constraints(
        &mut self,
        declared: &DeclaredConstraints,
        ty: &Type,
        at: u32,
        path: &str,
    ) -> Constraints {
        let built = self.constraints(declared, path);
        let ints = matches!(ty.shape, Shape::Int | Shape::Int64);
        let texts = matches!(ty.shape, Shape::String);
        let lengths = texts || matches!(ty.shape, Shape::Array(_) | Shape::Bytes);
        let choices = declared.one_of.is_some() || declared.none_of.is_some();
        let numbers = ints || matches!(ty.shape, Shape::Float);
        for (used, allowed, what) in [
            (built.min.or(built.max).is_some(), numbers, "`min` and `max` are for numbers"),
            (built.format.is_some(), texts, "`format` is for strings"),
            (built.max_length.is_some(), lengths, "`max_length` is for what has a length"),
            (choices, texts || ints, "`one_of` and `none_of` are for strings and integers"),
        ] {
            if used && !allowed {
                self.issues.add(at, path, what);
            }
        }
        if let (Some(min), Some(max)) = (built.min, built.max)
            && min > max
        {
            self.issues.add(at, path, format!("`min` {min} is greater than `max` {max}"));
        }
        let mut unlisted = built.clone();
        unlisted.one_of.clear();
        for choice in &built.one_of {
            let node =
                if ints { Value::Number(choice.clone()) } else { Value::String(choice.clone()) };
            let fits = value::plain::from_json(&Node { at, value: node }, ty, &self.records)
                .and_then(|payload| value::fit(&payload, ty, &unlisted, &self.records).map(drop));
            if (texts || ints) && fits.is_err() {
                let message = format!("`{choice}` of `one_of` is refused by the type or the rest");
                self.issues.add(at, path, message);
            }
        }
        built
    }

    fn unknown<'n>(
        &mut self,
        at: u32,
        path: &str,
        what: &str,
        found: &str,
        known: impl Iterator<Item = &'n str>,
    ) {
        let known: Vec<_> = known.collect();
        let message = format!("unknown {what} `{found}`, known are: {}", known.join(", "));
        self.issues.add(at, path, message);
    }
}

impl DeclaredConstraints {
    fn any(&self) -> bool {
        self.min.is_some()
            || self.max.is_some()
            || self.max_length.is_some()
            || self.one_of.is_some()
            || self.none_of.is_some()
            || self.format.is_some()
    }
}

fn builtin(name: &str) -> bool {
    Type::parse(name, &|_| None).is_ok() || name == "null"
}

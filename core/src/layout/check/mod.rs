//! The meaning of what is declared: types, constraints, defaults, and whether they agree.

mod constraint;
mod entry;
mod param;

use alloc::{format, vec::Vec};

use super::{
    place::Issues,
    read::{At, Declared, DeclaredField},
};
use crate::{
    key::{
        param::{ParamSpec, ParamType},
        template::Template,
    },
    order::Names,
    steps,
    ttl::{Renew, Ttl},
    types::{Field, Format, Record, Shape, Type},
};

/// The most fields that a record or a hash has.
const MAX_FIELDS: usize = 1_000;

/// Turns declared parts into checked ones; what is wrong goes to the issues and a harmless part
/// takes its place.
pub(super) struct Checker<'b, 's> {
    pub(super) issues: &'b mut Issues<'s>,
    named_params: Vec<ParamSpec>,
    param_names: Names<'b>,
    records: Vec<Record>,
    record_names: Names<'b>,
}

impl<'b, 's> Checker<'b, 's> {
    pub(super) fn new(declared: &'b Declared<'b>, issues: &'b mut Issues<'s>) -> Self {
        let mut checker = Self {
            issues,
            named_params: Vec::new(),
            param_names: declared.params.iter().map(|param| param.name).collect(),
            records: Vec::new(),
            record_names: declared.types.iter().map(|(name, _)| name.is).collect(),
        };
        let named = declared.params.iter().map(|param| checker.named_param(param));
        checker.named_params = named.collect();
        for param in declared.params.iter().filter(|param| is_param_type(param.name)) {
            let path = format!("params.{}", param.name);
            checker.issues.add(param.at, &path, "a built-in type has this name");
        }
        // Names first: records may mention each other.
        for (name, _) in &declared.types {
            if builtin(name.is) {
                checker.issues.add(name.at, name.is, "a built-in type has this name");
            }
            checker.records.push(Record::new(name.is, Vec::new()));
        }
        for (index, (name, fields)) in declared.types.iter().enumerate() {
            checker.refuse_many(fields.len(), name.at, name.is);
            let fields = fields.iter().map(|field| checker.field(field, name.is)).collect();
            checker.records[index].fields = fields;
        }
        checker.refuse_endless(declared);
        checker
    }

    /// A member of a value is sought among all fields.
    fn refuse_many(&mut self, fields: usize, at: u32, path: &str) {
        if fields > MAX_FIELDS {
            self.issues.add(at, path, format!("{fields} fields: {MAX_FIELDS} at most"));
        }
    }

    /// Refuses records without values: those that always hold another of themselves.
    fn refuse_endless(&mut self, declared: &Declared<'_>) {
        // For each record, those that always hold one, and how many it holds whose end is unknown.
        let mut holders: Vec<Vec<usize>> = self.records.iter().map(|_| Vec::new()).collect();
        let mut waits = alloc::vec![0; self.records.len()];
        for (holder, record) in self.records.iter().enumerate() {
            for field in record.fields.iter().filter(|field| !field.ty.nullable) {
                if let Shape::Record(held) = field.ty.shape {
                    holders[held as usize].push(holder);
                    waits[holder] += 1;
                }
            }
        }
        let mut ended: Vec<_> = (0..waits.len()).filter(|&index| waits[index] == 0).collect();
        while let Some(index) = ended.pop() {
            steps::count(1 + holders[index].len());
            for holder in core::mem::take(&mut holders[index]) {
                waits[holder] -= 1;
                if waits[holder] == 0 {
                    ended.push(holder);
                }
            }
        }
        let endless = declared.types.iter().zip(waits).filter(|(_, waits)| *waits > 0);
        for ((name, _), _) in endless {
            self.issues.add(name.at, name.is, "a value would hold others without end: allow null");
        }
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

    pub(super) fn ttl(&mut self, declared: Option<At<&str>>, path: &str) -> Option<Ttl> {
        let At { at, is } = declared?;
        Ttl::parse(is).map_err(|problem| self.issues.add(at, path, problem)).ok()
    }

    pub(super) fn renew(&mut self, declared: Option<At<&str>>, path: &str) -> Option<Renew> {
        let At { at, is } = declared?;
        let renew = Renew::parse(is);
        if renew.is_none() {
            self.unknown(at, path, "renew", is, &mut Renew::ALL.iter().map(|renew| renew.name()));
        }
        renew
    }

    fn field(&mut self, field: &DeclaredField<'_>, record: &str) -> Field {
        let path = format!("{record}.{}", field.name);
        if field.name == "__type__" {
            self.issues.add(field.at, &path, "`__type__` is the envelope's own");
        }
        if let Some(kind) = field.kind {
            self.issues.add(kind.at, &path, "a field of a record has no kind");
        }
        let ty = match field.ty {
            Some(ty) => self.ty(ty, &path),
            None => Type::new(Shape::Any),
        };
        let mut built = Field::new(field.name, ty);
        built.constraints = self.value_constraints(&field.constraints, &built.ty, field.at, &path);
        built
    }

    fn ty(&mut self, declared: At<&str>, path: &str) -> Type {
        let names = &self.record_names;
        let record = |name: &str| names.find(name).map(|index| index as u32);
        Type::parse(declared.is, &record).unwrap_or_else(|problem| {
            self.issues.add(declared.at, path, problem);
            Type::new(Shape::Any)
        })
    }

    fn unknown(
        &mut self,
        at: u32,
        path: &str,
        what: &str,
        found: &str,
        known: &mut dyn Iterator<Item = &str>,
    ) {
        let known: Vec<_> = known.collect();
        let message = format!("unknown {what} `{found}`, known are: {}", known.join(", "));
        self.issues.add(at, path, message);
    }
}

/// Whether `{id:name}` has a meaning of its own.
fn is_param_type(name: &str) -> bool {
    ParamType::parse(name).is_some() || Format::parse(name).is_some()
}

fn builtin(name: &str) -> bool {
    Type::parse(name, &|_| None).is_ok() || name == "null"
}

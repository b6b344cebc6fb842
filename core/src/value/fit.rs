//! Holding payloads against declared types.

use alloc::{borrow::Cow, vec::Vec};

use super::{
    Builder, Items, Members, Payload, View, constraint, datetime,
    misfit::{Misfit, Result},
    plain, uuid,
};
use crate::{
    error::{self, ErrorKind},
    types::{Constraints, Record, Shape, Type},
};

/// Makes a payload what is to be stored under a declared type.
///
/// What a host could only say otherwise is turned into the declared type: a text into a datetime
/// or UUID, an array of integers from 0 to 255 into bytes, an array into a tuple and back, a whole
/// number into the float that is exactly that. The
/// fields of a record are put in the order of declaration, missing nullable ones become null. What
/// needs none of this is returned as it is, without a copy.
///
/// ```
/// use nestkey_core::{types::{Constraints, Shape, Type}, value::{Payload, fit}};
/// let id = Payload::string("ABCDEFAB-1234-5678-1234-567812345678")?;
/// let id = fit(&id, &Type::new(Shape::Uuid), &Constraints::default(), &[])?;
/// assert_eq!(id.type_name(), "uuid");
/// # Ok::<_, nestkey_core::error::Error>(())
/// ```
///
/// # Errors
///
/// [`InvalidValue`](ErrorKind::InvalidValue) for another type, null where it is not declared,
/// unknown or missing fields, whole numbers that no float is, and values outside of their
/// constraints. The message names the place inside (`.home.zip`), never the value.
pub fn fit<'p>(
    payload: &'p Payload,
    ty: &Type,
    constraints: &Constraints,
    records: &[Record],
) -> error::Result<Cow<'p, Payload>> {
    let mut fitting = Fitting { records, purpose: Purpose::Write, is_as_declared: true };
    let fitted = fitting.value(payload.view(), ty, constraints).and_then(|()| {
        if fitting.is_as_declared {
            return Ok(None);
        }
        let mut out = Builder::new();
        rewrite(payload.view(), ty, records, &mut out)?;
        Ok(Some(out.finish()?))
    });
    match fitted {
        Ok(rewritten) => Ok(rewritten.map_or(Cow::Borrowed(payload), Cow::Owned)),
        Err(misfit) => Err(misfit.into_error(ErrorKind::InvalidValue)),
    }
}

/// Holds a value that is kept in no payload against its declared type.
pub(crate) fn admit(view: View<'_>, ty: &Type, constraints: &Constraints) -> error::Result<()> {
    let mut fitting = Fitting { records: &[], purpose: Purpose::Write, is_as_declared: true };
    let fitted = fitting.value(view, ty, constraints);
    fitted.map_err(|misfit| misfit.into_error(ErrorKind::InvalidValue))
}

/// Checks that a payload which was read is of the declared type.
///
/// Constraints are not looked at: they may have been others when it was written. Members that a
/// record does not declare may stand there, and nullable fields may be missing: a newer or an
/// older layout may have written it.
///
/// # Errors
///
/// [`TypeMismatch`](ErrorKind::TypeMismatch), saying which type was wanted, which one was found,
/// and where.
pub fn check(payload: &Payload, ty: &Type, records: &[Record]) -> error::Result<()> {
    let mut fitting = Fitting { records, purpose: Purpose::Read, is_as_declared: true };
    fitting
        .value(payload.view(), ty, &Constraints::default())
        .map_err(|misfit| misfit.into_error(ErrorKind::TypeMismatch))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Read,
    Write,
}

struct Fitting<'a> {
    records: &'a [Record],
    purpose: Purpose,
    /// Whether everything seen so far can be stored without [`rewrite`].
    is_as_declared: bool,
}

impl Fitting<'_> {
    fn value(&mut self, view: View<'_>, ty: &Type, constraints: &Constraints) -> Result<()> {
        match (&ty.shape, view) {
            (Shape::Any, _)
            | (Shape::Array(None), View::Array(_))
            | (Shape::Bool, View::Bool(_))
            | (Shape::Bytes, View::Bytes(_))
            | (Shape::Datetime, View::Datetime(_))
            | (Shape::Float, View::Float(_))
            | (Shape::Int | Shape::Int64, View::Int(_))
            | (Shape::NaiveDatetime, View::NaiveDatetime(_))
            | (Shape::Object(None), View::Object(_))
            | (Shape::String, View::String(_))
            | (Shape::Tuple, View::Tuple(_))
            | (Shape::Uuid, View::Uuid(_)) => {}
            (_, View::Null) if ty.nullable => return Ok(()),
            (Shape::Float, View::Int(whole)) if self.purpose == Purpose::Write => {
                self.is_as_declared = false;
                let Some(float) = exact_float(whole) else {
                    return Err(Misfit::new("wanted float, got an integer that no float is"));
                };
                return constraint::satisfy(View::Float(float), constraints);
            }
            (Shape::Array(Some(element)), View::Array(items)) => self.elements(items, element)?,
            (Shape::Object(Some(member)), View::Object(members)) => {
                self.members(members, member)?
            }
            (Shape::Record(index), View::Object(members)) => {
                let record = self.records.get(*index as usize);
                let record = record.ok_or_else(|| Misfit::new("a record that nobody declared"))?;
                self.fields(members, record)?;
            }
            (Shape::Int | Shape::Int64, View::BigInt(_)) => {
                return Err(Misfit::new("an integer of more than 64 bits"));
            }
            _ if self.purpose == Purpose::Write => self.convertible(view, ty)?,
            _ => return Err(Misfit::wrong(view.type_name(), ty, self.records)),
        }
        match self.purpose {
            Purpose::Read => Ok(()),
            Purpose::Write => constraint::satisfy(view, constraints),
        }
    }

    /// Checks what [`rewrite`] turns into the declared type.
    fn convertible(&mut self, view: View<'_>, ty: &Type) -> Result<()> {
        self.is_as_declared = false;
        match (&ty.shape, view) {
            (Shape::Array(element), View::Tuple(items)) => match element {
                Some(element) => self.elements(items, element),
                None => Ok(()),
            },
            (Shape::Bytes, View::Array(mut items)) => {
                if items.all(|item| byte(item).is_some()) {
                    return Ok(());
                }
                Err(Misfit::new("wanted bytes, got an array of other things than 0 to 255"))
            }
            (Shape::Datetime, View::String(text)) => {
                plain::check_zone(text, datetime::Zone::Offset)
            }
            (Shape::NaiveDatetime, View::String(text)) => {
                plain::check_zone(text, datetime::Zone::Naive)
            }
            (Shape::Tuple, View::Array(_)) => Ok(()),
            (Shape::Uuid, View::String(text)) => match uuid::parse(text) {
                Ok(_) => Ok(()),
                Err(message) => Err(Misfit::new(message)),
            },
            _ => Err(Misfit::wrong(view.type_name(), ty, self.records)),
        }
    }

    fn elements(&mut self, items: Items<'_>, ty: &Type) -> Result<()> {
        for (index, item) in items.enumerate() {
            self.value(item, ty, &Constraints::default())
                .map_err(|misfit| misfit.in_element(index))?;
        }
        Ok(())
    }

    fn members(&mut self, members: Members<'_>, ty: &Type) -> Result<()> {
        for (_, item) in members {
            self.value(item, ty, &Constraints::default()).map_err(Misfit::in_member)?;
        }
        Ok(())
    }

    fn fields(&mut self, members: Members<'_>, record: &Record) -> Result<()> {
        let mut is_missing = alloc::vec![true; record.fields.len()];
        let mut next = 0;
        for (name, item) in members {
            let found = record.fields.iter().enumerate().find(|(_, field)| field.name == name);
            match found {
                Some((index, field)) => {
                    self.value(item, &field.ty, &field.constraints)
                        .map_err(|misfit| misfit.in_field(name))?;
                    self.is_as_declared &= index == next;
                    next = index + 1;
                    if let Some(is_missing) = is_missing.get_mut(index) {
                        *is_missing = false;
                    }
                }
                None if self.purpose == Purpose::Read => {}
                None => return Err(Misfit::unknown_field(name)),
            }
        }
        for (field, is_missing) in record.fields.iter().zip(is_missing) {
            if is_missing && !field.ty.allows_null() {
                return Err(Misfit::new("a missing field").in_field(&field.name));
            }
            self.is_as_declared &= !is_missing;
        }
        Ok(())
    }
}

/// The float that is that number, if there is one: there is for all up to 2^53.
fn exact_float(whole: i64) -> Option<f64> {
    let float = whole as f64;
    (float as i128 == i128::from(whole)).then_some(float)
}

fn byte(view: View<'_>) -> Option<u8> {
    match view {
        View::Int(value) => u8::try_from(value).ok(),
        _ => None,
    }
}

/// Writes a value that was found convertible as the declared type wants it.
fn rewrite(view: View<'_>, ty: &Type, records: &[Record], out: &mut Builder) -> Result<()> {
    match (&ty.shape, view) {
        (Shape::Array(Some(element)), View::Array(items) | View::Tuple(items)) => {
            out.begin_array()?;
            for item in items {
                rewrite(item, element, records, out)?;
            }
            out.end()?;
        }
        (Shape::Array(None), View::Tuple(mut items)) => {
            out.begin_array()?;
            items.try_for_each(|item| out.view(item))?;
            out.end()?;
        }
        (Shape::Bytes, View::Array(items)) => {
            out.bytes(&items.filter_map(byte).collect::<Vec<_>>())?
        }
        (Shape::Datetime | Shape::NaiveDatetime, View::String(text)) => out.datetime(text)?,
        (Shape::Float, View::Int(whole)) => out.float(whole as f64)?,
        (Shape::Object(Some(member)), View::Object(members)) => {
            out.begin_object()?;
            for (name, item) in members {
                out.name(name)?;
                rewrite(item, member, records, out)?;
            }
            out.end()?;
        }
        (Shape::Record(index), View::Object(members)) => {
            let fields = records.get(*index as usize).map_or(&[][..], |record| &record.fields);
            let members: Vec<_> = members.collect();
            out.begin_object()?;
            for field in fields {
                let member = members.iter().find(|(name, _)| *name == field.name);
                out.name(&field.name)?;
                match member {
                    Some((_, item)) => rewrite(*item, &field.ty, records, out)?,
                    None => out.null()?,
                }
            }
            out.end()?;
        }
        (Shape::Tuple, View::Array(mut items)) => {
            out.begin_tuple()?;
            items.try_for_each(|item| out.view(item))?;
            out.end()?;
        }
        (Shape::Uuid, View::String(text)) => out.uuid(text)?,
        _ => out.view(view)?,
    }
    Ok(())
}

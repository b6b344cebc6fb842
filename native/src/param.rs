//! Parameters as callers give them: arrays, slices, tuples, by position or by name.

use std::{
    borrow::Cow,
    num::{
        NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
        NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
    },
    rc::Rc,
    sync::Arc,
};

pub use nestkey_core::key::param::{Given, Param};
use nestkey_core::layout;

use crate::value::{DateTime, NaiveDateTime, Uuid};

/// What can fill one hole of a template.
///
/// Integers (`NonZero` ones too), texts, booleans, bytes (as slices or `Vec<u8>`), UUIDs (as
/// `[u8; 16]`, [`Uuid`], or the crate `uuid`'s), what is behind a reference, a `Box`, `Rc`, `Arc` or
/// `Cow`, and what a key gave back. A [`DateTime`] is given as its text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot fill a parameter of a key",
    label = "no integer, text, bool, bytes or UUID",
    note = "a type of your own implements `nestkey::param::AsParam`, or is given as what it holds: `id.0`, `name.as_str()`"
)]
pub trait AsParam {
    /// The parameter, borrowed.
    fn as_param(&self) -> Param<'_>;
}

/// The parameters of one namespace or entry.
///
/// `()` for none; arrays and slices of one type, tuples of several, in the order of the template;
/// [`named`] for parameters by name.
///
/// ```
/// # let layout = nestkey::Layout::from_json(r#"{"namespaces": {"user": {
/// #     "prefix": "user:{user_id:int}", "keys": {"age": {"type": "int"}}}}}"#)?;
/// # let (client, _) = nestkey::Client::memory();
/// # let root = client.bind(&layout);
/// root.namespace("user", [7])?;
/// root.namespace("user", ("7",))?;
/// root.namespace("user", nestkey::param::named([("user_id", 7)]))?;
/// # Ok::<(), nestkey::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of parameters",
    label = "`()`, an array, a slice, a tuple, or `named(…)`",
    note = "a single parameter stands in an array or a tuple: `[7]`, `(\"ann\",)`; a parameter is an integer, a text, a bool, bytes or a UUID"
)]
pub trait Params {
    /// Hands the parameters to `with`.
    fn give<R>(&self, with: impl FnOnce(layout::Params<'_>) -> R) -> R;
}

/// Parameters by name: an array of pairs, or a tuple of pairs where their types differ.
pub const fn named<P>(pairs: P) -> Named<P> {
    Named(pairs)
}

/// What [`named`] returns.
#[derive(Clone, Copy, Debug)]
pub struct Named<P>(P);

impl Params for () {
    fn give<R>(&self, with: impl FnOnce(layout::Params<'_>) -> R) -> R {
        with(layout::Params::Positional(&[]))
    }
}

impl<P: Params + ?Sized> Params for &P {
    #[inline]
    fn give<R>(&self, with: impl FnOnce(layout::Params<'_>) -> R) -> R {
        (**self).give(with)
    }
}

impl<P: AsParam, const N: usize> Params for [P; N] {
    #[inline]
    fn give<R>(&self, with: impl FnOnce(layout::Params<'_>) -> R) -> R {
        with(layout::Params::Positional(&self.each_ref().map(P::as_param)))
    }
}

impl<P: AsParam> Params for [P] {
    fn give<R>(&self, with: impl FnOnce(layout::Params<'_>) -> R) -> R {
        with(layout::Params::Positional(&self.iter().map(P::as_param).collect::<Vec<_>>()))
    }
}

impl<P: AsParam> Params for Vec<P> {
    fn give<R>(&self, with: impl FnOnce(layout::Params<'_>) -> R) -> R {
        self[..].give(with)
    }
}

impl<P: AsParam, const N: usize> Params for Named<[(&str, P); N]> {
    fn give<R>(&self, with: impl FnOnce(layout::Params<'_>) -> R) -> R {
        let pairs = self.0.each_ref().map(|(name, param)| (*name, param.as_param()));
        with(layout::Params::Named(&pairs))
    }
}

impl<P: AsParam> Params for Named<Vec<(&str, P)>> {
    fn give<R>(&self, with: impl FnOnce(layout::Params<'_>) -> R) -> R {
        let pairs: Vec<_> = self.0.iter().map(|(name, param)| (*name, param.as_param())).collect();
        with(layout::Params::Named(&pairs))
    }
}

macro_rules! tuples {
    ($($($param:ident $index:tt),+;)*) => {$(
        impl<$($param: AsParam),+> Params for ($($param,)+) {
            #[inline]
            fn give<R>(&self, with: impl FnOnce(layout::Params<'_>) -> R) -> R {
                with(layout::Params::Positional(&[$(self.$index.as_param()),+]))
            }
        }

        impl<$($param: AsParam),+> Params for Named<($((&str, $param),)+)> {
            fn give<R>(&self, with: impl FnOnce(layout::Params<'_>) -> R) -> R {
                with(layout::Params::Named(&[$((self.0.$index.0, self.0.$index.1.as_param())),+]))
            }
        }
    )*};
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
}

impl<P: AsParam + ?Sized> AsParam for &P {
    #[inline]
    fn as_param(&self) -> Param<'_> {
        (**self).as_param()
    }
}

impl AsParam for str {
    #[inline]
    fn as_param(&self) -> Param<'_> {
        Param::Str(self)
    }
}

impl AsParam for String {
    #[inline]
    fn as_param(&self) -> Param<'_> {
        Param::Str(self)
    }
}

impl AsParam for bool {
    fn as_param(&self) -> Param<'_> {
        Param::Bool(*self)
    }
}

impl AsParam for [u8] {
    fn as_param(&self) -> Param<'_> {
        Param::Bytes(self)
    }
}

impl AsParam for [u8; 16] {
    fn as_param(&self) -> Param<'_> {
        Param::Uuid(*self)
    }
}

impl AsParam for Uuid {
    fn as_param(&self) -> Param<'_> {
        Param::Str(self.as_str())
    }
}

impl AsParam for DateTime {
    fn as_param(&self) -> Param<'_> {
        Param::Str(self.as_str())
    }
}

impl AsParam for NaiveDateTime {
    fn as_param(&self) -> Param<'_> {
        Param::Str(self.as_str())
    }
}

impl AsParam for Vec<u8> {
    fn as_param(&self) -> Param<'_> {
        Param::Bytes(self)
    }
}

impl<P: AsParam + ToOwned<Owned: AsParam> + ?Sized> AsParam for Cow<'_, P> {
    fn as_param(&self) -> Param<'_> {
        match self {
            Cow::Borrowed(param) => param.as_param(),
            Cow::Owned(param) => param.as_param(),
        }
    }
}

macro_rules! pointers {
    ($($pointer:ident)*) => {$(
        impl<P: AsParam + ?Sized> AsParam for $pointer<P> {
            fn as_param(&self) -> Param<'_> {
                (**self).as_param()
            }
        }
    )*};
}

pointers!(Arc Box Rc);

impl AsParam for Given {
    fn as_param(&self) -> Param<'_> {
        self.into()
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl AsParam for $integer {
            #[inline]
            fn as_param(&self) -> Param<'_> {
                Param::Int(i128::from(*self))
            }
        }
    )*};
}

integers!(i8 i16 i32 i64 i128 u8 u16 u32 u64);

impl AsParam for u128 {
    fn as_param(&self) -> Param<'_> {
        // No parameter takes what is beyond, so that it is refused either way.
        Param::Int(i128::try_from(*self).unwrap_or(i128::MAX))
    }
}

macro_rules! non_zero {
    ($($integer:ident)*) => {$(
        impl AsParam for $integer {
            fn as_param(&self) -> Param<'_> {
                Param::Int(i128::try_from(self.get()).unwrap_or(i128::MAX))
            }
        }
    )*};
}

non_zero! {
    NonZeroI8 NonZeroI16 NonZeroI32 NonZeroI64 NonZeroI128 NonZeroIsize
    NonZeroU8 NonZeroU16 NonZeroU32 NonZeroU64 NonZeroU128 NonZeroUsize
}

impl AsParam for usize {
    fn as_param(&self) -> Param<'_> {
        // At most 64 bits on every platform that Rust knows.
        Param::Int(*self as i128)
    }
}

impl AsParam for isize {
    fn as_param(&self) -> Param<'_> {
        Param::Int(*self as i128)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::*;

    #[test]
    fn what_services_hold_fills_a_parameter() {
        for text in [
            Cow::Borrowed("ann").as_param(),
            Cow::<str>::Owned("ann".into()).as_param(),
            Arc::<str>::from("ann").as_param(),
            Box::<str>::from("ann").as_param(),
            Rc::new(String::from("ann")).as_param(),
        ] {
            assert_eq!(text, Param::Str("ann"));
        }
        assert_eq!(NonZeroU64::MAX.as_param(), Param::Int(u64::MAX.into()));
        assert_eq!(NonZeroI8::MIN.as_param(), Param::Int(-128));
        assert_eq!(7_u128.as_param(), Param::Int(7));
        assert_eq!(Arc::<[u8]>::from(*b"x").as_param(), Param::Bytes(b"x"));
        assert_eq!(vec![0_u8].as_param(), Param::Bytes(&[0]));
        let time: DateTime = "2020-01-02T03:04:05Z".parse().unwrap();
        assert_eq!(time.as_param(), Param::Str("2020-01-02T03:04:05+00:00"));
    }

    #[test]
    fn an_integer_beyond_all_parameters_is_refused() {
        let layout = layout::Layout::from_json(
            r#"{"keys": {"n": {"template": "n:{n:int}", "type": "int"},
                         "s": {"template": "s:{s}", "type": "int"}}}"#,
        );
        let root = crate::Client::memory().0.bind(&layout.unwrap());
        assert_eq!(
            root.entry_with("n", [u128::from(u64::MAX)]).unwrap().key(),
            "n:18446744073709551615"
        );
        for name in ["n", "s"] {
            assert!(root.entry_with(name, [u128::MAX]).is_err());
        }
    }
}

//! Parameters as callers give them: arrays, slices, tuples, by position or by name.

pub use nestkey_core::key::param::{Given, Param};
use nestkey_core::layout;

use crate::value::Uuid;

/// What can fill one hole of a template.
///
/// Integers, texts, booleans, bytes (as slices), UUIDs (as `[u8; 16]` or [`Uuid`]), and what a key
/// gave back.
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

//! The root that a handle comes from: borrowed, or its own.

use std::ops::Deref;

use crate::Root;

pub(crate) enum Held<'r> {
    Borrowed(&'r Root),
    Owned(Root),
}

impl Held<'_> {
    pub(crate) fn into_owned(self) -> Held<'static> {
        match self {
            Self::Borrowed(root) => Held::Owned(root.clone()),
            Self::Owned(root) => Held::Owned(root),
        }
    }
}

impl Clone for Held<'_> {
    #[inline]
    fn clone(&self) -> Self {
        match self {
            Self::Borrowed(root) => Self::Borrowed(root),
            Self::Owned(root) => Self::Owned(root.clone()),
        }
    }
}

impl Deref for Held<'_> {
    type Target = Root;

    #[inline]
    fn deref(&self) -> &Root {
        match self {
            Self::Borrowed(root) => root,
            Self::Owned(root) => root,
        }
    }
}

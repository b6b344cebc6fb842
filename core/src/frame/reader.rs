use alloc::{format, vec::Vec};

use crate::{
    error::{Error, ErrorKind, Result},
    steps,
};

/// What is left of a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(frame: &'a [u8]) -> Self {
        Self { rest: frame }
    }

    /// Takes off a part of that many bytes, to be read by itself.
    pub(super) fn part(&mut self) -> Result<Self> {
        self.bytes().map(Self::new)
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.u32()? as usize;
        steps::count(length.min(self.rest.len()));
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or_else(broken)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// A copy of bytes, which may be many.
    pub(super) fn owned(&mut self) -> Result<Vec<u8>> {
        let bytes = self.bytes()?;
        let mut copy = Vec::new();
        if copy.try_reserve_exact(bytes.len()).is_err() {
            let message = format!("there is no memory for {} bytes", bytes.len());
            return Err(Error::new(ErrorKind::OutOfMemory, message));
        }
        copy.extend_from_slice(bytes);
        Ok(copy)
    }

    pub(super) fn text(&mut self) -> Result<&'a str> {
        core::str::from_utf8(self.bytes()?).map_err(|_| broken())
    }

    pub(super) fn u8(&mut self) -> Result<u8> {
        self.chunk().map(|[byte]| byte)
    }

    pub(super) fn bool(&mut self) -> Result<bool> {
        self.u8().map(|byte| byte != 0)
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        self.chunk().map(u32::from_le_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64> {
        self.chunk().map(i64::from_le_bytes)
    }

    pub(super) fn f64(&mut self) -> Result<f64> {
        self.chunk().map(f64::from_le_bytes)
    }

    /// A count of things that each take a byte at least: more than are left is a broken frame.
    pub(super) fn count(&mut self) -> Result<usize> {
        let count = self.u32()? as usize;
        if count > self.rest.len() { Err(broken()) } else { Ok(count) }
    }

    pub(super) fn chunk<const N: usize>(&mut self) -> Result<[u8; N]> {
        steps::count(N);
        let (chunk, rest) = self.rest.split_first_chunk().ok_or_else(broken)?;
        self.rest = rest;
        Ok(*chunk)
    }
}

/// Reads a frame that is one text.
///
/// # Errors
///
/// It is cut off, or not UTF-8.
pub fn read_text(frame: &[u8]) -> Result<&str> {
    Reader::new(frame).text()
}

/// Reads a frame that is two texts.
///
/// # Errors
///
/// It is cut off, or not UTF-8.
pub fn read_texts(frame: &[u8]) -> Result<(&str, &str)> {
    let mut reader = Reader::new(frame);
    Ok((reader.text()?, reader.text()?))
}

/// The two sides of the boundary disagree: a fault of nestkey itself.
#[cold]
pub(super) fn broken() -> Error {
    Error::new(ErrorKind::Internal, "a frame that is cut off or of an unknown form")
}

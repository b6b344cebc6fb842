//! Rendering: a given parameter becomes the text of its segment.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
};

use super::{
    Key,
    constraint::Breach,
    decode::{canonical_int, uuid_bytes},
    encoding::{EMPTY, MAX_PARAM, encoded_len, push_encoded},
    param::{Param, ParamSpec, ParamType},
    write_int,
};
use crate::{
    error::{Error, ErrorKind, Result},
    quote::quoted,
};

impl ParamSpec {
    /// Appends the text of a given parameter to a key.
    ///
    /// Two values have one text only if they are one value: `7` and `"7"` of an `int` parameter,
    /// a UUID in upper and lower case.
    ///
    /// # Errors
    ///
    /// `empty-param`, `invalid-param`, `invalid-utf8`, `param-too-long` (more than [`MAX_PARAM`]
    /// encoded bytes) and `wrong-type`, each naming the parameter; the key is then unchanged.
    #[inline]
    pub fn render(&self, given: Param<'_>, key: &mut Key) -> Result<()> {
        self.write(&given, key)
    }

    /// The same without a copy of what is given: reading what was just written in parts stalls.
    #[inline]
    pub(crate) fn write(&self, given: &Param<'_>, key: &mut Key) -> Result<()> {
        match (self.ty, given) {
            (ParamType::Int, Param::Int(value)) => self.render_int(*value, key),
            (ParamType::String, Param::Str(text)) => self.render_text(text, key),
            _ => self.render_other(*given, key),
        }
    }

    fn render_other(&self, given: Param<'_>, key: &mut Key) -> Result<()> {
        match given {
            Param::Str(text) => self.check_length(text.as_bytes())?,
            Param::Bytes(bytes) => self.check_length(bytes)?,
            Param::Bool(_) | Param::Int(_) | Param::Uuid(_) => {}
        }
        match (self.ty, given) {
            (ParamType::Bool, Param::Bool(value)) => self.render_bool(value, key),
            (ParamType::Bool, Param::Str(text)) => match text.parse() {
                Ok(value) => self.render_bool(value, key),
                Err(_) => Err(self.refused(None, &quoted(text))),
            },
            (ParamType::Bytes, Param::Bytes(bytes)) => self.render_bytes(bytes, key),
            (ParamType::Bytes, Param::Str(text)) => self.render_bytes(text.as_bytes(), key),
            (ParamType::Int, Param::Str(text)) => match canonical_int(text) {
                Some(value) => self.render_int(value, key),
                None => Err(self.refused(None, &quoted(text))),
            },
            (ParamType::String, Param::Bytes(bytes)) => match core::str::from_utf8(bytes) {
                Ok(text) => self.render_text(text, key),
                Err(_) => Err(self.not_utf8()),
            },
            (ParamType::String, Param::Int(value)) => self.render_int_as_text(value, key),
            (ParamType::Uuid, Param::Str(text)) => match uuid_bytes(text) {
                Some(bytes) => self.render_uuid(bytes, key),
                None => Err(self.refused(None, &quoted(text))),
            },
            (ParamType::Uuid, Param::Uuid(bytes)) => self.render_uuid(bytes, key),
            (_, given) => Err(self.unfit(ErrorKind::WrongType, given.noun())),
        }
    }

    #[inline]
    fn render_int(&self, value: i128, key: &mut Key) -> Result<()> {
        if let Some(breach) = self.int_breach(value) {
            return Err(self.refused(Some(breach), &value.to_string()));
        }
        // In range, so the magnitude fits.
        write_int(value.unsigned_abs() as u64, value < 0, |digits| key.push_bytes(digits));
        Ok(())
    }

    fn render_int_as_text(&self, value: i128, key: &mut Key) -> Result<()> {
        if value < i128::from(i64::MIN) || value > i128::from(u64::MAX) {
            return Err(self.refused(None, &value.to_string()));
        }
        write_int(value.unsigned_abs() as u64, value < 0, |digits| {
            self.render_text(core::str::from_utf8(digits).unwrap_or_default(), key)
        })
    }

    #[inline]
    fn render_text(&self, text: &str, key: &mut Key) -> Result<()> {
        self.check_length(text.as_bytes())?;
        if let Some(breach) = self.text_breach(text) {
            return Err(self.refused(Some(breach), &quoted(text)));
        }
        if self.is_verbatim() {
            key.push_str(text);
            return Ok(());
        }
        self.push(text.as_bytes(), key)
    }

    fn render_bytes(&self, bytes: &[u8], key: &mut Key) -> Result<()> {
        match self.bytes_breach(bytes) {
            Some(breach) => Err(self.refused(Some(breach), &hex(bytes))),
            None => self.push(bytes, key),
        }
    }

    fn render_bool(&self, value: bool, key: &mut Key) -> Result<()> {
        self.push_listed(if value { "true" } else { "false" }, key)
    }

    fn render_uuid(&self, bytes: [u8; 16], key: &mut Key) -> Result<()> {
        let text = uuid_text(bytes);
        self.push_listed(core::str::from_utf8(&text).unwrap_or_default(), key)
    }

    fn push_listed(&self, text: &str, key: &mut Key) -> Result<()> {
        match self.list_breach(text.as_bytes()) {
            Some(breach) if self.ty == ParamType::Bool => Err(self.refused(Some(breach), text)),
            Some(breach) => Err(self.refused(Some(breach), &quoted(text))),
            None => {
                key.push_str(text);
                Ok(())
            }
        }
    }

    /// Appends the encoded form of text or bytes that satisfy the constraints.
    #[inline]
    fn push(&self, bytes: &[u8], key: &mut Key) -> Result<()> {
        let length = encoded_len(bytes);
        if bytes.is_empty() {
            key.push_str(EMPTY);
        } else if length == bytes.len() {
            key.push_bytes(bytes);
        } else if length <= MAX_PARAM {
            push_encoded(bytes, key);
        } else {
            return Err(self.too_long(length, "encoded bytes"));
        }
        Ok(())
    }

    /// Refuses what can be refused without reading it, however long it is.
    #[inline]
    fn check_length(&self, bytes: &[u8]) -> Result<()> {
        if bytes.len() > MAX_PARAM {
            return Err(self.too_long(bytes.len(), "bytes"));
        }
        if bytes.is_empty() && !self.takes_empty() {
            let message = format!("parameter `{}` is empty", self.name);
            return Err(Error::new(ErrorKind::EmptyParam, message));
        }
        Ok(())
    }

    #[cold]
    fn too_long(&self, length: usize, unit: &str) -> Error {
        let message =
            format!("parameter `{}` has {length} {unit}, at most {MAX_PARAM} fit", self.name);
        Error::new(ErrorKind::ParamTooLong, message)
    }

    #[cold]
    fn not_utf8(&self) -> Error {
        let message = format!("parameter `{}` wants text, got bytes that are not UTF-8", self.name);
        Error::new(ErrorKind::InvalidUtf8, message)
    }

    /// The error about something that cannot be its value, by the name of what that is.
    #[cold]
    pub(crate) fn unfit(&self, kind: ErrorKind, came: &str) -> Error {
        let message = format!("parameter `{}` wants {}, got {came}", self.name, self.wanted(None));
        Error::new(kind, message)
    }

    #[cold]
    fn refused(&self, breach: Option<Breach>, value: &str) -> Error {
        let came = match self.sensitive {
            true => "a value that is not shown".into(),
            false => shortened(value),
        };
        let message =
            format!("parameter `{}` wants {}, got {came}", self.name, self.wanted(breach));
        Error::new(ErrorKind::InvalidParam, message)
    }
}

/// A value as an error shows it.
fn shortened(value: &str) -> String {
    match value.char_indices().nth(48) {
        Some((end, _)) => [value.get(..end).unwrap_or_default(), "…"].concat(),
        None => value.to_owned(),
    }
}

/// Bytes as an error shows them.
fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.map(|digit| char::from(DIGITS[usize::from(digit & 15)]));
    "bytes ".chars().chain(digits).collect()
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The text of a UUID, in lower case with hyphens.
pub(super) fn uuid_text(bytes: [u8; 16]) -> [u8; 36] {
    let digits = bytes.into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut text = [b'-'; 36];
    let places = (0..).zip(&mut text).filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23));
    for ((_, place), digit) in places.zip(digits) {
        *place = DIGITS[usize::from(digit & 15)];
    }
    text
}

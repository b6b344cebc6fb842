//! The pull lexer: one value, element or member at a time, without a tree.

use alloc::{borrow::Cow, format, string::String};
use core::fmt;

use crate::{
    error::{Error, ErrorKind},
    steps,
};

/// How large and how deep a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The greatest number of bytes.
    pub bytes: usize,
    /// How many arrays and objects may stand inside each other.
    pub depth: u32,
}

impl Default for Limits {
    /// 1 MiB, 64 deep.
    fn default() -> Self {
        Self { bytes: 1 << 20, depth: 64 }
    }
}

/// Where a text stops being JSON, and what was wanted there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyntaxError {
    /// The offset in bytes.
    pub at: u32,
    /// What was wanted, never what stood there.
    pub message: Cow<'static, str>,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.message, self.at)
    }
}

impl core::error::Error for SyntaxError {}

impl From<SyntaxError> for Error {
    #[cold]
    fn from(error: SyntaxError) -> Self {
        Self::new(ErrorKind::InvalidFile, format!("{error}"))
    }
}

/// The line and column of an offset, counted from 1; columns count characters.
///
/// ```
/// assert_eq!(nestkey_core::json::place("{\n  é x".as_bytes(), 7), (2, 5));
/// ```
#[must_use]
pub fn place(text: &[u8], at: u32) -> (u32, u32) {
    Places::of(text).place(at)
}

/// The lines and columns of offsets that come in their order: the text is read once for all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places<'a> {
    rest: &'a [u8],
    at: u32,
    place: (u32, u32),
}

impl<'a> Places<'a> {
    pub(crate) const fn of(text: &'a [u8]) -> Self {
        Self { rest: text, at: 0, place: (1, 1) }
    }

    /// The place of an offset that does not lie before the last one.
    pub(crate) fn place(&mut self, at: u32) -> (u32, u32) {
        let ahead = at.saturating_sub(self.at) as usize;
        let (passed, rest) = self.rest.split_at(ahead.min(self.rest.len()));
        steps::count(1 + passed.len());
        let (line, column) = &mut self.place;
        for byte in passed {
            match byte {
                b'\n' => (*line, *column) = (*line + 1, 1),
                // A character counts where it starts.
                0x80..0xC0 => {}
                _ => *column += 1,
            }
        }
        (self.rest, self.at) = (rest, self.at.max(at));
        self.place
    }
}

/// Reads a JSON text from left to right.
///
/// After [`value`](Self::value) opened an array or object, its content is read with
/// [`element`](Self::element) or [`member`](Self::member) until they say that it has ended.
/// A copy is a bookmark: reading goes on from there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    max_depth: u32,
    /// Whether an array or object was opened and nothing of it read yet.
    fresh: bool,
}

/// A value, or the start of one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Head<'a> {
    Array,
    Bool(bool),
    Null,
    Number(&'a str),
    Object,
    String(Quoted<'a>),
}

type Result<T> = core::result::Result<T, SyntaxError>;

impl<'a> Lexer<'a> {
    /// Begins at the start of a text, which must be UTF-8 as a whole.
    pub(crate) fn new(bytes: &'a [u8], limits: Limits) -> Result<Self> {
        steps::count(1);
        let most = limits.bytes.min(u32::MAX as usize);
        if bytes.len() > most {
            let message = format!("a text of {} bytes, {most} at most are read", bytes.len());
            return Err(SyntaxError { at: 0, message: message.into() });
        }
        let text = core::str::from_utf8(bytes).map_err(|e| SyntaxError {
            at: e.valid_up_to() as u32,
            message: "invalid UTF-8".into(),
        })?;
        Ok(Self { text, at: 0, depth: 0, max_depth: limits.depth, fresh: false })
    }

    /// Where it stands.
    pub(crate) const fn at(&self) -> u32 {
        self.at as u32
    }

    /// An error where it stands.
    #[cold]
    pub(crate) const fn error(&self, message: &'static str) -> SyntaxError {
        SyntaxError { at: self.at as u32, message: Cow::Borrowed(message) }
    }

    /// Skips white space and reads a value, or what opens one.
    #[inline]
    pub(crate) fn value(&mut self) -> Result<Head<'a>> {
        steps::count(1);
        match self.peek() {
            Some(b'"') => Ok(Head::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => Ok(Head::Number(self.number()?)),
            Some(b'[') => self.open(Head::Array),
            Some(b'{') => self.open(Head::Object),
            Some(b'f') => self.word("false", Head::Bool(false)),
            Some(b'n') => self.word("null", Head::Null),
            Some(b't') => self.word("true", Head::Bool(true)),
            _ => Err(self.error("expected a value")),
        }
    }

    /// Inside an array: whether another element follows; it is read with [`value`](Self::value).
    #[inline]
    pub(crate) fn element(&mut self) -> Result<bool> {
        let fresh = core::mem::take(&mut self.fresh);
        match self.peek() {
            Some(b']') => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            Some(_) if fresh => Ok(true),
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(self.error("expected `,` or `]`")),
        }
    }

    /// Inside an object: the name of the next member, whose value is read next.
    #[inline]
    pub(crate) fn member(&mut self) -> Result<Option<Quoted<'a>>> {
        let fresh = core::mem::take(&mut self.fresh);
        match self.peek() {
            Some(b'}') => {
                self.at += 1;
                self.depth -= 1;
                return Ok(None);
            }
            Some(_) if fresh => {}
            Some(b',') => self.at += 1,
            _ => return Err(self.error("expected `,` or `}`")),
        }
        if self.peek() != Some(b'"') {
            return Err(self.error("expected a member's name in double quotes"));
        }
        let name = self.string()?;
        if self.peek() != Some(b':') {
            return Err(self.error("expected `:`"));
        }
        self.at += 1;
        Ok(Some(name))
    }

    /// Reads a whole value and forgets it.
    pub(crate) fn skip(&mut self) -> Result<()> {
        match self.value()? {
            Head::Array => {
                while self.element()? {
                    self.skip()?;
                }
            }
            Head::Object => {
                while self.member()?.is_some() {
                    self.skip()?;
                }
            }
            Head::Bool(_) | Head::Null | Head::Number(_) | Head::String(_) => {}
        }
        Ok(())
    }

    /// Makes sure that nothing but white space follows.
    pub(crate) fn end(&mut self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.error("expected the end of the text")),
        }
    }

    /// Skips white space and looks at the next byte.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            steps::count(1);
            let byte = self.byte();
            match byte {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                _ => return byte,
            }
        }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn open(&mut self, head: Head<'a>) -> Result<Head<'a>> {
        if self.depth == self.max_depth {
            let message = format!("arrays and objects nest deeper than {}", self.max_depth);
            return Err(SyntaxError { at: self.at as u32, message: message.into() });
        }
        self.at += 1;
        self.depth += 1;
        self.fresh = true;
        Ok(head)
    }

    fn word(&mut self, word: &str, head: Head<'a>) -> Result<Head<'a>> {
        let end = self.at + word.len();
        if self.text.as_bytes().get(self.at..end) != Some(word.as_bytes()) {
            return Err(self.error("expected a value"));
        }
        self.at = end;
        Ok(head)
    }

    #[inline]
    fn number(&mut self) -> Result<&'a str> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        match self.byte() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn digits(&mut self) -> Result<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            steps::count(1);
            self.at += 1;
        }
        if self.at == start { Err(self.error("expected a digit")) } else { Ok(()) }
    }

    /// Reads a string; every escape in it is checked here.
    #[inline]
    fn string(&mut self) -> Result<Quoted<'a>> {
        let quote = self.at();
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let plain = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1F));
            let plain = plain.count();
            steps::count(1 + plain);
            self.at += plain;
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(_) => return Err(self.error("a control character in a string")),
                None => {
                    self.at = self.text.len();
                    return Err(self.error("expected `\"`: a string does not end"));
                }
            }
        }
        let raw = self.text.get(start..self.at).unwrap_or_default();
        self.at += 1;
        if escaped {
            unescape(raw, |_| {}).map_err(|error| SyntaxError {
                at: start as u32 + error.at,
                message: error.message,
            })?;
        }
        Ok(Quoted { raw, at: quote, escaped })
    }
}

/// Whether the text of a JSON number is that of an integer.
pub(crate) fn is_integer(number: &str) -> bool {
    !number.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
}

/// A string of a JSON text, its escapes checked and still in place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quoted<'a> {
    raw: &'a str,
    /// The offset of its opening quote.
    pub(crate) at: u32,
    escaped: bool,
}

impl<'a> Quoted<'a> {
    /// The text, copied only where there are escapes.
    pub(crate) fn text(self) -> Cow<'a, str> {
        if !self.escaped {
            return Cow::Borrowed(self.raw);
        }
        let mut text = String::with_capacity(self.raw.len());
        self.write(|piece| text.push_str(piece));
        Cow::Owned(text)
    }

    /// Whether it is this text.
    #[inline]
    pub(crate) fn is(self, text: &str) -> bool {
        if self.escaped { self.text() == text } else { self.raw == text }
    }

    /// Hands the text out piece by piece.
    #[inline]
    pub(crate) fn write(self, mut push: impl FnMut(&str)) {
        if !self.escaped {
            return push(self.raw);
        }
        // The lexer has unescaped it once, so this cannot fail.
        let _ = unescape(self.raw, push);
    }
}

/// Hands out the text behind the escapes, piece by piece.
fn unescape(raw: &str, mut push: impl FnMut(&str)) -> Result<()> {
    let mut rest = raw;
    steps::count(raw.len());
    while let Some((plain, escape)) = rest.split_once('\\') {
        push(plain);
        let (character, length) = unescape_one(escape.as_bytes()).ok_or_else(|| SyntaxError {
            at: (raw.len() - escape.len() - 1) as u32,
            message: "an escape that stands for no character".into(),
        })?;
        push(character.encode_utf8(&mut [0; 4]));
        rest = escape.get(length..).unwrap_or_default();
    }
    push(rest);
    Ok(())
}

/// The character of an escape, from behind its `\`, and the escape's length.
fn unescape_one(escape: &[u8]) -> Option<(char, usize)> {
    let simple = match escape.first()? {
        b'"' => '"',
        b'/' => '/',
        b'\\' => '\\',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let unit = hex4(escape.get(1..5)?)?;
            if let Some(character) = char::from_u32(unit) {
                return Some((character, 5));
            }
            let low = hex4(escape.get(5..11)?.strip_prefix(b"\\u")?)?;
            if unit >= 0xDC00 || !(0xDC00..0xE000).contains(&low) {
                return None;
            }
            return Some((char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))?, 11));
        }
        _ => return None,
    };
    Some((simple, 1))
}

fn hex4(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &digit| Some(sum << 4 | char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skip(text: &str) -> Result<()> {
        let mut lexer = Lexer::new(text.as_bytes(), Limits { bytes: 100, depth: 3 })?;
        lexer.skip()?;
        lexer.end()
    }

    #[test]
    fn an_error_says_where_and_what_was_wanted() {
        for (text, at, message) in [
            ("", 0, "expected a value"),
            ("[1,]", 3, "expected a value"),
            ("[1 2]", 3, "expected `,` or `]`"),
            ("{\"a\" 1}", 5, "expected `:`"),
            ("{\"a\":1,}", 7, "expected a member's name in double quotes"),
            ("{\"a\":1", 6, "expected `,` or `}`"),
            ("01", 1, "expected the end of the text"),
            ("1.", 2, "expected a digit"),
            ("-", 1, "expected a digit"),
            ("nul", 0, "expected a value"),
            ("\"ab", 3, "expected `\"`: a string does not end"),
            ("\"\\", 2, "expected `\"`: a string does not end"),
            ("\"a\tb\"", 2, "a control character in a string"),
            ("\"ab\\x\"", 3, "an escape that stands for no character"),
            ("\"\\ud800\"", 1, "an escape that stands for no character"),
            ("\"\\udc00\\ud800\"", 1, "an escape that stands for no character"),
            ("[[[[]]]]", 3, "arrays and objects nest deeper than 3"),
        ] {
            assert_eq!(skip(text), Err(SyntaxError { at, message: message.into() }), "{text}");
        }
        assert_eq!(
            skip(&" ".repeat(101)).unwrap_err().message,
            "a text of 101 bytes, 100 at most are read"
        );
        let bad = Lexer::new(b"\"a\xff\"", Limits::default()).unwrap_err();
        assert_eq!((bad.at, &*bad.message), (2, "invalid UTF-8"));
    }

    #[test]
    fn escapes_stand_for_their_characters() {
        let text = r#""a\u00e9\ud83d\ude00\"\/\b\n""#;
        let Head::String(quoted) =
            Lexer::new(text.as_bytes(), Limits::default()).unwrap().value().unwrap()
        else {
            panic!("a string")
        };
        assert_eq!(quoted.text(), "aé😀\"/\u{8}\n");
    }
}

//! Strings in quotes: in JSON and in messages.

use alloc::{borrow::Cow, string::String};
use core::fmt::{self, Write};

/// Hands out a text as a JSON string, piece by piece, escaping only what JSON demands.
///
/// ```
/// let mut out = String::new();
/// nestkey_core::json::quote("a\"é\n", |piece| out.push_str(piece));
/// assert_eq!(out, "\"a\\\"é\\n\"");
/// ```
pub fn quote(text: &str, push: impl FnMut(&str)) {
    write(text, |byte| byte < 0x20 || matches!(byte, b'"' | b'\\'), push);
}

/// Hands out a text as Python's `json.dumps` writes it: everything but printable ASCII escaped.
///
/// ```
/// let mut out = String::new();
/// nestkey_core::json::quote_ascii("é😀\x7f", |piece| out.push_str(piece));
/// assert_eq!(out, r#""\u00e9\ud83d\ude00\u007f""#);
/// ```
pub fn quote_ascii(text: &str, push: impl FnMut(&str)) {
    write(text, |byte| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\'), push);
}

/// A text as a message shows it: as in JSON, and nothing in it changes how the rest is shown.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        if is_deceptive(character) || matches!(character, '"' | '\\') {
            escape(character, &mut |piece| out.push_str(piece));
        } else {
            out.push(character);
        }
    }
    out.push('"');
    out
}

/// A text in which nothing changes how it, or what stands around it, is shown: control characters,
/// line breaks, what is invisible and what turns the direction of text are escaped as in JSON.
///
/// Every text of an [`Error`](crate::error::Error) went through it; doing it again changes nothing.
///
/// ```
/// let hostile = "user\n\u{1b}[2J\u{202e}é";
/// assert_eq!(nestkey_core::json::visible(hostile), "user\\n\\u001b[2J\\u202eé");
/// ```
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_deceptive) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    for character in text.chars() {
        match is_deceptive(character) {
            true => escape(character, &mut |piece| out.push_str(piece)),
            false => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// Writes an argument as `redis-cli` reads it, in quotes where it would split or read it otherwise.
///
/// In single quotes it knows `\'` alone, in double quotes C's escapes and `\x00`; no other byte is read
/// as anything but itself, and nothing in it changes how the rest of a terminal is shown.
pub(crate) fn for_redis_cli(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let is_word = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'');
    match str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && bytes.iter().all(is_word) => f.write_str(text),
        // A backslash at the end would escape the quote.
        Ok(text) if !text.is_empty() && !text.ends_with('\\') && !text.contains(is_deceptive) => {
            f.write_str("'")?;
            for (index, part) in text.split('\'').enumerate() {
                f.write_str(if index == 0 { "" } else { "\\'" })?;
                f.write_str(part)?;
            }
            f.write_str("'")
        }
        _ => in_double_quotes(bytes, f),
    }
}

fn in_double_quotes(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("\"")?;
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                _ if is_deceptive(character) => {
                    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                        write!(f, "\\x{byte:02x}")?;
                    }
                }
                _ => f.write_char(character)?,
            }
        }
        chunk.invalid().iter().try_for_each(|byte| write!(f, "\\x{byte:02x}"))?;
    }
    f.write_str("\"")
}

/// Whether a character is not seen, or changes how others are.
fn is_deceptive(character: char) -> bool {
    let changes_lines = character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    let is_invisible = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2065}')
        || matches!(character, '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    let turns_text =
        matches!(character, '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    changes_lines || is_invisible || turns_text
}

#[inline]
fn write(text: &str, must_escape: impl Fn(u8) -> bool, mut push: impl FnMut(&str)) {
    push("\"");
    let mut rest = text;
    while let Some(length) = rest.bytes().position(&must_escape) {
        // Only ASCII or the first byte of a character is found: the text before it is valid.
        let (plain, tail) = rest.split_at(length);
        push(plain);
        let mut characters = tail.chars();
        if let Some(character) = characters.next() {
            escape(character, &mut push);
        }
        rest = characters.as_str();
    }
    push(rest);
    push("\"");
}

fn escape(character: char, push: &mut impl FnMut(&str)) {
    push(match character {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        _ => {
            for &mut unit in character.encode_utf16(&mut [0; 2]) {
                let digit = |shift: u16| b"0123456789abcdef"[usize::from(unit >> shift & 15)];
                let escaped = [b'\\', b'u', digit(12), digit(8), digit(4), digit(0)];
                push(core::str::from_utf8(&escaped).unwrap_or_default());
            }
            return;
        }
    });
}

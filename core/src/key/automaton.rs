//! The language of a parameter, the set of segments it can render to, as an automaton.
//!
//! Decoding reads a segment as a whole; the collision proof needs to know byte by byte what can
//! still follow. Length limits are not part of the states: a step says whether it begins a
//! character, and the proof counts.

mod span;
mod utf8;
mod words;

use core::cmp::Ordering;

use self::{span::Span, utf8::Due, words::Words};
use super::{
    constraint::stands_verbatim,
    encoding::{hex_value, is_raw},
    param::{ParamSpec, ParamType},
};
use crate::types::{Constraints, Format};

/// An automaton that accepts what a parameter can render to, its length aside.
#[derive(Debug)]
pub(crate) struct Automaton {
    form: Form,
    allow_empty: bool,
    excluded: Words,
}

/// Where an automaton stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    progress: Progress,
    /// The node among the excluded words, while what was read may still become one.
    excluded: Option<u32>,
}

#[derive(Debug)]
enum Form {
    /// Percent-encoded bytes.
    Bytes,
    Format(Format),
    Int(Span, Span),
    /// Percent-encoded UTF-8.
    Text,
    Uuid,
    Verbatim,
    /// One of a few words.
    Words(Words),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Progress {
    Start,
    /// Digits of an integer, compared with the bounds as far as they go.
    Digits {
        negative: bool,
        count: u8,
        least: Ordering,
        greatest: Ordering,
    },
    /// Behind `%-`.
    Empty,
    /// That many bytes of a format or a UUID, as far as their number matters.
    Fixed(u8),
    Minus,
    /// Behind `%` and the first digit of an escape.
    Nibble(Due, u8),
    /// Behind a `%` that is the very first byte.
    Opening,
    /// Behind another `%`.
    Percent(Due),
    /// Behind whole bytes.
    Text(Due),
    Word(u32),
    Zero,
}

impl Automaton {
    /// The automaton of a parameter.
    pub(crate) fn of(spec: &ParamSpec) -> Self {
        let Constraints { one_of, none_of, .. } = &spec.constraints;
        let unlisted = spec.unlisted();
        let excluded = Words::rendered(&unlisted, none_of);
        let form = match spec.ty {
            _ if !one_of.is_empty() => Form::Words(Words::rendered(&unlisted, one_of)),
            ParamType::Bool => Form::Words(Words::rendered(&unlisted, &["false", "true"].into())),
            ParamType::Bytes => Form::Bytes,
            ParamType::Int => {
                let (least, greatest) = spec.bounds();
                Form::Int(Span::new(-greatest, -least, 1), Span::new(least, greatest, 0))
            }
            ParamType::String => match spec.constraints.format {
                Some(format) => Form::Format(format),
                None if spec.is_verbatim() => Form::Verbatim,
                None => Form::Text,
            },
            ParamType::Uuid => Form::Uuid,
        };
        Self { form, allow_empty: spec.takes_empty(), excluded }
    }

    /// The state in which nothing is read.
    pub(crate) const fn start(&self) -> State {
        State { progress: Progress::Start, excluded: Some(Words::ROOT) }
    }

    /// Whether what was read is a whole segment.
    pub(crate) fn accepts(&self, state: State) -> bool {
        let whole = match (state.progress, &self.form) {
            (Progress::Empty | Progress::Text(Due::Nothing), _) => true,
            (Progress::Fixed(length), Form::Uuid) => length == 36,
            (Progress::Fixed(length), Form::Format(format)) => format.allows_length(length.into()),
            (Progress::Zero, Form::Int(_, positive)) => positive.contains_zero(),
            (Progress::Digits { negative, count, least, greatest }, Form::Int(below, above)) => {
                let span = if negative { below } else { above };
                span.contains(count, least, greatest)
            }
            (Progress::Word(node), Form::Words(words)) => words.is_whole(node),
            _ => false,
        };
        whole && !state.excluded.is_some_and(|node| self.excluded.is_whole(node))
    }

    /// Reads one byte: the next state, and how many characters of the value it begins (0 or 1).
    pub(crate) fn step(&self, state: State, byte: u8) -> Option<(State, u32)> {
        let (progress, characters) = self.progress(state.progress, byte)?;
        let excluded = state.excluded.and_then(|node| self.excluded.next(node, byte));
        Some((State { progress, excluded }, characters))
    }

    /// Adds the bytes at which the words of this automaton differ to a set.
    pub(crate) fn mark(&self, marked: &mut [bool; 256]) {
        self.excluded.mark(marked);
        if let Form::Words(words) = &self.form {
            words.mark(marked);
        }
    }

    fn progress(&self, at: Progress, byte: u8) -> Option<(Progress, u32)> {
        match (at, byte) {
            // The empty text, which formats allow as well.
            (Progress::Start, b'%') if !matches!(self.form, Form::Verbatim | Form::Words(_)) => {
                return self.may_escape().then_some((Progress::Opening, 0));
            }
            (Progress::Opening, b'-') => return self.allow_empty.then_some((Progress::Empty, 0)),
            _ => {}
        }
        match &self.form {
            Form::Bytes => encoded(at, byte, |_, _| Some(Due::Nothing)),
            Form::Text => encoded(at, byte, |due, byte| due.next(byte)),
            Form::Verbatim => verbatim(at, byte),
            Form::Format(format) => {
                let length = fixed_length(at)?;
                let next = match format {
                    Format::Ulid => length + 1,
                    Format::Digits | Format::Hex | Format::Slug => 1,
                };
                format.allows(length.into(), byte).then_some((Progress::Fixed(next), 1))
            }
            Form::Uuid => {
                let length = fixed_length(at)?;
                let fits = match length {
                    8 | 13 | 18 | 23 => byte == b'-',
                    0..36 => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
                    _ => false,
                };
                fits.then_some((Progress::Fixed(length + 1), 0))
            }
            Form::Int(below, above) => Some((int(below, above, at, byte)?, 0)),
            Form::Words(words) => {
                let node = match at {
                    Progress::Start => Words::ROOT,
                    Progress::Word(node) => node,
                    _ => return None,
                };
                Some((Progress::Word(words.next(node, byte)?), 0))
            }
        }
    }

    /// Whether a segment may begin with `%`.
    const fn may_escape(&self) -> bool {
        self.allow_empty || matches!(self.form, Form::Bytes | Form::Text)
    }
}

const fn fixed_length(at: Progress) -> Option<u8> {
    match at {
        Progress::Start => Some(0),
        Progress::Fixed(length) => Some(length),
        _ => None,
    }
}

/// A step through percent-encoded bytes, of which `next` knows the order.
fn encoded(
    at: Progress,
    byte: u8,
    next: impl Fn(Due, u8) -> Option<Due>,
) -> Option<(Progress, u32)> {
    let (decoded, due) = match at {
        Progress::Start if is_raw(byte) => (byte, Due::Nothing),
        Progress::Text(due) if byte == b'%' => return Some((Progress::Percent(due), 0)),
        Progress::Text(due) if is_raw(byte) => (byte, due),
        Progress::Opening => return Some((Progress::Nibble(Due::Nothing, hex_value(byte)?), 0)),
        Progress::Percent(due) => return Some((Progress::Nibble(due, hex_value(byte)?), 0)),
        Progress::Nibble(due, high) => {
            let decoded = high << 4 | hex_value(byte)?;
            if is_raw(decoded) {
                return None;
            }
            (decoded, due)
        }
        _ => return None,
    };
    Some((Progress::Text(next(due, decoded)?), u32::from(due == Due::Nothing)))
}

/// A step through text that is not encoded.
fn verbatim(at: Progress, byte: u8) -> Option<(Progress, u32)> {
    let due = match at {
        Progress::Start => Due::Nothing,
        Progress::Text(due) => due,
        _ => return None,
    };
    if byte.is_ascii() && !stands_verbatim(byte.into()) {
        return None;
    }
    let next = match (due, byte) {
        (Due::Nothing, 0xC2) => Due::AfterC2,
        _ => due.next(byte)?,
    };
    Some((Progress::Text(next), u32::from(due == Due::Nothing)))
}

/// A step through an integer.
fn int(below: &Span, above: &Span, at: Progress, byte: u8) -> Option<Progress> {
    let (negative, count, least, greatest) = match at {
        Progress::Start if byte == b'-' => {
            return (!below.is_empty()).then_some(Progress::Minus);
        }
        Progress::Start if byte == b'0' => {
            return above.contains_zero().then_some(Progress::Zero);
        }
        Progress::Start => (false, 0, Ordering::Equal, Ordering::Equal),
        Progress::Minus if byte == b'0' => return None,
        Progress::Minus => (true, 0, Ordering::Equal, Ordering::Equal),
        Progress::Digits { negative, count, least, greatest } => (negative, count, least, greatest),
        _ => return None,
    };
    let span = if negative { below } else { above };
    let (least, greatest) = span.compare(count, least, greatest, byte)?;
    Some(Progress::Digits { negative, count: count + 1, least, greatest })
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String, vec, vec::Vec};

    use super::*;

    fn accepts(automaton: &Automaton, segment: &str) -> bool {
        let mut state = automaton.start();
        for byte in segment.bytes() {
            match automaton.step(state, byte) {
                Some((next, _)) => state = next,
                None => return false,
            }
        }
        automaton.accepts(state)
    }

    /// Every text of up to `length` characters.
    fn words(alphabet: &str, length: usize) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut from = 0;
        for _ in 0..length {
            let to = words.len();
            for index in from..to {
                let word = words[index].clone();
                words.extend(alphabet.chars().map(|letter| format!("{word}{letter}")));
            }
            from = to;
        }
        words
    }

    fn specs() -> Vec<ParamSpec> {
        let mut specs = Vec::new();
        for &ty in ParamType::ALL {
            let mut add = |change: &dyn Fn(&mut ParamSpec)| {
                let mut spec = ParamSpec::new("p", ty);
                change(&mut spec);
                specs.push(spec);
            };
            add(&|_| {});
            add(&|spec| spec.allow_empty = true);
            add(&|spec| spec.verbatim = true);
            add(&|spec| {
                spec.constraints.one_of = ["1", "a-1", "", ":", "é"].into();
            });
            add(&|spec| {
                spec.allow_empty = true;
                spec.constraints.none_of = ["1", "a-1", "", ":", "10", "-1"].into();
            });
            for &format in Format::ALL {
                add(&|spec| spec.constraints.format = Some(format));
                add(&|spec| {
                    spec.allow_empty = true;
                    spec.constraints.format = Some(format);
                    spec.constraints.none_of = ["11"].into();
                });
            }
        }
        let bounds = [-1000, -101, -100, -11, -10, -9, -1, 0, 1, 7, 9, 10, 11, 99, 100, 110, 1011];
        for min in bounds {
            for max in bounds {
                let mut spec = ParamSpec::new("p", ParamType::Int);
                (spec.constraints.min, spec.constraints.max) = (Some(min), Some(max));
                specs.push(spec);
            }
        }
        specs
    }

    #[test]
    fn an_automaton_accepts_what_decoding_does() {
        let mut texts = words("a1-09", 5);
        texts.extend(words("%3A-Ca", 5));
        texts.extend(words("é:*\u{85} (Z", 3));
        for texts_of_ints in [i64::MIN as i128 - 1, i64::MIN.into(), u64::MAX.into(), 1 << 64] {
            texts.push(format!("{texts_of_ints}"));
        }
        texts.push("550e8400-e29b-41d4-a716-446655440000".into());
        texts.push("550e8400-e29b-41d4-a716-446655440000a".into());
        texts.push("550e8400-e29b-41d4-a716-44665544000G".into());
        texts.push("01ARZ3NDEKTSV4RRFFQ69G5FAV".into());
        texts.push("01ARZ3NDEKTSV4RRFFQ69G5FAV0".into());
        texts.push("01ARZ3NDEKTSV4RRFFQ69G5FAI".into());
        for spec in specs() {
            let automaton = Automaton::of(&spec);
            for text in &texts {
                assert_eq!(accepts(&automaton, text), spec.admits(text), "{text:?} of {spec:?}");
            }
        }
    }

    #[test]
    fn an_automaton_knows_utf8_as_decoding_does() {
        let encoded = |bytes: &[u8]| bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
        let edges = [0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0];
        let mut texts: Vec<String> = Vec::new();
        for lead in 0x80..=0xFF {
            texts.push(encoded(&[lead]));
            for second in 0x00..=0xFF {
                texts.push(encoded(&[lead, second]));
            }
            for second in edges {
                for third in edges {
                    texts.push(encoded(&[lead, second, third]));
                    texts.extend(edges.map(|fourth| encoded(&[lead, second, third, fourth])));
                }
            }
        }
        let text = ParamSpec::new("p", ParamType::String);
        let automaton = Automaton::of(&text);
        for segment in &texts {
            assert_eq!(accepts(&automaton, segment), text.admits(segment), "{segment}");
        }
        let verbatim = ParamSpec { verbatim: true, ..text };
        let automaton = Automaton::of(&verbatim);
        for code in 0..0x11_0000 {
            let Some(character) = char::from_u32(code) else { continue };
            let segment = String::from(character);
            assert_eq!(accepts(&automaton, &segment), verbatim.admits(&segment), "{code:x}");
        }
    }
}

//! Patterns as in SCAN's MATCH: <https://redis.io/docs/latest/commands/keys/>

use crate::steps;

/// Whether a pattern matches a whole text, in every corner as `stringmatchlen` of Redis does.
///
/// `*`, `?`, `[abc]`, `[^a-z]` and `\` in front of what stands for itself. Only the last `*` passed
/// is ever tried at a later place: when what follows it matches nowhere, no earlier one can help.
#[must_use]
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    let mut retry: Option<(&[u8], &[u8])> = None;
    let mut stars = 0;
    // An empty text is matched by the empty pattern alone, not even by `*`.
    while !pattern.is_empty() && !text.is_empty() {
        steps::count(1);
        if let [b'*', rest @ ..] = pattern {
            pattern = without_stars(rest);
            if pattern.is_empty() {
                return true;
            }
            stars += 1;
            if stars > MAX_STARS {
                return false;
            }
            retry = Some((pattern, text));
            continue;
        }
        let matched = one(pattern, text[0]).map(|rest| (rest, &text[1..]));
        match matched {
            Some((rest, [])) if without_stars(rest).is_empty() => return true,
            Some((rest, remaining)) if !rest.is_empty() && !remaining.is_empty() => {
                (pattern, text) = (rest, remaining);
            }
            _ => {
                let Some((after_star, from)) = retry else { return false };
                (pattern, text) = (after_star, &from[1..]);
                retry = Some((pattern, text));
            }
        }
    }
    pattern.is_empty() && text.is_empty()
}

/// Matches one byte, and gives what is left of the pattern.
fn one(pattern: &[u8], byte: u8) -> Option<&[u8]> {
    match pattern {
        [b'?', rest @ ..] => Some(rest),
        [b'[', b'^', class @ ..] => {
            let (found, rest) = class_has(class, byte);
            (!found).then_some(rest)
        }
        [b'[', class @ ..] => {
            let (found, rest) = class_has(class, byte);
            found.then_some(rest)
        }
        [b'\\', literal, rest @ ..] | [literal, rest @ ..] => (*literal == byte).then_some(rest),
        [] => None,
    }
}

/// Whether a class has a byte, and what follows it; the end of the pattern closes a class as well.
fn class_has(mut class: &[u8], byte: u8) -> (bool, &[u8]) {
    let mut found = false;
    loop {
        steps::count(1);
        class = match class {
            [] => return (found, class),
            [b']', rest @ ..] => return (found, rest),
            [b'\\', literal, rest @ ..] => {
                found |= *literal == byte;
                rest
            }
            [start, b'-', end, rest @ ..] => {
                // The server compares C's `char`, which has a sign on most of its platforms.
                let (start, end, byte) = (*start as i8, *end as i8, byte as i8);
                found |= (start.min(end)..=start.max(end)).contains(&byte);
                rest
            }
            [literal, rest @ ..] => {
                found |= *literal == byte;
                rest
            }
        };
    }
}

fn without_stars(mut pattern: &[u8]) -> &[u8] {
    while let [b'*', rest @ ..] = pattern {
        steps::count(1);
        pattern = rest;
    }
    pattern
}

/// The server gives up on patterns that nest deeper.
const MAX_STARS: usize = 1000;

/// What makes a pattern mean something else than it seems to, if anything does.
pub(crate) fn problem(pattern: &[u8]) -> Option<&'static str> {
    if pattern.is_empty() {
        return Some("is empty, so it matches no key");
    }
    let mut rest = pattern;
    let mut in_class = false;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match first {
            b'\\' => match rest.split_first() {
                Some((_, behind)) => rest = behind,
                None => return Some("ends in a `\\` with nothing behind it"),
            },
            b'[' if !in_class => in_class = true,
            b']' => in_class = false,
            _ => {}
        }
    }
    in_class.then_some("has a `[` without its `]`")
}

//! Shapes of keys: what many keys have in common.

use std::collections::HashMap;

/// How many shapes are told apart; keys of others are only counted.
pub(crate) const SHAPES: usize = 1_000;

/// Keys counted by their shapes, in bounded memory.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    found: HashMap<String, Shape>,
    /// How many keys are of shapes beyond the bound.
    pub(crate) others: u64,
}

/// How many keys of a shape there are.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) count: u64,
    /// The first key that was found.
    pub(crate) example: String,
}

impl Shapes {
    pub(crate) fn add(&mut self, key: &[u8]) {
        let shape = shape(key);
        if let Some(found) = self.found.get_mut(&shape) {
            found.count += 1;
        } else if self.found.len() < SHAPES {
            self.found.insert(shape, Shape { count: 1, example: shown(key) });
        } else {
            self.others += 1;
        }
    }

    /// How many keys there are.
    pub(crate) fn count(&self) -> u64 {
        self.found.values().map(|shape| shape.count).sum::<u64>() + self.others
    }

    /// The shapes, the biggest first.
    pub(crate) fn sorted(&self) -> Vec<(&str, &Shape)> {
        let mut shapes: Vec<_> =
            self.found.iter().map(|(name, shape)| (&name[..], shape)).collect();
        shapes.sort_by(|(a, x), (b, y)| y.count.cmp(&x.count).then(a.cmp(b)));
        shapes
    }
}

/// A key with what looks like a value as `{int}`, `{uuid}`, `{ulid}`, `{hex}`, `{date}` or `{email}`.
fn shape(key: &[u8]) -> String {
    let shown = shown(key);
    let segments = shown.split(':').map(|segment| match whole(segment) {
        Some(name) => name.to_owned(),
        None => in_parts(segment),
    });
    segments.collect::<Vec<_>>().join(":")
}

/// A key for people to read: nothing in it changes how the rest is shown.
fn shown(key: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in key.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character.is_control() {
                true => shown.extend(character.escape_unicode()),
                false => shown.push(character),
            }
        }
        chunk.invalid().iter().for_each(|byte| shown.push_str(&format!("\\x{byte:02x}")));
    }
    shown
}

/// What a text looks like as a whole.
fn whole(text: &str) -> Option<&'static str> {
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    let all = |is: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|byte| is(&byte));
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("{int}");
    }
    if has_form(text, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh") {
        return Some("{uuid}");
    }
    if has_form(text, "dddd-dd-dd") {
        return Some("{date}");
    }
    let is_long = text.len() >= 16;
    if text.len() >= 8 && all(u8::is_ascii_hexdigit) && (is_long || has(u8::is_ascii_digit)) {
        return Some("{hex}");
    }
    let is_crockford =
        |byte: &u8| byte.is_ascii_digit() || b"ABCDEFGHJKMNPQRSTVWXYZ".contains(byte);
    if text.len() == 26 && text.as_bytes().iter().all(is_crockford) {
        return Some("{ulid}");
    }
    let is_email = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'));
    is_email.then_some("{email}")
}

/// Whether a text is of a form, in which `h` is a hexadecimal digit and `d` a decimal one.
fn has_form(text: &str, form: &str) -> bool {
    let is = |(byte, wanted): (u8, u8)| match wanted {
        b'd' => byte.is_ascii_digit(),
        b'h' => byte.is_ascii_hexdigit(),
        other => byte == other,
    };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(is)
}

/// The same of each word of a text, and of the numbers in words that look like nothing.
fn in_parts(text: &str) -> String {
    let mut shape = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_of_word) {
        let (between, word) = rest.split_at(start);
        let (word, after) = word.split_at(word.find(|c| !is_of_word(c)).unwrap_or(word.len()));
        shape.push_str(between);
        match whole(word) {
            Some(name) => shape.push_str(name),
            None => push_words(&mut shape, word),
        }
        rest = after;
    }
    shape + rest
}

const fn is_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-'
}

/// The words between hyphens, and the UUIDs at the end of one such as `session-…`.
fn push_words(shape: &mut String, text: &str) {
    let (mut words, mut uuids) = (text, 0);
    while let Some(before) = before_uuid(words) {
        (words, uuids) = (before, uuids + 1);
    }
    for (index, word) in words.split('-').enumerate() {
        shape.push_str(if index == 0 { "" } else { "-" });
        match whole(word) {
            Some(name) => shape.push_str(name),
            None => push_numbers(shape, word),
        }
    }
    shape.push_str(&"{uuid}".repeat(uuids));
}

/// What stands before the UUID at the end of a text, if one stands there.
fn before_uuid(text: &str) -> Option<&str> {
    const UUID: usize = 36;
    let (before, tail) = text.split_at_checked(text.len().checked_sub(UUID)?)?;
    (whole(tail) == Some("{uuid}")).then_some(before)
}

fn push_numbers(shape: &mut String, word: &str) {
    let mut is_number = false;
    for character in word.chars() {
        if !character.is_ascii_digit() {
            shape.push(character);
        } else if !is_number {
            shape.push_str("{int}");
        }
        is_number = character.is_ascii_digit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_value_is_told_by_its_name() {
        for (key, shaped) in [
            ("root:user:17:old", "root:user:{int}:old"),
            ("root:user:-3", "root:user:{int}"),
            ("s:6f9619ff-8b86-d011-b42d-00cf4fc964ff", "s:{uuid}"),
            ("s:session-6f9619ff-8b86-d011-b42d-00cf4fc964ff", "s:session-{uuid}"),
            ("h:da39a3ee5e6b4b0d", "h:{hex}"),
            ("h:deadbeef", "h:deadbeef"),
            ("h:deadbee1", "h:{hex}"),
            ("u:01ARZ3NDEKTSV4RRFFQ69G5FAV", "u:{ulid}"),
            ("d:2024-02-29", "d:{date}"),
            ("d:2024-02-29.log", "d:{date}.log"),
            ("m:ada@example.org", "m:{email}"),
            ("page-12.html", "page-{int}.html"),
            ("v2:cache_item17", "v{int}:cache_item{int}"),
            ("cart:{7}:x", "cart:{{int}}:x"),
            ("root::lease", "root::lease"),
            ("", ""),
        ] {
            assert_eq!(shape(key.as_bytes()), shaped, "{key}");
        }
        assert_eq!(shape(b"a:\xff\n1"), r"a:\xff\u{a}{int}");
    }

    #[test]
    fn a_key_may_have_as_many_uuids_as_there_is_room_for() {
        let key = "6f9619ff-8b86-d011-b42d-00cf4fc964ff".repeat(300_000);
        assert_eq!(shape(key.as_bytes()), "{uuid}".repeat(300_000));
    }

    #[test]
    fn shapes_are_counted_in_bounded_memory_the_biggest_first() {
        let mut shapes = Shapes::default();
        let letters = |n: usize| char::from(b'a' + (n % 26) as u8);
        for n in 0..3 * SHAPES {
            let [a, b, c] = [letters(n), letters(n / 26), letters(n / 676)];
            shapes.add(format!("{a}{b}{c}").as_bytes());
            shapes.add(format!("user:{n}").as_bytes());
        }
        assert_eq!(shapes.sorted().len(), SHAPES);
        assert_eq!(shapes.count(), 6 * SHAPES as u64);
        let (shape, biggest) = shapes.sorted()[0];
        assert_eq!((shape, biggest.count, &biggest.example[..]), ("user:{int}", 3_000, "user:0"));
        assert!(shapes.others > 0);
    }
}

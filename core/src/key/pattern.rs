//! Patterns: templates with holes left open, as globs for SCAN.

use alloc::string::String;
use core::fmt;

/// A glob in which only open holes match more than one text.
///
/// A hole matches colons as well, so a pattern finds candidates: what a scan returns is parsed back
/// before anybody relies on it.
///
/// ```
/// use nestkey_core::key::pattern::Pattern;
/// let mut pattern = Pattern::new();
/// pattern.push_literal("what?:user");
/// pattern.push_below();
/// assert_eq!(pattern.as_str(), r"what\?:user:*");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pattern {
    text: String,
}

impl Pattern {
    /// A pattern that matches the empty key.
    #[must_use]
    pub const fn new() -> Self {
        Self { text: String::new() }
    }

    /// Appends text that matches only itself: every glob character is escaped.
    pub fn push_literal(&mut self, text: &str) {
        for character in text.chars() {
            if matches!(character, '*' | '?' | '[' | ']' | '\\' | '^' | '-') {
                self.text.push('\\');
            }
            self.text.push(character);
        }
    }

    /// Appends a rendered parameter, which holds no glob character to escape.
    pub fn push_rendered(&mut self, segment: &str) {
        self.text.push_str(segment);
    }

    /// Appends a hole: anything matches there.
    pub fn push_hole(&mut self) {
        // Two in a row match what one does, in more time.
        if !self.ends_in_hole() {
            self.text.push('*');
        }
    }

    /// Appends what lies below the prefix so far: a separator and a hole, never the hole alone,
    /// which would take `user:10` for `user:1`.
    ///
    /// Below the empty prefix lies every key.
    pub fn push_below(&mut self) {
        if !self.text.is_empty() {
            self.text.push(':');
        }
        self.push_hole();
    }

    /// The glob.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The glob as an owned text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    /// Whether the last `*` is a hole and not an escaped character.
    fn ends_in_hole(&self) -> bool {
        self.text.strip_suffix('*').is_some_and(|rest| {
            let backslashes = rest.bytes().rev().take_while(|&byte| byte == b'\\').count();
            backslashes % 2 == 0
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_star_is_not_a_hole() {
        let mut pattern = Pattern::new();
        pattern.push_literal("a*");
        pattern.push_hole();
        pattern.push_hole();
        assert_eq!(pattern.as_str(), r"a\**");
    }

    #[test]
    fn below_the_empty_prefix_lies_everything() {
        let mut pattern = Pattern::new();
        pattern.push_below();
        assert_eq!(pattern.as_str(), "*");
    }
}

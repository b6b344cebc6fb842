//! Names that a layout can have, from those of Python, and back.

use std::collections::BTreeSet;

use nestkey::core::layout;

/// The name itself where a layout can have it, else the nearest that it can have.
pub(super) fn snake(name: &str) -> String {
    let mut snake = String::new();
    let mut is_behind_lower = false;
    for character in name.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).chars() {
        if character.is_ascii_uppercase() && is_behind_lower {
            snake.push('_');
        }
        is_behind_lower = character.is_ascii_lowercase() || character.is_ascii_digit();
        let is_plain = character.is_ascii_alphanumeric();
        snake.push(if is_plain { character.to_ascii_lowercase() } else { '_' });
    }
    if snake.is_empty() {
        snake.push('x');
    }
    if layout::is_reserved(&snake) {
        snake.push('_');
    }
    snake
}

/// The name with a number behind it where it is taken, which it is from then on.
pub(super) fn unique(name: String, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let found = [name.clone()].into_iter().chain(numbered).find(|name| !taken.contains(name));
    let found = found.unwrap_or(name);
    taken.insert(found.clone());
    found
}

/// `user_messages` as `UserMessages`.
pub(super) fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let mut characters = word.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    };
    name.split(['_', '.', '-', ' ']).map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_the_nearest_that_a_layout_can_have() {
        for (name, wanted) in [
            ("age", "age"),
            ("userId", "user_id"),
            ("HTTPCache2Go", "httpcache2_go"),
            ("_hidden", "hidden"),
            ("größe", "gr__e"),
            ("self", "self_"),
            ("__", "x"),
        ] {
            assert_eq!(snake(name), wanted);
        }
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let mut taken = BTreeSet::from(["a".to_owned(), "a_2".to_owned()]);
        assert_eq!(unique("a".to_owned(), &mut taken), "a_3");
        assert_eq!(unique("b".to_owned(), &mut taken), "b");
        assert_eq!(unique("b".to_owned(), &mut taken), "b_2");
    }

    #[test]
    fn classes_are_named_in_capitals() {
        assert_eq!(camel("user.messages_of"), "UserMessagesOf");
    }
}

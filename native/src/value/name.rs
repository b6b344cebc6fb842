//! How the caller's types are called in messages.

/// The name of a type as its programmer writes it: `Option<String>`, without the modules.
pub(crate) fn type_name<T: ?Sized>() -> String {
    without_modules(std::any::type_name::<T>())
}

fn without_modules(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    for word in name.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_') {
        // `std::` comes as `std:` and `:`.
        if !word.ends_with(':') {
            short.push_str(word);
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_called_what_its_programmer_calls_it() {
        assert_eq!(type_name::<Option<Vec<String>>>(), "Option<Vec<String>>");
        assert_eq!(type_name::<(i64, &str)>(), "(i64, &str)");
        assert_eq!(type_name::<[std::time::Duration; 2]>(), "[Duration; 2]");
    }
}

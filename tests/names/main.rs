//! What has the same name in several languages has it everywhere: the table of operations, the methods
//! in Rust, the types in TypeScript, and the numbers that cross into wasm.

use std::{fs, path::PathBuf};

use nestkey_core::{
    error::{Effect, ErrorKind},
    frame::VERBS,
    op::Arg,
    ops,
    types::Kind,
};

#[test]
fn every_row_has_one_name_in_each_kind() {
    let rows: Vec<_> = ops::rows().collect();
    assert!(!rows.is_empty());
    for kind in Kind::ALL {
        let mut names: Vec<_> =
            rows.iter().filter(|row| row.is_of(*kind)).map(|row| row.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "two rows of a {} have the same name", kind.name());
    }
}

#[test]
fn every_row_is_a_documented_method_in_rust() {
    let source = read("native/src/entry.rs");
    for row in ops::rows() {
        let method = format!("    pub fn {}(&self", row.name);
        let at = source.find(&method).unwrap_or_else(|| panic!("no `{method}` in Rust"));
        let docs: Vec<_> =
            source[..at].lines().rev().take_while(|line| line.starts_with("    ///")).collect();
        let command = row.words.join(" ");
        assert!(docs.iter().any(|line| line.contains(&command)), "{}: {command}", row.name);
    }
}

#[test]
fn every_row_is_a_signature_in_typescript() {
    let source = read("js/src/types/entry.ts");
    for row in ops::rows() {
        let signature = format!("\n  {}(", camel_case(row.name));
        let at = source.find(&signature).unwrap_or_else(|| panic!("no `{signature}` in the types"));
        let line = source[at + 1..].lines().next().unwrap_or_default();
        assert!(line.contains(&format!("// {} ", row.words.join(" "))), "{line}");
        for arg in row.args {
            let Arg::Count { name, .. } = arg else { continue };
            assert!(source.contains(&format!("readonly {}?:", camel_case(name))), "{name}");
        }
    }
}

#[test]
fn codes_and_numbers_in_javascript_are_those_of_the_core() {
    let codes = ErrorKind::ALL.iter().map(|kind| kind.code());
    assert_eq!(literals(&read("js/src/error.ts"), "ERROR_CODES = ["), codes.collect::<Vec<_>>());
    let effects =
        [Effect::Ambiguous, Effect::NotSent, Effect::Partial, Effect::Rejected, Effect::Unchanged];
    let effects = effects.iter().map(|effect| effect.code());
    assert_eq!(literals(&read("js/src/error.ts"), "EFFECTS = ["), effects.collect::<Vec<_>>());
    let verbs = read("js/src/verb.ts");
    let verbs = between(&verbs, "VERBS = {", "}");
    let numbered: Vec<_> = verbs.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let expected: Vec<_> =
        VERBS.iter().enumerate().map(|(number, name)| format!("{name}: {number},")).collect();
    assert_eq!(numbered, expected);
}

/// The texts of an array literal.
fn literals(source: &str, start: &str) -> Vec<String> {
    between(source, start, "]").split('"').skip(1).step_by(2).map(Into::into).collect()
}

fn between<'a>(source: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = source.split_once(start).unwrap_or_else(|| panic!("no `{start}`"));
    rest.split_once(end).map_or(rest, |(inside, _)| inside)
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| text + &word[..1].to_uppercase() + &word[1..])
}

fn read(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

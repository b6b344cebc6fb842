//! What the compiler says where a service engineer errs: `hints/*.stderr` are its words.
//!
//! `TRYBUILD=overwrite cargo test -p nestkey --test hints` writes them anew.

/// The words are those of one compiler: another may put them otherwise.
const RUST: &str = "1.95";

#[test]
fn mistakes_of_callers_are_told_in_words_of_this_crate() {
    let version = std::process::Command::new("rustc").arg("--version").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    if !version.as_ref().is_ok_and(|version| version.contains(RUST)) {
        eprintln!("skipped: the words are those of Rust {RUST}, not {version:?}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/hints/*.rs");
}

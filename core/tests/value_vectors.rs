//! Every envelope of `tests/vectors/seeds.json`, which redisimnest 0.11.3 itself has written.

use nestkey_core::{
    error::{ErrorKind, Result},
    value::{Builder, Payload, envelope},
};
use serde_json::Value as Json;

/// Values that redisimnest writes so that they do not come back as they were, and why nestkey
/// refuses to write them.
const LOSSY_WRITINGS: &[(&str, &str)] = &[
    (r#"{"__type__": "float", "value": NaN}"#, NOT_JSON),
    (r#"{"__type__": "float", "value": -Infinity}"#, NOT_JSON),
    (r#"{"__type__": "tuple", "value": [1, [2, [3]]]}"#, NESTED_TUPLE),
    (r#"{"__type__": "list", "value": [[1, 2]]}"#, NESTED_TUPLE),
    (r#"{"__type__": "dict", "value": {"null": "b"}}"#, NAME),
    (r#"{"__type__": "dict", "value": {"true": "c"}}"#, NAME),
    (r#"{"__type__": "dict", "value": {"1.5": "d"}}"#, NAME),
    (r#"{"__type__": "dict", "value": {"1e+16": "d"}}"#, NAME),
    (
        r#"{"__type__": "dict", "value": {"a": {"__type__": "uuid", "value": "12345678-1234-5678-1234-567812345678"}}}"#,
        "an object with a member `__type__` comes back as something else",
    ),
];
const NOT_JSON: &str = "NaN and infinities are not JSON";
const NESTED_TUPLE: &str = "a tuple inside of another value comes back as a list";
const NAME: &str = "a name that is no string comes back as one: no payload can hold it";

/// Envelopes that redisimnest does not write but reads by a guess, and why nestkey refuses them.
const LENIENT_READINGS: &[(&str, &str)] = &[
    (r#"{"__type__":"int","value":"7"}"#, CAST),
    (r#"{"__type__":"int","value":7.9}"#, CAST),
    (r#"{"__type__":"int","value":true}"#, CAST),
    (r#"{"__type__":"int","value":1e2}"#, CAST),
    (r#"{"__type__":"bool","value":"false"}"#, CAST),
    (r#"{"__type__":"bool","value":""}"#, CAST),
    (r#"{"__type__":"bool","value":[]}"#, CAST),
    (r#"{"__type__":"float","value":"nan"}"#, CAST),
    (r#"{"__type__":"float","value":"1e3"}"#, CAST),
    (r#"{"__type__":"str","value":5}"#, CAST),
    (r#"{"__type__":"str","value":[1]}"#, CAST),
    (r#"{"__type__":"str","value":1.0}"#, CAST),
    (r#"{"__type__":"list","value":{"a":1}}"#, CAST),
    (r#"{"__type__":"dict","value":[["a",1]]}"#, CAST),
    (r#"{"__type__":"dict","value":[]}"#, CAST),
    (r#"{"__type__":"none","value":5}"#, CAST),
    (r#"{"__type__":"list","value":[{"__type__":"none"}]}"#, "a member is missing"),
    (r#"{"__type__":"datetime","value":"2020-01-02"}"#, ISO),
    (r#"{"__type__":"datetime","value":"20200102T030405"}"#, ISO),
    (r#"{"__type__":"datetime","value":"2020-01-02 03:04:05"}"#, ISO),
    (r#"{"__type__":"datetime","value":"2020-01-02T03:04:05.1234567"}"#, ISO),
    (r#"{"__type__":"datetime","value":"2020-W01-4"}"#, ISO),
    (
        r#"{"__type__":"uuid","value":"urn:uuid:12345678-1234-5678-1234-567812345678"}"#,
        "a UUID is hyphenated hex digits and nothing else",
    ),
    (r#"{"__type__":"float","value":NaN}"#, "NaN is not JSON"),
    (r#"{"__type__":"list","value":[1e400]}"#, "the number would become an infinity"),
    (r#"{"__type__":"str","value":"a","extra":1}"#, "a member would be dropped"),
    (r#"{"__type__":"dict","value":{"a":1,"a":2}}"#, "one of two members would be dropped"),
];
const CAST: &str = "the value is not of the type that its tag says";
const ISO: &str = "redisimnest writes one form of dates and times, with at most six digits";

#[test]
fn every_value_is_written_as_redisimnest_writes_it() {
    let cases = cases("envelope_serialize");
    assert_listed(LOSSY_WRITINGS, &cases, "out");
    for case in &cases {
        let stored = case["out"].as_str().unwrap();
        let mut out = Vec::new();
        let written = payload(&case["in"]).and_then(|payload| envelope::write(&payload, &mut out));
        match (reason(LOSSY_WRITINGS, stored), written) {
            (Some(_), Err(error)) => {
                assert_eq!(error.kind(), ErrorKind::InvalidValue, "{stored}");
                assert!(out.is_empty(), "{stored}");
            }
            (Some(reason), Ok(())) => panic!("{stored} was written although {reason}"),
            (None, written) => {
                written.unwrap_or_else(|error| panic!("{stored}: {error}"));
                assert_eq!(String::from_utf8(out).unwrap(), stored);
            }
        }
    }
}

#[test]
fn everything_that_redisimnest_wrote_is_read() {
    for case in cases("envelope_serialize") {
        let stored = case["out"].as_str().unwrap();
        let read = envelope::read(stored.as_bytes());
        if reason(LOSSY_WRITINGS, stored) == Some(NOT_JSON) {
            assert_eq!(read.unwrap_err().kind(), ErrorKind::MalformedValue, "{stored}");
        } else {
            assert_eq!(tape(read), tape(payload(&case["back"])), "{stored}");
        }
    }
}

#[test]
fn envelopes_are_read_as_redisimnest_reads_them_where_it_does_not_guess() {
    let cases = cases("envelope_deserialize");
    assert_listed(LENIENT_READINGS, &cases, "raw");
    for case in &cases {
        let stored = case["raw"].as_str().unwrap();
        let read = envelope::read(stored.as_bytes());
        match reason(LENIENT_READINGS, stored) {
            None if case["error"].is_null() => {
                assert_eq!(tape(read), tape(payload(&case["out"])), "{stored}");
            }
            reason => {
                assert!(reason.is_none() || case["error"].is_null(), "{stored} is no reading");
                let Err(error) = read else { panic!("{stored} was read although {reason:?}") };
                assert_eq!(error.kind(), ErrorKind::MalformedValue, "{stored}");
            }
        }
    }
}

fn cases(name: &str) -> Vec<Json> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/seeds.json");
    let vectors: Json = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let cases = vectors[name].as_array().unwrap().clone();
    assert!(cases.len() > 40, "{name}");
    cases
}

/// Makes sure that a list of exceptions names cases that exist, each once.
fn assert_listed(list: &[(&str, &str)], cases: &[Json], member: &str) {
    for (stored, _) in list {
        // Two different values may be written alike, so a text may stand in several cases.
        assert!(cases.iter().any(|case| case[member] == *stored), "{stored}");
        assert_eq!(list.iter().filter(|(other, _)| other == stored).count(), 1, "{stored}");
    }
}

fn reason(list: &[(&str, &'static str)], stored: &str) -> Option<&'static str> {
    list.iter().find(|(listed, _)| *listed == stored).map(|&(_, reason)| reason)
}

fn tape(payload: Result<Payload>) -> Vec<u8> {
    payload.unwrap().into_tape()
}

/// The payload of a value as the vectors spell it.
fn payload(value: &Json) -> Result<Payload> {
    let mut builder = Builder::new();
    build(value, &mut builder)?;
    builder.finish()
}

fn build(value: &Json, out: &mut Builder) -> Result<()> {
    let text = || value["v"].as_str().unwrap();
    let items = || value["v"].as_array().unwrap();
    match value["t"].as_str().unwrap() {
        "bool" => out.bool(value["v"].as_bool().unwrap()),
        "datetime" => out.datetime(text()),
        "dict" => {
            out.begin_object()?;
            for member in items() {
                match (member[0]["t"].as_str(), member[0]["v"].as_str()) {
                    (Some("str"), Some(name)) => out.name(name)?,
                    _ => {
                        return Err(nestkey_core::error::Error::new(ErrorKind::InvalidValue, NAME));
                    }
                }
                build(&member[1], out)?;
            }
            out.end()
        }
        "float" => out.float(value["repr"].as_str().unwrap().parse().unwrap()),
        "int" => out.int_text(text()),
        "list" => {
            out.begin_array()?;
            items().iter().try_for_each(|item| build(item, out))?;
            out.end()
        }
        "none" => out.null(),
        "str" => out.string(text()),
        "tuple" => {
            out.begin_tuple()?;
            items().iter().try_for_each(|item| build(item, out))?;
            out.end()
        }
        "uuid" => out.uuid(text()),
        other => panic!("a type {other} that this test does not know"),
    }
}

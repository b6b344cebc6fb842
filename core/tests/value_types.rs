//! Values against declared types: what is turned into what, what is refused, and in which words.

use nestkey_core::{
    error::ErrorKind,
    json,
    types::{Constraints, Field, Format, Record, Type},
    value::{Payload, bare, check, fit, plain},
};

fn records() -> Vec<Record> {
    let address = vec![
        field("street", "string", Constraints::default()),
        field("zip", "string?", limits(|limits| limits.max_length = Some(5))),
        field("since", "datetime?", Constraints::default()),
    ];
    let user = vec![
        field("name", "string", Constraints::default()),
        field("home", "address", Constraints::default()),
        field("scores", "array<int>?", Constraints::default()),
    ];
    vec![Record::new("address", address), Record::new("user", user)]
}

fn field(name: &str, text: &str, constraints: Constraints) -> Field {
    let mut field = Field::new(name, ty(text));
    field.constraints = constraints;
    field
}

fn limits(set: impl FnOnce(&mut Constraints)) -> Constraints {
    let mut constraints = Constraints::default();
    set(&mut constraints);
    constraints
}

fn ty(text: &str) -> Type {
    let names = ["address", "user"];
    Type::parse(text, &|name| names.iter().position(|n| *n == name).map(|i| i as u32)).unwrap()
}

/// A payload from the spelling for `any`, in which every type can be said.
fn any(text: &str) -> Payload {
    plain::from_json(&json::read(text.as_bytes()).unwrap(), &ty("any"), &[]).unwrap()
}

fn shown(payload: &Payload) -> String {
    plain::to_json(payload, &ty("any"), &[]).unwrap()
}

/// Fits a payload and shows what came out, or the error.
fn fitted(payload: &str, declared: &str, constraints: &Constraints) -> Result<String, String> {
    match fit(&any(payload), &ty(declared), constraints, &records()) {
        Ok(payload) => Ok(shown(&payload)),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidValue);
            Err(error.message().to_owned())
        }
    }
}

#[test]
fn what_a_host_could_only_say_otherwise_becomes_the_declared_type() {
    for (payload, declared, wanted) in [
        ("30", "int", "30"),
        ("30", "int64?", "30"),
        ("30", "float", "30.0"),
        ("-9007199254740992", "float?", "-9007199254740992.0"),
        ("[1, 2.5]", "array<float>", "[1.0,2.5]"),
        (r#"{"a": 1}"#, "object<float>", r#"{"a":1.0}"#),
        ("null", "int?", "null"),
        ("null", "any", "null"),
        (
            r#""2020-01-02T03:04:05Z""#,
            "datetime",
            r#"{"__type__":"datetime","value":"2020-01-02T03:04:05+00:00"}"#,
        ),
        (
            r#""2020-01-02T03:04:05.5""#,
            "naive_datetime",
            r#"{"__type__":"datetime","value":"2020-01-02T03:04:05.500000"}"#,
        ),
        (
            r#"["ABCDEFAB-1234-5678-1234-567812345678"]"#,
            "array<uuid>",
            r#"[{"__type__":"uuid","value":"abcdefab-1234-5678-1234-567812345678"}]"#,
        ),
        ("[0, 104, 255]", "bytes", r#"{"__type__":"bytes","value":"AGj/"}"#),
        (r#"{"a": [1]}"#, "object<bytes>", r#"{"a":{"__type__":"bytes","value":"AQ=="}}"#),
        ("[1, [2]]", "tuple", r#"{"__type__":"tuple","value":[1,[2]]}"#),
        (r#"{"__type__": "tuple", "value": [1, 2]}"#, "array<int>", "[1,2]"),
        (r#"{"__type__": "tuple", "value": [1, 2]}"#, "array", "[1,2]"),
        (
            r#"{"home": {"zip": "1", "street": "s"}, "name": "n"}"#,
            "user",
            r#"{"name":"n","home":{"street":"s","zip":"1","since":null},"scores":null}"#,
        ),
    ] {
        let fitted = fitted(payload, declared, &Constraints::default());
        assert_eq!(fitted.as_deref(), Ok(wanted), "{payload} as {declared}");
    }
}

#[test]
fn what_is_declared_already_is_not_copied() {
    let text = r#"{"street":"s","zip":null,"since":null}"#;
    for (payload, declared) in [(any("[1, [2]]"), "array"), (any(text), "address")] {
        let tape = payload.as_tape().as_ptr();
        let fitted = fit(&payload, &ty(declared), &Constraints::default(), &records()).unwrap();
        assert_eq!(fitted.as_tape().as_ptr(), tape, "{declared}");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_place_and_without_its_value() {
    let tagged = r#"{"__type__": "datetime", "value": "2020-01-02T03:04:05"}"#;
    for (payload, declared, message) in [
        ("9007199254740993", "float", "wanted float, got an integer that no float is"),
        ("9223372036854775807", "float", "wanted float, got an integer that no float is"),
        ("1.0", "int", "wanted int, got float"),
        ("9223372036854775808", "int", "an integer of more than 64 bits"),
        ("true", "int", "wanted int, got bool"),
        ("null", "string", "wanted string, got null"),
        (r#""x""#, "bool?", "wanted bool?, got string"),
        (tagged, "datetime", "wanted datetime, got naive_datetime"),
        (r#""2020-01-02T03:04:05""#, "datetime", "a datetime needs an offset"),
        (r#""2020-01-02T03:04:05Z""#, "naive_datetime", "a naive_datetime has no offset"),
        (r#""2020-01-02""#, "datetime", "a datetime needs a time: YYYY-MM-DDTHH:MM:SS"),
        ("[1, 256]", "bytes", "wanted bytes, got an array of other things than 0 to 255"),
        ("[[1], [2, true]]", "array<array<int>>", "wanted int, got bool at `[1][1]`"),
        (r#"{"secret": [null]}"#, "object<array<int>>", "wanted int, got null at `.*[0]`"),
        (
            r#"{"name": "n", "home": {"street": "s", "zip": 5}}"#,
            "user",
            "wanted string?, got int at `.home.zip`",
        ),
        (
            r#"{"name": "n", "home": {"street": "s", "zip": "123456"}}"#,
            "user",
            "wanted at most 5 characters, got 6 at `.home.zip`",
        ),
        (r#"{"name": "n", "home": {}}"#, "user", "a missing field at `.home.street`"),
        (r#"{"street": "s", "zpi": "1"}"#, "address", "an unknown field at `.zpi`"),
        (r#"{"street": "s", "a@b.c": "1"}"#, "address", "an unknown field at `.*`"),
        ("[]", "address", "wanted address, got array"),
    ] {
        let fitted = fitted(payload, declared, &Constraints::default());
        assert_eq!(fitted.as_ref().map_err(|e| &e[..]), Err(message), "{payload} as {declared}");
    }
}

#[test]
fn constraints_hold_on_writing() {
    let age = limits(|limits| (limits.min, limits.max) = (Some(0), Some(150)));
    let short = limits(|limits| limits.max_length = Some(2));
    let one = limits(|limits| limits.one_of = ["1", "20", "b"].into());
    let none = limits(|limits| limits.none_of = ["1", "b"].into());
    let slug = limits(|limits| limits.format = Some(Format::Slug));
    for (payload, declared, constraints, message) in [
        ("0", "int", &age, None),
        ("150.0", "float", &age, None),
        ("150", "float", &age, None),
        ("151", "float", &age, Some("wanted a number of at most 150")),
        ("-1", "int", &age, Some("wanted a number of at least 0")),
        ("150.5", "float", &age, Some("wanted a number of at most 150")),
        ("null", "int?", &age, None),
        (r#""éé""#, "string", &short, None),
        (r#""ééé""#, "string", &short, Some("wanted at most 2 characters, got 3")),
        ("[1, 2, 3]", "array<int>", &short, Some("wanted at most 2 elements, got 3")),
        ("[1, 2, 3]", "bytes", &short, Some("wanted at most 2 elements, got 3")),
        ("20", "int", &one, None),
        ("20.0", "float", &one, None),
        (r#""c""#, "string", &one, Some("wanted one of 1, 20, b")),
        ("2", "int", &one, Some("wanted one of 1, 20, b")),
        (r#""b""#, "string", &none, Some("wanted none of 1, b")),
        (r#""a-1""#, "string", &slug, None),
        (r#""A""#, "string", &slug, Some("a text that is not of the format slug")),
    ] {
        let fitted = fitted(payload, declared, constraints);
        assert_eq!(fitted.as_ref().err().map(|e| &e[..]), message, "{payload} as {declared}");
    }
}

#[test]
fn reading_checks_types_and_lets_other_versions_of_a_record_be() {
    let check = |payload: &str, declared: &str| {
        check(&any(payload), &ty(declared), &records()).map_err(|error| {
            assert_eq!(error.kind(), ErrorKind::TypeMismatch);
            error.message().to_owned()
        })
    };
    assert_eq!(check("1", "int"), Ok(()));
    assert_eq!(check(r#"{"street": "s", "newer": 1}"#, "address"), Ok(()));
    assert_eq!(check(r#"{"zip": "1234567", "street": "s"}"#, "address"), Ok(()));
    for (payload, declared, message) in [
        ("1", "float", "wanted float, got int"),
        (r#""2020-01-02T03:04:05Z""#, "datetime", "wanted datetime, got string"),
        ("[1]", "bytes", "wanted bytes, got array"),
        ("[1]", "tuple", "wanted tuple, got array"),
        (r#"{"zip": "1"}"#, "address", "a missing field at `.street`"),
        (r#"{"street": null}"#, "address", "wanted string, got null at `.street`"),
    ] {
        assert_eq!(check(payload, declared), Err(message.to_owned()), "{payload} as {declared}");
    }
}

#[test]
fn plain_json_is_read_by_the_declared_type() {
    for (text, declared, wanted) in [
        ("1", "float", "1.0"),
        ("1", "any", "1"),
        ("18446744073709551616", "any", "18446744073709551616"),
        (r#""AGj/""#, "bytes", r#"{"__type__":"bytes","value":"AGj/"}"#),
        (
            r#"{"a": ["2020-01-02T03:04:05-08:00"]}"#,
            "object<array<datetime>>",
            r#"{"a":[{"__type__":"datetime","value":"2020-01-02T03:04:05-08:00"}]}"#,
        ),
        ("[1, 2.5]", "tuple", r#"{"__type__":"tuple","value":[1,2.5]}"#),
    ] {
        let node = json::read(text.as_bytes()).unwrap();
        let payload = plain::from_json(&node, &ty(declared), &records()).unwrap();
        assert_eq!(shown(&payload), wanted, "{text} as {declared}");
        let again = plain::to_json(&payload, &ty(declared), &records()).unwrap();
        let again = plain::from_json(&json::read(again.as_bytes()).unwrap(), &ty(declared), &[]);
        assert_eq!(again.unwrap(), payload);
    }
}

#[test]
fn plain_json_of_another_type_is_refused() {
    for (text, declared, message) in [
        ("1.0", "int", "wanted int, got a float"),
        ("null", "int", "wanted int, got null"),
        ("1e400", "float", "a number beyond the range of floats"),
        (r#""AGj""#, "bytes", "bytes are base64 text"),
        (r#"{"scores": [1, "x"]}"#, "user", "wanted int, got a string at `.scores[1]`"),
        (
            r#"{"__type__": "uuid"}"#,
            "any",
            "a tagged object has two members: `__type__` and `value`",
        ),
    ] {
        let node = json::read(text.as_bytes()).unwrap();
        let error = plain::from_json(&node, &ty(declared), &records()).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidValue, message), "{text}");
    }
}

#[test]
fn bare_values_are_what_other_tools_expect() {
    for (payload, declared, stored) in [
        ("-5", "int", "-5"),
        ("1e16", "float", "1e+16"),
        ("true", "bool", "true"),
        (r#""a \" é""#, "string", "a \" é"),
        ("null", "int?", "null"),
        (r#"{"__type__": "bytes", "value": "AGj/"}"#, "bytes", "\0h\u{ff}"),
        (
            r#"{"__type__": "uuid", "value": "abcdefab-1234-5678-1234-567812345678"}"#,
            "uuid",
            "abcdefab-1234-5678-1234-567812345678",
        ),
        (
            r#"[{"__type__": "datetime", "value": "2020-01-02T03:04:05"}]"#,
            "array<naive_datetime>",
            r#"["2020-01-02T03:04:05"]"#,
        ),
        (r#""5""#, "any", r#""5""#),
        (r#"{"street": "é", "zip": null}"#, "address", r#"{"street":"é","zip":null,"since":null}"#),
    ] {
        let ty = ty(declared);
        let given = any(payload);
        let payload = fit(&given, &ty, &Constraints::default(), &records()).unwrap();
        let mut out = Vec::new();
        bare::write(&payload, &ty, &records(), &mut out).unwrap();
        let stored = match declared {
            "bytes" => stored.chars().map(|c| u8::try_from(c).unwrap()).collect(),
            _ => stored.as_bytes().to_vec(),
        };
        assert_eq!(out, stored, "{declared}");
        assert_eq!(bare::read(&out, &ty, &records()).unwrap(), *payload, "{declared}");
    }
    let integral = bare::read(b"3", &ty("float"), &[]).unwrap();
    assert_eq!(shown(&integral), "3.0");
}

#[test]
fn ambiguous_or_malformed_bare_values_are_refused() {
    for declared in ["string?", "bytes?"] {
        let error = bare::write(&Payload::null(), &ty(declared), &[], &mut Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
    }
    for (stored, declared) in [
        ("", "int"),
        ("007", "int"),
        ("-0", "int"),
        ("+1", "int"),
        ("1.0", "int"),
        ("9223372036854775808", "int64"),
        (" 1.0", "float"),
        ("nan", "float"),
        ("1e400", "float"),
        ("[1]", "float"),
        ("1", "bool"),
        ("null", "bool"),
        ("2020-01-02T03:04:05", "datetime"),
        ("{abcdefab-1234-5678-1234-567812345678}", "uuid"),
        ("[1,2", "array<int>"),
        ("[true]", "array<int>"),
        ("x", "any"),
    ] {
        let error = bare::read(stored.as_bytes(), &ty(declared), &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MalformedValue, "{stored} as {declared}");
    }
    assert!(bare::read(b"\xff", &ty("string"), &[]).is_err());
}

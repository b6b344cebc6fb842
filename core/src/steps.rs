//! Counting of work: tests look at how it grows with its input, and not at a clock.

/// Counts some steps of the work at hand, in the tests of core alone.
///
/// A step is about what one byte takes, or one comparison.
#[inline]
pub(crate) fn count(steps: usize) {
    #[cfg(test)]
    tests::add(steps);
    #[cfg(not(test))]
    let _ = steps;
}

#[cfg(test)]
mod tests {
    extern crate std;

    use alloc::{
        format,
        string::{String, ToString},
        vec::Vec,
    };
    use std::{cell::Cell, println, thread_local};

    use crate::{
        base64, glob,
        json::{self, Limits},
        key::template::Template,
        layout::{Layout, NamespaceId, Params},
        ttl::Ttl,
        types::Type,
        value::{Keyring, bare, datetime, envelope, number, plain},
    };

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn add(steps: usize) {
        STEPS.set(STEPS.get() + steps);
    }

    fn steps_of<T>(work: impl FnOnce() -> T) -> usize {
        let before = STEPS.get();
        drop(work());
        STEPS.get() - before
    }

    /// Reads texts of up to a size, each twice as large as the one before, and looks at the steps: a
    /// few for each byte, and twice as many for twice the text, but for what sorting takes.
    #[track_caller]
    fn is_linear<T>(most: usize, text: impl Fn(usize) -> String, read: impl Fn(&str) -> T) {
        is_linear_in_bytes(
            most,
            |most| text(most).into_bytes(),
            |bytes| read(core::str::from_utf8(bytes).unwrap()),
        );
    }

    #[track_caller]
    fn is_linear_in_bytes<T>(
        most: usize,
        text: impl Fn(usize) -> Vec<u8>,
        read: impl Fn(&[u8]) -> T,
    ) {
        const DOUBLINGS: u32 = 3;
        const FOR_A_BYTE: usize = 64;
        let mut before: Option<(usize, usize)> = None;
        for halvings in (0..=DOUBLINGS).rev() {
            let text = text(most >> halvings);
            assert!(text.len() <= most, "{} bytes", text.len());
            let steps = steps_of(|| read(&text));
            assert!(steps > 0, "nothing was counted");
            assert!(steps <= FOR_A_BYTE * (text.len() + 16), "{steps} for {} bytes", text.len());
            if let Some((length, steps_before)) = before {
                let ratio = text.len() as f64 / length as f64;
                let growth = steps as f64 / steps_before as f64;
                println!("{} bytes, {steps} steps, growth {growth:.2} of {ratio:.2}", text.len());
                assert!(growth <= ratio * 1.2 + 0.1, "{growth:.2} for {ratio:.2} times the text");
            }
            before = Some((text.len(), steps));
        }
        assert!(before.is_some_and(|(length, _)| length > most / 2), "the limit is not reached");
    }

    /// As many of a text as fit, each with its number in place of `#`, between two others.
    fn many(most: usize, begin: &str, one: &str, between: &str, end: &str) -> String {
        let mut text = String::from(begin);
        for number in 0.. {
            let next = one.replace('#', &number.to_string());
            if text.len() + between.len() + next.len() + end.len() > most {
                break;
            }
            if number > 0 {
                text.push_str(between);
            }
            text.push_str(&next);
        }
        text + end
    }

    const FILE: usize = 1 << 20;
    /// All of a file where code is optimised: many keys take a while.
    const LAYOUT: usize = if cfg!(debug_assertions) { FILE / 4 } else { FILE };
    const VALUE: usize = 1 << 18;

    #[test]
    fn json_is_read_in_linear_steps() {
        let read = |text: &str| json::parse(text.as_bytes(), Limits::default());
        for (begin, one, end) in [
            ("[", "#", "]"),
            ("[", "\"\\u00e9\\n#\"", "]"),
            ("{", "\"a#\":null", "}"),
            ("[", "[[[{\"a\":#.5e7}]]]", "]"),
            ("[", "\"a", ""),
            ("[ ", "   ", ""),
        ] {
            is_linear(FILE, |most| many(most, begin, one, ",", end), read);
        }
        is_linear(FILE, |most| format!("\"{}\"", "a".repeat(most - 2)), read);
        is_linear(FILE, |most| "\n".repeat(most), |text| json::place(text.as_bytes(), u32::MAX));
    }

    #[test]
    fn envelopes_and_bare_values_are_read_in_linear_steps() {
        let enveloped =
            |tag: &str, value: &str| format!("{{\"__type__\": \"{tag}\", \"value\": {value}}}");
        for (tag, begin, one, end) in [
            ("list", "[", "#", "]"),
            ("list", "[", "0.1234567890123456789#", "]"),
            ("list", "[", "{\"__type__\": \"datetime\", \"value\": \"2020-01-02T03:04:05\"}", "]"),
            ("list", "[", "{\"value\": \"#\", \"x\": 1}", "]"),
            ("dict", "{", "\"a#\": {\"b\": [null#]}", "}"),
            ("dict", "{", "\"a#\": \"\\u00e9#\"", "}"),
        ] {
            let text = |most: usize| enveloped(tag, &many(most - 40, begin, one, ", ", end));
            is_linear(VALUE, text, |text| envelope::read(text.as_bytes()));
            let reversed = |most: usize| {
                let value = many(most - 40, begin, one, ", ", end);
                format!("{{\"value\": {value}, \"__type__\": \"{tag}\"}}")
            };
            is_linear(VALUE, reversed, |text| envelope::read(text.as_bytes()));
        }
        let bytes =
            |most: usize| enveloped("bytes", &format!("\"{}\"", "AAAA".repeat(most / 4 - 12)));
        is_linear(VALUE, bytes, |text| envelope::read(text.as_bytes()));
        for (ty, begin, one, end) in [
            ("array<float>", "[", "0.1234567890123456789#", "]"),
            ("array<int>", "[", "#", "]"),
            ("object<string>", "{", "\"a#\": \"b\"", "}"),
            (
                "any",
                "[",
                "{\"__type__\": \"uuid\", \"value\": \"00000000-0000-0000-0000-000000000000\"}",
                "]",
            ),
        ] {
            let ty = Type::parse(ty, &|_| None).unwrap();
            let text = |most: usize| many(most, begin, one, ",", end);
            is_linear(VALUE, text, |text| bare::read(text.as_bytes(), &ty, &[]));
            let read =
                |text: &str| plain::from_json(&json::read(text.as_bytes()).unwrap(), &ty, &[]);
            is_linear(VALUE, text, read);
        }
    }

    #[test]
    fn numbers_are_read_in_linear_steps() {
        for (begin, end) in
            [("", ""), ("0.", ""), ("0.", "e300"), ("9007199254740993.", "1"), ("1", "e-300")]
        {
            for digit in ["0", "1", "9"] {
                let text = |most: usize| {
                    let count = most.saturating_sub(begin.len() + end.len());
                    format!("{begin}{}{end}", digit.repeat(count))
                };
                is_linear(VALUE, text, number::float);
                is_linear(VALUE, text, |text| number::integer(text).is_some());
            }
        }
        is_linear(VALUE, |most| format!("1e{}", "9".repeat(most - 2)), number::float);
        // The hardest one costs as much as some hundred others, and has as many digits.
        let middle = format!("{:.760e}", f64::from_bits(1 << 51));
        let steps = steps_of(|| number::float(&middle));
        assert!(steps <= 16 * middle.len(), "{steps}");
    }

    #[test]
    fn datetimes_durations_and_base64_are_read_in_linear_steps() {
        is_linear(VALUE, |most| "1".repeat(most), Ttl::parse);
        is_linear(VALUE, |most| "A".repeat(most & !3), base64::decode);
        is_linear(VALUE, |most| "=".repeat(most & !3), base64::decode);
        for text in ["2020-01-02T03:04:05.", "2020-01-02T03:04:05.000001+01:02:03.", "2"] {
            let text = |count| format!("{text}{}", "1".repeat(count));
            let [short, long] =
                [100, VALUE].map(|count| steps_of(|| datetime::parse(&text(count))));
            assert_eq!(short, long, "what is too long is not looked at");
        }
    }

    #[test]
    fn templates_and_types_are_read_in_linear_steps() {
        for (begin, one, between, end) in [
            ("", "a", "", ""),
            ("", "a", ":", ""),
            ("", "{a#:int}", ":", ""),
            ("{", "a", "", "}"),
            ("", "{{", "", ""),
            ("", "{", "a", ""),
        ] {
            is_linear(4_096, |most| many(most, begin, one, between, end), Template::parse);
        }
        let no_records = |text: &str| Type::parse(text, &|_| None);
        is_linear(FILE, |most| "a".repeat(most), no_records);
        is_linear(FILE, |most| "?".repeat(most), no_records);
        let nested = |most: usize| {
            let count = most / 7;
            format!("{}{}", "array<".repeat(count), ">".repeat(count))
        };
        is_linear(FILE, nested, no_records);
    }

    #[test]
    fn paths_are_read_in_linear_steps() {
        let layout = Layout::from_json(
            r#"{"namespaces": {"user": {"prefix": "user:{id}", "keys": {"age": {}}}}}"#,
        );
        let layout = layout.unwrap();
        for (begin, one, between, end) in [
            ("", "user", ".", ""),
            ("user(", "a", ",", ").age"),
            ("user(", "id=#", ",", ").age"),
            ("user(", "\"a\\n#\"", ",", ").age"),
            ("user(", "a", "", ").age"),
            ("user(\"", "\\\\", "", "\").age"),
            ("user(\"", "\\\"", "", ""),
            ("user", "(", "", ""),
        ] {
            let text = |most: usize| many(most, begin, one, between, end);
            is_linear(VALUE, text, |text| layout.resolve(text, "").is_ok());
        }
        is_linear(VALUE, |most| many(most, "", "a", ":", ""), |text| layout.parse(text, ""));
        let named = |text: &str| {
            let mut key = layout.root("").unwrap();
            layout.follow(NamespaceId::ROOT, text, Params::Positional(&[]), &mut key).is_ok()
        };
        is_linear(VALUE, |most| many(most, "", "user(#)", ".", ""), named);
    }

    #[test]
    fn keyrings_are_read_in_linear_steps() {
        let key = "{\"id\": \"#\", \"status\": \"decrypt-only\", \"material\": \"AA\"}";
        let text = |most: usize| many(most, "{\"nestkey_keyring\": 1, \"keys\": [", key, ",", "]}");
        is_linear(FILE, text, |text| Keyring::from_json(text).is_ok());
        let fernet = "\"l-idRhyv2wJAXxgfAl_cpi3YdYXDCQjkiNwXUGpUCPc=\"";
        let text =
            |most: usize| many(most, "{\"nestkey_keyring\": 1, \"fernet\": [", fernet, ",", "]}");
        is_linear(FILE, text, |text| Keyring::from_json(text).is_ok());
    }

    #[test]
    fn a_glob_looks_at_each_place_once_for_each_of_its_parts() {
        for pattern in ["*a*a*a*a*b", "*aaaaaaaaaaaaaaaab", "[a-z]*[!a]b", "*\\*"] {
            let text = |most: usize| "a".repeat(most);
            is_linear(1 << 16, text, |text| glob::matches(pattern.as_bytes(), text.as_bytes()));
        }
    }

    #[cfg(feature = "frame")]
    #[test]
    fn frames_are_read_in_linear_steps() {
        use crate::frame::{read_calls, read_input, read_text};

        let layout = Layout::from_json(r#"{"keys": {"age": {"type": "int"}}}"#).unwrap();
        // A pipeline of `get`s of the one entry, and as many nil and text replies.
        let calls = |most: usize| {
            let verb = crate::frame::VERBS.iter().position(|verb| *verb == "get").unwrap() as u8;
            let call = [&[1][..], &6_u32.to_le_bytes(), &[verb, 1, 0, 0, 0, 0]].concat();
            let count = (most - 9) / call.len();
            let head = [&0_u32.to_le_bytes()[..], &[2], &(count as u32).to_le_bytes()].concat();
            [head, call.repeat(count)].concat()
        };
        is_linear_in_bytes(VALUE, calls, |frame| read_calls(frame, &layout).unwrap().0);
        let replies = |most: usize| {
            let reply = [&[3][..], &3_u32.to_le_bytes(), b"abc"].concat();
            let count = (most - 8) / reply.len();
            let head = (count as u32).to_le_bytes();
            [&head[..], &reply.repeat(count), &0_u32.to_le_bytes()].concat()
        };
        is_linear_in_bytes(VALUE, replies, |frame| read_input(frame).unwrap());
        let text = |most: usize| {
            let text = "a".repeat(most - 4);
            [&(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
        };
        is_linear_in_bytes(VALUE, text, |frame| read_text(frame).map(ToString::to_string));
    }

    #[test]
    fn layouts_are_checked_in_linear_steps() {
        let layouts: &[(&str, &str, &str)] = &[
            (r#"{"keys":{"#, r##""k#":{}"##, "}}"),
            (r#"{"keys":{"#, r##""k#":{"template":"k#:{p:int}","ttl":"2m"}"##, "}}"),
            (r#"{"keys":{"#, r##""k#":{"template":"{p}-s#x"}"##, "}}"),
            (r#"{"keys":{"#, r##""k#":{"template":"a#-{p}"}"##, "}}"),
            (
                r#"{"keys":{"#,
                r##""k#":{"template":"{p:int}","params":{"p":{"min":1#0,"max":1#9}}}"##,
                "}}",
            ),
            (
                r#"{"keys":{"#,
                r##""k#":{"template":"{p}","params":{"p":{"one_of":["a#","z#"]}}}"##,
                "}}",
            ),
            (
                r#"{"params":{"p":{"one_of":["#,
                r##""w#""##,
                r#"]}},"keys":{"k":{"template":"k:{p:p}"}}}"#,
            ),
            (
                r#"{"params":{"p":{"none_of":["#,
                r##""w#""##,
                r#"]}},"keys":{"k":{"template":"k:{p:p}"}}}"#,
            ),
            (r#"{"keys":{"k":{"type":"int","one_of":["#, "#", "]}}}"),
            (r#"{"namespaces":{"#, r##""n#":{"keys":{"a":{},"b":{}}}"##, "}}"),
            (r#"{"namespaces":{"n":{},"#, r##""n.a#":{},"n.a#.b":{}"##, "}}"),
            (r#"{"shapes":{"s":{"keys":{"a":{}}}},"namespaces":{"#, r##""n#":{"use":"s"}"##, "}}"),
            (r#"{"shapes":{"#, r##""s#":{}"##, r#"},"namespaces":{"n":{"use":"s0"}}}"#),
            (r#"{"params":{"#, r##""p#":{}"##, r#"},"keys":{"k":{"template":"k:{p:p0}"}}}"#),
            (r#"{"types":{"a":{"x":"a?"},"#, r##""t#":{"x":"a"}"##, "}}"),
            (r#"{"keys":{"k":{"type":"array<int>","default":["#, "#", "]}}}"),
        ];
        for (begin, one, end) in layouts {
            println!("{one}");
            let text = |most: usize| many(most, begin, one, ",", end);
            is_linear(LAYOUT, text, |text| {
                // Large ones have too many keys.
                if let Err(error) = Layout::from_json(text) {
                    let is_full = error.message().contains("more than 20000");
                    assert!(is_full, "{:.300}", error.message());
                }
            });
        }
    }

    #[test]
    fn layouts_are_refused_in_linear_steps() {
        let layouts: &[(&str, &str, &str)] = &[
            (r#"{"keys":{"#, r##""k#":{"template":"x:{p}:y"}"##, "}}"),
            (r#"{"keys":{"#, r##""k#":{"tpye":"int"}"##, "}}"),
            (r#"{"types":{"#, r##""t#":{"x":"t#"}"##, "}}"),
            (r#"{"shapes":{"s":{"use":"s"},"#, r##""t#":{"use":"s"}"##, "}}"),
            (r#"{"keys":{"#, r##""k#":{"type":"array<array<t#>>"}"##, "}}"),
        ];
        for (begin, one, end) in layouts {
            println!("{one}");
            let text = |most: usize| many(most, begin, one, ",", end);
            is_linear(LAYOUT, text, |text| assert!(Layout::from_json(text).is_err()));
        }
    }

    #[cfg(feature = "toml")]
    #[test]
    fn toml_is_turned_into_a_tree_in_linear_steps() {
        for one in ["[keys.k#]\ntype = \"int\"\n", "keys.k#.type = \"int\"\n", "a b\n"] {
            is_linear(
                FILE / 4,
                |most| many(most, "", one, "", ""),
                |text| Layout::from_toml(text).is_ok(),
            );
        }
    }
}

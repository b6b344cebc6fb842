//! A store as JSON text, to be loaded into another one.
//!
//! ```json
//! {"nestkey_memory": 1, "keys": [
//!   {"key": "root:user:1:age", "type": "string", "value": "30", "expires_at_ms": 1700000120000},
//!   {"key": {"bytes": "/w=="}, "type": "string", "value": {"bytes": "AAE="}}
//! ]}
//! ```

use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

use super::{
    Store,
    table::{Entry, Value},
};
use crate::{
    base64,
    error::{Error, ErrorKind, Result},
    json::{Head, Lexer, Limits, SyntaxError, quote},
    limits,
    order::order,
};

impl Store {
    /// Every key with its value and expiry as JSON text, in the order of the keys; those past their
    /// expiry at that time are left out.
    ///
    /// ```
    /// use nestkey_core::memory::Store;
    /// let dump = r#"{"nestkey_memory": 1, "keys": [
    ///     {"key": "a", "type": "string", "value": "1", "expires_at_ms": 1700000000500}
    /// ]}"#;
    /// let mut store = Store::default();
    /// store.load(dump, 1_700_000_000_000)?;
    /// assert!(store.dump(1_700_000_000_500).contains(r#""key": "a""#));
    /// assert!(!store.dump(1_700_000_000_501).contains(r#""key": "a""#));
    /// # Ok::<(), nestkey_core::error::Error>(())
    /// ```
    #[must_use]
    pub fn dump(&self, now_ms: i64) -> String {
        let entries: Vec<_> = self.database.entries(now_ms).collect();
        let key = |index: usize| entries.get(index).map(|entry| &entry.key);
        let mut out = String::from("{\"nestkey_memory\": 1, \"keys\": [");
        let mut separator = "\n  ";
        for index in order(entries.len(), &|a, b| key(a).cmp(&key(b))) {
            let Some(entry) = entries.get(index) else { continue };
            out.push_str(separator);
            out.push_str("{\"key\": ");
            write_bytes(&entry.key, &mut out);
            let Value::String(string) = &entry.value;
            out.push_str(", \"type\": \"string\", \"value\": ");
            write_bytes(string, &mut out);
            if let Some(at) = entry.expires_at() {
                out.push_str(", \"expires_at_ms\": ");
                out.push_str(&at.to_string());
            }
            out.push('}');
            separator = ",\n  ";
        }
        out.push_str(if entries.is_empty() { "]}" } else { "\n]}" });
        out
    }

    /// Replaces all keys by those of a dump, but those past their expiry by now.
    ///
    /// # Errors
    ///
    /// [`InvalidDump`](ErrorKind::InvalidDump) for what is no dump,
    /// [`ValueTooLarge`](ErrorKind::ValueTooLarge) for more than the store takes; nothing is changed
    /// then.
    pub fn load(&mut self, dump: &str, now_ms: i64) -> Result<()> {
        let mut items = read(dump)?;
        items.retain(|item| item.expires_at.is_none_or(|at| now_ms <= at));
        let bytes = items.iter().map(|item| Entry::bytes_of(&item.key, item.value.len())).sum();
        limits::check(bytes, self.database.max_bytes)?;
        self.reset();
        self.database.now = now_ms;
        for Item { key, value, expires_at } in items {
            self.database.restore(&key, value, expires_at);
        }
        Ok(())
    }

    /// Removes every key.
    pub fn reset(&mut self) {
        self.database.clear();
    }
}

/// As text where it is UTF-8, else as base64.
fn write_bytes(bytes: &[u8], out: &mut String) {
    match core::str::from_utf8(bytes) {
        Ok(text) => quote(text, |piece| out.push_str(piece)),
        Err(_) => {
            out.push_str("{\"bytes\": \"");
            out.push_str(&base64::encode(bytes));
            out.push_str("\"}");
        }
    }
}

/// One key of a dump.
struct Item {
    key: Vec<u8>,
    value: Vec<u8>,
    expires_at: Option<i64>,
}

/// Where the members of an object stand, in the order of their names.
type Places<'a> = Vec<Option<Lexer<'a>>>;

fn read(dump: &str) -> Result<Vec<Item>> {
    // Whoever has the text has the room for it.
    let limits = Limits { bytes: usize::MAX, depth: 8 };
    let mut lexer = Lexer::new(dump.as_bytes(), limits).map_err(|error| syntax(&error))?;
    let whole = Reader { number: 0 };
    let places = whole.members(&mut lexer, &["nestkey_memory", "keys"])?;
    lexer.end().map_err(|error| syntax(&error))?;
    if !matches!(value(&places, 0), Some(Head::Number("1"))) {
        return Err(invalid("wanted `nestkey_memory`, the version of its form, to be 1"));
    }
    let keys = places.get(1).copied().flatten();
    let mut keys = keys.ok_or_else(|| invalid("wanted `keys` to be an array"))?;
    let Head::Array = keys.value().map_err(|error| syntax(&error))? else {
        return Err(invalid("wanted `keys` to be an array"));
    };
    let mut items = Vec::new();
    while keys.element().map_err(|error| syntax(&error))? {
        items.push(Reader { number: items.len() + 1 }.item(&mut keys)?);
    }
    let key = |index: usize| items.get(index).map(|item: &Item| &item.key);
    let sorted = order(items.len(), &|a, b| key(a).cmp(&key(b)));
    match sorted.windows(2).find(|pair| key(pair[0]) == key(pair[1])) {
        Some(pair) => Err(Reader { number: pair[1] + 1 }.refused("it stands twice")),
        None => Ok(items),
    }
}

/// The head of a member's value, which was read before.
fn value<'a>(places: &[Option<Lexer<'a>>], index: usize) -> Option<Head<'a>> {
    places.get(index).copied().flatten()?.value().ok()
}

/// Reads the key of that number, counted from 1, or the whole dump as 0.
struct Reader {
    number: usize,
}

impl Reader {
    fn item(&self, lexer: &mut Lexer<'_>) -> Result<Item> {
        let places = self.members(lexer, &["key", "type", "value", "expires_at_ms"])?;
        let key = self.bytes(&places, 0).ok_or_else(|| self.no_bytes("key"))?;
        match value(&places, 1) {
            Some(Head::String(kind)) if kind.is("string") => {}
            _ => return Err(self.refused("wanted `type` to be \"string\"")),
        }
        let string = self.bytes(&places, 2).ok_or_else(|| self.no_bytes("value"))?;
        let expires_at = match value(&places, 3) {
            None => None,
            Some(Head::Number(text)) if !text.starts_with('-') => text.parse().ok(),
            Some(_) => None,
        };
        if expires_at.is_none() && value(&places, 3).is_some() {
            let wanted = "wanted `expires_at_ms` to be a whole number of Unix milliseconds";
            return Err(self.refused(wanted));
        }
        Ok(Item { key, value: string, expires_at })
    }

    /// Reads an object and remembers where the values of its members stand.
    fn members<'a>(&self, lexer: &mut Lexer<'a>, names: &[&str]) -> Result<Places<'a>> {
        let Head::Object = lexer.value().map_err(|error| syntax(&error))? else {
            return Err(self.refused("wanted an object"));
        };
        let mut places = vec![None; names.len()];
        while let Some(found) = lexer.member().map_err(|error| syntax(&error))? {
            let index = names.iter().position(|name| found.is(name));
            // A name that is not known is not shown: the dump may be another file.
            let Some(place) = index.and_then(|index| places.get_mut(index)) else {
                let names = names.join("`, `");
                return Err(self.refused(&format!("wanted no other members than `{names}`")));
            };
            if place.replace(*lexer).is_some() {
                return Err(self.refused("a member stands twice"));
            }
            lexer.skip().map_err(|error| syntax(&error))?;
        }
        Ok(places)
    }

    /// A text, or `{"bytes": "<base64>"}`.
    fn bytes(&self, places: &[Option<Lexer<'_>>], index: usize) -> Option<Vec<u8>> {
        match value(places, index)? {
            Head::String(text) => {
                let mut bytes = text.text().into_owned().into_bytes();
                // What escapes took besides would count as the store's.
                bytes.shrink_to_fit();
                Some(bytes)
            }
            Head::Object => {
                let mut object = places.get(index).copied().flatten()?;
                let inside = self.members(&mut object, &["bytes"]).ok()?;
                match value(&inside, 0)? {
                    Head::String(text) => base64::decode(&text.text()),
                    _ => None,
                }
            }
            Head::Array | Head::Bool(_) | Head::Null | Head::Number(_) => None,
        }
    }

    #[cold]
    fn no_bytes(&self, name: &str) -> Error {
        self.refused(&format!("wanted `{name}` to be a text or {{\"bytes\": base64}}"))
    }

    #[cold]
    fn refused(&self, what: &str) -> Error {
        match self.number {
            0 => invalid(what),
            number => invalid(&format!("key {number}: {what}")),
        }
    }
}

#[cold]
fn syntax(error: &SyntaxError) -> Error {
    invalid(&error.to_string())
}

#[cold]
fn invalid(what: &str) -> Error {
    Error::new(ErrorKind::InvalidDump, format!("the dump: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        command::{Batch, Class},
        memory::SessionId,
        reply::Reply,
    };

    const NOW: i64 = 1_700_000_000_000;

    fn run(store: &mut Store, commands: &[&[&[u8]]], now: i64) -> Vec<Reply> {
        let mut batch = Batch::default();
        for command in commands {
            let [name, args @ ..] = command else { continue };
            let mut made = batch.command(str::from_utf8(name).unwrap(), Class::Idempotent);
            for arg in args {
                made = made.arg(arg);
            }
        }
        let mut replies = Vec::new();
        store.exchange(SessionId(0), now, &batch, &mut replies);
        replies
    }

    const DUMP: &str = concat!(
        "{\"nestkey_memory\": 1, \"keys\": [\n",
        "  {\"key\": \"a\", \"type\": \"string\", \"value\": \"\\\"é\\n\\u0000\"},\n",
        "  {\"key\": \"b\", \"type\": \"string\", \"value\": {\"bytes\": \"/wA=\"}},\n",
        "  {\"key\": \"c\", \"type\": \"string\", \"value\": \"\", \"expires_at_ms\": 1700000000500},\n",
        "  {\"key\": {\"bytes\": \"/w==\"}, \"type\": \"string\", \"value\": \"x\"}\n",
        "]}"
    );

    fn filled() -> Store {
        let mut store = Store::seeded(7);
        let sets: &[&[&[u8]]] = &[
            &[b"SET", b"\xff", b"x"],
            &[b"SET", b"c", b"", b"PX", b"500"],
            &[b"SET", b"b", b"\xff\0"],
            &[b"SET", b"a", "\"é\n\0".as_bytes()],
            &[b"SET", b"gone", b"1", b"PX", b"1"],
        ];
        run(&mut store, sets, NOW);
        store
    }

    #[test]
    fn a_dump_is_what_the_docs_say_in_the_order_of_the_keys() {
        assert_eq!(filled().dump(NOW + 2), DUMP);
        assert_eq!(Store::default().dump(NOW), "{\"nestkey_memory\": 1, \"keys\": []}");
    }

    #[test]
    fn a_dump_that_is_loaded_is_all_that_is_there() {
        let mut store = Store::default();
        run(&mut store, &[&[b"SET", b"other", b"1"], &[b"SET", b"a", b"1", b"EX", b"9"]], NOW);
        store.load(DUMP, NOW).unwrap();
        assert_eq!(store.dump(NOW), DUMP);
        let asked: &[&[&[u8]]] = &[&[b"GET", b"b"], &[b"PTTL", b"c"], &[b"PTTL", b"a"]];
        let wanted = [Reply::Bulk(vec![0xff, 0]), Reply::Int(499), Reply::Int(-1)];
        assert_eq!(run(&mut store, asked, NOW + 1), wanted);
        store.load(DUMP, NOW + 501).unwrap();
        assert_eq!(run(&mut store, &[&[b"EXISTS", b"a", b"c"]], NOW + 501), [Reply::Int(1)]);
    }

    #[test]
    fn what_was_watched_has_changed_when_a_dump_is_loaded() {
        for (watched, changed) in [("a", true), ("c", true), ("other", false)] {
            let mut store = Store::default();
            run(&mut store, &[&[b"SET", b"a", b"1"]], NOW);
            run(&mut store, &[&[b"WATCH", watched.as_bytes()]], NOW);
            store.load(DUMP, NOW).unwrap();
            let replies = run(&mut store, &[&[b"MULTI"], &[b"EXEC"]], NOW);
            assert_eq!(replies[1] == Reply::Nil, changed, "{watched}");
        }
    }

    #[test]
    fn a_store_that_was_reset_is_empty() {
        let mut store = filled();
        store.reset();
        assert_eq!(store.dump(NOW), Store::default().dump(NOW));
        assert_eq!(run(&mut store, &[&[b"SET", b"a", b"1"]], NOW), [Reply::ok()]);
    }

    #[test]
    fn more_than_a_store_takes_is_not_loaded_and_changes_nothing() {
        let mut store = filled();
        let dump = store.dump(NOW + 2);
        store.set_max_bytes(100);
        let error = store.load(&dump, NOW).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ValueTooLarge);
        assert_eq!(store.dump(NOW + 2), dump);
        // What escapes take in the text is not what is stored.
        let escaped = format!(
            r#"{{"nestkey_memory": 1, "keys": [{{"key": "a", "type": "string", "value": "{}"}}]}}"#,
            r"\u0000".repeat(1000)
        );
        store.set_max_bytes(1500);
        store.load(&escaped, NOW).unwrap();
        assert_eq!(run(&mut store, &[&[b"SET", b"b", b"1"]], NOW), [Reply::ok()]);
    }

    #[test]
    fn what_is_no_dump_says_why_and_changes_nothing() {
        let key = |members: &str| format!("{{\"nestkey_memory\": 1, \"keys\": [{{{members}}}]}}");
        let string = r#""type": "string", "value": "x""#;
        let refused = [
            (String::from("root"), "expected a value at byte 0"),
            (format!("{DUMP}x"), "expected the end of the text at byte"),
            (String::from("[]"), "the dump: wanted an object"),
            (String::from("{}"), "wanted `nestkey_memory`, the version of its form, to be 1"),
            (String::from(r#"{"nestkey_memory": 2, "keys": []}"#), "to be 1"),
            (String::from(r#"{"nestkey_memory": 1}"#), "wanted `keys`"),
            (String::from(r#"{"nestkey_memory": 1, "keys": {}}"#), "wanted `keys` to be an array"),
            (
                String::from(r#"{"nestkey_memory": 1, "keys": [], "x": 1}"#),
                "wanted no other members than",
            ),
            (
                String::from(r#"{"nestkey_memory": 1, "keys": [], "keys": []}"#),
                "a member stands twice",
            ),
            (String::from(r#"{"nestkey_memory": 1, "keys": [5]}"#), "key 1: wanted an object"),
            (key(""), "key 1: wanted `key` to be a text or {\"bytes\": base64}"),
            (key(r#""key": "a", "value": "x""#), "key 1: wanted `type` to be \"string\""),
            (key(r#""key": "a", "type": "list", "value": ["x"]"#), "key 1: wanted `type` to be"),
            (
                key(r#""key": "a", "type": "string", "value": 5"#),
                "key 1: wanted `value` to be a text",
            ),
            (key(r#""key": "a", "type": "string", "value": {"bytes": "_w=="}"#), "wanted `value`"),
            (key(r#""key": "a", "type": "string", "value": {"text": "a"}"#), "wanted `value`"),
            (key(&format!(r#""key": "a", {string}, "ttl": 5"#)), "key 1: wanted no other members"),
            (
                key(&format!(r#""key": "a", {string}, "expires_at_ms": -1"#)),
                "wanted `expires_at_ms`",
            ),
            (
                key(&format!(r#""key": "a", {string}, "expires_at_ms": 1.5"#)),
                "wanted `expires_at_ms`",
            ),
            (
                key(&format!(r#""key": "a", {string}, "expires_at_ms": null"#)),
                "wanted `expires_at_ms`",
            ),
            (
                key(&format!(r#""key": "a", {string}}}, {{"key": {{"bytes": "YQ=="}}, {string}"#)),
                "key 2: it stands twice",
            ),
        ];
        let mut store = filled();
        for (dump, message) in refused {
            let error = store.load(&dump, NOW).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidDump);
            assert!(error.message().contains(message), "{dump}: {}", error.message());
        }
        assert_eq!(store.dump(NOW + 2), DUMP);
    }
}

//! Layout files in TOML: the same tree, with the same places.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use toml::{
    Spanned,
    de::{DeInteger, DeTable, DeValue},
};

use crate::{
    error::{Error, ErrorKind, Issue, Result},
    json::{self, Member, Node, Places, Value},
    layout::{Layout, MAX_ISSUES},
};

impl Layout {
    /// Reads and checks a layout file in TOML.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidFile`](crate::error::ErrorKind::InvalidFile) for a text that is no TOML,
    /// [`ErrorKind::InvalidLayout`](crate::error::ErrorKind::InvalidLayout) otherwise; both with
    /// every problem, its line and its column.
    ///
    /// ```
    /// use nestkey_core::layout::Layout;
    /// let layout = Layout::from_toml(r#"
    ///     prefix = "root"
    ///     [namespaces.user]
    ///     prefix = "user:{user_id:int}"
    ///     keys.age = { type = "int", default = 0 }
    /// "#)?;
    /// assert_eq!(layout.resolve("user(1).age", "")?.1.as_str(), "root:user:1:age");
    /// # Ok::<(), nestkey_core::error::Error>(())
    /// ```
    pub fn from_toml(text: &str) -> Result<Self> {
        Self::from_tree(&read(text)?, Some(text))
    }
}

/// Reads TOML as the tree that JSON gives: members in the order of the file, datetimes as text.
///
/// # Errors
///
/// A text of more than 1 MiB; otherwise the first 100 places that are no TOML.
pub fn read(text: &str) -> Result<Node> {
    let most = json::Limits::default().bytes;
    if text.len() > most {
        let message = format!("a text of {} bytes, {most} at most are read", text.len());
        return Err(Error::new(ErrorKind::InvalidFile, message));
    }
    let (table, mut errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let at = table.span().start as u32;
        return Ok(Node { at, value: Value::Object(members(table.into_inner())) });
    }
    let at = |error: &toml::de::Error| error.span().map_or(0, |span| span.start as u32);
    errors.sort_by_key(at);
    let more = errors.len().saturating_sub(MAX_ISSUES);
    errors.truncate(MAX_ISSUES);
    let mut places = Places::of(text.as_bytes());
    let issue = |error: &toml::de::Error| {
        let message = match error.message().trim_end() {
            message if message.contains("recurs") => {
                String::from("arrays, tables and dotted names nest deeper than 80")
            }
            message => message.replace('\n', ", "),
        };
        Issue::new("", message).placed(Some(places.place(at(error))))
    };
    Err(Error::file("TOML", errors.iter().map(issue).collect(), more))
}

fn members(table: DeTable<'_>) -> Vec<Member> {
    let member = |(name, value): (Spanned<_>, Spanned<DeValue<'_>>)| {
        let at = name.span().start as u32;
        let name: alloc::borrow::Cow<'_, str> = name.into_inner();
        Member { name: name.into_owned(), at, node: node(value) }
    };
    let mut members: Vec<_> = table.into_iter().map(member).collect();
    members.sort_by_key(|member| member.at);
    members
}

fn node(value: Spanned<DeValue<'_>>) -> Node {
    let at = value.span().start as u32;
    let value = match value.into_inner() {
        DeValue::Array(items) => Value::Array(items.into_iter().map(node).collect()),
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Datetime(value) => Value::String(value.to_string()),
        // `inf` and `nan` stay what they are: no number that JSON has.
        DeValue::Float(value) => Value::Number(value.as_str().trim_start_matches('+').into()),
        DeValue::Integer(value) => Value::Number(integer(&value)),
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Table(table) => Value::Object(members(table)),
    };
    Node { at, value }
}

/// In decimal, whatever its radix; one that is too long for any type stays as it is.
fn integer(value: &DeInteger<'_>) -> String {
    i128::from_str_radix(value.as_str(), value.radix())
        .map_or_else(|_| value.as_str().into(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn toml_and_json_give_the_same_tree() {
        let toml = "b = 0x1F\na.x = [1.5, 'two', true]\n[c]\nd = { e = 1_000 }\n";
        let json = r#"{"b":31,"a":{"x":[1.5,"two",true]},"c":{"d":{"e":1000}}}"#;
        assert_eq!(
            read(toml).unwrap().to_string(),
            json::read(json.as_bytes()).unwrap().to_string()
        );
    }

    #[test]
    fn every_place_that_is_no_toml_is_reported() {
        let error = read("a = \nb = 1\nc = ]\n").unwrap_err();
        let places: Vec<_> = error.issues().iter().filter_map(|issue| issue.place).collect();
        assert!(places.iter().any(|(line, _)| *line == 1), "{error}");
        assert!(places.iter().any(|(line, _)| *line == 3), "{error}");
    }

    #[test]
    fn a_text_that_is_no_toml_at_all_is_refused_with_its_first_places() {
        let error = read(&"a b\n".repeat(80_000)).unwrap_err();
        let places: Vec<_> = error.issues().iter().filter_map(|issue| issue.place).collect();
        assert_eq!(places.len(), 100);
        assert_eq!((places[0], places[99]), ((1, 3), (100, 3)));
        let large = "#".repeat((1 << 20) + 1);
        assert_eq!(read(&large).unwrap_err().kind(), ErrorKind::InvalidFile);
        assert!(read(&large[1..]).is_ok());
    }

    #[test]
    fn problems_of_a_layout_have_their_line_and_column() {
        let error =
            Layout::from_toml("prefix = 'root'\n[keys]\nage = { tpye = 'int' }\n").unwrap_err();
        let issue = &error.issues()[0];
        assert_eq!((issue.place, &issue.path[..]), (Some((3, 9)), "age"));
        assert!(issue.message.contains("tpye"), "{issue}");
    }
}

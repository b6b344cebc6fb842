//! Trees made by programs: their places are all 0.

use alloc::string::{String, ToString};

use super::{Member, Node, Value};

impl Node {
    /// A node of a program's own.
    #[must_use]
    pub const fn new(value: Value) -> Self {
        Self { at: 0, value }
    }

    /// `null`.
    #[must_use]
    pub const fn null() -> Self {
        Self::new(Value::Null)
    }

    /// A string.
    pub fn string(text: impl Into<String>) -> Self {
        Self::new(Value::String(text.into()))
    }

    /// A number as it is displayed.
    pub fn number<N: ToString + ?Sized>(number: &N) -> Self {
        Self::new(Value::Number(number.to_string()))
    }

    /// An array.
    pub fn array(elements: impl IntoIterator<Item = Self>) -> Self {
        Self::new(Value::Array(elements.into_iter().collect()))
    }

    /// An object; the names are to differ.
    ///
    /// ```
    /// use nestkey_core::json::Node;
    /// let node = Node::object([("n", Node::number(&1)), ("s", Node::string("x"))]);
    /// assert_eq!(node.to_string(), r#"{"n":1,"s":"x"}"#);
    /// ```
    pub fn object<N: Into<String>>(members: impl IntoIterator<Item = (N, Self)>) -> Self {
        let member = |(name, node): (N, Self)| Member { name: name.into(), at: 0, node };
        Self::new(Value::Object(members.into_iter().map(member).collect()))
    }
}

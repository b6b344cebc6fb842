//! JSON objects of which some members may be missing.

use nestkey::core::json::{Node, Value};

/// An object, member by member.
#[derive(Debug, Default)]
pub(crate) struct Object(Vec<(String, Node)>);

impl Object {
    pub(crate) fn with(mut self, name: &str, node: Node) -> Self {
        self.0.push((name.to_owned(), node));
        self
    }

    /// A member that is left out when there is none.
    pub(crate) fn with_some(self, name: &str, node: Option<Node>) -> Self {
        match node {
            Some(node) => self.with(name, node),
            None => self,
        }
    }

    /// A flag that is left out when it is not set.
    pub(crate) fn with_flag(self, name: &str, flag: bool) -> Self {
        self.with_some(name, flag.then(|| truth(true)))
    }

    /// A text that is left out when it is empty.
    pub(crate) fn with_text(self, name: &str, text: &str) -> Self {
        self.with_some(name, (!text.is_empty()).then(|| Node::string(text)))
    }

    /// A number that is left out when it is 0.
    pub(crate) fn with_count(self, name: &str, count: usize) -> Self {
        self.with_some(name, (count > 0).then(|| Node::number(&count)))
    }

    pub(crate) fn node(self) -> Node {
        Node::object(self.0)
    }
}

pub(crate) fn truth(value: bool) -> Node {
    Node::new(Value::Bool(value))
}

//! What handles know of themselves.

use nestkey_core::{
    call::Target,
    json::{Member, Node, Value},
};

use crate::{Entry, Namespace, Root, rim};

impl Namespace<'_> {
    /// Everything about the namespace and what is below it, as a tree:
    /// [`Layout::describe_namespace`](nestkey_core::layout::Layout::describe_namespace), with
    /// `given` (its parameters from the root down) and `resolved` (the prefix) in front.
    ///
    /// `{}` prints it as one line of JSON, `{:#}` indented. Sensitive parameters are `{name}`, and
    /// `resolved` is left out where there is one.
    ///
    /// ```
    /// # use nestkey::{Client, Layout};
    /// # let layout = Layout::from_json(r#"{"namespaces": {"user": {
    /// #     "prefix": "user:{user_id:int}", "keys": {"age": {"type": "int", "ttl": "2m"}}}}}"#)?;
    /// # let (client, _) = Client::memory();
    /// # let root = client.bind(&layout);
    /// let text = format!("{:#}", root.namespace("user", [7])?.describe());
    /// assert!(text.contains(r#""prefix": "user:{user_id:int}""#));
    /// assert!(text.contains(r#""resolved": "user:7""#));
    /// # Ok::<(), nestkey::Error>(())
    /// ```
    #[must_use]
    pub fn describe(&self) -> Node {
        let target = Target::Namespace(self.id());
        let node = self.root().layout().describe_namespace(self.id());
        resolved(self.root(), target, self.key(), node)
    }
}

impl<K> Entry<'_, K> {
    /// Everything about the entry, as a tree:
    /// [`Layout::describe_entry`](nestkey_core::layout::Layout::describe_entry), with `given` (its
    /// parameters from the root down) and `resolved` (the key) in front; printed as that of
    /// [`Namespace::describe`].
    #[must_use]
    pub fn describe(&self) -> Node {
        let node = self.root().layout().describe_entry(self.id());
        resolved(self.root(), Target::Entry(self.id()), self.as_key(), node)
    }
}

/// A description with what is given in front.
fn resolved(root: &Root, target: Target, key: &nestkey_core::key::Key, node: Node) -> Node {
    let Value::Object(members) = node.value else { return node };
    let params: Vec<_> = rim::params(root, target, key).collect();
    let is_sensitive = params.iter().any(|(_, spec, _)| spec.sensitive);
    let given = params.iter().map(|(_, spec, given)| {
        let shown = if spec.sensitive { format!("{{{}}}", spec.name) } else { rim::text(given) };
        (&spec.name[..], Node::string(shown))
    });
    let mut all = vec![Member { name: "given".into(), at: 0, node: Node::object(given) }];
    if !is_sensitive {
        all.push(Member { name: "resolved".into(), at: 0, node: Node::string(key.as_str()) });
    }
    all.extend(members);
    Node::new(Value::Object(all))
}

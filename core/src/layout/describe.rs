//! What a layout knows about itself, as a tree for people and hosts.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    vec::Vec,
};

use super::model::{Codec, Entry, EntryId, Layout, Legacy, Namespace, NamespaceId, OnFailure};
use crate::{
    json::{Member, Node, Value},
    key::param::ParamSpec,
    ttl::Ttl,
    types::{Constraints, Kind},
    value,
};

impl Layout {
    /// The whole layout as a tree: `name`, `doc`, `types`, `foreign` and the root namespace.
    ///
    /// A namespace has `id`, `name`, `path`, `template` (its own part), `prefix` (the whole
    /// template), `params`, `ttl`, `keys` and `namespaces`. A key has `id`, `name`, `path`,
    /// `template`, `key` (the whole template), `kind`, `type`, `codec`, `params`, `ttl`,
    /// `ttl_from`, `renew`, and `default`, `stale` and `jitter` if it has them. `doc` and `deprecated` stand where they
    /// are declared, `on_invalid` and `on_unavailable` where they are `missing`, `max_size` in bytes
    /// where it is declared, `cost` where
    /// passwords are hashed, the words of `legacy`.
    #[must_use]
    pub fn describe(&self) -> Node {
        let mut object = Object::default();
        object.text("name", &self.name);
        object.put(
            "types",
            Node::array(self.records.iter().map(|record| {
                let mut object = Object::default();
                object.text("name", &record.name);
                object.put(
                    "fields",
                    Node::array(record.fields.iter().map(|field| {
                        let mut object = Object::default();
                        object.text("name", &field.name);
                        object.text("type", &field.ty.display(&self.records).to_string());
                        object.constraints(&field.constraints);
                        object.node()
                    })),
                );
                object.node()
            })),
        );
        object.put("foreign", Node::array(self.foreign.iter().map(Node::string)));
        object.put("root", self.describe_namespace(NamespaceId::ROOT));
        object.node()
    }

    /// One namespace and everything below it; see [`describe`](Self::describe).
    #[must_use]
    pub fn describe_namespace(&self, id: NamespaceId) -> Node {
        let Ok(namespace) = self.namespace(id) else { return Node::null() };
        let mut object = Object::default();
        object.put("id", Node::number(&id.index()));
        object.text("name", &namespace.name);
        object.text("path", &namespace.path);
        object.text("template", &namespace.template.text);
        object.text("prefix", &self.whole(namespace, ""));
        object.note("doc", if namespace.parent.is_some() { &namespace.doc } else { &self.doc });
        object.note("deprecated", namespace.deprecated.as_deref().unwrap_or_default());
        object.put("params", Node::array(namespace.params.iter().map(param)));
        object
            .put("ttl", namespace.ttl.map_or_else(Node::null, |ttl| Node::string(ttl.to_string())));
        object
            .put("keys", Node::array(namespace.entries.iter().map(|id| self.describe_entry(*id))));
        object.put(
            "namespaces",
            Node::array(namespace.children.iter().map(|id| self.describe_namespace(*id))),
        );
        object.node()
    }

    /// One entry; see [`describe`](Self::describe).
    #[must_use]
    pub fn describe_entry(&self, id: EntryId) -> Node {
        let Ok(entry) = self.entry(id) else { return Node::null() };
        let mut object = Object::default();
        object.put("id", Node::number(&id.index()));
        object.text("name", &entry.name);
        object.text("path", &entry.path);
        object.text("template", &entry.template.text);
        object.text("key", &self.template_of(entry));
        object.note("doc", &entry.doc);
        object.note("deprecated", entry.deprecated.as_deref().unwrap_or_default());
        object.text("kind", entry.kind.name());
        object.text("type", &entry.ty.display(&self.records).to_string());
        object.constraints(&entry.constraints);
        object.text(
            "codec",
            match entry.codec {
                Codec::Bare => "bare",
                Codec::Envelope => "envelope",
            },
        );
        object.put("params", Node::array(entry.params.iter().map(param)));
        object.put("ttl", entry.ttl.map_or_else(Node::null, |ttl| Node::string(ttl.to_string())));
        object.note("ttl_from", if entry.ttl.is_some() { &entry.ttl_from } else { "" });
        object.text("renew", entry.renew.name());
        if entry.stale_ms > 0 {
            object.text("stale", &Ttl::For(entry.stale_ms).to_string());
        }
        if entry.jitter > 0 {
            object.text("jitter", &format!("{}%", entry.jitter));
        }
        for (name, on_failure) in
            [("on_invalid", entry.on_invalid), ("on_unavailable", entry.on_unavailable)]
        {
            object.note(name, if on_failure == OnFailure::Missing { "missing" } else { "" });
        }
        if let Some(bytes) = entry.max_size {
            object.put("max_size", Node::number(&bytes));
        }
        if entry.kind == Kind::Password {
            object.put("cost", Node::number(&entry.cost));
        }
        if entry.legacy != Legacy::default() {
            object.put("legacy", Node::array(entry.legacy.words().map(Node::string)));
        }
        if let Some(default) = &entry.default {
            // Those that cannot be written are refused with the layout.
            if let Ok(node) = value::plain::to_node(default, &entry.ty, &self.records) {
                object.put("default", node);
            }
        }
        if !entry.fields.is_empty() {
            object.put(
                "fields",
                Node::array(entry.fields.iter().map(|field| {
                    let mut object = Object::default();
                    object.text("name", &field.name);
                    object.text("kind", field.kind.name());
                    object.text("type", &field.ty.display(&self.records).to_string());
                    object.constraints(&field.constraints);
                    object.node()
                })),
            );
        }
        object.node()
    }

    /// The whole template of an entry: `root:user:{user_id:int}:age`.
    #[must_use]
    pub fn template_of(&self, entry: &Entry) -> String {
        self.namespace(entry.namespace)
            .map_or_else(|_| String::new(), |found| self.whole(found, &entry.template.text))
    }

    fn whole(&self, namespace: &Namespace, last: &str) -> String {
        let mut parts: Vec<&str> = Vec::from([last]);
        let mut at = Some(namespace);
        while let Some(found) = at {
            parts.push(&found.template.text);
            at = found.parent.and_then(|parent| self.namespace(parent).ok());
        }
        parts.retain(|part| !part.is_empty());
        parts.reverse();
        parts.join(":")
    }
}

fn param(spec: &ParamSpec) -> Node {
    let mut object = Object::default();
    object.text("name", &spec.name);
    object.text("type", spec.ty.name());
    object.note("doc", &spec.doc);
    object.constraints(&spec.constraints);
    for (name, flag) in [
        ("allow_empty", spec.allow_empty),
        ("sensitive", spec.sensitive),
        ("verbatim", spec.verbatim),
    ] {
        if flag {
            object.put(name, Node::new(Value::Bool(true)));
        }
    }
    object.node()
}

#[derive(Default)]
struct Object(Vec<Member>);

impl Object {
    fn put(&mut self, name: &str, node: Node) {
        self.0.push(Member { name: name.to_owned(), at: 0, node });
    }

    fn text(&mut self, name: &str, value: &str) {
        self.put(name, Node::string(value));
    }

    /// A text that is left out when there is none.
    fn note(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.text(name, value);
        }
    }

    fn constraints(&mut self, constraints: &Constraints) {
        for (name, bound) in [("min", constraints.min), ("max", constraints.max)] {
            if let Some(bound) = bound {
                self.put(name, Node::number(&bound));
            }
        }
        if let Some(max) = constraints.max_length {
            self.put("max_length", Node::number(&max));
        }
        for (name, texts) in [("one_of", &constraints.one_of), ("none_of", &constraints.none_of)] {
            if !texts.is_empty() {
                self.put(name, Node::array(texts.iter().map(Node::string)));
            }
        }
        if let Some(format) = constraints.format {
            self.text("format", format.name());
        }
    }

    fn node(self) -> Node {
        Node::new(Value::Object(self.0))
    }
}

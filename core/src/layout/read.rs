//! The file's tree as declarations: shapes and field names are checked here, meanings later.

use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

use super::{name, place::Issues};
use crate::json::{Member, Node, Value};

/// Something declared, and where in the file.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) at: u32,
    pub(super) is: T,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Declared {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) foreign: Vec<String>,
    pub(super) types: Vec<(At<String>, Vec<DeclaredField>)>,
    pub(super) params: Vec<DeclaredParam>,
    pub(super) shapes: Vec<DeclaredNamespace>,
    pub(super) root: DeclaredNamespace,
}

#[derive(Clone, Debug, Default)]
pub(super) struct DeclaredNamespace {
    pub(super) at: u32,
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) deprecated: Option<String>,
    pub(super) prefix: Option<At<String>>,
    pub(super) shape: Option<At<String>>,
    pub(super) ttl: Option<At<String>>,
    pub(super) renew: Option<At<String>>,
    pub(super) reserved: Vec<String>,
    pub(super) params: Vec<DeclaredParam>,
    pub(super) keys: Vec<DeclaredKey>,
    pub(super) children: Vec<Self>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct DeclaredKey {
    pub(super) at: u32,
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) deprecated: Option<String>,
    pub(super) kind: Option<At<String>>,
    pub(super) ty: Option<At<String>>,
    pub(super) template: Option<At<String>>,
    pub(super) ttl: Option<At<String>>,
    pub(super) renew: Option<At<String>>,
    pub(super) codec: Option<At<String>>,
    pub(super) cost: Option<At<i128>>,
    pub(super) legacy_plaintext: Option<At<String>>,
    pub(super) on_invalid: Option<At<String>>,
    pub(super) on_unavailable: Option<At<String>>,
    pub(super) default: Option<Node>,
    pub(super) constraints: DeclaredConstraints,
    pub(super) params: Vec<DeclaredParam>,
    pub(super) fields: Option<(u32, Vec<DeclaredField>)>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct DeclaredParam {
    pub(super) at: u32,
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) ty: Option<At<String>>,
    pub(super) encoding: Option<At<String>>,
    pub(super) allow_empty: bool,
    pub(super) sensitive: bool,
    pub(super) constraints: DeclaredConstraints,
}

#[derive(Clone, Debug, Default)]
pub(super) struct DeclaredField {
    pub(super) at: u32,
    pub(super) name: String,
    pub(super) kind: Option<At<String>>,
    pub(super) ty: Option<At<String>>,
    pub(super) constraints: DeclaredConstraints,
}

#[derive(Clone, Debug, Default)]
pub(super) struct DeclaredConstraints {
    pub(super) min: Option<At<i128>>,
    pub(super) max: Option<At<i128>>,
    pub(super) max_length: Option<At<i128>>,
    pub(super) one_of: Option<At<Vec<String>>>,
    pub(super) none_of: Option<At<Vec<String>>>,
    pub(super) format: Option<At<String>>,
}

/// Reads a whole layout; what is wrong goes to the issues, the rest is read on.
pub(super) fn read(node: &Node, issues: &mut Issues<'_>) -> Declared {
    let mut reader = Reader { issues, path: String::new() };
    reader.layout(node)
}

struct Reader<'r, 's> {
    issues: &'r mut Issues<'s>,
    path: String,
}

impl Reader<'_, '_> {
    fn layout(&mut self, node: &Node) -> Declared {
        let mut layout = Declared::default();
        layout.root.at = node.at;
        for member in self.table(node, "a layout") {
            let node = &member.node;
            match &member.name[..] {
                "nestkey" => self.version(node),
                "name" => layout.name = self.plain(node),
                "foreign" => layout.foreign = self.texts(node).map_or_else(Vec::new, |at| at.is),
                "types" => {
                    layout.types = self.named(node, |reader, name, node| {
                        let at = At { at: node.at, is: name.to_owned() };
                        (at, reader.fields(node))
                    });
                }
                "shapes" => layout.shapes = self.named(node, Self::namespace),
                _ => self.namespace_field(&mut layout.root, member),
            }
        }
        layout.params = core::mem::take(&mut layout.root.params);
        layout.doc = core::mem::take(&mut layout.root.doc);
        layout
    }

    fn version(&mut self, node: &Node) {
        if !matches!(&node.value, Value::Number(text) if text == "1") {
            self.wrong(node.at, "`nestkey` is the version of the file's form: 1");
        }
    }

    fn namespace(&mut self, name: &str, node: &Node) -> DeclaredNamespace {
        let mut namespace =
            DeclaredNamespace { at: node.at, name: name.to_owned(), ..Default::default() };
        for member in self.table(node, "a namespace") {
            self.namespace_field(&mut namespace, member);
        }
        namespace
    }

    fn namespace_field(&mut self, namespace: &mut DeclaredNamespace, member: &Member) {
        let node = &member.node;
        match &member.name[..] {
            "deprecated" => namespace.deprecated = Some(self.plain(node)),
            "doc" => namespace.doc = self.plain(node),
            "keys" => namespace.keys = self.named(node, Self::key),
            "namespaces" => namespace.children = self.named(node, Self::namespace),
            "params" => namespace.params = self.named(node, Self::param),
            "prefix" => namespace.prefix = self.text(node),
            "renew" => namespace.renew = self.text(node),
            "reserved" => namespace.reserved = self.texts(node).map_or_else(Vec::new, |at| at.is),
            "ttl" => namespace.ttl = self.text_or_number(node),
            "use" => namespace.shape = self.text(node),
            _ => self.unknown(member, "a namespace"),
        }
    }

    fn key(&mut self, name: &str, node: &Node) -> DeclaredKey {
        let mut key = DeclaredKey { at: node.at, name: name.to_owned(), ..Default::default() };
        for member in self.table(node, "a key") {
            let node = &member.node;
            match &member.name[..] {
                "codec" => key.codec = self.text(node),
                "cost" => key.cost = self.int(node),
                "default" => key.default = Some(node.clone()),
                "deprecated" => key.deprecated = Some(self.plain(node)),
                "doc" => key.doc = self.plain(node),
                "fields" => key.fields = Some((node.at, self.fields(node))),
                "kind" => key.kind = self.text(node),
                "legacy_plaintext" => key.legacy_plaintext = self.text(node),
                "on_invalid" => key.on_invalid = self.text(node),
                "on_unavailable" => key.on_unavailable = self.text(node),
                "params" => key.params = self.named(node, Self::param),
                "renew" => key.renew = self.text(node),
                "template" => key.template = self.text(node),
                "ttl" => key.ttl = self.text_or_number(node),
                "type" => key.ty = self.text(node),
                _ => self.constraint(&mut key.constraints, member, "a key"),
            }
        }
        key
    }

    fn param(&mut self, name: &str, node: &Node) -> DeclaredParam {
        let mut param = DeclaredParam { at: node.at, name: name.to_owned(), ..Default::default() };
        for member in self.table(node, "a parameter") {
            let node = &member.node;
            match &member.name[..] {
                "allow_empty" => param.allow_empty = self.flag(node),
                "doc" => param.doc = self.plain(node),
                "encoding" => param.encoding = self.text(node),
                "sensitive" => param.sensitive = self.flag(node),
                "type" => param.ty = self.text(node),
                _ => self.constraint(&mut param.constraints, member, "a parameter"),
            }
        }
        param
    }

    fn fields(&mut self, node: &Node) -> Vec<DeclaredField> {
        let mut fields = Vec::new();
        for Member { name, at, node } in self.table(node, "a table of fields") {
            let mut field =
                DeclaredField { at: *at, name: name.to_owned(), ..DeclaredField::default() };
            if let Value::String(text) = &node.value {
                field.ty = Some(At { at: node.at, is: text.clone() });
            } else {
                for member in self.table(node, "a field's type, or a table with its `type`") {
                    match &member.name[..] {
                        "doc" => drop(self.plain(&member.node)),
                        "kind" => field.kind = self.text(&member.node),
                        "type" => field.ty = self.text(&member.node),
                        _ => self.constraint(&mut field.constraints, member, "a field"),
                    }
                }
            }
            fields.push(field);
        }
        fields
    }

    fn constraint(&mut self, into: &mut DeclaredConstraints, member: &Member, what: &str) {
        let node = &member.node;
        match &member.name[..] {
            "format" => into.format = self.text(node),
            "max" => into.max = self.int(node),
            "max_length" => into.max_length = self.int(node),
            "min" => into.min = self.int(node),
            "none_of" => into.none_of = self.texts(node),
            "one_of" => into.one_of = self.texts(node),
            _ => self.unknown(member, what),
        }
    }

    /// The members of a table whose names the user chose.
    fn named<T>(&mut self, node: &Node, read: impl Fn(&mut Self, &str, &Node) -> T) -> Vec<T> {
        let mut all = Vec::new();
        for member in self.table(node, "a table") {
            let outer = self.path.len();
            if outer > 0 {
                self.path.push('.');
            }
            self.path.push_str(&member.name);
            // A namespace may stand by its dotted path.
            if let Some(problem) = member.name.split('.').find_map(name::problem) {
                self.wrong(member.at, &problem);
            }
            all.push(read(self, &member.name, &member.node));
            self.path.truncate(outer);
        }
        all
    }

    fn table<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Member] {
        if let Value::Object(members) = &node.value {
            return members;
        }
        self.wrong(node.at, &format!("{what} is wanted, not {}", node.describe()));
        &[]
    }

    fn text(&mut self, node: &Node) -> Option<At<String>> {
        if let Value::String(text) = &node.value {
            return Some(At { at: node.at, is: text.clone() });
        }
        self.wrong(node.at, &format!("a text is wanted, not {}", node.describe()));
        None
    }

    fn plain(&mut self, node: &Node) -> String {
        self.text(node).map_or_else(String::new, |text| text.is)
    }

    fn text_or_number(&mut self, node: &Node) -> Option<At<String>> {
        match &node.value {
            Value::Number(text) => Some(At { at: node.at, is: text.clone() }),
            _ => self.text(node),
        }
    }

    fn texts(&mut self, node: &Node) -> Option<At<Vec<String>>> {
        let Value::Array(items) = &node.value else {
            self.wrong(node.at, &format!("an array is wanted, not {}", node.describe()));
            return None;
        };
        let texts = items.iter().filter_map(|item| self.text_or_number(item)).map(|text| text.is);
        Some(At { at: node.at, is: texts.collect() })
    }

    fn int(&mut self, node: &Node) -> Option<At<i128>> {
        let number = match &node.value {
            Value::Number(text) => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.wrong(node.at, &format!("an integer is wanted, not {}", node.describe()));
        }
        number.map(|is| At { at: node.at, is })
    }

    fn flag(&mut self, node: &Node) -> bool {
        if !matches!(node.value, Value::Bool(_)) {
            self.wrong(node.at, &format!("true or false is wanted, not {}", node.describe()));
        }
        matches!(node.value, Value::Bool(true))
    }

    /// Fields that start with `x-` are other tools' business.
    fn unknown(&mut self, member: &Member, what: &str) {
        if !member.name.starts_with("x-") {
            self.wrong(member.at, &format!("{what} has no field `{}`", member.name));
        }
    }

    fn wrong(&mut self, at: u32, message: &str) {
        self.issues.add(at, &self.path, message);
    }
}

//! The file's tree as declarations: shapes and field names are checked here, meanings later.

use alloc::{format, string::String, vec::Vec};

use super::{name, place::Issues};
use crate::{
    json::{Member, Node, Value},
    steps,
};

/// Something declared, and where in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<T> {
    pub(super) at: u32,
    pub(super) is: T,
}

#[derive(Debug, Default)]
pub(super) struct Declared<'n> {
    pub(super) name: &'n str,
    pub(super) doc: &'n str,
    pub(super) foreign: Vec<&'n str>,
    pub(super) types: Vec<(At<&'n str>, Vec<DeclaredField<'n>>)>,
    pub(super) params: Vec<DeclaredParam<'n>>,
    pub(super) shapes: Vec<DeclaredNamespace<'n>>,
    pub(super) root: DeclaredNamespace<'n>,
}

#[derive(Debug, Default)]
pub(super) struct DeclaredNamespace<'n> {
    pub(super) at: u32,
    pub(super) name: &'n str,
    pub(super) doc: &'n str,
    pub(super) deprecated: Option<&'n str>,
    pub(super) prefix: Option<At<&'n str>>,
    pub(super) shape: Option<At<&'n str>>,
    pub(super) ttl: Option<At<&'n str>>,
    pub(super) renew: Option<At<&'n str>>,
    pub(super) reserved: Vec<&'n str>,
    pub(super) params: Vec<DeclaredParam<'n>>,
    pub(super) keys: Vec<DeclaredKey<'n>>,
    pub(super) children: Vec<Self>,
}

#[derive(Debug, Default)]
pub(super) struct DeclaredKey<'n> {
    pub(super) at: u32,
    pub(super) name: &'n str,
    pub(super) doc: &'n str,
    pub(super) deprecated: Option<&'n str>,
    pub(super) kind: Option<At<&'n str>>,
    pub(super) ty: Option<At<&'n str>>,
    pub(super) template: Option<At<&'n str>>,
    pub(super) ttl: Option<At<&'n str>>,
    pub(super) renew: Option<At<&'n str>>,
    pub(super) codec: Option<At<&'n str>>,
    pub(super) cost: Option<At<i128>>,
    pub(super) legacy: Option<At<Vec<&'n str>>>,
    pub(super) max_size: Option<At<&'n str>>,
    pub(super) on_invalid: Option<At<&'n str>>,
    pub(super) on_unavailable: Option<At<&'n str>>,
    pub(super) default: Option<&'n Node>,
    pub(super) constraints: DeclaredConstraints<'n>,
    pub(super) params: Vec<DeclaredParam<'n>>,
    pub(super) fields: Option<(u32, Vec<DeclaredField<'n>>)>,
}

#[derive(Debug, Default)]
pub(super) struct DeclaredParam<'n> {
    pub(super) at: u32,
    pub(super) name: &'n str,
    pub(super) doc: &'n str,
    pub(super) ty: Option<At<&'n str>>,
    pub(super) encoding: Option<At<&'n str>>,
    pub(super) allow_empty: bool,
    pub(super) sensitive: bool,
    pub(super) constraints: DeclaredConstraints<'n>,
}

#[derive(Debug, Default)]
pub(super) struct DeclaredField<'n> {
    pub(super) at: u32,
    pub(super) name: &'n str,
    pub(super) kind: Option<At<&'n str>>,
    pub(super) ty: Option<At<&'n str>>,
    pub(super) constraints: DeclaredConstraints<'n>,
}

#[derive(Debug, Default)]
pub(super) struct DeclaredConstraints<'n> {
    pub(super) min: Option<At<i128>>,
    pub(super) max: Option<At<i128>>,
    pub(super) max_length: Option<At<i128>>,
    pub(super) one_of: Option<At<Vec<&'n str>>>,
    pub(super) none_of: Option<At<Vec<&'n str>>>,
    pub(super) format: Option<At<&'n str>>,
}

/// Reads a whole layout; what is wrong goes to the issues, the rest is read on.
pub(super) fn read<'n>(node: &'n Node, issues: &mut Issues<'_>) -> Declared<'n> {
    let mut reader = Reader { issues, path: String::new() };
    reader.layout(node)
}

struct Reader<'r, 's> {
    issues: &'r mut Issues<'s>,
    path: String,
}

impl Reader<'_, '_> {
    fn layout<'n>(&mut self, node: &'n Node) -> Declared<'n> {
        let mut layout = Declared::default();
        layout.root.at = node.at;
        for member in self.table(node, "a layout") {
            let node = &member.node;
            match &member.name[..] {
                "nestkey" => self.version(node),
                "name" => layout.name = self.plain(node),
                "foreign" => layout.foreign = self.plain_texts(node),
                "types" => layout.types = self.named(node, Self::record),
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

    fn record<'n>(
        &mut self,
        name: &'n str,
        node: &'n Node,
    ) -> (At<&'n str>, Vec<DeclaredField<'n>>) {
        (At { at: node.at, is: name }, self.fields(node))
    }

    fn namespace<'n>(&mut self, name: &'n str, node: &'n Node) -> DeclaredNamespace<'n> {
        let mut namespace = DeclaredNamespace { at: node.at, name, ..Default::default() };
        for member in self.table(node, "a namespace") {
            self.namespace_field(&mut namespace, member);
        }
        namespace
    }

    fn namespace_field<'n>(&mut self, namespace: &mut DeclaredNamespace<'n>, member: &'n Member) {
        let node = &member.node;
        match &member.name[..] {
            "deprecated" => namespace.deprecated = Some(self.plain(node)),
            "doc" => namespace.doc = self.plain(node),
            "keys" => namespace.keys = self.named(node, Self::key),
            "namespaces" => namespace.children = self.named(node, Self::namespace),
            "params" => namespace.params = self.named(node, Self::param),
            "prefix" => namespace.prefix = self.text(node),
            "renew" => namespace.renew = self.text(node),
            "reserved" => namespace.reserved = self.plain_texts(node),
            "ttl" => namespace.ttl = self.text_or_number(node),
            "use" => namespace.shape = self.text(node),
            _ => self.unknown(member, "a namespace"),
        }
    }

    fn key<'n>(&mut self, name: &'n str, node: &'n Node) -> DeclaredKey<'n> {
        let mut key = DeclaredKey { at: node.at, name, ..Default::default() };
        for member in self.table(node, "a key") {
            let node = &member.node;
            match &member.name[..] {
                "codec" => key.codec = self.text(node),
                "cost" => key.cost = self.int(node),
                "default" => key.default = Some(node),
                "deprecated" => key.deprecated = Some(self.plain(node)),
                "doc" => key.doc = self.plain(node),
                "fields" => key.fields = Some((node.at, self.fields(node))),
                "kind" => key.kind = self.text(node),
                "legacy" => key.legacy = self.text_or_texts(node),
                "max_size" => key.max_size = self.text_or_number(node),
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

    fn param<'n>(&mut self, name: &'n str, node: &'n Node) -> DeclaredParam<'n> {
        let mut param = DeclaredParam { at: node.at, name, ..Default::default() };
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

    fn fields<'n>(&mut self, node: &'n Node) -> Vec<DeclaredField<'n>> {
        let mut fields = Vec::new();
        for Member { name, at, node } in self.table(node, "a table of fields") {
            let mut field = DeclaredField { at: *at, name, ..DeclaredField::default() };
            if let Value::String(text) = &node.value {
                field.ty = Some(At { at: node.at, is: text });
            } else {
                for member in self.table(node, "a field's type, or a table with its `type`") {
                    match &member.name[..] {
                        "doc" => _ = self.text(&member.node),
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

    fn constraint<'n>(
        &mut self,
        into: &mut DeclaredConstraints<'n>,
        member: &'n Member,
        what: &str,
    ) {
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
    fn named<'n, T>(
        &mut self,
        node: &'n Node,
        read: fn(&mut Self, &'n str, &'n Node) -> T,
    ) -> Vec<T> {
        let mut all = Vec::new();
        for member in self.table(node, "a table") {
            let outer = self.enter(member);
            steps::count(1 + member.name.len());
            all.push(read(self, &member.name, &member.node));
            self.path.truncate(outer);
        }
        all
    }

    /// Appends a name to the path, whose length before is answered.
    fn enter(&mut self, member: &Member) -> usize {
        let outer = self.path.len();
        if outer > 0 {
            self.path.push('.');
        }
        self.path.push_str(&member.name);
        // A namespace may stand by its dotted path.
        if let Some(problem) = member.name.split('.').find_map(name::problem) {
            self.wrong(member.at, &problem);
        }
        outer
    }

    fn table<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Member] {
        if let Value::Object(members) = &node.value {
            return members;
        }
        self.unwanted(what, node);
        &[]
    }

    fn text<'n>(&mut self, node: &'n Node) -> Option<At<&'n str>> {
        if let Value::String(text) = &node.value {
            return Some(At { at: node.at, is: text });
        }
        self.unwanted("a text", node);
        None
    }

    fn plain<'n>(&mut self, node: &'n Node) -> &'n str {
        self.text(node).map_or("", |text| text.is)
    }

    fn text_or_number<'n>(&mut self, node: &'n Node) -> Option<At<&'n str>> {
        match &node.value {
            Value::Number(text) => Some(At { at: node.at, is: text }),
            _ => self.text(node),
        }
    }

    fn texts<'n>(&mut self, node: &'n Node) -> Option<At<Vec<&'n str>>> {
        let Value::Array(items) = &node.value else {
            self.unwanted("an array", node);
            return None;
        };
        let mut texts = Vec::new();
        for item in items {
            texts.extend(self.text_or_number(item).map(|text| text.is));
        }
        Some(At { at: node.at, is: texts })
    }

    fn text_or_texts<'n>(&mut self, node: &'n Node) -> Option<At<Vec<&'n str>>> {
        match &node.value {
            Value::String(text) => Some(At { at: node.at, is: Vec::from([&text[..]]) }),
            _ => self.texts(node),
        }
    }

    fn plain_texts<'n>(&mut self, node: &'n Node) -> Vec<&'n str> {
        self.texts(node).map_or_else(Vec::new, |texts| texts.is)
    }

    fn int(&mut self, node: &Node) -> Option<At<i128>> {
        let number = match &node.value {
            Value::Number(text) => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.unwanted("an integer", node);
        }
        number.map(|is| At { at: node.at, is })
    }

    fn flag(&mut self, node: &Node) -> bool {
        if !matches!(node.value, Value::Bool(_)) {
            self.unwanted("true or false", node);
        }
        matches!(node.value, Value::Bool(true))
    }

    /// Fields that start with `x-` are other tools' business.
    fn unknown(&mut self, member: &Member, what: &str) {
        if !member.name.starts_with("x-") {
            self.wrong(member.at, &format!("{what} has no field `{}`", member.name));
        }
    }

    fn unwanted(&mut self, wanted: &str, node: &Node) {
        self.wrong(node.at, &format!("{wanted} is wanted, not {}", node.describe()));
    }

    fn wrong(&mut self, at: u32, message: &str) {
        self.issues.add(at, &self.path, message);
    }
}

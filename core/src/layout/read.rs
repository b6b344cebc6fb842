//! The file's tree as declarations: shapes and field names are checked here, meanings later.

use alloc::{format, string::String, vec::Vec};

use super::{
    name,
    place::Issues,
    readable::{ForeignPattern, Readable, TemplateText, Word, unwanted},
};
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
    pub(super) foreign: Vec<At<ForeignPattern<'n>>>,
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
    pub(super) reserved: Vec<At<TemplateText<'n>>>,
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
    pub(super) stale: Option<At<&'n str>>,
    pub(super) jitter: Option<At<&'n str>>,
    pub(super) codec: Option<At<&'n str>>,
    pub(super) cost: Option<At<i128>>,
    pub(super) legacy: Option<At<Vec<At<&'n str>>>>,
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
    pub(super) one_of: Option<At<Vec<At<Word<'n>>>>>,
    pub(super) none_of: Option<At<Vec<At<Word<'n>>>>>,
    pub(super) format: Option<At<&'n str>>,
}

/// Reads a whole layout; what is wrong goes to the issues, the rest is read on.
pub(super) fn read<'n>(node: &'n Node, issues: &mut Issues<'_>) -> Declared<'n> {
    let mut reader = Reader { issues, path: String::new() };
    reader.layout(node)
}

/// What a dot in a name means.
#[derive(Clone, Copy)]
enum Dots {
    /// The name below another: a namespace may stand by its path.
    Nest,
    /// Nothing: a path would then lead to two things.
    Refused,
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
                "foreign" => layout.foreign = self.plain_list(node),
                "types" => layout.types = self.named(node, Dots::Refused, Self::record),
                "shapes" => layout.shapes = self.named(node, Dots::Refused, Self::namespace),
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
            "keys" => namespace.keys = self.named(node, Dots::Refused, Self::key),
            "namespaces" => namespace.children = self.named(node, Dots::Nest, Self::namespace),
            "params" => namespace.params = self.named(node, Dots::Refused, Self::param),
            "prefix" => namespace.prefix = self.read(node),
            "renew" => namespace.renew = self.read(node),
            "reserved" => namespace.reserved = self.plain_list(node),
            "ttl" => namespace.ttl = self.written(node),
            "use" => namespace.shape = self.read(node),
            _ => self.unknown(member, "a namespace"),
        }
    }

    fn key<'n>(&mut self, name: &'n str, node: &'n Node) -> DeclaredKey<'n> {
        let mut key = DeclaredKey { at: node.at, name, ..Default::default() };
        for member in self.table(node, "a key") {
            let node = &member.node;
            match &member.name[..] {
                "codec" => key.codec = self.read(node),
                "cost" => key.cost = self.read(node),
                "default" => key.default = Some(node),
                "deprecated" => key.deprecated = Some(self.plain(node)),
                "doc" => key.doc = self.plain(node),
                "fields" => key.fields = Some((node.at, self.fields(node))),
                "jitter" => key.jitter = self.written(node),
                "kind" => key.kind = self.read(node),
                "legacy" => key.legacy = self.one_or_more(node),
                "max_size" => key.max_size = self.written(node),
                "on_invalid" => key.on_invalid = self.read(node),
                "on_unavailable" => key.on_unavailable = self.read(node),
                "params" => key.params = self.named(node, Dots::Refused, Self::param),
                "renew" => key.renew = self.read(node),
                "stale" => key.stale = self.written(node),
                "template" => key.template = self.read(node),
                "ttl" => key.ttl = self.written(node),
                "type" => key.ty = self.read(node),
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
                "allow_empty" => param.allow_empty = self.plain(node),
                "doc" => param.doc = self.plain(node),
                "encoding" => param.encoding = self.read(node),
                "sensitive" => param.sensitive = self.plain(node),
                "type" => param.ty = self.read(node),
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
                        "doc" => _ = self.plain::<&str>(&member.node),
                        "kind" => field.kind = self.read(&member.node),
                        "type" => field.ty = self.read(&member.node),
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
            "format" => into.format = self.read(node),
            "max" => into.max = self.read(node),
            "max_length" => into.max_length = self.read(node),
            "min" => into.min = self.read(node),
            "none_of" => into.none_of = self.list(node),
            "one_of" => into.one_of = self.list(node),
            _ => self.unknown(member, what),
        }
    }

    /// The members of a table whose names the user chose.
    fn named<'n, T>(
        &mut self,
        node: &'n Node,
        dots: Dots,
        read: fn(&mut Self, &'n str, &'n Node) -> T,
    ) -> Vec<T> {
        let mut all = Vec::new();
        for member in self.table(node, "a table") {
            let outer = self.enter(member, dots);
            steps::count(1 + member.name.len());
            all.push(read(self, &member.name, &member.node));
            self.path.truncate(outer);
        }
        all
    }

    /// Appends a name to the path, whose length before is answered.
    fn enter(&mut self, member: &Member, dots: Dots) -> usize {
        let outer = self.path.len();
        if outer > 0 {
            self.path.push('.');
        }
        self.path.push_str(&member.name);
        let problem = match dots {
            Dots::Nest => member.name.split('.').find_map(name::problem),
            Dots::Refused => name::problem(&member.name),
        };
        if let Some(problem) = problem {
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

    /// A field, checked to its last element: what it is read as says what it may hold.
    fn read<'n, T: Readable<'n>>(&mut self, node: &'n Node) -> Option<At<T>> {
        match T::of(node) {
            Ok(is) => Some(At { at: node.at, is }),
            Err(problem) => {
                self.wrong(node.at, &problem);
                None
            }
        }
    }

    /// The same for what has a value where nothing is said.
    fn plain<'n, T: Readable<'n> + Default>(&mut self, node: &'n Node) -> T {
        self.read(node).map_or_else(T::default, |read| read.is)
    }

    fn list<'n, T: Readable<'n>>(&mut self, node: &'n Node) -> Option<At<Vec<At<T>>>> {
        let Value::Array(items) = &node.value else {
            self.unwanted("an array", node);
            return None;
        };
        let is = items.iter().filter_map(|item| self.read(item)).collect();
        Some(At { at: node.at, is })
    }

    fn plain_list<'n, T: Readable<'n>>(&mut self, node: &'n Node) -> Vec<At<T>> {
        self.list(node).map_or_else(Vec::new, |list| list.is)
    }

    fn one_or_more<'n, T: Readable<'n>>(&mut self, node: &'n Node) -> Option<At<Vec<At<T>>>> {
        match &node.value {
            Value::Array(_) => self.list(node),
            _ => self.read(node).map(|one| At { at: node.at, is: Vec::from([one]) }),
        }
    }

    /// A text or a number, as it is written.
    fn written<'n>(&mut self, node: &'n Node) -> Option<At<&'n str>> {
        self.read(node).map(|At { at, is: Word { text, .. } }| At { at, is: text })
    }

    /// Fields that start with `x-` are other tools' business.
    fn unknown(&mut self, member: &Member, what: &str) {
        if !member.name.starts_with("x-") {
            self.wrong(member.at, &format!("{what} has no field `{}`", member.name));
        }
    }

    fn unwanted(&mut self, wanted: &str, node: &Node) {
        self.wrong(node.at, &unwanted(wanted, node));
    }

    fn wrong(&mut self, at: u32, message: &str) {
        self.issues.add(at, &self.path, message);
    }
}

//! From declarations to the model: names, templates, inheritance, order.

use alloc::{borrow::ToOwned, format, vec::Vec};

use super::{
    check::Checker,
    inherited::{Inherited, join},
    model::{Entry, EntryId, Layout, Namespace, NamespaceId, Piece},
    nest::nest,
    place::Issues,
    read::{At, Declared, DeclaredKey, DeclaredNamespace, read},
    trie::Trie,
};
use crate::{
    error::{Error, ErrorKind, Result},
    json::{self, Node},
    key::{param::ParamSpec, template::Template},
    order::Names,
    steps,
    ttl::Renew,
    types::Kind,
};

/// How deep namespaces nest.
pub(super) const MAX_DEPTH: usize = 24;
/// How many namespaces and entries a layout has together.
const MAX_NODES: usize = 20_000;
/// What a layout grows to when shapes and named parameters stand where they are used.
const MAX_SIZE: usize = 16 << 20;

impl Layout {
    /// Reads and checks a layout file in JSON.
    ///
    /// # Errors
    ///
    /// [`InvalidFile`](crate::error::ErrorKind::InvalidFile) for what is no JSON,
    /// [`InvalidLayout`](crate::error::ErrorKind::InvalidLayout) with every problem and its line
    /// and column.
    pub fn from_json(text: &str) -> Result<Self> {
        let tree = json::parse(text.as_bytes(), json::Limits::default()).map_err(|error| {
            let (line, column) = json::place(text.as_bytes(), error.at);
            let message = format!("{line}:{column}: {}", error.message);
            Error::new(ErrorKind::InvalidFile, message)
        })?;
        Self::from_tree(&tree, Some(text))
    }

    /// Reads and checks a layout that a program holds as an object; problems have no places.
    ///
    /// # Errors
    ///
    /// As [`from_json`](Self::from_json).
    pub fn from_definition(text: &str) -> Result<Self> {
        Self::from_tree(&json::read(text.as_bytes())?, None)
    }

    /// Checks a layout that is a tree already; offsets are turned into places of `source`.
    ///
    /// # Errors
    ///
    /// [`InvalidLayout`](crate::error::ErrorKind::InvalidLayout) with every problem.
    pub fn from_tree(tree: &Node, source: Option<&str>) -> Result<Self> {
        let mut issues = Issues::new(source);
        let mut declared = read(tree, &mut issues);
        for shape in &mut declared.shapes {
            nest(shape, &format!("shapes.{}", shape.name), &mut issues);
        }
        nest(&mut declared.root, "", &mut issues);
        let layout = Builder::new(&declared, &mut issues).build(&declared);
        if issues.is_empty() { Ok(layout) } else { Err(issues.into_error()) }
    }
}

pub(super) struct Builder<'b, 's> {
    pub(super) checker: Checker<'b, 's>,
    pub(super) shapes: &'b [DeclaredNamespace<'b>],
    pub(super) shape_names: Names<'b>,
    /// Which shapes stand somewhere.
    pub(super) used: Vec<bool>,
    /// Which shapes the namespace at hand stands in.
    pub(super) standing: Vec<bool>,
    namespaces: Vec<Namespace>,
    entries: Vec<Entry>,
    /// Where each entry stands in the file.
    places: Vec<u32>,
    /// What it has grown to, as [`size`](super::size) counts.
    size: usize,
    /// Whether it was said that there is no more room.
    said_full: bool,
}

impl<'b, 's> Builder<'b, 's> {
    fn new(declared: &'b Declared<'b>, issues: &'b mut Issues<'s>) -> Self {
        let checker = Checker::new(declared, issues);
        let (namespaces, entries, places) = (Vec::new(), Vec::new(), Vec::new());
        let shapes = &declared.shapes;
        let shape_names = shapes.iter().map(|shape| shape.name).collect();
        let used = alloc::vec![false; shapes.len()];
        let standing = used.clone();
        Self {
            checker,
            shapes,
            shape_names,
            used,
            standing,
            namespaces,
            entries,
            places,
            size: 0,
            said_full: false,
        }
    }

    fn build(mut self, declared: &'b Declared<'b>) -> Layout {
        let root = Inherited::root();
        self.namespace(&declared.root, &root, &Names::default());
        self.unused_shapes(root);
        let mut layout = Layout {
            name: declared.name.to_owned(),
            doc: declared.doc.to_owned(),
            foreign: declared.foreign.iter().map(|pattern| pattern.is.0.to_owned()).collect(),
            records: self.checker.take_records(),
            namespaces: self.namespaces,
            max_size: self.entries.iter().filter_map(|entry| entry.max_size).max().unwrap_or(0),
            entries: self.entries,
            trie: Trie::new(&[]),
        };
        // Templates with problems of their own would only be reported twice.
        if self.checker.issues.is_empty() {
            layout.index(self.checker.issues, &self.places);
        }
        layout
    }

    /// Shapes that stand nowhere are checked below the root, and left out again.
    fn unused_shapes(&mut self, mut here: Inherited) {
        let (namespaces, entries) = (self.namespaces.len(), self.entries.len());
        let children = self.namespaces.first().map_or(0, |root| root.children.len());
        here.parent = Some(NamespaceId::ROOT);
        here.path.push_str("shapes");
        here.depth = 1;
        for (index, shape) in self.shapes.iter().enumerate() {
            if !self.used[index] {
                self.standing[index] = true;
                self.namespace(shape, &here, &Names::default());
                self.standing[index] = false;
            }
        }
        self.namespaces.truncate(namespaces);
        self.entries.truncate(entries);
        self.places.truncate(entries);
        if let Some(root) = self.namespaces.first_mut() {
            root.children.truncate(children);
        }
    }

    /// `reserved` is what the namespace above reserves.
    fn namespace(
        &mut self,
        declared: &'b DeclaredNamespace<'b>,
        above: &Inherited,
        reserved: &Names<'_>,
    ) {
        if above.depth > MAX_DEPTH {
            let message = format!("namespaces nest deeper than {MAX_DEPTH}");
            return self.checker.issues.add(declared.at, &above.path, message);
        }
        if self.is_full(declared.at, &above.path) {
            return;
        }
        let id = NamespaceId(self.namespaces.len() as u32);
        let mut here = above.clone();
        here.parent = Some(id);
        here.depth += 1;
        here.path = join(&above.path, declared.name);
        let Some((shaped, numbers)) = self.shaped(declared, &here.path) else { return };
        let named = At { at: declared.at, is: declared.name };
        let prefix = shaped.iter().find_map(|shape| shape.prefix).unwrap_or(named);
        self.overridden(&shaped, prefix, &here.path);
        self.refuse_reserved(prefix, declared.name, reserved, &here.path);
        let template = self.prefix(prefix, &here.path, above.parent.is_none());
        let params = shaped.iter().map(|shape| &shape.params[..]).find(|params| !params.is_empty());
        let params = params.unwrap_or_default();
        let params = self.checker.params(&template, params, declared.at, &here.path, &here.params);
        self.template_rules(&template, &params, declared.at, &mut here);
        let ttl = shaped.iter().find_map(|shape| shape.ttl);
        if let Some(ttl) = self.checker.ttl(ttl, &here.path) {
            here.ttl = Some(ttl);
            here.ttl_from.clone_from(&here.path);
        }
        let renew = shaped.iter().find_map(|shape| shape.renew);
        here.renew = self.checker.renew(renew, &here.path).or(here.renew);
        here.params.extend(params.iter().map(|spec| spec.name.clone()));
        self.size += here.size() + shaped.iter().map(|shape| shape.size()).sum::<usize>();
        self.size += params.iter().map(ParamSpec::size).sum::<usize>();
        here.bare = above.bare && template.segments.is_empty();
        let doc = shaped.iter().map(|shape| shape.doc).find(|doc| !doc.is_empty());
        let first_entry = self.entries.len() as u32;
        self.namespaces.push(Namespace {
            name: declared.name.to_owned(),
            path: here.path.clone(),
            doc: doc.unwrap_or_default().to_owned(),
            deprecated: shaped.iter().find_map(|shape| shape.deprecated).map(ToOwned::to_owned),
            parent: above.parent,
            pieces: Piece::of(&template, above.bare),
            template,
            params,
            ttl: here.ttl,
            entries: Vec::new(),
            children: Vec::new(),
            below: first_entry..first_entry,
        });
        numbers.iter().for_each(|number| self.standing[*number] = true);
        self.inside(&shaped, id, &here);
        numbers.iter().for_each(|number| self.standing[*number] = false);
        let last_entry = self.entries.len() as u32;
        let built = &mut self.namespaces[id.0 as usize];
        built.below = first_entry..last_entry;
        if let Some(parent) = above.parent {
            self.namespaces[parent.0 as usize].children.push(id);
        }
    }

    /// The entries and namespaces in a namespace, whose names share one space.
    fn inside(&mut self, shaped: &[&'b DeclaredNamespace<'b>], id: NamespaceId, here: &Inherited) {
        let Some(declared) = shaped.last() else { return };
        let reserved: Names<'_> =
            shaped.iter().flat_map(|shape| &shape.reserved).map(|text| text.is.0).collect();
        let members = || {
            let keys = declared.keys.iter().map(|key| (key.name, key.at));
            keys.chain(declared.children.iter().map(|child| (child.name, child.at)))
        };
        let names: Names<'_> = members().map(|(name, _)| name).collect();
        for (index, (name, at)) in members().enumerate() {
            if reserved.find(name).is_some() {
                let message = format!("the name `{name}` is reserved: it meant something else");
                self.checker.issues.add(at, &here.path, message);
            } else if names.find(name) != Some(index) {
                self.checker.issues.add(at, &here.path, format!("`{name}` is declared twice"));
            }
        }
        for key in &declared.keys {
            if !self.is_full(key.at, &here.path) {
                self.entry(key, id, here, &reserved);
            }
        }
        for child in &declared.children {
            self.namespace(child, here, &reserved);
        }
    }

    /// Refuses a template that meant something else; names are looked at by themselves.
    fn refuse_reserved(
        &mut self,
        template: At<&str>,
        name: &str,
        reserved: &Names<'_>,
        path: &str,
    ) {
        let At { at, is: text } = template;
        if reserved.find(text).is_some() && text != name {
            let message = format!("the template `{text}` is reserved: it meant something else");
            self.checker.issues.add(at, path, message);
        }
    }

    /// Whether there is no room for one more namespace or key, which is said once.
    fn is_full(&mut self, at: u32, path: &str) -> bool {
        let message = if self.namespaces.len() + self.entries.len() >= MAX_NODES {
            format!("more than {MAX_NODES} namespaces and keys")
        } else if self.size > MAX_SIZE {
            format!(
                "shapes, named parameters and long names make the layout grow beyond {} MiB here",
                MAX_SIZE >> 20
            )
        } else {
            return false;
        };
        if !self.said_full {
            self.said_full = true;
            self.checker.issues.add(at, path, message);
        }
        true
    }

    fn entry(
        &mut self,
        declared: &DeclaredKey<'_>,
        namespace: NamespaceId,
        above: &Inherited,
        reserved: &Names<'_>,
    ) {
        let mut here = above.clone();
        steps::count(1 + here.size());
        here.path = join(&above.path, declared.name);
        let named = At { at: declared.at, is: declared.name };
        let declared_template = declared.template.unwrap_or(named);
        self.refuse_reserved(declared_template, declared.name, reserved, &here.path);
        let At { at, is: text } = declared_template;
        let template = self.checker.template(text, at, &here.path);
        if text.is_empty() {
            self.checker.issues.add(at, &here.path, "the template of a key cannot be empty");
        }
        let params =
            self.checker.params(&template, &declared.params, at, &here.path, &above.params);
        self.template_rules(&template, &params, at, &mut here);
        self.size += here.size() + declared.size();
        self.size += params.iter().map(ParamSpec::size).sum::<usize>();
        let own_ttl = self.checker.ttl(declared.ttl, &here.path);
        let ttl = own_ttl.or(above.ttl);
        let renew = self.checker.renew(declared.renew, &here.path).or(above.renew);
        let facts = self.checker.entry(declared, &here.path);
        let default_renew =
            if facts.kind == Kind::Counter { Renew::Never } else { Renew::default() };
        let renew = renew.unwrap_or(default_renew);
        let stale_ms = self.checker.stale(declared.stale, facts.kind, ttl, renew, &here.path);
        let jitter = self.checker.jitter(declared.jitter, ttl, &here.path);
        let id = EntryId(self.entries.len() as u32);
        self.namespaces[namespace.0 as usize].entries.push(id);
        self.places.push(declared.at);
        self.entries.push(Entry {
            name: declared.name.to_owned(),
            doc: declared.doc.to_owned(),
            deprecated: declared.deprecated.map(ToOwned::to_owned),
            namespace,
            kind: facts.kind,
            pieces: Piece::of(&template, above.bare),
            template,
            params,
            ty: facts.ty,
            constraints: facts.constraints,
            codec: facts.codec,
            default: facts.default,
            ttl,
            ttl_from: if own_ttl.is_some() { here.path.clone() } else { above.ttl_from.clone() },
            renew,
            stale_ms,
            jitter,
            on_invalid: facts.on_invalid,
            on_unavailable: facts.on_unavailable,
            cost: facts.cost,
            legacy: facts.legacy,
            max_size: facts.max_size,
            fields: facts.fields,
            path: here.path,
        });
    }

    fn prefix(&mut self, declared: At<&str>, path: &str, is_root: bool) -> Template {
        let At { at, is: text } = declared;
        let template = self.checker.template(text, at, path);
        let problem = match template.segments.first() {
            _ if is_root && template.holes().next().is_some() => {
                "the root's prefix has no parameters: give one more prefix when binding"
            }
            Some(first)
                if first
                    .hole
                    .as_ref()
                    .is_some_and(|_| first.before.trim_end_matches('{').is_empty()) =>
            {
                "the prefix of a namespace starts with a literal"
            }
            _ => return template,
        };
        self.checker.issues.add(at, path, problem);
        template
    }

    /// One hash tag in a whole key at most, and no literal braces beside it.
    fn template_rules(
        &mut self,
        template: &Template,
        params: &[ParamSpec],
        at: u32,
        here: &mut Inherited,
    ) {
        let tags = template.holes().filter(|hole| hole.tag).count() + usize::from(here.tagged);
        here.tagged = tags > 0;
        here.braces |= template.has_literal_braces();
        if tags > 1 {
            self.checker.issues.add(at, &here.path, "two hash tags in one key");
        } else if here.tagged && here.braces {
            self.checker.issues.add(at, &here.path, "literal braces beside a hash tag");
        }
        // What stands behind the tag does not matter: the first braces of a key count.
        for (hole, spec) in template.holes().zip(params) {
            if spec.verbatim && spec.constraints.format.is_none() {
                here.unencoded.get_or_insert_with(|| spec.name.clone());
            }
            if let (true, Some(name)) = (hole.tag, &here.unencoded) {
                let message =
                    format!("`{name}` is not encoded: its braces could spoil the hash tag");
                self.checker.issues.add(at, &here.path, message);
            }
        }
    }
}

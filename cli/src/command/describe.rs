//! `nestkey describe`.

use std::iter;

use nestkey::core::{
    json::{Member, Node, Value, visible},
    key::param::ParamSpec,
    layout::{Codec, Entry, EntryId, Layout, Legacy, NamespaceId, OnFailure},
    ttl::{Renew, Ttl},
    types::{Constraints, Field, Kind},
    value::password::DEFAULT_COST,
};

use crate::{args::Global, failure::Result, file::LayoutFile, output::Output, path};

/// Prints the tree from a path down, and how far its parameters resolve it.
pub(crate) fn run(path: Option<&str>, global: &Global, out: &mut Output) -> Result {
    let layout = LayoutFile::named(global)?.layout()?;
    let path = path.unwrap_or_default();
    let steps = steps(path);
    let names: Vec<_> = steps.iter().map(name).collect();
    let node = find(&layout, &names)?;
    let resolved = match path.contains('(') {
        true => Some(resolve(&layout, &steps, &path::prefix(global))?),
        false => None,
    };
    if out.json {
        let described = match node {
            Found::Entry(id) => layout.describe_entry(id),
            Found::Namespace(NamespaceId::ROOT) => layout.describe(),
            Found::Namespace(id) => layout.describe_namespace(id),
        };
        return out.lines(format_args!("{:#}", with_resolved(described, resolved)));
    }
    let mut table = Table { layout: &layout, rows: Vec::new() };
    match node {
        Found::Entry(id) => table.entry(id, 0)?,
        Found::Namespace(id) => table.namespace(id, 0)?,
    }
    out.lines(table.aligned())?;
    if let Some(Resolved { text, missing }) = resolved {
        out.line("")?;
        out.line(format_args!("resolved  {text}"))?;
        if !missing.is_empty() {
            out.line(format_args!("missing   {}", missing.join(", ")))?;
        }
    }
    if let Found::Namespace(NamespaceId::ROOT) = node { print_rest(&layout, out) } else { Ok(()) }
}

/// What the parameters of a path make of it.
struct Resolved {
    /// The key, or the prefix of the last namespace whose parameters are all there.
    text: String,
    /// The parameters that are not given.
    missing: Vec<String>,
}

fn resolve(layout: &Layout, steps: &[&str], prefix: &str) -> Result<Resolved> {
    let mut missing = Vec::new();
    let mut known = 0;
    for (index, step) in steps.iter().enumerate() {
        let names: Vec<_> = steps.iter().take(index + 1).map(name).collect();
        let params = match find(layout, &names)? {
            Found::Entry(id) => &layout.entry(id)?.params,
            Found::Namespace(id) => &layout.namespace(id)?.params,
        };
        if step.contains('(') || params.is_empty() {
            known += usize::from(missing.is_empty());
        } else {
            missing.extend(params.iter().map(|spec| spec.name.clone()));
        }
    }
    let (_, key) = layout.resolve(&steps[..known].join("."), prefix)?;
    Ok(Resolved { text: key.as_str().to_owned(), missing })
}

fn with_resolved(mut described: Node, resolved: Option<Resolved>) -> Node {
    if let (Value::Object(members), Some(resolved)) = (&mut described.value, resolved) {
        let missing = Node::array(resolved.missing.iter().map(Node::string));
        for (name, node) in [("resolved", Node::string(resolved.text)), ("missing_params", missing)]
        {
            members.push(Member { name: name.to_owned(), at: 0, node });
        }
    }
    described
}

/// The parts of a path between its dots, those in parentheses and quotes left alone.
fn steps(path: &str) -> Vec<&str> {
    let (mut depth, mut is_quoted, mut is_escaped) = (0_usize, false, false);
    let is_end = |character: char| {
        match character {
            _ if is_escaped => {
                is_escaped = false;
                return false;
            }
            '\\' => is_escaped = is_quoted,
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == '.' && depth == 0 && !is_quoted
    };
    path.split(is_end).filter(|_| !path.is_empty()).collect()
}

/// A step without its parameters.
fn name<'p>(step: &&'p str) -> &'p str {
    step.split_once('(').map_or(*step, |(name, _)| name)
}

#[derive(Clone, Copy)]
enum Found {
    Entry(EntryId),
    Namespace(NamespaceId),
}

/// What stands at some names, one below the other.
fn find(layout: &Layout, names: &[&str]) -> Result<Found> {
    let mut namespace = NamespaceId::ROOT;
    let mut names = names.iter().peekable();
    while let Some(name) = names.next() {
        if let (None, Some(entry)) = (names.peek(), layout.entry_in(namespace, name)) {
            return Ok(Found::Entry(entry));
        }
        namespace =
            layout.child(namespace, name).ok_or_else(|| layout.leads_nowhere(namespace, name))?;
    }
    Ok(Found::Namespace(namespace))
}

/// Lines of a name, a template and facts, to be aligned.
struct Table<'a> {
    layout: &'a Layout,
    rows: Vec<[String; 3]>,
}

impl Table<'_> {
    fn namespace(&mut self, id: NamespaceId, depth: usize) -> Result {
        let layout = self.layout;
        let namespace = layout.namespace(id)?;
        let is_root = namespace.parent.is_none();
        let (name, doc) = match (is_root, layout.name()) {
            (false, _) => (&namespace.name[..], &namespace.doc[..]),
            (true, "") => ("(layout)", layout.doc()),
            (true, name) => (name, layout.doc()),
        };
        let mut facts = params(&namespace.params);
        facts.extend(namespace.ttl.map(|ttl| format!("ttl {ttl}")));
        let pattern = match prefix(layout, id) {
            prefix if prefix.is_empty() => String::from("*"),
            prefix => format!("{prefix}:*"),
        };
        self.row(depth, name, pattern, facts, namespace.deprecated.as_deref(), doc);
        for entry in &namespace.entries {
            self.entry(*entry, depth + 1)?;
        }
        namespace.children.iter().try_for_each(|child| self.namespace(*child, depth + 1))
    }

    fn entry(&mut self, id: EntryId, depth: usize) -> Result {
        let layout = self.layout;
        let entry = layout.entry(id)?;
        let ty = entry.ty.display(layout.records());
        let mut facts = vec![match entry.kind {
            Kind::Value => ty.to_string(),
            Kind::Counter | Kind::Hash | Kind::Password | Kind::Secret => {
                entry.kind.name().to_owned()
            }
            kind => format!("{} of {ty}", kind.name()),
        }];
        facts.extend(entry.fields.iter().map(|field| {
            let ty = match field.kind {
                Kind::Secret => String::from("secret"),
                _ => field.ty.display(layout.records()).to_string(),
            };
            with_constraints(format!("{}: {ty}", field.name), &field.constraints)
        }));
        facts.extend(constraints(&entry.constraints));
        facts.extend(params(&entry.params));
        let is_bare = entry.kind == Kind::Value && entry.codec == Codec::Bare;
        facts.extend(is_bare.then(|| String::from("bare")));
        if let Some(default) = layout.describe_entry(id).member("default") {
            facts.push(format!("default {default}"));
        }
        facts.extend(protection(entry));
        facts.extend(entry.ttl.map(|ttl| format!("ttl {ttl}")));
        let usual = if entry.kind == Kind::Counter { Renew::Never } else { Renew::default() };
        let is_told = entry.ttl.is_some() && entry.renew != usual;
        facts.extend(is_told.then(|| format!("renew {}", entry.renew.name())));
        let stale = (entry.stale_ms > 0).then_some(Ttl::For(entry.stale_ms));
        facts.extend(stale.map(|stale| format!("stale {stale}")));
        facts.extend((entry.jitter > 0).then(|| format!("jitter {}%", entry.jitter)));
        facts.extend(entry.max_size.map(|bytes| format!("max_size {bytes}")));
        let failures = [("on_invalid", entry.on_invalid), ("on_unavailable", entry.on_unavailable)];
        let is_told = failures.iter().filter(|(_, then)| *then == OnFailure::Missing);
        facts.extend(is_told.map(|(name, _)| format!("{name} missing")));
        let key = layout.template_of(entry);
        self.row(depth, &entry.name, key, facts, entry.deprecated.as_deref(), &entry.doc);
        Ok(())
    }

    fn row(
        &mut self,
        depth: usize,
        name: &str,
        template: String,
        mut facts: Vec<String>,
        deprecated: Option<&str>,
        doc: &str,
    ) {
        facts.extend(deprecated.map(|why| format!("deprecated: {why}")));
        let mut facts = facts.join(", ");
        if !doc.is_empty() {
            facts.push_str(if facts.is_empty() { "# " } else { "  # " });
            facts.push_str(doc);
        }
        // A doc may have several lines, and a row has one.
        self.rows.push([format!("{:1$}{name}", "", depth * 2), template, visible(&facts).into()]);
    }

    fn aligned(&self) -> String {
        let width = |column: usize| {
            self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let (names, templates) = (width(0), width(1));
        let mut text = String::new();
        for [name, template, facts] in &self.rows {
            let line = format!("{name:names$}  {template:templates$}  {facts}");
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// The records, and the patterns of other programs.
fn print_rest(layout: &Layout, out: &mut Output) -> Result {
    if !(layout.records().is_empty() && layout.foreign().is_empty()) {
        out.line("")?;
    }
    for record in layout.records() {
        let field = |field: &Field| {
            let ty = field.ty.display(layout.records());
            with_constraints(format!("{}: {ty}", field.name), &field.constraints)
        };
        let fields: Vec<_> = record.fields.iter().map(field).collect();
        out.line(format_args!("type {} {{ {} }}", record.name, fields.join(", ")))?;
    }
    layout.foreign().iter().try_for_each(|pattern| out.line(format_args!("foreign {pattern}")))
}

/// The whole template of a namespace.
fn prefix(layout: &Layout, id: NamespaceId) -> String {
    let first = layout.namespace(id).ok();
    let namespaces = iter::successors(first, |below| layout.namespace(below.parent?).ok());
    let mut parts: Vec<_> = namespaces.map(|found| &found.template.text[..]).collect();
    parts.retain(|part| !part.is_empty());
    parts.reverse();
    parts.join(":")
}

/// What a template does not say of its parameters itself.
fn params(specs: &[ParamSpec]) -> Vec<String> {
    let facts = |spec: &ParamSpec| {
        let mut facts = constraints(&spec.constraints);
        facts.extend(spec.allow_empty.then(|| String::from("may be empty")));
        facts.extend(spec.verbatim.then(|| String::from("verbatim")));
        facts.extend(spec.sensitive.then(|| String::from("sensitive")));
        (!facts.is_empty()).then(|| format!("{}: {}", spec.name, facts.join(", ")))
    };
    specs.iter().filter_map(facts).collect()
}

fn with_constraints(text: String, of: &Constraints) -> String {
    match constraints(of) {
        facts if facts.is_empty() => text,
        facts => format!("{text} ({})", facts.join(", ")),
    }
}

/// How a password is hashed, and what passes for a secret, where that is not as usual.
fn protection(entry: &Entry) -> Option<String> {
    match entry.kind {
        Kind::Password if entry.cost != DEFAULT_COST => Some(format!("cost {}", entry.cost)),
        Kind::Secret if entry.legacy != Legacy::default() => {
            Some(format!("reads {}", entry.legacy.words().collect::<Vec<_>>().join(" and ")))
        }
        _ => None,
    }
}

fn constraints(of: &Constraints) -> Vec<String> {
    let mut facts = Vec::new();
    facts.extend(of.min.map(|min| format!("min {min}")));
    facts.extend(of.max.map(|max| format!("max {max}")));
    facts.extend(of.max_length.map(|max| format!("max_length {max}")));
    for (name, texts) in [("one_of", &of.one_of), ("none_of", &of.none_of)] {
        if !texts.is_empty() {
            facts.push(format!("{name} {}", texts.join("|")));
        }
    }
    facts.extend(of.format.map(|format| format!("format {}", format.name())));
    facts
}

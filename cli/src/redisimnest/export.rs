//! A layout as redisimnest's classes.

use std::collections::BTreeSet;

use nestkey::core::{
    json::Node,
    key::template::Template,
    layout::{Codec, Entry, EntryId, Layout, Namespace, NamespaceId},
    ttl::{Renew, Ttl},
    types::{Kind, Shape},
};

use super::{
    name::{camel, unique},
    param::{CHECKS, validators},
    source::{attribute, comment, quoted, value},
};
use crate::failure::Result;

/// Writes the classes of a layout, with one more prefix in front of every key.
pub(crate) fn export(layout: &Layout, prefix: &str) -> Result<String> {
    let taken = ["BaseCluster", "CheckedKey", "Key", "ParameterValidationError", "UUID"];
    let taken = taken.map(str::to_owned).into();
    let mut writer = Writer { layout, prefix, taken, classes: String::new() };
    writer.class(NamespaceId::ROOT, true)?;
    let mut text = format!("{}\n", HEAD.trim_start());
    if writer.classes.contains("datetime.fromisoformat(") {
        text = text.replace("import re\n", "import re\nfrom datetime import datetime\n");
    }
    text.push_str(CHECKS);
    text.push_str(&writer.classes);
    Ok(text)
}

const HEAD: &str = r#"
"""Written by `nestkey gen redisimnest`: the keys of a layout for redisimnest 0.11.3.

Parameters take what both spell alike, and refuse the rest.
"""

import re
from uuid import UUID

from redisimnest import BaseCluster, Key
from redisimnest.exceptions import ParameterValidationError
"#;

struct Writer<'l> {
    layout: &'l Layout,
    prefix: &'l str,
    /// The names that classes have.
    taken: BTreeSet<String>,
    classes: String,
}

impl Writer<'_> {
    /// Writes a class behind those that it mentions, and gives its name.
    fn class(&mut self, id: NamespaceId, is_bare: bool) -> Result<String> {
        let layout = self.layout;
        let namespace = layout.namespace(id)?;
        let is_root = id == NamespaceId::ROOT;
        let prefix = self.prefix_of(namespace, is_root);
        let is_bare = is_bare && prefix.is_empty();
        let name = match (is_root, layout.name()) {
            (true, "") => camel("root"),
            (true, name) => camel(name),
            (false, _) => camel(&namespace.path),
        };
        let name = unique(name, &mut self.taken);
        let mut children = Vec::new();
        for child in &namespace.children {
            let below = layout.namespace(*child)?;
            let class = self.class(*child, is_bare)?;
            let attribute = attribute(&below.name);
            let mut line = format!("{attribute} = {class}");
            // Behind doubled braces redisimnest finds another name for the parameter.
            if below.template.has_literal_braces() || below.template.holes().any(|hole| hole.tag) {
                let names = below.params.iter().map(|spec| format!("{}=…", spec.name));
                let names: Vec<_> = names.collect();
                line.push_str(&format!("  # by name: {attribute}({})", names.join(", ")));
            }
            children.push(renamed(&below.name, line));
        }
        let base = if is_root { "(BaseCluster)" } else { "" };
        let mut lines = vec![format!("class {name}{base}:")];
        let doc = if is_root { layout.doc() } else { &namespace.doc };
        if !doc.is_empty() {
            lines.push(format!("    {}", quoted(doc)));
        }
        lines.push(format!("    __prefix__ = {}", quoted(&prefix)));
        if !namespace.params.is_empty() {
            lines.push(format!("    __validators__ = {}", validators(&namespace.params)));
        }
        lines.extend(children.iter().map(|line| format!("    {line}")));
        for id in &namespace.entries {
            let entry = layout.entry(*id)?;
            lines.push(format!("    {}", self.key(*id, entry, is_bare)));
        }
        self.classes.push_str(&format!("\n\n{}\n", lines.join("\n")));
        Ok(name)
    }

    /// The part of the prefix that a class has; the root has what stands in front of all, too.
    fn prefix_of(&self, namespace: &Namespace, is_root: bool) -> String {
        let own = format_string(&namespace.template);
        match self.prefix.trim_end_matches(':') {
            prefix if is_root && !prefix.is_empty() => {
                let doubled = prefix.replace('{', "{{").replace('}', "}}");
                [&doubled[..], &own[..]].join(if own.is_empty() { "" } else { ":" })
            }
            _ => own,
        }
    }

    /// The line of a key, or why there is none.
    fn key(&self, id: EntryId, entry: &Entry, is_bare: bool) -> String {
        if let Some(problem) = problem(entry, is_bare) {
            return format!("# left out: {}, {problem}", entry.name);
        }
        let described = self.layout.describe_entry(id);
        let mut args = vec![quoted(&format_string(&entry.template))];
        args.extend(described.member("default").map(|node| self.default(node, entry)));
        let mut notes = Vec::new();
        if let Some(Ttl::For(ms)) = entry.ttl {
            args.push(format!("ttl={}", ms.div_ceil(1_000)));
            if ms % 1_000 != 0 {
                notes.push("redisimnest has whole seconds".to_owned());
            }
            match entry.renew {
                Renew::Access => args.push("ttl_auto_renew=True".to_owned()),
                Renew::Never => notes.push("redisimnest renews it at each write".to_owned()),
                Renew::Write => {}
            }
            if entry.stale_ms > 0 || entry.jitter > 0 {
                notes.push("redisimnest knows no stale and no jitter".to_owned());
            }
        }
        match entry.kind {
            Kind::Secret => {
                args.push("is_secret=True".to_owned());
                notes.push("redisimnest cannot open what nestkey has sealed".to_owned());
            }
            Kind::Password => args.push("is_password=True".to_owned()),
            _ => notes.insert(0, entry.ty.display(self.layout.records()).to_string()),
        }
        let class = if entry.params.is_empty() { "Key" } else { "CheckedKey" };
        if !entry.params.is_empty() {
            args.push(format!("validators={}", validators(&entry.params)));
        }
        if !entry.doc.is_empty() {
            notes.push(comment(&entry.doc));
        }
        let line = format!("{} = {class}({})", attribute(&entry.name), args.join(", "));
        let line = renamed(&entry.name, line);
        if notes.is_empty() { line } else { format!("{line}  # {}", notes.join("; ")) }
    }

    fn default(&self, node: &Node, entry: &Entry) -> String {
        value(node, &entry.ty, self.layout)
    }
}

/// A line, with a remark where the attribute has another name than in the layout.
fn renamed(name: &str, line: String) -> String {
    if attribute(name) == name { line } else { format!("# `{name}` in the layout\n    {line}") }
}

/// Why redisimnest cannot share a key.
fn problem(entry: &Entry, is_bare: bool) -> Option<String> {
    let segments = &entry.template.segments;
    let starts_open =
        segments.first().is_some_and(|first| first.hole.is_some() && first.before.is_empty());
    Some(match entry.kind {
        _ if is_bare => "redisimnest puts `:` in front of a key without a prefix".to_owned(),
        Kind::Value if entry.codec == Codec::Bare => {
            "redisimnest stores envelopes, not bare values".to_owned()
        }
        Kind::Secret | Kind::Value if entry.ty.shape == Shape::Bytes => {
            "redisimnest has no bytes".to_owned()
        }
        Kind::Password | Kind::Secret | Kind::Value if starts_open => {
            "redisimnest wants a literal before the first parameter".to_owned()
        }
        Kind::Password | Kind::Secret | Kind::Value
            if entry.template.has_literal_braces()
                || entry.template.holes().any(|hole| hole.tag) =>
        {
            "redisimnest has no braces in the template of a key".to_owned()
        }
        Kind::Password | Kind::Secret | Kind::Value => return None,
        kind => format!("redisimnest has no kind {}", kind.name()),
    })
}

/// The template as Python's `format` reads it.
fn format_string(template: &Template) -> String {
    let segment = |segment: &nestkey::core::key::template::Segment| {
        let doubled = |text: &str| text.replace('{', "{{").replace('}', "}}");
        let hole = segment.hole.as_ref().map(|hole| format!("{{{}}}", hole.name));
        [doubled(&segment.before), hole.unwrap_or_default(), doubled(&segment.after)].concat()
    };
    let segments: Vec<_> = template.segments.iter().map(segment).collect();
    segments.join(":")
}

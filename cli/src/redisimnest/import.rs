//! redisimnest's classes as a layout file.

use std::{collections::BTreeSet, path::Path};

use nestkey::core::json::Value;

use super::{
    class::{Class, Expression, Is, Member, Module},
    name::{snake, unique},
    template::Template,
    value::quoted,
};
use crate::failure::{Failure, Result};

/// A layout file in the making.
pub(crate) struct Imported {
    pub(crate) toml: String,
    /// How many places want a person to decide.
    pub(crate) decisions: usize,
}

/// Reads the classes below a root and writes them as a layout.
pub(crate) fn import(file: &Path, root: Option<&str>) -> Result<Imported> {
    let module = Module::read(file)?;
    let root = find_root(&module, root)?;
    let mut writer = Writer::new(&module.classes, root);
    writer.layout(root);
    Ok(Imported { toml: writer.toml, decisions: writer.decisions })
}

/// The class of that name, or the only one from `BaseCluster` that stands in no other.
fn find_root(module: &Module, wanted: Option<&str>) -> Result<usize> {
    let classes = &module.classes;
    if let Some(wanted) = wanted {
        let found = classes.iter().rposition(|class| class.name == wanted);
        return found.ok_or_else(|| Failure::usage(format!("the file has no class `{wanted}`")));
    }
    let inner: BTreeSet<usize> = classes.iter().flat_map(children).collect();
    let is_root = |index: &usize| {
        classes.get(*index).is_some_and(|class| class.is_cluster) && !inner.contains(index)
    };
    match (0..classes.len()).filter(is_root).collect::<Vec<_>>()[..] {
        [root] => Ok(root),
        [] => Err(Failure::usage(
            "the file has no class that derives from BaseCluster, say where the tree starts with \
             --root",
        )),
        ref several => {
            let names: Vec<_> = several.iter().map(|index| &classes[*index].name[..]).collect();
            Err(Failure::usage(format!(
                "the file has {} trees, say which with --root: {}",
                several.len(),
                names.join(", ")
            )))
        }
    }
}

fn children(class: &Class) -> impl Iterator<Item = usize> {
    class.members.iter().filter_map(|member| match member.is {
        Is::Class(index) => Some(index),
        _ => None,
    })
}

pub(super) struct Writer<'c> {
    classes: &'c [Class],
    /// The parameters that stand above each class, wherever it is used.
    pub(super) above: Vec<BTreeSet<String>>,
    /// The name of the shape that a class with several parents becomes.
    shapes: Vec<Option<String>>,
    /// Every parameter's name there is.
    params: BTreeSet<String>,
    toml: String,
    decisions: usize,
}

impl<'c> Writer<'c> {
    fn new(classes: &'c [Class], root: usize) -> Self {
        let mut above = vec![BTreeSet::new(); classes.len()];
        let mut uses = vec![0_usize; classes.len()];
        let mut params = BTreeSet::new();
        uses[root] = 1;
        // Each class stands behind those that it mentions.
        for (index, class) in classes.iter().enumerate().rev().filter(|(index, _)| *index <= root) {
            if uses[index] == 0 {
                continue;
            }
            let own = prefix_of(class).and_then(|text| Template::read(text).ok());
            let own: Vec<_> = own.iter().flat_map(Template::holes).map(str::to_owned).collect();
            for child in children(class) {
                uses[child] += 1;
                let names: Vec<_> = above[index].iter().chain(&own).cloned().collect();
                above[child].extend(names);
            }
            params.extend(own);
            params.extend(key_params(class));
        }
        let mut taken = BTreeSet::new();
        let shape = |(class, uses): (&Class, &usize)| {
            (*uses > 1).then(|| unique(snake(&class.name), &mut taken))
        };
        let shapes = classes.iter().zip(&uses).map(shape).collect();
        Self { classes, above, shapes, params, toml: String::new(), decisions: 0 }
    }

    fn layout(&mut self, root: usize) {
        let class = &self.classes[root];
        self.line("nestkey = 1");
        self.line(&format!("name = {}", quoted(&snake(&class.name))));
        let has_params = prefix_of(class).is_some_and(|prefix| prefix.contains('{'));
        if has_params {
            // The root of a layout has no parameters: its only child has the root's place.
            self.line("prefix = \"\"");
            self.namespace(root, &["namespaces".to_owned()], &snake(&class.name));
        } else {
            self.contents(root, &[]);
        }
        for index in 0..self.classes.len() {
            if let Some(name) = self.shapes[index].clone() {
                self.namespace(index, &["shapes".to_owned()], &name);
            }
        }
    }

    /// A table of its own for a class, and those for the classes in it.
    fn namespace(&mut self, index: usize, above: &[String], name: &str) {
        let path = [above, &[name.to_owned()]].concat();
        self.line("");
        self.line(&format!("[{}]", path.join(".")));
        self.contents(index, &path);
    }

    fn contents(&mut self, index: usize, path: &[String]) {
        let class = &self.classes[index];
        if !class.doc.is_empty() {
            self.line(&format!("doc = {}", quoted(&class.doc)));
        }
        let prefix = self.prefix(class, index, path.is_empty());
        self.ttl(class);
        self.validators(class);
        if path.is_empty() && class.members.iter().any(|member| matches!(member.is, Is::Key(_))) {
            self.line("\n[keys]");
        }
        let mut taken = BTreeSet::new();
        for member in &class.members {
            match &member.is {
                Is::Key(fields) => {
                    let name = self.named(member, &mut taken);
                    let dotted =
                        if path.is_empty() { name.clone() } else { format!("keys.{name}") };
                    self.key(&dotted, &name, member, fields, index, &prefix);
                }
                Is::Call(source) => self.decide(&format!(
                    "`{}` (line {}) is left out: {source} is no `Key(…)` to read",
                    member.name, member.line
                )),
                Is::Class(_) | Is::Value(_) => {}
            }
        }
        for member in &class.members {
            if let Is::Class(child) = member.is {
                self.child(member, child, path, &mut taken);
            }
        }
    }

    /// A class in a class: a table, or the use of a shape.
    fn child(
        &mut self,
        member: &Member,
        child: usize,
        path: &[String],
        taken: &mut BTreeSet<String>,
    ) {
        let class = &self.classes[child];
        let problem = match prefix_of(class) {
            _ if class.expression("__prefix__").is_none()
                && !class.is_cluster
                && !class.is_derived =>
            {
                Some("it has no `__prefix__`, which redisimnest refuses as well".to_owned())
            }
            None => Some("its `__prefix__` is no text to read".to_owned()),
            Some(text) => {
                let template = Template::read(text).and_then(|template| template.spelled());
                match template {
                    Ok(_) if text.starts_with('{') && !text.starts_with("{{") => {
                        Some(format!("`{text}` starts with a parameter"))
                    }
                    Ok(_) => None,
                    Err(problem) => Some(problem),
                }
            }
        };
        if let Some(problem) = problem {
            let (name, line) = (&class.name, &class.line);
            self.decide(&format!("`{name}` (line {line}) is left out: {problem}"));
            return;
        }
        let name = self.named(member, taken);
        let above = [path, &["namespaces".to_owned()]].concat();
        match self.shapes[child].clone() {
            None => self.namespace(child, &above, &name),
            Some(shape) => {
                self.line("");
                self.line(&format!("[{}.{name}]", above.join(".")));
                self.line(&format!("use = {}", quoted(&shape)));
            }
        }
    }

    /// Writes the prefix and its parameters, and gives their names.
    fn prefix(&mut self, class: &Class, index: usize, is_root: bool) -> Vec<String> {
        let lost = class.is_derived && !class.is_cluster;
        if lost && class.expression("__prefix__").is_none() {
            self.decide("redisimnest does not inherit `__prefix__` here, so its keys have `base`");
        }
        let Some(text) = prefix_of(class) else {
            self.decide("`__prefix__` is no text to read, this one is made up");
            self.line(&format!("prefix = {}", quoted(&snake(&class.name))));
            return Vec::new();
        };
        if is_root && text.is_empty() {
            self.decide(
                "under an empty prefix redisimnest writes `:name` for keys of the root, nestkey \
                 `name`: rename those keys, or move them into a namespace",
            );
        }
        let written = Template::read(text).and_then(|template| {
            self.params(template, &snake(&class.name), &self.above[index].clone())
        });
        let (template, params) = match written {
            Ok(written) => written,
            Err(problem) => {
                self.decide(&format!("`__prefix__` {text:?} is not possible: {problem}"));
                (snake(&class.name), Vec::new())
            }
        };
        self.line(&format!("prefix = {}", quoted(&template)));
        for param in &params {
            self.line(&format!("params.{param} = {{ encoding = \"verbatim\" }}"));
        }
        // Keys see the names as they were, which are those that may be repeated.
        let was = Template::read(text);
        let was = was.iter().flat_map(Template::holes).map(str::to_owned);
        was.chain(self.above[index].clone()).chain(params).collect()
    }

    /// A template whose parameters have names that nothing above them has.
    pub(super) fn params(
        &mut self,
        mut template: Template,
        owner: &str,
        above: &BTreeSet<String>,
    ) -> std::result::Result<(String, Vec<String>), String> {
        let mut names: Vec<String> = Vec::new();
        let mut renamed = Vec::new();
        template.rename(|name| {
            let mut name = name.to_owned();
            if above.contains(&name) || names.contains(&name) {
                let own = unique(format!("{owner}_{name}"), &mut self.params);
                renamed.push((std::mem::replace(&mut name, own.clone()), own));
            }
            names.push(name.clone());
            name
        });
        let text = template.spelled()?;
        for (was, is) in renamed {
            self.decide(&format!(
                "`{was}` stands above already: redisimnest may fill it in from there, here `{is}` is \
                 given for itself"
            ));
        }
        Ok((text, names))
    }

    fn ttl(&mut self, class: &Class) {
        let Some(expression) = class.expression("__ttl__") else { return };
        if let Some(ttl) = self.seconds(expression, "`__ttl__`") {
            self.line(&format!("ttl = {ttl}"));
        }
    }

    fn validators(&mut self, class: &Class) {
        if let Some(Expression::Source { text, names }) = class.expression("__validators__") {
            let of = if names.is_empty() { text.clone() } else { names.join(", ") };
            self.decide(&format!(
                "`__validators__` of {of}: declare `min`, `max`, `one_of`, `format` … on the parameter, \
                 or give the program a function with `validate`"
            ));
        }
    }

    /// Whole seconds, at least one.
    pub(super) fn seconds(&mut self, given: &Expression, what: &str) -> Option<u64> {
        match given {
            Expression::Source { text, .. } => {
                self.decide(&format!("{what} is not known before it runs: {text}"));
                None
            }
            Expression::Literal { .. } => {
                let value = given.value()?;
                let seconds = match value {
                    Value::Number(text) => text.parse().ok().filter(|seconds| *seconds > 0),
                    _ => None,
                };
                if seconds.is_none() {
                    self.decide(&format!("{what} is no number of seconds that Redis takes"));
                }
                seconds
            }
        }
    }

    /// The name of a member in its namespace, and a remark where it is another than in Python.
    fn named(&mut self, member: &Member, taken: &mut BTreeSet<String>) -> String {
        let name = unique(snake(&member.name), taken);
        if name != member.name {
            self.line(&format!("# `{}` in Python", member.name));
        }
        name
    }

    pub(super) fn decide(&mut self, what: &str) {
        self.decisions += 1;
        let what: String = what.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.line(&format!("# decide: {what}"));
    }

    pub(super) fn line(&mut self, line: &str) {
        self.toml.push_str(line);
        self.toml.push('\n');
    }
}

/// The `__prefix__` that redisimnest uses.
fn prefix_of(class: &Class) -> Option<&str> {
    match class.expression("__prefix__") {
        None => Some("base"),
        Some(prefix) => prefix.as_str(),
    }
}

/// The parameters of the keys of a class.
fn key_params(class: &Class) -> Vec<String> {
    let templates = class.members.iter().filter_map(|member| match &member.is {
        Is::Key(fields) => {
            let field = fields.iter().find(|(name, _)| name == "prefix_template");
            field.and_then(|(_, text)| Template::read(text.as_str()?).ok())
        }
        _ => None,
    });
    templates.flat_map(|found| found.holes().map(str::to_owned).collect::<Vec<_>>()).collect()
}

//! Parameters: their types, inline, declared or named.

use alloc::{borrow::ToOwned, format, string::String, vec::Vec};

use super::{Checker, constraint::Words};
use crate::{
    key::{
        param::{ParamSpec, ParamType},
        template::Template,
    },
    layout::{
        collide, name,
        read::{At, DeclaredConstraints, DeclaredParam},
    },
    steps,
    types::Format,
};

/// The most parameters that one template has.
const MAX_PARAMS: usize = 16;

impl Checker<'_, '_> {
    /// The parameters of a template in its order.
    pub(in crate::layout) fn params(
        &mut self,
        template: &Template,
        declared: &[DeclaredParam<'_>],
        at: u32,
        path: &str,
        above: &[String],
    ) -> Vec<ParamSpec> {
        let mut specs: Vec<ParamSpec> = Vec::new();
        if template.holes().count() > MAX_PARAMS {
            self.issues.add(at, path, format!("more than {MAX_PARAMS} parameters in a template"));
            return specs;
        }
        for hole in template.holes() {
            steps::count(1 + above.len() + declared.len());
            if let Some(problem) = name::problem(&hole.name) {
                self.issues.add(at, path, problem);
            }
            if above.contains(&hole.name) || specs.iter().any(|spec| spec.name == hole.name) {
                let message =
                    format!("the parameter `{}` stands twice in the whole key", hole.name);
                self.issues.add(at, path, message);
            }
            let declared = declared.iter().find(|param| param.name == hole.name);
            let inline = hole.inline.as_deref().map(|is| At { at, is });
            specs.push(self.param(&hole.name, inline, declared, path));
        }
        for param in declared {
            if !template.holes().any(|hole| hole.name == param.name) {
                let message = format!("`{}` is no parameter of the template", param.name);
                self.issues.add(param.at, path, message);
            }
        }
        specs
    }

    /// A parameter type of the layout's own.
    pub(super) fn named_param(&mut self, declared: &DeclaredParam<'_>) -> ParamSpec {
        let path = format!("params.{}", declared.name);
        let ty = declared.ty.map_or(Some(ParamType::String), |ty| ParamType::parse(ty.is));
        if ty.is_none() {
            self.issues.add(declared.at, &path, "it has no type that parameters can have");
        }
        self.spec(declared.name, ty.unwrap_or(ParamType::String), Some(declared), &path)
    }

    fn param(
        &mut self,
        name: &str,
        inline: Option<At<&str>>,
        declared: Option<&DeclaredParam<'_>>,
        path: &str,
    ) -> ParamSpec {
        let own = declared.and_then(|param| param.ty);
        if let (Some(inline), Some(own)) = (inline, own)
            && inline.is != own.is
        {
            let message =
                format!("`{name}` is `{}` in the template and `{}` here", inline.is, own.is);
            self.issues.add(own.at, path, message);
        }
        let Some(ty) = inline.or(own) else {
            return self.spec(name, ParamType::String, declared, path);
        };
        if let Some(ty) = ParamType::parse(ty.is) {
            return self.spec(name, ty, declared, path);
        }
        // `{session_id:hex}` is a string of that format.
        if let Some(format) = Format::parse(ty.is) {
            let mut spec = ParamSpec::new(name, ParamType::String);
            spec.constraints.format = Some(format);
            return self.detailed(spec, declared, path);
        }
        let number = self.param_names.find(ty.is);
        let Some(named) = number.and_then(|number| self.named_params.get(number)) else {
            let mut names = ParamType::ALL.iter().map(|ty| ty.name());
            self.unknown(ty.at, path, "parameter type", ty.is, &mut names);
            return ParamSpec::new(name, ParamType::String);
        };
        let mut spec = named.clone();
        name.clone_into(&mut spec.name);
        let Some(own) = declared else { return spec };
        if own.changes_values() {
            let message = format!(
                "`{name}` is `params.{}`: only `doc` and `sensitive` may stand beside that",
                ty.is
            );
            self.issues.add(own.at, path, message);
        }
        if !own.doc.is_empty() {
            own.doc.clone_into(&mut spec.doc);
        }
        spec.sensitive |= own.sensitive;
        spec
    }

    fn spec(
        &mut self,
        name: &str,
        ty: ParamType,
        declared: Option<&DeclaredParam<'_>>,
        path: &str,
    ) -> ParamSpec {
        self.detailed(ParamSpec::new(name, ty), declared, path)
    }

    /// A parameter with what is declared about it besides its type.
    fn detailed(
        &mut self,
        mut spec: ParamSpec,
        declared: Option<&DeclaredParam<'_>>,
        path: &str,
    ) -> ParamSpec {
        let Some(param) = declared else { return spec };
        let inline = spec.constraints.format;
        spec.doc.push_str(param.doc);
        spec.sensitive = param.sensitive;
        spec.allow_empty = param.allow_empty;
        spec.verbatim = match param.encoding {
            None => false,
            Some(At { is: "verbatim", .. }) => true,
            Some(At { is: "percent", .. }) => false,
            Some(At { at, is }) => {
                self.unknown(at, path, "encoding", is, &mut ["percent", "verbatim"].into_iter());
                false
            }
        };
        let words = if spec.ty == ParamType::Int { Words::Numbers } else { Words::Texts };
        spec.constraints = self.constraints(&param.constraints, words, path);
        let mut problems = Vec::new();
        if let (Some(inline), Some(own)) = (inline, spec.constraints.format)
            && inline != own
        {
            let (inline, own) = (inline.name(), own.name());
            problems.push(format!("it is of the format {inline} in the template and {own} here"));
        }
        spec.constraints.format = inline.or(spec.constraints.format);
        problems.extend(spec.problems());
        if problems.is_empty() && collide::example(&spec).is_none() {
            problems.push(String::from("no value satisfies all of this"));
        }
        for problem in problems {
            self.issues.add(param.at, path, format!("`{}`: {problem}", spec.name));
        }
        spec
    }
}

impl DeclaredParam<'_> {
    /// Whether it says which values it takes, or how they are written.
    fn changes_values(&self) -> bool {
        self.allow_empty || self.encoding.is_some() || self.constraints.any()
    }
}

impl DeclaredConstraints<'_> {
    fn any(&self) -> bool {
        self.min.is_some()
            || self.max.is_some()
            || self.max_length.is_some()
            || self.one_of.is_some()
            || self.none_of.is_some()
            || self.format.is_some()
    }
}

//! A `Key` of redisimnest as a key of a layout.

use nestkey::core::json::Value;

use super::{
    class::{Expression, Member},
    import::Writer,
    template::Template,
    value::{quoted, toml},
};

impl Writer<'_> {
    /// Writes one key, or why it is left out.
    pub(super) fn key(
        &mut self,
        dotted: &str,
        name: &str,
        member: &Member,
        fields: &[(String, Expression)],
        class: usize,
        above: &[String],
    ) {
        let field = |wanted: &str| {
            fields.iter().find(|(name, _)| name == wanted).map(|(_, expression)| expression)
        };
        if let Some(base) = &member.base {
            self.line(&format!("# from {base}"));
        }
        let is = |name: &str| flag(field(name));
        let (secret, password) = (is("is_secret"), is("is_password"));
        let text = field("prefix_template").and_then(Expression::as_str);
        let above = above.iter().chain(&self.above[class]).cloned().collect();
        let written = match text {
            _ if secret.is_none() || password.is_none() => {
                Err("whether it is secret is not known before it runs".to_owned())
            }
            _ if secret == Some(true) && password == Some(true) => {
                Err("it is a secret and a password at once".to_owned())
            }
            None => Err("its template is no text to read".to_owned()),
            Some(text) if text.contains("{{") => {
                Err("redisimnest takes doubled braces in a key for a parameter".to_owned())
            }
            Some(text) => Template::read(text).and_then(|found| self.params(found, name, &above)),
        };
        let (template, params) = match written {
            Ok(written) => written,
            Err(problem) => {
                let (name, line) = (&member.name, &member.line);
                return self.decide(&format!("`{name}` (line {line}) is left out: {problem}"));
            }
        };
        let mut parts = Vec::new();
        if template != name {
            parts.push(format!("template = {}", quoted(&template)));
        }
        parts.push(match (secret, password) {
            (Some(true), _) => "kind = \"secret\", legacy = \"fernet\"".to_owned(),
            (_, Some(true)) => "kind = \"password\"".to_owned(),
            _ => "type = \"any\"".to_owned(),
        });
        let is_plain = secret != Some(true) && password != Some(true);
        parts.extend(self.default(field("default_value"), is_plain));
        let ttl = field("ttl").and_then(|ttl| self.seconds(ttl, "`ttl`"));
        parts.extend(ttl.map(|ttl| format!("ttl = {ttl}")));
        match is("ttl_auto_renew") {
            Some(true) => parts.push("renew = \"access\"".to_owned()),
            Some(false) => {}
            None => self.decide("`ttl_auto_renew` is not known before it runs"),
        }
        let params = params.iter().map(|param| format!("{param} = {{ encoding = \"verbatim\" }}"));
        let params: Vec<_> = params.collect();
        if !params.is_empty() {
            parts.push(format!("params = {{ {} }}", params.join(", ")));
        }
        self.line(&format!("{dotted} = {{ {} }}", parts.join(", ")));
    }

    fn default(&mut self, default: Option<&Expression>, is_plain: bool) -> Option<String> {
        let default = default?;
        let known = match default {
            Expression::Literal { .. } => Some(default.value()?),
            Expression::Source { text, .. } if is_plain => {
                self.decide(&format!("the default is not known before it runs: {text}"));
                return None;
            }
            Expression::Source { .. } => None,
        };
        // What it was is not shown, nor its source.
        if !is_plain {
            self.decide("a secret or password has no default, the one that it had is dropped");
            return None;
        }
        if let Expression::Literal { notes, .. } = default {
            notes.iter().for_each(|note| self.decide(&format!("the default is {note}")));
        }
        let spelled = known.and_then(toml);
        if spelled.is_none() {
            self.decide("the default has None in it, or a number that TOML has not: it is dropped");
        }
        spelled.map(|value| format!("default = {value}"))
    }
}

/// A flag, false where it is not given; nothing where it is not known.
fn flag(given: Option<&Expression>) -> Option<bool> {
    match given {
        None => Some(false),
        Some(Expression::Source { .. }) => None,
        Some(Expression::Literal { value, .. }) => match &value.value {
            Value::Bool(flag) => Some(*flag),
            Value::Null => Some(false),
            Value::Number(text) => Some(text != "0"),
            _ => None,
        },
    }
}

use alloc::{string::ToString, vec::Vec};

use crate::{
    call::{Call, FoundKey, Outcome, Rotated, Target, Verb, Verdict},
    error::{Error, ErrorKind, Result},
    json::{Node, Value},
    key::param::Given,
    layout::{Entry, Layout},
    op::{Decode, Unit},
    types::{Shape, Type},
    value::{self, Builder, Payload},
};

impl Outcome {
    /// The outcome of a call as JSON.
    ///
    /// A missing key is `null`, a key without expiry `"persist"`; `lookup` gives
    /// `{"found": false}` or `{"found": true, "value": …}`, a clear `{"removed": 1, "strays": 0}`,
    /// a key `{"key": …, "path": …, "params": {…}}`. Times are in the unit of their call.
    ///
    /// # Errors
    ///
    /// What JSON cannot hold: an object with a member `__type__` where it would be taken for a tag, a
    /// secret of the type `string` that is no UTF-8.
    pub fn to_json(&self, call: &Call, layout: &Layout) -> Result<Node> {
        Ok(match self {
            Self::Bool(value) => Node::new(Value::Bool(*value)),
            Self::Bytes(bytes) => match core::str::from_utf8(bytes) {
                Ok(text) => Node::string(text),
                Err(_) => tagged_bytes(bytes, layout)?,
            },
            Self::Cleared(cleared) => Node::object([
                ("removed", Node::number(&cleared.removed)),
                ("strays", Node::number(&cleared.strays)),
            ]),
            Self::Form(form) => Node::string(form.to_string()),
            Self::Int(count) => Node::number(count),
            Self::Key(found) => found.to_json(layout)?,
            Self::Many(results) => Node::new(Value::Array(
                results
                    .iter()
                    .map(|result| match result {
                        Ok(outcome) => Ok(Node::object([("ok", outcome.to_json(call, layout)?)])),
                        Err(error) => {
                            Ok(Node::object([("error", Node::string(error.kind().code()))]))
                        }
                    })
                    .collect::<Result<_>>()?,
            )),
            Self::Missing if call.verb == Verb::Lookup => {
                Node::object([("found", Node::new(Value::Bool(false)))])
            }
            Self::Missing => Node::null(),
            Self::Persistent => Node::string("persist"),
            Self::Rotated(rotated) => rotated.to_json(),
            Self::Secret(plaintext) => {
                let is_bytes = matches!(call.target, Target::Entry(id)
                    if layout.entry(id).is_ok_and(|entry| entry.ty.shape == Shape::Bytes));
                let secret = match plaintext {
                    None => Node::null(),
                    Some(bytes) if is_bytes => tagged_bytes(bytes.expose(), layout)?,
                    Some(text) => match core::str::from_utf8(text.expose()) {
                        Ok(text) => Node::string(text),
                        Err(_) => {
                            let message = "a secret of the type `string` that is not UTF-8";
                            return Err(Error::new(ErrorKind::MalformedSecret, message));
                        }
                    },
                };
                found(call, secret)
            }
            Self::Text(word) => Node::string(word),
            Self::Time(ms) => Node::number(&match call.verb {
                Verb::Op { row, .. } if row.reply == Decode::Time(Unit::Seconds) => ms / 1_000,
                _ => *ms,
            }),
            Self::Unit => Node::null(),
            Self::Value(payload) => {
                let entry = match call.target {
                    Target::Entry(id) => Some(layout.entry(id)?),
                    Target::Namespace(_) => None,
                };
                found(call, plain(payload, entry, layout)?)
            }
            Self::Verdict(verdict) => Node::object([
                ("verdict", Node::string(verdict.word())),
                (
                    "wants_upgrade",
                    Node::new(Value::Bool(*verdict == Verdict::Yes { wants_upgrade: true })),
                ),
            ]),
        })
    }
}

impl FoundKey {
    /// The key as `{"key": …, "path": …, "params": {…}}`.
    ///
    /// # Errors
    ///
    /// A key of another layout.
    pub fn to_json(&self, layout: &Layout) -> Result<Node> {
        let specs = layout.all_params(self.entry);
        let params = specs.iter().zip(&self.params).map(|(spec, given)| {
            let node = match given {
                Given::Bool(value) => Node::new(Value::Bool(*value)),
                Given::Bytes(bytes) => tagged_bytes(bytes, layout)?,
                Given::Int(value) => Node::number(value),
                Given::String(value) | Given::Uuid(value) => Node::string(value),
            };
            Ok((spec.name.clone(), node))
        });
        let params = params.collect::<Result<Vec<_>>>()?;
        let path = &*layout.entry(self.entry)?.path;
        Ok(Node::object([
            ("key", Node::string(&*self.key)),
            ("path", Node::string(path)),
            ("params", Node::object(params)),
        ]))
    }
}

impl Rotated {
    /// `{"resealed": 2, "failed": 0, "forms": {"7f3a0102": 2}}`.
    fn to_json(&self) -> Node {
        let forms = self.forms.iter().map(|(form, count)| (form.to_string(), Node::number(count)));
        Node::object([
            ("resealed", Node::number(&self.resealed)),
            ("failed", Node::number(&self.failed)),
            ("forms", Node::object(forms)),
        ])
    }
}

/// What `lookup` says besides the value itself.
fn found(call: &Call, value: Node) -> Node {
    match call.verb {
        Verb::Lookup => Node::object([("found", Node::new(Value::Bool(true))), ("value", value)]),
        _ => value,
    }
}

/// A value in the plain spelling of its entry's type.
fn plain(payload: &Payload, entry: Option<&Entry>, layout: &Layout) -> Result<Node> {
    let any = Type::new(Shape::Any);
    let ty = entry.map_or(&any, |entry| &entry.ty);
    value::plain::to_node(payload, ty, layout.records())
}

fn tagged_bytes(bytes: &[u8], layout: &Layout) -> Result<Node> {
    let mut builder = Builder::new();
    let payload = builder.bytes(bytes).and_then(|()| builder.finish())?;
    plain(&payload, None, layout)
}

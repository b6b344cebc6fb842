//! Which values of a parameter nestkey and redisimnest spell alike, as a check in Python.

use nestkey::core::{
    key::param::{ParamSpec, ParamType},
    types::Format,
};

use super::source::quoted;

/// The check itself: it looks at the text that redisimnest puts into the key.
pub(super) const CHECKS: &str = r#"
def param(pattern, least=None, most=None, max_length=512, one_of=None, none_of=()):
    """A check that takes what nestkey and redisimnest spell alike."""

    def takes(value):
        text = format(value) if type(value) in (int, str, UUID) else ""
        return (
            re.fullmatch(pattern, text) is not None
            and len(text) <= max_length
            and len(text.encode()) <= 512
            and (least is None or least <= int(text))
            and (most is None or int(text) <= most)
            and (one_of is None or text in one_of)
            and text not in none_of
        )

    return takes


class CheckedKey(Key):
    """A key that checks its own parameters, as clusters do."""

    def __init__(self, *args, validators=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.validators = validators or {}

    def _copy(self):
        copy = super()._copy()
        copy.validators = self.validators
        return copy

    def __call__(self, *args, **kwargs):
        bound = super().__call__(*args, **kwargs)
        for name, takes in self.validators.items():
            if not takes(bound._resolved_args[name]):
                raise ParameterValidationError(f"the parameter {name!r} of {self!r} does not take this value")
        return bound
"#;

/// `{"user_id": param(…)}`.
pub(super) fn validators(params: &[ParamSpec]) -> String {
    let one = |spec: &ParamSpec| format!("{}: {}", quoted(&spec.name), check(spec));
    let all: Vec<_> = params.iter().map(one).collect();
    format!("{{{}}}", all.join(", "))
}

fn check(spec: &ParamSpec) -> String {
    let constraints = &spec.constraints;
    let mut args = vec![format!("r\"{}\"", pattern(spec))];
    if spec.ty == ParamType::Int {
        let least = constraints.min.unwrap_or_default().max(i128::from(i64::MIN));
        let least = if constraints.min.is_some() { least } else { i128::from(i64::MIN) };
        let most = constraints.max.unwrap_or(i128::MAX).min(i128::from(u64::MAX));
        args.push(format!("{least}, {most}"));
    }
    args.extend(constraints.max_length.map(|most| format!("max_length={}", most.min(512))));
    for (name, texts) in [("one_of", &constraints.one_of), ("none_of", &constraints.none_of)] {
        if !texts.is_empty() {
            let shown = texts.iter().map(|text| match spec.ty {
                ParamType::Uuid => quoted(&text.to_ascii_lowercase()),
                _ => quoted(text),
            });
            args.push(format!("{name}=[{}]", shown.collect::<Vec<_>>().join(", ")));
        }
    }
    format!("param({})", args.join(", "))
}

/// The texts that stand in a key as they are.
fn pattern(spec: &ParamSpec) -> &'static str {
    match (spec.ty, spec.constraints.format) {
        (_, Some(Format::Digits)) => "[0-9]+",
        (_, Some(Format::Hex)) => "[0-9a-f]+",
        (_, Some(Format::Slug)) => "[a-z0-9-]+",
        (_, Some(Format::Ulid)) => "[0-7][0-9A-HJKMNP-TV-Z]{25}",
        (ParamType::Bool, _) => "true|false",
        (ParamType::Int, _) => "0|-?[1-9][0-9]*",
        (ParamType::Uuid, _) => "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        _ if spec.verbatim => r"[^:*?\[\]\\^\x00-\x1f\x7f-\x9f]+",
        _ => "[A-Za-z0-9._~@+=,-]+",
    }
}

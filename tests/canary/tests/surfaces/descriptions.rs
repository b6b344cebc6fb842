//! Layouts, paths and keys: what is said of them, and of what is wrong with them.

use nestkey::{
    Client,
    core::{call::Call, json, layout::Layout},
};
use nestkey_canary::{assert_none, text};

use crate::{
    core_types::LAYOUT,
    shown::{debug, error, failure},
};

/// A parameter that nobody is to see, in front of keys of every kind.
pub(crate) const DOOR: &str = r#"{"prefix": "root", "namespaces": {"door": {
    "prefix": "door:{pin}:{level}",
    "params": {"pin": {"sensitive": true, "max_length": 60}, "level": {"type": "int"}},
    "keys": {
        "open": {"type": "bool"},
        "code": {"kind": "secret"},
        "pass": {"kind": "password", "cost": 10},
        "visit": {"template": "visit:{guest:uuid}", "params": {"guest": {"sensitive": true}}, "type": "int"}
    }
}}}"#;

#[test]
fn a_layout_shows_no_default_of_a_secret() {
    let canary = text("plaintext");
    for kind in ["secret", "password"] {
        let json = format!(r#"{{"keys": {{"x": {{"kind": "{kind}", "default": "{canary}"}}}}}}"#);
        failure("a default in JSON", Layout::from_json(&json));
        let toml = format!("[keys]\nx = {{ kind = \"{kind}\", default = \"{canary}\" }}");
        failure("a default in TOML", Layout::from_toml(&toml));
        let listed =
            format!(r#"{{"keys": {{"x": {{"kind": "{kind}", "default": ["{canary}"]}}}}}}"#);
        failure("a default that is no text", Layout::from_json(&listed));
    }
    let layout = Layout::from_json(LAYOUT).expect("the layout");
    debug("a layout", &layout);
}

#[test]
fn a_path_that_is_wrong_does_not_show_its_parameters() {
    let layout = Layout::from_json(DOOR).expect("the layout");
    // As it stands in paths: between quotes, or as it is where that may be.
    for pin in [
        format!("\"{}\"", text("sensitive parameter")),
        text("sensitive parameter").replace('@', "=").replace(' ', "_"),
    ] {
        for path in [
            format!("door({pin}, 1).opne"),
            format!("door({pin}, 1).open.more"),
            format!("door({pin}, 1).open(1)"),
            format!("door({pin}, 1"),
            format!("door({pin}, 1)."),
            format!("door({pin}, 1)open"),
            format!("door({pin} 1).open"),
            format!("door({pin}).open"),
            format!("door({pin}, x).open"),
            format!("door({pin}, 1, 2).open"),
            format!("door(pin={pin}, 1).open"),
            format!("door(pin={pin}, pin={pin}).open"),
            format!("door(pni={pin}, level=1).open"),
            format!("door({pin}=1, level=1).open"),
            format!("door({pin}{pin}, 1).open"),
            format!("door({pin}, 1).visit({pin})"),
            format!("door({pin}, 1).visit({pin}, {pin})"),
            format!("door({pin}, 1).visit(x={pin})"),
            format!("door({}, 1).open", pin.trim_end_matches('"').to_owned() + "\\q\""),
        ] {
            if let Err(found) = layout.resolve(&path, "") {
                error("a wrong path", &found);
            }
            let call =
                format!(r#"{{"call": "get", "path": {}, "x": 1}}"#, json::Node::string(&*path));
            let node = json::read(call.as_bytes()).expect("JSON");
            failure("a call on a wrong path", Call::from_json(&node, &layout, ""));
        }
    }
}

/// Where it was typed as a name, nobody can know what it was meant for.
#[test]
fn descriptions_hide_sensitive_parameters() {
    let layout = Layout::from_json(DOOR).expect("the layout");
    let root = Client::memory().0.bind(&layout);
    let door = root.namespace("door", (text("sensitive parameter"), 1)).expect("a door");
    let open = door.entry("open").expect("an entry");
    let code = door.secret("code").expect("a secret");
    for node in [door.describe(), open.describe(), code.describe()] {
        assert_none("a description", &format!("{node} {node:#} {node:?}"));
    }
    let (_, key) = layout
        .resolve(&format!("door(\"{}\", 1).open", text("sensitive parameter")), "")
        .expect("a key");
    let (target, _) = layout.resolve("door(x, 1).open", "").expect("an entry");
    let nestkey::core::layout::Target::Entry(id) = target else { panic!("an entry") };
    for prefix in ["", "dev:", "root:door:"] {
        assert_none("a key as it is shown", &layout.shown(id, key.as_str(), prefix));
    }
}

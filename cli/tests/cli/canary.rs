//! Secrets that nothing may show go through the command line: what it prints unasked has none.

use nestkey_canary::{assert_none, stored, text};

use crate::{run::nestkey_in, secret::Vault};

const LAYOUT: &str = r#"
    prefix = "root"
    [namespaces.user]
    prefix = "user:{user_id:int}"
    keys.sensitive_data = { kind = "secret" }
    keys.password = { kind = "password", cost = 10 }
    [namespaces.door]
    prefix = "door:{pin}"
    params.pin = { sensitive = true, max_length = 60 }
    keys.open = { type = "bool" }
    keys.code = { kind = "secret" }
    keys.pass = { kind = "password", cost = 10 }
"#;

fn vault() -> Vault {
    let vault = Vault::open(LAYOUT);
    vault.write("ring.json", &nestkey_canary::keyring());
    vault
}

#[test]
fn neither_secrets_nor_passwords_nor_keys_are_printed_unasked() {
    let mut vault = vault();
    let secrets = [text("plaintext"), stored("sealed"), "x"];
    for (input, stored) in secrets
        .into_iter()
        .flat_map(|stored| [(text("plaintext"), stored), (text("password"), stored)])
    {
        for args in [
            &["set", "user(1).sensitive_data", "-"][..],
            &["get", "user(1).sensitive_data"],
            &["set", "user(1).password", "-"],
            &["verify", "user(1).password", "-"],
            &["verify", "user(1).password", "-", "--upgrade"],
            &["get", "user(1).password"],
            &["plan", "set", "user(1).sensitive_data", "-"],
            &["plan", "set", "user(1).password", "-"],
            &["plan", "--json-call", "-"],
            &["rotate", "--yes"],
            &["rotate", "--dry-run"],
            &["keyring", "show", "ring.json"],
            &["describe"],
        ] {
            for more in [&[][..], &["--trace"], &["--json"]] {
                vault.redis(&["SET", "root:user:2:sensitive_data", stored]);
                let ran = vault.run_with(&[args, more].concat(), input);
                assert_none(&format!("{args:?} {more:?}"), &format!("{}{}", ran.out, ran.err));
                assert!(!ran.err.contains("panicked"), "{}", ran.err);
            }
        }
    }
    let long = text("password").repeat(2);
    for args in [["set", "user(1).password", "-"], ["verify", "user(1).password", "-"]] {
        assert_none("a long password", &vault.run_with(&args, &long).failed(2));
    }
    // As words, where they do not belong.
    for args in [
        ["set", "user(1).sensitive_data", text("plaintext")],
        ["set", "user(1).password", text("password")],
        ["verify", "user(1).password", text("password")],
    ] {
        assert_none("a word that is refused", &vault.run_with(&args, "").failed(2));
    }
}

#[test]
fn a_keyring_in_the_wrong_place_is_not_printed() {
    let vault = vault();
    let keyring = nestkey_canary::keyring();
    let material = keyring.split("\"material\":\"").nth(1).and_then(|rest| rest.split('"').next());
    let material = material.expect("a material");
    for bad in [
        material.to_owned(),
        keyring.replace("primary", material),
        keyring.replace("7f3a0102", material),
        keyring[..keyring.len() - 1].into(),
    ] {
        let ran = vault.run_in(
            &["get", "user(1).sensitive_data", "--reveal"],
            "",
            &[("NESTKEY_KEYRING", &bad)],
        );
        assert_none("a variable", &ran.failed(2));
        vault.write("bad.json", &bad);
        for args in [
            &["keyring", "show", "bad.json"][..],
            &["keyring", "promote", "bad.json", "7f3a0102"],
            &["rotate", "--yes", "--keyring", "bad.json"],
        ] {
            let ran = vault.run_with(args, "");
            assert_ne!(ran.code, Some(0), "{args:?}");
            assert_none(&format!("{args:?}"), &format!("{}{}", ran.out, ran.err));
        }
    }
    let fernet = format!("{}x", text("Fernet key"));
    let ran = vault.run_in(
        &["get", "user(1).sensitive_data", "--reveal"],
        "",
        &[("MY_ENCRYPTION_KEY", &fernet)],
    );
    assert_none("a Fernet key", &ran.failed(2));
}

#[test]
fn the_password_of_a_url_is_not_printed() {
    let vault = vault();
    let password = text("password of a URL");
    let escaped = password.replace(' ', "%20").replace('/', "%2F").replace('@', "%40");
    for url in [
        format!("redis://:{escaped}@127.0.0.1:{}", vault.server.port()),
        format!("redis://ada:{escaped}@127.0.0.1:1"),
        format!("redis://:{escaped}@127.0.0.1:port"),
        format!("redis://:{password}@127.0.0.1:1"),
        format!("{escaped}@127.0.0.1"),
    ] {
        for more in [&[][..], &["--trace"], &["--json"]] {
            let args = [&["--url", &url[..], "get", "door(x).open"][..], more].concat();
            let ran = nestkey_in(&vault.folder, &args, "");
            assert_eq!(ran.code, Some(2), "{}", ran.err);
            assert_none("a URL", &format!("{}{}", ran.out, ran.err));
        }
    }
}

#[test]
fn a_refusal_shows_no_sensitive_parameter() {
    let mut vault = vault();
    let door = format!("door(\"{}\")", text("sensitive parameter"));
    let key = format!(
        "root:door:{}",
        text("sensitive parameter").replace(' ', "%20").replace('/', "%2F")
    );
    vault.redis(&["SET", &format!("{key}:open"), "garbage"]);
    vault.redis(&["SET", &format!("{key}:code"), "garbage"]);
    let at = |name: &str| format!("{door}.{name}");
    for args in [
        &["get", &at("opne")][..],
        &["get", &at("open")],
        &["get", &at("code")],
        &["get", &at("code"), "--reveal"],
        &["get", &at("pass")],
        &["get", &door],
        &["get", &door[..20]],
        &["set", &at("open"), "x"],
        &["set", &at("open"), "1"],
        &["set", &at("code"), "x"],
        &["set", &at("pass"), "x"],
        &["verify", &at("pass"), "x"],
        &["verify", &at("open"), "-"],
        &["ttl", &door],
        &["del", &door, "--yes"],
        &["clear", &at("open"), "--strays", "--yes"],
        &["strays", &at("open")],
        &["count", &at("opne")],
        &["plan", "set", &at("open")],
        &["plan", "fly", &at("open")],
        &["plan", "get", &at("open"), "--ttl", "5m"],
    ] {
        for more in [&[][..], &["--json"]] {
            let ran = vault.run_with(&[args, more].concat(), "x");
            assert_ne!(ran.code, Some(0), "{}", ran.out);
            assert_none(&format!("{} {}", args[0], args.len()), &format!("{}{}", ran.out, ran.err));
        }
    }
}

//! Real servers: their passwords, and what they say of arguments.

use nestkey::{Client, ErrorKind, Layout, redis};
use nestkey_canary::{assert_none, text};
use nestkey_conformance::server::Server;

use crate::{
    core_types::{LAYOUT, ring},
    shown::{debug, error, failure},
};

/// As it stands in a URL.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

#[test]
fn the_password_of_a_url_shows_nowhere() {
    let password = text("password of a URL");
    let server = Server::options().password(&password.replace(' ', "-")).start();
    let right = escaped(&password.replace(' ', "-"));
    let address = format!("127.0.0.1:{}", server.port());
    let connect = Client::connect(&format!("redis://:{right}@{address}"));
    debug("a connection to be made", &connect);
    let client = connect.wait().expect("a connection");
    debug("a client", &client);
    debug("a backend", &client.backend());
    debug("a root", &client.bind(&Layout::from_json(LAYOUT).expect("the layout")));

    let escaped = escaped(password);
    for url in [
        format!("redis://:{escaped}@{address}"),
        format!("redis://{escaped}:{escaped}@{address}"),
        format!("redis://:{escaped}@127.0.0.1:1"),
        format!("redis://:{escaped}@127.0.0.1:port"),
        format!("redis://:{password}@{address}"),
        format!("redis://:{escaped}@{address}/database"),
        format!("redis://:{escaped}@no host/"),
        format!("redis://:{escaped}@{address}?protocol={escaped}"),
        format!("{escaped}@{address}"),
        format!("{escaped}://{address}"),
        format!("redis-cluster://:{escaped}@{address}"),
        format!("rediss://:{escaped}@{address}"),
        format!("rediss://:{escaped}@{address}/#insecure"),
        format!("redis+unix:///no/such/socket?pass={escaped}"),
        format!("redis+unix:///no/such/socket?user={escaped}&pass={escaped}&db={escaped}"),
        format!("memory://{escaped}"),
        format!("memory://:{escaped}@name"),
    ] {
        let connect = Client::connect(&url);
        debug("a connection that cannot be made", &connect);
        failure("a connection", connect.wait());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let connect = async { Client::connect(&url).await };
        failure("a connection that is awaited", runtime.expect("a runtime").block_on(connect));
    }
}

#[test]
fn the_password_of_an_acl_user_shows_nowhere() {
    let password = text("password of an ACL user").replace(' ', "-");
    let server = Server::start();
    let mut admin = server.connect();
    admin.call(&[
        "ACL",
        "SETUSER",
        "ada",
        "on",
        &format!(">{password}"),
        "~root:*",
        "+get",
        "+ping",
    ]);
    let url =
        |password: &str| format!("redis://ada:{}@127.0.0.1:{}", escaped(password), server.port());
    let client = Client::connect(&url(&password)).keyring(ring()).wait().expect("a connection");
    debug("a client", &client);
    failure("a wrong password", Client::connect(&url(text("password of an ACL user"))).wait());

    let root = client.bind(&Layout::from_json(LAYOUT).expect("the layout"));
    let secret = root
        .namespace("user", [1])
        .and_then(|user| user.secret("sensitive_data"))
        .expect("a secret");
    let refused = secret.set(text("plaintext")).wait().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthorized);
    error("a command that the user may not use", &refused);
    // A user that is gone while its connection is open.
    admin.call(&["ACL", "DELUSER", "ada"]);
    failure("a user that is gone", secret.get::<String>().wait());
}

/// A server that does not know a command says what it was to be done with.
#[test]
fn a_server_that_repeats_arguments_is_not_repeated() {
    let server = Server::options().args(&["--rename-command", "SET", "STORE"]).start();
    let said = server.connect().call(&["SET", "k", text("plaintext")]);
    let nestkey::core::reply::Reply::Error(said) = said else { panic!("SET is not known") };
    assert!(nestkey_canary::find(said.detail.as_bytes()).is_some(), "the server repeats arguments");

    let layout = r#"{"keys": {"plain": {"type": "string"}, "secret": {"kind": "secret"}, "password": {"kind": "password", "cost": 10}}}"#;
    let layout = Layout::from_json(layout).expect("the layout");
    let client = Client::connect(&server.url()).keyring(ring()).wait().expect("a connection");
    let root = client.bind(&layout);
    let (plain, secret) =
        (root.entry("plain").expect("an entry"), root.secret("secret").expect("a secret"));
    failure("a set", plain.set(text("plaintext")).wait());
    failure("a sealed set", secret.set(text("plaintext")).wait());
    failure(
        "a password",
        root.password("password").and_then(|entry| entry.set(text("password")).wait()),
    );
    let failed = root
        .pipeline((plain.set(text("plaintext")), secret.set(text("plaintext"))))
        .wait()
        .unwrap_err();
    assert_none("a pipeline", &format!("{failed} {failed:?}"));
    let failed = root.atomic((plain.set(text("plaintext")), plain.exists())).wait().unwrap_err();
    assert_none("an atomic group", &format!("{failed} {failed:?}"));

    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        failure("a set that is awaited", plain.set(text("plaintext")).await);
        // A connection of the caller's own, which turns error replies into errors of its own.
        let own = redis::Client::open(server.url()).expect("a client");
        let own = own.get_multiplexed_async_connection().await.expect("a connection");
        let root = Client::from_connection(own).keyring(ring()).bind(&layout);
        debug("a root over a borrowed connection", &root);
        let (plain, secret) =
            (root.entry("plain").expect("an entry"), root.secret("secret").expect("a secret"));
        failure("a borrowed set", plain.set(text("plaintext")).await);
        failure("a borrowed sealed set", secret.set(text("plaintext")).await);
        let failed =
            root.pipeline((plain.set(text("plaintext")), plain.exists())).await.unwrap_err();
        assert_none("a borrowed pipeline", &format!("{failed} {failed:?}"));
    });
}

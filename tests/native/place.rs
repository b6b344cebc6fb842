//! Where the same tests run: memory, and a real server in both protocols.

use std::future::Future;

use nestkey::{Client, Layout, Root};
use nestkey_conformance::server::Server;

/// The layout of the tests.
pub(crate) fn layout() -> Layout {
    Layout::from_toml(LAYOUT).unwrap()
}

const LAYOUT: &str = r#"
    prefix = "root"

    [types.address]
    street = "string"
    zip = "string?"

    [keys]
    motto = { type = "string" }
    anything = { type = "any" }
    stamped = { type = "string", ttl = "1h", renew = "never" }
    seen = { type = "int", ttl = "30m", renew = "access" }
    note = { type = "string?" }
    tags = { kind = "set", type = "string" }

    [namespaces.user]
    prefix = "user:{user_id:int}"
    params.user_id = { min = 1 }
    ttl = "2m"
    keys.age = { type = "int", default = 0 }
    keys.name = { type = "string" }
    keys.home = { type = "address" }

    [namespaces."user.messages"]
    prefix = "messages"
    ttl = 50
    keys.message = { template = "message:{message_id}", type = "string" }
"#;

/// Runs a test on memory, on a server by RESP2, and on a server by RESP3.
pub(crate) async fn everywhere<F: Future<Output = ()>>(test: impl Fn(Root) -> F) {
    let layout = layout();
    everywhere_with(|client| client.bind(&layout), test).await;
}

/// The same with what is made of each client.
pub(crate) async fn everywhere_with<F: Future<Output = ()>>(
    bind: impl Fn(&Client) -> Root,
    test: impl Fn(Root) -> F,
) {
    test(bind(&Client::connect("memory://").await.unwrap())).await;
    for protocol in ["resp2", "resp3"] {
        let server = Server::start();
        let url = format!("{}/?protocol={protocol}", server.url());
        test(bind(&Client::connect(&url).await.unwrap())).await;
    }
}

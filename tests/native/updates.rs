//! Many who compute a value from the one that stands there, on a server.

use nestkey::Client;
use nestkey_conformance::server::Server;

use crate::place::layout;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_updates_at_once_all_come_through() {
    let server = Server::start();
    let root = Client::connect(&server.url()).await.unwrap().bind(&layout());
    let age = root.at("user(1).age").unwrap();
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            let call = age.update(|age: i64| async move { age + 1 });
            tokio::spawn(call)
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(age.get::<i64>().await.unwrap(), 200);
}

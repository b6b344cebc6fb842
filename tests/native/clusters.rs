//! Walks over one node of a cluster, and what a server is asked before a walk.

use nestkey::{Client, Effect, Error, ErrorKind, Keyring, Root, core::reply::Reply};
use nestkey_conformance::{cluster::Cluster, server::Server};

use crate::place::layout;

/// How many keys of the layout there are in the cluster.
const KEYS: i64 = 12;

fn fill(cluster: &Cluster) {
    for user_id in 1..=KEYS {
        let key = format!("root:user:{user_id}:age");
        let set = cluster.call(&["SET", &key, r#"{"__type__": "int", "value": 1}"#]);
        assert_eq!(set, Reply::ok());
    }
}

fn size(cluster: &Cluster) -> i64 {
    let sizes = cluster.nodes().iter().map(|node| match node.connect().call(&["DBSIZE"]) {
        Reply::Int(keys) => keys,
        other => panic!("{other:?}"),
    });
    sizes.sum()
}

/// How often a command was carried out, the one that asks not counted.
fn calls(server: &Server, command: &str) -> usize {
    let Reply::Bulk(stats) = server.connect().call(&["INFO", "commandstats"]) else { return 0 };
    let stats = String::from_utf8(stats).unwrap();
    let mark = format!("cmdstat_{command}:calls=");
    let count = stats.split(&mark[..]).nth(1).and_then(|rest| rest.split(',').next());
    count.map_or(0, |count| count.parse().unwrap())
}

fn refused(walk: &str, error: &Error) {
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Unsupported, Effect::NotSent),
        "{walk}"
    );
    assert!(error.message().contains("cluster") && error.message().contains(walk), "{error}");
}

async fn awaited(root: &Root) {
    refused("count", &root.count().await.unwrap_err());
    refused("keys", &root.keys().next().await.unwrap().unwrap_err());
    refused("clear", &root.clear().await.unwrap_err());
    refused("clear", &root.clear().progress(drop).await.unwrap_err());
    refused("rotate", &root.rotate().await.unwrap_err());
    let users = [root.namespace("user", [1]).unwrap(), root.namespace("user", [2]).unwrap()];
    refused("clear", &root.client().clear(users).await.unwrap_err());
    let (count, _) = root.pipeline((root.count(), root.count())).settled().await.unwrap();
    refused("count", &count.unwrap_err());
}

fn waited(root: &Root) {
    refused("count", &root.count().wait().unwrap_err());
    refused("keys", &root.keys().wait().next().unwrap().unwrap_err());
    refused("clear", &root.clear().wait().unwrap_err());
    refused("rotate", &root.rotate().wait().unwrap_err());
}

#[tokio::test]
async fn a_walk_over_one_node_of_a_cluster_is_refused_before_anything_is_removed() {
    let cluster = Cluster::start();
    fill(&cluster);
    for protocol in ["resp2", "resp3"] {
        let node = &cluster.nodes()[1];
        let url = format!("{}/?protocol={protocol}", node.url());
        let client = Client::connect(&url).keyring(Keyring::default()).await.unwrap();
        let root = client.bind(&layout());
        awaited(&root).await;
        waited(&root);
        let ages = (1..=KEYS).map(|id| root.at(&format!("user({id}).age")).unwrap().get::<i64>());
        let ages = root.pipeline(ages.collect::<Vec<_>>()).settled().await.unwrap();
        assert!(ages.iter().any(Result::is_ok), "calls on keys that the node has go on");
        let connection = redis_connection(node).await;
        awaited(&Client::from_connection(connection).keyring(Keyring::default()).bind(&layout()))
            .await;
    }
    assert_eq!(size(&cluster), KEYS);
}

async fn redis_connection(node: &Server) -> nestkey::redis::aio::MultiplexedConnection {
    let client = nestkey::redis::Client::open(node.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

#[tokio::test]
async fn a_server_is_asked_once_a_connection_whether_it_is_one_of_a_cluster() {
    let server = Server::start();
    let root = Client::connect(&server.url()).await.unwrap().bind(&layout());
    root.at("user(1).age").unwrap().set(1).await.unwrap();
    assert_eq!(calls(&server, "hello"), 0, "calls on keys do not ask");
    for _ in 0..3 {
        assert_eq!(root.count().await.unwrap(), 1);
    }
    assert_eq!(calls(&server, "hello"), 1);
    server.connect().call(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    while root.count().await.is_err() {}
    assert_eq!(root.count().await.unwrap(), 1);
    assert_eq!(calls(&server, "hello"), 2);
}

#[tokio::test]
async fn a_server_that_forbids_to_ask_is_taken_for_one_that_has_all_keys() {
    let server = Server::start();
    let forbidden = ["ACL", "SETUSER", "default", "-info", "-hello"];
    assert_eq!(server.connect().call(&forbidden), Reply::ok());
    let root = Client::connect(&server.url()).await.unwrap().bind(&layout());
    root.at("user(1).age").unwrap().set(1).await.unwrap();
    assert_eq!(root.count().await.unwrap(), 1);
    assert_eq!(root.clear().wait().unwrap().removed, 1);
}

#[tokio::test]
async fn an_option_that_a_url_does_not_have_is_an_error_that_names_it() {
    let fails = async |url: &str| {
        let [awaited, waited] = [Client::connect(url).await, Client::connect(url).wait()];
        let [awaited, waited] = [awaited, waited].map(|client| client.unwrap_err().to_string());
        assert_eq!(awaited, waited);
        awaited
    };
    for (url, error) in [
        ("redis://h?cluster=true", "the option `cluster`: clusters are not built yet"),
        ("redis://h/0?protocl=3", "`redis://` has no option `protocl`, only `protocol`"),
        ("redis://h?protocol=3&db=2", "`redis://` has no option `db`, only `protocol`"),
        (
            "redis+unix:///s?db=1&password=x",
            "`redis+unix://` has no option `password`, only `db`, `pass`, `protocol`, `user`",
        ),
        ("redis://:p?hunter2@h", "`redis://` has no option of that name, only `protocol`"),
    ] {
        assert_eq!(fails(url).await, error);
    }
}

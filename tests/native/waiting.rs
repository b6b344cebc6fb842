//! Blocking calls, with and without a runtime, and futures that are sent around.

use std::time::Duration;

use nestkey::{Client, ErrorKind};
use nestkey_conformance::server::Server;

use crate::place::layout;

#[test]
fn no_runtime_is_needed_to_wait() {
    let server = Server::start();
    for url in ["memory://".to_owned(), server.url(), format!("{}/?protocol=resp3", server.url())] {
        let root = Client::connect(&url).wait().unwrap().bind(&layout());
        let age = root.at("user(1).age").unwrap();
        assert!(age.set(30).wait().unwrap(), "{url}");
        assert_eq!(age.get::<i64>().wait().unwrap(), 30);
        let (age, count) = root.pipeline((age.get::<i64>(), root.count())).wait().unwrap();
        assert_eq!((age, count), (30, 1));
        let motto = root.entry("motto").unwrap();
        let (_, motto) = root.atomic((motto.set("x"), motto.get::<String>())).wait().unwrap();
        assert_eq!(motto, "x");
        assert_eq!(root.clear().wait().unwrap().removed, 2);
    }
}

#[test]
fn threads_wait_at_the_same_time() {
    let server = Server::start();
    let root = Client::connect(&server.url()).wait().unwrap().bind(&layout());
    std::thread::scope(|scope| {
        for id in 1..=8 {
            let age = root.namespace("user", [id]).unwrap().entry("age").unwrap();
            scope.spawn(move || {
                for value in 0..50 {
                    age.set(value).wait().unwrap();
                    assert_eq!(age.get::<i64>().wait().unwrap(), value);
                }
            });
        }
    });
    assert_eq!(root.count().wait().unwrap(), 8);
}

#[tokio::test]
async fn waiting_inside_of_a_runtime_blocks_and_works() {
    let server = Server::start();
    let root = Client::connect(&server.url()).await.unwrap().bind(&layout());
    let age = root.at("user(1).age").unwrap();
    age.set(30).wait().unwrap();
    assert_eq!(age.get::<i64>().await.unwrap(), 30);
    assert_eq!(age.get::<i64>().wait().unwrap(), 30);
}

#[test]
fn awaiting_a_server_without_a_runtime_is_an_error() {
    let server = Server::start();
    let root = Client::connect(&server.url()).wait().unwrap().bind(&layout());
    let call = root.at("user(1).age").unwrap().get::<i64>();
    let mut call = std::pin::pin!(call);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(result) = call.as_mut().poll(&mut cx) else {
        panic!("it is refused at once")
    };
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_spawned_and_shared_between_tasks() {
    let server = Server::start();
    let root = Client::connect(&server.url()).await.unwrap().bind(&layout());
    let tasks: Vec<_> = (1..=64)
        .map(|id| {
            let age = root.namespace("user", [id]).unwrap().entry("age").unwrap();
            tokio::spawn(age.set(id).deadline(Duration::from_secs(5)))
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Ok(true));
    }
    assert_eq!(root.count().await.unwrap(), 64);
}

#[test]
fn a_client_outlives_a_runtime() {
    let server = Server::start();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = server.url();
    let root = runtime().block_on(async { Client::connect(&url).await.unwrap() }).bind(&layout());
    let age = root.at("user(1).age").unwrap();
    assert_eq!(runtime().block_on(age.set(30)), Ok(true));
    assert_eq!(runtime().block_on(age.get::<i64>()), Ok(30));
}

#[tokio::test]
async fn a_unix_socket_carries_the_same_calls() {
    let server = Server::options().password("open sesame/?").start();
    let url =
        format!("redis+unix://{}?db=2&pass=open%20sesame%2F%3F", server.socket().to_str().unwrap());
    let root = Client::connect(&url).await.unwrap().bind(&layout());
    let age = root.at("user(1).age").unwrap();
    age.set(30).await.unwrap();
    assert_eq!(age.get::<i64>().wait().unwrap(), 30);
    assert_eq!(server.connect().call(&["DBSIZE"]), nestkey::core::reply::Reply::Int(0));
}

//! What listens at a URL and is not what the URL says.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::Duration,
};

use nestkey::{Client, Error, ErrorKind};
use nestkey_conformance::server::Server;

use crate::tls;

/// The errors of connecting, awaited and waited for.
async fn refused(url: &str) -> [Error; 2] {
    let connect = Client::connect(url).connect_timeout(Duration::from_millis(500));
    let waited = connect.clone();
    let waited = tokio::task::spawn_blocking(move || waited.wait().unwrap_err());
    [connect.await.unwrap_err(), waited.await.unwrap()]
}

fn assert_said(errors: [Error; 2], kind: ErrorKind, is_retryable: bool, words: &str) {
    for error in errors {
        assert_eq!((error.kind(), error.is_retryable()), (kind, is_retryable), "{error}");
        assert!(error.message().contains(words), "{error}");
        assert!(!error.message().contains(['\n', '\r']), "{error}");
    }
}

#[tokio::test]
async fn a_server_of_another_protocol_is_told_from_redis() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _ = stream.read(&mut [0; 4_096]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let words = "does not speak the Redis protocol";
    assert_said(refused(&url).await, ErrorKind::UnexpectedReply, false, words);
}

#[tokio::test]
async fn a_database_that_a_server_does_not_have_is_named() {
    let server = Server::start();
    let url = format!("{}/99", server.url());
    let words = "has no database 99";
    assert_said(refused(&url).await, ErrorKind::InvalidUrl, false, words);
    Client::connect(&format!("{}/15", server.url())).await.unwrap();
}

#[tokio::test]
async fn tls_to_a_plain_port_says_which_scheme_is_wanted() {
    let server = Server::start();
    let url = server.url().replace("redis://", "rediss://");
    let words = "a port without TLS is `redis://`";
    assert_said(refused(&url).await, ErrorKind::Unreachable, true, words);
}

#[tokio::test]
async fn plain_text_to_a_port_of_tls_says_which_scheme_is_wanted() {
    let certificates = tls::certificates("plain");
    let (_server, url) = tls::start(&certificates, "no");
    let url = url.replace("rediss://", "redis://");
    for error in refused(&url).await {
        assert!(error.message().contains("a port of TLS is `rediss://`"), "{error}");
    }
}

//! Ctrl-C in the middle of a walk.

use std::{
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nestkey::core::reply::Reply;
use nestkey_conformance::{resp::Connection, server::Server};

use crate::run::examples;

/// More than a page of keys that only a scan finds.
fn filled() -> Server {
    let server = Server::start();
    let mut connection = server.connect();
    for user in 1..=3_000 {
        connection.call(&["SET", &format!("root:user:{user}:messages:message:a"), "x"]);
    }
    server
}

fn start(server: &Server, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_nestkey"))
        .args(["--url", &server.url()])
        .args(args)
        .current_dir(examples())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether commands of the walk wait for the end of a pause, unread.
fn is_waiting(connection: &mut Connection) -> bool {
    match connection.call(&["CLIENT", "LIST"]) {
        Reply::Bulk(clients) => String::from_utf8_lossy(&clients)
            .lines()
            .any(|client| client.contains(" cmd=unlink ") || client.contains(" flags=b ")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_clear_that_is_interrupted_says_how_far_it_came() {
    let server = filled();
    let mut connection = server.connect();
    // The first page is read, what it holds waits to be removed.
    connection.call(&["CLIENT", "PAUSE", "20000", "WRITE"]);
    let child = start(&server, &["clear", "user.messages", "--yes"]);
    wait_for("a removal that waits", || is_waiting(&mut connection));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    thread::sleep(Duration::from_millis(200));
    connection.call(&["CLIENT", "UNPAUSE"]);
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(130), &b""[..]), "{err}");
    let Reply::Int(left) = connection.call(&["DBSIZE"]) else { panic!("no size") };
    let removed = 3_000 - left;
    assert!(removed > 0 && left > 0, "{left}");
    let said = format!("nestkey: user.messages: interrupted; {removed} keys were removed before\n");
    assert_eq!(err, said);
}

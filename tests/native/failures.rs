//! Servers that are not there, do not answer, or refuse.

use std::time::{Duration, Instant};

use nestkey::{Client, Effect, ErrorKind, core::reply::Reply};
use nestkey_conformance::server::Server;

use crate::place::layout;

const SHORT: Duration = Duration::from_millis(150);

/// A port where nobody listens.
fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Lets writes wait; a pause of everything could not be ended.
fn pause(server: &Server) {
    assert_eq!(server.connect().call(&["CLIENT", "PAUSE", "60000", "WRITE"]), Reply::ok());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let url = format!("redis://:hunter2@127.0.0.1:{}", closed_port());
    let awaited = Client::connect(&url).await.unwrap_err();
    let waited = Client::connect(&url).wait().unwrap_err();
    for error in [awaited, waited] {
        assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
        assert_eq!(error.outcome(), Effect::NotSent);
        assert!(error.is_retryable());
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    assert!(!format!("{:?}", Client::connect(&url)).contains("hunter2"));
}

#[tokio::test]
async fn a_server_that_dies_is_unreachable_until_it_is_back() {
    let server = Server::start();
    let root = Client::connect(&server.url()).await.unwrap().bind(&layout());
    let age = root.at("user(1).age").unwrap();
    age.set(1).await.unwrap();
    age.set(1).wait().unwrap();
    drop(server);
    for _ in 0..3 {
        let error = age.set(2).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
        let error = age.set(2).wait().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
    }
    let error = age.set(2).await.unwrap_err();
    assert_eq!((error.outcome(), error.is_retryable()), (Effect::NotSent, true));
    assert_eq!((error.path(), error.key()), ("user.age", "root:user:1:age"));
    let (first, second) = root.pipeline((age.set(1), age.get::<i64>())).settled().await.unwrap();
    assert_eq!(first.unwrap_err().kind(), ErrorKind::Unreachable);
    assert_eq!(second.unwrap_err().key(), "root:user:1:age");
    let mut keys = root.keys();
    assert_eq!(keys.next().await.unwrap().unwrap_err().kind(), ErrorKind::Unreachable);
    assert!(keys.next().await.is_none());
}

#[tokio::test]
async fn a_connection_that_was_closed_is_made_again() {
    let server = Server::start();
    let root = Client::connect(&server.url()).await.unwrap().bind(&layout());
    let age = root.at("user(1).age").unwrap();
    age.set(0).wait().unwrap();
    for value in 0..5 {
        age.set(value).await.unwrap();
        let Reply::Int(closed) = server.connect().call(&["CLIENT", "KILL", "TYPE", "normal"])
        else {
            panic!("a count of clients")
        };
        assert!(closed >= 1);
        // As long as the runtime needs to notice.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Blocking connections are asked only when they were idle for a while.
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(age.get::<i64>().await.unwrap(), 4);
    assert_eq!(age.get::<i64>().wait().unwrap(), 4);
}

#[tokio::test]
async fn a_wrong_password_is_unauthorized() {
    let server = Server::options().password("right").start();
    let port = server.port();
    for (url, why) in [
        (format!("redis://:hunter2@127.0.0.1:{port}"), "a wrong password"),
        (format!("redis://:hunter2@127.0.0.1:{port}/?protocol=resp3"), "the same in RESP3"),
        (format!("redis://nobody:hunter2@127.0.0.1:{port}"), "a user who does not exist"),
        (format!("redis://127.0.0.1:{port}"), "no password"),
        (format!("redis://127.0.0.1:{port}/?protocol=resp3"), "no password in RESP3"),
    ] {
        let awaited = Client::connect(&url).await.unwrap_err();
        let waited = Client::connect(&url).wait().unwrap_err();
        for error in [awaited, waited] {
            assert_eq!(error.kind(), ErrorKind::Unauthorized, "{why}: {error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
    Client::connect(&server.url()).await.unwrap();
}

#[tokio::test]
async fn a_user_without_permission_is_unauthorized() {
    let server = Server::start();
    let mut admin = server.connect();
    let rules = ["ACL", "SETUSER", "reader", "on", ">pw", "~*", "-@all", "+get"];
    assert_eq!(admin.call(&rules), Reply::ok());
    let url = format!("redis://reader:pw@127.0.0.1:{}", server.port());
    let root = Client::connect(&url).await.unwrap().bind(&layout());
    let age = root.at("user(1).age").unwrap();
    assert_eq!(age.get::<i64>().await.unwrap(), 0);
    let error = age.set(1).await.unwrap_err();
    assert_eq!((error.kind(), error.server_code()), (ErrorKind::Unauthorized, "NOPERM"));
    assert_eq!(error.outcome(), Effect::Rejected);
}

#[tokio::test]
async fn a_server_that_does_not_answer_times_out() {
    let server = Server::start();
    let client = Client::connect(&server.url()).timeout(SHORT).await.unwrap();
    let root = client.bind(&layout());
    let age = root.at("user(1).age").unwrap();
    age.get::<i64>().wait().unwrap();
    pause(&server);
    let started = Instant::now();
    let awaited = age.set(1).await.unwrap_err();
    let waited = age.set(1).wait().unwrap_err();
    let many = vec![age.delete(), age.delete(), age.delete()];
    let piped = root.pipeline(many).wait().unwrap_err().error;
    for error in [awaited, waited, piped] {
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    }
    assert!(started.elapsed() < SHORT * 10, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_deadline_ends_a_call_early() {
    let server = Server::start();
    let root = Client::connect(&server.url()).await.unwrap().bind(&layout());
    let age = root.at("user(1).age").unwrap();
    age.get::<i64>().wait().unwrap();
    pause(&server);
    let started = Instant::now();
    let error = age.set(1).deadline(SHORT).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Effect::Ambiguous));
    assert!(!error.is_retryable());
    let error = age.set(1).deadline(SHORT).wait().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Effect::Ambiguous));
    let error = root.pipeline((age.set(1),)).deadline(SHORT).await.unwrap_err().error;
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let error = age.set(1).deadline(Duration::ZERO).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Effect::NotSent));
    let error = root.clear().deadline(SHORT).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let mut keys = root.keys().deadline(Duration::ZERO);
    assert_eq!(keys.next().await.unwrap().unwrap_err().kind(), ErrorKind::Timeout);
    assert!(started.elapsed() < SHORT * 10);
}

#[tokio::test]
async fn a_read_that_timed_out_may_be_repeated() {
    let server = Server::start();
    let root = Client::connect(&server.url()).await.unwrap().bind(&layout());
    let (age, motto) = (root.at("user(1).age").unwrap(), root.entry("motto").unwrap());
    age.get::<i64>().wait().unwrap();
    server.stop();
    let piped = |calls| root.pipeline(calls).deadline(SHORT);
    for error in [
        age.get::<i64>().deadline(SHORT).await.unwrap_err(),
        age.get::<i64>().deadline(SHORT).wait().unwrap_err(),
        motto.get_or_set(|| async { String::from("x") }).deadline(SHORT).await.unwrap_err(),
        piped((age.get::<i64>(), motto.get::<String>())).await.unwrap_err().error,
    ] {
        assert_eq!(error.kind(), ErrorKind::Timeout);
        // On a busy machine the time may be over before anything was sent.
        let outcome = error.outcome();
        assert!(matches!(outcome, Effect::NotSent | Effect::Unchanged), "{outcome:?}");
        assert!(error.is_retryable());
    }
    // What a read may do, the pipeline that it stands in may not.
    let mixed = loop {
        let mixed = root.pipeline((age.get::<i64>(), motto.set("x"))).deadline(SHORT);
        let mixed = mixed.await.unwrap_err();
        if mixed.error.outcome() != Effect::NotSent {
            break mixed;
        }
    };
    assert_eq!((mixed.index, mixed.error.outcome()), (0, Effect::Ambiguous));
    assert!(!mixed.error.is_retryable());
    assert!(mixed.results.0.unwrap_err().is_retryable());
    server.go_on();
    assert_eq!(age.get::<i64>().await.unwrap(), 0);
}

#[tokio::test]
async fn a_connection_that_was_killed_while_idle_is_replaced() {
    let server = Server::start();
    let root = Client::connect(&server.url()).await.unwrap().bind(&layout());
    let age = root.at("user(1).age").unwrap();
    let mut other = server.connect();
    for idle in [SHORT, Duration::from_millis(5)] {
        // Of those who block there are two, both of which are killed.
        let both = [age.clone(), age.clone()].map(|age| move || age.set(1).wait());
        std::thread::scope(|scope| {
            for set in both {
                scope.spawn(move || set().unwrap());
            }
        });
        age.set(1).await.unwrap();
        other.call(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
        tokio::time::sleep(idle).await;
        assert_eq!(age.set(2).wait(), Ok(true));
        assert_eq!(age.get::<i64>().wait(), Ok(2));
        assert_eq!(age.set(3).await, Ok(true));
        // At once, before anybody can know of it: what only reads is sent once more.
        for _ in 0..20 {
            other.call(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
            assert_eq!(age.get::<i64>().wait(), Ok(3));
            other.call(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
            assert_eq!(age.get::<i64>().await, Ok(3));
        }
    }
}

#[tokio::test]
async fn a_connection_that_was_idle_is_looked_at_within_the_deadline() {
    let server = Server::start();
    let root = Client::connect(&server.url()).await.unwrap().bind(&layout());
    let age = root.at("user(1).age").unwrap();
    age.get::<i64>().wait().unwrap();
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(server.connect().call(&["CLIENT", "PAUSE", "2000", "ALL"]), Reply::ok());
    let started = Instant::now();
    let error = age.get::<i64>().deadline(SHORT).wait().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Effect::NotSent));
    assert!(started.elapsed() < SHORT * 5, "{:?}", started.elapsed());
}

#[tokio::test]
async fn too_many_commands_in_flight_are_refused_and_not_sent() {
    let server = Server::start();
    let client = Client::connect(&server.url()).timeout(SHORT).max_in_flight(12).await.unwrap();
    let root = client.bind(&layout());
    let age = root.at("user(1).age").unwrap();
    // MULTI and EXEC are commands too.
    let calls = || [age.set(1), age.set(1), age.set(1), age.set(1), age.set(1)];
    root.atomic(calls()).await.unwrap();
    pause(&server);
    let (first, second) =
        tokio::join!(async { root.atomic(calls()).await.unwrap_err().error }, async {
            tokio::task::yield_now().await;
            root.atomic(calls()).await.unwrap_err().error
        },);
    assert_eq!(first.kind(), ErrorKind::Timeout);
    assert_eq!((second.kind(), second.outcome()), (ErrorKind::Busy, Effect::NotSent));
    assert!(second.is_retryable());
    assert_eq!(server.connect().call(&["CLIENT", "UNPAUSE"]), Reply::ok());
    root.atomic(calls()).await.unwrap();
}

#[tokio::test]
async fn urls_that_lead_nowhere_are_refused_by_name() {
    for (url, kind, shown) in [
        ("redis-cluster://h", ErrorKind::Unsupported, "redis-cluster"),
        ("redis-sentinel://h", ErrorKind::Unsupported, "redis-sentinel"),
        ("memory:///tmp/x", ErrorKind::Unsupported, "memory:///file"),
        ("memory://a b", ErrorKind::InvalidUrl, "memory://name"),
        ("mongodb://u:hunter2@h", ErrorKind::InvalidUrl, "`mongodb`"),
        ("hunter2", ErrorKind::InvalidUrl, "redis://"),
        ("hunter2@x y://", ErrorKind::InvalidUrl, "redis://"),
        ("redis://:hunter2@h/hunter2", ErrorKind::InvalidUrl, "host"),
        ("redis://:hunter2@h:port", ErrorKind::InvalidUrl, "host"),
        ("redis+unix://", ErrorKind::InvalidUrl, "socket"),
        ("rediss://h/#insecure", ErrorKind::Unsupported, "root_certificate"),
        ("rediss://:hunter2@h/#other", ErrorKind::InvalidUrl, "host"),
    ] {
        let error = Client::connect(url).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{url}: {error}");
        assert!(error.message().contains(shown), "{url}: {error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

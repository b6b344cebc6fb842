//! Expiry by the clock on the wall, for all that a clock that stands still might hide.

use std::{
    thread::sleep,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use nestkey_conformance::server::Server;
use nestkey_core::{
    command::{Batch, Class},
    memory::{SessionId, Store},
    reply::Reply,
};

#[test]
fn a_key_expires_on_both_when_its_time_has_passed() {
    let server = Server::start();
    let mut connection = server.connect();
    let mut store = Store::default();
    let mut both = |line: &str| {
        let args: Vec<&str> = line.split(' ').collect();
        let memory = exchange(&mut store, &args);
        (memory, connection.call(&args))
    };
    assert_eq!(both("SET k v PX 300"), (Reply::ok(), Reply::ok()));
    assert_eq!(both("GET k"), (Reply::Bulk(b"v".into()), Reply::Bulk(b"v".into())));
    let (memory, server) = both("PTTL k");
    for left in [memory, server] {
        assert!(matches!(left, Reply::Int(1..=300)), "{left:?}");
    }
    sleep(Duration::from_millis(310));
    assert_eq!(both("GET k"), (Reply::Nil, Reply::Nil));
    assert_eq!(both("PTTL k"), (Reply::Int(-2), Reply::Int(-2)));
}

fn exchange(store: &mut Store, args: &[&str]) -> Reply {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the present is after 1970");
    let mut batch = Batch::default();
    let mut writer = batch.command(args[0], Class::Other);
    for arg in &args[1..] {
        writer = writer.arg(arg.as_bytes());
    }
    let mut replies = Vec::new();
    store.exchange(SessionId(0), now.as_millis() as i64, &batch, &mut replies);
    replies.swap_remove(0)
}

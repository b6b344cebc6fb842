//! The memory store by itself: whatever is sent, it answers.

use nestkey_core::{
    command::{Batch, Class},
    memory::{SessionId, Store},
    reply::Reply,
};

/// Most of the arguments come from here, so that commands are met and options are read.
const WORDS: &[&str] = &[
    "DEL",
    "DISCARD",
    "EXEC",
    "EXISTS",
    "EXPIRE",
    "EXPIREAT",
    "EXPIRETIME",
    "GET",
    "GETDEL",
    "GETEX",
    "MEMORY",
    "MULTI",
    "PERSIST",
    "PEXPIRE",
    "PEXPIREAT",
    "PEXPIRETIME",
    "PING",
    "PTTL",
    "SCAN",
    "SET",
    "STRLEN",
    "TOUCH",
    "TTL",
    "TYPE",
    "UNLINK",
    "UNWATCH",
    "USAGE",
    "WATCH",
    "a",
    "b",
    "EX",
    "PX",
    "EXAT",
    "PXAT",
    "NX",
    "XX",
    "GT",
    "LT",
    "GET",
    "KEEPTTL",
    "PERSIST",
    "MATCH",
    "COUNT",
    "TYPE",
    "SAMPLES",
    "0",
    "1",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "[",
    "[^",
    "*\\",
    "[a-",
];

const TIMES: &[i64] = &[i64::MIN, -1, 0, 1, 1_700_000_000_000, i64::MAX - 1, i64::MAX];

#[test]
fn any_batch_gets_as_many_replies_as_it_has_commands() {
    let mut random = Random(1);
    let mut store = Store::default();
    for round in 0..20_000 {
        let mut batch = Batch::default();
        for _ in 0..random.below(6) {
            let name = random.text();
            let mut writer = batch.command(&String::from_utf8_lossy(&name), Class::Other);
            for _ in 0..random.below(6) {
                writer = writer.arg(&random.text());
            }
        }
        let session = SessionId(random.below(3) as u64);
        let now = TIMES[random.below(TIMES.len())];
        let mut replies = Vec::new();
        store.exchange(session, now, &batch, &mut replies);
        assert_eq!(replies.len(), batch.len());
        if round % 100 == 0 {
            store.close(session);
        }
    }
}

#[test]
fn a_session_that_is_closed_leaves_nothing_behind() {
    let mut store = Store::default();
    let (gone, other) = (SessionId(1), SessionId(2));
    assert_eq!(send(&mut store, gone, &["WATCH", "k"]), Reply::ok());
    assert_eq!(send(&mut store, gone, &["MULTI"]), Reply::ok());
    store.close(gone);
    assert_eq!(send(&mut store, other, &["SET", "k", "1"]), Reply::ok());
    assert_eq!(send(&mut store, gone, &["GET", "k"]), Reply::Bulk(b"1".into()));
}

#[test]
fn a_hard_pattern_is_answered_at_once() {
    let mut store = Store::default();
    let session = SessionId(0);
    send(&mut store, session, &["SET", &"a".repeat(10_000), ""]);
    let pattern = "*a".repeat(900) + "*b";
    let page = send(&mut store, session, &["SCAN", "0", "MATCH", &pattern]);
    assert_eq!(page, Reply::Array(vec![Reply::Bulk(b"0".into()), Reply::Array(vec![])]));
}

fn send(store: &mut Store, session: SessionId, args: &[&str]) -> Reply {
    let mut batch = Batch::default();
    let mut writer = batch.command(args[0], Class::Other);
    for arg in &args[1..] {
        writer = writer.arg(arg.as_bytes());
    }
    let mut replies = Vec::new();
    store.exchange(session, 1_700_000_000_000, &batch, &mut replies);
    replies.swap_remove(0)
}

/// A reproducible source of choices (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn text(&mut self) -> Vec<u8> {
        if self.below(8) > 0 {
            return WORDS[self.below(WORDS.len())].into();
        }
        (0..self.below(12)).map(|_| self.below(256) as u8).collect()
    }
}

//! SCAN as a promise, which both sides keep while keys come and go between the pages.

use std::collections::BTreeSet;

use nestkey_core::reply::Reply;

use crate::{
    generate::Generator,
    is_long,
    pair::{Pair, Protocol},
};

#[test]
fn a_scan_gives_every_key_that_is_there_throughout() {
    let mut pair = Pair::start(Protocol::Resp2);
    for seed in 0..if is_long() { 300 } else { 20 } {
        let mut random = Generator::new(seed);
        for side in [Side::Memory, Side::Server] {
            pair.reset();
            let count = random.pick(&[0, 1, 10, 300, 1500]);
            scan_while_keys_change(&mut pair, &mut random, side, count);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Memory,
    Server,
}

fn scan_while_keys_change(pair: &mut Pair, random: &mut Generator, side: Side, count: usize) {
    let mut present: BTreeSet<Vec<u8>> = BTreeSet::new();
    for n in 0..count {
        write(pair, &mut present, n);
    }
    let (mut stayed, mut ever) = (present.clone(), present.clone());
    let mut seen = BTreeSet::new();
    let mut cursor = b"0".to_vec();
    let page_size = random.pick(&["1", "3", "10", "100"]);
    for page in 0.. {
        assert!(page < 100_000, "the scan of {side:?} does not end");
        let (memory, server) =
            pair.call(0, &[b"SCAN", &cursor[..], b"COUNT", page_size.as_bytes()]);
        let (next, keys) = parts(if side == Side::Memory { memory } else { server });
        seen.extend(keys);
        if next == b"0" {
            break;
        }
        cursor = next;
        // Growth and shrinking both pass the sizes at which tables are rebuilt.
        let grows = (page / 10) % 2 == 0;
        for _ in 0..random.below(30) {
            let n = random.below(3000);
            if grows {
                write(pair, &mut present, n);
                ever.insert(key(n));
            } else {
                pair.call(0, &[&b"DEL"[..], &key(n)]);
                present.remove(&key(n));
                stayed.remove(&key(n));
            }
        }
    }
    let missed: Vec<_> = stayed.difference(&seen).collect();
    assert!(missed.is_empty(), "the scan of {side:?} missed {missed:?}");
    assert!(seen.is_subset(&ever), "the scan of {side:?} made keys up");
}

fn write(pair: &mut Pair, present: &mut BTreeSet<Vec<u8>>, n: usize) {
    pair.call(0, &[&b"SET"[..], &key(n), b"1"]);
    present.insert(key(n));
}

fn key(n: usize) -> Vec<u8> {
    format!("root:user:{n}").into_bytes()
}

fn parts(page: Reply) -> (Vec<u8>, Vec<Vec<u8>>) {
    let Reply::Array(page) = page else { panic!("a page of a scan, not {page:?}") };
    let [Reply::Bulk(cursor), Reply::Array(keys)] = &page[..] else {
        panic!("a cursor and keys, not {page:?}")
    };
    let keys = keys.iter().map(|key| match key {
        Reply::Bulk(key) => key.clone(),
        other => panic!("a key is a bulk string, not {other:?}"),
    });
    (cursor.clone(), keys.collect())
}

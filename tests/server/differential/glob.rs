//! MATCH of SCAN: random patterns over random keys.

use nestkey_conformance::resp::readable;
use nestkey_core::reply::Reply;

use crate::{
    generate::Generator,
    is_long,
    pair::{Pair, Protocol, sorted},
};

#[test]
fn patterns_match_the_same_keys() {
    let mut pair = Pair::start(Protocol::Resp2);
    pair.reset();
    let mut random = Generator::new(7);
    for _ in 0..300 {
        let key = bytes(&mut random, b"aab-c]^\\*\xff\x80", 6);
        pair.call(0, &[b"SET", &key[..], b""]);
    }
    for _ in 0..if is_long() { 100_000 } else { 3_000 } {
        assert_same_keys(&mut pair, &bytes(&mut random, b"aab-c*?[]^\\*[-a\xff\x80", 9));
    }
}

#[test]
fn a_pattern_may_have_a_thousand_stars_and_no_more() {
    let mut pair = Pair::start(Protocol::Resp2);
    pair.reset();
    pair.call(0, &[b"SET".to_vec(), b"a".repeat(1500), Vec::new()]);
    for stars in [10, 999, 1000, 1001, 1002, 1400] {
        for end in ["", "*", "a", "b", "*b"] {
            let pattern = format!("{}{end}", "*a".repeat(stars));
            assert_same_keys(&mut pair, pattern.as_bytes());
        }
    }
}

fn assert_same_keys(pair: &mut Pair, pattern: &[u8]) {
    let (memory, server) =
        pair.call(0, &[b"SCAN".as_slice(), b"0", b"COUNT", b"10000", b"MATCH", pattern]);
    assert_eq!(keys(&memory), keys(&server), "pattern \"{}\"", pattern.escape_ascii());
}

fn keys(page: &Reply) -> Vec<&[u8]> {
    match page {
        Reply::Array(items) => match &items[..] {
            [Reply::Bulk(cursor), Reply::Array(keys)] if cursor == b"0" => sorted(keys),
            _ => panic!("the only page of a scan, not {}", readable(page)),
        },
        _ => panic!("a page of a scan, not {}", readable(page)),
    }
}

fn bytes(random: &mut Generator, alphabet: &[u8], longest: usize) -> Vec<u8> {
    let length = random.below(longest + 1);
    (0..length).map(|_| random.pick(alphabet)).collect()
}

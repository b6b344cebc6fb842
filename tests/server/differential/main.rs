//! The memory store against a real redis-server: the same commands, reply by reply.
//!
//! Both run on one clock that stands still until a step moves it, so every reply is compared
//! exactly. `NESTKEY_LONG=1` sends millions of commands instead of thousands, `NESTKEY_SEED=n`
//! begins with the sequence that a failure named.
#![cfg(target_os = "linux")] // the server's clock is replaced by way of LD_PRELOAD

mod clock;
mod full;
mod generate;
mod glob;
mod pair;
mod scan;
mod script;
mod shrink;
mod watch;

use std::env;

use generate::Generator;
use pair::{Pair, Protocol};

#[test]
fn random_sequences_get_the_same_replies_in_resp2() {
    compare(Protocol::Resp2, 0);
}

#[test]
fn random_sequences_get_the_same_replies_in_resp3() {
    compare(Protocol::Resp3, 1 << 32);
}

fn compare(protocol: Protocol, first_seed: u64) {
    let mut pair = Pair::start(protocol);
    let first_seed = env::var("NESTKEY_SEED")
        .map_or(first_seed, |seed| seed.parse().expect("NESTKEY_SEED is a number"));
    let mut commands = 0;
    for seed in first_seed.. {
        let steps = Generator::new(seed).sequence();
        if pair.run(&steps).is_some() {
            let (steps, difference) = shrink::shrink(&mut pair, steps);
            panic!("seed {seed}: {difference}\nafter\n{}", shrink::listing(&steps));
        }
        commands += steps.len();
        if commands > commands_wanted() {
            return;
        }
    }
}

fn commands_wanted() -> usize {
    if is_long() { 1_500_000 } else { 60_000 }
}

fn is_long() -> bool {
    env::var_os("NESTKEY_LONG").is_some()
}

//! Random sequences that keep to the edges.

use crate::pair::{SESSIONS, START, Step};

/// The keys of all sequences: few, so that commands meet.
pub(crate) const KEYS: [&[u8]; 5] = [b"a", b"b", b"", b"\xff\0k", b"root:user:{1}:*"];

/// A reproducible source of choices (SplitMix64).
pub(crate) struct Generator {
    state: u64,
    now: i64,
    /// How many of the keys this sequence uses.
    keys: usize,
    /// The last amount or moment, since much turns on two being equal.
    last: Vec<u8>,
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        // Seeds that are neighbours must not give sequences that overlap.
        let state = scramble(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut generator = Self { state, now: START, keys: 0, last: b"1".to_vec() };
        generator.keys = 1 + generator.below(KEYS.len());
        generator
    }

    pub(crate) fn sequence(&mut self) -> Vec<Step> {
        let mut session = 0;
        let length = 20 + self.below(200);
        (0..length)
            .map(|_| {
                if self.one_in(8) {
                    let ms = self.pick(&[0, 1, 1, 2, 5, 499, 500, 999, 1000, 1001, 5000, 100_000]);
                    self.now += ms;
                    return Step::Advance(ms);
                }
                if self.one_in(6) {
                    session = self.below(SESSIONS);
                }
                let mut args = self.command();
                self.spoil(&mut args);
                Step::Send(session, args)
            })
            .collect()
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (scramble(self.state) % end as u64) as usize
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn command(&mut self) -> Vec<Vec<u8>> {
        match self.below(100) {
            0..15 => self.set(),
            15..23 => self.on_key("GET"),
            23..31 => self.getex(),
            31..34 => self.on_key("GETDEL"),
            34..40 => self.on_keys(&["DEL", "UNLINK"]),
            40..44 => self.on_keys(&["EXISTS", "TOUCH"]),
            44..59 => self.expire(),
            59..69 => {
                let name = self.pick(&["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"]);
                self.on_key(name)
            }
            69..72 => self.on_key("PERSIST"),
            72..75 => {
                let name = self.pick(&["TYPE", "STRLEN", "GETRANGE", "GETRANGE"]);
                let mut args = self.on_key(name);
                if name == "GETRANGE" {
                    args.extend([self.index(), self.index()]);
                }
                args
            }
            75..77 => self.memory_usage(),
            77..82 => self.scan(),
            82..85 => self.on_keys(&["WATCH"]),
            85..96 => {
                let name =
                    self.pick(&["MULTI", "MULTI", "EXEC", "EXEC", "EXEC", "DISCARD", "UNWATCH"]);
                vec![name.into()]
            }
            96..98 => self.ping(),
            _ => self.unknown(),
        }
    }

    fn on_key(&mut self, name: &str) -> Vec<Vec<u8>> {
        vec![name.into(), self.key()]
    }

    fn on_keys(&mut self, names: &[&str]) -> Vec<Vec<u8>> {
        let mut args = vec![self.pick(names).into()];
        let count = self.pick(&[1, 1, 1, 2, 3]);
        args.extend((0..count).map(|_| self.key()));
        args
    }

    /// A place in a string, near its ends mostly.
    fn index(&mut self) -> Vec<u8> {
        match self.below(8) {
            0 => self.integer(),
            1 => self.pick(&[i64::MIN, i64::MAX]).to_string().into(),
            _ => self.pick(&[-12, -3, -2, -1, 0, 1, 2, 3, 11]).to_string().into(),
        }
    }

    fn set(&mut self) -> Vec<Vec<u8>> {
        let mut args = vec!["SET".into(), self.key(), self.value()];
        for _ in 0..self.pick(&[0, 0, 0, 1, 1, 1, 2, 2, 3]) {
            let word = self.pick(&[
                "EX", "PX", "EXAT", "PXAT", "NX", "XX", "KEEPTTL", "GET", "GET", "NX", "XX",
                "PERSIST",
            ]);
            self.option(word, &mut args);
        }
        args
    }

    fn getex(&mut self) -> Vec<Vec<u8>> {
        let mut args = vec!["GETEX".into(), self.key()];
        for _ in 0..self.pick(&[0, 1, 1, 1, 1, 2, 2]) {
            let word =
                self.pick(&["EX", "PX", "EXAT", "PXAT", "PERSIST", "PERSIST", "KEEPTTL", "NX"]);
            self.option(word, &mut args);
        }
        args
    }

    fn option(&mut self, word: &str, args: &mut Vec<Vec<u8>>) {
        args.push(self.cased(word));
        match word {
            "EX" => args.push(self.amount(1)),
            "PX" => args.push(self.amount(1000)),
            "EXAT" => args.push(self.moment(1000)),
            "PXAT" => args.push(self.moment(1)),
            _ => {}
        }
    }

    fn expire(&mut self) -> Vec<Vec<u8>> {
        let (name, amount) = match self.below(4) {
            0 => ("EXPIRE", self.amount(1)),
            1 => ("PEXPIRE", self.amount(1000)),
            2 => ("EXPIREAT", self.moment(1000)),
            _ => ("PEXPIREAT", self.moment(1)),
        };
        let mut args = vec![name.into(), self.key(), amount];
        for _ in 0..self.pick(&[0, 0, 0, 1, 1, 1, 1, 2, 3]) {
            let word = self.pick(&[
                "NX",
                "XX",
                "GT",
                "LT",
                "GT",
                "LT",
                "XX",
                "OX",
                "l\r\nt\r\n",
                "\n",
                "nx\0x",
            ]);
            args.push(self.cased(word));
        }
        args
    }

    fn memory_usage(&mut self) -> Vec<Vec<u8>> {
        let subcommand = self.pick(&["USAGE", "usage", "Usage", "USAGE", "usagex", "", "US\nAGE"]);
        let mut args = vec!["MEMORY".into(), subcommand.into(), self.key()];
        if self.one_in(3) {
            args.push(self.cased("SAMPLES"));
            args.push(self.integer());
        }
        args
    }

    fn scan(&mut self) -> Vec<Vec<u8>> {
        let cursor: &[u8] = if self.one_in(3) {
            self.pick(&[
                b"",
                b"-1",
                b"+0",
                b"-0",
                b"00",
                b" 0",
                b"0 ",
                b"1x",
                b"x",
                b"-",
                b"+",
                b"--1",
                b"0x10",
                b"0\0z",
                b"\0",
                b"\t0",
                b"18446744073709551615",
                b"18446744073709551616",
                b"-18446744073709551615",
                b"-18446744073709551616",
            ])
        } else {
            b"0"
        };
        let mut args = vec!["SCAN".into(), cursor.to_vec()];
        if !self.one_in(8) {
            args.push(self.cased("COUNT"));
            args.push(if self.one_in(8) { self.integer() } else { b"1000".to_vec() });
        }
        if self.one_in(3) {
            args.push(self.cased("MATCH"));
            let pattern: &[u8] = self.pick(&[
                b"*", b"**", b"", b"?", b"[ab]", b"root:*", b"*\\**", b"\xff*", b"a*", b"[^a]",
            ]);
            args.push(pattern.to_vec());
        }
        if self.one_in(5) {
            args.push(self.cased("TYPE"));
            args.push(self.pick(&["string", "STRING", "list", "", "string\0x", "nothing"]).into());
        }
        args
    }

    fn ping(&mut self) -> Vec<Vec<u8>> {
        let mut args = vec!["PING".into()];
        args.extend((0..self.below(4)).map(|_| self.value()));
        args
    }

    fn unknown(&mut self) -> Vec<Vec<u8>> {
        let long = "N".repeat(200);
        let name = self.pick(&["FOO", "", "get\n", "SE T", "G\0ET", "é", "get ", "\r\nx", &long]);
        let mut args = vec![name.into()];
        args.extend((0..self.below(6)).map(|_| self.value()));
        args
    }

    /// Takes an argument away or adds one, now and then, and varies the case of the name.
    fn spoil(&mut self, args: &mut Vec<Vec<u8>>) {
        if self.one_in(50) && args.len() > 1 {
            args.pop();
        }
        if self.one_in(50) {
            args.push(self.value());
        }
        if self.one_in(4) {
            args[0].make_ascii_lowercase();
        }
    }

    fn cased(&mut self, word: &str) -> Vec<u8> {
        match self.below(4) {
            0 => word.to_ascii_lowercase().into(),
            1 => format!("{}{}", word[..1].to_ascii_lowercase(), &word[1..]).into(),
            _ => word.into(),
        }
    }

    fn key(&mut self) -> Vec<u8> {
        KEYS[self.below(self.keys)].to_vec()
    }

    fn value(&mut self) -> Vec<u8> {
        match self.below(8) {
            0 => b"x".repeat(70),
            1 => (0..=255).collect(),
            2 => self
                .pick(&["", "\r\n", "OK", "{\"__type__\": \"int\", \"value\": 30}", "é\0z"])
                .into(),
            _ => self.integer(),
        }
    }

    /// An expiry from now on, mostly one that will come soon.
    fn amount(&mut self, per_second: i64) -> Vec<u8> {
        let amount = match self.below(8) {
            0 => return self.integer(),
            1 => return self.last.clone(),
            2 => self.pick(&[1, 2, 499, 500, 501, 1500]),
            3 => i64::MAX - self.now + self.pick(&[-1, 0, 1]),
            _ => self.pick(&[1, 1, 2, 5, 10, 100]) * per_second,
        };
        self.remember(amount)
    }

    /// A moment near the present, mostly.
    fn moment(&mut self, ms_per_unit: i64) -> Vec<u8> {
        match self.below(6) {
            0 => self.integer(),
            1 => self.last.clone(),
            _ => {
                let distance = self.pick(&[-5000, -1000, -1, 0, 0, 1, 499, 1000, 5000, 100_000]);
                self.remember((self.now + distance) / ms_per_unit)
            }
        }
    }

    fn remember(&mut self, amount: i64) -> Vec<u8> {
        self.last = amount.to_string().into();
        self.last.clone()
    }

    /// What is an integer, or nearly so.
    fn integer(&mut self) -> Vec<u8> {
        self.pick(&[
            "0",
            "1",
            "-1",
            "10",
            "1000",
            " 1",
            "1 ",
            "+1",
            "01",
            "-0",
            "-",
            "",
            "1.5",
            "inf",
            "nan",
            "1\0",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "-9223372036854775809",
            "9223372036854775",
            "9223372036854776",
            "-9223372036854775",
            "-9223372036854776",
            "99999999999999999999999",
        ])
        .into()
    }
}

/// The finisher of SplitMix64.
fn scramble(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

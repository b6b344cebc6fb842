//! Whether two segments can be the same text: a search through the product of their automata.

use alloc::{string::String, vec, vec::Vec};

use super::trie::Shape;
use crate::{
    index::{Index, hash},
    key::{
        MAX_PARAM,
        automaton::{Automaton, State},
    },
};

/// A segment with a parameter, and the automaton of that parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    pub(super) shape: &'a Shape,
    pub(super) automaton: &'a Automaton,
}

/// The shortest text that is a segment of both sides, or one that is easily found.
///
/// Adds what the search took to `effort`.
pub(super) fn meet(x: Side<'_>, y: Side<'_>, effort: &mut u64) -> Option<String> {
    *effort += COMPARISON;
    let before = longer(&x.shape.before, &y.shape.before, |long, short| long.starts_with(short))?;
    let after = longer(&x.shape.after, &y.shape.after, |long, short| long.ends_with(short))?;
    for guess in GUESSES {
        let text = [before, guess, after].concat();
        if x.shape.admits(&text) && y.shape.admits(&text) {
            return Some(text);
        }
    }
    Search::new(x, y).run(effort)
}

/// The longer one of two texts if it contains the other at its end or start.
fn longer<'a>(a: &'a str, b: &'a str, contains: fn(&str, &str) -> bool) -> Option<&'a str> {
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    contains(long, short).then_some(long)
}

/// Values that most parameters take.
const GUESSES: [&str; 5] =
    ["1", "a", "0", "00000000-0000-0000-0000-000000000000", "00000000000000000000000000"];

/// A breadth-first search: shorter texts come first.
///
/// Lengths only ever grow, so a way to a pair of places is forgotten when an earlier one came there
/// with no more characters on either side, and the first text that both accept decides about the
/// limit of the encoded length.
struct Search<'a> {
    sides: [Side<'a>; 2],
    alphabet: Vec<u8>,
    reached: Vec<Reached>,
    /// What was reached, by the places.
    index: Index,
}

#[derive(Clone, Copy)]
struct Reached {
    places: [Place; 2],
    characters: [u32; 2],
    length: usize,
    byte: u8,
    from: usize,
}

/// Where one side stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Before(u32),
    Param(State),
    After(u32),
}

impl<'a> Search<'a> {
    fn new(x: Side<'a>, y: Side<'a>) -> Self {
        Self {
            sides: [x, y],
            alphabet: alphabet(&[x, y]),
            reached: Vec::new(),
            index: Index::default(),
        }
    }

    fn run(mut self, effort: &mut u64) -> Option<String> {
        let [x, y] = self.sides;
        self.reach(Reached {
            places: [x.start(), y.start()],
            characters: [0, 0],
            length: 0,
            byte: 0,
            from: 0,
        });
        let mut index = 0;
        while let Some(&at) = self.reached.get(index) {
            let [a, b] = at.places;
            if x.accepts(a) && y.accepts(b) {
                let fits = x.is_in_limit(at.length) && y.is_in_limit(at.length);
                return fits.then(|| self.text(index)).flatten();
            }
            self.expand(at, index);
            index += 1;
            *effort += EXPANSION;
        }
        None
    }

    fn expand(&mut self, at: Reached, from: usize) {
        let [x, y] = self.sides;
        for letter in 0..self.alphabet.len() {
            let Some(&byte) = self.alphabet.get(letter) else { return };
            let ways = x.steps(at.places[0], byte);
            if ways == [None, None] {
                continue;
            }
            let other_ways = y.steps(at.places[1], byte);
            for (a, m) in ways.into_iter().flatten() {
                for (b, n) in other_ways.into_iter().flatten() {
                    let characters = [at.characters[0] + m, at.characters[1] + n];
                    let length = at.length + 1;
                    self.reach(Reached { places: [a, b], characters, length, byte, from });
                }
            }
        }
    }

    fn reach(&mut self, reached: Reached) {
        let [m, n] = reached.characters;
        let too_long =
            |side: &Side<'_>, characters| side.max_length().is_some_and(|most| characters > most);
        if too_long(&self.sides[0], m) || too_long(&self.sides[1], n) {
            return;
        }
        let hash = hash(&reached.places);
        let is_no_worse = |number: usize| {
            self.reached.get(number).is_some_and(|earlier| {
                let [k, l] = earlier.characters;
                earlier.places == reached.places && k <= m && l <= n
            })
        };
        if self.index.find(hash, &is_no_worse).is_none() {
            self.index.push(hash);
            self.reached.push(reached);
        }
    }

    fn text(&self, mut index: usize) -> Option<String> {
        let mut bytes = Vec::new();
        while let Some(at) = self.reached.get(index).filter(|at| at.length > 0) {
            bytes.push(at.byte);
            index = at.from;
        }
        bytes.reverse();
        String::from_utf8(bytes).ok()
    }
}

/// What a comparison of two segments counts for, beside passing by one.
const COMPARISON: u64 = 64;
/// What expanding one pair of places counts for.
const EXPANSION: u64 = 32;

impl Side<'_> {
    fn start(&self) -> Place {
        self.before(0)
    }

    fn before(&self, read: u32) -> Place {
        if read as usize == self.shape.before.len() {
            Place::Param(self.automaton.start())
        } else {
            Place::Before(read)
        }
    }

    /// The places behind one more byte, each with the characters of the value that it begins.
    fn steps(&self, at: Place, byte: u8) -> [Option<(Place, u32)>; 2] {
        let stands = |text: &str, at: u32| text.as_bytes().get(at as usize) == Some(&byte);
        match at {
            Place::Before(read) => {
                let fits = stands(&self.shape.before, read);
                [fits.then(|| (self.before(read + 1), 0)), None]
            }
            Place::Param(state) => {
                let ends = stands(&self.shape.after, 0) && self.automaton.accepts(state);
                let step = self.automaton.step(state, byte).map(|(state, characters)| {
                    // Where nothing limits them, counting would only multiply the ways.
                    let counted = if self.max_length().is_some() { characters } else { 0 };
                    (Place::Param(state), counted)
                });
                [step, ends.then_some((Place::After(1), 0))]
            }
            Place::After(read) => {
                [stands(&self.shape.after, read).then_some((Place::After(read + 1), 0)), None]
            }
        }
    }

    fn accepts(&self, at: Place) -> bool {
        match at {
            Place::Before(_) => false,
            Place::Param(state) => self.shape.after.is_empty() && self.automaton.accepts(state),
            Place::After(read) => read as usize == self.shape.after.len(),
        }
    }

    fn is_in_limit(&self, length: usize) -> bool {
        length <= MAX_PARAM + self.shape.before.len() + self.shape.after.len()
    }

    const fn max_length(&self) -> Option<u32> {
        self.shape.param.constraints.max_length
    }
}

/// Bytes enough to stand for all: those that some literal or word asks for, and of the others one
/// of each class that no automaton tells apart.
fn alphabet(sides: &[Side<'_>]) -> Vec<u8> {
    let mut marked = [false; 256];
    for side in sides {
        for byte in side.shape.before.bytes().chain(side.shape.after.bytes()) {
            marked[usize::from(byte)] = true;
        }
        side.automaton.mark(&mut marked);
    }
    let mut alphabet = vec![];
    for class in CLASSES {
        alphabet.extend(class.iter().find(|&&byte| !marked[usize::from(byte)]));
    }
    alphabet.extend((0..=u8::MAX).filter(|&byte| marked[usize::from(byte)]));
    alphabet
}

const CLASSES: &[&[u8]] = &[
    b"abcdef",
    b"1",
    b"2",
    b"3",
    b"4",
    b"5",
    b"6",
    b"7",
    b"8",
    b"9",
    b"0",
    b"ghijklmnopqrstuvwxyz",
    b"A",
    b"B",
    b"C",
    b"D",
    b"E",
    b"F",
    b"GHJKMNPQRSTVWXYZ",
    b"ILOU",
    b"-",
    b"_.~@+=,",
    b"%",
    b" !\"#$&'()/;<>`{|}",
    // UTF-8, which only stands in verbatim text.
    b"\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f",
    b"\x90\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9a\x9b\x9c\x9d\x9e\x9f",
    b"\xa0\xa1\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xab\xac\xad\xae\xaf\
      \xb0\xb1\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xbb\xbc\xbd\xbe\xbf",
    b"\xc2",
    b"\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xcb\xcc\xcd\xce\xcf\
      \xd0\xd1\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xdb\xdc\xdd\xde\xdf",
    b"\xe0",
    b"\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xee\xef",
    b"\xed",
    b"\xf0",
    b"\xf1\xf2\xf3",
    b"\xf4",
];

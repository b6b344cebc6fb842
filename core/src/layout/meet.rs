//! Whether two segments can be the same text: a search through the product of their automata.

use alloc::{boxed::Box, string::String, vec, vec::Vec};
use core::cell::Cell;

use super::{language::Language, trie::Shape};
use crate::{
    index::{Index, hash},
    key::{
        MAX_PARAM,
        automaton::{Automaton, State},
    },
};

/// A segment with a parameter, and the language of that parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    pub(super) shape: &'a Shape,
    pub(super) language: &'a Language,
}

/// Comparing took more than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exhausted;

/// A text that is a segment of both sides: the shortest, or one that is easily found.
///
/// Adds what the search took to `effort`, which is not to grow beyond `most`.
pub(super) fn meet(
    x: Side<'_>,
    y: Side<'_>,
    effort: &mut u64,
    most: u64,
) -> Result<Option<String>, Exhausted> {
    *effort += COMPARISON;
    let before = longer(&x.shape.before, &y.shape.before, |long, short| long.starts_with(short));
    let after = longer(&x.shape.after, &y.shape.after, |long, short| long.ends_with(short));
    let (Some(before), Some(after)) = (before, after) else { return Ok(None) };
    let is_of_both = |text: &String| x.shape.admits(text) && y.shape.admits(text);
    let found = GUESSES.iter().map(|guess| [before, guess, after].concat()).find(is_of_both);
    if found.is_some() {
        return Ok(found);
    }
    if let Some((side, words)) = fewer_words(x, y) {
        *effort += ADMISSION * words.len() as u64;
        return Ok(words.iter().map(|word| side.whole(word)).find(is_of_both));
    }
    let leasts = [x, y]
        .into_iter()
        .flat_map(|side| side.language.extents.iter().map(move |extent| side.whole(&extent.least)));
    match leasts.into_iter().find(is_of_both) {
        Some(text) => Ok(Some(text)),
        None => search(x, y, effort, most),
    }
}

/// The words of a side that has no others.
fn fewer_words<'a>(x: Side<'a>, y: Side<'a>) -> Option<(Side<'a>, &'a [Box<str>])> {
    let words = |side: Side<'a>| Some((side, side.language.words.as_deref()?));
    match (words(x), words(y)) {
        (Some(x), Some(y)) => Some(if x.1.len() > y.1.len() { y } else { x }),
        (x, y) => x.or(y),
    }
}

/// Looks for a text of both whatever its number of characters first: mostly there is none, or one
/// that has not too many.
fn search(
    x: Side<'_>,
    y: Side<'_>,
    effort: &mut u64,
    most: u64,
) -> Result<Option<String>, Exhausted> {
    let any = Search::new(x, y, false).run(effort, most)?;
    match any {
        Some(text) if !(x.shape.admits(&text) && y.shape.admits(&text)) => {
            Search::new(x, y, true).run(effort, most)
        }
        any => Ok(any),
    }
}

/// The longer one of two texts if it contains the other at its end or start.
fn longer<'a>(a: &'a str, b: &'a str, contains: fn(&str, &str) -> bool) -> Option<&'a str> {
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    contains(long, short).then_some(long)
}

/// Values that most parameters take.
const GUESSES: [&str; 3] = ["1", "a", "0"];

/// A breadth-first search: shorter texts come first.
///
/// Lengths only ever grow, so a way to a pair of places is forgotten when an earlier one came there
/// with no more characters on either side, and the first text that both accept decides about the
/// limit of the encoded length.
struct Search<'a> {
    sides: [Side<'a>; 2],
    automata: [&'a Automaton; 2],
    /// The most characters that the value of each side has, if they are counted.
    max_lengths: [Option<u32>; 2],
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
    fn new(x: Side<'a>, y: Side<'a>, counts: bool) -> Self {
        let sides = [x, y];
        let max_length =
            |side: Side<'_>| side.shape.param.constraints.max_length.filter(|_| counts);
        Self {
            sides,
            automata: sides.map(|side| side.language.automaton()),
            max_lengths: sides.map(max_length),
            alphabet: alphabet(&sides),
            reached: Vec::new(),
            index: Index::default(),
        }
    }

    fn run(mut self, effort: &mut u64, most: u64) -> Result<Option<String>, Exhausted> {
        let [x, y] = self.sides;
        let start = [self.start(0), self.start(1)];
        let characters = [0, 0];
        self.reach(Reached { places: start, characters, length: 0, byte: 0, from: 0 }, effort);
        let mut index = 0;
        while let Some(&at) = self.reached.get(index) {
            let [a, b] = at.places;
            if self.accepts(0, a) && self.accepts(1, b) {
                let fits = x.is_in_limit(at.length) && y.is_in_limit(at.length);
                return Ok(fits.then(|| self.text(index)).flatten());
            }
            if *effort > most {
                return Err(Exhausted);
            }
            self.expand(at, index, effort);
            index += 1;
        }
        Ok(None)
    }

    fn expand(&mut self, at: Reached, from: usize, effort: &mut u64) {
        *effort += 1 + self.alphabet.len() as u64 / LETTERS;
        for letter in 0..self.alphabet.len() {
            let Some(&byte) = self.alphabet.get(letter) else { return };
            let ways = self.steps(0, at.places[0], byte);
            if ways == [None, None] {
                continue;
            }
            let other_ways = self.steps(1, at.places[1], byte);
            for (a, m) in ways.into_iter().flatten() {
                for (b, n) in other_ways.into_iter().flatten() {
                    let characters = [at.characters[0] + m, at.characters[1] + n];
                    let length = at.length + 1;
                    let places = [a, b];
                    self.reach(Reached { places, characters, length, byte, from }, effort);
                }
            }
        }
    }

    fn reach(&mut self, reached: Reached, effort: &mut u64) {
        let [m, n] = reached.characters;
        let [most, other_most] = self.max_lengths;
        if most.is_some_and(|most| m > most) || other_most.is_some_and(|most| n > most) {
            return;
        }
        let hash = hash(&reached.places);
        let compared = Cell::new(1);
        let is_no_worse = |number: usize| {
            compared.set(compared.get() + 1);
            self.reached.get(number).is_some_and(|earlier| {
                let [k, l] = earlier.characters;
                earlier.places == reached.places && k <= m && l <= n
            })
        };
        if self.index.find(hash, &is_no_worse).is_none() {
            self.index.push(hash);
            self.reached.push(reached);
        }
        *effort += compared.get();
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
const COMPARISON: u64 = 100;
/// What asking both sides about a text counts for.
const ADMISSION: u64 = 8;
/// So many letters that lead nowhere count for one.
const LETTERS: u64 = 2;

impl Search<'_> {
    fn start(&self, side: usize) -> Place {
        self.before(side, 0)
    }

    fn before(&self, side: usize, read: u32) -> Place {
        if read as usize == self.sides[side].shape.before.len() {
            Place::Param(self.automata[side].start())
        } else {
            Place::Before(read)
        }
    }

    /// The places behind one more byte, each with the characters of the value that it begins.
    fn steps(&self, side: usize, at: Place, byte: u8) -> [Option<(Place, u32)>; 2] {
        let (shape, automaton) = (self.sides[side].shape, self.automata[side]);
        let stands = |text: &str, at: u32| text.as_bytes().get(at as usize) == Some(&byte);
        match at {
            Place::Before(read) => {
                let fits = stands(&shape.before, read);
                [fits.then(|| (self.before(side, read + 1), 0)), None]
            }
            Place::Param(state) => {
                let ends = stands(&shape.after, 0) && automaton.accepts(state);
                let step = automaton.step(state, byte).map(|(state, characters)| {
                    // Where nothing limits them, counting would only multiply the ways.
                    let counts = self.max_lengths[side].is_some();
                    (Place::Param(state), if counts { characters } else { 0 })
                });
                [step, ends.then_some((Place::After(1), 0))]
            }
            Place::After(read) => {
                [stands(&shape.after, read).then_some((Place::After(read + 1), 0)), None]
            }
        }
    }

    fn accepts(&self, side: usize, at: Place) -> bool {
        let after = &self.sides[side].shape.after;
        match at {
            Place::Before(_) => false,
            Place::Param(state) => after.is_empty() && self.automata[side].accepts(state),
            Place::After(read) => read as usize == after.len(),
        }
    }
}

impl Side<'_> {
    /// The segment with a value that is rendered already.
    fn whole(&self, value: &str) -> String {
        [&*self.shape.before, value, &*self.shape.after].concat()
    }

    fn is_in_limit(&self, length: usize) -> bool {
        length <= MAX_PARAM + self.shape.before.len() + self.shape.after.len()
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
        side.language.automaton().mark(&mut marked);
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

//! Finding numbered things by their hash.
//!
//! The standard library's maps are compiled anew for each type of key; here only the hashing and
//! the comparison are.

use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use crate::steps;

/// The numbers of things that stand somewhere else, by the hashes of the things.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The newest number of each bucket, or `NONE`.
    buckets: Vec<u32>,
    links: Vec<Link>,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    hash: u32,
    /// The next older number of the bucket, or `NONE`.
    older: u32,
}

impl Index {
    /// The newest thing with that hash that is the one sought.
    pub(crate) fn find(&self, hash: u32, is_sought: &dyn Fn(usize) -> bool) -> Option<usize> {
        let mut number = *self.buckets.get(bucket(hash, &self.buckets))? as usize;
        loop {
            steps::count(1);
            let link = self.links.get(number)?;
            if link.hash == hash && is_sought(number) {
                return Some(number);
            }
            number = link.older as usize;
        }
    }

    /// Takes in the next thing: their numbers count up from 0.
    pub(crate) fn push(&mut self, hash: u32) {
        self.links.push(Link { hash, older: NONE });
        if self.links.len() <= self.buckets.len() {
            self.link(self.links.len() - 1);
            return;
        }
        let buckets = (self.links.len() * 2).next_power_of_two();
        self.buckets.clear();
        self.buckets.resize(buckets, NONE);
        for number in 0..self.links.len() {
            self.link(number);
        }
    }

    fn link(&mut self, number: usize) {
        let Some(link) = self.links.get_mut(number) else { return };
        let bucket = bucket(link.hash, &self.buckets);
        if let Some(newest) = self.buckets.get_mut(bucket) {
            link.older = core::mem::replace(newest, number as u32);
        }
    }
}

/// There are as many buckets as a power of two, or none at first.
fn bucket(hash: u32, buckets: &[u32]) -> usize {
    hash as usize & buckets.len().wrapping_sub(1)
}

/// A hash for an [`Index`]; nobody's secrets and nobody's attacks are in what it is for.
pub(crate) fn hash(thing: &impl Hash) -> u32 {
    let mut mixer = Mixer(0);
    thing.hash(&mut mixer);
    (mixer.0 >> 32) as u32
}

struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        steps::count(bytes.len());
        for &byte in bytes {
            self.write_u32(byte.into());
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u32(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0.rotate_left(23) ^ u64::from(number)).wrapping_mul(FACTOR);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// 2^64 divided by the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
const NONE: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use alloc::format;
    use core::cell::Cell;

    use super::*;

    #[test]
    fn each_of_many_things_is_found_and_no_other() {
        let names: Vec<_> = (0..5_000).map(|n| format!("root:user:{n}")).collect();
        let mut index = Index::default();
        for name in &names {
            index.push(hash(name));
        }
        let compared = Cell::new(0);
        let find = |name: &str| {
            index.find(hash(&name), &|number| {
                compared.set(compared.get() + 1);
                names[number] == name
            })
        };
        for (number, name) in names.iter().enumerate() {
            assert_eq!(find(name), Some(number));
        }
        assert_eq!(find("root:user:5000"), None);
        assert!(compared.get() < names.len() + 50, "{} comparisons", compared.get());
    }
}

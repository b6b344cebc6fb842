//! Memory stores as text.

use nestkey_core::frame::read_text;

use super::{Tables, no_such};
use crate::DONE;

impl Tables {
    pub(crate) fn dump_memory(&mut self, store: u32, now_ms: i64) -> u32 {
        let dump = self.stores.get(store).map(|store| store.dump(now_ms));
        self.answer_text(dump.ok_or_else(|| no_such("memory store")))
    }

    pub(crate) fn load_memory(&mut self, store: u32, length: usize, now_ms: i64) -> u32 {
        let Some(store) = self.stores.get_mut(store) else {
            self.give_input_back();
            return self.fail(&no_such("memory store"));
        };
        let input = self.input.get(..length).ok_or_else(|| no_such("input"));
        let loaded = input.and_then(read_text).and_then(|dump| store.load(dump, now_ms));
        self.give_input_back();
        match loaded {
            Ok(()) => DONE,
            Err(error) => self.fail(&error),
        }
    }

    pub(crate) fn reset_memory(&mut self, store: u32) {
        if let Some(store) = self.stores.get_mut(store) {
            store.reset();
        }
    }
}

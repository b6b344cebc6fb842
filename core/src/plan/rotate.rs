use alloc::{format, vec::Vec};

use super::{Input, Note, NoteKind, Reseal, Scan, Step, Turn, reseal::primary};
use crate::{
    call::{Call, Cx, FoundKey, Outcome, Rotated, Target},
    error::{Effect, Error, Result},
    key::Key,
    layout::EntryId,
    reply::Reply,
};

/// A walk over the keys of a namespace that seals its secrets anew, side by side.
///
/// What is sealed with the primary key already costs a look at its first characters, so a rotation
/// that broke off goes on when it is started again. A secret that cannot be opened is left as it
/// is, counted and noted.
#[derive(Clone, Debug)]
pub struct Rotate {
    walk: Scan,
    /// How many commands of the present turn are the walk's; none once it is finished.
    walking: Option<usize>,
    secrets: Vec<(EntryId, Reseal)>,
    rotated: Rotated,
}

impl Rotate {
    pub(super) fn new(call: Call) -> Self {
        Self {
            walk: Scan::new(call),
            walking: Some(0),
            secrets: Vec::new(),
            rotated: Rotated::default(),
        }
    }

    /// Whether the next step may seal something.
    pub(super) fn wants_entropy(&self) -> bool {
        self.secrets.iter().any(|(_, reseal)| reseal.wants_entropy())
    }

    pub(super) fn located(&self, cx: &Cx<'_>, error: Error) -> Error {
        let error = match self.rotated.resealed {
            0 => error,
            resealed => error
                .noted(&format!("{resealed} secrets were sealed anew before"))
                .effect(Effect::Partial),
        };
        self.walk.located(cx, error)
    }

    pub(super) fn step(
        &mut self,
        cx: &Cx<'_>,
        replies: &mut [Reply],
        turn: &mut Turn,
    ) -> Result<Step> {
        let walked = self.walking.unwrap_or_default().min(replies.len());
        let (of_walk, mut rest) = replies.split_at_mut(walked);
        let found = self.walk(cx, of_walk, turn);
        for (entry, reseal) in core::mem::take(&mut self.secrets) {
            let (mine, others) = rest.split_at_mut(rest.len().min(1));
            rest = others;
            self.advance_one(cx, entry, reseal, mine, turn);
        }
        // What was sealed meanwhile counts even where the walk fails.
        let found = found?;
        primary(cx)?;
        for FoundKey { key, entry, .. } in found {
            let mut resolved = Key::new();
            resolved.push_str(&key);
            let reseal = Reseal::rotate(Target::Entry(entry), resolved);
            self.advance_one(cx, entry, reseal, &mut [], turn);
        }
        if self.walking.is_none() && self.secrets.is_empty() {
            return Ok(Step::Done(self.outcome()));
        }
        turn.items.push(self.outcome());
        Ok(Step::More)
    }

    /// Advances the walk, and takes the keys that it hands out.
    fn walk(
        &mut self,
        cx: &Cx<'_>,
        replies: &mut [Reply],
        turn: &mut Turn,
    ) -> Result<Vec<FoundKey>> {
        if self.walking.is_none() {
            return Ok(Vec::new());
        }
        // In a pipeline the commands of others stand before.
        let before = turn.batch.len();
        let step = self.walk.step(cx, replies, turn)?;
        self.walking = matches!(step, Step::More).then_some(turn.batch.len() - before);
        let keys = turn.items.drain(..).filter_map(|item| match item {
            Outcome::Key(found) => Some(found),
            _ => None,
        });
        Ok(keys.collect())
    }

    fn advance_one(
        &mut self,
        cx: &Cx<'_>,
        entry: EntryId,
        mut reseal: Reseal,
        replies: &mut [Reply],
        turn: &mut Turn,
    ) {
        let mark = turn.batch.mark();
        match reseal.step(cx, &mut Input { replies, ..Input::default() }, turn) {
            Ok(Step::More) => self.secrets.push((entry, reseal)),
            Ok(Step::Done(Outcome::Form(form))) => {
                self.rotated.resealed += u64::from(reseal.has_written());
                self.rotated.count(form);
            }
            // It was removed meanwhile.
            Ok(Step::Done(_)) => {}
            Err(error) => {
                turn.batch.rollback(&mark);
                self.rotated.failed += 1;
                let error = cx.located(error, reseal.call());
                turn.notes.push(Note { entry, kind: NoteKind::NotResealed, error });
            }
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        Outcome::Rotated(self.rotated.clone())
    }
}

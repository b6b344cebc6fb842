//! The options of calls: questions that are answered once.

use nestkey_core::{
    call::{Condition, ExpireCondition, Verb},
    error::{Error, ErrorKind, Result},
    op::Operand,
    ttl::Expiry,
};

use super::Call;

/// What an option answers; `ttl` and `persist` answer the same.
pub(crate) struct Question<A> {
    /// Tells it from the others of a call.
    number: u8,
    /// Where a call has the answer, if it asks that.
    place: fn(&mut Verb) -> Option<&mut A>,
    /// The option that gives that answer.
    option: fn(A) -> &'static str,
}

/// When what is written expires.
pub(crate) const EXPIRY: Question<Expiry> = Question {
    number: 0,
    place: |verb| match verb {
        Verb::GetOrSet(fill) => Some(&mut fill.expiry),
        Verb::Seal(seal) => Some(&mut seal.expiry),
        Verb::Set(set) => Some(&mut set.expiry),
        Verb::SetPassword(set) => Some(&mut set.expiry),
        Verb::Update(update) => Some(&mut update.expiry),
        _ => None,
    },
    option: Expiry::name,
};

/// Whether the key must be there.
pub(crate) const CONDITION: Question<Condition> = Question {
    number: 1,
    place: |verb| match verb {
        Verb::Seal(seal) => Some(&mut seal.condition),
        Verb::Set(set) => Some(&mut set.condition),
        Verb::SetPassword(set) => Some(&mut set.condition),
        _ => None,
    },
    option: |condition| match condition {
        Condition::Always => "always",
        Condition::IfExists => "if_exists",
        Condition::IfMissing => "if_missing",
    },
};

/// Which expiry the key must have.
pub(crate) const EXPIRE_CONDITION: Question<ExpireCondition> = Question {
    number: 1,
    place: |verb| match verb {
        Verb::Expire(expire) => Some(&mut expire.condition),
        _ => None,
    },
    option: |condition| match condition {
        ExpireCondition::Always => "always",
        ExpireCondition::Gt => "gt",
        ExpireCondition::Lt => "lt",
        ExpireCondition::Nx => "nx",
        ExpireCondition::Xx => "xx",
    },
};

/// How long others wait for a computation, in milliseconds.
pub(crate) const LEASE: Question<u64> = Question {
    number: 2,
    place: |verb| match verb {
        Verb::GetOrSet(fill) => Some(&mut fill.lease_ms),
        _ => None,
    },
    option: |_| "lease",
};

/// For how long an older value is given, in milliseconds.
pub(crate) const STALE: Question<Option<u64>> = Question {
    number: 3,
    place: |verb| match verb {
        Verb::GetOrSet(fill) => Some(&mut fill.stale_ms),
        _ => None,
    },
    option: |_| "stale",
};

/// How many elements are looked at.
pub(crate) const SAMPLES: Question<Operand> = Question {
    number: 2,
    place: |verb| match verb {
        Verb::Op { args, .. } => args.first_mut(),
        _ => None,
    },
    option: |_| "samples",
};

/// How often an update is tried.
pub(crate) const TRIES: Question<u32> = Question {
    number: 2,
    place: |verb| match verb {
        Verb::Update(update) => Some(&mut update.tries),
        _ => None,
    },
    option: |_| "tries",
};

impl<A: Copy + PartialEq> Question<A> {
    /// Takes an answer, unless another was given.
    fn answer(&self, answer: A, verb: &mut Verb, answered: &mut u8) -> Result<()> {
        let Some(place) = (self.place)(verb) else { return Ok(()) };
        let bit = 1 << self.number;
        if *answered & bit != 0 && *place != answer {
            return Err(contradiction((self.option)(*place), (self.option)(answer)));
        }
        *answered |= bit;
        *place = answer;
        Ok(())
    }
}

#[cold]
fn contradiction(first: &str, second: &str) -> Error {
    let message = if first == second {
        format!("`{first}` is given twice, and not the same")
    } else {
        format!("`{first}` and `{second}` contradict each other")
    };
    Error::new(ErrorKind::InvalidCall, message)
}

impl<T, K> Call<T, K> {
    /// Answers a question of the call. What is no answer, or not the one given before, fails the
    /// call when it is run, so that its neighbours in a pipeline do not notice.
    pub(crate) fn answer<A: Copy + PartialEq>(
        self,
        question: &Question<A>,
        answer: Result<A>,
    ) -> Self {
        self.change(|wish, root| {
            let Ok(call) = &mut wish.call else { return };
            let answered = &mut wish.answered;
            if let Err(error) =
                answer.and_then(|answer| question.answer(answer, &mut call.verb, answered))
            {
                wish.call = Err(root.located(error, Some(call.target)));
            }
        })
    }
}

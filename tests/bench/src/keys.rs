//! From a path and a parameter to a key, and on to commands, with nothing sent.

use std::hint::black_box;

use nestkey::{Client, Layout};
use nestkey_core::{
    call::{Call, Cx, Set, Target, Verb},
    key::param::Param,
    layout::{NamespaceId, Params},
    plan::{Input, Plan, Turn},
    value::Payload,
};
use serde::Serialize;

use crate::{LAYOUT, pairs::Pairs, row::Row};

const PAIRS: usize = 4_000;
/// How many keys one sample resolves.
const SAMPLE: u32 = 500;

pub(crate) fn rows() -> Result<Vec<Row>, nestkey::Error> {
    Ok(vec![resolve()?, plan()?])
}

fn resolve() -> Result<Row, nestkey::Error> {
    let layout = Layout::from_json(LAYOUT)?;
    let (client, _) = Client::memory();
    let root = client.bind(&layout);
    let ours = || {
        for id in 0..SAMPLE {
            let user = root.namespace("user", [black_box(id)]);
            let age = user.and_then(|user| user.entry("age"));
            black_box(age.is_ok_and(|age| !age.key().is_empty()));
        }
    };
    let theirs = || {
        for id in 0..SAMPLE {
            black_box(format!("root:user:{}:age", black_box(id)));
        }
    };
    let name = "Rust: resolve root:user:{id}:age, beside format!";
    Ok(Pairs::measure(PAIRS, ours, theirs).row(name, Some(1.5), SAMPLE))
}

/// The envelope as a service without nestkey would write it.
#[derive(Serialize)]
struct Envelope {
    __type__: &'static str,
    value: i64,
}

fn plan() -> Result<Row, nestkey::Error> {
    let layout = Layout::from_json(LAYOUT)?;
    let cx = Cx::new(&layout, "");
    let top = layout.root("")?;
    let mut turn = Turn::default();
    let ours = || {
        for id in 0..SAMPLE {
            let mut planned = || -> Result<usize, nestkey::Error> {
                let user = layout.child(NamespaceId::ROOT, "user").ok_or_else(missing)?;
                let age = layout.entry_in(user, "age").ok_or_else(missing)?;
                let params = [Param::Int(i128::from(black_box(id)))];
                let mut key = top.clone();
                layout.enter(user, Params::Positional(&params), &mut key)?;
                layout.complete(age, Params::Positional(&[]), &mut key)?;
                let set = Set::new(Payload::from(i64::from(id)));
                for verb in [Verb::Set(set), Verb::Get] {
                    let mut plan = Plan::new(Call::new(Target::Entry(age), key.clone(), verb));
                    let _ = plan.step(&cx, Input::default(), &mut turn)?;
                }
                Ok(turn.batch.len())
            };
            black_box(planned().unwrap_or_default());
            turn.clear();
        }
    };
    let theirs = || {
        for id in 0..SAMPLE {
            let key = format!("root:user:{}:age", black_box(id));
            let envelope = Envelope { __type__: "int", value: id.into() };
            let value = serde_json::to_string(&envelope).unwrap_or_default();
            black_box([vec!["SET", &key, &value, "EX", "120"], vec!["GET", &key]]);
        }
    };
    let name = "Rust: plan its set and get, beside format! and serde_json";
    Ok(Pairs::measure(PAIRS, ours, theirs).row(name, None, SAMPLE))
}

fn missing() -> nestkey::Error {
    nestkey::Error::new(nestkey::ErrorKind::UnknownPath, "the layout of the bench has it")
}

//! <https://redis.io/docs/latest/commands/?group=scripting>: nestkey's own scripts, by evaluation.

use super::{
    argument::integer,
    dispatch::{Row, Run},
    refusal::{Answer, Refusal},
    store::{SessionId, Store},
};
use crate::{limits::Limits, reply::Reply, script::Builtin};

/// `EVAL text numkeys key … argument …`; a text that is no script of nestkey is refused.
pub(super) fn eval(store: &mut Store, _: SessionId, args: &[&[u8]]) -> Answer {
    let [keys, argv] = keys_and_arguments(args)?;
    let Some(script) = Builtin::of_lua(args[1]) else {
        return Err(Refusal::new("ERR the memory store runs nestkey's own scripts only"));
    };
    if !store.scripts.contains(&script) {
        store.scripts.push(script);
    }
    Ok(run(store, script, keys, argv))
}

/// `EVALSHA digest numkeys key … argument …`.
pub(super) fn evalsha(store: &mut Store, _: SessionId, args: &[&[u8]]) -> Answer {
    let [keys, argv] = keys_and_arguments(args)?;
    match Builtin::of_sha1(args[1]).filter(|script| store.scripts.contains(script)) {
        Some(script) => Ok(run(store, script, keys, argv)),
        None => Err(Refusal::new("NOSCRIPT No matching script. Please use EVAL.")),
    }
}

fn run(store: &mut Store, script: Builtin, keys: &[&[u8]], argv: &[&[u8]]) -> Reply {
    let database = &mut store.database;
    // What a script looks at is not answered.
    let budget = core::mem::replace(&mut database.budget, Limits::NONE.budget());
    let reply = script.evaluate(keys, argv, &mut |command| match Row::find(command) {
        Ok(row) if row.is_too_much(command, database) => Refusal::OOM.into(),
        Ok(Row { run: Run::Keys(run) | Run::Growing(run), .. }) => {
            run(database, command).unwrap_or_else(Reply::from)
        }
        Ok(_) => Reply::error("ERR This Redis command is not allowed from script"),
        Err(refusal) => refusal.into(),
    });
    database.budget = budget;
    reply
}

/// What follows the script: the number of keys, the keys, the arguments.
fn keys_and_arguments<'s, 'a>(args: &'s [&'a [u8]]) -> Result<[&'s [&'a [u8]]; 2], Refusal> {
    let count = integer(args[2])?;
    let rest = &args[3..];
    match usize::try_from(count) {
        Ok(count) if count <= rest.len() => Ok([&rest[..count], &rest[count..]]),
        Ok(_) => Err(Refusal::new("ERR Number of keys can't be greater than number of args")),
        Err(_) => Err(Refusal::new("ERR Number of keys can't be negative")),
    }
}

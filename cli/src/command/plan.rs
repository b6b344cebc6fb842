//! `nestkey plan`.

use nestkey::core::{
    call::{Call, Verb},
    command::{Batch, Role},
    json::{self as tree, Node, Value},
    layout::Layout,
    plan::{self, Input, Step, Turn},
    value::Keyring,
};

use crate::{
    args::{Global, Plan},
    call,
    failure::{Failure, Result},
    file::LayoutFile,
    json::{self, Object},
    keyring,
    output::Output,
    path, server,
};

/// Prints the commands of the first turn of each call; nothing is sent.
pub(crate) fn run(plan: &Plan, global: &Global, out: &mut Output) -> Result {
    let layout = LayoutFile::named(global)?.layout()?;
    let prefix = path::prefix(global);
    let calls = read(plan, &layout, &prefix)?;
    let needs_keyring =
        |call: &Call| matches!(call.verb, Verb::Rebind(_) | Verb::Rotate | Verb::Seal(_));
    let keyring = if calls.iter().any(needs_keyring) { keyring::given(global)? } else { None };
    let mut some_go_on = false;
    for call in calls {
        let goes_on = goes_on(&call.verb);
        let (step, batch) = first(call, &layout, &prefix, keyring.as_ref())?;
        let goes_on = goes_on || batch.commands().any(|command| is_scan(&command));
        let may_go_on = step == Step::More && goes_on;
        some_go_on |= may_go_on;
        if out.json {
            out.line(to_json(&batch, may_go_on))?;
        } else {
            batch.commands().try_for_each(|command| out.line(command))?;
        }
    }
    if some_go_on && !out.json {
        out.flush()?;
        eprintln!("nestkey: this is the first turn, more follow from the replies");
    }
    Ok(())
}

/// The first commands that a call sends, after what it hashes.
fn first(
    call: Call,
    layout: &Layout,
    prefix: &str,
    keyring: Option<&Keyring>,
) -> Result<(Step, Batch)> {
    let mut plan = plan::Plan::new(call);
    let mut turn = Turn::default();
    let mut answers = Vec::new();
    loop {
        let entropy = server::entropy(&plan, layout)?;
        let cx = server::cx(layout, prefix, keyring, entropy.as_ref());
        let input = Input { answers: &mut answers, ..Input::default() };
        let step = plan.step(&cx, input, &mut turn);
        let step = step.map_err(|error| keyring::wanted(error, keyring))?;
        if turn.jobs.is_empty() || !turn.batch.is_empty() {
            return Ok((step, turn.batch));
        }
        answers = turn.jobs.iter().map(|(_, job)| job.run()).collect();
        turn.clear();
    }
}

/// The calls of the command line: one in words and options, or several as JSON.
fn read(plan: &Plan, layout: &Layout, prefix: &str) -> Result<Vec<Call>> {
    if plan.json_calls.is_empty() {
        return read_words(plan, layout, prefix).map(|call| vec![call]);
    }
    let mut calls = Vec::new();
    for spelling in &plan.json_calls {
        calls.extend(read_json(spelling, layout, prefix)?);
    }
    Ok(calls)
}

fn read_words(plan: &Plan, layout: &Layout, prefix: &str) -> Result<Call> {
    let path = plan.path.as_deref().unwrap_or_default();
    let name = plan.call.as_deref().unwrap_or_default();
    let spelling = call::named(name, path)
        .with_some("ttl", plan.ttl.as_deref().map(Node::string))
        .with_some("expire_at", plan.expire_at.map(|number| Node::number(&number)))
        .with_some("if", plan.condition.as_deref().map(Node::string))
        .with_flag("previous", plan.previous)
        .with_flag("strays", plan.strays)
        .with_some("samples", plan.samples.map(|number| Node::number(&number)));
    match (&plan.value, name) {
        (Some(value), "set") => call::storing(spelling, path, value, layout, prefix),
        (Some(value), "verify") => call::verifying(spelling, path, value, layout, prefix),
        // What is sent first is the same whatever the password is.
        (None, "verify") => call::read(spelling.with("password", Node::string("")), layout, prefix),
        (Some(_), _) => Err(Failure::usage(format!("`{name}` takes no value"))),
        (None, _) => call::read(spelling, layout, prefix),
    }
}

fn read_json(spelling: &str, layout: &Layout, prefix: &str) -> Result<Vec<Call>> {
    let is_hidden = spelling == "-";
    let tree = if is_hidden {
        tree::read(call::standard_input()?.expose())?
    } else {
        tree::read(spelling.as_bytes())?
    };
    let spelled = match &tree.value {
        Value::Array(several) => &several[..],
        _ => std::slice::from_ref(&tree),
    };
    let read = |call| Ok(Call::from_json(call, layout, prefix)?);
    let calls = spelled.iter().map(read).collect::<Result<Vec<_>>>()?;
    if !is_hidden && calls.iter().any(|call| call::is_secret(&call.verb)) {
        let message = "a call with a secret or a password is not for the command line, where \
                       others can see it: `--json-call -` reads it from standard input";
        return Err(Failure::usage(message));
    }
    Ok(calls)
}

/// Whether a call reads before it writes, or verifies.
fn goes_on(verb: &Verb) -> bool {
    matches!(verb, Verb::GetOrSet(_) | Verb::Rebind(_) | Verb::Update(_) | Verb::Verify(_))
}

/// A scan needs as many turns as its replies say.
fn is_scan(command: &nestkey::core::command::Command<'_>) -> bool {
    command.args().next().is_some_and(|name| name.bytes == b"SCAN")
}

/// `{"commands": [["GET", "root:project_name"]], "more": false}`.
fn to_json(batch: &Batch, more: bool) -> Node {
    let commands = batch.commands().map(|command| {
        Node::array(command.args().map(|arg| match (arg.role, std::str::from_utf8(arg.bytes)) {
            (Role::Secret, _) => Node::string(format!("<secret {} B>", arg.bytes.len())),
            (_, Ok(text)) => Node::string(text),
            (_, Err(_)) => Node::string(arg.bytes.escape_ascii().to_string()),
        }))
    });
    Object::default().with("commands", Node::array(commands)).with("more", json::truth(more)).node()
}

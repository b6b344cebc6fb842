//! `nestkey plan`.

use nestkey::core::{
    call::{Call, Cx, Verb},
    command::{Batch, Role},
    json::{self as tree, Node},
    layout::Layout,
    plan::{self, Input, Step, Turn},
};

use crate::{
    args::{Global, Plan},
    call,
    failure::{Failure, Result},
    file::LayoutFile,
    json::{self, Object},
    output::Output,
    path,
};

/// Prints the commands of the first turn of a call; nothing is sent.
pub(crate) fn run(plan: &Plan, global: &Global, out: &mut Output) -> Result {
    let layout = LayoutFile::named(global)?.layout()?;
    let prefix = path::prefix(global);
    let call = read(plan, &layout, &prefix)?;
    let computes = matches!(call.verb, Verb::GetOrSet(_) | Verb::Update(_));
    let mut plan = plan::Plan::new(call);
    let mut turn = Turn::default();
    let step = plan.step(&Cx::new(&layout, &prefix), Input::default(), &mut turn)?;
    let goes_on = computes || turn.batch.commands().any(|command| is_scan(&command));
    let may_go_on = step == Step::More && goes_on;
    if out.json {
        return out.line(to_json(&turn.batch, may_go_on));
    }
    turn.batch.commands().try_for_each(|command| out.line(command))?;
    if may_go_on {
        out.flush()?;
        eprintln!("nestkey: this is the first turn, more follow from the replies");
    }
    Ok(())
}

fn read(plan: &Plan, layout: &Layout, prefix: &str) -> Result<Call> {
    if let Some(spelling) = &plan.json_call {
        return Ok(Call::from_json(&tree::read(spelling.as_bytes())?, layout, prefix)?);
    }
    let path = plan.path.as_deref().unwrap_or_default();
    let name = plan.call.as_deref().unwrap_or_default();
    let spelling = call::named(name, path)
        .with_some("ttl", plan.ttl.as_deref().map(Node::string))
        .with_some("expire_at", plan.expire_at.map(|number| Node::number(&number)))
        .with_some("if", plan.condition.as_deref().map(Node::string))
        .with_flag("previous", plan.previous)
        .with_flag("strays", plan.strays)
        .with_some("samples", plan.samples.map(|number| Node::number(&number)));
    let spelling = match (&plan.value, name) {
        (Some(value), "set") => call::with_value(spelling, path, value, layout, prefix)?,
        (Some(_), _) => return Err(Failure::usage(format!("`{name}` takes no value"))),
        (None, _) => spelling,
    };
    call::read(spelling, layout, prefix)
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

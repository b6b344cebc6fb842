//! The layout of this command line, bound to its server.

use std::env;

use nestkey::{
    Client, Root,
    core::{
        call::{Call, Cleared, Cx, Outcome},
        json::Node,
        plan::{Input, Plan, Step, Turn},
    },
};

use crate::{
    args::Global,
    call,
    failure::{Failure, Result},
    file::LayoutFile,
    json::Object,
    path,
    progress::Progress,
    trace::Traced,
};

/// A bound layout, and the prefix that its calls are read with.
pub(crate) struct Server {
    pub(crate) root: Root,
    pub(crate) prefix: String,
}

impl Server {
    /// Loads the layout, then connects.
    pub(crate) fn connect(global: &Global) -> Result<Self> {
        let connect = match global.url.as_deref().filter(|url| !url.is_empty()) {
            Some(url) => Client::connect(url),
            None if names_a_server() => Client::from_env(),
            None => {
                let message =
                    "this command wants a server: --url redis://…, REDIS_URL or REDIS_HOST";
                return Err(Failure::usage(message));
            }
        };
        let layout = LayoutFile::named(global)?.layout()?;
        let prefix = path::prefix(global);
        let client = connect.prefix(&prefix).wait()?;
        let client = if global.trace { Traced::client(&client) } else { client };
        let root = client.bind(&layout);
        Ok(Self { root, prefix })
    }

    /// Reads a call from its spelling.
    pub(crate) fn call(&self, spelling: Object) -> Result<Call> {
        call::read(spelling, self.root.layout(), &self.prefix)
    }

    /// Makes a call, and gives its outcome as JSON.
    pub(crate) fn run(&self, spelling: Object) -> Result<Node> {
        let call = self.call(spelling)?;
        let outcome: Outcome = self.root.call(call.clone()).wait()?;
        Ok(outcome.to_json(&call, self.root.layout()))
    }

    /// Makes equal calls on one or several namespaces in a single walk, and shows how far it is.
    pub(crate) fn walk(&self, spellings: Vec<Object>, progress: &Progress) -> Result<Node> {
        let calls: Result<Vec<_>> = spellings.into_iter().map(|call| self.call(call)).collect();
        let calls = calls?;
        let layout = self.root.layout();
        let Some(first) = calls.first() else {
            return Err(Failure::usage("`--where` names no value"));
        };
        let cx = Cx::new(layout, &self.prefix);
        let mut plan = Plan::walk(&calls);
        let mut arrived = Ok(Vec::new());
        loop {
            let mut turn = Turn::default();
            let step = match arrived {
                Ok(mut replies) => {
                    let input = Input { replies: &mut replies, ..Input::default() };
                    plan.step(&cx, input, &mut turn)?
                }
                Err(error) => plan.interrupt(&cx, error, &mut turn)?,
            };
            turn.items.iter().for_each(|item| tell(progress, item));
            if let Step::Done(outcome) = step {
                return Ok(outcome.to_json(first, layout));
            }
            arrived = self.root.client().backend().exchange_blocking(&turn.batch, None);
        }
    }
}

/// What a walk hands out after each page.
fn tell(progress: &Progress, item: &Outcome) {
    match item {
        Outcome::Cleared(Cleared { removed, strays: 0, .. }) => progress.tell(*removed, ""),
        Outcome::Cleared(Cleared { removed, strays, .. }) => {
            progress.tell(*removed, &format!("{strays} strays"));
        }
        Outcome::Int(count) => progress.tell(count.unsigned_abs(), ""),
        _ => {}
    }
}

/// Whether the variables of redisimnest say where the server is; none is guessed.
fn names_a_server() -> bool {
    ["REDIS_HOST", "REDIS_PORT", "REDIS_USERNAME", "REDIS_PASS"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

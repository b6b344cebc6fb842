//! `nestkey keys` and `count`: walks over a namespace.

use std::io::{self, IsTerminal};

use nestkey::core::plan::Plan;

use crate::{
    args::Global, call::named, failure::Result, output::Output, progress::Progress, server::Server,
};

/// Prints each key as it is found.
pub(crate) fn keys(path: Option<&str>, global: &Global, out: &mut Output) -> Result {
    let server = Server::connect(global)?;
    let progress = (!io::stdout().is_terminal()).then(|| Progress::start("found", global));
    let namespace = server.root.namespace_at(path.unwrap_or_default())?;
    for (found, count) in namespace.keys().wait().zip(1..) {
        let found = found?;
        if let Some(progress) = &progress {
            progress.tell(count, "");
        }
        out.either(|| found.as_core().to_json(server.root.layout()), found.key())?;
    }
    Ok(())
}

/// Prints how many keys there are.
pub(crate) fn count(path: Option<&str>, global: &Global, out: &mut Output) -> Result {
    let server = Server::connect(global)?;
    let call = server.call(named("count", path.unwrap_or_default()))?;
    let counted = server.walk(Plan::new(call.clone()), &Progress::start("found", global))?;
    out.line(counted.to_json(&call, server.root.layout()))
}

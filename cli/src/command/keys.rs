//! `nestkey keys` and `count`: walks along a path.

use std::io::{self, IsTerminal};

use nestkey::core::{call::Outcome, plan::Plan};

use crate::{
    args::Global, call::named, failure::Result, output::Output, progress::Progress, server::Server,
};

/// Prints each key as it is found.
pub(crate) fn keys(path: Option<&str>, global: &Global, out: &mut Output) -> Result {
    let server = Server::connect(global)?;
    let call = server.call(named("keys", path.unwrap_or_default()))?;
    let progress = (!io::stdout().is_terminal()).then(|| Progress::start("found", global));
    let mut count = 0;
    server.drive(Plan::new(call), |turn| {
        for item in &turn.items {
            let Outcome::Key(found) = item else { continue };
            match out.json {
                true => out.line(found.to_json(server.root.layout())?)?,
                false => out.line(&found.key)?,
            }
            count += 1;
        }
        if let Some(progress) = &progress {
            progress.tell(count, "");
        }
        Ok(())
    })?;
    Ok(())
}

/// Prints how many keys there are.
pub(crate) fn count(path: Option<&str>, global: &Global, out: &mut Output) -> Result {
    let server = Server::connect(global)?;
    let call = server.call(named("count", path.unwrap_or_default()))?;
    let counted = server.walk(Plan::new(call.clone()), &Progress::start("found", global))?;
    out.line(counted.to_json(&call, server.root.layout())?)
}

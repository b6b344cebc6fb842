//! `nestkey keys` and `count`: walks over a namespace.

use crate::{args::Global, call::named, failure::Result, output::Output, server::Server};

/// Prints each key as it is found.
pub(crate) fn keys(path: Option<&str>, global: &Global, out: &mut Output) -> Result {
    let server = Server::connect(global)?;
    let namespace = server.root.namespace_at(path.unwrap_or_default())?;
    for found in namespace.keys().wait() {
        let found = found?;
        out.either(|| found.as_core().to_json(server.root.layout()), found.key())?;
    }
    Ok(())
}

/// Prints how many keys there are.
pub(crate) fn count(path: Option<&str>, global: &Global, out: &mut Output) -> Result {
    out.line(Server::connect(global)?.run(named("count", path.unwrap_or_default()))?)
}

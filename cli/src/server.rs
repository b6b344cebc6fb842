//! The layout of this command line, bound to its server.

use std::env;

use nestkey::{
    Client, Root,
    core::{call::Call, call::Outcome, json::Node},
};

use crate::{
    args::Global,
    call,
    failure::{Failure, Result},
    file::LayoutFile,
    json::Object,
    path,
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
        let root = connect.prefix(&prefix).wait()?.bind(&layout);
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
}

/// Whether the variables of redisimnest say where the server is; none is guessed.
fn names_a_server() -> bool {
    ["REDIS_HOST", "REDIS_PORT", "REDIS_USERNAME", "REDIS_PASS"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

//! The layout of this command line, bound to its server.

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
        let url = global.url.as_deref().filter(|url| !url.is_empty());
        let url = url.ok_or_else(|| {
            Failure::usage("this command wants a server: --url redis://…, or REDIS_URL")
        })?;
        let layout = LayoutFile::named(global)?.layout()?;
        let prefix = path::prefix(global);
        let root = Client::connect(url).prefix(&prefix).wait()?.bind(&layout);
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

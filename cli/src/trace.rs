//! What `--trace` shows: the commands of each turn, their replies, and how long they took.

use std::{
    fmt,
    io::{self, IsTerminal},
    time::Instant,
};

use nestkey::{
    Client,
    backend::{Backend, Exchange},
    core::{
        call::Reach,
        command::{Batch, Command, Role},
        error::{Error, ErrorKind, Result},
        json::visible,
        layout::Layout,
        reply::Reply,
    },
};

/// A client's backend, with each of its turns told on standard error.
pub(crate) struct Traced {
    inner: Client,
    is_coloured: bool,
    layout: Layout,
    prefix: String,
}

impl Traced {
    pub(crate) fn client(inner: &Client, layout: &Layout, prefix: &str) -> Client {
        let is_coloured = io::stderr().is_terminal();
        let (layout, prefix) = (layout.clone(), prefix.to_owned());
        inner.with_backend(Self { inner: inner.clone(), is_coloured, layout, prefix })
    }

    fn told(&self, batch: &Batch, replies: &Result<Vec<Reply>>, start: Instant) -> String {
        let [name, reply, end] =
            if self.is_coloured { ["\x1b[36m", "\x1b[90m", "\x1b[0m"] } else { ["", "", ""] };
        let mut text = String::new();
        for (index, command) in batch.commands().enumerate() {
            let shown = match replies {
                Ok(replies) => replies.get(index).map_or_else(String::new, |reply| {
                    if is_secret(&command) { hidden(reply) } else { shown(reply) }
                }),
                Err(error) => error.to_string(),
            };
            let command = self.command(&command);
            let shown = visible(&shown);
            text.push_str(&format!("{name}→ {command}{end}\n{reply}← {shown}{end}\n"));
        }
        format!("{text}{reply}  {:.1} ms{end}", start.elapsed().as_secs_f64() * 1_000.0)
    }

    /// A command with its sensitive parameters hidden.
    fn command(&self, command: &Command<'_>) -> String {
        let is_sensitive = |id| self.layout.all_params(id).iter().any(|param| param.sensitive);
        if !self.layout.entries().any(|(id, _)| is_sensitive(id)) {
            return command.to_string();
        }
        let is_scan = command.args().next().is_some_and(|name| name.bytes == b"SCAN");
        let mut args: Vec<_> = command
            .args()
            .map(|arg| match arg.role {
                Role::Key => self.key(arg.bytes),
                Role::Plain | Role::Secret => format!("{arg:?}"),
            })
            .collect();
        // The pattern of a walk has the parameters of its prefix.
        if let (true, Some(pattern), Some(hidden)) =
            (is_scan, command.args().nth(3), args.get_mut(3))
        {
            *hidden = format!("<pattern {} B>", pattern.bytes.len());
        }
        args.join(" ")
    }

    /// A key with its sensitive parameters as `{name}`; one that is not the layout's, as that of a
    /// lease, may hold another.
    fn key(&self, key: &[u8]) -> String {
        let text = str::from_utf8(key).ok();
        let parsed = text.and_then(|text| Some((self.layout.parse(text, &self.prefix)?.0, text)));
        match parsed {
            Some((entry, text)) => self.layout.shown(entry, text, &self.prefix),
            None => format!("<key {} B>", key.len()),
        }
    }
}

/// Hides the layout, which is long.
impl fmt::Debug for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Traced").field(&self.inner).finish()
    }
}

impl Backend for Traced {
    fn exchange<'a>(&'a self, _: &'a Batch, _: Option<Instant>) -> Exchange<'a> {
        let message = "the command line waits for its calls";
        Box::pin(async move { Err(Error::new(ErrorKind::Unsupported, message)) })
    }

    fn exchange_blocking(&self, batch: &Batch, deadline: Option<Instant>) -> Result<Vec<Reply>> {
        let start = Instant::now();
        let replies = self.inner.backend().exchange_blocking(batch, deadline);
        eprintln!("{}", self.told(batch, &replies, start));
        replies
    }

    fn reach_blocking(&self, deadline: Option<Instant>) -> Result<Reach> {
        self.inner.backend().reach_blocking(deadline)
    }
}

/// Whether a reply may hold a secret: what was asked for, or arguments in an error.
fn is_secret(command: &Command<'_>) -> bool {
    command.hides_reply() || command.args().any(|arg| arg.role == Role::Secret)
}

fn hidden(reply: &Reply) -> String {
    match reply {
        Reply::Error(error) => format!("{} <secret>", error.code),
        Reply::Array(_) | Reply::Bulk(_) => "<secret>".to_owned(),
        other => shown(other),
    }
}

/// A reply on one line: of stored bytes their number.
fn shown(reply: &Reply) -> String {
    match reply {
        Reply::Bulk(bytes) => format!("{} B", bytes.len()),
        Reply::Array(items) if items.len() > 4 => format!("{} replies", items.len()),
        Reply::Array(items) => {
            format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}

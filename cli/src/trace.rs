//! What `--trace` shows: the commands of each turn, their replies, and how long they took.

use std::{
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
        reply::Reply,
    },
};

/// How much of a text reply is shown.
const SHOWN: usize = 80;

/// A client's backend, with each of its turns told on standard error.
#[derive(Debug)]
pub(crate) struct Traced {
    inner: Client,
    is_coloured: bool,
}

impl Traced {
    pub(crate) fn client(inner: &Client) -> Client {
        let is_coloured = io::stderr().is_terminal();
        inner.with_backend(Self { inner: inner.clone(), is_coloured })
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
            text.push_str(&format!("{name}→ {command}{end}\n{reply}← {shown}{end}\n"));
        }
        format!("{text}{reply}  {:.1} ms{end}", start.elapsed().as_secs_f64() * 1_000.0)
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

/// A reply on one line, long ones by their size.
fn shown(reply: &Reply) -> String {
    match reply {
        Reply::Bulk(bytes) if bytes.len() > SHOWN => format!("{} B", bytes.len()),
        Reply::Bulk(bytes) => bytes.escape_ascii().to_string().replace("\\\"", "\""),
        Reply::Array(items) if items.len() > 4 => format!("{} replies", items.len()),
        Reply::Array(items) => {
            format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}

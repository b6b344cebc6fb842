use core::cmp::Ordering;

use super::{
    argument::c_string,
    connection,
    database::Database,
    expire, keyspace,
    refusal::{Answer, Refusal},
    script,
    store::{SessionId, Store},
    string, transaction,
};

/// One command that the store knows.
#[derive(Debug)]
pub(super) struct Row {
    /// The name in lower case; of a subcommand `command|subcommand`.
    pub(super) name: &'static str,
    /// How many arguments there are, the name included; at least so many when negative.
    arity: i8,
    pub(super) run: Run,
}

/// What carries a command out, given at least as many arguments as its arity says.
#[derive(Debug)]
pub(super) enum Run {
    Keys(fn(&mut Database, &[&[u8]]) -> Answer),
    /// Like `Keys`, and refused where the store is full: the flag `denyoom` of a server.
    Growing(fn(&mut Database, &[&[u8]]) -> Answer),
    Session(fn(&mut Store, SessionId, &[&[u8]]) -> Answer),
    Subcommands(&'static [Row]),
    /// Like `Session`, but carried out at once inside of MULTI, too.
    Transaction(fn(&mut Store, SessionId, &[&[u8]]) -> Answer),
}

impl Row {
    /// The row of a command by its first arguments.
    pub(super) fn find(args: &[&[u8]]) -> Result<&'static Self, Refusal> {
        let name = args.first().copied().unwrap_or_default();
        let Ok(index) = COMMANDS.binary_search_by(|row| ignoring_case(row.name, name)) else {
            return Err(unknown_command(name, args.get(1..).unwrap_or_default()));
        };
        let row = &COMMANDS[index];
        match (&row.run, args) {
            (Run::Subcommands(rows), [_, subcommand, ..]) => rows
                .iter()
                .find(|row| {
                    let name = row.name.split_once('|').map_or("", |(_, name)| name);
                    ignoring_case(name, subcommand).is_eq()
                })
                .ok_or_else(|| unknown_subcommand(subcommand, row.name)),
            _ => Ok(row),
        }
    }

    /// Whether the store is too full for it.
    pub(super) fn is_too_much(&self, args: &[&[u8]], database: &Database) -> bool {
        matches!(self.run, Run::Growing(_))
            && database.is_full(args.iter().map(|arg| arg.len()).sum())
    }

    /// Refuses a wrong number of arguments.
    pub(super) fn check_arity(&self, args: &[&[u8]]) -> Result<(), Refusal> {
        let least = usize::from(self.arity.unsigned_abs());
        let fits = if self.arity < 0 { args.len() >= least } else { args.len() == least };
        if fits { Ok(()) } else { Err(Refusal::arity(self.name)) }
    }
}

fn ignoring_case(row: &str, name: &[u8]) -> Ordering {
    row.bytes().cmp(name.iter().map(u8::to_ascii_lowercase))
}

/// Quotes the beginnings of the name and of the arguments, as far as 128 bytes reach.
#[cold]
fn unknown_command(name: &[u8], args: &[&[u8]]) -> Refusal {
    let mut line = b"ERR unknown command '".to_vec();
    line.extend(beginning(name));
    line.extend_from_slice(b"', with args beginning with: ");
    let start = line.len();
    for arg in args {
        let Some(room) = QUOTED.checked_sub(line.len() - start).filter(|room| *room > 0) else {
            break;
        };
        line.push(b'\'');
        line.extend(c_string(arg).iter().take(room));
        line.extend_from_slice(b"' ");
    }
    Refusal::quoting(&line)
}

#[cold]
fn unknown_subcommand(subcommand: &[u8], command: &str) -> Refusal {
    let mut line = b"ERR unknown subcommand '".to_vec();
    line.extend(beginning(subcommand));
    line.extend_from_slice(b"'. Try ");
    line.extend(command.bytes().map(|b| b.to_ascii_uppercase()));
    line.extend_from_slice(b" HELP.");
    Refusal::quoting(&line)
}

fn beginning(name: &[u8]) -> impl Iterator<Item = &u8> {
    c_string(name).iter().take(QUOTED)
}

const QUOTED: usize = 128;

/// Every command, by name.
static COMMANDS: &[Row] = &[
    Row { name: "del", arity: -2, run: Run::Keys(keyspace::del) },
    Row { name: "discard", arity: 1, run: Run::Transaction(transaction::discard) },
    Row { name: "eval", arity: -3, run: Run::Session(script::eval) },
    Row { name: "evalsha", arity: -3, run: Run::Session(script::evalsha) },
    Row { name: "exec", arity: 1, run: Run::Transaction(transaction::exec) },
    Row { name: "exists", arity: -2, run: Run::Keys(keyspace::exists) },
    Row { name: "expire", arity: -3, run: Run::Keys(expire::expire) },
    Row { name: "expireat", arity: -3, run: Run::Keys(expire::expireat) },
    Row { name: "expiretime", arity: 2, run: Run::Keys(expire::expiretime) },
    Row { name: "get", arity: 2, run: Run::Keys(string::get) },
    Row { name: "getdel", arity: 2, run: Run::Keys(string::getdel) },
    Row { name: "getex", arity: -2, run: Run::Keys(string::getex) },
    Row { name: "getrange", arity: 4, run: Run::Keys(string::getrange) },
    Row {
        name: "memory",
        arity: -2,
        run: Run::Subcommands(&[Row {
            name: "memory|usage",
            arity: -3,
            run: Run::Keys(keyspace::memory_usage),
        }]),
    },
    Row { name: "multi", arity: 1, run: Run::Transaction(transaction::multi) },
    Row { name: "persist", arity: 2, run: Run::Keys(expire::persist) },
    Row { name: "pexpire", arity: -3, run: Run::Keys(expire::pexpire) },
    Row { name: "pexpireat", arity: -3, run: Run::Keys(expire::pexpireat) },
    Row { name: "pexpiretime", arity: 2, run: Run::Keys(expire::pexpiretime) },
    Row { name: "ping", arity: -1, run: Run::Keys(connection::ping) },
    Row { name: "pttl", arity: 2, run: Run::Keys(expire::pttl) },
    Row { name: "scan", arity: -2, run: Run::Keys(keyspace::scan) },
    Row { name: "set", arity: -3, run: Run::Growing(string::set) },
    Row { name: "strlen", arity: 2, run: Run::Keys(string::strlen) },
    Row { name: "touch", arity: -2, run: Run::Keys(keyspace::exists) },
    Row { name: "ttl", arity: 2, run: Run::Keys(expire::ttl) },
    Row { name: "type", arity: 2, run: Run::Keys(keyspace::type_of) },
    Row { name: "unlink", arity: -2, run: Run::Keys(keyspace::del) },
    Row { name: "unwatch", arity: 1, run: Run::Session(transaction::unwatch) },
    Row { name: "watch", arity: -2, run: Run::Transaction(transaction::watch) },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_stand_in_order() {
        assert!(COMMANDS.is_sorted_by(|a, b| a.name < b.name));
    }
}

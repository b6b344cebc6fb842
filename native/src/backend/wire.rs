//! Between core's commands and replies and those of redis-rs.

use std::error::Error as _;

use nestkey_core::{
    command::{Batch, Command},
    error::{Effect, Error, ErrorKind},
    reply::{Reply, ServerError},
};
use redis::{Cmd, Pipeline, RedisError, Value};

pub(super) fn pipeline(batch: &Batch) -> Pipeline {
    let mut pipeline = Pipeline::with_capacity(batch.len());
    for command in batch.commands() {
        pipeline.add_command(cmd(&command));
    }
    pipeline
}

pub(super) fn cmd(command: &Command<'_>) -> Cmd {
    let bytes = command.args().map(|arg| arg.bytes.len()).sum();
    let mut cmd = Cmd::with_capacity(command.args().len(), bytes);
    for arg in command.args() {
        cmd.arg(arg.bytes);
    }
    cmd
}

pub(super) fn replies(values: Vec<Value>) -> Vec<Reply> {
    values.into_iter().map(reply).collect()
}

pub(super) fn reply(value: Value) -> Reply {
    match value {
        Value::Nil => Reply::Nil,
        Value::Int(number) => Reply::Int(number),
        Value::BulkString(bytes) => Reply::Bulk(bytes),
        Value::Array(items) | Value::Set(items) | Value::Push { data: items, .. } => {
            Reply::Array(replies(items))
        }
        Value::SimpleString(text) => Reply::Status(text),
        Value::Okay => Reply::ok(),
        Value::Map(pairs) => {
            Reply::Map(pairs.into_iter().map(|(name, value)| (reply(name), reply(value))).collect())
        }
        Value::Attribute { data, .. } => reply(*data),
        Value::Double(number) => Reply::Double(number),
        Value::Boolean(value) => Reply::Bool(value),
        Value::VerbatimString { text, .. } => Reply::Bulk(text.into_bytes()),
        Value::ServerError(error) => server_error(&error),
        // Big numbers have another type in each of redis-rs's feature sets, and no command that
        // is sent here is answered with one.
        _ => Reply::error("NESTKEY a reply of a kind that no command here is answered with"),
    }
}

/// An error reply of the server.
fn server_error(error: &redis::ServerError) -> Reply {
    let detail = error.details().unwrap_or_default();
    Reply::Error(ServerError { code: error.code().into(), detail: detail.into() })
}

/// The error reply inside of a driver's error, if it is one.
pub(super) fn error_reply(error: RedisError) -> Result<Reply, RedisError> {
    redis::ServerError::try_from(error).map(|error| server_error(&error))
}

/// A connection that could not be made. The driver's own words may hold what was configured, so
/// only the system's are kept.
#[cold]
pub(super) fn connect_error(error: &RedisError, address: &str) -> Error {
    let kind = match (error.kind(), error.code()) {
        (redis::ErrorKind::AuthenticationFailed, _)
        | (_, Some("NOAUTH" | "WRONGPASS" | "NOPERM")) => {
            let message = format!("the server at {address} refuses these credentials");
            return Error::new(ErrorKind::Unauthorized, message);
        }
        (_, Some(code)) => {
            let message = format!("the server at {address} refused the connection with {code}");
            return Error::new(ErrorKind::Unreachable, message);
        }
        (redis::ErrorKind::RESP3NotSupported, _) => {
            let message = format!("the server at {address} does not speak RESP3");
            return Error::new(ErrorKind::Unsupported, message);
        }
        (redis::ErrorKind::InvalidClientConfig, _) => ErrorKind::InvalidUrl,
        _ => ErrorKind::Unreachable,
    };
    let reason = match error.source() {
        Some(source) => source.to_string(),
        None => error.category().to_owned(),
    };
    Error::new(kind, format!("cannot connect to {address}: {reason}"))
}

/// An exchange that broke off after the commands were handed to the connection.
#[cold]
pub(super) fn exchange_error(error: &RedisError, address: &str) -> Error {
    let (kind, message) = if error.is_timeout() {
        (ErrorKind::Timeout, format!("no reply from {address} in time"))
    } else if matches!(
        error.kind(),
        redis::ErrorKind::Parse | redis::ErrorKind::UnexpectedReturnType
    ) {
        (ErrorKind::UnexpectedReply, format!("the answer of {address} is not the Redis protocol"))
    } else {
        let reason = error.category();
        (ErrorKind::Unreachable, format!("the connection to {address} broke: {reason}"))
    };
    Error::new(kind, message).effect(Effect::Ambiguous)
}

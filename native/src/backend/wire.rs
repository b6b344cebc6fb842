//! Between core's commands and replies and those of redis-rs.

use std::error::Error as _;

use nestkey_core::{
    command::{Batch, Command},
    error::{Effect, Error, ErrorKind},
    reply::{Reply, ServerError},
};
use redis::{Cmd, Pipeline, RedisError, Value};

use super::redis::Server;

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
pub(super) fn connect_error(error: &RedisError, server: &Server) -> Error {
    let address = &server.address;
    let database = server.client.get_connection_info().redis_settings().db();
    let (kind, message) = match (error.kind(), error.code()) {
        (redis::ErrorKind::AuthenticationFailed, _)
        | (_, Some("NOAUTH" | "WRONGPASS" | "NOPERM")) => {
            let message = format!("the server at {address} refuses these credentials");
            (ErrorKind::Unauthorized, message)
        }
        // What else the driver asks for may be refused.
        (_, Some("ERR")) if database != 0 => {
            let message = format!("the server at {address} has no database {database} to select");
            (ErrorKind::InvalidUrl, message)
        }
        (_, Some(code)) => {
            let message = format!("the server at {address} refused the connection with {code}");
            (ErrorKind::Unreachable, message)
        }
        (redis::ErrorKind::RESP3NotSupported, _) => {
            (ErrorKind::Unsupported, format!("the server at {address} does not speak RESP3"))
        }
        (redis::ErrorKind::Parse, _) => {
            let message = format!("what listens at {address} does not speak the Redis protocol");
            (ErrorKind::UnexpectedReply, message + server.other_scheme())
        }
        (kind, _) => {
            let is_config = kind == redis::ErrorKind::InvalidClientConfig;
            let kind = if is_config { ErrorKind::InvalidUrl } else { ErrorKind::Unreachable };
            (kind, format!("cannot connect to {address}: {}", reason(error, server)))
        }
    };
    Error::new(kind, message)
}

/// Why the system, or TLS, made no connection.
fn reason(error: &RedisError, server: &Server) -> String {
    let Some(source) = error.source() else { return error.category().to_owned() };
    let said = source.to_string();
    let is_closed = error.is_connection_dropped() && !error.is_connection_refusal();
    // Of a first record that is none of TLS.
    let is_plain = said.contains("corrupt message");
    match is_closed || is_plain {
        true if is_plain => format!("it does not speak TLS{}", server.other_scheme()),
        true => format!("it was closed before a word was said{}", server.other_scheme()),
        false => said,
    }
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

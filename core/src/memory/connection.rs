//! <https://redis.io/docs/latest/commands/?group=connection>

use alloc::string::String;

use super::{
    database::Database,
    refusal::{Answer, Refusal},
};
use crate::reply::Reply;

pub(super) fn ping(_: &mut Database, args: &[&[u8]]) -> Answer {
    match args {
        [_] => Ok(Reply::Status(String::from("PONG"))),
        [_, message] => Ok(Reply::Bulk(message.to_vec())),
        _ => Err(Refusal::arity("ping")),
    }
}

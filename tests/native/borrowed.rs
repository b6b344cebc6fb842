//! Connections of redis-rs that a caller already has, real and made up.

use nestkey::{
    Client, Effect, ErrorKind, Root,
    redis::{self, Cmd, Pipeline, RedisFuture, Value, aio::ConnectionLike},
};
use nestkey_conformance::server::Server;

use crate::place::layout;

#[tokio::test]
async fn a_connection_is_borrowed() {
    let server = Server::start();
    let client = redis::Client::open(server.url()).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let root = Client::from_connection(connection).bind(&layout());
    let age = root.at("user(1).age").unwrap();
    let (_, read) = root.pipeline((age.set(30), age.get::<i64>())).await.unwrap();
    assert_eq!(read, 30);
    assert_eq!(age.get::<i64>().await.unwrap(), 30);
    let error = age.get::<i64>().wait().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::NoBlocking, Effect::NotSent));
}

/// A connection that answers everything with the same.
#[derive(Clone)]
struct Always(fn() -> redis::RedisResult<Vec<Value>>);

impl ConnectionLike for Always {
    fn req_packed_command<'a>(&'a mut self, _: &'a Cmd) -> RedisFuture<'a, Value> {
        let reply = (self.0)().map(|values| values.into_iter().next().unwrap_or_default());
        Box::pin(std::future::ready(reply))
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        _: &'a Pipeline,
        _: usize,
        _: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(std::future::ready((self.0)()))
    }

    fn get_db(&self) -> i64 {
        0
    }
}

fn answering(replies: fn() -> redis::RedisResult<Vec<Value>>) -> Root {
    Client::from_connection(Always(replies)).bind(&layout())
}

#[tokio::test]
async fn replies_of_the_wrong_shape_are_errors_of_their_own() {
    let shapes: [fn() -> redis::RedisResult<Vec<Value>>; 8] = [
        || Ok(vec![Value::Int(1)]),
        || Ok(vec![Value::Array(vec![])]),
        || Ok(vec![Value::Double(0.5)]),
        || Ok(vec![Value::Map(vec![(Value::Nil, Value::Nil)])]),
        || Ok(vec![Value::Boolean(true)]),
        || Ok(vec![Value::SimpleString("PONG".into())]),
        || Ok(vec![Value::Set(vec![Value::Nil])]),
        || Ok(vec![Value::Push { kind: redis::PushKind::Message, data: vec![] }]),
    ];
    for shape in shapes {
        let root = answering(shape);
        let error = root.at("user(1).age").unwrap().get::<i64>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedReply, "{error}");
        assert_eq!(error.key(), "root:user:1:age");
    }
}

#[tokio::test]
async fn too_few_or_too_many_replies_are_an_error() {
    for replies in
        [(|| Ok(vec![Value::Nil])) as fn() -> _, || Ok(vec![]), || Ok(vec![Value::Nil; 3])]
    {
        let root = answering(replies);
        let age = root.at("user(1).age").unwrap();
        let failure = root.pipeline((age.get::<i64>(), age.get::<i64>())).await.unwrap_err();
        assert_eq!(failure.error.kind(), ErrorKind::UnexpectedReply);
        assert_eq!(failure.error.outcome(), Effect::Unchanged);
    }
}

#[tokio::test]
async fn a_malformed_value_is_an_error_and_its_bytes_stay_readable() {
    let root = answering(|| Ok(vec![Value::BulkString(b"{\"hunter2\"".to_vec())]));
    let age = root.at("user(1).age").unwrap();
    let error = age.get::<i64>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MalformedValue);
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert_eq!(age.raw().await.unwrap().unwrap(), b"{\"hunter2\"");
}

#[tokio::test]
async fn an_error_of_the_driver_is_told_without_its_arguments() {
    let broken = || Err((redis::ErrorKind::Io, "hunter2", "hunter2".to_owned()).into());
    let error = answering(broken).at("user(1).age").unwrap().get::<i64>().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Unreachable, Effect::Unchanged));
    assert!(!format!("{error} {error:?}").contains("hunter2"));

    let refused = || {
        let line = b"-WRONGTYPE Operation against a key\r\n";
        Err(redis::parse_redis_value(line).unwrap().extract_error().unwrap_err())
    };
    let error = answering(refused).at("user(1).age").unwrap().get::<i64>().await.unwrap_err();
    assert_eq!((error.kind(), error.server_code()), (ErrorKind::Server, "WRONGTYPE"));
}

#[tokio::test]
async fn a_deadline_holds_for_a_borrowed_connection() {
    #[derive(Clone)]
    struct Silent;
    impl ConnectionLike for Silent {
        fn req_packed_command<'a>(&'a mut self, _: &'a Cmd) -> RedisFuture<'a, Value> {
            Box::pin(std::future::pending())
        }

        fn req_packed_commands<'a>(
            &'a mut self,
            _: &'a Pipeline,
            _: usize,
            _: usize,
        ) -> RedisFuture<'a, Vec<Value>> {
            Box::pin(std::future::pending())
        }

        fn get_db(&self) -> i64 {
            0
        }
    }
    let root = Client::from_connection(Silent).bind(&layout());
    let call = root.at("user(1).age").unwrap().get::<i64>();
    let error = call.deadline(std::time::Duration::from_millis(20)).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Effect::Unchanged));
}

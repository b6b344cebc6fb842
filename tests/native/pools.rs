//! The recipes of `docs/pools.md`: a pool that a service has already, beside nestkey.

use nestkey::{
    Client,
    redis::{Cmd, Pipeline, RedisFuture, Value, aio::ConnectionLike},
};
use nestkey_conformance::server::Server;

use crate::place::layout;

#[derive(Clone)]
struct Deadpool(deadpool_redis::Pool);

impl ConnectionLike for Deadpool {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let mut connection = self.0.get().await.map_err(std::io::Error::other)?;
            connection.req_packed_command(cmd).await
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let mut connection = self.0.get().await.map_err(std::io::Error::other)?;
            connection.req_packed_commands(commands, offset, count).await
        })
    }

    fn get_db(&self) -> i64 {
        0
    }
}

#[derive(Clone)]
struct Bb8(bb8_redis::bb8::Pool<bb8_redis::RedisConnectionManager>);

impl ConnectionLike for Bb8 {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let mut connection = self.0.get().await.map_err(std::io::Error::other)?;
            connection.req_packed_command(cmd).await
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let mut connection = self.0.get().await.map_err(std::io::Error::other)?;
            connection.req_packed_commands(commands, offset, count).await
        })
    }

    fn get_db(&self) -> i64 {
        0
    }
}

#[tokio::test]
async fn pools_that_a_service_has_carry_calls() {
    let server = Server::start();
    let config = deadpool_redis::Config::from_url(server.url());
    let deadpool = config.create_pool(Some(deadpool_redis::Runtime::Tokio1)).unwrap();
    let manager = bb8_redis::RedisConnectionManager::new(server.url()).unwrap();
    let bb8 = bb8_redis::bb8::Pool::builder().build(manager).await.unwrap();
    for client in [Client::from_connection(Deadpool(deadpool)), Client::from_connection(Bb8(bb8))] {
        let root = client.bind(&layout());
        let age = root.at("user(1).age").unwrap();
        let (_, read) = root.pipeline((age.set(30), age.get::<i64>())).await.unwrap();
        assert_eq!(read, 30);
        let (_, read) = root.atomic((age.set(31), age.get::<i64>())).await.unwrap();
        assert_eq!((read, age.update_with(|age: i64| age + 1).await.unwrap()), (31, 32));
        assert!(age.delete().await.unwrap());
    }
}

#[test]
fn the_recipes_of_the_docs_are_these() {
    let (docs, code) = (include_str!("../../docs/pools.md"), include_str!("pools.rs"));
    let blocks: Vec<_> =
        docs.split("```rust\n").skip(1).filter_map(|b| b.split("```").next()).collect();
    assert_eq!(blocks.len(), 2);
    assert!(blocks.iter().all(|block| code.contains(block)), "{blocks:#?}");
}

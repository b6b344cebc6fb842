//! Real clusters of redis-server processes.

use std::{
    thread,
    time::{Duration, Instant},
};

use nestkey_core::reply::Reply;

use crate::server::{Server, free_port};

/// Three primaries that share the slots of a keyspace, gone when dropped.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Server>,
}

/// How many slots there are.
const SLOTS: u32 = 16_384;

impl Cluster {
    /// Starts the nodes, and waits until each knows of the others.
    ///
    /// # Panics
    ///
    /// When there is no redis-server, or the nodes do not find each other.
    #[must_use]
    pub fn start() -> Self {
        let buses: Vec<_> = (0..3).map(|_| free_port().to_string()).collect();
        let node = |bus: &String| {
            Server::options().args(&["--cluster-enabled", "yes", "--cluster-port", bus]).start()
        };
        let nodes: Vec<_> = buses.iter().map(node).collect();
        for (index, node) in (0..).zip(&nodes) {
            let [first, last] = [index * SLOTS / 3, (index + 1) * SLOTS / 3 - 1];
            let [first, last] = [first.to_string(), last.to_string()];
            let mut connection = node.connect();
            connection.call(&["CLUSTER", "SET-CONFIG-EPOCH", &(index + 1).to_string()]);
            assert_eq!(connection.call(&["CLUSTER", "ADDSLOTSRANGE", &first, &last]), Reply::ok());
        }
        for (node, bus) in nodes.iter().zip(&buses).skip(1) {
            let port = node.port().to_string();
            let mut first = nodes[0].connect();
            assert_eq!(first.call(&["CLUSTER", "MEET", "127.0.0.1", &port, bus]), Reply::ok());
        }
        let cluster = Self { nodes };
        let deadline = Instant::now() + Duration::from_secs(20);
        while !cluster.is_up() {
            assert!(Instant::now() < deadline, "the nodes of a cluster do not find each other");
            thread::sleep(Duration::from_millis(20));
        }
        cluster
    }

    /// The nodes.
    #[must_use]
    pub fn nodes(&self) -> &[Server] {
        &self.nodes
    }

    /// What the node answers that has the slot of a command.
    ///
    /// # Panics
    ///
    /// When no node has it.
    pub fn call(&self, args: &[&str]) -> Reply {
        let replies = self.nodes.iter().map(|node| node.connect().call(args));
        let mut answers =
            replies.filter(|reply| !matches!(reply, Reply::Error(error) if error.code == "MOVED"));
        answers.next().expect("a node with the slot of the command")
    }

    fn is_up(&self) -> bool {
        self.nodes.iter().all(|node| match node.connect().call(&["CLUSTER", "INFO"]) {
            Reply::Bulk(info) => {
                let info = String::from_utf8_lossy(&info);
                info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
            }
            _ => false,
        })
    }
}

//! Real redis-server processes: each on a free loopback port, gone when dropped.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::resp::Connection;

/// A running redis-server that keeps nothing on disk.
///
/// It is `redis-server` on the PATH, or what the variable `NESTKEY_REDIS_SERVER` names. Dropping it
/// kills the process and removes its folder.
#[derive(Debug)]
pub struct Server {
    process: Child,
    folder: PathBuf,
    port: u16,
    password: String,
}

/// How a server is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    args: Vec<String>,
    clock: Option<i64>,
    password: String,
}

impl Server {
    /// Starts a server without a password.
    ///
    /// # Panics
    ///
    /// When there is no redis-server, or it does not come up.
    #[must_use]
    pub fn start() -> Self {
        Self::options().start()
    }

    /// A server with options.
    #[must_use]
    pub fn options() -> Options {
        Options::default()
    }

    /// Where it listens on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens as well, as a Unix socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// The `redis://` URL, the password included.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.password[..] {
            "" => format!("redis://127.0.0.1:{}", self.port),
            password => format!("redis://:{password}@127.0.0.1:{}", self.port),
        }
    }

    /// The process, for those who stop and continue it.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Lets the process stand still (`SIGSTOP`): it accepts connections and answers nothing.
    ///
    /// # Panics
    ///
    /// When there is no program `kill`.
    pub fn stop(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    ///
    /// # Panics
    ///
    /// When there is no program `kill`.
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.pid().to_string()]).status();
        assert!(status.expect("`kill` is there").success());
    }

    /// A connection that is logged in and speaks RESP2.
    ///
    /// # Panics
    ///
    /// When the server does not let it in.
    #[must_use]
    pub fn connect(&self) -> Connection {
        let mut connection =
            Connection::open(&self.socket()).expect("the server accepts connections");
        if !self.password.is_empty() {
            connection.call(&["AUTH", &self.password]);
        }
        connection
    }

    /// Sets a frozen clock, in Unix milliseconds.
    ///
    /// # Panics
    ///
    /// When the server was not started with [`Options::clock`].
    pub fn set_clock(&self, now_ms: i64) {
        let file = self.folder.join("clock");
        assert!(file.exists(), "this server was started without a clock of its own");
        write_clock(&file, now_ms);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Whatever fails here must not hide why a test failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Options {
    /// More arguments for the command line, such as `--maxmemory` and `1mb`.
    #[must_use]
    pub fn args(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(|&arg| arg.to_owned()));
        self
    }

    /// A clock that stands still at that Unix time in milliseconds until [`Server::set_clock`].
    ///
    /// It needs a C compiler, `cc`, and a system with `LD_PRELOAD`.
    #[must_use]
    pub fn clock(mut self, now_ms: i64) -> Self {
        self.clock = Some(now_ms);
        self
    }

    /// A password that clients have to give.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        password.clone_into(&mut self.password);
        self
    }

    /// Starts the server and waits until it answers.
    ///
    /// # Panics
    ///
    /// When there is no redis-server, or it does not come up.
    #[must_use]
    pub fn start(self) -> Server {
        // Another program may take the free port before the server does.
        for _ in 0..5 {
            let folder = new_folder();
            let port = free_port();
            let process = self.spawn(&folder, port);
            let mut server = Server { process, folder, port, password: self.password.clone() };
            if server.comes_up() {
                return server;
            }
        }
        panic!("redis-server did not start five times in a row");
    }

    fn spawn(&self, folder: &Path, port: u16) -> Child {
        let program = env::var("NESTKEY_REDIS_SERVER").unwrap_or_else(|_| "redis-server".into());
        let mut command = Command::new(&program);
        command
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--dir", text(folder), "--unixsocket", text(&folder.join("socket"))])
            .args(["--save", "", "--appendonly", "no", "--enable-debug-command", "yes"])
            .args(&self.args)
            .stdin(Stdio::null())
            .stdout(fs::File::create(folder.join("log")).expect("a file for the server's log"));
        if !self.password.is_empty() {
            command.args(["--requirepass", &self.password]);
        }
        if let Some(now_ms) = self.clock {
            let file = folder.join("clock");
            write_clock(&file, now_ms);
            command.env("LD_PRELOAD", build_clock(folder)).env("NESTKEY_CLOCK", file);
        }
        command.spawn().unwrap_or_else(|error| {
            panic!(
                "cannot run `{program}` ({error}): install Redis 7 (Debian: apt-get install \
                 redis-server) or set NESTKEY_REDIS_SERVER to the path of a redis-server"
            )
        })
    }
}

impl Server {
    /// Whether the server answers before it exits or ten seconds have passed.
    fn comes_up(&mut self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.process.try_wait() {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                eprintln!("redis-server left with {status}: {log}");
                return false;
            }
            if let Ok(mut connection) = Connection::open(&self.socket()) {
                // Any reply will do: with a password it is an error.
                connection.call(&["PING"]);
                return true;
            }
            thread::sleep(Duration::from_millis(5));
        }
        false
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free loopback port");
    listener.local_addr().expect("the port of a listener").port()
}

fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = env::temp_dir().join(format!("nestkey-{}-{count}", process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder for the server");
    folder
}

fn build_clock(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("clock.c"), folder.join("clock.so"));
    fs::write(&source, include_str!("clock.c")).expect("the clock's source is written");
    let status = Command::new("cc")
        .args(["-O1", "-shared", "-fPIC", "-o", text(&library), text(&source), "-ldl"])
        .status()
        .expect("a C compiler, `cc`, for the clock that stands still");
    assert!(status.success(), "the clock that stands still does not compile");
    library
}

/// Writes in place: the server has the file mapped.
fn write_clock(file: &Path, now_ms: i64) {
    use std::io::Write;
    fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(file)
        .and_then(|mut file| file.write_all(&now_ms.to_le_bytes()))
        .expect("the clock's file is written");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have names in UTF-8")
}

#[cfg(test)]
mod tests {
    use nestkey_core::reply::Reply;

    use super::*;

    #[test]
    fn a_server_is_gone_when_it_is_dropped() {
        let server = Server::start();
        let (port, folder) = (server.port(), server.folder.clone());
        assert_eq!(server.connect().call(&["PING"]), Reply::Status("PONG".into()));
        assert_eq!(server.url(), format!("redis://127.0.0.1:{port}"));
        drop(server);
        assert!(!folder.exists());
        assert!(TcpListener::bind(("127.0.0.1", port)).is_ok());
    }

    #[test]
    fn a_server_with_a_password_wants_it() {
        let server = Server::options().password("open-sesame").start();
        let mut stranger = Connection::open(&server.socket()).expect("a connection");
        let reply = stranger.call(&["GET", "k"]);
        assert_eq!(reply, Reply::error("NOAUTH Authentication required."));
        assert_eq!(server.connect().call(&["GET", "k"]), Reply::Nil);
    }
}

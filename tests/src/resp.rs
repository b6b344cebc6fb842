//! A client of a few lines, so that no client library stands between a server and a comparison.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
};

use nestkey_core::reply::{Reply, ServerError};

/// A connection that speaks RESP2, and RESP3 after [`hello3`](Self::hello3).
#[derive(Debug)]
pub struct Connection {
    reader: BufReader<UnixStream>,
    out: Vec<u8>,
}

impl Connection {
    /// Connects to a server's Unix socket.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn open(socket: &Path) -> io::Result<Self> {
        Ok(Self { reader: BufReader::new(UnixStream::connect(socket)?), out: Vec::new() })
    }

    /// Goes on in RESP3.
    ///
    /// # Panics
    ///
    /// When the server is too old for that.
    pub fn hello3(&mut self) {
        let reply = self.call(&["HELLO", "3"]);
        assert!(matches!(reply, Reply::Map(_)), "HELLO 3 answers a map, not {}", reply.name());
    }

    /// Sends one command and gives its reply.
    ///
    /// # Panics
    ///
    /// When the connection breaks or the reply is not RESP.
    pub fn call(&mut self, args: &[impl AsRef<[u8]>]) -> Reply {
        self.write(args);
        self.flush();
        self.read()
    }

    /// Adds a command to those to be sent.
    pub fn write(&mut self, args: &[impl AsRef<[u8]>]) {
        self.out.extend_from_slice(format!("*{}\r\n", args.len()).as_bytes());
        for arg in args.iter().map(AsRef::as_ref) {
            self.out.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
            self.out.extend_from_slice(arg);
            self.out.extend_from_slice(b"\r\n");
        }
    }

    /// Sends what was written.
    ///
    /// # Panics
    ///
    /// When the connection is broken.
    pub fn flush(&mut self) {
        self.reader.get_mut().write_all(&self.out).expect("the server takes commands");
        self.out.clear();
    }

    /// Reads one reply.
    ///
    /// # Panics
    ///
    /// When the connection breaks or the reply is not RESP.
    pub fn read(&mut self) -> Reply {
        self.read_reply().expect("the server answers in RESP")
    }

    fn read_reply(&mut self) -> io::Result<Reply> {
        let line = self.line()?;
        let (kind, rest) = line.split_first().ok_or_else(|| unexpected(&line))?;
        Ok(match kind {
            b'$' | b'=' | b'!' | b'*' | b'~' | b'>' | b'%' if rest == b"-1" => Reply::Nil,
            b'_' => Reply::Nil,
            b'+' => Reply::Status(lossy(rest)),
            b'-' => error(rest),
            b':' => Reply::Int(number(rest)?),
            b',' => Reply::Double(number(rest)?),
            b'#' => Reply::Bool(rest == b"t"),
            b'(' => Reply::Bulk(rest.to_vec()),
            b'$' => Reply::Bulk(self.bytes(number(rest)?)?),
            b'=' => Reply::Bulk(self.bytes(number(rest)?)?.split_off(4)),
            b'!' => error(&self.bytes(number(rest)?)?),
            b'*' | b'~' | b'>' => {
                let items = (0..number::<usize>(rest)?).map(|_| self.read_reply());
                Reply::Array(items.collect::<io::Result<_>>()?)
            }
            b'%' => {
                let pairs = (0..number::<usize>(rest)?)
                    .map(|_| Ok((self.read_reply()?, self.read_reply()?)));
                Reply::Map(pairs.collect::<io::Result<_>>()?)
            }
            _ => return Err(unexpected(&line)),
        })
    }

    fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line)?;
        if !line.ends_with(b"\r\n") {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.truncate(line.len() - 2);
        Ok(line)
    }

    fn bytes(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length + 2];
        self.reader.read_exact(&mut bytes)?;
        bytes.truncate(length);
        Ok(bytes)
    }
}

fn error(line: &[u8]) -> Reply {
    let line = lossy(line);
    let (code, detail) = line.split_once(' ').unwrap_or((&line, ""));
    Reply::Error(ServerError { code: code.to_owned(), detail: detail.to_owned() })
}

fn number<T: std::str::FromStr>(text: &[u8]) -> io::Result<T> {
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| unexpected(text))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn unexpected(line: &[u8]) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("not RESP: {}", lossy(line)))
}

/// A reply with all its bytes, for tests that compare them: debug output has but their number.
#[must_use]
pub fn readable(reply: &Reply) -> String {
    match reply {
        Reply::Array(items) => {
            format!("[{}]", items.iter().map(readable).collect::<Vec<_>>().join(", "))
        }
        Reply::Bulk(bytes) => format!("\"{}\"", bytes.escape_ascii()),
        Reply::Error(error) => format!("({} {})", error.code, error.detail),
        other => format!("{other:?}"),
    }
}

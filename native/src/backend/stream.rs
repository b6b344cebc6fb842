//! The bytes below the shared connection, and whether any of ours are among them.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use redis::ConnectionAddr;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

#[cfg(not(feature = "tls"))]
pub(crate) type Tls = std::convert::Infallible;
#[cfg(feature = "tls")]
pub(crate) type Tls = tokio_rustls::TlsConnector;

/// A connection to a server that counts how often it was written to.
///
/// A command whose connection broke without another write was certainly not sent.
pub(super) struct Stream {
    inner: Box<dyn Io>,
    writes: Writes,
}

/// How often a stream was written to.
#[derive(Clone, Debug, Default)]
pub(super) struct Writes(Arc<AtomicU64>);

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Io for S {}

impl Stream {
    pub(super) async fn open(addr: &ConnectionAddr, tls: Option<&Tls>) -> io::Result<Self> {
        let inner: Box<dyn Io> = match addr {
            ConnectionAddr::Tcp(host, port) => Box::new(tcp(host, *port).await?),
            ConnectionAddr::TcpTls { host, port, .. } => match tls {
                Some(tls) => over_tls(tls, host, tcp(host, *port).await?).await?,
                None => return Err(io::ErrorKind::Unsupported.into()),
            },
            #[cfg(unix)]
            ConnectionAddr::Unix(path) => Box::new(tokio::net::UnixStream::connect(path).await?),
            _ => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(Self { inner, writes: Writes::default() })
    }

    pub(super) fn writes(&self) -> Writes {
        self.writes.clone()
    }
}

impl Writes {
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

async fn tcp(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(feature = "tls")]
async fn over_tls(tls: &Tls, host: &str, stream: TcpStream) -> io::Result<Box<dyn Io>> {
    let name = rustls::pki_types::ServerName::try_from(host.to_owned());
    let name = name.map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    Ok(Box::new(tls.connect(name, stream).await?))
}

#[cfg(not(feature = "tls"))]
async fn over_tls(tls: &Tls, _: &str, _: TcpStream) -> io::Result<Box<dyn Io>> {
    match *tls {}
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // Before the bytes leave, so that nobody can see the reply without the write.
        self.writes.0.fetch_add(1, Ordering::Release);
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

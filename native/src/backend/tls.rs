//! What is trusted, and what is shown, when a server is spoken to by TLS.

use std::sync::Arc;

use nestkey_core::error::{Error, ErrorKind, Result};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::stream::Tls;

/// Certificates in PEM.
#[derive(Clone, Default)]
pub(crate) struct Certificates {
    /// Who vouches for servers; the system's when there is none.
    pub(crate) root: Option<Vec<u8>>,
    /// The client's own, and its key.
    pub(crate) client: Option<(Vec<u8>, Vec<u8>)>,
}

impl Certificates {
    pub(crate) fn connector(&self) -> Result<Tls> {
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| Error::new(ErrorKind::Internal, "TLS without a version"))?
            .with_root_certificates(self.roots()?);
        let config = match &self.client {
            None => config.with_no_client_auth(),
            Some((certificate, key)) => {
                let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| not_pem("client key"))?;
                let chain = read(certificate, "client certificate")?;
                config.with_client_auth_cert(chain, key).map_err(|_| {
                    let message = "the client certificate and its key do not belong together";
                    Error::new(ErrorKind::InvalidFile, message)
                })?
            }
        };
        Ok(Arc::new(config).into())
    }

    /// The same for redis-rs, which makes the blocking connections.
    pub(crate) fn client(&self, url: &str) -> redis::RedisResult<redis::Client> {
        // It takes the provider of the process. Whoever chose one keeps it.
        let _ = ring::default_provider().install_default();
        let client_tls = self.client.clone();
        redis::Client::build_with_tls(
            url,
            redis::TlsCertificates {
                client_tls: client_tls.map(|(client_cert, client_key)| redis::ClientTlsConfig {
                    client_cert,
                    client_key,
                }),
                root_cert: self.root.clone(),
            },
        )
    }

    fn roots(&self) -> Result<RootCertStore> {
        let mut store = RootCertStore::empty();
        let roots = match &self.root {
            Some(pem) => read(pem, "root certificate")?,
            // Some that cannot be read do not make the others worthless.
            None => rustls_native_certs::load_native_certs().certs,
        };
        let (_, refused) = store.add_parsable_certificates(roots);
        if self.root.is_some() && (refused > 0 || store.is_empty()) {
            return Err(not_pem("root certificate"));
        }
        Ok(store)
    }
}

fn read(pem: &[u8], what: &str) -> Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<std::result::Result<_, _>>()
        .map_err(|_| not_pem(what))
}

#[cold]
fn not_pem(what: &str) -> Error {
    Error::new(ErrorKind::InvalidFile, format!("the {what} is not PEM of that kind"))
}

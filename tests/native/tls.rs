//! TLS, with certificates that the test makes itself.

use std::net::TcpListener;

use nestkey::{Client, ErrorKind};
use nestkey_conformance::server::Server;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::place::layout;

pub(crate) struct Certificates {
    folder: std::path::PathBuf,
    root: String,
    client: (String, String),
}

/// A root, and certificates of a server at 127.0.0.1 and of a client that it vouches for.
pub(crate) fn certificates(name: &str) -> Certificates {
    let folder = std::env::temp_dir().join(format!("nestkey-tls-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.distinguished_name.push(DnType::CommonName, "a root of nestkey's tests");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let signed = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &root).unwrap().pem(), key.serialize_pem())
    };
    let (server, key) = signed("127.0.0.1");
    std::fs::write(folder.join("root.pem"), root.pem()).unwrap();
    std::fs::write(folder.join("server.pem"), server).unwrap();
    std::fs::write(folder.join("server.key"), key).unwrap();
    Certificates { folder, root: root.pem(), client: signed("client") }
}

pub(crate) fn start(certificates: &Certificates, clients: &str) -> (Server, String) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let file = |name: &str| certificates.folder.join(name).to_str().unwrap().to_owned();
    let server = Server::options()
        .password("pw")
        .args(&["--tls-port", &port, "--tls-auth-clients", clients])
        .args(&["--tls-cert-file", &file("server.pem"), "--tls-key-file", &file("server.key")])
        .args(&["--tls-ca-cert-file", &file("root.pem")])
        .start();
    (server, format!("rediss://:pw@127.0.0.1:{port}"))
}

impl Drop for Certificates {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn a_server_is_spoken_to_by_tls() {
    let certificates = certificates("server");
    let (_server, url) = start(&certificates, "no");
    let connect = Client::connect(&url).root_certificate(certificates.root.clone());
    let root = connect.clone().await.unwrap().bind(&layout());
    let age = root.at("user(1).age").unwrap();
    age.set(30).await.unwrap();
    assert_eq!(age.get::<i64>().wait().unwrap(), 30);
    connect.wait().unwrap();
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let certificates = certificates("unknown");
    let (_server, url) = start(&certificates, "no");
    let awaited = Client::connect(&url).await.unwrap_err();
    let waited = Client::connect(&url).wait().unwrap_err();
    for error in [awaited, waited] {
        assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
        assert!(error.message().contains("certificate"), "{error}");
    }
}

#[tokio::test]
async fn a_client_shows_its_certificate() {
    let certificates = certificates("client");
    let (_server, url) = start(&certificates, "yes");
    let connect = Client::connect(&url).root_certificate(certificates.root.clone());
    let error = connect.clone().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable, "{error}");
    let (certificate, key) = certificates.client.clone();
    connect.client_certificate(certificate, key).await.unwrap();
}

#[tokio::test]
async fn certificates_are_pem_and_for_tls_only() {
    let error =
        Client::connect("rediss://h").root_certificate("-----BEGIN CERTIFICATE-----\nx").await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidFile);
    let error = Client::connect("redis://h").root_certificate("x").await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidUrl);
}

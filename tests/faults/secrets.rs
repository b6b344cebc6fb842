//! Its faults with secrets and passwords.

use nestkey::{Client, ErrorKind, Keyring, Layout, Root, Verdict};
use nestkey_conformance::server::Server;

use super::{LAYOUT, everywhere, kind};

const YES: Verdict = Verdict::Yes { wants_upgrade: false };

fn keyring(material: u8) -> Keyring {
    let mut keyring = Keyring::default();
    keyring.add("7f3a0102".parse().unwrap(), [material; 32]).unwrap();
    keyring
}

fn with_keyring(root: &Root, material: u8) -> Root {
    let client = root.client().clone().keyring(keyring(material));
    client.bind(&Layout::from_toml(LAYOUT).unwrap())
}

async fn secret(root: &Root) -> nestkey::Result<Option<String>> {
    let secret = root.namespace("user", ["1"])?.secret("api_key")?.get::<String>().await?;
    Ok(secret.map(|secret| secret.expose().clone()))
}

#[tokio::test]
async fn a_process_that_never_wrote_reads_a_secret() {
    let server = Server::start();
    let connect = async || Client::connect(&server.url()).await.unwrap().keyring(keyring(1));
    let layout = Layout::from_toml(LAYOUT).unwrap();
    let writer = connect().await.bind(&layout);
    writer
        .namespace("user", ["1"])
        .unwrap()
        .secret("api_key")
        .unwrap()
        .set("sk_live")
        .await
        .unwrap();
    assert_eq!(secret(&connect().await.bind(&layout)).await.unwrap().as_deref(), Some("sk_live"));
}

#[tokio::test]
async fn a_secret_that_cannot_be_opened_is_an_error_and_no_text() {
    everywhere(async |root| {
        let (root, stranger) = (with_keyring(&root, 1), with_keyring(&root, 2));
        let user = root.namespace("user", ["1"])?;
        user.secret("api_key")?.set("[decryption-error]").await?;
        assert_eq!(secret(&root).await?.as_deref(), Some("[decryption-error]"));
        assert_eq!(kind(secret(&stranger).await), ErrorKind::CommitmentMismatch);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_looks_like_a_token_or_a_hash_is_sealed_and_hashed_like_any_other() {
    everywhere(async |root| {
        let root = with_keyring(&root, 1);
        let user = root.namespace("user", ["1"])?;
        for token in ["gAAAAABh", "nk1.-QEBAgME", "$2b$12$"] {
            user.secret("api_key")?.set(token).await?;
            assert_eq!(secret(&root).await?.as_deref(), Some(token));
            let stored = user.secret("api_key")?.raw().await?.expect("it is stored");
            assert!(!stored.expose().windows(token.len()).any(|part| part == token.as_bytes()));
        }
        let hash = "$2b$10$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm";
        user.password("password")?.set(hash).await?;
        assert_eq!(user.password("password")?.verify(hash).await?, YES);
        assert_eq!(user.password("password")?.verify("hunter2").await?, Verdict::No);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_missing_password_has_no_default_to_be_read() {
    everywhere(async |root| {
        let password = root.namespace("user", ["1"])?.password("password")?;
        assert_eq!(password.verify("simple_pass").await?, Verdict::Missing);
        assert!(password.reveal().await?.is_none());
        Ok(())
    })
    .await;
    let layout = r#"{"keys": {"password": {"kind": "password", "default": "simple_pass"}}}"#;
    assert_eq!(kind(Layout::from_json(layout)), ErrorKind::InvalidLayout);
}

#[tokio::test]
async fn a_password_that_cannot_be_verified_is_an_error_and_no_refusal() {
    everywhere(async |root| {
        let password = root.namespace("user", ["1"])?.password("password")?;
        let verified = password.verify("a".repeat(73)).await;
        assert_eq!(kind(verified), ErrorKind::PasswordTooLong);
        assert_eq!(kind(password.verify("a\0b").await), ErrorKind::InvalidPassword);
        Ok(())
    })
    .await;
}

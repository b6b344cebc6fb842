//! No secret in anything that can be printed.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use nestkey_core::value::{Entropy, Keyring, Plaintext, fernet, open, password, seal};

/// Each in every form in which it could leak.
struct Canaries(Vec<String>);

impl Canaries {
    fn new(secrets: &[&[u8]]) -> Self {
        let forms = |secret: &&[u8]| {
            let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
            let listed = format!("{secret:?}");
            let url = Base64UrlUnpadded::encode_string(secret);
            let base64 = Base64::encode_string(secret);
            let raw = String::from_utf8_lossy(secret).into_owned();
            [hex.to_uppercase(), hex, listed[1..listed.len() - 1].into(), url, base64, raw]
        };
        Self(secrets.iter().flat_map(forms).collect())
    }

    #[track_caller]
    fn assert_none_in(&self, shown: &str) {
        assert!(!shown.is_empty());
        for canary in &self.0 {
            assert!(!shown.contains(canary), "{shown}");
        }
    }
}

const MATERIAL: &[u8; 32] = b"canary of a root key, 32 bytes..";
const FERNET: &[u8; 32] = b"canary of a Fernet key, 32 bytes";
const SEED: &[u8; 32] = b"canary of entropy, of 32 bytes..";
const PLAINTEXT: &[u8] = b"canary of a plaintext";

fn keyring() -> Keyring {
    let mut keyring = Keyring::default();
    keyring.add("7f3a0102".parse().unwrap(), *MATERIAL).unwrap();
    keyring.add_fernet(&Base64::encode_string(FERNET)).unwrap();
    keyring
}

#[test]
fn what_is_printed_hides_what_it_holds() {
    let canaries = Canaries::new(&[MATERIAL, FERNET, SEED, PLAINTEXT]);
    let (keyring, entropy) = (keyring(), Entropy::new(*SEED));
    let plaintext = Plaintext::new(PLAINTEXT.into());
    for shown in [format!("{keyring:?}"), format!("{keyring:#?}")] {
        canaries.assert_none_in(&shown);
        assert!(shown.contains("7f3a0102"));
    }
    canaries.assert_none_in(&format!("{:?}", keyring.primary()));
    canaries.assert_none_in(&format!("{entropy:?} {entropy:#?}"));
    canaries.assert_none_in(&format!("{plaintext:#?} {:?}", Some(&plaintext)));
    canaries.assert_none_in(&format!("{:?}", keyring.to_json()));
    assert_eq!(format!("{plaintext:?}"), "<secret 21 B>");
}

#[test]
fn the_check_value_of_a_key_is_shown_and_tells_materials_apart() {
    let shown = format!("{:?}", keyring());
    let check = u32::from_be_bytes(keyring().primary().unwrap().check());
    assert!(shown.contains(&format!("{check:08x}")), "{shown}");
    let mut other = Keyring::default();
    other.add("7f3a0102".parse().unwrap(), *FERNET).unwrap();
    assert_ne!(format!("{other:?}"), shown);
}

#[test]
fn errors_carry_neither_plaintext_nor_ciphertext_nor_keys() {
    let keyring = keyring();
    let mut text = Vec::new();
    seal(&keyring, &Entropy::new(*SEED), b"k", b"", PLAINTEXT, &mut text).unwrap();
    let sealed = Base64UrlUnpadded::decode_vec(str::from_utf8(&text[4..]).unwrap()).unwrap();
    let (salt, commitment) = (&sealed[6..30], &sealed[30..62]);
    let ciphertext = &sealed[62..];
    let secrets = [MATERIAL, FERNET, SEED, PLAINTEXT, salt, commitment, ciphertext, &text];
    let canaries = Canaries::new(&secrets);

    let mut changed = sealed.clone();
    changed[6] ^= 1;
    let changed = format!("nk1.{}", Base64UrlUnpadded::encode_string(&changed));
    let token = format!("gAAAA{}", str::from_utf8(&text[4..]).unwrap());
    let hash = format!("$2x$10${:.<53}", "canary");
    let canary_hash = Canaries::new(&[b"canary"]);
    let errors = [
        open(&keyring, b"other", b"", &text).unwrap_err(),
        open(&keyring, b"k", b"", changed.as_bytes()).unwrap_err(),
        open(&Keyring::default(), b"k", b"", &text).unwrap_err(),
        open(&keyring, b"k", b"", &text[..40]).unwrap_err(),
        open(&keyring, b"k", b"", PLAINTEXT).unwrap_err(),
        fernet::open(&keyring, &token).unwrap_err(),
    ];
    for error in &errors {
        canaries.assert_none_in(&format!("{error} {error:?} {error:#?}"));
    }
    for error in [
        password::verify(b"canary", hash.as_bytes()).unwrap_err(),
        password::check(&b"canary".repeat(20)).unwrap_err(),
        password::check(b"canary\0").unwrap_err(),
    ] {
        canary_hash.assert_none_in(&format!("{error} {error:?}"));
    }
}

#[test]
fn plaintexts_are_equal_by_their_bytes() {
    let plaintext = Plaintext::from("hunter2");
    assert_eq!(plaintext, Plaintext::from(&b"hunter2"[..]));
    assert_eq!(plaintext.clone(), plaintext);
    for other in ["hunter3", "hunter", "hunter22", ""] {
        assert_ne!(plaintext, other.into());
    }
    assert!(plaintext.len() == 7 && !plaintext.is_empty() && Plaintext::default().is_empty());
}

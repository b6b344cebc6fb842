//! `keyring`: the file with the keys of secrets.

use std::{fs, path::Path, thread};

use crate::run::{Ran, folder, nestkey_in};

/// The bytes from 0 to 31, 32 sevens and 32 eights.
const RING: &str = r#"{"nestkey_keyring": 1, "keys": [
    {"id": "01020304", "status": "primary", "material": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"},
    {"id": "01ff0000", "status": "decrypt-only", "material": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"},
    {"id": "0badcafe", "status": "disabled", "material": "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"}
]}"#;

/// A Fernet key of `tests/vectors/seeds.json`.
const FERNET: &str = "l-idRhyv2wJAXxgfAl_cpi3YdYXDCQjkiNwXUGpUCPc=";

fn keyring(folder: &Path, args: &[&str]) -> Ran {
    keyring_with(folder, args, "")
}

fn keyring_with(folder: &Path, args: &[&str], input: &str) -> Ran {
    let ran = nestkey_in(folder, &[&["keyring"][..], args].concat(), input);
    // No command shows what makes a key.
    for file in ["ring.json", "other.json"] {
        let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
        for material in text.split('"').filter(|word| word.len() >= 43) {
            assert!(!ran.out.contains(material) && !ran.err.contains(material), "{args:?}");
        }
    }
    ran
}

/// A folder with that keyring, which only its owner can read.
fn with_ring(text: &str) -> std::path::PathBuf {
    let folder = folder([("ring.json", text)]);
    set_mode(&folder.join("ring.json"), 0o600);
    folder
}

#[cfg(unix)]
fn set_mode(file: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let names = fs::read_dir(folder).unwrap().map(name);
    names.map(|name| name.into_string().unwrap()).collect()
}

/// `id  status  check` of each line.
fn rows(out: &str) -> Vec<[String; 3]> {
    let words = |line: &str| -> Vec<_> { line.split_whitespace().map(str::to_owned).collect() };
    out.lines().map(|line| words(line).try_into().unwrap()).collect()
}

#[test]
fn a_keyring_is_shown_by_ids_statuses_and_check_values() {
    let ring = with_ring(RING);
    // The check values are of Python: hmac(material, b"nestkey/kcv\x01", "sha256")[:4].
    assert_eq!(
        keyring(&ring, &["show", "ring.json"]).fine(),
        "01020304  primary       cc3e08fc\n\
         01ff0000  decrypt-only  c1828303\n\
         0badcafe  disabled      7ff01be0\n"
    );
    assert_eq!(
        keyring(&ring, &["show", "ring.json", "--json"]).fine(),
        "{\"keys\":[{\"id\":\"01020304\",\"status\":\"primary\",\"check\":\"cc3e08fc\"},\
         {\"id\":\"01ff0000\",\"status\":\"decrypt-only\",\"check\":\"c1828303\"},\
         {\"id\":\"0badcafe\",\"status\":\"disabled\",\"check\":\"7ff01be0\"}],\"fernet\":false}\n"
    );
}

#[test]
fn a_new_keyring_has_one_key_of_its_own() {
    let folder = folder([]);
    let out = keyring(&folder, &["new", "ring.json"]).fine();
    let [[id, status, check]] = &rows(&out)[..] else { panic!("{out}") };
    assert_eq!((id.len(), &status[..], check.len()), (8, "primary", 8));
    assert_eq!(keyring(&folder, &["show", "ring.json"]).fine(), out);
    let other = keyring(&folder, &["new", "other.json", "--json"]).fine();
    let other: serde_json::Value = serde_json::from_str(&other).unwrap();
    assert_ne!(other["id"], id[..]);
    assert_ne!(other["check"], check[..]);
    assert_eq!(names(&folder).len(), 2, "no lock stays behind");
}

#[test]
fn a_keyring_that_is_there_is_not_overwritten() {
    let ring = with_ring("what stands there");
    let err = keyring(&ring, &["new", "ring.json"]).failed(2);
    assert!(err.starts_with("nestkey: ring.json is there already, "), "{err}");
    assert_eq!(fs::read_to_string(ring.join("ring.json")).unwrap(), "what stands there");
    assert_eq!(names(&ring), ["ring.json"]);
    keyring(&ring, &["new", "no/such/folder.json"]).failed(2);
}

#[test]
fn keys_are_rolled_out_in_two_phases() {
    let ring = with_ring(RING);
    let added = keyring(&ring, &["add", "ring.json"]).fine();
    let [[id, status, _]] = &rows(&added)[..] else { panic!("{added}") };
    assert_eq!(status, "decrypt-only");
    assert!(keyring(&ring, &["show", "ring.json"]).fine().ends_with(&added));
    let promoted = keyring(&ring, &["promote", "ring.json", id]).fine();
    assert_eq!(promoted, added.replace("decrypt-only", "primary     "));
    // The beginning of an id is enough, in either case.
    let disabled = keyring(&ring, &["disable", "ring.json", "0102"]).fine();
    assert_eq!(disabled, "01020304  disabled      cc3e08fc\n");
    let promoted = keyring(&ring, &["promote", "ring.json", "0BAD", "--enable", "--json"]).fine();
    assert_eq!(promoted, "{\"id\":\"0badcafe\",\"status\":\"primary\",\"check\":\"7ff01be0\"}\n");
    let statuses: Vec<_> = rows(&keyring(&ring, &["show", "ring.json"]).fine())
        .into_iter()
        .map(|[_, status, _]| status)
        .collect();
    assert_eq!(statuses, ["disabled", "decrypt-only", "primary", "decrypt-only"]);
}

#[test]
fn a_key_is_promoted_by_a_word_that_means_it_alone_and_not_while_it_is_disabled() {
    let ring = with_ring(RING);
    let before = keyring(&ring, &["show", "ring.json"]).fine();
    for (args, error) in [
        (
            &["promote", "ring.json", ""][..],
            "a key's id, or the beginning of one, is wanted: every id begins with nothing",
        ),
        (
            &["disable", "ring.json", ""],
            "a key's id, or the beginning of one, is wanted: every id begins with nothing",
        ),
        (&["promote", "ring.json", "0"], "3 keys' ids begin with `0`, more of it is wanted"),
        (
            &["promote", "ring.json", "0bad"],
            "the key 0badcafe is disabled: `--enable` lets it seal and open again",
        ),
        (&["promote", "ring.json", "x", "--enable"], "no key's id begins with `x`"),
    ] {
        assert_eq!(keyring(&ring, args).failed(2), format!("nestkey: {error}\n"));
    }
    assert_eq!(keyring(&ring, &["show", "ring.json"]).fine(), before);
    let promoted = keyring(&ring, &["promote", "ring.json", "0bad", "--enable"]).fine();
    assert!(promoted.starts_with("0badcafe  primary"), "{promoted}");
}

#[test]
fn what_cannot_be_done_with_a_key_changes_nothing() {
    let ring = with_ring(RING);
    for (args, sentence) in [
        (["disable", "0102"], "the key 01020304 is primary: promote another one first"),
        (["disable", "7f"], "no key's id begins with `7f`"),
        (["promote", "01"], "2 keys' ids begin with `01`, more of it is wanted"),
        (["promote", "1020304"], "no key's id begins with `1020304`"),
    ] {
        let err = keyring(&ring, &[args[0], "ring.json", args[1]]).failed(2);
        assert_eq!(err, format!("nestkey: {sentence}\n"));
        assert_eq!(fs::read_to_string(ring.join("ring.json")).unwrap(), RING);
    }
    assert_eq!(names(&ring), ["ring.json"]);
}

#[test]
fn what_is_no_keyring_is_refused_without_its_material() {
    let key = |id: &str, status: &str, material: &str| {
        format!(r#"{{"id": "{id}", "status": "{status}", "material": "{material}"}}"#)
    };
    let ring =
        |keys: &[String]| format!(r#"{{"nestkey_keyring": 1, "keys": [{}]}}"#, keys.join(", "));
    let material = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
    let good = key("01020304", "primary", material);
    for text in [
        String::new(),
        "not JSON".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        r#"{"nestkey_keyring": 2, "keys": []}"#.to_owned(),
        r#"{"nestkey_keyring": 1, "keys": [], "more": 1}"#.to_owned(),
        ring(&[good.clone(), key("01020304", "disabled", material)]),
        ring(&[good.clone(), key("00000000", "disabled", material)]),
        ring(&[good.clone(), key("0102030", "disabled", material)]),
        ring(&[good.clone(), key("0102030g", "disabled", material)]),
        ring(&[good.clone(), key("0a000000", "primary", material)]),
        ring(&[key("0a000000", "disabled", material)]),
        ring(&[good.clone(), key("0a000000", "sleeping", material)]),
        ring(&[good.clone(), key("0a000000", "disabled", &material[1..])]),
        ring(&[good.clone(), key("0a000000", "disabled", &format!("{material}AA"))]),
        ring(&[good.clone(), key("0a000000", "disabled", &"A".repeat(43))]),
        ring(&[good.replace("id", "name")]),
    ] {
        let folder = with_ring(&text);
        for args in [&["show", "ring.json"][..], &["add", "ring.json"]] {
            let err = keyring(&folder, args).failed(2);
            assert!(err.starts_with("nestkey: ring.json: "), "{err}");
            assert!(!err.contains("BwcHBwcH") && err.lines().count() == 1, "{err}");
        }
        let err = keyring(&folder, &["show", "ring.json", "--json"]).failed(2);
        let error: serde_json::Value = serde_json::from_str(&err).unwrap();
        assert_eq!(error["error"]["code"], "invalid-keyring", "{text}");
        assert_eq!(fs::read_to_string(folder.join("ring.json")).unwrap(), text);
        assert_eq!(names(&folder), ["ring.json"]);
    }
    let folder = folder([]);
    fs::write(folder.join("ring.json"), b"\xff\xfe").unwrap();
    set_mode(&folder.join("ring.json"), 0o600);
    keyring(&folder, &["show", "ring.json"]).failed(2);
    for command in ["show", "add"] {
        let err = keyring(&folder, &[command, "none.json"]).failed(2);
        assert!(err.starts_with("nestkey: none.json: "), "{err}");
    }
}

#[test]
fn a_fernet_key_comes_from_standard_input() {
    let ring = with_ring(RING);
    let add = ["add", "ring.json", "--fernet"];
    for bad in ["", "short", &FERNET[1..], "l-idRhyv2wJAXxgfAl_cpi3YdYXDCQjkiNwXUGpUCP!="] {
        let err = keyring_with(&ring, &add, bad).failed(2);
        assert!(bad.is_empty() || !err.contains(bad), "{err}");
        assert_eq!(fs::read_to_string(ring.join("ring.json")).unwrap(), RING);
    }
    let out = keyring_with(&ring, &add, &format!("{FERNET}\n")).fine();
    assert_eq!(out, "fernet    decrypt-only\n");
    let shown = keyring(&ring, &["show", "ring.json"]).fine();
    assert_eq!(shown.lines().last(), Some("fernet    decrypt-only"));
    let shown = keyring(&ring, &["show", "ring.json", "--json"]).fine();
    assert!(shown.ends_with("\"fernet\":true}\n"), "{shown}");
    assert!(fs::read_to_string(ring.join("ring.json")).unwrap().contains(FERNET));
}

#[test]
fn changes_at_the_same_time_wait_for_each_other() {
    let ring = with_ring(RING);
    let added: Vec<_> = thread::scope(|scope| {
        let add = |_| scope.spawn(|| keyring(&ring, &["add", "ring.json"]).fine());
        let adding: Vec<_> = (0..6).map(add).collect();
        adding.into_iter().map(|added| added.join().unwrap()).collect()
    });
    let shown = keyring(&ring, &["show", "ring.json"]).fine();
    assert_eq!(shown.lines().count(), 3 + 6, "{shown}");
    assert!(added.iter().all(|line| shown.contains(line)), "{shown}");
    assert_eq!(names(&ring), ["ring.json"]);
}

#[test]
fn a_lock_that_stays_is_named_in_the_end() {
    let ring = with_ring(RING);
    fs::write(ring.join("ring.json.lock"), "").unwrap();
    let err = keyring(&ring, &["add", "ring.json"]).failed(2);
    assert!(err.contains("ring.json.lock: still there after 5 seconds: "), "{err}");
    assert_eq!(fs::read_to_string(ring.join("ring.json")).unwrap(), RING);
    assert_eq!(names(&ring).len(), 2, "nobody removes the lock of another");
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(file: &Path) -> u32 {
        fs::metadata(file).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_its_owner_can_read_a_new_keyring() {
        let folder = folder([]);
        keyring(&folder, &["new", "ring.json"]).fine();
        assert_eq!(mode(&folder.join("ring.json")), 0o600);
        keyring(&folder, &["add", "ring.json"]).fine();
        assert_eq!(mode(&folder.join("ring.json")), 0o600);
    }

    #[test]
    fn a_file_that_others_can_read_gets_a_warning_and_keeps_its_mode() {
        let ring = with_ring(RING);
        for open in [0o644, 0o640, 0o602] {
            set_mode(&ring.join("ring.json"), open);
            for command in ["show", "add"] {
                let ran = keyring(&ring, &[command, "ring.json"]);
                assert_eq!(ran.code, Some(0));
                assert_eq!(
                    ran.err,
                    "nestkey: ring.json: others than its owner have access to it: chmod 600 \
                     ring.json\n"
                );
            }
            assert_eq!(mode(&ring.join("ring.json")), open);
        }
    }

    #[test]
    fn a_link_stays_one() {
        let ring = with_ring(RING);
        symlink("ring.json", ring.join("link.json")).unwrap();
        keyring(&ring, &["promote", "link.json", "01ff"]).fine();
        assert!(fs::symlink_metadata(ring.join("link.json")).unwrap().is_symlink());
        let shown = keyring(&ring, &["show", "ring.json"]).fine();
        assert!(shown.contains("01ff0000  primary"), "{shown}");
        assert!(keyring(&ring, &["new", "link.json"]).failed(2).contains("is there already"));
    }
}

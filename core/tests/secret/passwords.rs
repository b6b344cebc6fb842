//! Passwords: what is hashed, what is verified, what is refused and by which name.

use nestkey_core::{
    error::ErrorKind,
    value::password::{self, check, check_hash, decoy, hash, verify, wants_upgrade},
};

/// `hunter2` at cost 4, by Python.
const HASH: &str = "$2b$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm";

#[test]
fn passwords_are_counted_in_bytes() {
    assert!(check(b"").is_ok());
    assert!(check("x".repeat(72).as_bytes()).is_ok());
    assert!(check("é".repeat(36).as_bytes()).is_ok());
    for long in ["x".repeat(73), "é".repeat(37), "x".repeat(1 << 20)] {
        let refused = [
            check(long.as_bytes()).unwrap_err(),
            hash(long.as_bytes(), 10, [1; 16]).unwrap_err(),
            verify(long.as_bytes(), HASH.as_bytes()).unwrap_err(),
        ];
        for error in refused {
            assert_eq!(error.kind(), ErrorKind::PasswordTooLong);
            assert!(!error.message().contains(&long[..8]));
        }
    }
}

#[test]
fn a_nul_is_refused_wherever_it_stands() {
    for plain in [&b"\0"[..], b"a\0b", b"\0a", b"a\0"] {
        let refused = [
            check(plain).unwrap_err(),
            hash(plain, 10, [1; 16]).unwrap_err(),
            verify(plain, HASH.as_bytes()).unwrap_err(),
        ];
        assert!(refused.iter().all(|error| error.kind() == ErrorKind::InvalidPassword));
    }
}

#[test]
fn a_hash_has_a_cost_from_10_to_14() {
    for cost in 0..=9 {
        let error = hash(b"hunter2", cost, [1; 16]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidCall, "{cost}");
    }
    for cost in 15..=u8::MAX {
        let error = hash(b"hunter2", cost, [1; 16]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CostTooHigh, "{cost}");
    }
    let hashed = hash(b"hunter2", 10, [0xFF; 16]).unwrap();
    assert!(hashed.starts_with("$2b$10$") && hashed.len() == 60);
    assert_eq!(verify(b"hunter2", hashed.as_bytes()), Ok(true));
    assert_eq!(verify(b"hunter3", hashed.as_bytes()), Ok(false));
    assert_ne!(hash(b"hunter2", 10, [0xFE; 16]).unwrap(), hashed);
    assert!(password::COSTS.contains(&password::DEFAULT_COST));
}

#[test]
fn hashes_of_all_versions_but_2x_are_verified() {
    for version in ["2a", "2b", "2y"] {
        let hash = HASH.replace("2b", version);
        assert!(check_hash(hash.as_bytes()).is_ok());
        assert_eq!(verify(b"hunter2", hash.as_bytes()), Ok(true));
    }
    let error = verify(b"hunter2", HASH.replace("2b", "2x").as_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MalformedHash);
    assert!(error.message().contains("$2x$"));
}

#[test]
fn what_is_no_hash_is_refused_without_showing_it() {
    let with_cost = |cost: &str| HASH.replace("$04$", cost);
    let malformed = [
        ("the version 2", format!("$2${}", &HASH[4..])),
        ("the version 2, in 60 characters", format!("$2${}x", &HASH[4..])),
        ("the version 2x", HASH.replace("2b", "2x")),
        ("the version 2c", HASH.replace("2b", "2c")),
        ("the version 2B", HASH.replace("2b", "2B")),
        ("the version 1", HASH.replace("2b", "1b")),
        ("cost 0", with_cost("$00$")),
        ("cost 3", with_cost("$03$")),
        ("a cost with a sign", with_cost("$+4$")),
        ("a cost with a space", with_cost("$ 4$")),
        ("a cost in hex", with_cost("$0a$")),
        ("no $ behind the cost", with_cost("$04a")),
        ("59 characters", HASH[..59].into()),
        ("61 characters", format!("{HASH}.")),
        ("a line end", format!("{HASH}\n")),
        ("nothing", String::new()),
        ("60 bytes that are not ASCII", format!("{}é", &HASH[..58])),
        ("30 characters of two bytes", "é".repeat(30)),
        ("a character out of the alphabet in the salt", HASH.replace("abcd", "ab-d")),
        ("a character out of the alphabet in the digest", HASH.replace("V3du", "V3=u")),
        ("the standard alphabet", HASH.replace("abcd", "ab+d")),
        ("another hash", format!("$5$rounds=5000${}", "x".repeat(45))),
    ];
    for (name, hash) in &malformed {
        for error in [check_hash(hash.as_bytes()), verify(b"hunter2", hash.as_bytes()).map(drop)] {
            let error = error.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::MalformedHash, "{name}");
            assert!(!error.message().contains("duMsC0Hp"), "{name}");
        }
    }
    let not_utf8 = [&HASH.as_bytes()[..59], &[0xFF]].concat();
    assert_eq!(check_hash(&not_utf8).unwrap_err().kind(), ErrorKind::MalformedHash);
    for cost in ["$16$", "$20$", "$31$", "$32$", "$99$"] {
        let error = verify(b"hunter2", with_cost(cost).as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CostTooHigh, "{cost}");
    }
    assert!(check_hash(with_cost("$15$").as_bytes()).is_ok());
}

#[test]
fn the_bits_that_no_byte_uses_mean_nothing() {
    // The last character of a salt has four of them, that of a digest two; crypt_blowfish and PHP
    // keep those of the salt as they were given.
    let digest = &HASH[29..];
    for last in ['u', 'v', 'w', '9'] {
        let hash = format!("{}{last}{digest}", &HASH[..28]);
        assert_eq!(verify(b"hunter2", hash.as_bytes()), Ok(true), "{last}");
    }
    let other = format!("{}e{digest}", &HASH[..28]);
    assert_eq!(verify(b"hunter2", other.as_bytes()), Ok(false));
}

#[test]
fn every_changed_digest_is_another_one() {
    for place in 29..59 {
        let mut changed = HASH.as_bytes().to_vec();
        changed[place] = if changed[place] == b'.' { b'/' } else { b'.' };
        assert_eq!(verify(b"hunter2", &changed), Ok(false), "{place}");
    }
}

#[test]
fn an_upgrade_is_wanted_below_the_cost_alone() {
    let hash = |head: &str| format!("{head}{}", &HASH[7..]);
    assert!(wants_upgrade(hash("$2b$11$").as_bytes(), 12));
    assert!(!wants_upgrade(hash("$2b$12$").as_bytes(), 12));
    assert!(!wants_upgrade(hash("$2b$13$").as_bytes(), 12));
    assert!(!wants_upgrade(hash("$2a$13$").as_bytes(), 12));
    assert!(!wants_upgrade(hash("$2y$12$").as_bytes(), 12));
    assert!(wants_upgrade(hash("$2y$11$").as_bytes(), 12));
}

#[test]
fn a_decoy_is_a_hash_of_its_cost_that_nobody_has() {
    for cost in password::COSTS {
        let decoy = decoy(cost);
        assert!(check_hash(decoy.as_bytes()).is_ok());
        assert!(
            !wants_upgrade(decoy.as_bytes(), cost) && wants_upgrade(decoy.as_bytes(), cost + 1)
        );
    }
    for plain in [&b""[..], b"hunter2", b"."] {
        assert_eq!(verify(plain, decoy(10).as_bytes()), Ok(false));
    }
}

//! Passwords as bcrypt hashes: <https://www.usenix.org/legacy/events/usenix99/provos/provos.pdf>.
//!
//! The crate `bcrypt` computes; what goes in and what comes out is checked here, because it
//! truncates passwords, takes hashes of the broken form `$2x$` and runs any cost it is told.

use alloc::{format, string::String};
use core::ops::RangeInclusive;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};

/// How many bytes of a password bcrypt looks at: longer ones are refused, never cut.
pub const MAX_PASSWORD: usize = 72;
/// The cost of new hashes where the layout says nothing.
pub const DEFAULT_COST: u8 = 12;
/// The costs that new hashes may have.
pub const COSTS: RangeInclusive<u8> = 10..=14;
/// The costs that are verified: each step takes twice as long, 15 some two seconds.
const VERIFIED_COSTS: RangeInclusive<u8> = 4..=15;

const LENGTH: usize = 60;
/// Version and cost: `$2b$12$`.
const HEAD: usize = 7;
const SALT_TEXT: usize = 22;
const DIGEST: usize = 23;

/// Refuses a password that bcrypt would not hash as a whole.
///
/// # Errors
///
/// [`PasswordTooLong`](ErrorKind::PasswordTooLong) over 72 bytes,
/// [`InvalidPassword`](ErrorKind::InvalidPassword) with a NUL, at which other implementations stop.
pub fn check(password: &[u8]) -> Result<()> {
    if password.len() > MAX_PASSWORD {
        let length = password.len();
        let message = format!("a password has at most {MAX_PASSWORD} bytes in UTF-8, not {length}");
        return Err(Error::new(ErrorKind::PasswordTooLong, message));
    }
    if password.contains(&0) {
        return Err(Error::new(ErrorKind::InvalidPassword, "a password with a NUL character"));
    }
    Ok(())
}

/// The hash of a password: `$2b$`, cost, salt and digest in 60 characters. It takes long on
/// purpose: a quarter of a second at cost 12.
///
/// # Errors
///
/// As [`check`]; [`CostTooHigh`](ErrorKind::CostTooHigh) and
/// [`InvalidCall`](ErrorKind::InvalidCall) for a cost out of [`COSTS`].
pub fn hash(password: &[u8], cost: u8, salt: [u8; 16]) -> Result<String> {
    check(password)?;
    if !COSTS.contains(&cost) {
        let (min, max) = (COSTS.start(), COSTS.end());
        let kind = if cost > *max { ErrorKind::CostTooHigh } else { ErrorKind::InvalidCall };
        return Err(Error::new(kind, format!("a cost is from {min} to {max}, not {cost}")));
    }
    let digest = digest(password, cost, salt);
    let mut hash = format!("$2b${cost:02}$");
    encode(&salt, &mut hash);
    encode(&digest, &mut hash);
    Ok(hash)
}

/// Whether a password has a hash; it takes as long as the hash's own cost says.
///
/// # Errors
///
/// As [`check`] and [`check_hash`].
pub fn verify(password: &[u8], hash: &[u8]) -> Result<bool> {
    check(password)?;
    let Parsed { cost, salt, digest: wanted } = Parsed::read(hash)?;
    Ok(digest(password, cost, salt).ct_eq(&wanted).into())
}

/// Refuses what is no bcrypt hash that this verifies.
///
/// # Errors
///
/// [`MalformedHash`](ErrorKind::MalformedHash) for anything but `$2a$`, `$2b$` or `$2y$` in 60
/// characters, [`CostTooHigh`](ErrorKind::CostTooHigh) over 15.
pub fn check_hash(hash: &[u8]) -> Result<()> {
    Parsed::read(hash).map(drop)
}

/// Whether a hash is weaker than one of that cost.
///
/// Its prefix is no reason: `$2a$`, `$2b$` and `$2y$` are the same for what is verified here.
#[must_use]
pub fn wants_upgrade(hash: &[u8], cost: u8) -> bool {
    Parsed::read(hash).is_ok_and(|parsed| parsed.cost < cost)
}

/// The cost of a hash, unless it is none that is verified.
#[must_use]
pub fn cost(hash: &[u8]) -> Option<u8> {
    Parsed::read(hash).ok().map(|parsed| parsed.cost)
}

/// A well-formed hash that takes as long as any other of that cost, and that no password is known
/// to have.
#[must_use]
pub fn decoy(cost: u8) -> String {
    let cost = cost.clamp(*VERIFIED_COSTS.start(), *VERIFIED_COSTS.end());
    format!("$2b${cost:02}${:.<53}", "")
}

struct Parsed {
    cost: u8,
    salt: [u8; 16],
    digest: [u8; DIGEST],
}

impl Parsed {
    fn read(hash: &[u8]) -> Result<Self> {
        if hash.len() != LENGTH || !hash.is_ascii() {
            return Err(malformed("not 60 ASCII characters"));
        }
        let (head, text) = hash.split_at(HEAD);
        let &[b'$', b'2', version, b'$', tens, ones, b'$'] = head else {
            return Err(malformed("without `$2b$`, its cost and `$` in front"));
        };
        match version {
            b'a' | b'b' | b'y' => {}
            b'x' => return Err(malformed("of the version `$2x$`, which a broken program wrote")),
            _ => return Err(malformed("of an unknown version")),
        }
        if !(tens.is_ascii_digit() && ones.is_ascii_digit()) {
            return Err(malformed("without a cost"));
        }
        let cost = (tens - b'0') * 10 + (ones - b'0');
        if cost > *VERIFIED_COSTS.end() {
            let message = format!("a stored hash of cost {cost}: more than 15 takes too long");
            return Err(Error::new(ErrorKind::CostTooHigh, message));
        }
        if cost < *VERIFIED_COSTS.start() {
            return Err(malformed("of a cost below 4"));
        }
        let (salt_text, digest_text) = text.split_at(SALT_TEXT);
        Ok(Self { cost, salt: decode(salt_text)?, digest: decode(digest_text)? })
    }
}

/// The digits of bcrypt's own base64.
const DIGITS: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn encode(bytes: &[u8], out: &mut String) {
    let (mut pending, mut bits) = (0_u32, 0);
    let mut push = |digit: u32| out.push(DIGITS[(digit & 63) as usize].into());
    for &byte in bytes {
        pending = (pending & 0xFF) << 8 | u32::from(byte);
        bits += 8;
        while bits >= 6 {
            bits -= 6;
            push(pending >> bits);
        }
    }
    if bits > 0 {
        push(pending << (6 - bits));
    }
}

/// Decodes salt or digest. The last digit has bits that no byte uses: other programs set them as
/// they like, and they mean nothing.
fn decode<const N: usize>(text: &[u8]) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    decode_into(text, &mut bytes).map(|()| bytes)
}

fn decode_into(text: &[u8], bytes: &mut [u8]) -> Result<()> {
    let mut to = bytes.iter_mut();
    let (mut pending, mut bits) = (0_u32, 0);
    for wanted in text {
        let digit = DIGITS.iter().position(|digit| digit == wanted);
        let digit = digit.ok_or_else(|| malformed("not in bcrypt's base64"))?;
        pending = (pending & 0xFF) << 6 | digit as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            if let Some(byte) = to.next() {
                *byte = (pending >> bits) as u8;
            }
        }
    }
    Ok(())
}

/// The part of the digest that hashes carry. The NUL behind a password counts, as far as there is
/// room for it.
fn digest(password: &[u8], cost: u8, salt: [u8; 16]) -> [u8; DIGEST] {
    let mut input = Zeroizing::new([0; MAX_PASSWORD]);
    for (to, from) in input.iter_mut().zip(password) {
        *to = *from;
    }
    let used = (password.len() + 1).min(MAX_PASSWORD);
    let output = bcrypt::bcrypt(cost.into(), salt, input.get(..used).unwrap_or(&*input));
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(&output[..DIGEST]);
    digest
}

#[cold]
fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::MalformedHash, String::from("a stored password hash that is ") + what)
}

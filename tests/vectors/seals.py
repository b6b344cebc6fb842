"""Writes seals.json: secrets sealed with the Python package `cryptography`.

    python3 seals.py > seals.json

Written from the description of the format, not from the Rust code:

    PRK        = HKDF-Extract(salt, root key), with SHA-256 as everywhere here
    context    = 00, suite, key id
    key, nonce = HKDF-Expand(PRK, "nestkey/secret/v1/key" context): 32 and 12 bytes
    commitment = HKDF-Expand(PRK, "nestkey/secret/v1/commit" context): 32 bytes
    header     = magic F9, suite 01, key id in 4 bytes, salt in 24, commitment
    aad        = "nestkey/aad/v1" 00 header, Redis key and hash field, each behind its length
    length     = 4 bytes; all numbers are big-endian
    text       = "nk1." and unpadded base64url of header, AES-256-GCM ciphertext, tag in 16 bytes

Roots and salts are fixed, so it always writes the same file.
"""

import base64
import hashlib
import hmac
import json
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

MAGIC = b"\xf9"
SUITE = b"\x01"


def seal(
    root: bytes, key_id: int, salt: bytes, key: bytes, field: bytes, plaintext: bytes
) -> str:
    prk = hmac.digest(salt, root, hashlib.sha256)
    context = b"\x00" + SUITE + struct.pack(">I", key_id)
    okm = expand(prk, b"nestkey/secret/v1/key" + context, 44)
    commitment = expand(prk, b"nestkey/secret/v1/commit" + context, 32)
    header = MAGIC + SUITE + struct.pack(">I", key_id) + salt + commitment
    aad = b"nestkey/aad/v1\x00" + header + prefixed(key) + prefixed(field)
    sealed = header + AESGCM(okm[:32]).encrypt(okm[32:], plaintext, aad)
    return "nk1." + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def check(root: bytes) -> str:
    """The four bytes that tell two materials apart."""
    return expand(root, b"nestkey/kcv", 4).hex()


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    return HKDFExpand(SHA256(), length, info).derive(prk)


def prefixed(part: bytes) -> bytes:
    return struct.pack(">I", len(part)) + part


def chosen(label: str, length: int) -> bytes:
    """Bytes that look random and never change."""
    return hashlib.shake_256(b"nestkey/vectors/" + label.encode()).digest(length)


CASES = [
    ("an empty plaintext", 1, "a", "", b""),
    ("one byte", 0xFFFFFFFF, "root:user:1:pin", "", b"\x00"),
    ("a password", 0x7F3A0102, "root:user:42:token", "", b"hunter2"),
    ("a block short of a byte", 2, "root:user:42:token", "", b"0123456789abcde"),
    ("a whole block", 3, "root:user:42:token", "", b"0123456789abcdef"),
    ("a byte over a block", 4, "root:user:42:token", "", b"0123456789abcdefg"),
    ("a hash field", 0x01020304, "root:user:a%3Ab:secrets", "totp", b"JBSWY3DPEHPK3PXP"),
    ("text that is not ASCII", 5, "root:user:%C3%A9:note", "für", "Zażółć gęślą jaźń".encode()),
    ("bytes that are not UTF-8", 6, "root:blob", "", bytes(range(255, -1, -1))),
    ("key and field that only their lengths part", 7, "root:a", "bc", b"same"),
    ("the same bytes, parted elsewhere", 7, "root:ab", "c", b"same"),
    ("a long key", 0x80000000, "root:" + "x" * 1000, "y" * 300, b"long"),
    ("four kibibytes", 0xDEADBEEF, "root:user:42:file", "", chosen("four kibibytes", 4096)),
    ("what looks sealed already", 8, "root:user:42:token", "", b"nk1.-QEBAgMEQEFCQ0RFRkdI"),
    ("what looks like a token", 9, "root:user:42:token", "", b"gAAAAABlU_EA"),
]


def main() -> None:
    seals = []
    for name, key_id, key, field, plaintext in CASES:
        root = chosen(f"root {key_id}", 32)
        salt = chosen(f"salt {name}", 24)
        text = seal(root, key_id, salt, key.encode(), field.encode(), plaintext)
        seals.append(
            {
                "name": name,
                "root": root.hex(),
                "check": check(root),
                "key_id": key_id,
                "salt": salt.hex(),
                "key": key,
                "field": field,
                "plaintext": plaintext.hex(),
                "text": text,
            }
        )
    about = "secrets sealed by seals.py with Python's cryptography; root, salt and plaintext in hex"
    print(json.dumps({"_about": about, "seals": seals}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()

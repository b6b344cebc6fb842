"""Writes canaries.json: twelve secrets that nothing may show.

    python3 canaries.py > canaries.json

The derived ones come from the format's description (see ../vectors/seals.py), with a fixed salt.
Every half of a text has characters that a URL or a key escapes.
"""

import base64
import hashlib
import hmac
import json
import random
import struct

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_ID = 0x7F3A0102
SALT = bytes(range(0x40, 0x58))
# The key of the stored secret, in examples/shop.layout.toml and ../cross/secrets.layout.json.
KEY = "root:user:1:sensitive_data"

chance = random.Random("canaries")


def text(length: int) -> str:
    """Letters and digits; in each half one of what is escaped somewhere."""
    letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    made = [chance.choice(letters) for _ in range(length)]
    for place in (length // 4, length // 2 + length // 4):
        made[place : place + 2] = chance.choice(["/:", "@/", "+:", " /", "#:"])
    return "".join(made)


TEXTS = {
    "root key": text(32),
    "password": text(40),
    "plaintext": text(40),
    "password of a URL": text(40),
    "password of an ACL user": text(40),
    "sensitive parameter": text(40),
    "text of JavaScript": text(40),
    "message to a worker": text(40),
    "Fernet key": text(32),
}


def derived(root: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    prk = hmac.digest(SALT, root, hashlib.sha256)
    context = b"\x00\x01" + struct.pack(">I", KEY_ID)
    both = HKDFExpand(SHA256(), 44, b"nestkey/secret/v1/key" + context).derive(prk)
    commitment = HKDFExpand(SHA256(), 32, b"nestkey/secret/v1/commit" + context).derive(prk)
    header = b"\xf9\x01" + struct.pack(">I", KEY_ID) + SALT + commitment
    parts = b"".join(struct.pack(">I", len(part)) + part for part in (KEY.encode(), b""))
    return prk, both[:32], both[32:], header, b"nestkey/aad/v1\x00" + header + parts


prk, key, nonce, header, aad = derived(TEXTS["root key"].encode())
sealed = header + AESGCM(key).encrypt(nonce, TEXTS["plaintext"].encode(), aad)
fernet = base64.urlsafe_b64encode(TEXTS["Fernet key"].encode())
# With a fixed time and IV, so that the file is always the same.
token = Fernet(fernet)._encrypt_from_parts(TEXTS["plaintext"].encode(), 1_700_000_000, SALT[:16])
binaries = {"pseudorandom key": prk, "key of a value": key, "authenticated data": aad}
unpadded = lambda data: base64.urlsafe_b64encode(data).decode().rstrip("=")
print(
    json.dumps(
        {
            "texts": TEXTS,
            "binaries": {name: data.hex() for name, data in binaries.items()},
            "keyring": {
                "nestkey_keyring": 1,
                "keys": [
                    {
                        "id": f"{KEY_ID:08x}",
                        "status": "primary",
                        "material": unpadded(TEXTS["root key"].encode()),
                    }
                ],
                "fernet": [fernet.decode()],
            },
            "stored": {"key": KEY, "sealed": "nk1." + unpadded(sealed), "fernet": token.decode()},
        },
        indent=2,
    )
)

"""Secrets and passwords by the description of their formats, on `cryptography` and `bcrypt` alone.

    python3 seals.py            holds every transcript's secrets and passwords against it
"""

import base64
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"
HEADER = 62
BCRYPT_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
BASE64_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def expand(key: bytes, info: bytes, length: int) -> bytes:
    return HKDFExpand(SHA256(), length, info).derive(key)


def take(entropy: str, draw: int, counter: int, length: int) -> bytes:
    """The bytes that the n-th use of the n-th drawn 32 bytes gives."""
    drawn = bytearray.fromhex(entropy)
    drawn[31] = (drawn[31] + draw) % 256
    return expand(bytes(drawn), b"nestkey/entropy/v1" + counter.to_bytes(4, "big"), length)


def material(keyring: dict, key_id: str) -> bytes:
    (text,) = [key["material"] for key in keyring["keys"] if key["id"] == key_id]
    return base64.urlsafe_b64decode(text + "=")


def derive(keyring: dict, key_id: str, salt: bytes) -> tuple[bytes, bytes, bytes]:
    """Key, nonce and commitment of one value."""
    extract = HMAC(salt, SHA256())
    extract.update(material(keyring, key_id))
    prk = extract.finalize()
    suffix = b"\0\x01" + bytes.fromhex(key_id)
    both = expand(prk, b"nestkey/secret/v1/key" + suffix, 44)
    return both[:32], both[32:], expand(prk, b"nestkey/secret/v1/commit" + suffix, 32)


def authenticated(header: bytes, key: str) -> bytes:
    parts = [key.encode(), b""]
    return b"nestkey/aad/v1\0" + header + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def seal(keyring: dict, key_id: str, salt: bytes, key: str, plaintext: bytes) -> str:
    aes_key, nonce, commitment = derive(keyring, key_id, salt)
    header = b"\xf9\x01" + bytes.fromhex(key_id) + salt + commitment
    sealed = header + AESGCM(aes_key).encrypt(nonce, plaintext, authenticated(header, key))
    return "nk1." + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def salt_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.removeprefix("nk1.") + "==")[6:30]


def open_sealed(keyring: dict, key: str, text: str) -> bytes:
    sealed = base64.urlsafe_b64decode(text.removeprefix("nk1.") + "==")
    header, body = sealed[:HEADER], sealed[HEADER:]
    aes_key, nonce, commitment = derive(keyring, header[2:6].hex(), header[6:30])
    if header[:2] != b"\xf9\x01" or header[30:] != commitment:
        raise ValueError("not sealed with this key")
    return AESGCM(aes_key).decrypt(nonce, body, authenticated(header, key))


def bcrypt_salt(cost: int, salt: bytes) -> bytes:
    text = base64.b64encode(salt).decode().rstrip("=")
    return f"$2b${cost:02}${text.translate(str.maketrans(BASE64_ALPHABET, BCRYPT_ALPHABET))}".encode()


def hashed(password: str, cost: int, salt: bytes) -> str:
    import bcrypt

    return bcrypt.hashpw(password.encode(), bcrypt_salt(cost, salt)).decode()


def verified(password: str, against: str) -> bool:
    import bcrypt

    return bcrypt.checkpw(password.encode(), against.encode())


def written(command: list) -> tuple[str, str] | None:
    """The key and the secret that a command stores."""
    if command[0] == "SET":
        return command[1], command[2]
    return (command[3], command[6]) if command[0] in ("EVAL", "EVALSHA") and len(command) > 6 else None


def check(transcript: dict) -> int:
    """Holds what a transcript seals, hashes and verifies against the formats; says how much it was."""
    keyring, entropy = transcript.get("keyring"), transcript.get("entropy")
    salts = {take(entropy, draw, counter, 24) for draw in range(16) for counter in range(8)} if entropy else set()
    checked = 0
    for turn in transcript.get("turns", []):
        for command in turn.get("send", []):
            key, text = written(command) or ("", "")
            if not isinstance(text, str) or not text.startswith("nk1."):
                continue
            (primary,) = [key["id"] for key in keyring["keys"] if key["status"] == "primary"]
            again = seal(keyring, primary, salt_of(text), key, open_sealed(keyring, key, text))
            assert salt_of(text) in salts, f"the salt of {key} was not drawn"
            assert again == text, f"{key} is sealed with {primary} otherwise"
            checked += 1
        for job, answer in zip(turn.get("jobs", []), turn.get("answers", [])):
            if "hash" in job:
                assert hashed(job["hash"], job["cost"], bytes.fromhex(job["salt"])) == answer["hashed"]
                checked += 1
            if "verify" in job:
                assert verified(job["verify"], job["against"]) == answer["verified"]
                checked += 1
    return checked


def main() -> None:
    counts = {}
    for file in sorted(TRANSCRIPTS.glob("*.json")):
        try:
            counts[file.name] = check(json.loads(file.read_text()))
        except Exception as error:
            sys.exit(f"{file.name}: {type(error).__name__}: {error}")
    print(json.dumps({name: count for name, count in counts.items() if count}))


if __name__ == "__main__":
    main()

"""Holds what the transcripts seal, hash and verify against the descriptions of the formats.

    python3 check.py

How long an update waits is drawn as well, and how long keys live whose ttl has a jitter. Sealed texts are opened and sealed again with `vectors/seals.py`, passwords are hashed with the
package `bcrypt`. Salts are to come from the drawn bytes, the n-th use in the m-th step:

    drawn = entropy, the last byte plus m
    salt  = HKDF-Expand(drawn, "nestkey/entropy/v1" n), n in 4 bytes, big-endian

Prints how much it checked of each file.
"""

import base64
import hashlib
import hmac
import json
import sys
from pathlib import Path

import bcrypt
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "vectors"))

from seals import expand, prefixed, seal  # noqa: E402

HEADER = 62
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
BCRYPT = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def take(entropy: str, step: int, counter: int, length: int) -> bytes:
    drawn = bytearray.fromhex(entropy)
    drawn[31] = (drawn[31] + step) % 256
    return expand(bytes(drawn), b"nestkey/entropy/v1" + counter.to_bytes(4, "big"), length)


def unsealed(root: bytes, key: str, text: str) -> tuple[bytes, bytes]:
    """The salt of a sealed text, and what it holds."""
    sealed = base64.urlsafe_b64decode(text.removeprefix("nk1.") + "==")
    header, salt = sealed[:HEADER], sealed[6:30]
    context = b"\x00" + header[1:6]
    okm = expand(hmac.digest(salt, root, hashlib.sha256), b"nestkey/secret/v1/key" + context, 44)
    aad = b"nestkey/aad/v1\x00" + header + prefixed(key.encode()) + prefixed(b"")
    return salt, AESGCM(okm[:32]).decrypt(okm[32:], sealed[HEADER:], aad)


def hashed(password: str, cost: int, salt: bytes) -> str:
    text = base64.b64encode(salt).decode().rstrip("=").translate(str.maketrans(BASE64, BCRYPT))
    return bcrypt.hashpw(password.encode(), f"$2b${cost:02}${text}".encode()).decode()


def verified(password: str, against: str) -> bool:
    return bcrypt.checkpw(password.encode(), against.encode())


def stored(command: list) -> tuple[str, str] | None:
    """The key and the sealed text that a command stores."""
    places = {"SET": (1, 2), "EVAL": (3, 6), "EVALSHA": (3, 6)}.get(command[0])
    if places is None or len(command) <= places[1]:
        return None
    key, text = (command[place] for place in places)
    return (key, text) if isinstance(text, str) and text.startswith("nk1.") else None


def lives(command: list) -> int | None:
    """For how many milliseconds a command has its key live."""
    if command[0] in ("EXPIRE", "PEXPIRE"):
        return int(command[2]) * (1000 if command[0] == "EXPIRE" else 1)
    for name, unit in (("EX", 1000), ("PX", 1)):
        if name in command:
            return int(command[command.index(name) + 1]) * unit
    return None


def milliseconds(text: str) -> int:
    number, unit = text[:-1], text[-1]
    return int(number) * {"s": 1000, "m": 60_000}[unit]


def jittered(entry: dict, drawn: bytes) -> int:
    """For how many milliseconds a key of an entry lives then: an old value after its ttl."""
    ttl = milliseconds(entry["ttl"])
    longest = ttl * int(entry["jitter"].removesuffix("%")) // 100
    cut = (longest + 1) * int.from_bytes(drawn[:8], "big") >> 64
    return ttl - cut + milliseconds(entry.get("stale", "0s"))


def check(transcript: dict) -> int:
    """How much there was to check."""
    keyring, entropy = transcript.get("keyring", {}), transcript.get("entropy", "00" * 32)
    drawn = [(step, counter) for step in range(16) for counter in range(8)]
    salts = {length: {take(entropy, *which, length) for which in drawn} for length in (16, 24)}
    checked = 0
    tries = 0
    for step, turn in enumerate(transcript["turns"]):
        if transcript["call"].get("call") == "update":
            tries += any(command[0] == "EVALSHA" for command in turn["send"])
            if "wait_ms" in turn:
                longest = 2 ** min(tries - 1, 7) - 1
                assert turn["wait_ms"] == take(entropy, step, 0, 16)[0] & longest, "another wait"
                checked += 1
        for entry in transcript["layout"].get("keys", {}).values():
            # Leases of 10 seconds and what a call says, a whole minute, are exact.
            drawn_here = [ms for ms in map(lives, turn["send"]) if ms not in (None, 10_000, 60_000)]
            for counter, ms in enumerate(drawn_here if "jitter" in entry else []):
                assert ms == jittered(entry, take(entropy, step, counter, 16)), "another life"
                checked += 1
        for key, text in filter(None, map(stored, turn["send"])):
            (primary,) = [one for one in keyring["keys"] if one["status"] == "primary"]
            root = base64.urlsafe_b64decode(primary["material"] + "=")
            salt, plaintext = unsealed(root, key, text)
            again = seal(root, int(primary["id"], 16), salt, key.encode(), b"", plaintext)
            assert salt in salts[24], f"the salt of {key} was not drawn"
            assert again == text, f"{key} is sealed otherwise"
            checked += 1
        for job, answer in zip(turn.get("jobs", []), turn.get("answers", [])):
            if "hash" in job:
                salt = bytes.fromhex(job["salt"])
                assert salt in salts[16], "the salt of a password was not drawn"
                assert hashed(job["hash"], job["cost"], salt) == answer["hashed"], "another hash"
                checked += 1
            if "verify" in job:
                assert verified(job["verify"], job["against"]) == answer["verified"], "another verdict"
                checked += 1
    return checked


def main() -> None:
    counts = {}
    for file in sorted(HERE.glob("*.json")):
        try:
            counts[file.name] = check(json.loads(file.read_text()))
        except Exception as error:
            sys.exit(f"{file.name}: {type(error).__name__}: {error}")
    print(json.dumps({name: count for name, count in counts.items() if count}))


if __name__ == "__main__":
    main()

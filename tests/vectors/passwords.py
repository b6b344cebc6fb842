"""Writes passwords.json: passwords hashed with the Python package `bcrypt` (5.0 or later).

    python3 passwords.py > passwords.json

Salts are fixed, so it always writes the same file.
"""

import hashlib
import json

import bcrypt

PASSWORDS = [
    "",
    "a",
    "abc",
    "hunter2",
    " ",
    "correct horse battery staple",
    "~!@#$%^&*()      ~!@#$%^&*()PNBFRD",
    "pässword",
    "Zażółć gęślą jaźń",
    "пароль",
    "密码",
    "\U0001f511",
    "U*U",
    "\x01\x7f",
    "\u00ff" * 36,
    "x" * 55,
    "x" * 56,
    "x" * 57,
    "x" * 71,
    "x" * 72,
    "\u20ac" * 24,
]


def salt_of(label: str, prefix: bytes, cost: int) -> bytes:
    """A salt that looks random and never changes, as text."""
    alphabet = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    bits = int.from_bytes(hashlib.sha256(label.encode()).digest()[:16], "big") << 4
    text = bytes(alphabet[bits >> shift & 63] for shift in range(126, -1, -6))
    return b"$" + prefix + b"$%02d$" % cost + text


def hashed(password: str, prefix: str, cost: int) -> dict:
    salt = salt_of(f"{password} {prefix} {cost}", prefix.encode(), cost)
    text = bcrypt.hashpw(password.encode(), salt).decode()
    return {"password": password, "salt": salt.decode()[7:], "cost": cost, "hash": text}


def main() -> None:
    hashes = [hashed(password, "2b", 4) for password in PASSWORDS]
    hashes += [hashed("hunter2", "2b", cost) for cost in (5, 6, 10, 11)]
    hashes += [hashed(password, "2b", 10) for password in ("", "pässword", "x" * 72)]
    for prefix in ("2a", "2y"):
        hashes += [hashed(password, prefix, 5) for password in ("", "hunter2", "密码", "x" * 72)]
    wrong = [
        ("hunter2", hashed("hunter3", "2b", 4)["hash"]),
        ("", hashed("\x01", "2b", 4)["hash"]),
        ("x" * 71, hashed("x" * 72, "2b", 4)["hash"]),
        ("x" * 72, hashed("x" * 71, "2b", 4)["hash"]),
        ("Hunter2", hashed("hunter2", "2a", 5)["hash"]),
        ("hunter2 ", hashed("hunter2", "2y", 5)["hash"]),
        # "é" as one character and as two.
        ("\u00e9", hashed("e\u0301", "2b", 4)["hash"]),
    ]
    for password, text in wrong:
        assert not bcrypt.checkpw(password.encode(), text.encode())
    vectors = {
        "_about": f"passwords hashed by passwords.py with Python's bcrypt {bcrypt.__version__}",
        "hashes": hashes,
        "wrong": [{"password": password, "hash": text} for password, text in wrong],
    }
    print(json.dumps(vectors, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()

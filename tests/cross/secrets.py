"""Secrets and passwords in Python: the format by its description on `cryptography`, hashes by
`bcrypt`, and redisimnest itself. Told what to do in lines of JSON, as `peer.py` is.

The keyring is in `NESTKEY_KEYRING`, the key of redisimnest in `MY_ENCRYPTION_KEY`.
"""

import asyncio
import json
import os
import sys
from base64 import urlsafe_b64decode, urlsafe_b64encode

import bcrypt

# redisimnest only imports `cryptography` itself and then asks it for `fernet`: somebody else has
# to have imported that before it can read a secret.
import cryptography.fernet  # noqa: F401
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from redis.asyncio import Redis
from shop_keys import Shop

KEYRING = {int(key["id"], 16): key for key in json.loads(os.environ["NESTKEY_KEYRING"])["keys"]}
PRIMARY = next(number for number, key in KEYRING.items() if key["status"] == "primary")
HEADER = 62


def from_text(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def derive(key_id, salt):
    """The key, the nonce and the commitment of one value."""
    extract = HMAC(salt, SHA256())
    extract.update(from_text(KEYRING[key_id]["material"]))
    prk = extract.finalize()
    suite = b"\x01" + key_id.to_bytes(4, "big")
    both = HKDFExpand(SHA256(), 44, b"nestkey/secret/v1/key\x00" + suite).derive(prk)
    commitment = HKDFExpand(SHA256(), 32, b"nestkey/secret/v1/commit\x00" + suite).derive(prk)
    return both[:32], both[32:], commitment


def aad(header, key):
    """What is authenticated: the header, the key, and no hash field."""
    long = lambda text: len(text).to_bytes(4, "big") + text
    return b"nestkey/aad/v1\x00" + header + long(key.encode()) + long(b"")


def seal(key, plaintext):
    salt = os.urandom(24)
    aes, nonce, commitment = derive(PRIMARY, salt)
    header = b"\xf9\x01" + PRIMARY.to_bytes(4, "big") + salt + commitment
    body = AESGCM(aes).encrypt(nonce, plaintext.encode(), aad(header, key))
    return "nk1." + urlsafe_b64encode(header + body).decode().rstrip("=")


def open_sealed(key, stored):
    assert stored.startswith("nk1.")
    sealed = from_text(stored[4:])
    header, body = sealed[:HEADER], sealed[HEADER:]
    assert header[:2] == b"\xf9\x01"
    aes, nonce, commitment = derive(int.from_bytes(header[2:6], "big"), header[6:30])
    assert commitment == header[30:]
    return AESGCM(aes).decrypt(nonce, body, aad(header, key)).decode()


def keys(request, name):
    return [f"root:user:{user}:{name}" for user in range(1, request["count"] + 1)]


async def set_secrets(redis, _, request):
    pipeline = redis.pipeline(transaction=False)
    for key, value in zip(keys(request, "sensitive_data"), request["values"]):
        pipeline.set(key, seal(key, value))
    return all(await pipeline.execute())


async def get_secrets(redis, _, request):
    names = keys(request, "sensitive_data")
    return [open_sealed(key, stored) for key, stored in zip(names, await redis.mget(names))]


async def set_passwords(redis, _, request):
    """Most as cheap as can be; every tenth costs what others give."""
    for i, (key, value) in enumerate(zip(keys(request, "password"), request["values"])):
        salt = bcrypt.gensalt(4 if i % 10 else 10, prefix=b"2a" if i % 3 else b"2b")
        hashed = bcrypt.hashpw(value.encode(), salt).decode()
        await redis.set(key, json.dumps({"__type__": "str", "value": hashed}))
    return True


async def verify_passwords(redis, _, request):
    stored = await redis.mget(keys(request, "password"))
    hashes = [json.loads(text)["value"].encode() for text in stored]
    return [bcrypt.checkpw(value.encode(), hashed) for value, hashed in zip(request["values"], hashes)]


async def redisimnest_writes(_, shop, request):
    for user, (secret, password) in enumerate(zip(request["values"], request["passwords"]), 1):
        await shop.user(user).sensitive_data.set(secret)
        await shop.user(user).password.set(password)
    return True


async def redisimnest_reveals(_, shop, request):
    users = range(1, request["count"] + 1)
    return [await shop.user(user).sensitive_data.get(reveal=True) for user in users]


async def redisimnest_verifies(_, shop, request):
    users = enumerate(request["values"], 1)
    return [await shop.user(user).password.verify_password(value) for user, value in users]


async def main():
    redis = Redis(port=int(sys.argv[1]), decode_responses=True)
    shop = Shop(redis_client=redis)
    # redisimnest prints every call.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        answer = await globals()[request["do"]](redis, shop, request)
        print(json.dumps(answer), file=answers, flush=True)
    await redis.aclose()


asyncio.run(main())

"""redisimnest itself, told what to do in lines of JSON, with the classes of `nestkey gen redisimnest`.

Started by `cargo test -p nestkey-conformance --test cross`; the port of the server is its argument.
"""

import asyncio
import json
import re
import sys
from datetime import datetime
from uuid import UUID

from redis.asyncio import Redis
from redisimnest import Key
from redisimnest.exceptions import ParameterValidationError
from shop_keys import Shop
from types_keys import Types


def walk(root, path):
    """The cluster or key at `user(1).age`."""
    found = root
    for name, param in re.findall(r"(\w+)(?:\(([^)]*)\))?\.?", path):
        found = getattr(found, name)
        if param:
            found = found(param)
    return found() if path.endswith(")") and callable(found) and not isinstance(found, Key) else found


def to_python(tagged):
    kind, value = tagged["t"], tagged.get("v")
    if kind == "none":
        return None
    if kind in ("str", "bool"):
        return value
    if kind == "dict":
        return {name: to_python(item) for name, item in value}
    if kind in ("list", "tuple"):
        return {"list": list, "tuple": tuple}[kind](to_python(item) for item in value)
    return {"int": int, "float": float, "datetime": datetime.fromisoformat, "uuid": UUID}[kind](value)


def from_python(value):
    kind = type(value).__name__
    if value is None:
        return {"t": "none"}
    if kind in ("str", "bool"):
        return {"t": kind, "v": value}
    if kind == "dict":
        return {"t": kind, "v": [[name, from_python(item)] for name, item in value.items()]}
    if kind in ("list", "tuple"):
        return {"t": kind, "v": [from_python(item) for item in value]}
    if kind == "datetime":
        return {"t": kind, "v": value.isoformat()}
    return {"t": kind.lower(), "v": repr(value) if kind == "float" else str(value)}


async def answer(roots, request):
    do, root = request["do"], roots[request["layout"]]
    if do == "write":
        await walk(root, request["path"]).set(to_python(request["value"]))
        return True
    if do == "read":
        return from_python(await walk(root, request["path"]).get())
    if do == "keys":
        return sorted(await walk(root, request["path"]).subkeys())
    if do == "key":
        try:
            return walk(root, request["path"]).key
        except ParameterValidationError:
            return None
    raise ValueError(do)


async def main():
    client = Redis(port=int(sys.argv[1]), decode_responses=True)
    roots = {"shop": Shop(redis_client=client), "types": Types(redis_client=client)}
    # redisimnest prints every call.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(await answer(roots, json.loads(line))), file=answers, flush=True)
    await client.aclose()


asyncio.run(main())

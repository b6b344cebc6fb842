"""Written by `nestkey gen redisimnest`: the keys of a layout for redisimnest 0.11.3.

Parameters take what both spell alike, and refuse the rest.
"""

import re
from uuid import UUID

from redisimnest import BaseCluster, Key
from redisimnest.exceptions import ParameterValidationError


def param(pattern, least=None, most=None, max_length=512, one_of=None, none_of=()):
    """A check that takes what nestkey and redisimnest spell alike."""

    def takes(value):
        text = format(value) if type(value) in (int, str, UUID) else ""
        return (
            re.fullmatch(pattern, text) is not None
            and len(text) <= max_length
            and len(text.encode()) <= 512
            and (least is None or least <= int(text))
            and (most is None or int(text) <= most)
            and (one_of is None or text in one_of)
            and text not in none_of
        )

    return takes


class CheckedKey(Key):
    """A key that checks its own parameters, as clusters do."""

    def __init__(self, *args, validators=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.validators = validators or {}

    def _copy(self):
        copy = super()._copy()
        copy.validators = self.validators
        return copy

    def __call__(self, *args, **kwargs):
        bound = super().__call__(*args, **kwargs)
        for name, takes in self.validators.items():
            if not takes(bound._resolved_args[name]):
                raise ParameterValidationError(f"the parameter {name!r} of {self!r} does not take this value")
        return bound


class Types(BaseCluster):
    __prefix__ = "types"
    text = Key("text")  # string
    int = Key("int")  # int
    long = Key("long")  # int64
    float = Key("float")  # float
    bool = Key("bool")  # bool
    list = Key("list")  # array
    dict = Key("dict")  # object
    tuple = Key("tuple")  # tuple
    aware = Key("aware")  # datetime
    naive = Key("naive")  # naive_datetime
    uuid = Key("uuid")  # uuid
    maybe = Key("maybe")  # int?
    any = CheckedKey("any:{name}", validators={"name": param(r"[A-Za-z0-9._~@+=,-]+")})  # any

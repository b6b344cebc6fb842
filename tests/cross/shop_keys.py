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


class App:
    "What the whole application shares."
    __prefix__ = "app"
    tokens = Key("tokens", [], ttl=80)  # array
    pending_users = Key("pending_users", ttl=80)  # array


class UserMessages:
    "The messages of one person."
    __prefix__ = "messages"
    message = CheckedKey("message:{message_id}", "Unknown Message", ttl=50, validators={"message_id": param(r"[A-Za-z0-9._~@+=,-]+")})  # string
    complex_data = Key("complex_data", {}, ttl=50)  # object


class User:
    "One signed-up user."
    __prefix__ = "user:{user_id}"
    __validators__ = {"user_id": param(r"0|-?[1-9][0-9]*", 1, 18446744073709551615)}
    messages = UserMessages
    age = Key("age", 0, ttl=120)  # int
    name = Key("name", "Unknown", ttl=120)  # string
    fist_name = Key("firt_name", ttl=120)  # string
    home = Key("home", ttl=120)  # address
    password = Key("password", ttl=120, is_password=True)
    sensitive_data = Key("sensitive_data", ttl=120, is_secret=True)  # redisimnest cannot open what nestkey has sealed


class AdminMessages:
    "The messages of one person."
    __prefix__ = "messages"
    message = CheckedKey("message:{message_id}", "Unknown Message", ttl=50, validators={"message_id": param(r"[A-Za-z0-9._~@+=,-]+")})  # string
    complex_data = Key("complex_data", {}, ttl=50)  # object


class Admin:
    "One administrator."
    __prefix__ = "admin:{admin_id}"
    __validators__ = {"admin_id": param(r"[A-Za-z0-9._~@+=,-]+")}
    messages = AdminMessages
    fist_name = Key("firt_name")  # string


class Shop(BaseCluster):
    __prefix__ = "root"
    app = App
    user = User
    admin = Admin
    project_name = Key("project_name")  # string
    date = Key("the_date")  # naive_datetime

"""The entries of the catalogue, read from the `.toml` files beside this one."""

from __future__ import annotations

import string
import tomllib
from functools import cache
from importlib import resources
from typing import cast

from knoll.messages.spoken import Language

_FILES = "knoll.messages"


@cache
def catalogue(package: str) -> dict[str, dict[Language, str]]:
    """All sentences of one package: id → language → text."""
    text = resources.files(_FILES).joinpath(f"{package}.toml").read_text(encoding="utf-8")
    return cast("dict[str, dict[Language, str]]", tomllib.loads(text))


def packages() -> list[str]:
    """The packages that have sentences."""
    return sorted(f.name.removesuffix(".toml") for f in resources.files(_FILES).iterdir() if f.name.endswith(".toml"))


def entry(identifier: str) -> dict[Language, str]:
    """The entry `package.name`: language → text. Raises OSError where files cannot be read, KeyError for no entry."""
    package, _, name = identifier.partition(".")
    return catalogue(package)[name]


@cache
def placeholders(identifier: str) -> frozenset[str]:
    """The names that the entry `package.name` has placeholders for.

    >>> sorted(placeholders("error.memory"))
    ['dtype', 'shape', 'size']
    """
    fields = string.Formatter().parse(entry(identifier)["en"])
    return frozenset(name.partition(".")[0] for _, name, _, _ in fields if name is not None)

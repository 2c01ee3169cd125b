"""Plain data: what JSON can hold of frozen values."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import PurePath
from typing import TypeAlias

import numpy as np

from knoll.document.blocks import Drawing
from knoll.errors import ArgumentTypeError
from knoll.messages import LANGUAGES, Sentence, say

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"


def plain(value: object) -> Plain:
    """The value as lists, dictionaries, texts and numbers.

    A dataclass gives the name of its type and its fields, a sentence its id, its values and its text in both languages,
    a drawing its SVG in both. Arrays become nested lists; an infinity and what is no number become "inf", "-inf" and
    "nan".

    Raises ArgumentTypeError for anything else, and says where it stands.

    >>> import numpy as np
    >>> from knoll.document import Code, plain
    >>> plain((Code("x"), np.float32(0.5), float("inf"), np.dtype("int8")))
    [{'type': 'Code', 'text': 'x'}, 0.5, 'inf', 'int8']
    """
    return _plain(value, "")


def to_json(value: object) -> str:
    """The plain data as JSON, always the same for the same value.

    >>> from knoll.document import to_json
    >>> print(to_json({"b": (1, 2), "a": None}), end="")
    {
      "a": null,
      "b": [
        1,
        2
      ]
    }
    """
    text = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=2)
    # Half of a pair, as in names of files that are no text, is nothing that UTF-8 can hold.
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text) + "\n"


def _plain(value: object, where: str) -> Plain:
    if value is None or isinstance(value, bool | int | str | float | np.generic | Enum):
        return _scalar(value, where)
    if isinstance(value, np.dtype | PurePath):
        return str(value)
    if isinstance(value, np.ndarray):
        return _plain(value.tolist(), where)
    if isinstance(value, Sentence):
        return _sentence(value, where)
    if isinstance(value, Drawing):
        return {"type": type(value).__name__, "svg": {each: value.svg(language=each) for each in LANGUAGES}}
    if is_dataclass(value) and not isinstance(value, type):
        return _record(type(value).__name__, {field.name: getattr(value, field.name) for field in fields(value)}, where)
    if isinstance(value, Mapping):
        return _mapping(value, where)
    if isinstance(value, set | frozenset):
        return sorted((_plain(item, f"{where}{{…}}") for item in value), key=json.dumps)
    if isinstance(value, tuple | list):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    raise _refused(value, where)


def _scalar(value: bool | int | float | str | np.generic | Enum | None, where: str) -> Plain:
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name
    if isinstance(value, np.generic):
        return _plain(value.item(), where)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    return value


def _sentence(value: Sentence, where: str) -> dict[str, Plain]:
    values = {name: _plain(each, f"{where}.{name}") for name, each in value.values}
    return {"id": value.id, "values": values, **{each: value.text(each) for each in LANGUAGES}}


def _record(kind: str, named: dict[str, object], where: str) -> dict[str, Plain]:
    where = where or kind
    if "type" in named:
        raise ArgumentTypeError(say("document.type_field", where=where))
    found = {name: _plain(each, f"{where}.{name}") for name, each in named.items() if not name.startswith("_")}
    return {"type": kind, **found}


def _mapping(value: Mapping[object, object], where: str) -> dict[str, Plain]:
    wrong = next((key for key in value if not isinstance(key, str)), None)
    if wrong is not None:
        raise ArgumentTypeError(say("document.key", where=where or "–", key=wrong))
    return {str(key): _plain(value[key], f"{where}[{key!r}]") for key in sorted(map(str, value))}


def _refused(value: object, where: str) -> ArgumentTypeError:
    kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
    return ArgumentTypeError(say("document.not_plain", kind=kind), where=where or None, expected=say("document.plain"))

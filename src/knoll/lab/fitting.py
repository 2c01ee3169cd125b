"""A sequence whose layers do not fit each other, made to fit: each takes the channels or features that it is given.

Where rows of numbers are wanted, and an image is given, a Flatten is put between.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace

from knoll.analysis.arguments import signature
from knoll.errors import KnollError
from knoll.explain.reading import call_in, kind_of
from knoll.lab.image import Images
from knoll.lab.setting import Setting
from knoll.lab.subject import planned
from knoll.messages import say

MOST_LAYERS = 6
FLATTEN = "nn.Flatten()"  # as advice names it
COUNT = re.compile(r"\b(in_channels|in_features|num_features)=(\d+)\b")


def fitted(setting: Setting, images: Images) -> tuple[str, str] | None:
    """The sequence of a setting with counts that fit, and what was changed, as "3.in_features=1800".

    None where that alone does not make it possible.
    """
    call, changes = call_in(setting.layer), list[str]()
    for _ in range(MOST_LAYERS):
        try:
            planned(replace(setting, layer=ast.unparse(call)), images)
        except KnollError as error:
            change = _fit(call, error)
            if change is None:
                return None
            changes.append(change)
        except (ArithmeticError, TypeError, ValueError, MemoryError):
            return None
        else:
            return (ast.unparse(call), ", ".join(changes)) if changes else None
    return None


def unfit(setting: Setting, images: Images) -> tuple[str, Callable[[str], str]]:
    """The layer of a sequence that an error is about, and the sequence with the layer of a text in its place.

    Where there is none, the sequence itself.
    """
    sequence = call_in(setting.layer)
    try:
        planned(setting, images)
        return setting.layer, str
    except KnollError as error:
        path = (error.where or "").partition(" ")[0]
        layer = layer_at(sequence, path)
    if layer is None:
        return setting.layer, str

    def placed(text: str) -> str:
        other = call_in(setting.layer)
        owner, _, place = path.rpartition(".")
        before = layer_at(other, owner) if owner else other
        if before is not None:
            before.args[int(place)] = call_in(text)
        return ast.unparse(other)

    return ast.unparse(layer), placed


def _fit(sequence: ast.Call, error: KnollError) -> str | None:
    """Give the layer that an error is about the count that the error advises, and tell which."""
    advised, path = COUNT.search(error.advice or ""), (error.where or "").partition(" ")[0]
    layer = layer_at(sequence, path)
    if advised is None or layer is None:
        return None
    if FLATTEN in (error.advice or ""):
        return _flatten(sequence, path)
    name, count = advised[1], ast.Constant(int(advised[2]))
    names = list(signature(kind_of(layer.func)))
    named = next((each for each in layer.keywords if each.arg == name), None)
    if named is not None:
        named.value = count
    elif name in names and names.index(name) < len(layer.args):
        layer.args[names.index(name)] = count
    else:
        return None
    return f"{path}.{advised[0]}"


def _flatten(sequence: ast.Call, path: str) -> str | None:
    """Put a Flatten before the layer at a path, and tell it; the count follows by itself."""
    owner, _, place = path.rpartition(".")
    before = sequence if not owner else layer_at(sequence, owner)
    if before is None:
        return None
    function = ast.unparse(before.func).removesuffix("Sequential") + "Flatten"
    before.args.insert(int(place), ast.parse(f"{function}()", mode="eval").body)
    return say("lab.flatten_before", path=path)


def layer_at(sequence: ast.Call, path: str) -> ast.Call | None:
    """The layer at a path such as "0.2": the third of the first."""
    layer = sequence
    for place in path.split("."):
        if not place.isdecimal() or int(place) >= len(layer.args):
            return None
        inner = layer.args[int(place)]
        if not isinstance(inner, ast.Call):
            return None
        layer = inner
    return layer

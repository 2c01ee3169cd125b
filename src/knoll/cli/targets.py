"""What a command is to look at, and the shapes of its input: each is written alike in all commands."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from knoll.errors import ArgumentError
from knoll.messages import say

if TYPE_CHECKING:
    from knoll.check.target import Target
    from knoll.graph import Shape
    from knoll.nn import Module

_SHAPE = re.compile(r"\s*[\[(]?\s*\d+(\s*[x×*,]\s*\d*)*\s*[\])]?\s*", re.IGNORECASE)


def target_of(text: str) -> Target:
    """The network that a text names: FILE.py:Net, resnet18, or a layer as it is written in a program.

    Raises what `read_target` and `read_layer` raise.
    """
    from knoll.check.target import Target, read_target
    from knoll.explain.reading import read_layer

    return Target(read_layer(text)) if is_written(text) else read_target(text)


def looked_at(text: str) -> Target:
    """As `target_of`, where a name that is none is more likely one of a layer. Raises the same."""
    from knoll.check.target import Target
    from knoll.explain.reading import read_layer
    from knoll.vision.models import list_models

    if ".py" in text or text in list_models():
        return target_of(text)
    try:
        with warnings.catch_warnings(action="ignore"):  # about programs; what is told of the layer says it better
            return Target(read_layer(text))
    except ArgumentError as error:
        near = get_close_matches(text, list_models(), 3)
        if error.advice is None and near:
            error.advice = ", ".join(near)
        raise


def is_written(text: str) -> bool:
    """Whether a text is a layer as it is written in a program, and not the name of a file or of a network."""
    from knoll.explain.reading import KINDS

    return ".py" not in text and ("(" in text or text.strip().rpartition(".")[2] in KINDS)


def is_shape(word: str) -> bool:
    """Whether a word on the command line is the shape of an input.

    >>> [is_shape(word) for word in ("3x32x32", "(3, 32, 32)", "10", "resnet18", "plan")]
    [True, True, True, False, False]
    """
    return _SHAPE.fullmatch(word) is not None


def shapes_of(words: Sequence[str], options: Sequence[str]) -> tuple[Shape, ...]:
    """The shapes among the words, and those of `--input`. Raises ArgumentError."""
    from knoll.graph.shapes import read_shape

    return tuple(map(read_shape, (*words, *options)))


def inputs_of(target: Target, shapes: tuple[Shape, ...], command: str) -> tuple[Shape, ...]:
    """The shapes that were given, else the one that the network is made for. Raises ArgumentError."""
    found = shapes or ((target.shape,) if target.shape else ())
    if not found:
        raise ArgumentError(say("check.no_input"), expected=f"{command} --input {_example(target.module)}")
    return found


def _example(module: Module) -> str:
    """A shape that the first layer takes, whether or not the others do."""
    from knoll.analysis.inputs import input_channels
    from knoll.nn import Linear

    first = next((each for each in module.modules() if not any(True for _ in each.children())), None)
    if isinstance(first, Linear):
        return str(first.in_features)
    return f"{input_channels(module) or 3}x32x32"

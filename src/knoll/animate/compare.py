"""Two layers side by side, at work on the same input."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from knoll.analysis import arguments_of, written
from knoll.analysis.arguments import signature
from knoll.analysis.trace import random_numbers_kept
from knoll.draw import Cell, Element, Frame, Group, Rect, Scene, above, beside
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say, sentence
from knoll.nn import Module
from knoll.nn.layers.lazy import LazyModuleMixin


def paired(
    first: Sequence[Frame], second: Sequence[Frame], names: tuple[str, str], *, is_stacked: bool = False
) -> Iterator[Frame]:
    """The frames of both, step by step, beside or above each other; the shorter one rests on its last.

    A click goes by its own side.
    """
    for number, pair in enumerate(zip_longest(first, second)):
        left, right = (frame or own[-1] for frame, own in zip(pair, (first, second), strict=True))
        scenes = [frame.scene.titled(name) for frame, name in zip((left, right), names, strict=True)]
        other = replace(scenes[1], elements=tuple(map(_renamed, scenes[1].elements)))
        scene = above(scenes[0], other) if is_stacked else _on_top(scenes[0], other)
        told = {"first": left.caption, "second": right.caption, "one": names[0], "other": names[1]}
        both = sentence("animate.both", **told)
        also = left.also if number < len(first) else ()
        if number < len(second):
            also += tuple(map(_second, right.cells))
        yield Frame(scene, both, left.cell if number < len(first) else None, also)


def _on_top(*scenes: Scene) -> Scene:
    """Drawings beside each other, their tops on one line; between them are their margins."""
    height = max(scene.height for scene in scenes)
    return beside(*(replace(scene, height=height) for scene in scenes), gap=0)


def _second(cell: Cell) -> Cell:
    """The cell under the name that it has on the right."""
    return replace(cell, array=f"second {cell.array}")


def _renamed(element: Element) -> Element:
    """The same element, whose cells have the names of the right."""
    if isinstance(element, Group):
        return replace(element, elements=tuple(map(_renamed, element.elements)))
    if isinstance(element, Rect) and element.cell is not None:
        return replace(element, cell=_second(element.cell))
    return element


def differences(first: Module, second: Module) -> tuple[str, str]:
    """The arguments in which two layers of one kind differ, as they are written; else their modes, or the layers."""
    if type(first) is not type(second):
        return written(first), written(second)
    ours, theirs = arguments_of(first), arguments_of(second)
    names = [name for name in ours if repr(ours[name]) != repr(theirs[name])]
    if names:
        return _arguments(ours, names), _arguments(theirs, names)
    modes = ["train()" if layer.training else "eval()" for layer in (first, second)]
    return (modes[0], modes[1]) if modes[0] != modes[1] else (written(first), written(second))


def _arguments(values: Mapping[str, object], names: Sequence[str]) -> str:
    return ", ".join(f"{name}={values[name]!r}" for name in names)


def changed(layer: Module, changes: Mapping[str, object]) -> Module:
    """The same layer with other values of some arguments: parameters of the same shape keep their numbers.

    `training` is one of them. Raises ArgumentError for an argument that the layer does not have, and what its
    constructor raises.
    """
    known = [*signature(type(layer)), "training"]
    if not isinstance(changes, Mapping):
        raise ArgumentTypeError(
            say("animate.no_mapping"), expected="{" + f"{known[0]!r}: …" + "}", got=type(changes).__name__
        )
    for name in changes:
        if name not in known:
            near = difflib.get_close_matches(name, known, 3, 0.5)
            kind = type(layer).__name__
            raise ArgumentError(
                say("animate.no_argument", kind=kind, name=name),
                expected=", ".join(known),
                advice=", ".join(near) or None,
            )
    arguments = {name: value for name, value in changes.items() if name != "training"}
    with random_numbers_kept():
        other = type(layer)(**{**arguments_of(layer), **arguments})
    own = {} if isinstance(layer, LazyModuleMixin) else layer.state_dict()
    for name, tensor in other.state_dict().items():
        if name in own and own[name].shape == tensor.shape:
            tensor.copy_(own[name])
    return other.train(bool(changes.get("training", layer.training)))

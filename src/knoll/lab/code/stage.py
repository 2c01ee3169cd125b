"""The layers of a program one after the other, and the windows, paddings and parameters that they are written with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from knoll import nn
from knoll.analysis import trace
from knoll.errors import KnollError
from knoll.graph import Array, Shape
from knoll.graph.sizes import Pair
from knoll.lab.numbers import DRAWN, bound_of, decimals_of
from knoll.messages import Sentence
from knoll.nn import Module
from knoll.nn.sizes import padding_sides, pair

Sides = tuple[Pair, Pair]
"""What is added above and below, on the left and on the right."""


@dataclass(frozen=True, eq=False)
class Stage:
    """One layer, the shapes of what it takes and gives, and the ending of the names of its parameters."""

    layer: Module
    taken: Shape
    made: Shape
    ending: str = ""

    def name(self, parameter: str) -> str:
        """How a parameter is called in the program."""
        return f"{parameter}{self.ending}"


@dataclass(frozen=True, slots=True)
class Piece:
    """The lines that make y of x by one layer, and what is said of differences."""

    lines: tuple[str, ...]
    notes: tuple[Sentence, ...] = ()


Recipe = Callable[[Stage], Piece | None]
"""How a kind of layer is written in a library; None where these arguments have no counterpart."""


def piece(*lines: str, notes: Sequence[Sentence] = ()) -> Piece:
    """Some lines."""
    return Piece(lines, tuple(notes))


def stages(layer: Module, arrays: Sequence[Array]) -> tuple[Stage, ...]:
    """The layers of a sequence in their order, or the layer itself. Raises what a pass raises."""
    found = trace(layer, *arrays)
    calls = [call for call in found.calls if not isinstance(call.module, nn.Sequential)]
    own = [call for call in calls if call.parent is None or isinstance(found.calls[call.parent].module, nn.Sequential)]
    endings = [""] if len(own) == 1 else [f"_{number}" for number in range(len(own))]
    return tuple(
        Stage(call.module, call.inputs[0].spec.shape, call.outputs[0].spec.shape, ending)
        for call, ending in zip(own, endings, strict=True)
    )


def parameters(stage: Stage) -> Iterator[str]:
    """The lines that draw the parameters of a layer, those that it begins with in the lab."""
    layer = stage.layer
    for each in layer.modules():
        if isinstance(each, DRAWN):
            bound = bound_of(each)
            fan = next(math.prod(p.shape[1:]) for p in each.parameters() if p.ndim > 1)
            for name, parameter in each.named_parameters(recurse=False):
                shape = ", ".join(map(str, parameter.shape))
                yield f"{stage.name(_plain(layer, each, name))} = drawn({fan}, {decimals_of(bound)}, {shape})"


def _plain(layer: Module, part: Module, name: str) -> str:
    """The name of a parameter as a variable."""
    path = next(path for path, each in layer.named_modules() if each is part)
    return f"{name}.{path}".rstrip(".").replace(".", "_")


def drawn_names(stage: Stage) -> dict[str, str]:
    """The drawn parameters by their keys in a state dict, and how they are called in the program."""
    return {
        f"{path}.{name}".lstrip("."): stage.name(_plain(stage.layer, each, name))
        for path, each in stage.layer.named_modules()
        if isinstance(each, DRAWN)
        for name, _ in each.named_parameters(recurse=False)
    }


@dataclass(frozen=True, slots=True)
class Slide:
    """A window that slides over rows and columns; `sides` are what is added around before."""

    kernel: Pair
    stride: Pair
    dilation: Pair
    sides: Sides

    @property
    def spans(self) -> Pair:
        """Rows and columns from the first to the last element of the window."""
        rows, columns = (d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))
        return rows, columns

    @property
    def is_padded(self) -> bool:
        """Whether anything is added around."""
        return self.sides != ((0, 0), (0, 0))


def slide_of(stage: Stage) -> Slide:
    """The window of a convolution or a pooling; what `ceil_mode` adds at the end belongs to the padding."""
    layer = stage.layer
    kernel, stride, dilation = (
        pair(getattr(layer, name, 1), name, "lab") for name in ("kernel_size", "stride", "dilation")
    )
    sides = padding_sides(layer.padding, kernel, stride, dilation)
    found = Slide(kernel, stride, dilation, sides)
    if not isinstance(layer, nn.MaxPool2d | nn.AvgPool2d):
        return found
    last = zip(stage.made[2:], stride, found.spans, stage.taken[2:], sides, strict=True)
    rows, columns = (
        (before, max(after, (count - 1) * step + span - size - before))
        for count, step, span, size, (before, after) in last
    )
    return Slide(kernel, stride, dilation, (rows, columns))


def is_possible(recipe: Recipe | None, stage: Stage) -> Piece | None:
    """The piece of a layer, None where there is none."""
    try:
        return recipe(stage) if recipe else None
    except (KnollError, AttributeError):
        return None

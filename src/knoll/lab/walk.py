"""A walk through a network: what each layer is, what it makes of the picture, and what each of its numbers looks at."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from knoll.analysis import Call, Trace, dependencies, receptive_fields, trace, written
from knoll.analysis.receptive_field import Field, Fields
from knoll.analysis.unchanged import copy_if_lazy
from knoll.check import CheckReport, check
from knoll.draw.pixel_image import Pixels, around_zero, png_of, thinned
from knoll.errors import ArgumentError
from knoll.explain.network import layer_calls, lines_of
from knoll.explain.network_explanation import LayerLine
from knoll.graph import Array, Shape
from knoll.lab.chosen_network import MOST_PARAMETERS, OWN, Chosen, check_pass
from knoll.lab.numbers import check_parameters
from knoll.messages import say
from knoll.nn import Module
from knoll.pillow import Image
from knoll.tensor import Tensor
from knoll.views.activations import outputs_of
from knoll.views.image_input import ImageInput, image_input

STRIP, STRIP_SIDE = 6, 32  # channels of a layer that are shown in its row, and their longest side


@dataclass(frozen=True, eq=False)
class Stop:
    """One layer on the way: its line of the explanation, what it made of the picture, what its numbers look at.

    `numbers` are maps (k, h, w), or one row of numbers (1, 1, k).
    """

    line: LayerLine
    module: Module
    numbers: Array
    fields: Fields | None

    @property
    def is_maps(self) -> bool:
        """Whether its output is an image."""
        return len(self.line.output) == 3

    @cached_property
    def largest(self) -> float:
        """The largest size of a finite number."""
        return float(np.abs(self.numbers[np.isfinite(self.numbers)]).max(initial=0.0))

    def colours(self, plane: Array) -> Pixels:
        """Some of its numbers in colours around zero; all channels have one scale."""
        return around_zero(plane.astype(np.float64), self.largest)

    @cached_property
    def strip(self) -> tuple[bytes, int, int]:
        """The first channels side by side, as a small PNG with its rows and columns; of a row of numbers a block."""
        maps = self.numbers[:STRIP] if self.is_maps else _block(self.numbers)
        edge = ((0, 0), (0, 1), (0, 0))
        planes = [np.pad(self.colours(thinned(plane, STRIP_SIDE)), edge, constant_values=255) for plane in maps]
        pixels = np.ascontiguousarray(np.concatenate(planes, axis=1)[:, :-1])
        return png_of(pixels), pixels.shape[0], pixels.shape[1]

    @property
    def dead(self) -> int:
        """How many channels are zero everywhere."""
        return int((~self.numbers.any(axis=(1, 2))).sum()) if self.is_maps else 0


@dataclass(frozen=True, eq=False)
class Walk:
    """A network with one picture, layer by layer."""

    chosen: Chosen
    given: ImageInput
    trace: Trace
    calls: tuple[Call, ...]
    stops: tuple[Stop, ...]

    @cached_property
    def report(self) -> CheckReport:
        """What the check finds in the network."""
        return check(self.chosen.module, self.shape)

    @property
    def shape(self) -> Shape:
        """The shape (c, h, w) of the picture as the network gets it."""
        return tuple(map(int, self.given.planes.shape))


def walk(chosen: Chosen, pixels: Array, size: int) -> Walk:
    """The way of a picture (rows, columns, 3), in bytes, through a network.

    The network gets it in the size that it is made for, else in `size` rows and columns. Raises ArgumentError where
    that is too much, and what the network raises.
    """
    module = copy_if_lazy(chosen.module)
    side = None if chosen.input_shape else (size, size)
    given = image_input(Image.fromarray(pixels), module, side)
    check_pass(module, given.array.shape)
    if chosen.text != OWN:
        check_parameters(module, MOST_PARAMETERS)  # also of layers whose sizes were open
    found = trace(module, given.array)
    if not layer_calls(found):
        raise ArgumentError(say("lab_network.no_layers"))
    fields = receptive_fields(found)
    calls, lines = layer_calls(found), lines_of(found, fields)
    outputs = outputs_of(module, calls, Tensor._over(given.array))
    stops = (
        Stop(line, call.module, _maps(numbers), fields.get(call.outputs[0]))
        for (call, numbers), line in zip(outputs, lines, strict=True)
    )
    return Walk(replace(chosen, module=module), given, found, calls, tuple(stops))


def _maps(numbers: Array) -> Array:
    return np.asarray(numbers if numbers.ndim == 3 else numbers.reshape(1, 1, -1), np.float32)


def _block(numbers: Array) -> Array:
    """A row of numbers in a block of at most 32 a line."""
    row = numbers.reshape(-1)
    wide = min(row.size, STRIP_SIDE)
    return np.pad(row, (0, -row.size % wide)).reshape(1, -1, wide)


@dataclass(frozen=True, eq=False)
class Seen:
    """The pixels (h, w) of the picture that a number depends on, and how far its window reaches into the padding."""

    pixels: Array
    rows_outside: int
    columns_outside: int

    @property
    def count(self) -> int:
        """How many pixels."""
        return int(self.pixels.sum())

    @property
    def rows(self) -> tuple[int, int]:
        """The first and the last row of them."""
        return _ends(np.asarray(self.pixels.any(axis=1)))

    @property
    def columns(self) -> tuple[int, int]:
        """The first and the last column of them."""
        return _ends(np.asarray(self.pixels.any(axis=0)))


def _ends(line: Array) -> tuple[int, int]:
    places = np.flatnonzero(line)
    return (int(places[0]), int(places[-1])) if places.size else (0, -1)


def seen(way: Walk, at: int, place: tuple[int, int, int]) -> Seen:
    """What the number at a place (channel, row, column) of a layer depends on; `place` is (0, 0, number) in a row."""
    stop, value = way.stops[at], way.calls[at].outputs[0]
    index = place if stop.is_maps else tuple(map(int, np.unravel_index(place[2], value.spec.shape[1:])))
    mask = dependencies(way.trace, value, (0, *index))[0].any(axis=0)
    if stop.fields is None or not stop.is_maps or stop.fields[0].is_whole:
        return Seen(mask, 0, 0)
    _, h, w = way.shape
    return Seen(mask, *(_outside(f, i, n) for f, i, n in zip(stop.fields, place[1:], (h, w), strict=True)))


def _outside(field: Field, place: int, size: int) -> int:
    """How many rows, or columns, of the window of a number lie beyond the edges of a picture of this size."""
    start = field.start + place * field.stride
    first, last = math.floor(start), math.ceil(start + field.extent) - 1
    return max(-first, 0) + max(last - size + 1, 0)


def kind(stop: Stop) -> str:
    """The layer as one would type it, without `nn.`."""
    return written(stop.module)

"""Receptive fields: how many pixels of the input a number inside a network looks at, and how far it is to the next.

The closed form, layer by layer from the input on, along rows and along columns:

    size   ← size + (k − 1) · stride        k: how much the layer's window spans, (kernel − 1) · dilation + 1
    start  ← start − padding · stride
    stride ← stride · s                     s: the layer's own stride; 1 / s for a transposed convolution

Where two ways meet (a shortcut, a concatenation), the field is the stretch that covers both. Padding counts as pixels,
also where it copies others from further away (reflect, circular).
Source: Araujo et al., Computing receptive fields of convolutional neural networks, 2019,
https://distill.pub/2019/computing-receptive-fields/
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from knoll.analysis.trace import Trace
from knoll.graph import SAME, Node, Places, Read, Reads, Shape, Value
from knoll.graph.node import topological
from knoll.graph.reads import Transposed, Whole
from knoll.graph.windows import Reach, Window
from knoll.ops.shapes.reshape import reshape

MOST = 1 << 26  # elements of which each is followed through a change of shape; behind one of more there are no fields


@dataclass(frozen=True, slots=True)
class Field:
    """The receptive field of the numbers along one axis of a value, in pixels of the input.

    Number j looks at pixels from start + j · stride on, `size` of them; those before the first and after the last pixel
    are padding. `stride` (also called effective stride, or jump) is a fraction where images were enlarged. `is_whole`
    says that every number looks at the whole image: after a Linear, or pooling to one pixel.
    """

    extent: Fraction = Fraction(1)
    stride: Fraction = Fraction(1)
    start: Fraction = Fraction(0)
    is_whole: bool = False

    @property
    def size(self) -> int:
        """How many pixels, at most."""
        return math.floor(self.extent)

    @property
    def centre(self) -> Fraction:
        """Where the middle of the field of the first number lies; 0 is the middle of the first pixel."""
        return self.start + (self.extent - 1) / 2

    def after(self, reach: Reach) -> Field:
        """The field of what looks at these numbers."""
        unit = self.stride / reach.per
        extent = self.extent + (reach.extent - reach.per) * unit
        return replace(self, extent=extent, stride=reach.stride * unit, start=self.start + reach.start * unit)

    def joined(self, other: Field, count: int) -> Field:
        """The narrowest field that covers this one and another, for so many numbers."""
        drift = (other.stride - self.stride) * max(count - 1, 0)  # nothing, where both ways have the same strides
        starts = (self.start, other.start, other.start + drift)
        stops = (self.start + self.extent, *(start + other.extent for start in starts[1:]))
        start = min(starts)
        return Field(max(stops) - start, self.stride, start, self.is_whole or other.is_whole)

    def __str__(self) -> str:
        return f"{self.size} (stride {self.stride}, start {self.start})"


@dataclass(frozen=True, slots=True)
class _Joined:
    """An axis of `size` that was joined with others to the `axis` of a value, and the field that it had.

    `first` and `behind` are how many elements there were before it, and for each of its own: a change of shape that has
    such an axis again splits what was joined.
    """

    field: Field
    first: int
    size: int
    behind: int
    axis: int

    def split(self, shape: Shape) -> int | None:
        """The axis of a shape that it is again."""
        own = (self.first, self.size, self.behind)
        ways = ((math.prod(shape[:i]), shape[i], math.prod(shape[i + 1 :])) for i in range(len(shape)))
        return next((i for i, way in enumerate(ways) if way == own), None)


@dataclass(frozen=True, slots=True)
class _Track:
    """Along which axis of a value the numbers of a field lie; None: they are mixed with others, as by Flatten.

    `joined` is the axis that it was, as long as nothing has looked further along the axis that it became a part of.
    """

    axis: int | None
    field: Field
    joined: _Joined | None = None


Fields = tuple[Field, Field]


def receptive_fields(trace: Trace, source: Value | None = None) -> dict[Value, Fields]:
    """The receptive field (along rows, along columns) of every value that depends on an input of images (…, h, w).

    `source` is the first input unless given. Values of a trace are the outputs of its calls.

    >>> from knoll.analysis import receptive_fields, trace
    >>> from knoll.vision.models import practice
    >>> found = trace(practice(), (3, 32, 32))
    >>> fields = receptive_fields(found)
    >>> [fields[call.outputs[0]][0].size for call in found.layers[:6]]
    [5, 6, 14, 16, 32, 36]
    """
    image = trace.inputs[0] if source is None else source
    if image.spec.rank < 3:
        return {}
    rank = image.spec.rank
    tracks = {image: (_Track(rank - 2, Field()), _Track(rank - 1, Field()))}
    for node in topological(value for call in trace.calls for value in call.outputs):
        for number, value in enumerate(node.outputs):
            both = tuple(
                _joined_tracks(node, number, [tracks.get(operand) for operand in node.inputs], way) for way in (0, 1)
            )
            rows, columns = both
            if rows is not None and columns is not None:
                tracks[value] = (rows, columns)
    height, width = image.spec.shape[-2:]
    return {
        value: (_within_image(rows.field, height), _within_image(columns.field, width))
        for value, (rows, columns) in tracks.items()
    }


def _within_image(field: Field, size: int) -> Field:
    """A field that is the whole image, or reaches beyond it into padding, as the pixels of the image."""
    return replace(field, extent=Fraction(size), start=Fraction(0)) if field.is_whole else field


def _joined_tracks(node: Node, result: int, tracks: list[tuple[_Track, _Track] | None], way: int) -> _Track | None:
    """Where the fields of all operands meet in a result."""
    met: _Track | None = None
    for track in _passed(node, result, tracks, way):
        if met is None:
            met = track
        else:
            axis = met.axis if met.axis == track.axis else None
            count = node.specs[result].shape[axis] if axis is not None else 1
            met = met if met == track else _Track(axis, met.field.joined(track.field, count))
    return met


def _passed(node: Node, result: int, tracks: list[tuple[_Track, _Track] | None], way: int) -> Iterator[_Track]:
    if node.op is reshape and node.specs[result].size > MOST:
        return
    for operand, both, reads in zip(node.inputs, tracks, node.reads(result), strict=True):
        if both is not None:
            yield _through(both[way], reads, operand.spec.shape, node.specs[result].shape)


def _through(track: _Track, reads: Reads, before: Shape, after: Shape) -> _Track:
    """The field of a result, by the way it reads one operand."""
    if isinstance(reads, Places):
        return _moved(track, reads, before, after)
    joined = _still_joined(track, reads, before, after)
    if track.axis is None:
        every = any(isinstance(read.slide, Whole) and size > 1 for read, size in zip(reads, before, strict=True))
        return _Track(None, replace(track.field, is_whole=track.field.is_whole or every), joined)
    read, size = reads[track.axis], before[track.axis]
    field = track.field.after(read.slide.reach(size))
    if read.axis is None:
        whole = isinstance(read.slide, Whole) and size > 1
        field = replace(field, stride=track.field.stride, is_whole=field.is_whole or whole)
    elif after[read.axis] == 1 and _sees_all(read, size):
        field = replace(field, is_whole=True)
    return _Track(read.axis, field, joined)


def _still_joined(track: _Track, reads: tuple[Read, ...], before: Shape, after: Shape) -> _Joined | None:
    """The joined axis behind an operation that leaves all axes and reads one element of it for each result."""
    joined = track.joined
    stays = before == after and all(read.axis in (None, axis) for axis, read in enumerate(reads))
    if joined is None or not stays or reads[joined.axis].axis is None:
        return None
    return joined if reads[joined.axis].slide.reach(1) == SAME.reach(1) else None


def _sees_all(read: Read, size: int) -> bool:
    """Whether a single result sees every element: pooling to one pixel."""
    return size > 1 and bool(np.array_equal(read.slide.seen(size)[0], np.arange(size)))


def _moved(track: _Track, places: Places, before: Shape, after: Shape) -> _Track:
    """The field where an axis went to when elements kept their order and axes were joined or split."""
    axis = track.axis
    if not np.array_equal(places.of.ravel(), np.arange(math.prod(before))):
        return _Track(None, track.field)
    if track.joined is not None and (split := track.joined.split(after)) is not None:
        return _Track(split, track.joined.field)
    if axis is None:
        return _Track(None, track.field)
    first, behind = math.prod(before[:axis]), math.prod(before[axis + 1 :])
    new = next((i for i in range(len(after)) if math.prod(after[:i]) == first and after[i] > 1), None)
    joined = _Joined(track.field, first, before[axis], behind, 0)
    if new is None or before[axis] == 1:
        kept = axis if before[axis:] == after[axis:] else None
        into = next((i for i in range(len(after)) if math.prod(after[: i + 1]) > first), None)
        return _Track(kept, track.field, None if kept is not None or into is None else replace(joined, axis=into))
    found = _split_or_joined(track, new, before[axis], after[new], behind, math.prod(after[new + 1 :]))
    return replace(found, joined=replace(joined, axis=new)) if after[new] > before[axis] else found


def _split_or_joined(track: _Track, new: int, size: int, count: int, behind: int, left: int) -> _Track:
    """An axis of `size` that became the outer one of several, or was joined with those behind it."""
    if count == size and left == behind:
        return _Track(new, track.field)
    if size % count == 0:  # split: pixel unshuffle
        inner = size // count
        return _Track(new, track.field.after(Window(inner, inner).reach(size)))
    if count % size == 0:  # joined with what stands behind it: pixel shuffle
        inner = count // size
        return _Track(new, track.field.after(Transposed(Window(inner, inner), count).reach(size)))
    return _Track(None, track.field)

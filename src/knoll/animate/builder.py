"""From a layer and its input to an animation."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from knoll import nn
from knoll.analysis import Cells, written
from knoll.analysis.layers import is_layer, layers_in
from knoll.analysis.made_up import numbers_for
from knoll.analysis.trace import check_channels
from knoll.animate import (
    attention,
    conv_transpose,
    elements,
    lookup,
    loss,
    network,
    sequences,
    transformer,
    unpool,
    windows,
)
from knoll.animate import backward as gradients
from knoll.animate.compare import changed, differences, paired
from knoll.animate.crop import Crop, readable
from knoll.animate.given import fitting
from knoll.animate.layout import Draft, laid_out
from knoll.animate.runs import cells_of
from knoll.animate.sheets import NARROW, ROOM
from knoll.draw import Animation, Frame
from knoll.draw.scene import MARGIN
from knoll.draw.text import Words
from knoll.errors import ArgumentError, ArgumentTypeError, KnollError, ShapeError
from knoll.graph import Array
from knoll.graph.shapes import shape_text
from knoll.messages import Sentence, say, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.nn.layers.lazy import LazyModuleMixin
from knoll.nn.layers.loss import Loss

TITLED = 7  # layers of a network that its title names

Frames = Callable[[Cells, Crop | None], Iterator[Draft]]

VIEWS: dict[type[Module], Frames] = {
    nn.Conv2d: windows.frames,
    nn.MaxPool2d: windows.frames,
    nn.AvgPool2d: windows.frames,
    nn.AdaptiveMaxPool2d: windows.frames,
    nn.AdaptiveAvgPool2d: windows.frames,
    nn.ConvTranspose2d: conv_transpose.frames,
    nn.Conv1d: sequences.frames,
    nn.MaxPool1d: sequences.frames,
    nn.AvgPool1d: sequences.frames,
    nn.AdaptiveMaxPool1d: sequences.frames,
    nn.AdaptiveAvgPool1d: sequences.frames,
    nn.ConvTranspose1d: conv_transpose.frames,
    nn.MaxUnpool1d: unpool.frames,
    nn.MaxUnpool2d: unpool.frames,
    nn.Embedding: lookup.frames,
    nn.MultiheadAttention: attention.frames,
    nn.TransformerEncoderLayer: transformer.frames,
    nn.TransformerDecoderLayer: transformer.frames,
    Loss: loss.frames,
}
"""The layers whose frames show more than the numbers that each number is made of."""
WITHOUT_DROPOUT = (network.frames, transformer.frames)
"""What is shown in evaluation: in training numbers would be missing on the way."""


def animate(
    layer: Module,
    *inputs: Input,
    backward: bool = False,
    dy: Array | None = None,
    compare: Mapping[str, object] | None = None,
    head: int | None = None,
) -> Animation:
    """A layer at work on these numbers: its window walks over the input, and the output fills number by number.

    For a shape in place of numbers, small numbers that suit the layer are used: one sample of this shape, several where
    one has no statistics, or a batch where the layer takes no such sample. Of an image too large to read, the part
    that varies most is shown, which the title says.

    Args:
        layer: the layer, or a network, whose receptive field is then followed back to the input.
        inputs: what it is given, its example unless given; a target or indices that are left out are made up.
        backward: show where the gradient goes, instead of how the output comes about.
        dy: the gradient of the output that goes back; small whole numbers by default.
        compare: other values of some arguments: the layer that has them is shown beside this one.
        head: the one head of an attention that is shown; unless given the mean of all, and the first of them.

    Raises ArgumentError, and what the layer raises for inputs that do not fit.

    >>> import numpy as np
    >>> from knoll import nn
    >>> from knoll.animate import animate
    >>> len(animate(nn.MaxPool2d(2), np.arange(16.0).reshape(1, 1, 4, 4)).frames)
    4
    """
    attention.check_head(layer, head)
    if compare is not None:
        return compare_layers(layer, changed(layer, compare), *inputs, backward=backward, dy=dy)
    try:
        (cells,), crop = _runs([layer], inputs)
    except ShapeError:
        check_channels(layer, inputs)
        raise
    title = _with_part(_title(layer), cells, crop, backward, _grouping(cells))
    drafts = _drafts(cells, crop, backward, dy, head)
    return Animation(tuple(laid_out(drafts, ROOM)), title, narrow=tuple(laid_out(drafts, NARROW)))


def compare_layers(
    first: Module, second: Module, *inputs: Input, backward: bool = False, dy: Array | None = None
) -> Animation:
    """Two layers at work on the same input, side by side, with what differs named.

    The one that is done sooner rests on its last frame. Raises what the layers raise for inputs that do not fit.

    >>> from knoll import nn
    >>> from knoll.animate import compare
    >>> len(compare(nn.AvgPool2d(2), nn.MaxPool2d(2), (1, 6, 4)).frames)
    6
    """
    runs, crop = _runs([first, second], inputs)
    names = differences(first, second)
    both = [_drafts(cells, crop, backward, dy) for cells in runs]
    wide, narrow = (_side_by_side(both, names, *room) for room in ((ROOM, MARGIN), (NARROW, MARGIN / 2)))
    kind = type(first).__name__ if type(first) is type(second) else ""
    title = sentence("animate.compared", kind=kind, first=names[0], second=names[1])
    return Animation(wide, _with_part(title, runs[0], crop, backward), narrow=narrow)


def _runs(layers: Sequence[Module], inputs: Sequence[Input]) -> tuple[list[Cells], Crop | None]:
    """The runs that are shown, and the part of the input; shapes are those of samples if all take them, else batches.

    Raises what the layers raise for the samples where they take neither.
    """
    given, errors = inputs or fitting(layers[0]), list[KnollError]()
    has_shapes = any(isinstance(each, tuple | list) and len(each) < 4 for each in given)
    for is_batch in (False, True) if has_shapes else (False,):
        try:
            arrays, crop = readable(layers, numbers_for(layers[0], given, is_batch=is_batch))
            return [_run(layer, arrays) for layer in layers], crop
        except KnollError as error:
            errors.append(error)
    raise errors[0]


def _run(layer: Module, arrays: Sequence[Array]) -> Cells:
    """The run that is shown; a lazy layer stays lazy, a copy of it meets the input. Raises ArgumentError."""
    own = copy.deepcopy(layer) if isinstance(layer, LazyModuleMixin) else layer
    cells = cells_of(own, *arrays, training=False if view_of(own) in WITHOUT_DROPOUT else None)
    if not cells.result.size:
        raise ArgumentError(say("animate.nothing"), got=shape_text(cells.result.shape))
    return cells


def _grouping(cells: Cells) -> list[Sentence]:
    """What the groups of a convolution connect, where it has several."""
    layer = cells.layer
    if not isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Conv1d | nn.ConvTranspose1d) or layer.groups == 1:
        return []
    if layer.groups == layer.in_channels:
        return [sentence("animate.depthwise")]
    own = layer.in_channels // layer.groups
    return [sentence("animate.grouped", groups=layer.groups, own=own, total=layer.in_channels)]


def _with_part(
    title: Words, cells: Cells, crop: Crop | None, backward: bool, grouping: Sequence[Sentence] = ()
) -> Words:
    """A title with the way that is shown, and the part of the image where it is the same in all frames."""
    part = [*grouping, *([sentence("animate.backward")] if backward else [])]
    same = cells.output.spec.rank == 4 and view_of(cells.layer) is not network.frames
    if crop is not None and (same or backward or isinstance(cells.layer, Loss)):
        part.append(crop.words)
    return sentence("animate.title", layer=title, part=part) if part else title


def _side_by_side(
    both: Sequence[Sequence[Draft]], names: tuple[str, str], room: float, margin: float
) -> tuple[Frame, ...]:
    """The frames of two runs in a room, with a margin around each; if one goes on below, the other does, too.

    Where both do not fit beside each other, the second stands below the first.
    """
    half = room / 2 + MARGIN - 2 * margin
    sides = [[*laid_out(drafts, half, margin)] for drafts in both]
    for own, other in ((0, 1), (1, 0)):
        (w, h), (width, height) = sides[own][0].scene.size, sides[other][0].scene.size
        if w > width and h < height:
            sides[own] = [*laid_out(both[own], width - 2 * margin, margin)]
    is_stacked = sides[0][0].scene.width + sides[1][0].scene.width > room + 2 * MARGIN
    if is_stacked:
        sides = [[*laid_out(drafts, room + 2 * (MARGIN - margin), margin)] for drafts in both]
    return tuple(paired(sides[0], sides[1], names, is_stacked=is_stacked))


def _drafts(cells: Cells, crop: Crop | None, backward: bool, dy: Array | None, head: int | None = None) -> list[Draft]:
    """The frames of one run, before they are laid out."""
    if head is not None and not backward:
        return [*of_head(cells, head)]
    return [*(gradients.frames(cells, _gradient(cells, dy), crop) if backward else view_of(cells.layer)(cells, crop))]


def of_head(cells: Cells, head: int) -> Iterator[Draft]:
    """The frames of an attention, or of a layer that has one, with one head alone. Raises as `check_head`."""
    attention.check_head(cells.layer, head)
    of_heads = attention if isinstance(cells.layer, nn.MultiheadAttention) else transformer
    yield from of_heads.frames(cells, head=head)


def _gradient(cells: Cells, dy: Array | None) -> Array:
    """The gradient that goes back: small whole numbers, of a single number 1. Raises ArgumentError."""
    shape = cells.output.spec.shape
    if dy is not None:
        try:
            given = np.asarray(dy, np.float32)
        except (TypeError, ValueError):
            raise ArgumentTypeError(
                say("animate.dy_shape"), expected=shape_text(shape), got=type(dy).__name__
            ) from None
        if given.shape != shape:
            raise ArgumentError(say("animate.dy_shape"), expected=shape_text(shape), got=shape_text(given.shape))
        return given
    if not shape:
        return np.ones((), np.float32)
    return np.random.default_rng(5).integers(1, 5, shape).astype(np.float32)


def _title(layer: Module) -> str:
    """The layer as it is written; of a network the kinds of its first layers."""
    if isinstance(layer, tuple(VIEWS)) or is_layer(layer):
        return written(layer)
    children = [type(each).__name__ for _, each in layers_in(layer)]
    shown = children if len(children) <= TITLED else [*children[: TITLED - 1], "…"]
    return f"{type(layer).__name__}: {' → '.join(shown)}"


def view_of(layer: Module) -> Frames:
    """How a layer is shown, by its class or the nearest class that it is derived from."""
    if not isinstance(layer, tuple(VIEWS)) and any(layer.children()):
        return network.frames
    return next((VIEWS[kind] for kind in type(layer).__mro__ if kind in VIEWS), elements.frames)

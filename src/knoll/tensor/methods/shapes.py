"""Methods that lay out the same elements in another shape or order."""

from __future__ import annotations

from typing import Final

from knoll.tensor.base import TensorBase
from knoll.tensor.methods.method import method
from knoll.tensor.shapes import expansion, rearrange, repetition, shaping


class ShapeMethods(TensorBase):
    """Shapes, orders of axes and of elements, and repetitions."""

    __slots__ = ()

    # Shapes

    reshape: Final = method(shaping.reshape)
    reshape_as: Final = method(shaping.reshape_as)
    view: Final = method(shaping.view)
    view_as: Final = method(shaping.view_as)
    flatten: Final = method(shaping.flatten)
    unflatten: Final = method(shaping.unflatten)
    ravel: Final = method(rearrange.ravel)
    squeeze: Final = method(shaping.squeeze)
    unsqueeze: Final = method(shaping.unsqueeze)
    expand: Final = method(expansion.expand)
    expand_as: Final = method(expansion.expand_as)
    broadcast_to: Final = method(repetition.broadcast_to)

    # Order

    permute: Final = method(shaping.permute)
    movedim: Final = method(rearrange.movedim)
    moveaxis: Final = movedim
    transpose: Final = method(shaping.transpose)
    swapaxes: Final = transpose
    swapdims: Final = transpose
    t: Final = method(shaping.matrix_transposed)
    flip: Final = method(rearrange.flip)
    fliplr: Final = method(rearrange.fliplr)
    flipud: Final = method(rearrange.flipud)
    roll: Final = method(rearrange.roll)
    rot90: Final = method(rearrange.rot90)

    # Repetitions

    repeat: Final = method(repetition.repeat)
    tile: Final = method(repetition.tile)
    repeat_interleave: Final = method(repetition.repeat_interleave)

"""What happens to sums while they are still in registers: pooling, then formulas, perhaps of more operands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knoll.kernels.corner import Corner, Spot
from knoll.kernels.layout import Images
from knoll.kernels.term import Terms, named, worked_out
from knoll.llvm.builder import Kernel, Number, Pointer


@dataclass(frozen=True)
class Epilogue:
    """Terms of a sum, which is value 0, and of operands, which are values 1 and on.

    An operand is read at the same pixel of images that lie as it says or, where it is None, has one number for each
    channel.
    """

    terms: Terms = ()
    operands: tuple[Images | None, ...] = ()

    def title(self, bias: bool, pools: bool = False) -> str:
        """All that is fused behind a sum, as part of a kernel's title."""
        return ("_bias" if bias else "") + ("_pool" if pools else "") + (f"_{named(self.terms)}" if self.terms else "")

    def corners(self, k: Kernel, pointers: Sequence[Pointer], spot: Spot) -> list[Corner]:
        """Where each operand has the vectors of a tile; their addresses come first among `pointers`."""
        return [
            spot.of_channels(k, pointer) if images is None else spot.of_images(pointer, images, k.bytes)
            for pointer, images in zip(pointers, self.operands, strict=False)
        ]

    def of(self, k: Kernel, value: Number, places: Sequence[Pointer], lanes: int | None = None) -> Number:
        """What becomes of one vector of sums; its operands lie at `places`, and have perhaps only some `lanes`."""
        return worked_out(k, self.terms, [value, *(k.load_lanes(place, lanes or k.lanes) for place in places)])


AS_IT_IS = Epilogue()


def largest(k: Kernel, window: list[Number], codes: bool) -> tuple[Number, Number | None]:
    """The largest of some vectors, lane by lane, and which it was: the first of equals, the last NaN."""
    best = window[0]
    small = f"<{k.lanes} x i8>"
    code = Number(k, small, "zeroinitializer") if codes else None
    for place, value in enumerate(window[1:], start=1):
        take = value.compare("ogt", best) | value.compare("uno", value)
        best = take.select(value, best)
        if code is not None:
            lanes = ", ".join(f"i8 {place}" for _ in range(k.lanes))
            code = take.select(Number(k, small, f"<{lanes}>"), code)
    return best, code

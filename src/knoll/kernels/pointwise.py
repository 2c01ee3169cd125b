"""Operations that look at one element at a time, over whole vectors.

Each formula is the twin of an operation's meaning; both carry the operation's name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from knoll.kernels.epilogue import rectified
from knoll.kernels.kernel import KernelSpec
from knoll.kernels.layout import Images
from knoll.kernels.mathematics import exp, log, magnitude, sigmoid, tanh
from knoll.llvm.builder import Kernel, Number


def _sign(k: Kernel, x: Number) -> Number:
    below = x.compare("olt", k.zero()).select(k.constant(-1.0), k.zero())
    return x.compare("ogt", k.zero()).select(k.constant(1.0), below)


def _relu_dx(k: Kernel, dy: Number, y: Number) -> Number:
    return y.compare("ogt", k.zero()).select(dy, k.zero())


def _sigmoid_dx(k: Kernel, dy: Number, y: Number) -> Number:
    return dy * y * (k.constant(1.0) - y)


def _tanh_dx(k: Kernel, dy: Number, y: Number) -> Number:
    return dy * (k.constant(1.0) - y * y)


FORMULAS: dict[str, Callable[..., Number]] = {
    "add": lambda k, a, b: a + b,
    "subtract": lambda k, a, b: a - b,
    "multiply": lambda k, a, b: a * b,
    "divide": lambda k, a, b: a / b,
    "negative": lambda k, x: Number(k, k.vector, k.emit(f"fneg {k.vector} {x.name}")),
    "absolute": magnitude,
    "square": lambda k, x: x * x,
    "sign": _sign,
    "exp": exp,
    "log": log,
    "relu": rectified,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu_dx": _relu_dx,
    "sigmoid_dx": _sigmoid_dx,
    "tanh_dx": _tanh_dx,
}


@dataclass(frozen=True)
class Pointwise(KernelSpec):
    """One formula over arrays that lie in blocks of the same width, perhaps with different halos."""

    formula: str
    sources: tuple[Images, ...]
    target: Images

    @property
    def title(self) -> str:
        """The formula and the images."""
        return f"{self.formula}_{self.target.c}x{self.target.h}x{self.target.w}"

    @property
    def pointers(self) -> int:
        """The sources and the result."""
        return len(self.sources) + 1

    @property
    def parts(self) -> int:
        """Blocks times rows."""
        return self.target.blocks * self.target.h

    def emit(self, k: Kernel) -> None:
        """Samples, rows, vectors of a row."""
        b, target = k.bytes, self.target
        length = target.w * target.block
        whole = length - length % k.lanes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            block, i = part // target.h, part % target.h
            lines = [
                pointer
                + n * (images.size * b)
                + block * (images.plane * b)
                + i * (images.row * b)
                + images.at(0, 0) * b
                for pointer, images in zip(k.pointers, (*self.sources, target), strict=True)
            ]
            if whole:
                with k.loop(0, whole, k.lanes, name="j") as j:
                    values = [k.load(line + j * b) for line in lines[:-1]]
                    k.store(FORMULAS[self.formula](k, *values), lines[-1] + j * b)
            if length % k.lanes:
                values = [k.load_lanes(line + whole * b, length % k.lanes) for line in lines[:-1]]
                k.store_lanes(FORMULAS[self.formula](k, *values), lines[-1] + whole * b, length % k.lanes)

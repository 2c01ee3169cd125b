"""The roofline picture: single layers of `benchmarks.md` below what one core can do at most."""

from __future__ import annotations

import re
from dataclasses import dataclass

from speed import medians

from knoll.draw import Scene, roofline
from knoll.draw.roofline import Measured
from knoll.draw.scene import noted
from knoll.messages import sentence

LAYERS = "Single layers, threads: 1; milliseconds, medians"
CORE = "One core"
FLOAT = 4  # bytes
CHOSEN = (
    "conv 3→64 7×7 /2 at 224", "conv 64→64 3×3 at 56", "conv 512→512 3×3 at 7", "conv 256→64 1×1 at 56",
    "conv 96→24 1×1 at 56", "conv 144→144 3×3 depthwise at 56", "conv 672→672 5×5 depthwise at 14",
    "linear 4096→1000", "linear 25088→4096",
)  # fmt: skip

_CONVOLUTION = re.compile(
    r"conv (?P<c>\d+)→(?P<k>\d+) (?P<r>\d+)×\d+(?: /(?P<stride>\d+))?(?P<each> depthwise)? at (?P<size>\d+)"
)
_LINEAR = re.compile(r"linear (?P<c>\d+)→(?P<k>\d+)(?:, n=(?P<n>\d+))?")


@dataclass(frozen=True)
class Work:
    """What a layer does at least: floating-point operations of the plain sum, and bytes of its arrays, each once."""

    flops: float
    bytes: float

    @classmethod
    def of(cls, name: str) -> Work:
        """The work of a layer with one of the names in the tables.

        >>> Work.of("linear 4096→1000").flops
        8192000
        """
        convolution, linear = _CONVOLUTION.fullmatch(name), _LINEAR.fullmatch(name)
        if convolution is not None:
            c, k, r, size = (int(convolution[part]) for part in ("c", "k", "r", "size"))
            out = -(-size // int(convolution["stride"] or 1))
            weights = k * (1 if convolution["each"] else c) * r * r
            return cls(2 * weights * out * out, FLOAT * (c * size * size + weights + k * out * out))
        assert linear is not None, name
        c, k, n = int(linear["c"]), int(linear["k"]), int(linear["n"] or 1)
        return cls(2 * n * c * k, FLOAT * (n * c + c * k + n * k))


def roofline_picture() -> Scene:
    """The chosen layers, numbered, below the peak and the memory bandwidth of one core."""
    times, core = medians(LAYERS), medians(CORE)
    peak, bandwidth = core.values()
    points, told = [], []
    for number, name in enumerate(CHOSEN, 1):
        work, milliseconds = Work.of(name), times[name]
        speed = 1e-6 * work.flops / milliseconds
        points.append(Measured(str(number), work.flops / work.bytes, speed))
        told.append(sentence("site.rated", number=number, name=name, milliseconds=milliseconds, speed=round(speed)))
    drawn = roofline(points, peak=peak, bandwidth=bandwidth)
    for words in (*told, sentence("views.below_roof"), sentence("views.above_roof")):
        drawn = noted(drawn, words)
    return drawn

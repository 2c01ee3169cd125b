"""How far float32 convolution is from float64, directly and by Winograd's way: the table of docs/accuracy.md.

python -m benchmarks.rounding
"""

from __future__ import annotations

import os
from math import prod
from typing import Any

import numpy as np

from knoll.graph import Graph, Spec, Value
from knoll.graph.sizes import Pair
from knoll.machine import host
from knoll.ops.convolution.conv import conv2d, meaning
from knoll.plan.lower import lower
from knoll.run.compiled import CompiledProgram

# Windows, strides and channels
CASES = [((r, r), 1, channels) for r in (3, 5) for channels in (32, 64, 256)]
CASES += [((2, 2), 1, 64), ((4, 4), 1, 64), ((1, 3), 1, 64), ((1, 7), 1, 64)]
CASES += [((r, r), 2, 64) for r in (3, 4, 5, 7)]


def errors(channels: int, size: int, window: Pair, stride: int, winograd: bool) -> tuple[float, float]:
    """Relative error in the mean square, and the largest error over the largest output."""
    os.environ["KNOLL_WINOGRAD"] = "on" if winograd else "off"
    float32, padding = np.dtype(np.float32), tuple((taps // 2, taps // 2) for taps in window)
    slide: dict[str, Any] = {"stride": (stride, stride), "padding": padding, "dilation": (1, 1), "groups": 1}
    x = Value(Spec((2, channels, size * stride, size * stride), float32))
    w = Value(Spec((channels, channels, *window), float32))
    graph = Graph((x, w), (conv2d(x, w, **slide),))
    program = CompiledProgram(graph, lower(graph, frozenset({x, *graph.outputs}), host()), 1)
    generator = np.random.default_rng(0)
    images = np.maximum(generator.standard_normal(x.spec.shape), 0).astype(np.float32)
    weights = (generator.standard_normal(w.spec.shape) * np.sqrt(2 / (channels * prod(window)))).astype(np.float32)
    y = program.forward([images, weights])[0][0]
    truth = meaning(images.astype(np.float64), weights.astype(np.float64), **slide)[0]
    difference = np.abs(y - truth)
    return float(np.linalg.norm(difference) / np.linalg.norm(truth)), float(difference.max() / np.abs(truth).max())


def main() -> None:
    """Print the table."""
    print("| window | channels | direct | Winograd | times | direct, largest | Winograd, largest |")
    print("|---|---|---|---|---|---|---|")
    for window, stride, channels in CASES:
        (direct, most), (fast, most_fast) = (errors(channels, 16, window, stride, way) for way in (False, True))
        words = f"{direct:.1e} | {fast:.1e} | {fast / direct:.1f} | {most:.1e} | {most_fast:.1e}"
        print(f"| {window[0]}×{window[1]}{f' /{stride}' * (stride > 1)} | {channels} | {words} |")


if __name__ == "__main__":
    main()

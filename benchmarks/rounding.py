"""How far float32 convolution is from float64, directly and by Winograd's way: the table of docs/accuracy.md.

python -m benchmarks.rounding
"""

from __future__ import annotations

import os

import numpy as np

from knoll.graph import Graph, Spec, Value
from knoll.machine import host
from knoll.ops.convolution.conv import conv2d, meaning
from knoll.plan.lower import lower
from knoll.run.compiled import CompiledProgram


def errors(channels: int, size: int, window: int, winograd: bool) -> tuple[float, float]:
    """Relative error in the mean square, and the largest error over the largest output."""
    os.environ["KNOLL_WINOGRAD"] = "on" if winograd else "off"
    pad, float32 = window // 2, np.dtype(np.float32)
    slide = {"stride": (1, 1), "padding": ((pad, pad), (pad, pad)), "dilation": (1, 1), "groups": 1}
    x = Value(Spec((2, channels, size, size), float32))
    w = Value(Spec((channels, channels, window, window), float32))
    graph = Graph((x, w), (conv2d(x, w, **slide),))
    program = CompiledProgram(graph, lower(graph, frozenset({x, *graph.outputs}), host()), 1)
    generator = np.random.default_rng(0)
    images = np.maximum(generator.standard_normal(x.spec.shape), 0).astype(np.float32)
    weights = (generator.standard_normal(w.spec.shape) * np.sqrt(2 / (channels * window**2))).astype(np.float32)
    y = program.forward([images, weights])[0][0]
    truth = meaning(images.astype(np.float64), weights.astype(np.float64), **slide)[0]
    difference = np.abs(y - truth)
    return float(np.linalg.norm(difference) / np.linalg.norm(truth)), float(difference.max() / np.abs(truth).max())


def main() -> None:
    """Print the table."""
    print("| window | channels | direct | Winograd | times | direct, largest | Winograd, largest |")
    print("|---|---|---|---|---|---|---|")
    for window in (3, 5):
        for channels in (32, 64, 256):
            (direct, most), (fast, most_fast) = (errors(channels, 16, window, way) for way in (False, True))
            words = f"{direct:.1e} | {fast:.1e} | {fast / direct:.1f} | {most:.1e} | {most_fast:.1e}"
            print(f"| {window}×{window} | {channels} | {words} |")


if __name__ == "__main__":
    main()

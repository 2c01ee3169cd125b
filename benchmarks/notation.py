"""Convolutions in oneDNN's notation: `mb1ic64ih56oc64oh56kh3ph1`, one in each line of a file.

Sizes of rows stand for those of columns where these are left out, one image for `mb`, one group for `g`, a stride of
one, and a padding and a dilation of zero (oneDNN counts the gap, not the step). `nNAME` at the end names the shape.
Source: https://github.com/uxlfoundation/oneDNN/blob/main/tests/benchdnn/doc/driver_conv.md
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from benchmarks.network import Network, convolution
from benchmarks.single_layers import SingleLayer
from knoll.errors import ArgumentError
from knoll.messages import say

_FIELD = re.compile(r"(mb|g|[io]c|[iok][hw]|s[hw]|p[hw]|d[hw])(\d+)_?")
_NEEDED = ("ic", "ih", "oc", "kh")


def layers_written(text: str) -> list[SingleLayer]:
    """The convolutions of a file; empty lines and those that begin with # are left out. Raises ArgumentError."""
    lines = [line.strip() for line in text.splitlines()]
    return [_layer(line) for line in lines if line and not line.startswith("#")]


def _layer(line: str) -> SingleLayer:
    shape, _, name = line.partition("n")
    found = {key: int(number) for key, number in _FIELD.findall(shape)}
    if _FIELD.sub("", shape) or any(key not in found for key in _NEEDED):
        raise ArgumentError(say("bench.no_shape", line=line), expected="mb1ic64ih56oc64oh56kh3ph1", got=line)
    groups = found.get("g", 1)
    layer = convolution(
        np.random.default_rng(0),
        found["ic"],
        found["oc"],
        (found["kh"], found.get("kw", found["kh"])),
        stride=_both(found, "s", 1),
        groups=groups,
        dilation=_both({key: number + 1 for key, number in found.items()}, "d", 1),
    )
    layer = replace(layer, padding=_both(found, "p", 0))
    image = (found["ic"], *_both(found, "i", 1))
    return SingleLayer(name.strip() or line, Network((layer,), image), found.get("mb", 1))


def _both(found: dict[str, int], letter: str, otherwise: int) -> tuple[int, int]:
    """The number for rows and the number for columns."""
    rows = found.get(letter + "h", otherwise)
    return rows, found.get(letter + "w", rows)

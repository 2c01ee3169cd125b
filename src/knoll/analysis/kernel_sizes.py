"""The windows that are tried where none is asked for: the usual ones, and those that follow from the two sizes."""

from __future__ import annotations

from knoll.analysis.solutions import Kind
from knoll.graph.sizes import Pair

USUAL: dict[Kind, tuple[int, ...]] = {"conv": (1, 2, 3, 4, 5, 6, 7), "pool": (2, 3, 4), "transpose": (1, 2, 3, 4, 5)}
MOST = 1 << 16  # rows or columns, of images and of windows
_MOST_VALID = 15  # of a window that moves by one pixel; beyond it a layer with a stride is meant


def kernel_sizes(kind: Kind, before: Pair, after: Pair) -> list[Pair]:
    """The usual windows; those that tile the image, that need no stride, or that see the whole image.

    >>> kernel_sizes("pool", (5, 5), (1, 1))
    [(2, 2), (3, 3), (4, 4), (5, 5)]
    >>> kernel_sizes("conv", (224, 224), (14, 14))[-1]
    (16, 16)
    """
    usual = [(size, size) for size in USUAL[kind]]
    return list(dict.fromkeys([*usual, *_following(kind, before, after)]))


def _following(kind: Kind, before: Pair, after: Pair) -> list[Pair]:
    large, small = (after, before) if kind == "transpose" else (before, after)
    ratio = (large[0] // small[0], large[1] // small[1])
    found = [ratio] if ratio != (1, 1) else []
    valid = (large[0] - small[0] + 1, large[1] - small[1] + 1)
    if kind != "pool" and all(v <= _MOST_VALID or s == 1 for v, s in zip(valid, small, strict=True)):
        found.append(valid)
    if kind == "transpose":
        found.append((2 * ratio[0], 2 * ratio[1]))  # bilinear interpolation: Long et al., 2015
    return [size for size in found if 0 < min(size) <= max(size) <= MOST]

"""ONNX's Resize and Upsample, as far as PyTorch's `interpolate` goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from adapter import Node, OutOfScope, composed, numbers, operator

from knoll import Tensor
from knoll.nn import functional as F

CORNERS = {"half_pixel": False, "align_corners": True}  # ONNX's coordinates as PyTorch's align_corners


@operator("Upsample")
def upsample(node: Node, x: Tensor, scales: Tensor) -> Tensor:
    if node["mode"] != "nearest":
        raise OutOfScope(f"mode {node['mode']}")
    return F.interpolate(x, scale_factor=tuple(scales.tolist()[2:]), mode="nearest")


@operator("Resize")
def resize(node: Node, x: Tensor, roi: Any = None, scales: Tensor | None = None, sizes: Tensor | None = None) -> Tensor:
    """Rows and columns of images, by factors or to sizes."""
    axes = [axis % x.ndim for axis in node["axes"] or range(x.ndim)]
    given = dict(zip(axes, scales.tolist() if scales is not None else numbers(sizes), strict=True))
    if scales is not None:
        how: dict[str, Any] = {"scale_factor": (given[2], given[3])}
    else:
        how = {"size": _size(x.shape[2:], (given[2], given[3]), node["keep_aspect_ratio_policy"])}
    if node["mode"] == "cubic":
        raise OutOfScope("cubic")
    if node["antialias"]:
        raise OutOfScope("antialias")
    return (_nearest if node["mode"] == "nearest" else _linear)(node, x, how)


def _linear(node: Node, x: Tensor, how: dict[str, Any]) -> Tensor:
    coordinates = node["coordinate_transformation_mode"]
    if coordinates not in CORNERS:
        raise OutOfScope(f"linear by {coordinates}")
    whole = "size" in how or all(not scale * n % 1 for scale, n in zip(how["scale_factor"], x.shape[2:], strict=True))
    if CORNERS[coordinates] and not whole:
        raise OutOfScope("corners aligned over a part of a pixel")
    return F.interpolate(x, mode="bilinear", align_corners=CORNERS[coordinates], **how)


def _size(before: Sequence[int], wanted: tuple[int, int], policy: str) -> tuple[int, ...]:
    """The size that is asked for, or one in the proportions of the image that is not larger, or not smaller."""
    if policy == "stretch":
        return wanted
    scales = [new / old for new, old in zip(wanted, before, strict=True)]
    scale = min(scales) if policy == "not_larger" else max(scales)
    return tuple(int(scale * old + 0.5) for old in before)


def _nearest(node: Node, x: Tensor, how: dict[str, Any]) -> Tensor:
    """PyTorch rounds down from the corner of a pixel, or from its centre with ties going up."""
    way = (node["coordinate_transformation_mode"], node["nearest_mode"])
    if way == ("asymmetric", "floor"):
        return F.interpolate(x, mode="nearest", **how)
    if way == ("half_pixel", "round_prefer_floor") and "size" in how:  # seen in a mirror, ties go down
        return _mirrored(F.interpolate(_mirrored(x), mode="nearest-exact", **how))
    if way in (("half_pixel", "round_prefer_floor"), ("half_pixel", "round_prefer_ceil")):
        return F.interpolate(x, mode="nearest-exact", **how)
    raise OutOfScope(f"nearest by {' and '.join(way)}")


def _mirrored(x: Tensor) -> Tensor:
    composed()
    rows, columns = (np.arange(size)[::-1].copy() for size in x.shape[2:])
    return x[:, :, rows][:, :, :, columns]

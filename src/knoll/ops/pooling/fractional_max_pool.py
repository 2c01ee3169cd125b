"""The largest value of each window, where windows begin at places drawn at random, for any size of the result.

Source: Graham, Fractional max-pooling, 2014, https://arxiv.org/abs/1412.6071 and
`aten/src/ATen/native/FractionalMaxPool2d.cpp`.
"""

from __future__ import annotations

import numpy as np

from knoll.errors import ArgumentError, ShapeError, StateError
from knoll.graph import SAME, Array, Node, Op, Read, Reads, Spec, Value, reads
from knoll.graph.batching import Batch
from knoll.graph.batching_rules import by_samples
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.ops.advice import images_wanted
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.pooling.max_pool import check_size, with_indices
from knoll.ops.pooling.max_pool import gradient as max_pool_gradient


def check_images(x: Spec, kernel: Pair, size: Pair) -> None:
    """Refuse what is neither images (n, c, h, w) nor one image (c, h, w), in PyTorch's words and order."""
    name = "fractional_max_pool2d()"
    if x.rank not in (3, 4):
        raise ShapeError(f"{name}: Expected 3D or 4D tensor, but got: {list(x.shape)}", **images_wanted(x))
    if 0 in x.shape[1:]:
        raise ShapeError(
            f"{name}: Expected input to have non-zero size for non-batch dimensions, but got{list(x.shape)} with "
            f"dimension {x.shape.index(0, 1)} being empty."
        )
    if min(kernel) < 1:
        raise ArgumentError(say("ops.kernel_too_small"), got=f"kernel_size={kernel}")
    for word, taps, count, length in zip(("height", "width"), kernel, size, x.shape[-2:], strict=True):
        if count + taps - 1 > length:
            raise ShapeError(
                f"{name}: pool {word} {taps} too large relative to input {word} {length}",
                expected=say("ops.fractional_size", most=length - taps + 1),
                got=f"output_size={size}",
            )
    check_size(x, size)
    if not x.is_float:
        refuse_dtype("check_uniform_bounds", x.dtype)


def check_samples(x: Spec, samples: Spec) -> None:
    """Refuse numbers that are not two for each channel of each image, in PyTorch's words and order."""
    if samples.dtype != x.dtype:
        raise StateError("Expect _random_samples to have the same dtype as input", got=f"{samples.dtype}")
    if samples.rank != 3:
        raise ShapeError(f"Expect _random_samples to have 3 dimensions, got {samples.rank}")
    if samples.shape[0] < x.shape[0]:
        raise ShapeError("Expect _random_samples.size(0) no less then input batch size.")
    if samples.shape[1] != x.shape[1]:
        raise ShapeError("Expect _random_samples.size(1) equals to input channel size.")
    if samples.shape[2] != 2:
        raise ShapeError(f"Expect _random_samples.size(2) equals to 2; got {samples.shape[2]}.")


def shape(x: Spec, samples: Spec, *, kernel: Pair, size: Pair) -> tuple[Spec, Spec]:  # noqa: ARG001 (of no shape)
    """(n, c, h, w) and numbers (n, c, 2) → values and int64 indices, both (n, c, rows, columns)."""
    return with_indices(x, size)


def starts(samples: Array, length: int, count: int, taps: int) -> Array:
    """Where the windows of each channel begin, in steps that are nearly equal; the last one ends at the edge."""
    found = np.full((*samples.shape, count), length - taps)
    if count > 1:
        dtype = samples.dtype.type
        step = dtype(length - taps) / dtype(count - 1)
        drawn = samples[..., None]
        with np.errstate(invalid="ignore"):
            places = ((np.arange(count - 1).astype(dtype) + drawn) * step).astype(np.int64)
            found[..., :-1] = places - (drawn * step).astype(np.int64)
    return np.clip(found, 0, length - taps)


def meaning(x: Array, samples: Array, *, kernel: Pair, size: Pair) -> tuple[Array, Array]:
    """The largest of each window, and where it stood: ties go to the first, the last NaN wins."""
    n, c, h, w = x.shape
    rows, columns = (starts(samples[:n, :, 1 - axis], (h, w)[axis], size[axis], kernel[axis]) for axis in (0, 1))
    best, index = np.full((n, c, *size), -np.inf, x.dtype), (rows[..., None] * w + columns[..., None, :])
    flat = x.reshape(n, c, h * w)
    for i, j in np.ndindex(*kernel):
        at = (rows + i)[..., None] * w + (columns + j)[..., None, :]
        tap = np.take_along_axis(flat, at.reshape(n, c, size[0] * size[1]), 2).reshape(best.shape)
        take = (tap > best) | (tap != tap)
        best, index = np.where(take, tap, best), np.where(take, at, index)
    return best, index


def gradient(node: Node, dy: Value | None, dindex: Value | None) -> tuple[Value | None, None]:
    """Wholly to the element that won; the drawn numbers have none."""
    return max_pool_gradient(node, dy, dindex)[0], None


def window_reads(node: Node, _: int) -> tuple[Reads, ...]:
    """Anything of its own channel."""
    samples = node.inputs[1].spec
    return (Read(0, SAME), Read(1, SAME), *reads.everything(node.inputs[0].spec)[2:]), reads.everything(samples)


def batching(batch: Batch) -> tuple[Value, ...] | None:
    """By samples, where there are numbers for no more of them."""
    x, samples = (value.spec.shape for value in batch.node.inputs)
    return by_samples(batch) if samples[0] == x[0] else None


fractional_max_pool2d: Op = Op("fractional_max_pool2d", shape, meaning, gradient, reads=window_reads, batching=batching)

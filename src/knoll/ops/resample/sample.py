"""Weighted sums of pixels at computed places, and their gradients: what sampling at a grid is made of.

A place is the number of a pixel in reading order, as a float; one that is negative, too large or NaN has no pixel. The
sum is linear in the pixels and in the weights, so its gradients, and theirs, are three operations.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from knoll.graph import ALL, SAME, Array, Node, Op, Read, Reads, Roles, Spec, Value
from knoll.graph.batching_rules import by_samples
from knoll.graph.role import BATCHED
from knoll.graph.sizes import Pair
from knoll.ops.accumulate import add_at


def _read(x: Array, index: Array) -> Iterator[tuple[Array, Array, Array]]:
    """For each tap whether there is a pixel, its number, and the pixels (n, c, places), zero where there is none."""
    flat = x.reshape(*x.shape[:2], -1)
    for there, number in _numbers(index, flat.shape[2]):
        pixels = np.take_along_axis(flat, np.broadcast_to(number, (*flat.shape[:2], number.shape[2])), 2)
        yield there, number, np.where(there, pixels, x.dtype.type(0))


def _numbers(index: Array, pixels: int) -> Iterator[tuple[Array, Array]]:
    """For each tap (n, 1, places): whether there is a pixel, and its number, 0 where there is none."""
    for tap in range(index.shape[1]):
        at = index[:, tap : tap + 1]
        there = (at >= 0) & (at < pixels)
        yield there, np.where(there, at, 0).astype(np.int64)


def meaning(x: Array, index: Array, weight: Array, *, size: Pair) -> tuple[Array]:
    """For each place the sum over taps of a weight times a pixel."""
    total = np.zeros((*x.shape[:2], index.shape[2]), x.dtype)
    for tap, (_, _, pixels) in enumerate(_read(x, index)):
        total += weight[:, tap : tap + 1] * pixels
    return (total.reshape(*x.shape[:2], *size),)


def dx_meaning(dy: Array, index: Array, weight: Array, *, size: Pair) -> tuple[Array]:
    """Each weight times dy, added to the pixel that was read."""
    n, c = dy.shape[:2]
    dx, given = np.zeros((n, c, size[0] * size[1]), dy.dtype), dy.reshape(n, c, -1)
    samples, channels = np.ogrid[:n, :c]
    for tap, (there, number) in enumerate(_numbers(index, dx.shape[2])):
        part = np.where(there, weight[:, tap : tap + 1] * given, dy.dtype.type(0))
        add_at(dx, (samples[..., None], channels[..., None], number), part)
    return (dx.reshape(n, c, *size),)


def dw_meaning(dy: Array, x: Array, index: Array) -> tuple[Array]:
    """For each tap and place the sum over channels of dy times the pixel."""
    given = dy.reshape(*dy.shape[:2], -1)
    return (np.stack([(pixels * given).sum(1) for _, _, pixels in _read(x, index)], 1),)


def gradient(node: Node, dy: Value) -> tuple[Value, None, Value]:
    """To the pixels and to the weights; places are numbers of pixels, which change in steps."""
    x, index, weight = node.inputs
    return sample_dx(dy, index, weight, size=x.spec.shape[2:]), None, sample_dw(dy, x, index)


def dx_gradient(node: Node, g: Value) -> tuple[Value, None, Value]:
    """Linear in dy and in the weights."""
    dy, index, weight = node.inputs
    return sample(g, index, weight, size=dy.spec.shape[2:]), None, sample_dw(dy, g, index)


def dw_gradient(node: Node, g: Value) -> tuple[Value, Value, None]:
    """Linear in dy and in the pixels."""
    dy, x, index = node.inputs
    return sample(x, index, g, size=dy.spec.shape[2:]), sample_dx(dy, index, g, size=x.spec.shape[2:]), None


def reads(node: Node, _: int) -> tuple[Reads, ...]:
    """Any pixel of its own channel; the taps of its place, and of others, which are in reading order."""
    taps: Reads = (Read(0, SAME), ALL, ALL)
    return (Read(0, SAME), Read(1, SAME), ALL, ALL), *(taps for _ in node.inputs[1:])


def _sized(x: Spec, *_: Spec, size: Pair) -> tuple[Spec]:
    return (x.with_shape(*x.shape[:2], *size),)


def _weights(dy: Spec, _: Spec, index: Spec) -> tuple[Spec]:
    return (dy.with_shape(*index.shape),)


BY_SAMPLE = Roles((BATCHED,) * 3, (BATCHED,))
MANY = 1 << 12  # pixels from which machine code is faster than NumPy

sample: Op = Op(
    "sample", _sized, meaning, gradient, reads=reads, roles=BY_SAMPLE, compiled_from=MANY, batching=by_samples
)
sample_dx: Op = Op("sample_dx", _sized, dx_meaning, dx_gradient, roles=BY_SAMPLE, batching=by_samples)
sample_dw: Op = Op("sample_dw", _weights, dw_meaning, dw_gradient, roles=BY_SAMPLE, batching=by_samples)

"""Copies of arrays of any shape and strides in machine code, shared by threads, and conversions on the way."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from knoll.graph import Array
from knoll.graph.spec import DType, Shape
from knoll.kernels.layout.strided_copy import Lie, instruction_of, strided_copy
from knoll.machine import host
from knoll.run.nesting import nesting_of
from knoll.run.single_step import EagerKernel

MOST_KNOWN = 256  # copies whose machine code is kept
OF_SIZE = {1: "uint8", 2: "int16", 4: "float32", 8: "float64"}  # the element type that stands for all of a size


@lru_cache(maxsize=MOST_KNOWN)
def _kernel(given: str, made: str, reads: Lie, writes: Lie) -> EagerKernel:
    return EagerKernel(strided_copy(host(), given, made, reads, writes))


@lru_cache(maxsize=MOST_KNOWN)
def _types(given: DType, made: DType) -> tuple[str, str] | None:
    """The element types of a copy; None where there is no machine code."""
    if given == made:
        return OF_SIZE[given.itemsize], OF_SIZE[given.itemsize]
    if 2 in (given.itemsize, made.itemsize) and "f" in (given.kind, made.kind) and not host().converts_half:
        return None
    return None if instruction_of(given.name, made.name) is None else (given.name, made.name)


def in_order(x: Array) -> Array:
    """The same numbers in reading order: in other memory, unless they lie so."""
    if x.flags.c_contiguous:
        return x
    made = np.empty(x.shape, x.dtype)
    return made if copied(made, x) else np.ascontiguousarray(x)


def copied(target: Array, source: Array) -> bool:
    """Write a source, which broadcasts, into an array apart from it; whether there is machine code for that."""
    types = _types(source.dtype, target.dtype) if _broadcasts(source.shape, target.shape) else None
    nesting = nesting_of(source, target) if types and source.flags.aligned and target.flags.aligned else None
    if types is None or nesting is None:
        return False
    (step, to), row = nesting.steps, nesting.row_steps[0]
    size = source.itemsize
    reads: Lie = "order" if step == size else "reverse" if step == -size else "one" if not step else "apart"
    if reads == "apart" and row == size:
        reads = "across"
    kernel = _kernel(*types, reads, "order" if to == target.itemsize else "apart")
    kernel.run(nesting.pieces, target.size, nesting.words, [source, target])
    return True


def _broadcasts(shape: Shape, to: Shape) -> bool:
    """Whether an array of one shape repeats to another, which has as many axes or more."""
    return shape == to or (
        len(shape) <= len(to) and all(a in (1, b) for a, b in zip(shape[::-1], to[::-1], strict=False))
    )

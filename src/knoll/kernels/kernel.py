"""The base class of kernels.

A kernel is a frozen value whose fields determine its machine code, so equal kernels are compiled once. Kernels that
differ only in their `numbers`, which machine code gets as arguments, share it.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any

import numpy as np

from knoll.graph import Op
from knoll.graph.spec import DType
from knoll.kernels.tile.row_parts import RowParts
from knoll.llvm.builder import KernelBuilder
from knoll.machine import Machine

# Samples that a thread takes through some layers together: more activations of most networks do not fit a core's cache.
MICRO_BATCH = 4


@dataclass(frozen=True)
class Kernel(ABC):
    """One kernel for one shape, element type and machine."""

    machine: Machine
    element: str

    @property
    def dtype(self) -> DType:
        """The element type it computes with."""
        return np.dtype(self.element)

    @property
    def lanes(self) -> int:
        """How many elements a vector holds."""
        return self.machine.lanes(self.dtype)

    @property
    @abstractmethod
    def title(self) -> str:
        """A readable name of letters, digits and underscores, as plans print it."""

    @property
    @abstractmethod
    def pointers(self) -> int:
        """How many arrays it reads and writes."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """Integers that the machine code gets as arguments, behind the arrays."""
        return ()

    @property
    def generic(self) -> Kernel:
        """The kernel that machine code is made of: the same for all kernels that differ in `numbers` alone."""
        return self

    @property
    def parts(self) -> int:
        """The number of parts that the work on one sample can be divided into."""
        return 1

    @property
    def row_parts(self) -> RowParts | None:
        """Which rows of its result its parts compute, if threads that share them take rows; else None."""
        return None

    @property
    def work(self) -> int:
        """Multiply-adds of one sample by the direct algorithm; 0 for kernels that only move elements."""
        return 0

    @property
    def cycles(self) -> float:
        """An estimate of the cycles of one sample: those of its multiply-adds."""
        return self.work / (self.lanes * self.machine.multiply_adds)

    @property
    def weight_cycles(self) -> float:
        """An estimate of the cycles of a pass over the weights, which samples that are taken together share."""
        return 0.0

    @property
    def changing_bytes(self) -> int:
        """Bytes of parameters that it reads as they are, and that change in every step."""
        return 0

    @property
    def samples_at_once(self) -> int:
        """How many samples share one pass over the weights, where these are so large that a pass costs much."""
        return 1

    @cached_property
    def specification(self) -> str:
        """Everything that the machine code depends on: the class and all fields of `generic`, recursively."""
        return str(_described(self.generic))

    @property
    def name(self) -> str:
        """The title of the generic kernel, the element type, the machine, and a digest of the specification."""
        digest = hashlib.sha256(self.specification.encode()).hexdigest()[:12]
        level = self.machine.name.replace("-", "_")
        return f"{self.generic.title}_{self.element}_{level}_{digest}"

    @abstractmethod
    def emit(self, k: KernelBuilder) -> None:
        """Emit the loop nest.

        The docstrings of kernels name its loops, the outermost first; that over samples goes to `k.count`, that over
        parts from `k.first_part` up to `k.last_part`.
        """

    def written(self) -> KernelBuilder:
        """The builder with the emitted kernel."""
        k = KernelBuilder(self.name, self.machine, self.dtype, self.pointers, self.numbers)
        self.generic.emit(k)
        return k


def titled(operation: str, *sizes: int) -> str:
    """A title of an operation and sizes; those that are zero are numbers of a generic kernel, and left out.

    >>> titled("statistics", 64, 8, 8), titled("statistics", 0, 8, 8)
    ('statistics_64x8x8', 'statistics_8x8')
    """
    return "_".join(filter(None, (operation, "x".join(str(size) for size in sizes if size))))


def _described(value: Any) -> Any:
    """A value as nested tuples of all its fields; an operation by its name."""
    if isinstance(value, Op):
        return value.name
    if is_dataclass(value):
        return type(value).__name__, *(_described(getattr(value, field.name)) for field in fields(value))
    return tuple(map(_described, value)) if isinstance(value, tuple) else value

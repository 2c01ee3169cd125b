"""What every kernel has: a name that is its specification, and a function that writes it.

A kernel is a frozen value, so that equal kernels are compiled once; its fields are all it depends on.
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
from knoll.llvm.builder import KernelBuilder
from knoll.machine import Machine


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
        """What it does, in one word of letters, digits and underscores."""

    @property
    @abstractmethod
    def pointers(self) -> int:
        """How many arrays it reads and writes."""

    @property
    def parts(self) -> int:
        """Into how many parts the work on one sample can be split."""
        return 1

    @property
    def work(self) -> int:
        """Multiply-adds that the plain sum needs for one sample; nothing for kernels that only move numbers."""
        return 0

    @cached_property
    def specification(self) -> str:
        """Everything the machine code depends on: the kind of kernel and all fields, to the last."""
        return str(_described(self))

    @property
    def name(self) -> str:
        """The title, the element type, the machine, and a digest of the specification."""
        digest = hashlib.sha256(self.specification.encode()).hexdigest()[:12]
        level = self.machine.name.replace("-", "_")
        return f"{self.title}_{self.element}_{level}_{digest}"

    @abstractmethod
    def emit(self, k: KernelBuilder) -> None:
        """Write the loop nest."""

    def written(self) -> KernelBuilder:
        """The kernel, written."""
        k = KernelBuilder(self.name, self.machine, self.dtype, self.pointers)
        self.emit(k)
        return k


def _described(value: Any) -> Any:
    """A value with all that it is made of, whatever its repr leaves out; an operation is known by its name."""
    if isinstance(value, Op):
        return value.name
    if is_dataclass(value):
        return type(value).__name__, *(_described(getattr(value, field.name)) for field in fields(value))
    return tuple(map(_described, value)) if isinstance(value, tuple) else value

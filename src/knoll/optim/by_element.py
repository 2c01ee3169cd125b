"""Optimisers whose step changes each element by itself: their rules run in machine code, all parameters together."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knoll.errors import ArgumentError
from knoll.graph import Array
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.ops.formula import Arithmetic, V
from knoll.ops.update_rule import UpdateRule
from knoll.optim.counting import Counting
from knoll.optim.optimizer import Group
from knoll.run import update_program
from knoll.tensor import Tensor

Progress = tuple[float, ...]
COMPILED = (np.dtype(np.float32), np.dtype(np.float64))  # element types of kernels


@dataclass(frozen=True)
class Rule(UpdateRule, ABC):
    """A rule whose gradient may be turned round, to `maximize`, and pulled toward zero by a weight decay.

    `decay` is "" for none, "coupled" where it is part of the gradient, "decoupled" where it shrinks the parameter.
    """

    maximize: bool
    decay: str

    @property
    def decays(self) -> tuple[str, ...]:
        """The factor of the weight decay, if there is one: `kept` is 1 − lr · weight_decay."""
        return {"": (), "coupled": ("weight_decay",), "decoupled": ("kept",)}[self.decay]

    def effective(self, v: Arithmetic[V], p: V, g: V, factor: Mapping[str, V]) -> tuple[V, V]:
        """The parameter and the gradient with their sign and weight decay."""
        g = -g if self.maximize else g
        if self.decay == "coupled":
            g = v.multiply_add(p, factor["weight_decay"], g)
        return (p * factor["kept"] if self.decay == "decoupled" else p), g


def toward(v: Arithmetic[V], mean: V, new: V, share: V) -> V:
    """A running mean that goes a share of the way to something new."""
    return v.multiply_add(new - mean, share, mean)


def mixed(v: Arithmetic[V], mean: V, new: V, kept: V, share: V) -> V:
    """A running mean that keeps one share, and takes another of something new."""
    return v.multiply_add(new, share, mean * kept)


def larger(a: V, b: V) -> V:
    """The larger of two; NaN where either is NaN."""
    return a.compare("uno", b).select(a + b, a.compare("ogt", b).select(a, b))


class ByElement(Counting):
    """Base of optimisers that have a rule.

    A subclass says what the next step of a parameter depends on, which rule it follows, and by which factors. They are
    worked out once for all parameters that have come equally far.
    """

    def progress(self, param: Tensor, group: Group) -> Progress:  # noqa: ARG002 (for those who override it)
        """Begin the next step of a parameter; what its rule and factors depend on: the number of the step."""
        return (self.counted(param),)

    def rule(self, progress: Progress, group: Group) -> UpdateRule:
        """The rule of a step of parameters that have come so far."""
        raise NotImplementedError

    def factors(self, progress: Progress, group: Group) -> dict[str, float]:
        """The factors of that rule, and others perhaps."""
        raise NotImplementedError

    def first(self, param: Tensor, name: str, group: Group) -> float:  # noqa: ARG002 (for those who override it)
        """What is everywhere in an array that is remembered, before the first step."""
        return 0.0

    def update(self, param: Tensor, gradient: Array, group: Group) -> None:
        """One step of one parameter."""
        self._update_together([(param, gradient)], group)

    def _update_group(self, learned: Sequence[tuple[Tensor, Array]], group: Group) -> None:
        """One step of all parameters of a group that have a gradient."""
        if type(self).update is ByElement.update:
            self._update_together(learned, group)
        else:  # a subclass has its own for one parameter
            super()._update_group(learned, group)

    def _update_together(self, learned: Sequence[tuple[Tensor, Array]], group: Group) -> None:
        together: dict[Progress, list[tuple[Tensor, Array]]] = {}
        for param, gradient in learned:
            together.setdefault(self.progress(param, group), []).append((param, gradient))
        for progress, members in together.items():
            rule, factors = self.rule(progress, group), self.factors(progress, group)
            updates: dict[DType | None, list[list[Array]]] = {}
            for param, gradient in members:
                remembered = [self.held(param, name, self.first(param, name, group)) for name in rule.remembered]
                arrays = [param._realize(), gradient, *remembered]
                updates.setdefault(arrays[0].dtype if kernel_takes(arrays) else None, []).append(arrays)
            for dtype, alike in updates.items():
                _run(rule, dtype, alike, factors)


def _run(
    rule: UpdateRule, dtype: DType | None, updates: Sequence[Sequence[Array]], factors: Mapping[str, float]
) -> None:
    """Update parameters of one element type in machine code; None is for those that it cannot take."""
    program = update_program(rule, dtype) if dtype is not None else None
    if program is not None:
        program.run(updates, [factors[name] for name in rule.factors])
        return
    for arrays in updates:
        numbers, _, *remembered = arrays
        for old, new in zip((numbers, *remembered), rule.meaning(arrays, factors), strict=True):
            if not old.flags.writeable:
                raise ArgumentError("assignment destination is read-only", advice=say("tensor.read_only"))
            np.copyto(old, new)


def kernel_takes(arrays: Sequence[Array]) -> bool:
    """Whether machine code can update the first of these arrays, and read and write the others."""
    dtype, shape = arrays[0].dtype, arrays[0].shape
    if dtype not in COMPILED:
        return False
    for number, array in enumerate(arrays):
        flags = array.flags
        good = flags.carray or (number == 1 and flags.c_contiguous and flags.aligned)  # a gradient is not written
        if not (good and array.dtype == dtype and array.shape == shape):
            return False
    return True


def decay_of(group: dict[str, Any]) -> str:
    """The weight decay that a group asks for, as rules name it."""
    if group["weight_decay"] == 0:
        return ""
    return "decoupled" if group.get("decoupled_weight_decay") else "coupled"


def decay_factors(group: Group) -> dict[str, float]:
    """The factors of the weight decay."""
    decay = group["weight_decay"]
    return {"weight_decay": decay, "kept": 1 - float(group["lr"]) * decay}

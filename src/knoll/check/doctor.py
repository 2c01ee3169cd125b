"""The training doctor: it watches the first steps of a training, and tells what surely goes wrong in them."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import numpy as np

from knoll.check.finding import Finding
from knoll.check.labels import class_numbers
from knoll.check.numbers import first_broken
from knoll.check.symptoms import SYMPTOMS
from knoll.check.watch import StepSeen, Watch
from knoll.errors import ArgumentTypeError
from knoll.graph import Array
from knoll.messages import say
from knoll.nn import Module
from knoll.optim import Optimizer
from knoll.tensor import Tensor

ENOUGH = 8  # steps, after which nothing is measured any more


class Doctor:
    """Watches the first steps of a training loop of the user's own, and tells what surely goes wrong in them.

    `loss` is seen if it is a module. After the block `findings` has what there is to tell. Raises ArgumentTypeError
    for a network that is no Module and an optimiser that is no Optimizer.

    >>> import knoll
    >>> from knoll import nn
    >>> from knoll.check import Doctor
    >>> net, loss_fn = nn.Linear(4, 3), nn.CrossEntropyLoss()
    >>> optimizer = knoll.optim.SGD(net.parameters(), lr=0.1)
    >>> with Doctor(net, loss_fn, optimizer) as doctor:
    ...     for _ in range(3):
    ...         loss = loss_fn(net(knoll.rand(8, 4)), knoll.randint(0, 3, (8,)))
    ...         loss.backward()
    ...         optimizer.step()
    >>> [finding.rule for finding in doctor.findings]
    ['gradients-add-up']
    """

    def __init__(self, net: Module, loss: Any, optimizer: Optimizer) -> None:
        if not isinstance(net, Module):
            raise ArgumentTypeError(
                say("check.no_watched_network"), got=type(net).__name__, advice=say("check.doctor_order")
            )
        if not isinstance(optimizer, Optimizer):
            kind = type(optimizer).__name__
            raise ArgumentTypeError(f"{kind} is not an Optimizer", advice=say("check.doctor_order"))
        self.watch: Watch = Watch(net, loss, optimizer)
        self._handles: list[Any] = []
        self._wrapped: list[tuple[Any, str]] = []
        self._zeroed = True
        self._loss: Tensor | None = None
        self._losses: list[weakref.ref[Any]] = []
        self._inputs: tuple[Any, ...] = ()
        self._scores: Tensor | None = None
        self._labels: Array | None = None
        self._before: dict[str, Array] = {}
        self._gradients: dict[str, float | None] = {}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What there is to tell of the steps that were watched."""
        return tuple(finding for symptom in SYMPTOMS for finding in symptom(self.watch))

    def __enter__(self) -> Self:
        watch = self.watch
        self._gradients = self._sizes()
        self._handles = [
            watch.net.register_forward_hook(self._called),
            watch.optimizer.register_step_pre_hook(self._about_to_step),
            watch.optimizer.register_step_post_hook(self._stepped),
        ]
        if isinstance(watch.loss, Module):
            self._handles.append(watch.loss.register_forward_hook(self._judged))
        for owner in (watch.optimizer, watch.net):
            self._listen(owner, owner.zero_grad)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._handles:
            handle.remove()
        for owner, name in self._wrapped:
            vars(owner).pop(name, None)
        self._note_unused()
        self._loss = None
        self._before.clear()

    def _listen(self, owner: Any, zero_grad: Callable[..., Any]) -> None:
        """Hear when gradients are set to zero."""

        def heard(*args: Any, **named: Any) -> Any:
            self._note_unused()
            self._zeroed = True
            return zero_grad(*args, **named)

        vars(owner)["zero_grad"] = heard
        self._wrapped.append((owner, "zero_grad"))

    def _note_unused(self) -> None:
        """Count gradients that are there and not those of the last step."""
        if not self._is_over:
            there = self._sizes()
            self.watch.unused_gradients += any(
                size and size != self._gradients.get(name) for name, size in there.items()
            )

    def _sizes(self) -> dict[str, float | None]:
        """How large the gradient of each parameter is."""
        named = self.watch.net.named_parameters()
        return {name: _size(p.grad) if p.grad is not None else None for name, p in named}

    @property
    def _is_over(self) -> bool:
        return len(self.watch.steps) >= ENOUGH

    def _called(self, net: Module, inputs: tuple[Any, ...], _result: Any) -> None:
        if self._is_over:
            return
        self._inputs = tuple(each.detach() if isinstance(each, Tensor) else each for each in inputs)
        if not self.watch.inputs:
            self.watch.inputs, self.watch.in_training = self._inputs, net.training

    def _judged(self, _loss: Module, given: tuple[Any, ...], result: Any) -> None:
        if not self._is_over and isinstance(result, Tensor):
            self._loss = result
            self._take(result, *given[:2])

    def observe(self, loss: Tensor, scores: Any, target: Any = None) -> None:
        """Tell the doctor a loss that is no module, and what it was computed from."""
        if not self._is_over:
            self._take(loss, scores, target)

    def _take(self, loss: Tensor, scores: Any = None, target: Any = None) -> None:
        self._loss, self._scores = loss, scores if isinstance(scores, Tensor) else None
        self._labels = class_numbers(target)

    def _about_to_step(self, *_: Any) -> None:
        if self._is_over:
            return
        named = dict(self.watch.net.named_parameters())
        self._gradients = self._sizes()
        self._before = {name: p.detach().numpy().copy() for name, p in named.items()}
        if self.watch.first_broken is None and not self._is_finite():
            self.watch.input_is_broken = not all(map(_is_finite, self._inputs))
            self.watch.first_broken = first_broken(self.watch.net, self._inputs)
        if self._loss is not None and self.watch.scores is None and self._scores is not None:
            self.watch.scores = self._scores.detach().numpy().copy()

    def _is_finite(self) -> bool:
        """Whether the loss and all gradients are numbers."""
        loss = [] if self._loss is None else [_size(self._loss)]
        return all(math.isfinite(size) for size in (*loss, *self._gradients.values()) if size is not None)

    def _stepped(self, *_: Any) -> None:
        if self._is_over:
            return
        named = self.watch.net.named_parameters()
        changes = {name: _norm(p.detach().numpy() - self._before[name]) for name, p in named if name in self._before}
        loss = float(self._loss.detach().numpy()) if self._loss is not None and self._loss.numel() == 1 else None
        weights = {name: _norm(array) for name, array in self._before.items()}
        self.watch.steps.append(StepSeen(loss, self._gradients, weights, changes, self._zeroed))
        if self._labels is not None:
            self.watch.labels.append(self._labels)
        self._note_held()
        self._zeroed = False
        self._loss = self._scores = self._labels = None

    def _note_held(self) -> None:
        """Count the graphs of former losses that somebody still holds."""
        edge = getattr(self._loss, "_edge", None)
        if edge is not None:
            self._losses.append(weakref.ref(edge.node))
        self.watch.held_losses = sum(each() is not None for each in self._losses[:-2])


def _is_finite(value: Any) -> bool:
    """Whether something holds neither NaN nor infinity."""
    return not isinstance(value, Tensor) or not value.is_floating_point() or bool(value.isfinite().all())


def _size(gradient: Tensor) -> float:
    return _norm(gradient.detach().numpy())


def _norm(array: Array) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.linalg.norm(array.astype(np.float64).ravel()))

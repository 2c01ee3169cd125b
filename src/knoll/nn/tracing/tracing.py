"""Modules traced with examples of their inputs, and with other numbers of samples in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError, UnsupportedError
from knoll.messages import say
from knoll.nn.tracing.structure import Structure
from knoll.nn.tracing.trace import Trace, TraceOf, Tracer, placeholder
from knoll.tensor import Tensor
from knoll.tensor.random.generator import rng_position
from knoll.tensor.record import grad_mode, traced_results


def example(given: Any) -> Tensor:
    """A tensor of an example. Raises ArgumentTypeError."""
    if isinstance(given, Tensor):
        return Tensor._holding(given._realize())
    try:
        return Tensor._holding(np.asarray(given))
    except ValueError:  # lists of several lengths
        raise ArgumentTypeError(say("nn.compiled_no_example"), got=repr(given)) from None


def batched_examples(tensors: Sequence[Tensor]) -> tuple[int, ...]:
    """The numbers of the examples whose first axis is as long as that of the first one, which are the samples."""
    head = tensors[0].shape[:1]
    return tuple(number for number, each in enumerate(tensors) if head and each.shape[:1] == head)


@dataclass(frozen=True, eq=False)
class Tracing:
    """How a module is traced: with examples built in some way, and with what gradients need or without."""

    module: Callable[..., Any]
    takes: Structure
    tensors: Sequence[Tensor]
    gradients: bool

    def of_examples(self) -> Trace:
        """The trace for the examples."""
        head = self.tensors[0].shape[:1]
        return self._trace(head[0] if head else 0, self.tensors, None)

    def with_others(self, batched: tuple[int, ...]) -> TraceOf:
        """The traces with other numbers of samples in the examples numbered in `batched`."""

        def trace_of(samples: int, most: int | None) -> Trace:
            shapes = [
                (samples, *t.shape[1:]) if number in batched else t.shape for number, t in enumerate(self.tensors)
            ]
            others = [Tensor._over(placeholder(shape, t._dtype)) for shape, t in zip(shapes, self.tensors, strict=True)]
            return self._trace(samples, others, most)

        return trace_of

    def _trace(self, samples: int, tensors: Sequence[Tensor], most: int | None) -> Trace:
        """The graph of the module; a lazy module is initialised, and draws nothing else.

        Raises TooLongError for more than `most` operations.
        """
        gives: list[Structure] = []

        def forward(*given: Tensor) -> list[Tensor]:
            structure, results = Structure.of(self.module(*self.takes.filled(given)))
            gives.append(structure)
            return _tensors(results)

        for _ in range(2):
            before, tracer = rng_position(), Tracer(most)
            with grad_mode(self.gradients):
                graph, leaves = traced_results(forward, *tensors, recorder=tracer)
            if rng_position() == before:
                places = _places(tensors, leaves)
                return Trace(samples, graph, tuple(leaves), places, self.takes, gives[-1], len(tracer.nodes))
        raise UnsupportedError(say("nn.compiled_random"), advice=say("nn.compiled_random_advice"))


def _places(tensors: Sequence[Tensor], leaves: Sequence[Tensor]) -> tuple[int, ...]:
    """Where the examples stand among the leaves. Raises UnsupportedError for one that is not there."""
    places = {id(leaf): index for index, leaf in enumerate(leaves)}
    for number, tensor in enumerate(tensors, 1):
        if id(tensor) not in places:
            raise UnsupportedError(say("nn.compiled_unused", number=number), advice=say("nn.compiled_unused_advice"))
    return tuple(places[id(tensor)] for tensor in tensors)


def _tensors(results: Sequence[Any]) -> list[Tensor]:
    """What a module returned. Raises UnsupportedError for anything but tensors, and if there are none."""
    for result in results or [None]:
        if not isinstance(result, Tensor):
            kind = type(result).__name__
            raise UnsupportedError(say("nn.compiled_outputs", kind=kind), advice=say("nn.compiled_outputs_advice"))
    return list(results)

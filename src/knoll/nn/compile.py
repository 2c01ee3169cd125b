"""`knoll.compile`: the bare program of a module, for serving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from knoll.errors import ShapeError, UnsupportedError
from knoll.graph import Array, Graph
from knoll.messages import say
from knoll.run import Program, program_for
from knoll.run.bound import Bound
from knoll.run.compiled import Compiled
from knoll.tensor import Tensor, no_grad
from knoll.tensor.random import drawn
from knoll.tensor.record import traced


class CompiledModule:
    """A module as one native program: arrays in, array out, no Python work but one native call.

    It has the parameters of the moment it was compiled. Other batch sizes than the example's are bound when they
    first come.
    """

    def __init__(self, graph: Graph, program: Program, arrays: Sequence[Array], given: Sequence[int]) -> None:
        self.graph, self.program = graph, program
        self._arrays, self._given = [np.array(a) for a in arrays], list(given)
        heads = [graph.inputs[index].spec.shape[:1] for index in given]
        self._batched = [head == heads[0] for head in heads]
        self._bound: dict[int, Bound] = {}

    def __call__(self, *arrays: Any) -> Array:
        """The output for inputs of the example's shape, with any number of samples."""
        given = [np.ascontiguousarray(a) for a in arrays]
        for index, array in zip(self._given, given, strict=True):
            spec = self.graph.inputs[index].spec
            if array.shape[1:] != spec.shape[1:] or array.dtype != spec.dtype:
                raise ShapeError(say("nn.compiled_input", expected=spec, came=f"{array.dtype}{array.shape}"))
        samples = given[0].shape[0]
        if any(array.shape[:1] != (samples,) for array, many in zip(given, self._batched, strict=True) if many):
            raise ShapeError(say("run.batches"), came=", ".join(str(array.shape) for array in given))
        bound = self._bound.get(samples)
        if bound is not None:
            return bound(*given)[0]
        every = list(self._arrays)
        for index, array in zip(self._given, given, strict=True):
            every[index] = array
        if isinstance(self.program, Compiled) and samples:
            self._bound[samples] = Bound(self.program, every, self._given)
        return self.program.forward(every)[0][0]


def compile(module: Callable[..., Tensor], *examples: Any) -> CompiledModule:  # noqa: A001 (PyTorch's name)
    """The program of `module` for inputs shaped like `examples`.

    The module is traced in the mode (train or eval) that it is in; the program does not follow later changes of it.
    Raises UnsupportedError for a module that draws random numbers, which would be the same ones in every call.

    >>> import knoll
    >>> net = knoll.nn.Sequential(knoll.nn.Conv2d(3, 8, 3), knoll.nn.ReLU())
    >>> program = knoll.compile(net, knoll.zeros(1, 3, 32, 32))
    >>> program(np.zeros((4, 3, 32, 32), np.float32)).shape
    (4, 8, 30, 30)
    """
    tensors = [e if isinstance(e, Tensor) else Tensor(np.asarray(e)) for e in examples]
    graph, leaves = _traced(module, tensors)
    places = {id(leaf): index for index, leaf in enumerate(leaves)}
    given = [places[id(tensor)] for tensor in tensors]
    return CompiledModule(graph, program_for(graph, ()), [leaf._numbers() for leaf in leaves], given)


def _traced(module: Callable[..., Tensor], tensors: list[Tensor]) -> tuple[Graph, list[Tensor]]:
    """The graph of the module and the tensors it begins with; a lazy module draws its first numbers, and no others."""
    for _ in range(2):
        before = drawn()
        with no_grad():
            graph, leaves = traced(module, *tensors)
        if drawn() == before:
            return graph, leaves
    raise UnsupportedError(say("nn.compiled_random"), advice=say("nn.compiled_random_advice"))

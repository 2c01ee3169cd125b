"""Words about arguments that many layers have."""

from __future__ import annotations

import math

import numpy as np

from knoll.analysis import arguments_of
from knoll.analysis.inputs import SMALL, zeros_alike
from knoll.explain.card import Argument, Said, said
from knoll.explain.facts import Facts
from knoll.graph import Array, Shape
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.tensor import Tensor

MOST_NAMED = 5  # of the tensors that a layer keeps


def device(_: Facts) -> Said:
    """Where the numbers are."""
    return said(sentence("explain.device"))


def dtype(facts: Facts) -> Said:
    """The element type of the parameters and of the numbers that are remembered beside them."""
    kind = np.dtype(facts.arguments["dtype"] or np.float32)
    kept = (*facts.layer.named_parameters(), *facts.layer.named_buffers())
    names = [name for name, each in kept if np.issubdtype(each.dtype, np.floating)]
    if not names:
        return said(sentence("explain.dtype_unused"))
    told = names if len(names) <= MOST_NAMED else [*names[: MOST_NAMED - 1], "…"]
    return said(sentence("explain.dtype", names=told, dtype=kind.name, bytes=kind.itemsize))


def inplace(facts: Facts) -> Said:
    """Whether the input is overwritten."""
    if facts.arguments["inplace"]:
        return said(sentence("explain_layers.inplace_yes"), trap=sentence("explain_layers.inplace_trap"))
    return said(sentence("explain_layers.inplace_no"))


def counted(axis: int) -> Sentence:
    """From which end an axis is counted."""
    return sentence(f"explain_layers.from_{'end' if axis < 0 else 'start'}")


def reference(kind: str, package: str = "nn") -> str:
    """PyTorch's page about a class."""
    return f"https://pytorch.org/docs/stable/generated/torch.{package}.{kind}.html"


def few_numbers(shape: Shape, layer: Module) -> Array | Tensor:
    """−2 to 4 again and again in the element type of a layer; what takes much memory has no numbers of its own."""
    kind = np.dtype(arguments_of(layer)["dtype"] or "float32")
    if math.prod(shape) * kind.itemsize > SMALL:
        return zeros_alike(shape, kind)
    return (np.arange(math.prod(shape)) % 7 - 2.0).reshape(shape).astype(kind)


DEVICE: Argument = Argument(device, (None, "cpu"))
DTYPE: Argument = Argument(dtype, ("float32", "float64"))
INPLACE: Argument = Argument(inplace, (False, True))

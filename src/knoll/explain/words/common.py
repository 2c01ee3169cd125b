"""Words about arguments that many layers have."""

from __future__ import annotations

import numpy as np

from knoll.explain.card import Argument, Said, said
from knoll.explain.facts import Facts
from knoll.messages import Sentence, sentence


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
    return said(sentence("explain.dtype", names=names, dtype=kind.name, bytes=kind.itemsize))


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


DEVICE: Argument = Argument(device, (None, "cpu"))
DTYPE: Argument = Argument(dtype, ("float32", "float64"))
INPLACE: Argument = Argument(inplace, (False, True))

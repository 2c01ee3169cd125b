"""Words about arguments that many layers have."""

from __future__ import annotations

import numpy as np

from knoll.explain.card import Argument, Said, said
from knoll.explain.facts import Facts
from knoll.messages import sentence


def device(_: Facts) -> Said:
    """Where the numbers are."""
    return said(sentence("explain.device"))


def dtype(facts: Facts) -> Said:
    """The element type of the parameters."""
    kind = np.dtype(facts.arguments["dtype"] or np.float32)
    return said(sentence("explain.dtype", dtype=kind.name, bytes=kind.itemsize))


def inplace(facts: Facts) -> Said:
    """Whether the input is overwritten."""
    if facts.arguments["inplace"]:
        return said(sentence("explain_layers.inplace_yes"), trap=sentence("explain_layers.inplace_trap"))
    return said(sentence("explain_layers.inplace_no"))


def reference(kind: str, package: str = "nn") -> str:
    """PyTorch's page about a class."""
    return f"https://pytorch.org/docs/stable/generated/torch.{package}.{kind}.html"


DEVICE: Argument = Argument(device, (None, "cpu"))
DTYPE: Argument = Argument(dtype, ("float32", "float64"))
INPLACE: Argument = Argument(inplace, (False, True))

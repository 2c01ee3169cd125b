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


DEVICE: Argument = Argument(device, (None, "cpu"))
DTYPE: Argument = Argument(dtype, ("float32", "float64"))

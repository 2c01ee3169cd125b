"""Types and element types as PyTorch's error sentences print them."""

from __future__ import annotations

from typing import Any

from knoll.ops.dtypes import scalar_name
from knoll.tensor import Tensor


def typename(thing: Any) -> str:
    """The name of a type, or of the type of a value.

    >>> typename(3), typename(Tensor)
    ('int', 'knoll.tensor.tensor.Tensor')
    """
    if isinstance(thing, Tensor):
        return f"torch.{scalar_name(thing.dtype)}Tensor"
    kind = thing if isinstance(thing, type) else type(thing)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"

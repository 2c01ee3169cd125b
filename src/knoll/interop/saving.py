"""`knoll.save` and `knoll.load`: a state dict to a file and back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError
from knoll.interop import safetensors_file
from knoll.interop.weights import read_weights
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy


def save(obj: Mapping[str, Any], f: str | os.PathLike[str]) -> None:
    """Write a state dict as a safetensors file, whatever its suffix; the file is replaced in one step.

    Raises ArgumentTypeError for anything else, as a whole model, whose code no file of weights can hold; FileError
    where the file cannot be written.

    >>> import tempfile, pathlib, knoll
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "linear.safetensors"
    >>> knoll.save({"weight": knoll.ones(2, 3)}, path)
    >>> knoll.load(path)["weight"].shape
    (2, 3)
    """
    if not isinstance(obj, Mapping):
        raise ArgumentTypeError(
            say("interop.whole_model", kind=type(obj).__name__), advice=say("interop.whole_model_advice", path=f)
        )
    safetensors_file.save(f, {name: np.asarray(value) for name, value in obj.items()})


def load(f: str | os.PathLike[str], map_location: Any = None, weights_only: bool = True) -> dict[str, Tensor]:  # noqa: ARG001
    """The state dict in a safetensors file, or in one of PyTorch's that holds a state dict or a whole module.

    Nothing in the file is executed, whatever `weights_only` says, and everything comes to the CPU, whatever
    `map_location` says: both are there for programs written for PyTorch. Raises what `read_weights` raises.
    """
    return {name: from_numpy(np.array(array)) for name, array in read_weights(f).items()}

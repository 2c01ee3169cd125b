"""Weights in safetensors files: names, shapes and numbers, nothing that could run.

https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_bytes

from knoll.errors import ArgumentTypeError, DataError, FileError
from knoll.interop.atomic import replacing
from knoll.messages import say

_KINDS = "biuf"


def save(
    path: str | os.PathLike[str], arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str] | None = None
) -> None:
    """Write arrays by name, and texts by name about them; the file is replaced in one step or left as it was.

    Raises ArgumentTypeError for arrays of anything but numbers and for metadata of anything but text, FileError where
    the file cannot be written.
    """
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind not in _KINDS:
            kind = getattr(array, "dtype", type(array).__name__)
            raise ArgumentTypeError(say("interop.no_numbers", name=name, kind=kind))
    if metadata is not None and not all(isinstance(text, str) for pair in metadata.items() for text in pair):
        raise ArgumentTypeError(say("interop.no_text"))
    contiguous = {name: np.require(array, requirements="C") for name, array in arrays.items()}
    data = to_bytes(contiguous, dict(metadata) if metadata is not None else None)
    with replacing(path) as file:
        file.write(data)


def load(path: str | os.PathLike[str]) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays and the metadata of a file.

    Raises FileError where it cannot be read, DataError where it is damaged or no such file.
    """
    try:
        with Path(path).open("rb"):
            pass
        with safe_open(path, framework="np") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return arrays, dict(file.metadata() or {})
    except OSError as error:
        raise FileError(say("interop.unreadable", path=path, reason=error.strerror or error)) from None
    except SafetensorError as error:
        raise DataError(
            say("interop.broken_safetensors", path=path, reason=error), advice=say("interop.copy_again")
        ) from None

"""Weights from a file of any kind that is known here, told by what it contains."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from knoll.errors import DataError, FileError
from knoll.interop import safetensors_file
from knoll.interop.torch_file import load_torch
from knoll.interop.torch_legacy import is_legacy
from knoll.interop.torch_zip import is_zip
from knoll.messages import say

_HEAD = 512


def read_weights(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    """The weights in a safetensors file or one of PyTorch's, by name; the suffix of the file does not matter.

    Raises what `load_torch` and `safetensors_file.load` raise, and DataError for any other file.
    """
    try:
        with Path(path).open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise FileError.after(error, say("interop.unreadable", path=path, reason=error.strerror)) from None
    if is_zip(head) or is_legacy(head):
        return load_torch(path)
    # A safetensors file begins with the length of its header in eight bytes, then the header, which is JSON.
    if head[8:9] == b"{":
        return safetensors_file.load(path)[0]
    raise DataError(
        say("interop.unknown_file", path=path), came=_looks_like(head), advice=say("interop.weights_advice")
    )


def _looks_like(head: bytes) -> str:
    if head.startswith(b"version https://git-lfs"):
        return say("interop.lfs")
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return say("interop.web_page")
    return say("interop.first_bytes", head=head[:8].hex(" ") or "–")

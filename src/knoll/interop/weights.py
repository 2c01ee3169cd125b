"""Weights from a file of any kind that is known here, told by what it contains."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from knoll.errors import DataError
from knoll.interop import safetensors_file
from knoll.interop.nested_values import Arrays, put_together
from knoll.interop.opened import name_of, naming, read_part, reading, rest_after
from knoll.interop.rebuilt import weights_in
from knoll.interop.torch_file import first_weights, read_torch, weights_of
from knoll.interop.torch_legacy import is_legacy
from knoll.interop.torch_pickle import Contents
from knoll.interop.torch_zip import is_zip
from knoll.messages import say

_HEAD = 512
STRUCTURE = "knoll.structure"  # the name of the text in the metadata of a file
SHARED = "knoll.shared"  # that of the text about memory that arrays share
MODEL = "knoll.model"  # that of a file with a whole model


def read_weights(path: str | os.PathLike[str]) -> Arrays:
    """The weights in a safetensors file or one of PyTorch's, by name; the suffix of the file does not matter.

    Of a checkpoint that holds more than weights, those under a usual key as "model" or "state_dict". Raises what
    `load_torch` and `safetensors_file.load` raise, and DataError for any other file.
    """
    with naming(path):
        held = read_file(path)
        if isinstance(held, Contents):
            return weights_of(held)
        if isinstance(held, WholeModel):
            return first_weights(weights_in(held.text, held.arrays), _arrays_in)
        return held.arrays if held.text is None else first_weights(put_together(held.text, held.arrays), _arrays_in)


@dataclass(frozen=True)
class WholeModel:
    """What a file holds of a whole model: arrays by name, and how they are put together."""

    arrays: Arrays
    text: str


@dataclass(frozen=True)
class Value:
    """What a file holds of data: arrays by name, how they are put together, and which are parts of others, if any."""

    arrays: Arrays
    text: str | None
    shared: str | None


def read_file(f: str | os.PathLike[str] | IO[bytes]) -> Contents | WholeModel | Value:
    """What a file holds: the contents of one of PyTorch's, or arrays by name and how they are put together, if at all.

    Raises what `read_weights` raises, and ArgumentTypeError for what is neither a path nor an open file of bytes.
    """
    path = name_of(f)
    with reading(f) as file:
        head = read_part(file, path, _HEAD)
        is_torchs = is_zip(head) or is_legacy(head)
        # A safetensors file begins with the length of its header in eight bytes, then the header, which is JSON.
        if not is_torchs and head[8:9] != b"{":
            raise DataError(
                say("interop.unknown_file", path=path), got=_looks_like(head), advice=say("interop.weights_advice")
            )
        data = rest_after(head, file, path)
    if is_torchs:
        return read_torch(data, path)
    arrays, metadata = safetensors_file.read(data, path)
    if MODEL in metadata:
        return WholeModel(arrays, metadata[MODEL])
    return Value(arrays, metadata.get(STRUCTURE), metadata.get(SHARED))


def _arrays_in(part: Any) -> Arrays:
    entries = part.items() if isinstance(part, dict) else ()
    return {str(name): entry for name, entry in entries if isinstance(entry, np.ndarray)}


def _looks_like(head: bytes) -> str:
    if head.startswith(b"version https://git-lfs"):
        return say("interop.lfs")
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return say("interop.web_page")
    return say("interop.first_bytes", head=head[:8].hex(" ") or "–")

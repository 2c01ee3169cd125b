"""Weights in safetensors files: names, shapes and numbers, nothing that could run.

https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save as to_bytes

from knoll.atomic import replacing
from knoll.errors import ArgumentTypeError, DataError, UnsupportedError, quoted
from knoll.interop.opened import read_bytes
from knoll.messages import say

_KINDS = "biuf"
# What a header that the library lets pass, but not NumPy, ends in: more axes than there are, sizes beyond all memory.
_BROKEN = (ValueError, TypeError, KeyError, OverflowError, RecursionError)
_TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "u1",
    "BOOL": "?",
}


def save(
    path: str | os.PathLike[str], arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str] | None = None
) -> None:
    """Write arrays by name, and texts by name about them; the file is replaced in one step or left as it was.

    Raises what `parts_of` raises, FileError where the file cannot be written.
    """
    parts = parts_of(arrays, metadata)
    with replacing(path) as file:
        file.writelines(parts)


def parts_of(arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str] | None = None) -> tuple[bytes, memoryview]:
    """The header and the numbers of a file; names keep their order.

    Raises ArgumentTypeError for arrays of anything but numbers and for metadata of anything but text.
    """
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray) or array.dtype.kind not in _KINDS:
            kind = getattr(array, "dtype", type(array).__name__)
            raise ArgumentTypeError(say("interop.no_numbers", name=name, kind=kind))
    if metadata is not None and not all(isinstance(text, str) for pair in metadata.items() for text in pair):
        raise ArgumentTypeError(say("interop.no_text"))
    contiguous = {name: np.require(array, requirements="C") for name, array in arrays.items()}
    try:
        data = to_bytes(contiguous, dict(metadata or {}) or None)
    except UnicodeEncodeError as error:  # half of a letter, as in the name of a file that is not text
        raise ArgumentTypeError(say("interop.no_name", name=ascii(error.object))) from None
    header, numbers = _header(data)
    if metadata:
        header["__metadata__"] = dict(metadata)
    return _ordered(header, arrays), memoryview(data)[numbers:]


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """The header of a file, and where the numbers begin."""
    end = 8 + int.from_bytes(data[:8], "little")
    return json.loads(data[8:end]), end


def _ordered(header: dict[str, Any], names: Iterable[str]) -> bytes:
    """A header with the names in this order; the library sorts them by element type, and metadata at random."""
    ordered = {name: header[name] for name in ("__metadata__", *names) if name in header}
    text = json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the numbers begin on a multiple of eight
    return len(text).to_bytes(8, "little") + text


def load(path: str | os.PathLike[str]) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays and the metadata of a file. Raises FileError where it cannot be read, else what `read` raises."""
    return read(read_bytes(path), path)


def read(data: bytes, path: object) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """The arrays and the metadata in these bytes; names come in the order in which they were saved.

    bfloat16 numbers come as float32, which holds them exactly.

    Raises DataError where the file is damaged or no such file, UnsupportedError for numbers of fewer than 8 bits and
    the like.
    """
    try:
        tensors = dict(deserialize(data))  # type: ignore[no-untyped-call]  # of another library
        header, _ = _header(data)
        metadata = header.pop("__metadata__", None) or {}
        return {name: _array(tensors[name]) for name in header}, metadata
    except UnsupportedError:
        raise
    except (SafetensorError, *_BROKEN) as error:
        reason = say("interop.broken_safetensors", path=path, reason=quoted(error))
        raise DataError(reason, advice=say("interop.copy_again")) from None


def _array(tensor: Mapping[str, Any]) -> NDArray[Any]:
    kind = tensor["dtype"]
    if kind == "BF16":
        upper = np.frombuffer(tensor["data"], "<u2").astype(np.uint32)
        return (upper << 16).view(np.float32).reshape(tensor["shape"])
    if kind not in _TYPES:
        raise UnsupportedError(say("interop.unknown_storage", name=kind))
    return np.frombuffer(tensor["data"], _TYPES[kind]).reshape(tensor["shape"])

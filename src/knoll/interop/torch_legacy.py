"""The file that `torch.save` wrote before version 1.6: pickles one after the other, then the numbers."""

from __future__ import annotations

import io
import pickle
import struct
from typing import Any

from knoll.data.inert_pickle import InertUnpickler
from knoll.data.pickle_machine import Allowance
from knoll.errors import DataError, UnsupportedError
from knoll.interop.torch_pickle import Contents, TorchUnpickler
from knoll.messages import say

_MAGIC = tuple(pickle.dumps(0x1950A86A20F9469CFC6C, protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1))
_VERSION = 1001
_SHOWN = 20  # letters of another version


def is_legacy(data: bytes) -> bool:
    """Whether the bytes begin with PyTorch's magic number, pickled."""
    return data.startswith(_MAGIC)


def read_legacy(data: bytes) -> Contents:
    """What the file holds. Raises DataError where it is cut short, UnsupportedError for another version of it."""
    file, allowance = io.BytesIO(data), Allowance(len(data))
    _, version, system = (InertUnpickler(file, allowance).read() for _ in range(3))
    if version != _VERSION:
        raise UnsupportedError(say("interop.legacy_version", version=repr(version)[:_SHOWN]))
    if isinstance(system, dict) and system.get("little_endian") is False:
        raise UnsupportedError(say("interop.big_endian"))
    reader = _LegacyUnpickler(file, allowance)
    value = reader.read()
    keys = InertUnpickler(file, allowance).read()
    if not isinstance(keys, list) or not all(isinstance(key, (str, int)) and str(key) in reader.sizes for key in keys):
        raise DataError(say("interop.cut_short"), advice=say("interop.copy_again"))
    storages = {str(key): _numbers(file, reader.sizes[str(key)]) for key in keys}
    return Contents(value, storages, allowance)


class _LegacyUnpickler(TorchUnpickler):
    """Notes how many bytes an element of each storage has, which the numbers themselves do not say."""

    def __init__(self, file: io.BytesIO, allowance: Allowance) -> None:
        super().__init__(file, allowance)
        self.sizes: dict[str, int] = {}

    def persistent_load(self, pid: Any) -> Any:
        found = super().persistent_load(pid)
        if pid[0] == "storage":
            self.sizes[found.key] = found.element.dtype.itemsize
        return found


def _numbers(file: io.BytesIO, size: int) -> bytes:
    """The bytes of the next storage: the number of its elements, then they."""
    head = file.read(8)
    count = struct.unpack("<q", head)[0] if len(head) == 8 else -1
    if not 0 <= count * size <= file.getbuffer().nbytes - file.tell():
        raise DataError(say("interop.cut_short"), advice=say("interop.copy_again"))
    return file.read(count * size)

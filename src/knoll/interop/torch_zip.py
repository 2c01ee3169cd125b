"""The zip file that `torch.save` writes since version 1.6: `data.pkl`, and one file of raw numbers a storage."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from knoll.data.pickle_machine import Allowance
from knoll.errors import DataError, UnsupportedError
from knoll.interop.torch_pickle import Contents, TorchUnpickler
from knoll.messages import say

# What stands before the bytes of an entry: a signature, and at the end the lengths of its name and of what is added.
_HEAD = struct.Struct("<4s22xHH")
_ENCRYPTED = 1
# What Python's reader raises on broken archives, and on names that are no texts.
_BROKEN = (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, RuntimeError, EOFError, struct.error)


def is_zip(data: bytes) -> bool:
    """Whether the bytes begin as a zip file does."""
    return data.startswith(b"PK\x03\x04")


def read_zip(data: bytes) -> Contents:
    """What the file holds. Raises DataError where it is cut short or no file of PyTorch."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN as error:
        raise _broken(error) from None
    allowance, folder = Allowance(len(data)), _folder(archive.namelist())
    files = _Files(archive, folder, data, allowance)
    if "constants.pkl" in files:
        raise UnsupportedError(say("interop.torchscript"), advice=say("interop.torchscript_advice"))
    if "byteorder" in files and bytes(files["byteorder"]) != b"little":
        raise UnsupportedError(say("interop.big_endian"))
    value = TorchUnpickler(io.BytesIO(files["data.pkl"]), allowance).read()
    return Contents(value, _Files(archive, folder + "data/", data, allowance), allowance)


def _folder(names: list[str]) -> str:
    """The folder inside the zip file, which is named like the file was when it was saved."""
    for name in names:
        if name.endswith("/data.pkl") and name.count("/") == 1:
            return name.removesuffix("data.pkl")
    raise DataError(say("interop.no_data_pkl"), advice=say("interop.weights_advice"))


def _broken(reason: object) -> DataError:
    return DataError(say("interop.broken_zip", reason=reason), advice=say("interop.copy_again"))


class _Files(Mapping[str, memoryview]):
    """The files in a folder of a zip file: parts of its bytes, each checked when it is first asked for."""

    def __init__(self, archive: zipfile.ZipFile, folder: str, data: bytes, allowance: Allowance) -> None:
        self._entries = {
            entry.filename.removeprefix(folder): entry
            for entry in archive.infolist()
            if entry.filename.startswith(folder)
        }
        self._data = memoryview(data)
        self._allowance = allowance
        self._checked: dict[str, memoryview] = {}

    def __getitem__(self, name: str) -> memoryview:
        if name not in self._checked:
            self._checked[name] = self._part(name, self._entries[name])
        return self._checked[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def _part(self, name: str, entry: zipfile.ZipInfo) -> memoryview:
        # PyTorch stores numbers as they are; a compressed entry could claim to grow without end.
        if entry.compress_type != zipfile.ZIP_STORED:
            raise DataError(say("interop.compressed", name=name))
        head = self._data[entry.header_offset : entry.header_offset + _HEAD.size] if entry.header_offset >= 0 else b""
        if len(head) < _HEAD.size or head[:4] != b"PK\x03\x04" or entry.flag_bits & _ENCRYPTED:
            raise _broken(name)
        start = entry.header_offset + _HEAD.size + sum(_HEAD.unpack(head)[1:])
        part = self._data[start : start + entry.file_size]
        self._allowance.copy(len(part))  # entries could all be the same bytes, to be gone through again and again
        if len(part) != entry.file_size or zlib.crc32(part) != entry.CRC:
            raise _broken(f"Bad CRC-32 for file {name!r}")
        return part

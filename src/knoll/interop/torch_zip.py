"""The zip file that `torch.save` writes since version 1.6: `data.pkl`, and one file of raw numbers a storage."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from knoll.errors import DataError, UnsupportedError
from knoll.interop.torch_pickle import Contents, TorchUnpickler
from knoll.messages import say


def is_zip(data: bytes) -> bool:
    """Whether the bytes begin as a zip file does."""
    return data.startswith(b"PK\x03\x04")


def read_zip(data: bytes) -> Contents:
    """What the file holds. Raises DataError where it is cut short or no file of PyTorch."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OverflowError) as error:
        raise DataError(say("interop.broken_zip", reason=error), advice=say("interop.copy_again")) from None
    folder = _folder(archive.namelist())
    files = _Files(archive, folder)
    if "constants.pkl" in files:
        raise UnsupportedError(say("interop.torchscript"), advice=say("interop.torchscript_advice"))
    if "byteorder" in files and files["byteorder"] != b"little":
        raise UnsupportedError(say("interop.big_endian"))
    value = TorchUnpickler(io.BytesIO(files["data.pkl"])).read()
    return Contents(value, _Files(archive, folder + "data/"))


def _folder(names: list[str]) -> str:
    """The folder inside the zip file, which is named like the file was when it was saved."""
    for name in names:
        if name.endswith("/data.pkl") and name.count("/") == 1:
            return name.removesuffix("data.pkl")
    raise DataError(say("interop.no_data_pkl"), advice=say("interop.weights_advice"))


class _Files(Mapping[str, bytes]):
    """The files in a folder of a zip file, read when they are asked for."""

    def __init__(self, archive: zipfile.ZipFile, folder: str) -> None:
        self._archive = archive
        self._folder = folder

    def __getitem__(self, name: str) -> bytes:
        entry = self._archive.getinfo(self._folder + name)
        # PyTorch stores numbers as they are; a compressed entry could claim to grow without end.
        if entry.compress_type != zipfile.ZIP_STORED:
            raise DataError(say("interop.compressed", name=name))
        try:
            return self._archive.read(entry)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise DataError(say("interop.broken_zip", reason=error), advice=say("interop.copy_again")) from None

    def __iter__(self) -> Iterator[str]:
        return (name.removeprefix(self._folder) for name in self._archive.namelist() if name.startswith(self._folder))

    def __len__(self) -> int:
        return sum(1 for _ in self)

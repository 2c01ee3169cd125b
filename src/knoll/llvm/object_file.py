"""What an object file says of its own size, before LLVM, which believes it, is given one from disk."""

from __future__ import annotations

import struct

_MAGIC = b"\x7fELF\x02\x01"  # 64 bits, little-endian
_HEADER = struct.Struct("<40xQ10xHHH")  # where the table of sections begins; bytes of a section in it, how many, names
_SECTION = struct.Struct("<4xI16xQQ24x")  # kind, where the section begins, its bytes
_NO_BYTES = 8  # the kind of a section of zeros, which takes no room in the file


def is_whole(code: bytes) -> bool:
    """Whether all sections of an ELF file lie inside of it; files of other formats are taken as they are.

    >>> is_whole(_MAGIC), is_whole(b"another format")
    (False, True)
    """
    if not code.startswith(_MAGIC):
        return bool(code) and not _MAGIC.startswith(code[:6])
    if len(code) < 64:
        return False
    table, size, count, _ = _HEADER.unpack_from(code)
    if size != _SECTION.size or table + size * count > len(code):
        return False
    sections = _SECTION.iter_unpack(code[table : table + size * count])
    return all(kind == _NO_BYTES or start + length <= len(code) for kind, start, length in sections)

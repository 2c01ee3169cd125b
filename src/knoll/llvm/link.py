"""An object file becomes an image: its sections one behind the other, with every reference filled in.

The image is right wherever it lies: references between its sections are relative, and functions outside are called
through a stub that holds a whole address. Every value is checked against the bits that are there for it. Sources: the
System V ABI for ELF, and its tables of relocations for x86-64 and AArch64.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

# Magic, class, order of bytes, machine, where the table of sections begins, a section's bytes, how many, their names
_HEADER = struct.Struct("<4sBB12xH20xQ10xHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELOCATION = struct.Struct("<QQq")
_SYMBOLS, _RELOCATIONS, _BYTES, _FUNCTION = 2, 4, 1, 2  # kinds of sections, and of a symbol
_ALLOCATED, _WRITABLE = 2, 1  # flags of a section
_X86, _ARM = 62, 183
LINE = 64  # bytes of a cache line: where the code begins
PAGE = 4096  # what an image's address is a multiple of, at the least


class LinkError(RuntimeError):
    """An object file that cannot be used."""


@dataclass(frozen=True)
class Image:
    """Bytes that run at any address that is a multiple of a page, and where functions begin among them."""

    code: bytes
    functions: dict[str, int]


class _Section(NamedTuple):
    name: int
    kind: int
    flags: int
    address: int
    start: int
    size: int
    link: int
    info: int
    align: int
    entry: int

    def of(self, file: bytes) -> bytes:
        """The bytes of the section in an object file."""
        if self.start + self.size > len(file):
            raise LinkError("a section reaches beyond the end of the object file")
        return file[self.start : self.start + self.size]

    @property
    def is_loaded(self) -> bool:
        """Whether it is part of the image, as code and constants are."""
        return bool(self.flags & _ALLOCATED) and self.kind == _BYTES


def linked(file: bytes, outside: Callable[[str], int]) -> Image:
    """The image of an object file; `outside` gives the address of a function that it does not have itself.

    Raises LinkError for a file that is damaged or has anything that kernels have no use for.
    """
    try:
        return _Linker(file).image(outside)
    except (struct.error, IndexError, ValueError) as error:
        raise LinkError(f"a damaged object file: {error}") from error


class _Linker:
    def __init__(self, file: bytes) -> None:
        magic, bits, order, self.machine, start, size, count, names = _HEADER.unpack_from(file)
        if (magic, bits, order) != (b"\x7fELF", 2, 1) or self.machine not in _FIELDS or size != _SECTION.size:
            raise LinkError("no object file for this processor")
        self.file = file
        table = _Section(0, 0, 0, 0, start, size * count, 0, 0, 0, 0).of(file)
        self.sections = list(map(_Section._make, _SECTION.iter_unpack(table)))
        self.names = self.sections[names].of(file)
        self.memory, self.places = bytearray(), dict[int, int]()
        self.stubs: dict[int, int] = {}
        (symbols,) = [section for section in self.sections if section.kind == _SYMBOLS]
        self.symbols = list(_SYMBOL.iter_unpack(symbols.of(file)))
        self.strings = self.sections[symbols.link].of(file)

    def image(self, outside: Callable[[str], int]) -> Image:
        for number, section in enumerate(self.sections):
            if section.is_loaded and _text(self.names, section.name) != ".eh_frame":  # no kernel raises exceptions
                self._place(number, section)
        for section in self.sections:
            if section.kind == _RELOCATIONS and section.info in self.places:
                for offset, info, addend in _RELOCATION.iter_unpack(section.of(self.file)):
                    self._fill(self.places[section.info] + offset, info >> 32, info & 0xFFFFFFFF, addend, outside)
        functions = {
            _text(self.strings, name): self.places[home] + value
            for name, kind, _, home, value, _ in self.symbols
            if kind & 15 == _FUNCTION and home in self.places and value < self.sections[home].size
        }
        return Image(bytes(self.memory), functions)

    def _place(self, number: int, section: _Section) -> None:
        if section.flags & _WRITABLE:
            raise LinkError("variables in the object file of a kernel")
        if section.align > PAGE:
            raise LinkError(f"a section that begins at multiples of {section.align} bytes")
        self._align(max(section.align, LINE if not self.memory else 1))
        self.places[number] = len(self.memory)
        self.memory += section.of(self.file)

    def _align(self, bytes_: int) -> None:
        self.memory += bytes(-len(self.memory) % bytes_)

    def _fill(self, place: int, symbol: int, kind: int, addend: int, outside: Callable[[str], int]) -> None:
        """Fill in one reference of the code, as its relocation asks for."""
        name, _, _, home, value, _ = self.symbols[symbol]
        field, calls = _FIELDS[self.machine].get(kind), kind in _CALLS[self.machine]
        if home == 0 and calls:
            target = self._stub(symbol, _text(self.strings, name), outside)
        elif home in self.places:
            target = self.places[home] + value
        else:
            raise LinkError(f"a reference to {_text(self.strings, name)!r}, which is not there")
        if field is None or place + 4 > len(self.memory):
            raise LinkError(f"relocation {kind} at {place}")
        (word,) = struct.unpack_from("<I", self.memory, place)
        struct.pack_into("<I", self.memory, place, field(word, target + addend, place))

    def _stub(self, symbol: int, name: str, outside: Callable[[str], int]) -> int:
        """A jump to any address, which stands behind it."""
        if symbol not in self.stubs:
            self._align(16)
            self.stubs[symbol] = len(self.memory)
            self.memory += _JUMPS[self.machine] + struct.pack("<Q", outside(name))
        return self.stubs[symbol]


def _text(strings: bytes, start: int) -> str:
    return strings[start : strings.index(0, start)].decode()


def _signed(value: int, bits: int) -> int:
    """A signed number in so many bits."""
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise LinkError(f"a distance of {value} does not fit in {bits} bits")
    return value & ((1 << bits) - 1)


def _distance(_: int, target: int, place: int) -> int:
    return _signed(target - place, 32)


def _page(word: int, target: int, place: int) -> int:
    pages = _signed((target >> 12) - (place >> 12), 21)
    return word & 0x9F00001F | (pages & 3) << 29 | pages >> 2 << 5


def _within_page(scale: int) -> Callable[[int, int, int], int]:
    """The place in its page, counted in elements of 1 << scale bytes."""

    def field(word: int, target: int, _: int) -> int:
        if target % (1 << scale):
            raise LinkError(f"an address of {target} for elements of {1 << scale} bytes")
        return word & ~(0xFFF << 10) | (target & 0xFFF) >> scale << 10

    return field


def _branch(word: int, target: int, place: int) -> int:
    if (target - place) % 4:
        raise LinkError("a jump into an instruction")
    return word & 0xFC000000 | _signed((target - place) >> 2, 26)


# What each kind of relocation writes over the word at its place
_FIELDS: dict[int, dict[int, Callable[[int, int, int], int]]] = {
    _X86: {2: _distance, 4: _distance},
    _ARM: {
        261: _distance,
        275: _page,
        277: _within_page(0),
        278: _within_page(0),
        284: _within_page(1),
        285: _within_page(2),
        286: _within_page(3),
        299: _within_page(4),
        282: _branch,
        283: _branch,
    },
}
_CALLS = {_X86: {4}, _ARM: {282, 283}}
_JUMPS = {
    _X86: bytes.fromhex("ff2502000000 6690"),  # jmp *[behind]; nop
    _ARM: bytes.fromhex("50000058 00021fd6"),  # ldr x16, the word behind; br x16
}

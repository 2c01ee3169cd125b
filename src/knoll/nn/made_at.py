"""Where in the user's code each module was made, so that a finding can name the line to change.

It is kept beside the modules, not in them: `vars(module)`, copies and pickles are as in PyTorch.
"""

from __future__ import annotations

import copyreg
import sys
from dataclasses import dataclass
from pathlib import PurePath
from weakref import WeakKeyDictionary


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a source file."""

    file: str
    line: int

    @property
    def short(self) -> str:
        """The name of the file without its folder."""
        return PurePath(self.file).name

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


_places: WeakKeyDictionary[object, tuple[str, int]] = WeakKeyDictionary()


def note(module: object, depth: int) -> None:
    """Remember the line that is being run `depth` frames above the caller as the one that makes `module`."""
    frame = sys._getframe(depth + 1)
    if frame.f_code.co_filename == copyreg.__file__:
        return  # a copy
    _places[module] = (frame.f_code.co_filename, frame.f_lineno)


def note_as(copy: object, original: object) -> None:
    """Remember for a copy where its original was made."""
    if original in _places:
        _places[copy] = _places[original]


def forget(module: object) -> None:
    """Remember no line for a module that a file made."""
    _places.pop(module, None)


def made_at(module: object) -> Place | None:
    """The line that made a module; None where it was copied or loaded."""
    place = _places.get(module)
    return Place(*place) if place else None

"""Files of weights that were given to the page: kept in a folder of the lab's own, the oldest forgotten first."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from weakref import finalize

from knoll.errors import EntryError, KnollError
from knoll.interop import read_weights
from knoll.lab.chosen_network import of_file
from knoll.messages import say

KEPT = 4


class WeightFiles:
    """The files that were given, by their names; the folder goes with the lab."""

    def __init__(self) -> None:
        self._folder = Path(mkdtemp(prefix="knoll-lab-"))
        finalize(self, rmtree, self._folder, ignore_errors=True)
        self._kept: OrderedDict[str, Path] = OrderedDict()

    def add(self, content: bytes) -> tuple[str, bool]:
        """Keep a file; its name, and whether it says which network its weights are of.

        Nothing in it is executed. Raises what `read_weights` raises for a file of another kind.
        """
        name = hashlib.sha256(content).hexdigest()[:16]
        path = self._folder / name
        path.write_bytes(content)
        self._kept[name] = path
        self._kept.move_to_end(name)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)[1].unlink(missing_ok=True)
        try:
            read_weights(path)
        except KnollError as error:
            self._kept.pop(name).unlink(missing_ok=True)
            error.reason = error.reason.replace(str(path), say("lab.the_file"))
            raise
        return name, _is_whole(path)

    def path(self, name: str) -> Path:
        """The file of a name. Raises EntryError for one that is not kept."""
        if name not in self._kept:
            raise EntryError(say("lab.no_weights"))
        return self._kept[name]


def _is_whole(path: Path) -> bool:
    """Whether a file says which network it is of."""
    try:
        of_file("", path)
    except KnollError:
        return False
    return True

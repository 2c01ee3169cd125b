"""What tensors over the same numbers know together, and when any of it was last changed.

Whoever compared some tensors with what they were need not do so again before something is noted: a write into a watched
memory, or that a tensor over one was rebound. Each noted change is another object, so that two are never taken for one.
"""

from __future__ import annotations


class Memory:
    """How often numbers were changed in place, and whether somebody outside can change them unseen.

    A tensor, its views, its `detach()` and its `data` share one.
    """

    version: int = 0
    shared: bool = False

    def note_rebinding(self) -> None:
        """Note that a tensor over this memory lies elsewhere, became a view, or wants a gradient or none."""


class _Last:
    write: object = object()
    rebinding: object = object()


class Watched(Memory):
    """A memory whose changes are noted.

    >>> from knoll.tensor.storage.memory import Memory, last_write, watch
    >>> memory = Memory()
    >>> watch(memory)
    >>> before = last_write()
    >>> memory.version += 1
    >>> last_write() is before
    False
    """

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        _Last.write = object()

    def note_rebinding(self) -> None:
        """Note it."""
        _Last.rebinding = object()


def watch(memory: Memory) -> None:
    """Note the changes of a memory from now on; a constant has none."""
    if type(memory) is Memory:
        memory.__class__ = Watched


def last_write() -> object:
    """The last time that numbers in a watched memory were changed, or given to somebody outside."""
    return _Last.write


def last_rebinding() -> object:
    """The last time that a tensor over a watched memory was rebound."""
    return _Last.rebinding

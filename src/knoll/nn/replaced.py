"""Which functions of `knoll.nn.functional` somebody has replaced, as to count their calls.

Layers call them by their names there, so that nothing is memoised before they are put back.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from knoll.nn import functional

_OWN = dict(vars(functional))
replaced: set[str] = set()


class _Watched(ModuleType):
    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        _note(name, value)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        _note(name, None)


def _note(name: str, value: Any) -> None:
    if name in _OWN and value is not _OWN[name]:
        replaced.add(name)
    else:
        replaced.discard(name)


functional.__class__ = _Watched

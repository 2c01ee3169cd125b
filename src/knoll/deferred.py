"""Functions of packages that stand later in the order of imports, loaded by name when they are first called.

What an object shows of itself is drawn and written by packages that know the object; so they come after it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def loaded(package: str, name: str) -> Callable[..., Any]:
    """A function of a package.

    >>> loaded("graph.shapes", "shape_text")((3, 32, 32))
    '3×32×32'
    """
    function: Callable[..., Any] = getattr(import_module(f"knoll.{package}"), name)
    return function

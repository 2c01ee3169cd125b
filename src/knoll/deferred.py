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


def html_of(package: str, name: str, *shown: Any) -> str | None:
    """What a function of a package makes for a notebook; None, for which it takes the text, where that fails.

    >>> html_of("views.tensor_display", "tensor_html", None) is None
    True
    """
    try:
        html: str | None = loaded(package, name)(*shown)
    except Exception:  # noqa: BLE001 (what an object shows of itself must not fail, whatever a user has made of it)
        return None
    return html

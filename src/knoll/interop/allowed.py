"""Which classes a file may name: those that were allowed, or any that can be imported.

Source: https://pytorch.org/docs/stable/notes/serialization.html#torch-serialization-safe-globals
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from knoll.errors import ArgumentTypeError, DataError, MissingAttributeError, UnsafeFileError
from knoll.interop.whole import path_of
from knoll.messages import say

_allowed: list[Any] = []


def add_safe_globals(safe_globals: Sequence[Any]) -> None:
    """Let `knoll.load` with `weights_only=True` make models of these classes, from now on.

    Also functions that are attributes of models. Raises ArgumentTypeError for what is neither.
    """
    for each in safe_globals:
        if path_of(each) is None:
            raise ArgumentTypeError(say("interop.allowed_kind"), got=type(each).__name__)
    _allowed.extend(each for each in safe_globals if each not in _allowed)


def get_safe_globals() -> list[Any]:
    """The classes and functions that are allowed."""
    return list(_allowed)


def clear_safe_globals() -> None:
    """Allow nothing any more."""
    _allowed.clear()


class safe_globals:  # noqa: N801 (a context manager, under PyTorch's name)
    """Allow classes and functions within a `with` block, as `add_safe_globals` does for good.

    >>> import io
    >>> import knoll
    >>> file = io.BytesIO()
    >>> knoll.save(knoll.nn.Flatten(), file)
    >>> _ = file.seek(0)
    >>> with knoll.serialization.safe_globals([knoll.nn.Flatten]):
    ...     print(knoll.load(file))
    Flatten(start_dim=1, end_dim=-1)
    """

    def __init__(self, safe_globals: Sequence[Any]) -> None:
        self._added = list(safe_globals)

    def __enter__(self) -> None:
        self._before = get_safe_globals()
        add_safe_globals(self._added)

    def __exit__(self, *_: object) -> None:
        _allowed[:] = self._before


def allowed_only(paths: Sequence[str], file: str) -> Callable[[str], Any]:
    """Finds what is allowed. Raises UnsafeFileError where one of these paths is not."""
    known = {path_of(each): each for each in _allowed}
    others = [path.replace(":", ".") for path in paths if path not in known]
    if others:
        raise UnsafeFileError(
            "Weights only load failed. This file can still be loaded, to do so you have two options, do those steps "
            "only if you trust the source of the checkpoint.",
            expected=say("interop.only_allowed"),
            got=", ".join(others[:20]) + (", …" if len(others) > 20 else ""),
            advice=say("interop.only_allowed_advice", path=file),
        )
    return known.__getitem__


def imported(path: str) -> Any:
    """What stands at a path `package.module:Class`. Raises MissingAttributeError where nothing does."""
    name, _, qualified = path.partition(":")
    parts = qualified.split(".")
    if not all(part.isidentifier() for part in (*name.split("."), *parts)):
        raise DataError(say("interop.no_class", path=path))
    told = f"{name}.{qualified}"
    try:
        module = sys.modules.get(name) or import_module(name)
    except ModuleNotFoundError as error:
        raise MissingAttributeError(str(error), got=told, advice=_advice(name, qualified)) from None
    found: Any = module
    for part in parts:
        if not hasattr(found, part):
            raise MissingAttributeError(
                f"Can't get attribute {qualified!r} on {module!r}", got=told, advice=_advice(name, qualified)
            )
        found = getattr(found, part)
    return found


def _advice(module: str, name: str) -> str:
    sentence = "interop.class_in_program" if module == "__main__" else "interop.class_in_module"
    return say(sentence, kind=name.split(".")[0], module=module)

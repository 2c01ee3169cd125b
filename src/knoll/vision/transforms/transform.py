"""What a transform is: anything that makes one image out of another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from numpy.typing import NDArray

from knoll.errors import ArgumentTypeError
from knoll.messages import say

Array = NDArray[Any]
BatchTransform = Callable[[Array], Array]


class Transform(Protocol):
    """Anything that makes one image out of another."""

    def __call__(self, image: Any, /) -> Any:
        """The image, transformed."""
        ...


def check_transform(name: str, transform: object, needed: bool = False) -> None:
    """Refuse what cannot be called, and a class whose objects are meant. Raises ArgumentTypeError."""
    if transform is None and not needed:
        return
    if isinstance(transform, type) and any("__call__" in vars(base) for base in transform.__mro__):
        raise ArgumentTypeError(
            say("vision.class_for_object", name=transform.__name__), where=name, advice=f"{transform.__name__}(…)"
        )
    if not callable(transform):
        raise ArgumentTypeError(f"'{type(transform).__name__}' object is not callable", where=name)

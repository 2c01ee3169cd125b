"""Pillow's modules, each loaded when something of it is first asked for: `import knoll` does not wait for them.

Every file that makes or reads pictures takes them from here, as `from knoll.pillow import Image`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from knoll.errors import UnsupportedError
from knoll.messages import say


@cache
def _loaded(name: str) -> ModuleType:
    """The module. Raises UnsupportedError where Pillow is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise UnsupportedError(say("error.no_pillow"), advice="pip install pillow") from None


class _Deferred(ModuleType):
    """A module of Pillow's, which is loaded when it is asked for a name."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_loaded(self.__name__), name)


if TYPE_CHECKING:
    import PIL
    from PIL import Image, ImageColor, ImageDraw, ImageEnhance, ImageFont, ImageOps
else:
    PIL = _Deferred("PIL")
    Image = _Deferred("PIL.Image")
    ImageColor = _Deferred("PIL.ImageColor")
    ImageDraw = _Deferred("PIL.ImageDraw")
    ImageEnhance = _Deferred("PIL.ImageEnhance")
    ImageFont = _Deferred("PIL.ImageFont")
    ImageOps = _Deferred("PIL.ImageOps")

__all__ = ["PIL", "Image", "ImageColor", "ImageDraw", "ImageEnhance", "ImageFont", "ImageOps"]

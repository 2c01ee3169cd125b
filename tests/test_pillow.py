"""Pillow's modules are loaded when something of them is asked for, and missed in a sentence that says what to do."""

from __future__ import annotations

import subprocess
import sys

import PIL.Image
import PIL.ImageOps
import pytest

import knoll
from knoll import pillow


def test_what_is_asked_for_is_pillows_own() -> None:
    assert pillow.Image.Image is PIL.Image.Image
    assert pillow.ImageOps.invert is PIL.ImageOps.invert
    assert pillow.PIL.UnidentifiedImageError is PIL.UnidentifiedImageError
    with pytest.raises(AttributeError, match=r"module 'PIL.Image' has no attribute 'paint'"):
        _ = pillow.Image.paint  # type: ignore[attr-defined]  # that is the test


def test_naming_a_module_does_not_load_it() -> None:
    code = "import sys; from knoll.pillow import Image; print('PIL' in sys.modules, Image.Image.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "Image"]


def test_a_missing_pillow_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.ImageDraw", None)
    pillow._loaded.cache_clear()
    with pytest.raises(knoll.errors.UnsupportedError, match="is not installed") as caught:
        _ = pillow.ImageDraw.Draw
    assert caught.value.advice == "pip install pillow"

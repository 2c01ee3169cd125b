"""The fonts of pixels hold every character of the catalogue, and the files that say so hold them indeed."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFont

from knoll.draw import Scene, Text
from knoll.draw.font import SANS, SIGNS, characters
from knoll.errors import ArgumentError
from knoll.messages import LANGUAGES, catalogue, packages


@pytest.mark.parametrize("package", packages())
def test_every_character_of_the_catalogue_can_be_drawn(package: str) -> None:
    used = {
        character for entry in catalogue(package).values() for language in LANGUAGES for character in entry[language]
    }
    missing = used - characters() - {"\n"}
    assert not missing, f"add them to knoll/draw/font/__init__.py and run tools/font.py: {''.join(sorted(missing))}"


def test_the_files_hold_the_characters() -> None:
    fonts = [ImageFont.truetype(str(file), 16) for file in (SANS, SIGNS)]
    boxes = [bytes(font.getmask("\U0010fffd")) for font in fonts]
    missing = [
        character
        for character in characters()
        if all(bytes(font.getmask(character)) == box for font, box in zip(fonts, boxes, strict=True))
    ]
    assert not missing


def test_both_fonts_are_small_and_have_their_licences() -> None:
    assert SANS.stat().st_size + SIGNS.stat().st_size < 700_000
    assert "SIL OPEN FONT LICENSE" in SANS.with_name("OFL.txt").read_text("utf-8")
    assert "Bitstream" in SANS.with_name("DejaVu.txt").read_text("utf-8")


def pixels(words: str) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(Scene(40, 20, (Text(20, 10, words),)).png(1))).convert("L"))


def test_chinese_and_signs_are_drawn() -> None:
    drawn = [pixels(character).tobytes() for character in "卷积核⌊₂ź"]
    assert len(set(drawn)) == len(drawn)
    assert all(np.frombuffer(each, np.uint8).min() < 128 for each in drawn)


def test_a_sign_of_the_other_font_does_not_change_the_letters_beside_it() -> None:
    def first(words: str) -> np.ndarray:
        scene = Scene(80, 20, (Text(2, 10, words, anchor="start"),))
        return np.asarray(Image.open(BytesIO(scene.png(2))).convert("L"))[:, :20]

    for sign in "·⌊₂":
        assert np.array_equal(first(f"ag{sign}3"), first("ag"))


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf"), 1e-3, 1e6])
def test_scales_without_a_picture_are_told(scale: float) -> None:
    with pytest.raises(ArgumentError, match="No picture can be made at a scale of"):
        Scene(40, 20).png(scale)

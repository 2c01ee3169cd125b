"""The palette can be read: by contrast, in grey, and by people who see fewer colours."""

from __future__ import annotations

from itertools import combinations
from typing import get_args

import numpy as np
import pytest

from knoll.draw.palette import CUES, DARK, LIGHT, Colour, Role, line_of, tint_of
from knoll.draw.series import stroke_of

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
TINTS: list[Colour] = [colour for colour in get_args(Colour) if colour.endswith("-tint")]
LINES: list[Colour] = [tint.removesuffix("-tint") for tint in TINTS]
# Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency", 2009,
# severity 1, in linear RGB.
SIGHTS = {
    "all colours": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]])


def linear(colour: str) -> np.ndarray:
    """Linear RGB of sRGB."""
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def mixed(over: str, under: str, opacity: float) -> np.ndarray:
    """Linear RGB of one colour over another, mixed as a browser mixes them."""
    parts = [np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) for colour in (over, under)]
    whole = np.rint(opacity * parts[0] + (1 - opacity) * parts[1]).astype(int)
    return linear("#" + "".join(f"{part:02x}" for part in whole))


def luminance(rgb: np.ndarray) -> float:
    return float(rgb @ XYZ[1])


def contrast(first: np.ndarray, second: np.ndarray) -> float:
    """As WCAG 2 measures it."""
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* under D65."""
    t = (XYZ @ rgb) / np.array([0.95047, 1, 1.08883])
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def seen(colour: str, sight: str) -> np.ndarray:
    return lab(np.clip(np.array(SIGHTS[sight]) @ linear(colour), 0, 1))


@THEMES
def test_words_can_be_read_on_paper_and_on_every_tint(theme: dict[Colour, str]) -> None:
    for paper in ("paper", "shade", *TINTS):
        assert contrast(linear(theme["ink"]), linear(theme[paper])) >= 7, paper
    for quiet in ("paper", "shade", "padding-tint", "dropped-tint", "skipped-tint"):
        assert contrast(linear(theme["muted"]), linear(theme[quiet])) >= 4.5, quiet
    for line in LINES:
        assert contrast(linear(theme[line]), linear(theme["paper"])) >= 4.5, line


@THEMES
def test_outlines_are_seen_on_paper_and_on_their_tints(theme: dict[Colour, str]) -> None:
    for line in LINES:
        for under in ("paper", f"{line}-tint"):
            assert contrast(linear(theme[line]), linear(theme[under])) >= 3, (line, under)


@THEMES
def test_numbers_can_be_read_on_the_strongest_heat(theme: dict[Colour, str]) -> None:
    for sign in ("positive", "negative"):
        strongest = mixed(theme[sign], theme["paper"], 0.48)
        assert contrast(linear(theme["ink"]), strongest) >= 4.5


@THEMES
@pytest.mark.parametrize("sight", SIGHTS)
def test_what_stands_in_one_picture_is_told_apart(theme: dict[Colour, str], sight: str) -> None:
    together: tuple[Colour, ...] = ("input", "output", "kernel", "winner")
    for first, second in [*combinations(together, 2), ("positive", "negative"), ("input", "gradient")]:
        apart = np.linalg.norm(seen(theme[first], sight) - seen(theme[second], sight))
        assert apart >= 10, (first, second, apart)


def test_no_role_is_told_by_colour_alone() -> None:
    assert CUES.keys() == set(get_args(Role))
    assert len(set(CUES.values())) == len(CUES)


def test_every_colour_has_a_value_in_both_themes() -> None:
    assert LIGHT.keys() == DARK.keys() == set(get_args(Colour))
    assert {line_of(role) for role in get_args(Role)} | {tint_of(role) for role in get_args(Role)} <= LIGHT.keys()


@THEMES
def test_series_of_a_plot_are_told_apart_by_dash_alone_and_by_colour_alone(theme: dict[Colour, str]) -> None:
    strokes = [stroke_of(number) for number in range(25)]
    colours = [each.stroke for each in strokes[:5] if each.stroke is not None]
    assert len({each.dash for each in strokes[:5]}) == len(set(colours)) == 5
    assert len({(each.dash, each.stroke) for each in strokes}) == 25
    for colour in colours:
        assert contrast(linear(theme[colour]), linear(theme["paper"])) >= 3, colour
    for first, second in combinations(colours, 2):
        for sight in SIGHTS:
            assert np.linalg.norm(seen(theme[first], sight) - seen(theme[second], sight)) > 8, (first, second, sight)

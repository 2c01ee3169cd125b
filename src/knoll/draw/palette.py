"""The palette: colours by what they mean, for light and dark paper.

A meaning has a line colour, for outlines and words, and a tint, `input-tint`, that lies behind numbers. The colours of
a theme differ for people who see fewer colours and in grey where they stand in one picture; where they cannot, a hatch
or an outline tells them apart (`CUES`), so nothing is told by colour alone.

The hues are those of Okabe and Ito, "Color universal design", 2008, darkened or lightened until they can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

Theme = Literal["auto", "light", "dark"]
Hatch = Literal["lines", "cross", "dots"]
Role = Literal["plain", "input", "output", "kernel", "padding", "dropped", "skipped", "winner", "gradient"]
Colour = Literal[
    "paper",
    "ink",
    "muted",
    "grid",
    "shade",
    "input",
    "input-tint",
    "output",
    "output-tint",
    "kernel",
    "kernel-tint",
    "padding",
    "padding-tint",
    "dropped",
    "dropped-tint",
    "skipped",
    "skipped-tint",
    "winner",
    "winner-tint",
    "gradient",
    "gradient-tint",
    "positive",
    "positive-tint",
    "negative",
    "negative-tint",
]

LIGHT: dict[Colour, str] = {
    "paper": "#ffffff",
    "ink": "#1f2328",
    "muted": "#59636e",
    "grid": "#c8d1da",
    "shade": "#f3f5f7",
    "input": "#0067a8",
    "input-tint": "#e3f1fb",
    "output": "#00603f",
    "output-tint": "#dcf3e9",
    "kernel": "#b34700",
    "kernel-tint": "#fdebc8",
    "padding": "#6b7480",
    "padding-tint": "#eef0f3",
    "dropped": "#6b7480",
    "dropped-tint": "#f3f5f7",
    "skipped": "#6b7480",
    "skipped-tint": "#ffffff",
    "winner": "#8f1d63",
    "winner-tint": "#f9d3e7",
    "gradient": "#5a2da6",
    "gradient-tint": "#ece5fa",
    "positive": "#0067a8",
    "positive-tint": "#cfe6f7",
    "negative": "#b34700",
    "negative-tint": "#fbdcc4",
}

DARK: dict[Colour, str] = {
    "paper": "#14181d",
    "ink": "#e8ecf0",
    "muted": "#9aa5b1",
    "grid": "#3a444f",
    "shade": "#1d232a",
    "input": "#6bbcf5",
    "input-tint": "#12324a",
    "output": "#63dcb2",
    "output-tint": "#0f3a2d",
    "kernel": "#f5b04c",
    "kernel-tint": "#4a3110",
    "padding": "#8d98a5",
    "padding-tint": "#222930",
    "dropped": "#8d98a5",
    "dropped-tint": "#1d232a",
    "skipped": "#8d98a5",
    "skipped-tint": "#14181d",
    "winner": "#f08cc4",
    "winner-tint": "#55163c",
    "gradient": "#d8c8ff",
    "gradient-tint": "#33255c",
    "positive": "#6bbcf5",
    "positive-tint": "#153f5e",
    "negative": "#f5b04c",
    "negative-tint": "#553310",
}


@dataclass(frozen=True, slots=True)
class Cue:
    """What shows a role without any colour: the width of the outline, whether it is dashed, a hatch, a cross."""

    width: float = 1.0
    dashed: bool = False
    hatch: Hatch | None = None
    double: bool = False


CUES: dict[Role, Cue] = {
    "plain": Cue(),
    "input": Cue(width=1.5),
    "output": Cue(width=2.0),
    "kernel": Cue(width=2.5),
    "padding": Cue(dashed=True, hatch="lines"),
    "dropped": Cue(hatch="cross"),
    "skipped": Cue(dashed=True),
    "winner": Cue(width=2.5, double=True),
    "gradient": Cue(width=1.5, hatch="dots"),
}


def line_of(role: Role) -> Colour:
    """The colour of a role's outlines and words."""
    return "grid" if role == "plain" else role


def tint_of(meaning: Role | Colour) -> Colour:
    """The colour behind numbers of that meaning."""
    return "paper" if meaning == "plain" else cast("Colour", f"{meaning}-tint")

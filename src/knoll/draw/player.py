"""A player in HTML: the moving SVG, its captions, and buttons that a script brings to life."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from knoll.draw.moving import Timing
from knoll.draw.palette import DARK, LIGHT, Theme
from knoll.draw.svg import Pen, clean, number
from knoll.draw.text import FONTS, Words, said
from knoll.messages import Language, sentence

READABLE = 0.7  # of the reading size
_SPEEDS = ("0.25", "0.5", "1", "2", "4")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A moving SVG, and how wide and how high it is at reading size."""

    svg: str
    size: tuple[float, float]

    @property
    def width(self) -> float:
        """How wide it is at reading size."""
        return self.size[0]

    @property
    def least(self) -> tuple[float, float]:
        """The width and the height below which it cannot be read."""
        return READABLE * self.size[0], READABLE * self.size[1]


def player(
    drawn: Sequence[Drawn], title: Words, captions: Sequence[Words], cells: Mapping[str, int], timing: Timing, pen: Pen
) -> str:
    """The player of a moving SVG, or of one and another one that is shown where there is no room for the first.

    `cells` says which frame a click on a cell goes to.
    """
    name = re.findall('class="(k[0-9a-f]+)"', drawn[0].svg)[0] + "p"
    rules = _by_width(drawn, name) + timing.rules(name, ([(i, i + 1)] for i in range(len(captions))))
    told = "".join(f'<p data-on="{i}">{clean(said(caption, pen.language))}</p>' for i, caption in enumerate(captions))
    label = said(title, pen.language) or sentence("draw.animation").text(pen.language)
    data = f'data-seconds="{number(timing.seconds)}" data-rest="{number(timing.rest)}" data-cells="{_json(cells)}"'
    return (
        f'<figure class="knoll-player {name}" tabindex="0" role="group" aria-label="{clean(label)}" '
        f'lang="{_tag(pen.language)}" {data} style="max-width:{number(max(drawn[0].width, 400))}px">'
        f"<style>{_file('player.css').replace('FONTS', FONTS)}{rules}</style>"
        f"{''.join(map(_view, drawn, ('view', 'view narrow')))}"
        f'<figcaption class="captions">{told}</figcaption>{_controls(len(captions), bool(cells), pen.language)}'
        f"<script>{_file('player.js')}</script></figure>"
    )


def page(inner: str, title: Words, theme: Theme, language: Language) -> str:
    """An HTML page of its own around a player or a drawing."""
    shown = "light dark" if theme == "auto" else theme
    paper = "light-dark({}, {})" if theme == "auto" else "{1}" if theme == "dark" else "{0}"
    colours = [paper.format(LIGHT[name], DARK[name]) for name in ("paper", "ink")]
    return (
        f'<!DOCTYPE html><html lang="{_tag(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{clean(said(title, language)) or 'Knoll'}</title>"
        f"<style>:root{{color-scheme:{shown}}}body{{margin:16px;background:{colours[0]};color:{colours[1]}}}</style>"
        f"</head><body>{inner}</body></html>\n"
    )


def _view(drawn: Drawn, kind: str) -> str:
    wide, high = map(number, drawn.least)
    return f'<div class="{kind}"><div style="min-width:{wide}px;--least:{high}px">{drawn.svg}</div></div>'


def _by_width(drawn: Sequence[Drawn], name: str) -> str:
    """Rules of CSS that show one of two drawings: the first where it can be read."""
    if len(drawn) == 1:
        return ""
    edge = number(drawn[0].least[0])
    return (
        f"@container knoll-player (width<{edge}px){{.{name} .view:not(.narrow){{display:none}}}}"
        f"@container knoll-player (width>={edge}px){{.{name} .narrow{{display:none}}}}"
    )


def _controls(frames: int, clickable: bool, language: Language) -> str:
    """Buttons, slider and speed; hidden until the script has come to life."""
    words = {name: clean(sentence(f"draw.{name}").text(language)) for name in ("play", "pause", "back", "on", "slider")}
    states = f' data-play="{words["play"]}" data-pause="{words["pause"]}"'
    speeds = "".join(f'<option value="{speed}"{" selected" * (speed == "1")}>{speed}×</option>' for speed in _SPEEDS)
    hint = sentence("draw.keys_and_cells" if clickable else "draw.keys").text(language)
    play = _icon("play", "M3 1l11 7-11 7z") + _icon("pause", "M3 1h4v14h-4zM9 1h4v14h-4z")
    return (
        '<div class="controls" data-player="controls" hidden>'
        f"{_button('back', words['back'], _icon('step', 'M12 1l-8 7 8 7zM2 1h2v14h-2z'))}"
        f"{_button('toggle', words['play'], play, states)}"
        f"{_button('on', words['on'], _icon('step', 'M4 1l8 7-8 7zM12 1h2v14h-2z'))}"
        f'<input type="range" min="1" max="{frames}" value="1" aria-label="{words["slider"]}" data-player="slider">'
        f'<output data-player="count">1 / {frames}</output>'
        f'<select aria-label="{clean(sentence("draw.speed").text(language))}" data-player="speed">{speeds}</select>'
        f'<span class="hint">{clean(hint)}</span></div>'
        '<div class="told" role="status" aria-live="polite" data-player="told"></div>'
    )


def _button(name: str, label: str, icon: str, data: str = "") -> str:
    return f'<button type="button" aria-label="{label}" title="{label}" data-player="{name}"{data}>{icon}</button>'


def _icon(name: str, path: str) -> str:
    return f'<svg class="{name}" viewBox="0 0 16 16" aria-hidden="true"><path d="{path}"/></svg>'


def _json(cells: Mapping[str, int]) -> str:
    return clean(json.dumps(dict(cells), separators=(",", ":")))


def _tag(language: Language) -> str:
    return "zh-CN" if language == "zh" else "en"


@cache
def _file(name: str) -> str:
    """A file beside this one, its comments left out."""
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return re.sub(r"^// .*\n| // .*", "", text, flags=re.MULTILINE)

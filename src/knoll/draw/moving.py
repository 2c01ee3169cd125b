"""Frames as one SVG that moves by CSS: what they share is written once, with the time in which it is seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knoll.draw.elements import Anchor, Group, Text
from knoll.draw.merge import Shared, merged
from knoll.draw.scene import MARGIN, Scene
from knoll.draw.svg import NAME, Pen, compact, document, number
from knoll.draw.text import BODY, TITLE, Words, lines, said, width
from knoll.messages import Language

LINE = 1.5  # the height of a line of words of size 1
READABLE = 440.0  # the width of a caption below a drawing that is narrower
Intervals = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Timing:
    """So many frames of so many seconds, and the time that the last one stays longer."""

    frames: int
    seconds: float
    rest: float

    @property
    def whole(self) -> float:
        """The seconds of one round."""
        return self.frames * self.seconds + self.rest

    def keyframes(self, name: str, intervals: Intervals) -> str:
        """A rule of CSS that shows something in these frames; what is hidden in the first is hidden to begin with.

        >>> Timing(4, 1, 1).keyframes("name", [(1, 3)])
        '@keyframes name{20%{visibility:visible}60%{visibility:hidden}}'
        """
        changes: dict[int, str] = {}
        for first, after in intervals:
            changes |= {first: "visible"} | ({after: "hidden"} if after < self.frames else {})
        step = 100 * self.seconds / self.whole
        stops = "".join(f"{number(step * at)}%{{visibility:{state}}}" for at, state in changes.items())
        return f"@keyframes {name}{{{stops}}}"

    def rules(self, name: str, shown: Iterable[Intervals]) -> str:
        """Rules of CSS that show what is inside `name` in its frames, unless the reader prefers no motion."""
        timing = f".{name} [data-on]{{animation:{number(self.whole)}s step-end infinite}}"
        each = "".join(
            f"{self.keyframes(f'{name}-{i}', intervals)}"
            f'.{name} [data-on="{frames_of(intervals)}"]{{animation-name:{name}-{i}}}'
            for i, intervals in enumerate(shown)
        )
        return f"@media(prefers-reduced-motion:no-preference){{{timing}{each}}}"


def moving(scenes: Sequence[Scene], timing: Timing, pen: Pen) -> str:
    """Scenes of one size as one SVG; without motion it is the first."""
    shared = merged([scene.markup(pen) for scene in scenes])
    parts = {group.frames: group.intervals for group in shared if len(group.frames) < len(scenes)}
    rules = timing.rules(NAME, parts.values()) if parts else ""
    body = "".join(_group(group) if group.frames in parts else compact(group.texts) for group in shared)
    first = scenes[0]
    return document(
        body, first.size, pen, said(first.title, pen.language), said(first.description, pen.language), rules
    )


def _group(group: Shared) -> str:
    """Elements with the frames that show them."""
    hidden = "" if 0 in group.frames else ' visibility="hidden"'
    return f'<g data-on="{frames_of(group.intervals)}"{hidden}>{compact(group.texts)}</g>'


def frames_of(intervals: Intervals) -> str:
    """Stretches of frames as a player reads them: the first and the last of each, or the only one.

    >>> frames_of([(0, 3), (7, 8)])
    '0-2 7'
    """
    return " ".join(f"{first}-{after - 1}" if after - first > 1 else f"{first}" for first, after in intervals)


def captioned(scenes: Sequence[Scene], captions: Sequence[Words], title: Words, language: Language) -> list[Scene]:
    """Scenes brought to one size, with the title above them and room below for the longest caption."""
    texts, name = [said(caption, language) for caption in captions], said(title, language)
    longest = max(width(name, TITLE), *(width(text, BODY) for text in texts)) + 2 * MARGIN
    w = max(*(scene.width for scene in scenes), min(READABLE, longest))
    heading = _lines(name, TITLE, w, MARGIN / 2, "middle")
    told = [_lines(text, BODY, w, 0.0, "start") for text in texts]
    top = MARGIN / 2 + len(heading) * LINE * TITLE if heading else 0.0
    h = top + max(scene.height for scene in scenes)
    bottom = (max(map(len, told)) + 0.5) * LINE * BODY if any(told) else 0.0
    return [
        Scene(
            w,
            h + bottom,
            (*heading, Group(scene.elements, (w - scene.width) / 2, top), Group(tuple(text), 0, h)),
            title or scene.title,
            scene.description,
        )
        for scene, text in zip(scenes, told, strict=True)
    ]


def _lines(text: str, size: float, room: float, top: float, anchor: Anchor) -> list[Text]:
    """The text below each other in a room, from its left edge or around its middle."""
    x = MARGIN if anchor == "start" else room / 2
    found = lines(text, size, room - 2 * MARGIN) if text else []
    return [Text(x, top + LINE * size * (row + 0.5), line, size, "ink", anchor) for row, line in enumerate(found)]

"""An animation: frames, one after the other, each a scene with a sentence about it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from knoll.draw.elements import Cell, Index
from knoll.draw.encode import encoded
from knoll.draw.files import save
from knoll.draw.moving import Timing, captioned, moving
from knoll.draw.palette import Theme
from knoll.draw.player import Drawn, page, player
from knoll.draw.scene import Scene
from knoll.draw.svg import Pen
from knoll.draw.text import Words
from knoll.errors import ArgumentError
from knoll.messages import Language, say
from knoll.messages import language as language_spoken


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment: what is seen, what is said about it, and the index of the output cell that it shows.

    A click on the cell of the array `output` with that index goes to this frame, and one on the cells `also`, too.
    """

    scene: Scene
    caption: Words = ""
    cell: Index | None = None
    also: tuple[Cell, ...] = ()

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells that show this frame when they are clicked."""
        return self.also if self.cell is None else (Cell("output", self.cell), *self.also)


@dataclass(frozen=True, slots=True)
class Animation:
    """Frames that follow each other in a loop, `seconds` each; the last one stays `rest` seconds longer.

    Its title stands above all of them. `narrow` are the same frames for a page that is too narrow for them, such as
    that of a telephone: a player shows those that fit.

    Raises ArgumentError where there is no frame, no time for one, or one without its narrow one.

    >>> from knoll.draw import Animation, Frame, number_grid
    >>> frames = [Frame(number_grid([[1, 2]], marks={(0, i): "winner"}), f"cell {i}") for i in range(2)]
    >>> Animation(tuple(frames)).svg("light").count("@keyframes")
    2
    """

    frames: tuple[Frame, ...]
    title: Words = ""
    seconds: float = 1.0
    rest: float = 2.0
    narrow: tuple[Frame, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not self.frames:
            raise ArgumentError(say("draw.no_frames"))
        if not (0 < self.seconds < float("inf") and 0 <= self.rest < float("inf")):
            raise ArgumentError(say("draw.no_time"), got=f"seconds={self.seconds}, rest={self.rest}")
        if self.narrow and len(self.narrow) != len(self.frames):
            raise ArgumentError(say("draw.narrow"), expected=str(len(self.frames)), got=str(len(self.narrow)))

    @property
    def timing(self) -> Timing:
        """When each frame is seen."""
        return Timing(len(self.frames), self.seconds, self.rest)

    def scenes(self, language: Language | None = None, *, captions: bool = True) -> list[Scene]:
        """The frames as scenes of one size, each with its caption below it."""
        return self._scenes(self.frames, language, captions)

    def _scenes(self, frames: Sequence[Frame], language: Language | None, captions: bool) -> list[Scene]:
        told = [frame.caption if captions else "" for frame in frames]
        return captioned([frame.scene for frame in frames], told, self.title, language or language_spoken())

    def svg(self, theme: Theme = "auto", language: Language | None = None) -> str:
        """The animation as one SVG that moves by itself, without JavaScript, with its captions.

        Where the reader prefers no motion, and in programs that show none, it is the first frame.
        """
        return moving(self.scenes(language), self.timing, Pen.of(theme, language, cells=()))

    def html(self, theme: Theme = "auto", language: Language | None = None) -> str:
        """A player for the middle of an HTML page: play, pause, step, scrub, and a click on an output cell.

        It needs no network, and without JavaScript it still moves. Many can stand in one page.
        """
        captions = [frame.caption for frame in self.frames]
        cells = {str(cell): i for i, frame in enumerate(self.frames) for cell in frame.cells}
        pen = Pen.of(theme, language, cells)
        views = [self._scenes(frames, language, captions=False) for frames in (self.frames, self.narrow) if frames]
        fitting = [scenes for scenes in views if scenes is views[0] or scenes[0].width < views[0][0].width]
        drawn = [Drawn(moving(scenes, self.timing, pen), scenes[0].size) for scenes in fitting]
        return player(drawn, views[0][0].title, captions, cells, self.timing, pen)

    def page(self, theme: Theme = "auto", language: Language | None = None) -> str:
        """The player as an HTML page of its own."""
        spoken = language or language_spoken()
        return page(self.html(theme, spoken), self.title, theme, spoken)

    def gif(self, scale: float = 1, theme: Theme = "light", language: Language | None = None) -> bytes:
        """The bytes of a GIF file that loops."""
        return encoded(self.scenes(language), self.timing, "GIF", scale, theme, language)

    def apng(self, scale: float = 1.5, theme: Theme = "light", language: Language | None = None) -> bytes:
        """The bytes of an animated PNG file that loops."""
        return encoded(self.scenes(language), self.timing, "PNG", scale, theme, language)

    def webp(self, scale: float = 1.5, theme: Theme = "light", language: Language | None = None) -> bytes:
        """The bytes of an animated WebP file that loops, without loss."""
        return encoded(self.scenes(language), self.timing, "WEBP", scale, theme, language)

    def save(self, path: str | os.PathLike[str], theme: Theme | None = None, language: Language | None = None) -> None:
        """Write a file of the kind that its suffix says: .svg, .html, .gif, .png, .apng or .webp.

        Vector files follow the reader's theme by default, pixels are light. Raises ArgumentError for another suffix,
        FileError where nothing can be written.
        """
        pixels: Theme = theme or "light"
        save(
            "Animation",
            path,
            {
                ".svg": lambda: self.svg(theme or "auto", language),
                ".html": lambda: self.page(theme or "auto", language),
                ".gif": lambda: self.gif(theme=pixels, language=language),
                ".png": lambda: self.apng(theme=pixels, language=language),
                ".apng": lambda: self.apng(theme=pixels, language=language),
                ".webp": lambda: self.webp(theme=pixels, language=language),
            },
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """The player for a notebook that runs, the first frame for a program that shows notebooks as pictures."""
        return {"text/html": self.html(), "image/svg+xml": self.svg(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        w, h = (round(size) for size in self.scenes()[0].size)
        return f"Animation({len(self.frames)} frames of {w} × {h}, {self.timing.whole:g} s)"

"""The explanation of an optimiser or of a schedule: plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from knoll.document import (
    Block,
    Bullets,
    Cell,
    Code,
    Displayable,
    Document,
    Formula,
    Line,
    Listing,
    Note,
    Paragraph,
    Picture,
    Table,
    to_json,
)
from knoll.draw import series
from knoll.explain.numbers import short
from knoll.explain.parts import NumberTable, ParameterNote, SeriesEffect
from knoll.explain.writing import argument, change, numbers, refused, section
from knoll.messages import Sentence, sentence

COLUMNS = 5  # steps or epochs whose numbers are compared


@dataclass(frozen=True, slots=True, repr=False)
class TrainingExplanation(Displayable):
    """An optimiser explained by the settings of its first group of parameters, or a schedule of its learning rate.

    `series` are one parameter after each step, which begins at 1 and has the loss p², or the learning rate of each
    epoch or batch, as `unit` says; `worked` works one of them out. `effects` are the same with other arguments.
    `program` is the loop in which `step()` is called. It prints itself in the language spoken now; `document()` has the
    other forms, `json()` the bare data.
    """

    kind: str
    written: str
    introduction: tuple[Sentence, ...]
    unit: Literal["step", "epoch", "batch"]
    program: str
    parameters: tuple[ParameterNote, ...]
    worked: tuple[str, ...]
    series: tuple[float, ...]
    tables: tuple[NumberTable, ...]
    effects: tuple[SeriesEffect, ...]
    traps: tuple[Sentence, ...]
    source: str

    def document(self) -> Document:
        """The explanation as a document: `.text()`, `.markdown()`, `.html()`."""
        worked = "worked_step" if self.unit == "step" else "worked_out"
        return Document(
            Code(self.written),
            (
                Paragraph(self.introduction),
                Listing(self.program),
                *section("explain.arguments", *(block for note in self.parameters for block in argument(note))),
                *section(f"explain_training.{worked}", *((Formula(self.worked),) if self.worked else ())),
                *section(self._heading, self.picture(), *(block for each in self.tables for block in numbers(each))),
                *section("explain.effects", *effects(self)),
                *section("explain_training.traps", *(Note("trap", trap) for trap in self.traps)),
                Paragraph(sentence("explain.source", address=self.source)),
            ),
        )

    def picture(self) -> Picture:
        """The series as a line; that of an optimiser beside those with other learning rates."""
        if self.unit != "step":
            scene = series(
                {self.kind: tuple(enumerate(self.series))},
                names=(sentence(f"explain_training.{self.unit}"), "lr"),
                stairs=True,
            )
            return Picture(scene, sentence("explain_training.picture_of_rates", written=self.written))
        others = {repr_of(each): each.series for each in self.effects if each.name == "lr" and each.series}
        own = next(f"lr={note.value!r}" for note in self.parameters if note.name == "lr")
        drawn = {own: self.series, **others}
        points = {name: ((0.0, 1.0), *enumerate(each, 1)) for name, each in drawn.items()}
        scene = series(points, names=(sentence("explain_training.step"), "p"))
        return Picture(scene, sentence("explain_training.picture_of_steps", written=self.written))

    def json(self) -> str:
        """The data of the explanation as JSON, every sentence in both languages."""
        return to_json(self)

    @property
    def _heading(self) -> str:
        return "explain_training.course_of_p" if self.unit == "step" else "explain_training.course_of_rate"


def effects(told: TrainingExplanation) -> Iterator[Block]:
    """A table of the numbers with other arguments, what changes none of them, and what is not possible."""
    possible = [each for each in told.effects if each.series]
    changing = [each for each in possible if _texts(each.series) != _texts(told.series)]
    if changing:
        places = _places(told, changing)
        first = int(told.unit == "step")
        header: tuple[Line, ...] = tuple(
            sentence(f"explain_training.numbered_{told.unit}", number=place + first) for place in places
        )
        yield Paragraph(sentence(f"explain_training.compared_{told.unit}"))
        now = (sentence("explain.now"), *_cells(told.series, places))
        rows = ((change(each.name, each.value), *_cells(each.series, places)) for each in changing)
        yield Table((sentence("explain.change"), *header), (now, *rows))
    same = [repr_of(each) for each in possible if each not in changing]
    if same:
        none = sentence("explain_training.same_series", changes=tuple(same), count=len(told.series))
        yield Paragraph(none if told.unit != "step" else (none, sentence("explain_training.same_series_why")))
    impossible = tuple(each for each in told.effects if not each.series)
    if impossible:
        yield Paragraph(sentence("explain_training.impossible_here"))
        yield Bullets(tuple(refused(each.name, each.value, each.reason) for each in impossible))


def repr_of(effect: SeriesEffect) -> str:
    """An argument with its other value, as it is written."""
    return f"{effect.name}={effect.value!r}"


def _texts(series: Sequence[float]) -> tuple[str, ...]:
    return tuple(map(short, series))


def _cells(series: Sequence[float], places: Sequence[int]) -> tuple[Cell, ...]:
    """The numbers at some places; a stroke where a training has ended."""
    return tuple(short(series[place]) if place < len(series) else "–" for place in places)


def _places(told: TrainingExplanation, changing: Sequence[SeriesEffect]) -> list[int]:
    """The places that are compared: at each change of a few, else evenly spread; and where others begin to differ."""
    last = len(told.series) - 1
    if told.unit == "step":
        found = {place for place in (0, 1, 2, 4, last) if place <= last}
    else:
        begun = [0, *(n for n in range(1, last + 1) if told.series[n] != told.series[n - 1])]
        found = set(begun) if len(begun) <= COLUMNS else {last * part // (COLUMNS - 1) for part in range(COLUMNS)}
    own = _texts(told.series)
    for each in changing:
        texts = _texts(each.series)
        differing = [n for n in range(max(len(texts), len(own))) if texts[n : n + 1] != own[n : n + 1]]
        if not found & set(differing):
            found.add(differing[0])
    return sorted(found)

"""History: the curves of a training, read from what it wrote for TensorBoard, or given as lists of numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knoll.document import Block, Cell, Displayable, Document, Heading, Picture, Table, to_json
from knoll.draw import numeral, series
from knoll.errors import MissingFileError
from knoll.messages import say, sentence
from knoll.train.event_reader import EventReader
from knoll.views.embedded import embedded

Point = tuple[int, float]
PARTS = ("train", "test", "batch")
"""Of what a curve is told: the training images, the test images, a batch."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity of a training: its name, as loss/train, and a value at each of some steps."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, repr=False)
class History(Displayable):
    """The curves of a training; those of one group, as loss/train and loss/test, are drawn together.

    >>> from knoll.train import History
    >>> history = History.of({"loss/train": [2.3, 1.9], "loss/test": [2.2, 2.0], "accuracy/test": [0.1, 0.3]})
    >>> list(history.groups), history.curves[0].points
    (['loss', 'accuracy'], ((1, 2.3), (2, 1.9)))
    """

    title: str
    curves: tuple[Curve, ...]

    @classmethod
    def of(cls, numbers: Mapping[str, Sequence[float]], title: str = "History") -> History:
        """The history of lists that a loop of one's own filled, one number an epoch."""
        curves = (Curve(name, tuple(enumerate(map(float, each), 1))) for name, each in numbers.items())
        return cls(title, tuple(curves))

    @property
    def groups(self) -> dict[str, tuple[Curve, ...]]:
        """The curves that are drawn together, by what stands before the stroke in their names; training before test."""
        found: dict[str, list[Curve]] = {curve.name.partition("/")[0]: [] for curve in self.curves}
        for curve in sorted(self.curves, key=lambda each: place_of(each.name)):
            found[curve.name.partition("/")[0]].append(curve)
        return {name: tuple(curves) for name, curves in found.items()}

    def document(self) -> Document:
        """A picture for each group, and the first, lowest, highest and last number of each curve."""
        return Document(self.title, tuple(self._blocks()))

    def json(self) -> str:
        """The points as JSON."""
        return to_json(self)

    def _repr_html_(self) -> str:
        return embedded(self.document())

    def _blocks(self) -> Iterator[Block]:
        for name, curves in self.groups.items():
            yield Heading(name)
            points = {each.name: each.points for each in curves}
            scene = series(points, names=(sentence("views.steps"), ""))
            yield Picture(scene, sentence("train.curves", names=tuple(each.name for each in curves)))
        names = ("curve", "points", "first", "lowest", "highest", "last")
        yield Table(tuple(sentence(f"train.column_{name}") for name in names), tuple(map(_row, self.curves)))


def place_of(name: str) -> int:
    """Where a curve comes in its group, so that training and test have the same strokes in every plot.

    >>> sorted(["loss/batch", "loss/mine", "loss/test", "loss/train"], key=place_of)
    ['loss/train', 'loss/test', 'loss/batch', 'loss/mine']
    """
    part = name.rpartition("/")[2]
    return PARTS.index(part) if part in PARTS else len(PARTS)


def _row(curve: Curve) -> tuple[Cell, ...]:
    values = [value for _, value in curve.points]
    if not values:
        return (curve.name, 0, *["–"] * 4)
    finite = [value for value in values if math.isfinite(value)] or values
    return (curve.name, len(values), *map(numeral, (values[0], min(finite), max(finite), values[-1])))


def history(path: str | Path) -> History:
    """The curves that a training wrote into its run folder, what was done again counting once.

    Raises MissingFileError where there are none, FileError where they cannot be read, DataError for another file.
    """
    folder = Path(path).expanduser()
    reader = EventReader(folder)
    reader.read()
    if not reader.curves:
        raise MissingFileError(say("train.no_curves", path=folder), advice=say("train.no_curves_advice"))
    return curves_of(reader, folder.name)


def curves_of(reader: EventReader, title: str) -> History:
    """The curves that have been read so far."""
    curves = (Curve(name, tuple(sorted(points.items()))) for name, points in reader.curves.items())
    return History(title, tuple(curves))

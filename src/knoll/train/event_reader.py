"""The events of a training, read while they are written: curves, the latest pictures, histograms."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from knoll.errors import DataError, FileError, quoted, system_reason
from knoll.messages import say

T = TypeVar("T")

EVENTS = "events.out.tfevents.*"
_HEAD, _TAIL = 12, 4  # bytes around a record: its length with a checksum, and a checksum


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often numbers fall between bounds: one count less than bounds."""

    bounds: tuple[float, ...]
    counts: tuple[float, ...]


class EventReader:
    """What a training has written into its folder, or a single file of it; `read` goes on where it ended before.

    `curves` are points by their step, `histograms` likewise, `pictures` the latest PNG of each name with its step.
    What was done again counts once: a session that begins at a step takes back what was written of it and later ones.
    """

    curves: dict[str, dict[int, float]]
    histograms: dict[str, dict[int, Histogram]]
    pictures: dict[str, tuple[int, bytes]]

    def __init__(self, path: Path) -> None:
        self.path = path
        self._begin()

    def _begin(self) -> None:
        self._places: dict[Path, int] = {}
        self.curves, self.histograms, self.pictures = {}, {}, {}

    def read(self) -> bool:
        """Read what is new; whether there was anything.

        Raises FileError where a file cannot be read, DataError where it is damaged; what stands before is read.
        """
        if any(_size(file) < place for file, place in self._places.items()):  # written anew
            self._begin()
        files = sorted(self.path.glob(EVENTS)) if self.path.is_dir() else [self.path] if self.path.is_file() else []
        before = dict(self._places)
        for file in files:
            for record, end in _records(file, self._places.get(file, 0)):
                self._take(file, record)
                self._places[file] = end
        return self._places != before

    def _take(self, file: Path, record: bytes) -> None:
        from knoll.train.events.protos import DecodeError, Event, SessionLog  # tensorboardX, as in `train/job.py`

        try:
            event = Event.FromString(record)
        except DecodeError as error:
            raise DataError(say("error.unreadable", path=file, reason=quoted(error))) from None
        if event.session_log.status == SessionLog.START:
            self.curves = {name: _points_before(event.step, points) for name, points in self.curves.items()}
            self.histograms = {name: _points_before(event.step, points) for name, points in self.histograms.items()}
        for value in event.summary.value:
            self._keep(value, event.step)

    def _keep(self, value: Any, step: int) -> None:
        match value.WhichOneof("value"):
            case "simple_value":
                self.curves.setdefault(value.tag, {})[step] = value.simple_value
            case "image":
                self.pictures[value.tag] = (step, value.image.encoded_image_string)
            case "histo":
                bounds, counts = tuple(value.histo.bucket_limit), tuple(value.histo.bucket)
                # The first bin ends where the numbers begin, and is empty.
                self.histograms.setdefault(value.tag, {})[step] = Histogram(bounds, counts[1:])


def _points_before(step: int, points: dict[int, T]) -> dict[int, T]:
    return {at: point for at, point in points.items() if at < step}


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _records(file: Path, place: int) -> Iterator[tuple[bytes, int]]:
    """The whole records from a place on, each with where it ends; the last may be cut short while it is written."""
    try:
        with file.open("rb") as opened:
            opened.seek(place)
            while len(head := opened.read(_HEAD)) == _HEAD:
                (length,) = struct.unpack_from("<Q", head)
                if length > _size(file) - place - _HEAD - _TAIL:
                    return
                record = opened.read(length + _TAIL)
                if len(record) < length + _TAIL:
                    return
                place += _HEAD + length + _TAIL
                yield record[:length], place
    except OSError as error:
        raise FileError.after(error, say("error.unreadable", path=file, reason=system_reason(error))) from None

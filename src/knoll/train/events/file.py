"""The events file that TensorBoard reads: records of curves, pictures, histograms and a graph."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from knoll.analysis import Trace
from knoll.errors import FileError, system_reason
from knoll.graph import Array
from knoll.messages import say
from knoll.pillow import Image
from knoll.train.events.graph import graph_of
from knoll.train.events.protos import Event, RecordWriter, SessionLog, Summary, make_histogram

# Two files of one folder, made in one second by one process, must not have one name.
_numbers = itertools.count()


class EventFile:
    """An events file of TensorBoard; `wall_time` is when something happened, in seconds, now by default.

    What earlier files say of `step` and later steps is void, since it is done again; with None they stay. Raises
    FileError where it cannot be written.
    """

    path: Path

    def __init__(self, folder: Path, step: int | None, suffix: str = "") -> None:
        # TensorBoard reads the files of a folder in the order of their names.
        place = f"{socket.gethostname()}.{os.getpid()}.{next(_numbers):05}.{step or 0}{suffix}"
        self.path = folder / f"events.out.tfevents.{time.time():.0f}.{place}"
        with self._as_file_error():
            self._writer = RecordWriter(str(self.path))
        self._add(file_version="brain.Event:2")
        if step is not None:
            self._add(step=step, session_log=SessionLog(status=SessionLog.START))

    def scalar(self, tag: str, value: float, step: int, wall_time: float | None = None) -> None:
        """A point of a curve."""
        self.summary(Summary(value=[Summary.Value(tag=tag, simple_value=value)]), step, wall_time)

    def image(self, tag: str, picture: Image.Image, step: int, wall_time: float | None = None) -> None:
        """A picture, stored without loss."""
        file = io.BytesIO()
        picture.save(file, "PNG")
        stored = Summary.Image(
            height=picture.height, width=picture.width, colorspace=3, encoded_image_string=file.getvalue()
        )
        self.summary(Summary(value=[Summary.Value(tag=tag, image=stored)]), step, wall_time)

    def histogram(
        self,
        tag: str,
        numbers: Array,
        step: int,
        bins: Any,
        most: int | None = None,
        wall_time: float | None = None,
    ) -> None:
        """How often which finite numbers occur, in bins as `numpy.histogram` takes them, joined to at most so many."""
        histogram = make_histogram(numbers.astype(np.float64), bins, most)
        self.summary(Summary(value=[Summary.Value(tag=tag, histo=histogram)]), step, wall_time)

    def summary(self, summary: Any, step: int, wall_time: float | None = None) -> None:
        """A message of TensorBoard's own kind."""
        self._add(wall_time, step=step, summary=summary)

    def graph(self, trace: Trace, name: str) -> None:
        """The network, each layer a node with its arguments."""
        self._add(graph_def=graph_of(trace, name).SerializeToString())

    def flush(self) -> None:
        """Let readers see what has been written."""
        with self._as_file_error():
            self._writer.flush()

    def close(self) -> None:
        """Finish the file."""
        with self._as_file_error():
            self._writer.close()

    def _add(self, wall_time: float | None = None, /, **event: Any) -> None:
        with self._as_file_error():
            now = time.time() if wall_time is None else wall_time
            self._writer.write(Event(wall_time=now, **event).SerializeToString())

    @contextlib.contextmanager
    def _as_file_error(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FileError.after(
                error, say("atomic.unwritable", path=self.path, reason=system_reason(error))
            ) from None

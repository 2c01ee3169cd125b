"""The events file that TensorBoard reads: records of curves, pictures and a graph."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from knoll.errors import FileError
from knoll.graph import Shape
from knoll.messages import say
from knoll.train.events.graph import graph_of
from knoll.train.events.protos import Event, RecordWriter, SessionLog, Summary
from knoll.train.layers import Layer


class EventFile:
    """An events file of TensorBoard. Raises FileError where it cannot be written."""

    def __init__(self, folder: Path, step: int) -> None:
        self.path = folder / f"events.out.tfevents.{time.time():.0f}.{socket.gethostname()}.{os.getpid()}.{step}"
        with self._told():
            self._writer = RecordWriter(str(self.path))
        self._add(file_version="brain.Event:2")
        # What an earlier file says of this step and later ones is void: it is done again.
        self._add(step=step, session_log=SessionLog(status=SessionLog.START))

    def scalar(self, tag: str, value: float, step: int) -> None:
        """A point of a curve."""
        self._add(step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)]))

    def image(self, tag: str, picture: Image.Image, step: int) -> None:
        """A picture, stored without loss."""
        file = io.BytesIO()
        picture.save(file, "PNG")
        stored = Summary.Image(
            height=picture.height, width=picture.width, colorspace=3, encoded_image_string=file.getvalue()
        )
        self._add(step=step, summary=Summary(value=[Summary.Value(tag=tag, image=stored)]))

    def graph(self, layers: list[Layer], name: str, input_shape: Shape) -> None:
        """The network, each layer a node with its arguments."""
        self._add(graph_def=graph_of(layers, name, input_shape).SerializeToString())

    def flush(self) -> None:
        """Let readers see what has been written."""
        with self._told():
            self._writer.flush()

    def close(self) -> None:
        """Finish the file."""
        with self._told():
            self._writer.close()

    def _add(self, **event: Any) -> None:
        with self._told():
            self._writer.write(Event(wall_time=time.time(), **event).SerializeToString())

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FileError.after(error, say("interop.unwritable", path=self.path, reason=error.strerror)) from None

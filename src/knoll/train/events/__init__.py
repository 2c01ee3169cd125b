"""TensorBoard events of a training; tensorboardX and Pillow are loaded with this package alone."""

from __future__ import annotations

from knoll.train.events.file import EventFile
from knoll.train.events.watcher import EventWatcher
from knoll.train.events.writer import SummaryWriter

__all__ = ["EventFile", "EventWatcher", "SummaryWriter"]

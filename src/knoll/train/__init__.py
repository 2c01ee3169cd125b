"""Training: the loop, its checkpoints, and what is seen of it."""

from __future__ import annotations

from knoll.train.checkpoint import load_checkpoint, save_checkpoint, save_weights
from knoll.train.configuration import Configuration
from knoll.train.history import History, history
from knoll.train.loop import Report, Trainer, Watcher
from knoll.train.sources import Source, source
from knoll.train.tally import Tally

__all__ = [
    "Configuration",
    "History",
    "Report",
    "Source",
    "Tally",
    "Trainer",
    "Watcher",
    "history",
    "load_checkpoint",
    "save_checkpoint",
    "save_weights",
    "source",
]

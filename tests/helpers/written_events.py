"""What stands in the events files of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from knoll.train.events.protos import Event


def events(folder: Path) -> list[Any]:
    """All events that were written into a folder."""
    found = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        data, place = path.read_bytes(), 0
        while place < len(data):
            length = int.from_bytes(data[place : place + 8], "little")
            found.append(Event.FromString(data[place + 12 : place + 12 + length]))
            place += 16 + length
    return found

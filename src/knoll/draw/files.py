"""Drawings as files of the kind that their suffix says."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from knoll.atomic import replacing
from knoll.errors import ArgumentError
from knoll.messages import say


def save(kind: str, path: str | os.PathLike[str], writers: Mapping[str, Callable[[], str | bytes]]) -> None:
    """Write a file with the content that belongs to its suffix; it is whole or not there.

    Raises ArgumentError where no content belongs to the suffix, FileError where nothing can be written.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in writers:
        raise ArgumentError(
            say("draw.suffix", kind=kind, path=str(path)),
            expected=say("draw.one_of", suffixes=" ".join(writers)),
            got=suffix or say("draw.no_suffix"),
        )
    content = writers[suffix]()
    with replacing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)

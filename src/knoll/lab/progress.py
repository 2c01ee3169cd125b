"""What the lab is doing now, for a person who waits: the part of the work, and how far the compiler is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from knoll.messages import Sentence
from knoll.run.progress_line import Status, heard


class Progress:
    """What is being done now; one rendering runs at a time.

    >>> from knoll.messages import sentence
    >>> progress = Progress()
    >>> with progress.doing(sentence("lab_network.following")):
    ...     progress.words
    'Following the picture through the layers'
    >>> progress.words
    ''
    """

    def __init__(self) -> None:
        self._told: Status | None = None

    @property
    def words(self) -> str:
        """In the language spoken now; nothing where nothing is told."""
        told = self._told
        return told() if told is not None else ""

    @contextmanager
    def doing(self, words: Sentence) -> Iterator[None]:
        """Tell that this is being done, and meanwhile how far compiling is."""
        before, self._told = self._told, words.text
        try:
            with heard(self._hear):
                yield
        finally:
            self._told = before

    def _hear(self, told: Status) -> None:
        self._told = told

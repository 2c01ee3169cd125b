"""Data sets side by side: a sample is one of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knoll.data.dataset import Dataset, many_at_once
from knoll.errors import ArgumentError, ShapeError
from knoll.tensor.arguments import sized


class StackDataset(Dataset[Any]):
    """Data sets of the same length: sample i is a tuple with sample i of each, or a dict where they have names.

    Raises ArgumentError where they differ in length.
    https://pytorch.org/docs/stable/data.html#torch.utils.data.StackDataset

    >>> from knoll.data import StackDataset
    >>> StackDataset("ab", [1, 2])[1], StackDataset(letter="ab", number=[1, 2])[0]
    (('b', 2), {'letter': 'a', 'number': 1})
    """

    datasets: tuple[Any, ...] | dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args and kwargs:
            raise ArgumentError(
                "Supported either ``tuple``- (via ``args``) or``dict``- (via ``kwargs``) like input/output, but both "
                "types are given."
            )
        if not args and not kwargs:
            raise ArgumentError("At least one dataset should be passed")
        parts = args or tuple(kwargs.values())
        for part in parts:
            sized(part)
        self._length = len(parts[0])
        if any(len(part) != self._length for part in parts):
            raise ArgumentError("Size mismatch between datasets", got=", ".join(str(len(part)) for part in parts))
        self.datasets = args or kwargs

    def __len__(self) -> int:
        """The samples of each."""
        return self._length

    def __getitem__(self, index: Any) -> Any:
        """Sample `index` of each."""
        return self._together([part[index] for part in self._parts])

    def __getitems__(self, indices: list[Any]) -> list[Any]:
        """The samples at these places, fetched together from each data set that can."""
        columns = [self._column(part, indices) for part in self._parts]
        return [self._together(list(row)) for row in zip(*columns, strict=True)]

    @property
    def _parts(self) -> tuple[Any, ...]:
        return tuple(self.datasets.values()) if isinstance(self.datasets, dict) else self.datasets

    def _together(self, samples: list[Any]) -> Any:
        if isinstance(self.datasets, dict):
            return dict(zip(self.datasets, samples, strict=True))
        return tuple(samples)

    @staticmethod
    def _column(part: Any, indices: list[Any]) -> Sequence[Any]:
        fetch_many = many_at_once(part)
        if fetch_many is None:
            return [part[index] for index in indices]
        found = fetch_many(indices)
        if len(found) != len(indices):
            raise ShapeError(f"Nested dataset's output size mismatch. Expected {len(indices)}, got {len(found)}")
        return found

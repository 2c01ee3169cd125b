"""One batch out of a list of samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.errors import ArgumentTypeError, ShapeError
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy


def collate(samples: Sequence[Any]) -> Any:
    """Stack samples: tensors and arrays along a new first axis, numbers too, tuples and mappings entry by entry.

    Raises ShapeError where the samples differ in shape, ArgumentTypeError where they are nothing that can be stacked.
    https://pytorch.org/docs/stable/data.html#torch.utils.data.default_collate

    >>> images, labels = collate([(np.zeros((3, 4, 4)), 7), (np.ones((3, 4, 4)), 2)])
    >>> tuple(images.shape), labels.numpy().tolist()
    ((2, 3, 4, 4), [7, 2])
    """
    first = samples[0]
    if isinstance(first, Tensor):
        return from_numpy(_stack([sample.numpy() for sample in samples]))
    if isinstance(first, np.ndarray | np.generic):
        return from_numpy(_stack([np.asarray(sample) for sample in samples]))
    if isinstance(first, bool | int | float):
        return from_numpy(np.array(samples, np.float64 if isinstance(first, float) else None))
    if isinstance(first, str | bytes):
        return list(samples)
    if isinstance(first, Mapping):
        return {key: collate([sample[key] for sample in samples]) for key in first}
    if isinstance(first, Sequence):
        return tuple(collate(column) for column in _columns(samples))
    raise ArgumentTypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {type(first)}",
        advice=say("data.use_to_tensor") if type(first).__module__.startswith("PIL.") else None,
    )


def _columns(samples: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    if len({len(sample) for sample in samples}) > 1:
        raise ShapeError("each element in list of batch should be of equal size")
    return list(zip(*samples, strict=True))


def _stack(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    first = arrays[0]
    for entry, array in enumerate(arrays):
        if array.shape != first.shape:
            raise ShapeError(
                f"stack expects each tensor to be equal size, but got {list(first.shape)} at entry 0 "
                f"and {list(array.shape)} at entry {entry}",
                expected=say("data.one_shape", shape=first.shape),
                came=say("data.other_shape", shape=array.shape, entry=entry),
                advice=say("data.use_resize") if array.ndim == 3 else None,
            )
    return np.stack(arrays)

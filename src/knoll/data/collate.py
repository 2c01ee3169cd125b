"""One batch out of a list of samples."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.messages import say
from knoll.tensor import Tensor, from_numpy, tensor
from knoll.tensor.shapes.joining import stack


def collate(samples: Sequence[Any]) -> Any:
    """Stack samples: tensors and arrays along a new first axis, numbers too, sequences and mappings entry by entry.

    Entries of tuples come as a list, those of other sequences and of mappings in their own type, as in PyTorch.
    Raises ShapeError where the samples differ in shape, ArgumentTypeError where they are nothing that can be stacked.
    https://pytorch.org/docs/stable/data.html#torch.utils.data.default_collate

    >>> import numpy as np
    >>> from knoll.data import collate
    >>> images, labels = collate([(np.zeros((3, 4, 4)), 7), (np.ones((3, 4, 4)), 2)])
    >>> tuple(images.shape), labels.numpy().tolist()
    ((2, 3, 4, 4), [7, 2])
    """
    if not isinstance(samples, Sequence):
        raise _not_collatable(type(samples))
    if not samples:
        raise ArgumentError(say("data.no_samples"))
    first = samples[0]
    if isinstance(first, Tensor):
        return _stacked(samples)
    if isinstance(first, np.ndarray):
        return _stacked([_as_tensor(sample) for sample in samples])
    if isinstance(first, np.number | np.bool_):
        return _stacked([_as_tensor(np.asarray(sample)) for sample in samples])
    if isinstance(first, float):
        return _numbers(samples, np.float64)
    if isinstance(first, int):
        return _numbers(samples, None)
    if isinstance(first, str | bytes):
        return samples
    if isinstance(first, Mapping):
        return _in_mapping(first, {key: collate([sample[key] for sample in samples]) for key in first})
    if isinstance(first, Sequence):
        return _in_sequence(first, [collate(column) for column in _columns(samples)])
    raise _not_collatable(type(first))


def convert(sample: Any) -> Any:
    """A sample that is a batch already, or belongs to none: its arrays as tensors, all else as it is.

    https://pytorch.org/docs/stable/data.html#torch.utils.data.default_convert

    >>> import numpy as np
    >>> from knoll.data import convert
    >>> convert({"image": np.zeros((2, 2)), "name": "a"})["image"].shape
    (2, 2)
    """
    if isinstance(sample, np.ndarray | np.number | np.bool_) and sample.dtype.kind not in "SUO":
        return from_numpy(np.asarray(sample))
    if isinstance(sample, Mapping):
        return _in_mapping(sample, {key: convert(value) for key, value in sample.items()})
    if isinstance(sample, Sequence) and not isinstance(sample, str | bytes):
        return _in_sequence(sample, [convert(value) for value in sample])
    return sample


def _numbers(samples: Sequence[Any], dtype: Any) -> Tensor:
    if any(type(sample) is not type(samples[0]) for sample in samples):
        return tensor(list(samples), dtype=dtype)  # it promotes, and says which is no number
    return from_numpy(np.array(samples, dtype))


def _columns(samples: Sequence[Any]) -> list[tuple[Any, ...]]:
    for sample in samples:
        if not hasattr(sample, "__len__"):
            raise ArgumentTypeError(f"object of type '{type(sample).__name__}' has no len()")
    if len({len(sample) for sample in samples}) > 1:
        raise ShapeError("each element in list of batch should be of equal size", got=str([len(s) for s in samples]))
    return list(zip(*samples, strict=True))


def _in_mapping(first: Mapping[Any, Any], columns: dict[Any, Any]) -> Any:
    """The columns in a mapping of the type of the first sample, where such a one can be made."""
    kind: Any = type(first)
    try:
        if isinstance(first, MutableMapping):
            made = copy.copy(first)  # with whatever else the type holds
            made.update(columns)
            return made
        return kind(columns)
    except TypeError:
        return columns


def _in_sequence(first: Sequence[Any], columns: list[Any]) -> Any:
    """The columns in a sequence of the type of the first sample; a list where that is a plain tuple, or fails."""
    kind: Any = type(first)
    if isinstance(first, tuple):
        return kind(*columns) if hasattr(first, "_fields") else columns
    try:
        if isinstance(first, MutableSequence):
            made = copy.copy(first)
            for place, column in enumerate(columns):
                made[place] = column
            return made
        return kind(columns)
    except TypeError:
        return columns


def _as_tensor(sample: Any) -> Tensor:
    """An array that is one entry of a batch; None of texts and objects."""
    if isinstance(sample, np.ndarray):
        if sample.dtype.kind in "SUO":
            raise _not_collatable(sample.dtype)
        return from_numpy(sample)
    return tensor(sample)


def _stacked(samples: Sequence[Any]) -> Tensor:
    """Tensors of one shape (…) as one of shape (n, …), with their gradients if they have them."""
    first = samples[0]
    for entry, sample in enumerate(samples):
        if not isinstance(sample, Tensor):
            raise ArgumentTypeError(
                f"expected Tensor as element {entry} in argument 0, but got {type(sample).__name__}"
            )
        if sample.shape != first.shape:
            raise ShapeError(
                f"stack expects each tensor to be equal size, but got {list(first.shape)} at entry 0 "
                f"and {list(sample.shape)} at entry {entry}",
                expected=say("data.one_shape", shape=first.shape),
                got=say("data.other_shape", shape=sample.shape, entry=entry),
                advice=say("data.use_resize") if sample.ndim == 3 else None,
            )
    if any(sample.requires_grad or sample.dtype != first.dtype for sample in samples):
        joined: Tensor = stack(list(samples))
        return joined
    return from_numpy(np.stack([sample.numpy() for sample in samples]))


def _not_collatable(kind: object) -> ArgumentTypeError:
    return ArgumentTypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {kind}",
        advice=say("data.use_to_tensor") if getattr(kind, "__module__", "").startswith("PIL.") else None,
    )

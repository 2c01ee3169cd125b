"""What to try when a state dict does not fit: only changes that are known to make it fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from knoll.messages import say
from knoll.nn.uninitialized import is_lazy
from knoll.tensor import Tensor

# What layers did not remember in older files, and load_state_dict does without where no version of them is told.
OPTIONAL = "num_batches_tracked"


def advice(own: Mapping[str, Tensor], given: Mapping[Any, Any]) -> str | None:
    """The change of `given` that makes it fit the tensors in `own`, if there is one.

    >>> weight = Tensor([[1.0]])
    >>> advice({"weight": weight}, {"model": {"weight": weight}, "epoch": 3})
    "the state dict is one entry of what was given: load_state_dict(checkpoint['model'])"
    """
    for name, entry in given.items():
        if isinstance(entry, Mapping) and _fits(own, entry):
            return say("nn.state_inside", name=name)
    if not own or not all(isinstance(key, str) for key in given):
        return None
    for prefix in _beginnings(given):
        if _fits(own, {key.removeprefix(prefix): value for key, value in given.items()}):
            return say("nn.strip_prefix", prefix=prefix)
    for prefix in _beginnings(own):
        if _fits(own, {prefix + key: value for key, value in given.items()}):
            return say("nn.add_prefix", prefix=prefix)
    return _without_misshapen(own, given)


def _beginnings(state: Mapping[str, Any]) -> list[str]:
    """What all keys begin with, up to a dot: "a." and "a.b." for a.b.weight and a.b.bias."""
    found, names = list[str](), next(iter(state), "").split(".")[:-1]
    for count in range(1, len(names) + 1):
        prefix = ".".join(names[:count]) + "."
        if all(key.startswith(prefix) for key in state):
            found.append(prefix)
    return found


def _fits(own: Mapping[str, Tensor], given: Mapping[Any, Any]) -> bool:
    """Whether loading `given` would succeed: the keys of `own`, with their shapes."""
    needed = set(own) if hasattr(given, "_metadata") else {key for key in own if key.rpartition(".")[2] != OPTIONAL}
    return bool(own) and needed <= set(given) <= set(own) and all(_same_shape(own[key], given[key]) for key in given)


def _same_shape(tensor: Tensor, value: Any) -> bool:
    return is_lazy(tensor) or is_lazy(value) or tuple(getattr(value, "shape", (None,))) == tensor.shape


def _without_misshapen(own: Mapping[str, Tensor], given: Mapping[str, Any]) -> str | None:
    """How to load all but the entries with another shape, as those of a head for other classes, if no more is wrong."""
    wrong = [key for key, value in given.items() if key in own and not _same_shape(own[key], value)]
    rest = {key: value for key, value in given.items() if key not in wrong}
    if not rest or not wrong or len(wrong) > 4 or not _fits({k: v for k, v in own.items() if k not in wrong}, rest):
        return None
    return say("nn.load_the_rest", keys=", ".join(map(repr, wrong)))

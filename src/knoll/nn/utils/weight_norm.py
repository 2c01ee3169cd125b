"""Weight normalisation: weights as a length and a direction, which are trained apart.

Source: Salimans and Kingma, Weight normalization, 2016,
https://pytorch.org/docs/stable/generated/torch.nn.utils.weight_norm.html
"""

from __future__ import annotations

from typing import Any

from knoll.errors import ArgumentError, StateError
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.nn.utils.checks import module as checked_module
from knoll.nn.utils.weight_hook import WeightHook, hook_of, put_back
from knoll.ops.reduction.reduce import normalised
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, text

__all__ = ["remove_weight_norm", "weight_norm"]


class WeightNorm(WeightHook):
    """A forward pre-hook that makes a weight of its length and its direction."""

    name: str
    dim: int | None

    def __init__(self, name: str, dim: int | None) -> None:
        self.name, self.dim = name, dim

    def __call__(self, module: Module, inputs: Any) -> None:  # noqa: ARG002 (a hook is given them)
        """Set the weight for the forward that follows."""
        setattr(module, self.name, self.compute_weight(module))

    def compute_weight(self, module: Module) -> Tensor:
        """The direction with the length."""
        g, v = getattr(module, f"{self.name}_g"), getattr(module, f"{self.name}_v")
        return of_length(v, g, self.dim)


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """The module, whose weight is from now on `weight_g` times `weight_v` over its length.

    Every entry of the axis `dim` has a length of its own; without it all have one together.
    Raises ArgumentError, and StateError for a weight that has it already.

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.utils.weight_norm(nn.Linear(20, 40))
    >>> layer.weight_g.shape, layer.weight_v.shape, layer(knoll.ones(1, 20)).shape
    ((40, 1), (40, 20), (1, 40))
    """
    name = text(name, "weight_norm", "name")
    if hook_of(checked_module(module), WeightNorm, name) is not None:
        raise StateError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    weight = module._parameters.get(name)
    if weight is None:
        raise ArgumentError(f"{type(module).__name__!r} object has no parameter {name!r}")
    axis = axis_of(dim, weight.ndim)
    rule = WeightNorm(name, axis)
    del module._parameters[name]
    module.register_parameter(f"{name}_g", Parameter(length(weight.detach(), axis)))
    module.register_parameter(f"{name}_v", Parameter(weight.detach()))
    setattr(module, name, rule.compute_weight(module).detach())
    module.register_forward_pre_hook(rule)
    return module


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """The module, whose weight is a parameter again. Raises ArgumentError.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.remove_weight_norm.html

    >>> from knoll import nn
    >>> layer = nn.utils.weight_norm(nn.Linear(4, 3))
    >>> sorted(nn.utils.remove_weight_norm(layer).state_dict())
    ['bias', 'weight']
    """
    rule = hook_of(checked_module(module), WeightNorm, name)
    if rule is None:
        raise ArgumentError(f"weight_norm of '{name}' not found in {module}")
    return put_back(module, rule, rule.compute_weight(module).detach(), ("g", "v"))


def of_length(v: Tensor, g: Tensor, dim: int | None) -> Tensor:
    """The direction v with the length g, for each entry of an axis or for all numbers at once."""
    weight: Tensor = v * (g / length(v, dim))
    return weight


def axis_of(dim: int | None, rank: int) -> int | None:
    """The axis whose entries have a length of their own; None and −1 mean all numbers at once."""
    return None if dim is None or integer(dim, "weight_norm", "dim") == -1 else normalised((dim,), rank)[0]


def length(v: Tensor, dim: int | None) -> Tensor:
    """The length of each entry of an axis, with all axes; that of all numbers without one."""
    if dim is None:
        return v.square().sum().sqrt()
    others = [axis for axis in range(v.ndim) if axis != dim]
    return v.square().sum(others, keepdim=True).sqrt() if others else v.abs()

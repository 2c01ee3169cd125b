"""Spectral normalisation: weights divided by their largest singular value, before every forward.

Source: Miyato, Kataoka, Koyama and Yoshida, Spectral normalization for generative adversarial networks, 2018,
https://pytorch.org/docs/stable/generated/torch.nn.utils.spectral_norm.html
"""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import ArgumentError, StateError
from knoll.graph import Array
from knoll.nn.layers.conv_transpose import TransposedConvolution
from knoll.nn.module import Module
from knoll.nn.utils.checks import module as checked_module
from knoll.nn.utils.weight_hook import WeightHook, hook_of, put_back
from knoll.ops.reduction.reduce import normalised
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, real, text
from knoll.tensor.storage.mutation import writing

__all__ = ["remove_spectral_norm", "spectral_norm"]


class SpectralNorm(WeightHook):
    """A forward pre-hook that divides a weight by its largest singular value, which power iteration finds."""

    name: str
    n_power_iterations: int
    dim: int
    eps: float

    def __init__(self, name: str, n_power_iterations: int, dim: int, eps: float) -> None:
        self.name, self.n_power_iterations, self.dim, self.eps = name, n_power_iterations, dim, eps

    def __call__(self, module: Module, inputs: Any) -> None:  # noqa: ARG002 (a hook is given them)
        """Set the weight for the forward that follows; in training the singular vectors follow the weight first."""
        setattr(module, self.name, self.compute_weight(module, module.training))

    def compute_weight(self, module: Module, do_power_iteration: bool) -> Tensor:
        """The weight over its largest singular value, with its gradient; the vectors have none."""
        weight = getattr(module, f"{self.name}_orig")
        u, v = getattr(module, f"{self.name}_u"), getattr(module, f"{self.name}_v")
        if do_power_iteration:
            iterate(weight._realize(), self.dim, u, v, self.n_power_iterations, self.eps, right_first=True)
        return divided(weight, self.dim, u, v)


def divided(weight: Tensor, dim: int, u: Tensor, v: Tensor) -> Tensor:
    """A weight over its largest singular value uᵀ W v, with its gradient; the vectors have none."""
    moved = weight.movedim(dim, 0)
    matrix = moved.reshape(moved.shape[0], -1)
    scaled: Tensor = weight / (u.clone() * (matrix @ v.clone())).sum()
    return scaled


def iterate(weight: Array, dim: int, u: Tensor, v: Tensor, steps: int, eps: float, right_first: bool = False) -> None:
    """Power iteration: bring the vectors nearer to those of the largest singular value, in place."""
    matrix = matrix_of(weight, dim)
    left, right = u._realize(), v._realize()
    for _ in range(steps):
        if right_first:
            right = unit(matrix.T @ left, eps)
        left = unit(matrix @ right, eps)
        if not right_first:
            right = unit(matrix.T @ left, eps)
    for tensor, numbers in ((u, left), (v, right)):
        with writing(tensor) as array:
            np.copyto(array, numbers)


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    """The module, whose weight is from now on `weight_orig` over its largest singular value.

    `weight_u` and `weight_v` are buffers: the singular vectors, nearer by `n_power_iterations` steps at each forward
    of a training. `dim` is the axis of the outputs: 1 for transposed convolutions, else 0.
    Raises ArgumentError, and StateError for a weight that has it already.

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.utils.spectral_norm(nn.Linear(20, 40))
    >>> sorted(layer.state_dict()), layer(knoll.ones(1, 20)).shape
    (['bias', 'weight_orig', 'weight_u', 'weight_v'], (1, 40))
    """
    name, steps = (
        text(name, "spectral_norm", "name"),
        integer(n_power_iterations, "spectral_norm", "n_power_iterations"),
    )
    if hook_of(checked_module(module), SpectralNorm, name) is not None:
        raise StateError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
    if steps <= 0:
        raise ArgumentError(
            f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
        )
    weight = module._parameters.get(name)
    if weight is None:
        raise ArgumentError(
            f"`SpectralNorm` can not be applied as parameter `{name}` is None"
            if name in module._parameters
            else f"{type(module).__name__!r} object has no parameter {name!r}"
        )
    usual = 1 if isinstance(module, TransposedConvolution) else 0
    (axis,) = normalised((usual if dim is None else integer(dim, "spectral_norm", "dim"),), weight.ndim)
    rule = SpectralNorm(name, steps, axis, real(eps, "spectral_norm", "eps"))
    rows, columns = matrix_of(weight._realize(), axis).shape
    del module._parameters[name]
    module.register_parameter(f"{name}_orig", weight)
    for letter, size in (("u", rows), ("v", columns)):
        module.register_buffer(f"{name}_{letter}", drawn_unit(size, weight, eps))
    setattr(module, name, weight.data)
    module.register_forward_pre_hook(rule)
    return module


def remove_spectral_norm(module: Module, name: str = "weight") -> Module:
    """The module, whose weight is a parameter again, with the numbers of its last norm. Raises ArgumentError.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.remove_spectral_norm.html

    >>> from knoll import nn
    >>> layer = nn.utils.spectral_norm(nn.Linear(4, 3))
    >>> sorted(nn.utils.remove_spectral_norm(layer).state_dict())
    ['bias', 'weight']
    """
    rule = hook_of(checked_module(module), SpectralNorm, name)
    if rule is None:
        raise ArgumentError(f"spectral_norm of '{name}' not found in {module}")
    weight = rule.compute_weight(module, do_power_iteration=False).detach()
    return put_back(module, rule, weight, ("orig", "u", "v"))


def drawn_unit(size: int, like: Tensor, eps: float) -> Tensor:
    """A random vector of length 1, of the element type of a weight."""
    drawn = Tensor._over(np.empty(size, like.dtype)).normal_(0, 1)
    return Tensor._over(unit(drawn._realize(), eps))


def matrix_of(weight: Array, dim: int) -> Array:
    """A weight as a matrix whose rows are the entries of the axis `dim`."""
    moved = np.moveaxis(weight, dim, 0)
    return moved.reshape(moved.shape[0], -1)


def unit(vector: Array, eps: float) -> Array:
    """The vector with length 1."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), eps), vector.dtype)

"""Parametrizations of weights: a length and a direction, the largest singular value 1, orthogonal matrices.

Source: https://pytorch.org/docs/stable/nn.html#torch.nn.utils.parametrizations.orthogonal and its neighbours
"""

from __future__ import annotations

from typing import Any

from knoll.errors import ArgumentError, DimensionError
from knoll.nn.functional import normalize
from knoll.nn.layers.conv_transpose import TransposedConvolution
from knoll.nn.module import Module
from knoll.nn.utils.orthogonal import orthogonal, weight_of
from knoll.nn.utils.parametrize import register_parametrization
from knoll.nn.utils.spectral_norm import divided, drawn_unit, iterate, matrix_of
from knoll.nn.utils.weight_norm import axis_of, length, of_length
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, real

__all__ = ["orthogonal", "spectral_norm", "weight_norm"]


class _WeightNorm(Module):
    """A weight made of lengths g and directions v."""

    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else integer(dim, "weight_norm", "dim")

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        """The directions with the lengths."""
        return of_length(weight_v, weight_g, axis_of(self.dim, weight_v.ndim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        """The lengths of a weight, and itself for the directions."""
        return length(weight, axis_of(self.dim, weight.ndim)), weight


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """The module, whose weight is from now on `original0` times `original1` over its length, which are trained apart.

    Every entry of the axis `dim` has a length of its own; without it all have one together. State dicts of
    `nn.utils.weight_norm` can be loaded. Raises ArgumentError. Source: Salimans and Kingma, Weight normalization, 2016,
    https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.weight_norm.html

    >>> from knoll import nn
    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(20, 40))
    >>> sorted(layer.state_dict()), layer.parametrizations.weight.original0.shape
    (['bias', 'parametrizations.weight.original0', 'parametrizations.weight.original1'], (40, 1))
    """
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)

    def renamed(state_dict: dict[str, Any], prefix: str, *_: Any) -> None:
        old = [f"{prefix}{name}_g", f"{prefix}{name}_v"]
        if all(key in state_dict for key in old):
            for place, key in enumerate(old):
                state_dict[f"{prefix}parametrizations.{name}.original{place}"] = state_dict.pop(key)

    module._register_load_state_dict_pre_hook(renamed)
    return module


class _SpectralNorm(Module):
    """A weight over its largest singular value, which power iteration finds; `_u` and `_v` are its vectors."""

    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        rank = weight.ndim
        if not -rank <= dim < rank:
            raise DimensionError(
                f"Dimension out of range (expected to be in range of [-{rank}, {rank - 1}] but got {dim})"
            )
        if n_power_iterations <= 0:
            raise ArgumentError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.dim, self.eps = dim % rank, eps
        if rank > 1:
            self.n_power_iterations = n_power_iterations
            numbers = weight._realize()
            for name, size in zip(("_u", "_v"), matrix_of(numbers, self.dim).shape, strict=True):
                self.register_buffer(name, drawn_unit(size, weight, eps))
            iterate(numbers, self.dim, self._u, self._v, 15, eps)

    def _is_pure(self, *_: Tensor) -> bool:
        """Whether it leaves its vectors as they are."""
        return not self.training

    def forward(self, weight: Tensor) -> Tensor:
        """The weight over its largest singular value; in training the vectors follow the weight first."""
        if weight.ndim == 1:
            return normalize(weight, dim=0, eps=self.eps)
        if self.training:
            iterate(weight._realize(), self.dim, self._u, self._v, self.n_power_iterations, self.eps)
        return divided(weight, self.dim, self._u, self._v)

    def right_inverse(self, value: Tensor) -> Tensor:
        """The value itself."""
        return value


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    """The module, whose weight is from now on `original` over its largest singular value.

    Its singular vectors are nearer by `n_power_iterations` steps whenever the weight is read in training. `dim` is the
    axis of the outputs: 1 for transposed convolutions, else 0. Raises ArgumentError, DimensionError. Source: Miyato et
    al., Spectral normalization for generative adversarial networks, 2018,
    https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.spectral_norm.html

    >>> from knoll import nn
    >>> layer = nn.utils.parametrizations.spectral_norm(nn.Linear(20, 40))
    >>> [key for key in layer.state_dict() if key != "bias"]
    ['parametrizations.weight.original', 'parametrizations.weight.0._u', 'parametrizations.weight.0._v']
    """
    weight = weight_of(module, name)
    usual = 1 if isinstance(module, TransposedConvolution) else 0
    axis = usual if dim is None else integer(dim, "spectral_norm", "dim")
    steps = integer(n_power_iterations, "spectral_norm", "n_power_iterations")
    rule = _SpectralNorm(weight=weight, n_power_iterations=steps, dim=axis, eps=real(eps, "spectral_norm", "eps"))
    return register_parametrization(module, name, rule)

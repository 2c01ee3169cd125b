"""All parameters in one row, and back."""

from __future__ import annotations

from collections.abc import Iterable

from knoll.errors import ArgumentTypeError
from knoll.nn.typename import typename
from knoll.tensor import Tensor
from knoll.tensor.arguments import items, tensor
from knoll.tensor.shapes.joining import cat


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The numbers of all parameters, one after the other; gradients flow back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.parameters_to_vector.html

    >>> from knoll.nn.utils import parameters_to_vector
    >>> from knoll import nn
    >>> parameters_to_vector(nn.Linear(10, 1).parameters()).shape
    (11,)
    """
    return cat([parameter.reshape(-1) for parameter in _tensors(parameters, "parameters_to_vector")])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Give the parameters the numbers of `vec`, one after the other: copies, so that later changes of it stay its own.

    Raises ArgumentTypeError; ShapeError where the numbers end too early.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.vector_to_parameters.html

    >>> from knoll.nn.utils import vector_to_parameters
    >>> from knoll import nn, ones
    >>> layer = nn.Linear(2, 1)
    >>> vector_to_parameters(ones(3), layer.parameters())
    >>> layer.weight.tolist(), layer.bias.tolist()
    ([[1.0, 1.0]], [1.0])
    """
    if not isinstance(vec, Tensor):
        raise ArgumentTypeError(f"expected torch.Tensor, but got: {typename(vec)}")
    start = 0
    for parameter in _tensors(parameters, "vector_to_parameters"):
        part = vec.detach()[start : start + parameter.numel()]
        parameter.data = part.reshape(parameter.shape).clone()
        start += parameter.numel()


def _tensors(parameters: Iterable[Tensor], function: str) -> list[Tensor]:
    """The parameters, each a tensor."""
    return [tensor(one, function, "parameters") for one in items(parameters, function, "parameters")]

"""Initial values drawn from a given distribution, each by itself, or rows that are orthogonal or sparse."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from knoll.errors import ArgumentError, StateError, warn
from knoll.graph import Array
from knoll.nn.init.rank import check_rank
from knoll.nn.init.skip import skippable
from knoll.tensor import Tensor, no_grad
from knoll.tensor.arguments import public
from knoll.tensor.random import generator as source

Generator: TypeAlias = np.random.Generator | None  # in place of the one that `knoll.manual_seed` seeds


@skippable
@public("uniform_")
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator = None) -> Tensor:
    """Every number between `a` and `b` is as likely as any other. Raises StateError.

    >>> import knoll
    >>> from knoll.nn import init
    >>> weight = init.uniform_(knoll.empty(2, 3), -0.1, 0.1)
    >>> bool((weight.abs() <= 0.1).all())
    True
    """
    with no_grad():
        if generator is None:
            return tensor.uniform_(a, b)
        return tensor.copy_(generator.random(tensor.shape) * (b - a) + a)


@skippable
@public("normal_")
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator = None) -> Tensor:
    """Numbers around `mean`, two thirds of them no further than `std`. Raises StateError.

    >>> import knoll
    >>> from knoll.nn import init
    >>> init.normal_(knoll.empty(1000), std=0.01).std().item() < 0.02
    True
    """
    with no_grad():
        if generator is None:
            return tensor.normal_(mean, std)
        return tensor.copy_(generator.standard_normal(tensor.shape) * std + mean)


@skippable
@public("trunc_normal_")
def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Generator = None
) -> Tensor:
    """Numbers of the normal distribution that lie between `a` and `b`: what falls outside is drawn again.

    Raises StateError. Source: Robert, Simulation of truncated normal variables, 1995.

    >>> import knoll
    >>> from knoll.nn import init
    >>> weight = init.trunc_normal_(knoll.empty(100), std=0.02, a=-0.04, b=0.04)
    >>> bool((weight.abs() <= 0.04).all())
    True
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect."
        )
    if not std > 0 or not a < b:
        raise StateError("trunc_normal_ expects std > 0 and a < b", got=f"std={std}, a={a}, b={b}")
    inside = math.erf((b - mean) / std / math.sqrt(2)) - math.erf((a - mean) / std / math.sqrt(2))
    peak = max(a, min(mean, b))

    def draw() -> tuple[Tensor, Array]:
        """New numbers, and which of them count: those inside, or as often as they are likely if few are inside."""
        fresh = Tensor._over(np.empty(tensor.shape, tensor.dtype))
        if inside > 0.6:
            numbers = normal_(fresh, mean, std, generator)._realize()
            return fresh, (numbers >= fresh.dtype.type(a)) & (numbers <= fresh.dtype.type(b))
        numbers = uniform_(fresh, a, b, generator)._realize()
        chance = np.exp(0.5 * ((peak - mean) / std) ** 2 - 0.5 * ((numbers - mean) / std) ** 2)
        return fresh, uniform_(Tensor._over(np.empty(tensor.shape)), generator=generator)._realize() < chance

    with no_grad():
        result, counts = draw()
        while not counts.all():
            again, good = draw()
            np.copyto(result._realize(), again._realize(), where=~counts & good)
            counts = counts | good
        return tensor.copy_(result)


@skippable
@public("orthogonal_")
def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator = None) -> Tensor:
    """Rows (or columns, if there are fewer) that stand at right angles to each other, each of length `gain`.

    More than two axes are taken for (first, all others). Raises ArgumentError.
    Source: Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, 2013.

    >>> import knoll
    >>> from knoll.nn import init
    >>> weight = init.orthogonal_(knoll.empty(2, 4))
    >>> knoll.allclose(weight @ weight.T, knoll.eye(2), atol=1e-5)
    True
    """
    if len(tensor.shape) < 2:
        raise ArgumentError("Only tensors with 2 or more dimensions are supported", got=f"{tensor.shape}")
    if 0 in tensor.shape:
        return tensor
    rows = tensor.shape[0]
    room = np.empty((rows, math.prod(tensor.shape[1:])), tensor.dtype)
    flat = normal_(Tensor._over(room), generator=generator)._realize()
    q, r = np.linalg.qr(flat.T if rows < flat.shape[1] else flat)
    q = q * np.sign(np.diag(r))  # else the signs would not be random: Mezzadri, 2007
    with no_grad():
        return tensor.copy_(gain * (q.T if rows < flat.shape[1] else q).reshape(tensor.shape))


@skippable
@public("sparse_")
def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator = None) -> Tensor:
    """Normal numbers, and zeros in the fraction `sparsity` of each column. Raises ArgumentError.

    Source: Martens, Deep learning via Hessian-free optimization, 2010.

    >>> import knoll
    >>> from knoll.nn import init
    >>> int((init.sparse_(knoll.empty(10, 4), sparsity=0.3) == 0).sum())
    12
    """
    check_rank(tensor, 2)
    rows, columns = tensor.shape
    numbers = normal_(Tensor._over(np.empty(tensor.shape, tensor.dtype)), 0, std, generator)._realize()
    for column in range(columns):
        order = (generator or source.generator()).permutation(rows)
        numbers[order[: math.ceil(sparsity * rows)], column] = 0
    with no_grad():
        return tensor.copy_(numbers)

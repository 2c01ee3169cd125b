"""First numbers for parameters, as `torch.nn.init`.

Every function fills the tensor it is given and returns it, from the generator that `knoll.manual_seed` seeds.
Source: https://pytorch.org/docs/stable/nn.init.html
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np

from knoll.absent import absent
from knoll.errors import ArgumentError, StateError, warn
from knoll.graph import Array
from knoll.tensor import Tensor, no_grad
from knoll.tensor import generator as source
from knoll.tensor.arguments import public

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]
_OLD_NAMES = (
    "uniform", "normal", "constant", "eye", "dirac", "xavier_uniform", "xavier_normal", "kaiming_uniform",
    "kaiming_normal", "orthogonal", "sparse",
)  # fmt: skip

F = TypeVar("F", bound=Callable[..., Tensor])
Generator = np.random.Generator | None  # in place of the one that `knoll.manual_seed` seeds

_LINEAR = ("linear", *(f"{kind}{axes}d" for kind in ("conv", "conv_transpose") for axes in (1, 2, 3)))
_GAINS = {
    **dict.fromkeys(_LINEAR, 1.0), "sigmoid": 1.0, "tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 0.75,
}  # fmt: skip


@public("calculate_gain")
def calculate_gain(nonlinearity: str, param: Any = None) -> float:
    """By how much weights must be larger for the sake of the activation after them.

    >>> from knoll.nn import init
    >>> init.calculate_gain("tanh")
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        if isinstance(param, bool) or not isinstance(param, (int, float, type(None))):
            raise ArgumentError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in _GAINS:
        raise ArgumentError(f"Unsupported nonlinearity {nonlinearity}", expected=", ".join([*_GAINS, "leaky_relu"]))
    return _GAINS[nonlinearity]


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """How many inputs an output sums, and how many outputs an input reaches."""
    if len(tensor.shape) < 2:
        raise ArgumentError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    mode = mode.lower()  # as PyTorch, which takes "FAN_IN" too
    if mode not in ("fan_in", "fan_out"):
        raise ArgumentError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]


def _random(function: F) -> F:
    """A function that draws numbers, which `left_out` keeps from it."""

    @wraps(function)
    def drawn(tensor: Tensor, *args: Any, **named: Any) -> Tensor:
        return tensor if _state.is_left_out else function(tensor, *args, **named)

    return cast(F, drawn)


@_random
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


@_random
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


@_random
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

    def drawn() -> tuple[Tensor, Array]:
        """New numbers, and which of them count: those inside, or as often as they are likely if few are inside."""
        fresh = Tensor._over(np.empty(tensor.shape, tensor.dtype))
        if inside > 0.6:
            numbers = normal_(fresh, mean, std, generator)._realize()
            return fresh, (numbers >= fresh.dtype.type(a)) & (numbers <= fresh.dtype.type(b))
        numbers = uniform_(fresh, a, b, generator)._realize()
        chance = np.exp(0.5 * ((peak - mean) / std) ** 2 - 0.5 * ((numbers - mean) / std) ** 2)
        return fresh, uniform_(Tensor._over(np.empty(tensor.shape)), generator=generator)._realize() < chance

    with no_grad():
        result, counts = drawn()
        while not counts.all():
            again, good = drawn()
            np.copyto(result._realize(), again._realize(), where=~counts & good)
            counts = counts | good
        return tensor.copy_(result)


@public("constant_")
def constant_(tensor: Tensor, val: float) -> Tensor:
    """The same number everywhere.

    >>> import knoll
    >>> from knoll.nn import init
    >>> init.constant_(knoll.empty(2), 3.0)
    tensor([3., 3.])
    """
    with no_grad():
        return tensor.fill_(val)


@public("ones_")
def ones_(tensor: Tensor) -> Tensor:
    """Ones everywhere.

    >>> import knoll
    >>> from knoll.nn import init
    >>> init.ones_(knoll.empty(2))
    tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


@public("zeros_")
def zeros_(tensor: Tensor) -> Tensor:
    """Zeros everywhere.

    >>> import knoll
    >>> from knoll.nn import init
    >>> init.zeros_(knoll.empty(2))
    tensor([0., 0.])
    """
    return constant_(tensor, 0.0)


@public("eye_")
def eye_(tensor: Tensor) -> Tensor:
    """Ones on the diagonal, zeros elsewhere: a linear layer that passes on what it can. Raises ArgumentError.

    >>> import knoll
    >>> from knoll.nn import init
    >>> init.eye_(knoll.empty(2, 3))
    tensor([[1., 0., 0.],
            [0., 1., 0.]])
    """
    _check_rank(tensor, 2)
    rows, columns = tensor.shape
    with no_grad():
        return tensor.copy_(np.eye(rows, columns))


@public("dirac_")
def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """A one in the middle of a window for each channel: a convolution that passes on what it can.

    Shapes: (k, c, length), (k, c, r, s) or (k, c, depth, r, s). Raises ArgumentError.

    >>> import knoll
    >>> from knoll.nn import init
    >>> init.dirac_(knoll.empty(1, 1, 3))
    tensor([[[0., 1., 0.]]])
    """
    if len(tensor.shape) not in (3, 4, 5):
        raise ArgumentError("Only tensors with 3, 4, or 5 dimensions are supported", got=f"{tensor.shape}")
    k, c, *window = tensor.shape
    if groups < 1 or k % groups:
        raise ArgumentError("dim 0 must be divisible by groups", got=f"{k}, groups={groups}")
    numbers = np.zeros(tensor.shape, tensor.dtype)
    middle = tuple(size // 2 for size in window)
    for group in range(groups):
        for channel in range(min(k // groups, c)):
            numbers[(group * (k // groups) + channel, channel, *middle)] = 1
    with no_grad():
        return tensor.copy_(numbers)


@_random
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


@_random
@public("sparse_")
def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator = None) -> Tensor:
    """Normal numbers, and zeros in the fraction `sparsity` of each column. Raises ArgumentError.

    Source: Martens, Deep learning via Hessian-free optimization, 2010.

    >>> import knoll
    >>> from knoll.nn import init
    >>> int((init.sparse_(knoll.empty(10, 4), sparsity=0.3) == 0).sum())
    12
    """
    _check_rank(tensor, 2)
    rows, columns = tensor.shape
    numbers = normal_(Tensor._over(np.empty(tensor.shape, tensor.dtype)), 0, std, generator)._realize()
    for column in range(columns):
        order = (generator or source.generator()).permutation(rows)
        numbers[order[: math.ceil(sparsity * rows)], column] = 0
    with no_grad():
        return tensor.copy_(numbers)


def _check_rank(tensor: Tensor, rank: int) -> None:
    if len(tensor.shape) != rank:
        raise ArgumentError(f"Only tensors with {rank} dimensions are supported", got=f"{tensor.shape}")


@_random
@public("xavier_uniform_")
def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator = None) -> Tensor:
    """Uniform numbers that keep variances equal forward and backward.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.

    >>> from knoll import nn
    >>> from knoll.nn import init
    >>> layer = nn.Linear(100, 200)
    >>> weight = init.xavier_uniform_(layer.weight)
    >>> round(float(weight.abs().max()), 2)
    0.14
    """
    bound = gain * math.sqrt(6.0 / sum(_calculate_fan_in_and_fan_out(tensor)))
    return uniform_(tensor, -bound, bound, generator)


@_random
@public("xavier_normal_")
def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator = None) -> Tensor:
    """Normal numbers that keep variances equal forward and backward.

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.

    >>> from knoll import nn
    >>> from knoll.nn import init
    >>> layer = nn.Linear(100, 300)
    >>> weight = init.xavier_normal_(layer.weight)
    >>> round(float(weight.std()), 2)
    0.07
    """
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / sum(_calculate_fan_in_and_fan_out(tensor))), generator)


@_random
@public("kaiming_uniform_")
def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator = None,
) -> Tensor:
    """Uniform numbers that keep variances equal through rectifiers; `a` is the slope below zero.

    Source: He et al., Delving deep into rectifiers, 2015.

    >>> from knoll import nn
    >>> from knoll.nn import init
    >>> layer = nn.Conv2d(16, 32, 3)
    >>> weight = init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    >>> round(float(weight.abs().max()), 1)
    0.2
    """
    if _has_none(tensor):
        return tensor
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


@_random
@public("kaiming_normal_")
def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator = None,
) -> Tensor:
    """Normal numbers that keep variances equal through rectifiers; `a` is the slope below zero.

    Source: He et al., Delving deep into rectifiers, 2015.

    >>> from knoll import nn
    >>> from knoll.nn import init
    >>> layer = nn.Conv2d(16, 32, 3)
    >>> weight = init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    >>> round(float(weight.std()), 1)
    0.1
    """
    if _has_none(tensor):
        return tensor
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    fan = _calculate_correct_fan(tensor, mode)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def _has_none(tensor: Tensor) -> bool:
    if 0 not in tensor.shape:
        return False
    warn("Initializing zero-element tensors is a no-op")
    return True


class _State(threading.local):
    is_left_out: bool = False
    are_constants_left_out: bool = False


_state: _State = _State()


@contextmanager
def left_out(*, constants: bool = False) -> Iterator[None]:
    """Nothing random is drawn meanwhile, in this thread: layers that are made keep the numbers of their memory.

    With `constants` normalisations keep them, too: memory that nobody writes to is not taken from the system.
    """
    before = _state.is_left_out, _state.are_constants_left_out
    _state.is_left_out, _state.are_constants_left_out = True, constants or before[1]
    try:
        yield
    finally:
        _state.is_left_out, _state.are_constants_left_out = before


def constants_left_out() -> bool:
    """Whether the ones and zeros of a normalisation are not written now."""
    return _state.are_constants_left_out


def default_(weight: Tensor, bias: Tensor | None) -> None:
    """PyTorch's first numbers for a layer: all between ±1/√fan_in, the weight drawn before the bias."""
    if _state.is_left_out:
        return
    kaiming_uniform_(weight, a=math.sqrt(5))
    fan_in, _ = _calculate_fan_in_and_fan_out(weight)
    if bias is not None:
        bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
        uniform_(bias, -bound, bound)


def __getattr__(name: str) -> Callable[..., Tensor]:
    """The names that functions had before PyTorch 0.4, without the underscore; each says so, as there."""
    if name not in _OLD_NAMES:
        raise absent(__name__, name, __all__)
    now: Callable[..., Tensor] = globals()[f"{name}_"]

    @wraps(now)
    def renamed(*args: Any, **named: Any) -> Tensor:
        text = f"`nn.init.{name}` is now deprecated in favor of `nn.init.{name}_`."
        warn(text, FutureWarning)
        return now(*args, **named)

    return renamed

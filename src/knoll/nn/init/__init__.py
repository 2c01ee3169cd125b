"""Initial values of parameters, as `torch.nn.init`.

Every function fills the tensor it is given and returns it, from the generator that `knoll.manual_seed` seeds.
Source: https://pytorch.org/docs/stable/nn.init.html
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from knoll.absent import absent
from knoll.calls import advise
from knoll.errors import warn
from knoll.nn.init.constants import constant_, dirac_, eye_, ones_, zeros_
from knoll.nn.init.distributions import normal_, orthogonal_, sparse_, trunc_normal_, uniform_
from knoll.nn.init.variance_scaling import _calculate_fan_in_and_fan_out as _calculate_fan_in_and_fan_out
from knoll.nn.init.variance_scaling import (
    calculate_gain,
    kaiming_normal_,
    kaiming_uniform_,
    xavier_normal_,
    xavier_uniform_,
)
from knoll.tensor import Tensor

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

advise(__name__)
_OLD_NAMES = (
    "uniform", "normal", "constant", "eye", "dirac", "xavier_uniform", "xavier_normal", "kaiming_uniform",
    "kaiming_normal", "orthogonal", "sparse",
)  # fmt: skip


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

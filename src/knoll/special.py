"""`torch.special`: those of its functions that Knoll has, which stand in `knoll` too.

https://pytorch.org/docs/stable/special.html

>>> import knoll
>>> knoll.special.expit(knoll.tensor([0.0]))
tensor([0.5000])
"""

from typing import Final

from knoll.calls import advise
from knoll.tensor.elementwise.activation import log_softmax, sigmoid, softmax
from knoll.tensor.elementwise.exponential import erf, erfc, erfinv, exp2, expm1, log1p, logit, xlogy
from knoll.tensor.elementwise.rounding import round_even
from knoll.tensor.elementwise.trigonometric import sinc
from knoll.tensor.reduction.logsumexp import logsumexp

expit: Final = sigmoid
round: Final = round_even  # noqa: A001 (PyTorch's)

__all__ = [
    "erf",
    "erfc",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "log1p",
    "log_softmax",
    "logit",
    "logsumexp",
    "round",
    "sinc",
    "softmax",
    "xlogy",
]

advise(__name__)

"""Dropout layers: zeros by chance while the module is being trained, nothing at all afterwards."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.functional.dropout import check_probability
from knoll.nn.module import Module
from knoll.tensor import Tensor

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class _Dropout(Module):
    """What all of them have: a probability, and whether the tensor passed in becomes the result."""

    p: float

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        self.p = check_probability(p)
        self.inplace = inplace

    def _is_pure(self, *_: Tensor) -> bool:
        """Not: it draws, or warns of inputs with an odd number of axes."""
        return False

    def extra_repr(self) -> str:
        """The arguments."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """Dropout: in training each element is set to 0 with probability `p`, and the others are divided by 1 − p.

    The division keeps the expected value. After `eval()` the input is given back unchanged.

    Shapes: any → the same.

    - `p`: the probability of 0, from 0 to 1.
    - `inplace`: whether the tensor passed in is changed and given back.

    Raises ArgumentError, ArgumentTypeError. Source: https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html;
    Hinton et al., Improving neural networks by preventing co-adaptation of feature detectors, 2012.

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.Dropout(p=0.25)
    >>> sorted(set(layer(knoll.ones(1000)).tolist()))
    [0.0, 1.3333333730697632]
    >>> layer.eval()(knoll.ones(2))
    tensor([1., 1.])
    """

    def _is_pure(self, *_: Tensor) -> bool:
        """Whether it gives back its input."""
        return not self.training

    def forward(self, input: Tensor) -> Tensor:
        """The input with dropout in training, the input itself otherwise."""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_Dropout):
    """1-D dropout over sequences (n, c, length): in training whole channels are set to 0 with probability `p`.

    The others are divided by 1 − p. After `eval()` the input is given back unchanged.

    Shapes: (n, c, length) or (c, length) → the same.

    - `p`: the probability that a channel is 0, from 0 to 1.
    - `inplace`: whether the tensor passed in is changed and given back.

    Raises ArgumentError, ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> dropped = nn.Dropout1d()(knoll.ones(8, 4, 5))
    >>> bool((dropped == dropped[:, :, :1]).all())
    True
    """

    def forward(self, input: Tensor) -> Tensor:
        """The input with dropout in training, the input itself otherwise."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """2-D dropout over images of shape (n, c, h, w): in training whole channels are set to 0 with probability `p`.

    The others are divided by 1 − p. Neighbouring pixels are correlated, so that dropping single ones hides little.
    After `eval()` the input is given back unchanged.

    Shapes: (n, c, h, w) → the same.

    - `p`: the probability that a channel is 0, from 0 to 1.
    - `inplace`: whether the tensor passed in is changed and given back.

    Raises ArgumentError, ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html;
    Tompson et al., Efficient object localization using convolutional networks, 2015.

    >>> import knoll
    >>> from knoll import nn
    >>> dropped = nn.Dropout2d()(knoll.ones(8, 4, 5, 5))
    >>> bool((dropped == dropped[:, :, :1, :1]).all())
    True
    """

    def forward(self, input: Tensor) -> Tensor:
        """The input with dropout in training, the input itself otherwise."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    """3-D dropout over volumes (n, c, depth, h, w): in training whole channels are set to 0 with probability `p`.

    The others are divided by 1 − p. After `eval()` the input is given back unchanged.

    Shapes: (n, c, depth, h, w) or (c, depth, h, w) → the same.

    - `p`: the probability that a channel is 0, from 0 to 1.
    - `inplace`: whether the tensor passed in is changed and given back.

    Raises ArgumentError, ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html

    >>> import knoll
    >>> from knoll import nn
    >>> dropped = nn.Dropout3d()(knoll.ones(8, 4, 2, 5, 5))
    >>> bool((dropped == dropped[:, :, :1, :1, :1]).all())
    True
    """

    def forward(self, input: Tensor) -> Tensor:
        """The input with dropout in training, the input itself otherwise."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    """Alpha dropout: elements become the limit of SELU at −∞ with probability `p`; mean 0 and variance 1 stay.

    The result is scaled and shifted, so that an input of mean 0 and variance 1 gives such a result. It stands
    behind `SELU`. After `eval()` the input is given back unchanged.

    Shapes: any → the same.

    - `p`: the probability of an element to be replaced, from 0 to 1.
    - `inplace`: taken and ignored, as in PyTorch.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html;
    Klambauer et al., Self-normalizing neural networks, 2017.

    >>> import knoll
    >>> from knoll import nn
    >>> len(set(nn.AlphaDropout()(knoll.zeros(1000)).tolist()))
    2
    """

    def forward(self, input: Tensor) -> Tensor:
        """The input with dropout in training, the input itself otherwise."""
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    """Feature alpha dropout: as `AlphaDropout`, but for whole channels.

    After `eval()` the input is given back unchanged.

    Shapes: (n, c, …) → the same.

    - `p`: the probability of a channel to be replaced, from 0 to 1.
    - `inplace`: taken and ignored, as in PyTorch.

    Raises ArgumentError, ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html

    >>> import knoll
    >>> from knoll import nn
    >>> dropped = nn.FeatureAlphaDropout()(knoll.ones(8, 4, 5, 5))
    >>> bool((dropped == dropped[:, :, :1, :1]).all())
    True
    """

    def forward(self, input: Tensor) -> Tensor:
        """The input with dropout in training, the input itself otherwise."""
        return F.feature_alpha_dropout(input, self.p, self.training)

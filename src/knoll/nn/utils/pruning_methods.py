"""Methods of pruning: which entries of a parameter, or which of its channels, are held at zero."""

from __future__ import annotations

from abc import abstractmethod
from numbers import Integral, Real

from knoll.errors import ArgumentError, ArgumentTypeError, DimensionError, ShapeError
from knoll.graph.shapes import size_name
from knoll.nn.module import Module
from knoll.nn.utils.pruning_base import BasePruningMethod
from knoll.tensor import Tensor, zeros_like
from knoll.tensor.linear_algebra.p_norm import norm
from knoll.tensor.random.rand import rand, rand_like
from knoll.tensor.reduction.sorting import topk


class Identity(BasePruningMethod):
    """Nothing is pruned; what was pruned before stays so.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.Identity.html

    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = nn.Linear(2, 2)
    >>> _ = prune.Identity.apply(layer, "weight")
    >>> layer.weight_mask
    tensor([[1., 1.],
            [1., 1.]])
    """

    PRUNING_TYPE: str = "unstructured"

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:  # noqa: ARG002 (as every method)
        """The mask as it is."""
        return default_mask

    @classmethod
    def apply(cls, module: Module, name: str) -> BasePruningMethod:  # type: ignore[override]  # as in PyTorch
        """Give a parameter a mask of ones."""
        return super().apply(module, name)


class _Amount(BasePruningMethod):
    """A method that is told how much to prune: a number of entries or channels, or as a float the share of them."""

    amount: float

    def __init__(self, amount: float) -> None:
        if not isinstance(amount, Real):
            raise ArgumentTypeError(f"Invalid type for amount: {amount}. Must be int or float.")
        if amount < 0 or (amount > 1 and not isinstance(amount, Integral)):
            raise ArgumentError(
                f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer"
            )
        self.amount = amount

    def _number(self, there: int) -> int:
        """How many of those that are there are pruned. Raises ArgumentError."""
        number = int(self.amount) if isinstance(self.amount, Integral) else round(self.amount * there)
        if number > there:
            raise ArgumentError(f"amount={number} should be smaller than the number of parameters to prune={there}")
        return number


class _Unstructured(_Amount):
    """The entries with the lowest scores are pruned."""

    PRUNING_TYPE: str = "unstructured"

    @abstractmethod
    def _scores(self, t: Tensor) -> Tensor:
        """A number for each entry."""

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """`default_mask` with zeros at the lowest scores. Raises ArgumentError."""
        mask = default_mask.clone()
        lowest = topk(self._scores(t).reshape(-1), self._number(t.numel()), largest=False).indices
        mask.view(-1)[lowest] = 0
        return mask


class RandomUnstructured(_Unstructured):
    """Random entries are pruned.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.RandomUnstructured.html

    >>> import knoll
    >>> from knoll.nn.utils import prune
    >>> int((prune.RandomUnstructured(amount=2).prune(knoll.ones(3, 2)) == 0).sum())
    2
    """

    def _scores(self, t: Tensor) -> Tensor:
        return rand_like(t)

    @classmethod
    def apply(cls, module: Module, name: str, amount: float) -> BasePruningMethod:  # type: ignore[override]  # as in PyTorch
        """Prune random entries of a parameter."""
        return super().apply(module, name, amount=amount)


class L1Unstructured(_Unstructured):
    """The entries nearest to zero are pruned.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.L1Unstructured.html

    >>> import knoll
    >>> from knoll.nn.utils import prune
    >>> prune.L1Unstructured(amount=2).prune(knoll.tensor([3.0, -1.0, 0.5, -4.0]))
    tensor([ 3., -0.,  0., -4.])
    """

    def _scores(self, t: Tensor) -> Tensor:
        return t.detach().abs()

    @classmethod
    def apply(  # type: ignore[override]  # as in PyTorch
        cls, module: Module, name: str, amount: float, importance_scores: Tensor | None = None
    ) -> BasePruningMethod:
        """Prune the entries nearest to zero of a parameter."""
        return super().apply(module, name, amount=amount, importance_scores=importance_scores)


class _Structured(_Amount):
    """The channels, which are the entries of the axis `dim`, with the lowest scores are pruned."""

    PRUNING_TYPE: str = "structured"

    def __init__(self, amount: float, dim: int = -1) -> None:
        super().__init__(amount)
        self.dim = dim

    @abstractmethod
    def _scores(self, t: Tensor) -> Tensor:
        """A number for each channel."""

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """`default_mask` with zeros in the channels with the lowest scores. Raises ArgumentError, DimensionError."""
        if t.ndim <= 1:
            raise ArgumentError(
                "Structured pruning can only be applied to multidimensional tensors. Found tensor of shape "
                f"{size_name(t.shape)} with {t.ndim} dims"
            )
        if self.dim >= t.ndim:
            raise DimensionError(f"Invalid index {self.dim} for tensor of size {size_name(t.shape)}")
        channels = t.shape[self.dim]
        number = self._number(channels)
        if not number:
            return default_mask
        highest = topk(self._scores(t), channels - number).indices
        mask = zeros_like(t)
        mask[(slice(None),) * (self.dim % t.ndim) + (highest,)] = 1
        return mask * default_mask.to(dtype=mask.dtype)


class RandomStructured(_Structured):
    """Random channels are pruned.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.RandomStructured.html

    >>> import knoll
    >>> from knoll.nn.utils import prune
    >>> int((prune.RandomStructured(amount=1, dim=0).prune(knoll.ones(3, 2)).sum(1) == 0).sum())
    1
    """

    def _scores(self, t: Tensor) -> Tensor:
        return rand(t.shape[self.dim])

    @classmethod
    def apply(  # type: ignore[override]  # as in PyTorch
        cls, module: Module, name: str, amount: float, dim: int = -1
    ) -> BasePruningMethod:
        """Prune random channels of a parameter."""
        return super().apply(module, name, amount=amount, dim=dim)


class LnStructured(_Structured):
    """The channels with the smallest norms are pruned; `n` is the order of the norm, as in `norm`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.LnStructured.html

    >>> import knoll
    >>> from knoll.nn.utils import prune
    >>> prune.LnStructured(amount=1, n=2, dim=0).prune(knoll.tensor([[3.0, 4.0], [1.0, 1.0]]))
    tensor([[3., 4.],
            [0., 0.]])
    """

    def __init__(self, amount: float, n: float | str, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = n

    def _scores(self, t: Tensor) -> Tensor:
        others = [axis for axis in range(t.ndim) if axis != self.dim % t.ndim]
        return norm(t.detach(), self.n, others)

    @classmethod
    def apply(  # type: ignore[override]  # as in PyTorch
        cls, module: Module, name: str, amount: float, n: float | str, dim: int, importance_scores: Tensor | None = None
    ) -> BasePruningMethod:
        """Prune the channels with the smallest norms of a parameter."""
        return super().apply(module, name, amount=amount, n=n, dim=dim, importance_scores=importance_scores)


class CustomFromMask(BasePruningMethod):
    """What has a zero in the given mask is pruned.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.CustomFromMask.html

    >>> import knoll
    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = nn.Linear(2, 1)
    >>> _ = prune.CustomFromMask.apply(layer, "weight", knoll.tensor([[0.0, 1.0]]))
    >>> layer.weight == 0
    tensor([[ True, False]])
    """

    PRUNING_TYPE: str = "global"

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:  # noqa: ARG002 (as every method)
        """`default_mask` times the given one. Raises ShapeError."""
        if default_mask.shape != self.mask.shape:
            raise ShapeError(
                f"default_mask shape {size_name(default_mask.shape)} must match self.mask shape "
                f"{size_name(self.mask.shape)}"
            )
        return default_mask * self.mask.to(dtype=default_mask.dtype)

    @classmethod
    def apply(cls, module: Module, name: str, mask: Tensor) -> BasePruningMethod:  # type: ignore[override]  # as in PyTorch
        """Prune what has a zero in the mask."""
        return super().apply(module, name, mask=mask)

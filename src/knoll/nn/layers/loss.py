"""What losses have in common."""

from __future__ import annotations

from knoll.errors import StateError
from knoll.messages import say
from knoll.nn.functional.arguments import Input
from knoll.nn.functional.loss_reduction import reduction_of
from knoll.nn.module import Module
from knoll.tensor import Tensor


class Loss(Module):
    """What most losses have: the mean, the sum or (with "none") each of the losses.

    `size_average` and `reduce` are what PyTorch had before `reduction`; it warns of them.
    """

    _is_loss = True
    reduction: str

    def __init__(self, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean") -> None:
        if isinstance(size_average, Tensor) or isinstance(reduce, Tensor):
            raise StateError(
                "Boolean value of Tensor with more than one value is ambiguous",
                advice=say("nn.loss_to_call", name=type(self).__name__),
            )
        super().__init__()
        self.reduction = reduction_of(reduction, size_average, reduce)

    def _is_pure(self, *inputs: Tensor) -> bool:
        """Whether no warning is given of sizes that differ."""
        return super()._is_pure() and len({x.shape for x in inputs}) < 2


class WeightedLoss(Loss):
    """A loss with a `weight`, which is remembered and not learned."""

    weight: Tensor | None

    def __init__(
        self,
        weight: Input | None = None,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", buffer(weight))

    def _is_pure(self, *_: Tensor) -> bool:
        """Always: these losses warn of nothing."""
        return True


def buffer(weight: Input | None) -> Tensor | None:
    """Weights as a tensor that a module remembers."""
    return weight if weight is None or isinstance(weight, Tensor) else Tensor._holding(weight)

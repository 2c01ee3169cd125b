"""Rates by a function of the epoch."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.optim.lr_scheduler.base import LRScheduler, Rate, checked_optimizer, checked_state
from knoll.optim.optimizer import Optimizer

Factor = Callable[[int], float]


class _ByFunctions(LRScheduler):
    """What schedules by functions have in common: one function for all groups, or one for each."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Factor | Sequence[Factor], last_epoch: int = -1) -> None:
        count = len(checked_optimizer(optimizer).param_groups)
        functions: list[Any] = list(lr_lambda) if isinstance(lr_lambda, list | tuple) else [lr_lambda] * count
        if len(functions) != count:
            raise _other_count(count, len(functions))
        for function in functions:
            if not callable(function):
                raise ArgumentTypeError(
                    f"lr_lambda should be a function, but got {type(function).__name__}",
                    advice=say("optim.lambdas", count=count),
                )
        self.lr_lambdas: list[Factor] = functions
        super().__init__(optimizer, last_epoch)

    def _take_in_late_groups(self) -> None:
        super()._take_in_late_groups()
        late = len(self.base_lrs) - len(self.lr_lambdas)
        if late > 0:
            if any(function is not self.lr_lambdas[0] for function in self.lr_lambdas):
                raise _other_count(len(self.base_lrs), len(self.lr_lambdas))
            self.lr_lambdas += self.lr_lambdas[:1] * late

    def state_dict(self) -> dict[str, Any]:
        """All but the optimiser and plain functions; of a callable object its attributes."""
        state = {name: value for name, value in super().state_dict().items() if name != "lr_lambdas"}
        state["lr_lambdas"] = [attributes_of(function) for function in self.lr_lambdas]
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state that was saved, with the functions that this schedule was made with."""
        state = dict(checked_state(state_dict))
        for function, attributes in zip(self.lr_lambdas, state.pop("lr_lambdas", []), strict=False):
            if attributes is not None:
                vars(function).update(attributes)
        super().load_state_dict(state)


class LambdaLR(_ByFunctions):
    """Schedule by a function: the initial rate times `lr_lambda(epoch)`; one function, or a list of one for each group.

    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html

    >>> from knoll.optim import SGD
    >>> from knoll.optim.lr_scheduler import LambdaLR
    >>> from knoll.tensor import zeros
    >>> LambdaLR(SGD([zeros(1)], lr=0.5), lambda epoch: 1 / (epoch + 1)).get_last_lr()
    [0.5]
    """

    def get_lr(self) -> list[Rate]:
        """The initial rates, scaled."""
        self._warn_outside_of_step()
        pairs = zip(self.base_lrs, self.lr_lambdas, strict=True)
        return [base * function(self.last_epoch) for base, function in pairs]


class MultiplicativeLR(_ByFunctions):
    """Multiplicative schedule: the present rate times `lr_lambda(epoch)`; one function, or one for each group.

    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html

    >>> import knoll
    >>> from knoll import optim
    >>> optimizer = optim.SGD([knoll.zeros(1, requires_grad=True)], lr=1.0)
    >>> scheduler = optim.lr_scheduler.MultiplicativeLR(optimizer, lambda epoch: 0.5)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     optimizer.step()
    ...     scheduler.step()
    >>> [round(rate, 4) for rate in rates]
    [1.0, 0.5, 0.25, 0.125]
    """

    def get_lr(self) -> list[Rate]:
        """The present rates, scaled."""
        self._warn_outside_of_step()
        if self._is_initial:
            return self._rates()
        pairs = zip(self.optimizer.param_groups, self.lr_lambdas, strict=True)
        return [group["lr"] * function(self.last_epoch) for group, function in pairs]


def attributes_of(function: object) -> dict[str, Any] | None:
    """The attributes of a callable object; None of a function, which is not saved."""
    kept = getattr(function, "__dict__", None)
    return None if kept is None or isinstance(function, types.FunctionType | type) else dict(kept)


def _other_count(groups: int, functions: int) -> ArgumentError:
    return ArgumentError(
        f"Expected {groups} lr_lambdas, but got {functions}", advice=say("optim.lambdas", count=groups)
    )

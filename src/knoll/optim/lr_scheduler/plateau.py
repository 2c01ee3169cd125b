"""A rate that falls when a watched number gets no better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, SupportsFloat

from knoll.errors import ArgumentError, ArgumentTypeError, StateError, warn
from knoll.messages import say
from knoll.optim.checks import check_factor
from knoll.optim.lr_scheduler.base import (
    EPOCH_DEPRECATION_WARNING,
    LRScheduler,
    checked_optimizer,
    checked_state,
    copied,
    set_entry,
)
from knoll.optim.optimizer import Optimizer


class ReduceLROnPlateau(LRScheduler):
    """Reduction on a plateau: the rate times `factor` when what `step` is given is no better for `patience` epochs.

    `mode` "min" means that smaller is better. Better by less than `threshold`, a share ("rel") or a difference
    ("abs"), counts as no better. After a fall `cooldown` epochs are not counted; no rate falls below `min_lr`, nor by
    less than `eps`. Raises ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html

    >>> from knoll.optim import SGD
    >>> from knoll.optim.lr_scheduler import ReduceLROnPlateau
    >>> from knoll.tensor import zeros
    >>> schedule = ReduceLROnPlateau(SGD([zeros(1)], lr=1.0), factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     schedule.step(loss)
    >>> schedule.get_last_lr()
    [0.5]
    """

    optimizer: Optimizer
    default_min_lr: Sequence[float] | float | int | None
    cooldown: int
    eps: float
    patience: int
    last_epoch: int
    best: float
    cooldown_counter: int
    num_bad_epochs: int
    mode_worse: float
    threshold: float

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: Sequence[float] | float = 0,
        eps: float = 1e-8,
    ) -> None:
        for name, value in (("patience", patience), ("threshold", threshold), ("cooldown", cooldown), ("eps", eps)):
            check_factor(name, value)
        if not check_factor("factor", factor) < 1.0:
            raise ArgumentError("Factor should be < 1.0.", got=str(factor))
        self.factor = factor
        self.optimizer = checked_optimizer(optimizer)
        groups = len(optimizer.param_groups)
        given = isinstance(min_lr, list | tuple)
        self.default_min_lr = None if given else min_lr
        self.min_lrs: list[Any] = list(min_lr) if isinstance(min_lr, list | tuple) else [min_lr] * groups
        if len(self.min_lrs) != groups:
            raise ArgumentError(f"expected {groups} min_lrs, got {len(self.min_lrs)}")
        self.patience, self.cooldown, self.eps = patience, cooldown, eps
        self.last_epoch = 0
        self._last_lr = [copied(group["lr"]) for group in optimizer.param_groups]
        self._begin(mode, threshold, threshold_mode)
        self._reset()

    def _reset(self) -> None:
        """Forget what was seen."""
        self.best = self.mode_worse
        self.cooldown_counter = self.num_bad_epochs = 0

    def step(self, metrics: SupportsFloat, epoch: int | None = None) -> None:  # type: ignore[override]  # PyTorch's
        """Go on to the next epoch, after one that ended with this number."""
        try:
            current = float(metrics)
        except (TypeError, ValueError):
            raise ArgumentTypeError(
                f"float() argument must be a string or a real number, not '{type(metrics).__name__}'",
                advice=say("optim.metrics"),
            ) from None
        if epoch is not None:
            check_factor("epoch", epoch)
            warn(EPOCH_DEPRECATION_WARNING)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(current, self.best):
            self.best, self.num_bad_epochs = current, 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce_lr(self.last_epoch)
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = self._rates()

    def _reduce_lr(self, epoch: int) -> None:  # noqa: ARG002 (PyTorch's, which subclasses override)
        groups = self.optimizer.param_groups
        if len(groups) != len(self.min_lrs):
            if self.default_min_lr is None:
                raise StateError(
                    f"The number of param groups in the `optimizer` ({len(groups)}) differs from when "
                    f"`ReduceLROnPlateau` was initialized ({len(self.min_lrs)}), usually due to a new param group "
                    "being added to the optimizer. Please modify the `min_lrs` field to match the length of the "
                    "`optimizer` param groups."
                )
            self.min_lrs = [self.default_min_lr] * len(groups)
        for group, least in zip(groups, self.min_lrs, strict=True):
            old = float(group["lr"])
            new = max(old * self.factor, least)
            if old - new > self.eps:
                set_entry(group, "lr", new)

    @property
    def in_cooldown(self) -> bool:
        """Whether epochs are not counted because the rate has just fallen."""
        return self.cooldown_counter > 0

    def _is_better(self, a: float, best: float) -> bool:
        if self.mode == "min":
            return a < (best * (1.0 - self.threshold) if self.threshold_mode == "rel" else best - self.threshold)
        return a > (best * (1.0 + self.threshold) if self.threshold_mode == "rel" else best + self.threshold)

    def _begin(self, mode: str, threshold: float, threshold_mode: str) -> None:
        if mode not in ("min", "max"):
            raise ArgumentError(f"mode {mode} is unknown!", expected="'min', 'max'")
        if threshold_mode not in ("rel", "abs"):
            raise ArgumentError(f"threshold mode {threshold_mode} is unknown!", expected="'rel', 'abs'")
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state that was saved."""
        vars(self).update(checked_state(state_dict))
        self._begin(self.mode, self.threshold, self.threshold_mode)

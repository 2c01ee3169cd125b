"""A factor that keeps small gradients of float16 from becoming zero, and the steps that it leaves out.

P. Micikevicius et al., "Mixed precision training", 2018, section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, StateError
from knoll.messages import say
from knoll.tensor import Tensor
from knoll.tensor.autograd.modes import no_grad
from knoll.tensor.creation.filled import full
from knoll.tensor.dtypes import float16
from knoll.tensor.elementwise.predicates import isfinite


class _Stage(Enum):
    """How far an optimiser is since the last `update`."""

    READY = 0
    UNSCALED = 1
    STEPPED = 2


@dataclass
class _Progress:
    """What was done with the gradients of an optimiser since the last `update`."""

    stage: _Stage = _Stage.READY
    has_gradients: bool = False
    is_finite: bool = True


@dataclass
class _Settings:
    """The factor and how it changes, under the names that a state dict has."""

    scale: float
    growth_factor: float
    backoff_factor: float
    growth_interval: int
    _growth_tracker: int = 0


@dataclass
class _Iteration:
    """What was done since the last `update`, by the identity of the optimiser."""

    progress: dict[int, _Progress] = field(default_factory=dict)

    def of(self, optimizer: Any) -> _Progress:
        return self.progress.setdefault(id(optimizer), _Progress())


class GradScaler:
    """A factor by which a loss is multiplied before `backward`, and by which gradients are divided before a step.

    A step whose gradients are not all finite is left out, and the factor is multiplied by `backoff_factor`; after
    `growth_interval` steps in a row that were done it is multiplied by `growth_factor`. For `"cuda"`, the default of
    PyTorch, there is no such device: it is not enabled, losses stay as they are and every step is done.
    Raises ArgumentError for factors on the wrong side of 1.

    >>> import knoll
    >>> x = knoll.ones(2, requires_grad=True)
    >>> optimizer = knoll.optim.SGD([x], lr=0.5)
    >>> scaler = knoll.amp.GradScaler("cpu", init_scale=4.0)
    >>> scaler.scale(x.sum()).backward()
    >>> x.grad
    tensor([4., 4.])
    >>> scaler.step(optimizer)
    >>> scaler.update()
    >>> x.grad, x.detach(), scaler.get_scale()
    (tensor([1., 1.]), tensor([0.5000, 0.5000]), 4.0)

    https://pytorch.org/docs/stable/amp.html#gradient-scaling
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        self._enabled = enabled and str(device).partition(":")[0] != "cuda"
        if self._enabled and growth_factor <= 1.0:
            raise ArgumentError("The growth factor must be > 1.0.", got=str(growth_factor))
        if self._enabled and backoff_factor >= 1.0:
            raise ArgumentError("The backoff factor must be < 1.0.", got=str(backoff_factor))
        # PyTorch holds it in float32 from the first loss on.
        self._settings = _Settings(init_scale, growth_factor, backoff_factor, growth_interval)
        self._scaled = False
        self._iteration = _Iteration()

    def scale(self, outputs: Any) -> Any:
        """A loss times the factor, or several, in a list, a tuple or another iterable. Raises ArgumentError."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, Tensor):
            self._settings.scale, self._scaled = float(np.float32(self._settings.scale)), True
            return outputs * full((), self._settings.scale)
        if isinstance(outputs, list | tuple):
            return type(outputs)(self.scale(each) for each in outputs)
        if isinstance(outputs, Iterable):
            return map(self.scale, outputs)
        raise ArgumentError("outputs must be a Tensor or an iterable of Tensors", got=str(type(outputs)))

    def unscale_(self, optimizer: Any) -> None:
        """Divide the gradients of an optimiser by the factor: before they are clipped or looked at.

        Raises StateError where nothing was scaled, and after another `unscale_` or a step without `update` between;
        ArgumentError for gradients of float16.
        """
        if not self._enabled:
            return
        self._check_scaled("unscale_")
        progress = self._iteration.of(optimizer)
        if progress.stage is _Stage.UNSCALED:
            raise StateError("unscale_() has already been called on this optimizer since the last update().")
        if progress.stage is _Stage.STEPPED:
            raise StateError("unscale_() is being called after step().")
        self._divide(optimizer, progress)
        progress.stage = _Stage.UNSCALED

    def _divide(self, optimizer: Any, progress: _Progress) -> None:
        inverse = float(np.float32(1.0 / self._settings.scale))
        parameters = [each for group in optimizer.param_groups for each in group["params"]]
        gradients = [each.grad for each in parameters if each.grad is not None]
        if any(gradient.dtype == float16 for gradient in gradients):
            raise ArgumentError("Attempting to unscale FP16 gradients.", advice=say("amp.float32_parameters"))
        with no_grad():
            for gradient in gradients:
                progress.has_gradients = True
                progress.is_finite = bool(isfinite(gradient).all()) and progress.is_finite
                if inverse != 1.0:
                    gradient.mul_(inverse)

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """A step of the optimiser, and what it returns, if all gradients are finite; else nothing, and None.

        Gradients are divided by the factor first, where `unscale_` did not. Raises StateError where nothing was scaled,
        for a second step without `update` between, for a closure, and where there are no gradients.
        """
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise StateError("Closure use is not currently supported if GradScaler is enabled.")
        self._check_scaled("step")
        progress = self._iteration.of(optimizer)
        if progress.stage is _Stage.STEPPED:
            raise StateError("step() has already been called since the last update().")
        if progress.stage is _Stage.READY:
            self.unscale_(optimizer)
        if not progress.has_gradients:
            raise StateError("No inf checks were recorded for this optimizer.", advice=say("amp.backward_first"))
        made = optimizer.step(*args, **kwargs) if progress.is_finite else None
        progress.stage = _Stage.STEPPED
        return made

    def update(self, new_scale: float | Tensor | None = None) -> None:
        """Change the factor by what the steps have shown, or to `new_scale`. Raises StateError, ArgumentTypeError."""
        if not self._enabled:
            return
        self._check_scaled("update")
        if new_scale is None:
            self._adapt()
        else:
            self._settings.scale = float(np.float32(_single(new_scale)))
        self._iteration = _Iteration()

    def _adapt(self) -> None:
        seen = [each for each in self._iteration.progress.values() if each.has_gradients]
        if not seen:
            raise StateError("No inf checks were recorded prior to update.", advice=say("amp.step_first"))
        settings = self._settings
        if not all(each.is_finite for each in seen):
            settings.scale, settings._growth_tracker = float(np.float32(settings.scale * settings.backoff_factor)), 0
            return
        settings._growth_tracker += 1
        if settings._growth_tracker != settings.growth_interval:
            return
        with np.errstate(over="ignore"):
            grown = np.float32(settings.scale * settings.growth_factor)
        settings.scale, settings._growth_tracker = float(grown) if np.isfinite(grown) else settings.scale, 0

    def _check_scaled(self, method: str) -> None:
        if not self._scaled:
            raise StateError(
                f"Attempted {method} but _scale is None.  This may indicate your script did not use "
                "scaler.scale(loss or outputs) earlier in the iteration.",
                advice="scaler.scale(loss).backward()",
            )

    def get_scale(self) -> float:
        """The factor; 1 where it is not enabled."""
        return self._settings.scale if self._enabled else 1.0

    def get_growth_factor(self) -> float:
        """By what the factor is multiplied after `growth_interval` steps."""
        return self._settings.growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        """Set by what the factor is multiplied after `growth_interval` steps."""
        self._settings.growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        """By what the factor is multiplied after a step that was left out."""
        return self._settings.backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        """Set by what the factor is multiplied after a step that was left out."""
        self._settings.backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        """After how many steps in a row the factor grows."""
        return self._settings.growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        """Set after how many steps in a row the factor grows."""
        self._settings.growth_interval = new_interval

    def is_enabled(self) -> bool:
        """Whether losses are scaled."""
        return self._enabled

    def state_dict(self) -> dict[str, Any]:
        """The factor, how it changes, and how many steps in a row were done; nothing where it is not enabled."""
        return dict(vars(self._settings)) if self._enabled else {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a state. Raises StateError where it is empty or lacks an entry, and then changes nothing."""
        if not self._enabled:
            return
        if not state_dict:
            raise StateError(
                "The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler."
            )
        missing = [name for name in vars(self._settings) if name not in state_dict]
        if missing:
            raise StateError(
                say("amp.incomplete_state"),
                expected=", ".join(vars(self._settings)),
                got=", ".join(map(str, state_dict)),
            )
        self._settings = _Settings(**{name: state_dict[name] for name in vars(self._settings)})

    def __getstate__(self) -> dict[str, Any]:
        """Raises StateError in the middle of an iteration: identities of optimisers mean nothing elsewhere."""
        if self._iteration.progress:
            raise StateError(
                "A GradScaler instance may only be pickled at the beginning of an iteration, or at the end after "
                "scaler.update()."
            )
        return {**vars(self), "_scaled": False}


def _single(new_scale: Any) -> float:
    if isinstance(new_scale, Tensor) and new_scale.numel() == 1 and not new_scale.requires_grad:
        return float(new_scale.item())
    if isinstance(new_scale, int | float | np.number) and not isinstance(new_scale, bool):
        return float(new_scale)
    raise ArgumentTypeError(
        "new_scale should be a float or a 1-element torch.cuda.FloatTensor or torch.FloatTensor with "
        "requires_grad=False.",
        got=str(new_scale),
    )

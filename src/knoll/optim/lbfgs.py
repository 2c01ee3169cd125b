"""LBFGS: Newton's method with a curvature guessed from the last steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, StateError
from knoll.graph import Array
from knoll.messages import say
from knoll.optim.checks import check_factor, check_learning_rate, check_whole
from knoll.optim.line_search import Point, strong_wolfe
from knoll.optim.optimizer import Group, Optimizer
from knoll.tensor import Tensor, enable_grad
from knoll.tensor.arguments import called

_LEAST_CURVATURE = 1e-10


class LBFGS(Optimizer):
    """LBFGS: limited-memory BFGS: steps of Newton's method, with a curvature guessed from the last steps.

    Each `step` computes loss and gradients several times, by the `closure` that it needs. The gradients have to be
    those of all samples together. There is one group of parameters only.

    - `params`: the tensors that are learned, as `net.parameters()`.
    - `lr`: the length of a step, in units of the step that is guessed.
    - `max_iter`: how many iterations each `step` has at most.
    - `max_eval`: how often each `step` calls the closure at most; max_iter · 5 / 4 unless given.
    - `tolerance_grad`: stop where no element of the gradient is larger.
    - `tolerance_change`: stop where loss or parameters change less.
    - `history_size`: of how many steps the curvature is guessed.
    - `line_search_fn`: "strong_wolfe" looks for a good length of each step; None takes `lr`.

    Raises ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.LBFGS.html;
    Nocedal, Updating quasi-Newton matrices with limited storage, 1980.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([3.0], requires_grad=True)
    >>> optimizer = optim.LBFGS([p])
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((p - 1) ** 2).sum()
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure)
    tensor(4., grad_fn=<SumBackward0>)
    >>> p
    tensor([1.], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_whole("max_iter", max_iter, 0)
        settings = {
            "lr": lr, "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change, "history_size": history_size,
            "line_search_fn": line_search_fn,
        }  # fmt: skip
        super().__init__(params, settings)
        if len(self.param_groups) != 1:
            raise ArgumentError("LBFGS doesn't support per-parameter options (parameter groups)")

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_learning_rate(group["lr"])
        for name, least in (("max_iter", 0), ("max_eval", 0), ("history_size", 1)):
            check_whole(name, group[name], least)
        for name in ("tolerance_grad", "tolerance_change"):
            check_factor(name, group[name])
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise ArgumentError("only 'strong_wolfe' is supported", got=repr(group["line_search_fn"]))

    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]  # which the others do without
        """Several iterations; `closure` zeroes the gradients, computes the loss, goes backward and returns the loss.

        Returns the loss before the first iteration. Raises StateError where a group was added.
        """
        if not callable(closure):
            raise ArgumentTypeError(f"'{type(closure).__name__}' object is not callable", advice=say("optim.closure"))
        if len(self.param_groups) != 1:
            raise StateError(f"Expected exactly one param_group, but got {len(self.param_groups)}")
        run = _Iterations(self.param_groups[0], self.state, called(closure, "step", "closure"))
        return run.result


class _Iterations:
    """One call of `step`."""

    def __init__(self, group: Group, states: Any, closure: Callable[[], Any]) -> None:
        self._group, self._closure = group, closure
        self._params: list[Tensor] = group["params"]
        self._state = states[self._params[0]]
        self._state.setdefault("func_evals", 0)
        self._state.setdefault("n_iter", 0)
        self.result = self._evaluated()
        self._loss, self._gradient = float(self.result), self._flat()
        self._evaluations = 1
        self._state["func_evals"] += 1
        if not self._is_flat():
            self._descend()

    def _descend(self) -> None:
        group, state = self._group, self._state
        lr, smallest = float(group["lr"]), group["tolerance_change"]
        for name in ("d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss"):
            state.setdefault(name, None)
        for iteration in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            direction = self._direction()
            _keep(state, "prev_flat_grad", self._gradient)
            state["prev_loss"] = self._loss
            length = lr
            if state["n_iter"] == 1:
                length = min(1.0, 1.0 / float(np.abs(self._gradient).sum())) * lr
            slope = float(self._gradient @ direction)
            _keep(state, "d", direction)
            state["t"] = length
            if slope > -smallest:
                return
            length, evaluations = self._moved(direction, length, slope, is_last=iteration == group["max_iter"])
            state["t"] = length
            self._evaluations += evaluations
            state["func_evals"] += evaluations
            if self._evaluations >= group["max_eval"] or self._is_flat():
                return
            change = float(np.abs(direction * length).max(initial=0))
            if change <= smallest or abs(self._loss - state["prev_loss"]) < smallest:
                return

    def _moved(self, direction: Array, length: float, slope: float, is_last: bool) -> tuple[float, int]:
        """Go along the direction; how far, and how often the closure was called."""
        if self._group["line_search_fn"] is None:
            self._move(direction, length)
            if is_last:
                return length, 0
            self._loss = float(self._evaluated())
            self._gradient = self._flat()
            return length, 1
        start = [param._realize().copy() for param in self._params]

        def look(at: float) -> Point:
            self._move(direction, at)
            loss = float(self._evaluated())
            gradient = self._flat()
            for param, numbers in zip(self._params, start, strict=True):
                np.copyto(param._realize(), numbers)
                param._memory.version += 1
            return Point(at, loss, gradient, float(gradient @ direction))

        here = Point(0.0, self._loss, self._gradient, slope)
        most = self._group["max_eval"] - self._evaluations
        reach = float(np.abs(direction).max(initial=0))
        point, evaluations = strong_wolfe(look, here, length, reach, 1e-9, most)
        self._loss, self._gradient = point.loss, point.gradient
        self._move(direction, point.at)
        return point.at, evaluations

    def _direction(self) -> Array:
        """Against the gradient at first, then that of Newton's method with the curvature of the last steps."""
        state, gradient = self._state, self._gradient
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            return -gradient
        differences, steps, inverse = state["old_dirs"], state["old_stps"], state["ro"]
        difference = gradient - state["prev_flat_grad"]._realize()
        step = state["d"]._realize() * np.asarray(float(state["t"]), gradient.dtype)
        curvature = difference @ step
        if curvature > _LEAST_CURVATURE:
            if len(differences) == self._group["history_size"]:
                for held in (differences, steps, inverse):
                    held.pop(0)
            differences.append(Tensor._over(difference))
            steps.append(Tensor._over(step))
            inverse.append(Tensor._over(np.asarray(1.0 / curvature)))
            state["H_diag"] = Tensor._over(np.asarray(curvature / (difference @ difference)))
        state.setdefault("al", [None] * self._group["history_size"])
        y, s, rho = ([each._realize() for each in held] for held in (differences, steps, inverse))
        found, shares = -gradient, [np.asarray(0.0)] * len(y)
        for place in reversed(range(len(y))):
            shares[place] = np.asarray(s[place] @ found * rho[place])
            found = found - y[place] * shares[place]
            state["al"][place] = Tensor._over(shares[place])
        found = found * np.asarray(float(state["H_diag"]), gradient.dtype)
        for place in range(len(y)):
            found = found + s[place] * (shares[place] - y[place] @ found * rho[place])
        return np.asarray(found)

    def _evaluated(self) -> Any:
        with enable_grad():
            return self._closure()

    def _is_flat(self) -> bool:
        return bool(np.abs(self._gradient).max(initial=0) <= self._group["tolerance_grad"])

    def _flat(self) -> Array:
        """The gradients of all parameters, one behind the other; zeros where there is none."""
        gradients = (np.zeros_like(p._realize()) if p.grad is None else p.grad._realize() for p in self._params)
        return np.concatenate([gradient.reshape(-1) for gradient in gradients])

    def _move(self, direction: Array, length: float) -> None:
        place = 0
        for param in self._params:
            numbers = param._realize()
            part = direction[place : place + numbers.size].reshape(numbers.shape)
            np.add(numbers, part * np.asarray(length, numbers.dtype), out=numbers, casting="same_kind")
            param._memory.version += 1
            place += numbers.size


def _keep(state: dict[str, Any], name: str, numbers: Array) -> None:
    state[name] = Tensor._over(numbers.copy())

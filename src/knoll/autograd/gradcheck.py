"""Checks of gradients, and of their gradients, against finite differences.

Source: https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knoll.autograd.unit_gradients import unit_gradients
from knoll.calls import advise
from knoll.errors import ArgumentError, GradcheckError, StateError, UnsupportedError, warn
from knoll.graph import Array
from knoll.graph.shapes import size_name
from knoll.messages import say
from knoll.tensor import Tensor, tensor, zeros_like
from knoll.tensor.autograd.differentiate import grad

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 0.001,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,  # noqa: ARG001 (PyTorch's: results that are not asked for have no gradient here)
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,  # noqa: ARG001 (PyTorch's: the whole Jacobian is compared)
    masked: bool | None = None,
) -> bool:
    """Whether the gradients of a function are those that central differences give, for each element of its inputs.

    The slope is (f(x + eps) − f(x − eps)) / 2 eps; the gradient may differ from it by `atol` + `rtol` · |slope|.

    - `inputs`: a tensor or a tuple of tensors; those that require a gradient should be float64. Their elements
      are changed and put back one by one.
    - `raise_exception`: whether a wrong gradient raises GradcheckError; else False comes back.
    - `nondet_tol`: how far two backward passes may lie apart.
    - `check_grad_dtypes`: whether gradients must have the element types of the inputs.

    Raises GradcheckError, ArgumentError, StateError; UnsupportedError for forward mode and batched gradients.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html

    >>> import knoll
    >>> x = knoll.tensor([1.0, 2.0], dtype=knoll.float64, requires_grad=True)
    >>> knoll.autograd.gradcheck(lambda x: x**3, x)
    True
    """
    if not (check_forward_ad or check_backward_ad):
        raise ArgumentError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    if check_batched_grad and not check_backward_ad:
        raise ArgumentError("Setting check_batched_grad=True requires check_backward_ad to be True")
    if check_batched_forward_grad and not check_forward_ad:
        raise ArgumentError("Setting check_batched_forward_grad=True requires check_forward_ad to be True")
    if check_forward_ad or check_batched_grad:
        raise UnsupportedError(say("tensor.reverse_mode"), advice=say("tensor.reverse_mode_advice"))
    check = _Check(func, _as_tuple(inputs), eps, atol, rtol, nondet_tol, check_grad_dtypes, bool(masked))
    try:
        check.run()
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 0.001,
    gen_non_contig_grad_outputs: bool = False,  # noqa: ARG001 (PyTorch's: no result depends on how elements lie)
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Whether the second derivatives of a function are those that central differences give: `gradcheck` of backward.

    - `grad_outputs`: the gradients of the results, a tensor or a tuple of tensors; random ones between −1 and 1 unless
      given.

    Raises GradcheckError, ArgumentError, StateError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradgradcheck.html

    >>> import knoll
    >>> x = knoll.tensor([1.0, 2.0], dtype=knoll.float64, requires_grad=True)
    >>> knoll.autograd.gradgradcheck(lambda x: x**3, x)
    True
    """
    if not (check_fwd_over_rev or check_rev_over_rev):
        raise ArgumentError("Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True")
    for name, is_checked in (("undefined", check_undefined_grad), ("batched", check_batched_grad)):
        if is_checked and not check_rev_over_rev:
            raise ArgumentError(f"Setting check_{name}_grad=True requires check_rev_over_rev to be True")
    given = _as_tuple(inputs)
    grad_outputs = _random_like(_differentiable(func(*given))) if grad_outputs is None else _as_tuple(grad_outputs)

    def gradients(*arguments: Tensor) -> tuple[Tensor, ...]:
        operands, dy = arguments[: len(given)], arguments[len(given) :]
        results = _differentiable(func(*operands))
        found = grad(results, _differentiable(operands), dy, create_graph=True, allow_unused=True)
        return tuple(dx for dx in found if dx is not None)

    return gradcheck(
        gradients,
        given + grad_outputs,
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        fast_mode=fast_mode,
        masked=masked,
    )


@dataclass(frozen=True)
class _Check:
    """One check of a function."""

    func: Callable[..., Any]
    inputs: tuple[Any, ...]
    eps: float
    atol: float
    rtol: float
    nondet_tol: float
    check_grad_dtypes: bool
    masked: bool

    def run(self) -> None:
        """Compare all Jacobians. Raises GradcheckError."""
        _check_inputs(self.inputs)
        results = _as_tuple(self.func(*self.inputs))
        analytical = [self._analytical_jacobians(y) for y in results if y.requires_grad]
        is_scaled = self._is_scaled(_differentiable(results))
        every = self._numerical_jacobians(results)  # changes the inputs: what goes backward comes first
        if not analytical:
            if any(jacobian.any() for jacobians in every for jacobian in jacobians):
                raise GradcheckError("Numerical gradient for function expected to be zero")
            return
        numerical = [jacobians for y, jacobians in zip(results, every, strict=True) if y.requires_grad]
        for output, pairs in enumerate(zip(analytical, numerical, strict=True)):
            for place, (a, n) in enumerate(zip(*pairs, strict=True)):
                if not np.allclose(a, n, self.rtol, self.atol):
                    raise GradcheckError(
                        f"Jacobian mismatch for output {output} with respect to input {place},\n"
                        f"numerical:{tensor(n)}\nanalytical:{tensor(a)}\n"
                    )
        if not is_scaled:
            raise GradcheckError("backward not multiplied by grad_output")

    def _analytical_jacobians(self, y: Tensor) -> list[Array]:
        """The Jacobian of one result by each differentiable input, (inputs, results); backward runs twice for each."""
        wanted = _differentiable(self.inputs)
        first, second = (
            [np.zeros((x.numel(), y.numel()), np.result_type(x.dtype, y.dtype)) for x in wanted] for _ in range(2)
        )
        for place, dy in enumerate(unit_gradients(y)):
            for jacobians in (first, second):
                found = grad(y, wanted, dy, retain_graph=True, allow_unused=True)
                for x, dx, jacobian in zip(wanted, found, jacobians, strict=True):
                    if dx is None:
                        continue
                    if self.check_grad_dtypes and dx.dtype != x.dtype:
                        raise GradcheckError("Gradient has dtype mismatch")
                    if dx.shape != x.shape:
                        raise GradcheckError("Analytical gradient has incorrect size")
                    jacobian[:, place] = dx.detach().numpy().reshape(-1)
        if any(np.abs(a - b).max(initial=0) > self.nondet_tol for a, b in zip(first, second, strict=True)):
            raise GradcheckError(
                "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times "
                "gives different values, although analytical gradient matches numerical gradient."
                f"The tolerance for nondeterminism was {self.nondet_tol}."
            )
        return first

    def _is_scaled(self, results: Sequence[Tensor]) -> bool:
        """Whether gradients of zero give gradients of zero."""
        if not results:
            return True
        zeros = [zeros_like(y) for y in results]
        found = grad(results, _differentiable(self.inputs), zeros, allow_unused=True)
        gradients = [dx.numpy() for dx in found if dx is not None]
        return all(np.allclose(dx, 0) if self.masked else not dx.any() for dx in gradients)

    def _numerical_jacobians(self, results: Sequence[Tensor]) -> list[list[Array]]:
        """For each result its Jacobian by each differentiable input, (inputs, results), by central differences."""
        jacobians: list[list[Array]] = [[] for _ in results]
        for x in _differentiable(self.inputs):
            rows: list[list[Array]] = [[] for _ in results]
            for place in np.ndindex(*x.shape):
                below, above = (self._perturbed(x, place, step) for step in (-self.eps, self.eps))
                _check_same(below, above, place, self.eps)
                for row, a, b in zip(rows, below, above, strict=True):
                    row.append(((b - a) / (2 * self.eps)).reshape(-1))
            for y, row, jacobian in zip(results, rows, jacobians, strict=True):
                jacobian.append(np.stack(row) if row else np.zeros((0, y.numel())))
        return jacobians

    def _perturbed(self, x: Tensor, place: tuple[int, ...], step: float) -> list[Array]:
        """The results where one element of an input is larger by `step`."""
        before = x.data[place].item()
        x.data[place] = before + step
        try:
            return [np.array(y.detach().numpy()) for y in _as_tuple(self.func(*self.inputs))]
        finally:
            x.data[place] = before


def _check_inputs(inputs: Sequence[Any]) -> None:
    """Warn of single precision; refuse elements that share memory, and inputs none of which requires a gradient."""
    for place, x in enumerate(inputs):
        if not isinstance(x, Tensor) or not x.requires_grad:
            continue
        if x.dtype != np.float64:
            warn(
                f"Input #{place} requires gradient and is not a double precision floating point or complex. This check "
                "will likely fail if all the inputs are not of double precision floating point or complex. "
            )
        if any(step == 0 and size > 1 for step, size in zip(x.stride(), x.shape, strict=True)):
            raise StateError(
                f"The {place}th input has a dimension with stride 0. gradcheck only supports inputs that are "
                "non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous "
                "on the input before passing it to gradcheck."
            )
    if not _differentiable(inputs):
        raise ArgumentError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )


def _check_same(below: Sequence[Array], above: Sequence[Array], place: tuple[int, ...], eps: float) -> None:
    """Refuse results whose shape or element type depends on the numbers."""
    for a, b in zip(below, above, strict=True):
        for what, one, other in (("shape", size_name(a.shape), size_name(b.shape)), ("dtype", a.dtype, b.dtype)):
            if one != other:
                raise StateError(
                    f"Expected `func` to return outputs with the same {what} when inputs are perturbed on index "
                    f"{place} by {eps}, but got: {what}s {one} and {other}."
                )


def _as_tuple(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, (tuple, list)) else (given,)


def _differentiable(given: Any) -> tuple[Tensor, ...]:
    """The tensors that require a gradient."""
    return tuple(x for x in _as_tuple(given) if isinstance(x, Tensor) and x.requires_grad)


def _random_like(results: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Random gradients of results, between −1 and 1, the same in each run."""
    random = np.random.default_rng(0)
    return tuple(tensor(random.uniform(-1, 1, y.shape), dtype=y.dtype, requires_grad=True) for y in results)


advise(__name__)

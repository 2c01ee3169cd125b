"""Checks of gradients find what is wrong, in PyTorch's words, and pass what is right."""
# ruff: noqa: ARG004, ARG005 (functions are given what they are checked with, and use what they need)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.autograd import gradcheck, gradgradcheck
from knoll.errors import ArgumentError, GradcheckError, UnsupportedError

Check = Callable[..., Any]
A, B = np.arange(6.0).reshape(2, 3) / 3 + 0.1, np.arange(3.0) + 0.3


def own(library: Any) -> Any:
    """Functions whose backward is wrong in one way each, and one that is right."""
    calls = [0]

    class Wrong(library.autograd.Function):  # of whichever library
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            return dy * ctx.saved_tensors[0] * 3

    class NotScaled(library.autograd.Function):  # of whichever library
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            return dy + 1e-9

    class Restless(library.autograd.Function):  # of whichever library
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            calls[0] += 1
            return dy * (1 + 1e-7 * calls[0])

    class Right(library.autograd.Function):  # of whichever library
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            ctx.save_for_backward(x, y)
            return x * y, x + y

        @staticmethod
        def backward(ctx: Any, da: Any, db: Any) -> Any:
            x, y = ctx.saved_tensors
            return da * y + db, da * x + db

    return Wrong.apply, NotScaled.apply, Restless.apply, Right.apply


def outcome(library: Any, name: str, case: str) -> Any:
    """What the check says, or the kind and the first line of its error."""
    check: Check = getattr(library.autograd, name)
    wrong, not_scaled, restless, right = own(library)
    x, y = (library.tensor(array, requires_grad=True) for array in (A, B))
    single = library.tensor(A, dtype=library.float32, requires_grad=True)
    layer = library.nn.Linear(3, 2).double()
    images, weights = (library.tensor(np.random.default_rng(0).standard_normal(s), requires_grad=True)
                       for s in ((1, 2, 4, 4), (3, 2, 3, 3)))  # fmt: skip
    cases: dict[str, Callable[[], Any]] = {
        "cubes": lambda: check(lambda x: x**3, x),
        "two of both": lambda: check(lambda x, y: (x * y, x.sum() * y), (x, y)),
        "lists": lambda: check(lambda x, y: [x * y], [x, y]),
        "one that learns": lambda: check(lambda x, y: x * y, (x, y.detach())),
        "a number": lambda: check(lambda x, n: x * n, (x, 3)),
        "none that learns": lambda: check(lambda x: x * x, x.detach()),
        "wrong": lambda: check(wrong, x),
        "wrong in the second": lambda: check(lambda x, y: (x * y, x * wrong(y)), (x, y)),
        "wrong, told": lambda: check(wrong, x, raise_exception=False),
        "not scaled": lambda: check(not_scaled, x),
        "restless": lambda: check(restless, x),
        "restless within bounds": lambda: check(restless, x, nondet_tol=1e-2),
        "right": lambda: check(right, (x[0].detach().requires_grad_(), y)),
        "single precision": lambda: check(lambda x: x**3, single),
        "single, with room": lambda: check(lambda x: x**3, single, eps=1e-2, atol=0.1, rtol=0.1),
        "expanded": lambda: check(lambda x: x**2, y.expand(2, 3)),
        "an input unused": lambda: check(lambda x, y: y * y, (x, y)),
        "integers too": lambda: check(lambda x: (x * 2, x.argmax()), x),
        "linear": lambda: check(lambda x: x * 2, x),
        "fast": lambda: check(lambda x: x**3, x, fast_mode=True),
        "masked": lambda: check(lambda x: x**3, x, masked=True),
        "element types": lambda: check(lambda x: x**2, x, check_grad_dtypes=True),
        "a kink": lambda: check(lambda x: x.relu(), library.tensor(np.zeros(2), requires_grad=True)),
        "convolution": lambda: check(library.nn.functional.conv2d, (images, weights)),
        "parameters": lambda: check(lambda x, w, b: layer(x), (x, layer.weight, layer.bias)),
        "transposed": lambda: check(lambda x: x**2, x.detach().t().requires_grad_()),
        "in place": lambda: check(lambda x: (x * 1).mul_(2).sin(), x),
    }  # fmt: skip
    try:
        return cases[case]()
    except (RuntimeError, ValueError) as error:
        return type(error).__name__ if "Gradcheck" in type(error).__name__ else "", str(error).split("\n")[0]


CASES = """
cubes; two of both; lists; one that learns; a number; none that learns; wrong; wrong in the second; wrong, told
not scaled; restless; restless within bounds; right; single precision; single, with room; expanded; an input unused
integers too; linear; fast; masked; element types; a kink; convolution; parameters; transposed; in place
""".strip().replace("\n", "; ")


@pytest.mark.filterwarnings("ignore:Input #")
@pytest.mark.parametrize("name", ["gradcheck", "gradgradcheck"])
@pytest.mark.parametrize("case", CASES.split("; "))
def test_as_pytorch(torch: Any, name: str, case: str) -> None:
    assert outcome(knoll, name, case) == outcome(torch, name, case)


def test_wrong_gradients_are_found() -> None:
    wrong, not_scaled, *_ = own(knoll)
    x = knoll.tensor(B, requires_grad=True)
    with pytest.raises(
        GradcheckError, match="Jacobian mismatch for output 0 with respect to input 0,\nnumerical:tensor"
    ):
        gradcheck(wrong, x)
    with pytest.raises(GradcheckError, match="backward not multiplied by grad_output"):
        gradcheck(not_scaled, x)
    np.testing.assert_array_equal(x.detach().numpy(), B)


def test_a_function_without_gradient_must_be_constant() -> None:
    x = knoll.tensor(B, requires_grad=True)
    assert gradcheck(lambda x: knoll.ones(2), x)
    with pytest.raises(GradcheckError, match="Numerical gradient for function expected to be zero"):
        gradcheck(lambda x: x.detach() * 2, x)


def test_what_is_not_double_is_warned_of() -> None:
    x = knoll.ones(2, requires_grad=True)
    with pytest.warns(UserWarning, match="Input #0 requires gradient and is not a double precision"):
        gradcheck(lambda x: x * 2, x, eps=1e-2, atol=0.1)


def test_what_cannot_be_checked_is_refused(torch: Any) -> None:
    x, y = (library.ones(2, dtype=library.float64, requires_grad=True) for library in (knoll, torch))
    for name, options in (
        ("gradcheck", {"check_backward_ad": False}),
        ("gradcheck", {"check_backward_ad": False, "check_forward_ad": True, "check_batched_grad": True}),
        ("gradcheck", {"check_batched_forward_grad": True}),
        ("gradgradcheck", {"check_rev_over_rev": False}),
        ("gradgradcheck", {"check_rev_over_rev": False, "check_fwd_over_rev": True}),
    ):
        with pytest.raises(AssertionError) as theirs:
            getattr(torch.autograd, name)(torch.sin, y, **options)
        with pytest.raises(ArgumentError) as ours:
            getattr(knoll.autograd, name)(knoll.sin, x, **options)
        assert str(ours.value).split("\n")[0] == str(theirs.value)
    with pytest.raises(UnsupportedError, match="no forward mode"):
        gradcheck(knoll.sin, x, check_forward_ad=True)
    with pytest.raises(UnsupportedError, match="no batched gradients"):
        gradgradcheck(knoll.sin, x, check_batched_grad=True)


def test_gradients_of_results_may_be_given() -> None:
    x = knoll.tensor(B, requires_grad=True)
    assert gradgradcheck(knoll.sin, x, knoll.tensor(B, requires_grad=True))
    assert gradgradcheck(knoll.sin, x, knoll.tensor(B))

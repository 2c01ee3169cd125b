from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn import functional as F

LAYERS = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"]
FUNCTIONS = [F.dropout, F.dropout1d, F.dropout2d, F.dropout3d, F.alpha_dropout, F.feature_alpha_dropout]
SHAPES = {"Dropout1d": (4, 3, 5), "Dropout2d": (4, 3, 5, 2), "Dropout3d": (4, 3, 2, 2, 2)}


@pytest.mark.parametrize("name", LAYERS)
def test_arguments_and_reprs_are_pytorchs(torch: Any, name: str) -> None:
    for arguments in ((), (0.25,), (1, True)):
        assert repr(getattr(nn, name)(*arguments)) == repr(getattr(torch.nn, name)(*arguments))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_as_many_are_zero_as_asked_for_and_the_mean_stays(p: float, dtype: str) -> None:
    x = np.ones((200, 500), dtype)
    y = nn.Dropout(p)(x)
    assert y.dtype == np.dtype(dtype)
    numbers = y.numpy()
    assert abs((numbers == 0).mean() - p) < 0.01
    np.testing.assert_allclose(numbers[numbers != 0], 1 / (1 - p), rtol=1e-6)
    assert abs(numbers.mean() - 1) < 0.03


@pytest.mark.parametrize(
    ("layer", "shape", "axes"),
    [
        (nn.Dropout1d, (40, 50, 6), (2,)),
        (nn.Dropout1d, (50, 6), (1,)),
        (nn.Dropout2d, (40, 50, 3, 4), (2, 3)),
        (nn.Dropout3d, (40, 50, 2, 3, 4), (2, 3, 4)),
        (nn.Dropout3d, (50, 2, 3, 4), (1, 2, 3)),
        (nn.FeatureAlphaDropout, (40, 50, 3, 4), (2, 3)),
    ],
)
def test_channels_go_as_a_whole(layer: Any, shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    numbers = layer(0.5)(np.ones(shape, np.float32)).numpy()
    assert (numbers.min(axes) == numbers.max(axes)).all()
    assert len(np.unique(numbers)) == 2


@pytest.mark.parametrize("p", [0.1, 0.5])
@pytest.mark.parametrize("function", [F.alpha_dropout, F.feature_alpha_dropout])
def test_alpha_dropout_keeps_mean_and_variance(function: Any, p: float) -> None:
    x = np.random.default_rng(0).standard_normal((400, 500))
    numbers = function(x, p, training=True).numpy()
    assert abs(numbers.mean()) < 0.02
    assert abs(numbers.std() - 1) < 0.02


def test_alpha_dropout_has_pytorchs_two_lines(torch: Any) -> None:
    """What stays and what goes lie on lines whose slope and height do not depend on chance."""

    def lines(values: Any) -> list[float]:
        return sorted({round(float(value), 5) for value in values.ravel()})

    theirs = torch.nn.functional.alpha_dropout(torch.ones(1000), 0.3, training=True)
    assert lines(F.alpha_dropout(np.ones(1000, np.float32), 0.3, training=True).numpy()) == lines(theirs.numpy())


@pytest.mark.parametrize("name", LAYERS)
def test_nothing_happens_after_eval_or_with_p_zero(name: str) -> None:
    x = knoll.ones(*SHAPES.get(name, (4, 3)))
    assert getattr(nn, name)(0.5).eval()(x) is x
    assert getattr(nn, name)(0.0)(x) is x


@pytest.mark.parametrize("name", LAYERS)
def test_everything_goes_with_p_one(torch: Any, name: str) -> None:
    x = np.random.default_rng(0).standard_normal(SHAPES.get(name, (4, 3))).astype(np.float32)
    x.flat[0] = np.nan
    ours, theirs = getattr(nn, name)(1.0)(x), getattr(torch.nn, name)(1.0)(torch.tensor(x))
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_what_stays_passes_its_gradient_on() -> None:
    x = knoll.rand(30, 40, requires_grad=True)
    y = nn.Dropout(0.25)(x)
    y.sum().backward()
    stayed = y.detach().numpy() != 0
    np.testing.assert_allclose(x.grad.numpy(), np.where(stayed, np.float32(1 / 0.75), 0), rtol=1e-6)


def test_the_seed_says_which() -> None:
    def once() -> Any:
        knoll.manual_seed(7)
        return nn.Dropout()(np.ones(100)).numpy()

    np.testing.assert_array_equal(once(), once())
    assert (nn.Dropout()(np.ones(100)).numpy() != once()).any()


def test_in_place() -> None:
    x = knoll.ones(100)
    assert nn.Dropout(inplace=True)(x) is x
    assert set(x.tolist()) == {0.0, 2.0}
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        nn.Dropout(inplace=True)(knoll.ones(3, requires_grad=True))


def test_a_network_with_dropout_is_one_compiled_program() -> None:
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Dropout2d(), nn.ReLU(), nn.Flatten(), nn.Linear(64, 8), nn.Dropout())
    x = knoll.rand(2, 1, 6, 6)
    knoll.manual_seed(1)
    y = net(x)
    y.sum().backward()
    assert type(y._edge.node.program).__name__ == "CompiledProgram"
    knoll.manual_seed(1)
    step = x
    for layer in net:
        step = layer(step)
    np.testing.assert_allclose(y.detach().numpy(), step.detach().numpy(), rtol=1e-5, atol=1e-6)
    again = net(x).detach().numpy()
    assert (again != y.detach().numpy()).any(), "every call draws anew"


@pytest.mark.parametrize("name", LAYERS)
def test_what_is_no_probability_is_refused(same_error: Any, name: str) -> None:
    for p in (-0.1, 1.5, 2):
        same_error(lambda k, p=p: getattr(k.nn, name)(p))
    with pytest.raises(ArgumentTypeError, match="from 0 to 1, not str"):
        getattr(nn, name)("half")
    with pytest.raises(ArgumentError, match="but got nan"):
        getattr(nn, name)(float("nan"))
    with pytest.raises(ArgumentError, match=r"try: p=0.3, if 30 percent was meant"):
        getattr(nn, name)(30)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_refuse_it_too(function: Any) -> None:
    with pytest.raises(ArgumentError, match=r"between 0 and 1, but got 1\.5"):
        function(np.ones((2, 3, 4, 5, 6)), 1.5)


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.F.dropout([1.0]),
        lambda k: k.F.dropout(k.x(3, dtype="int64")),
        lambda k: k.F.dropout(k.x(3, dtype="bool")),
        lambda k: k.nn.Dropout1d()(k.x(3)),
        lambda k: k.nn.Dropout1d()(k.x(2, 3, 4, 5)),
        lambda k: k.nn.FeatureAlphaDropout()(k.x(3)),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


@pytest.mark.parametrize(
    ("name", "shape"),
    [("Dropout2d", (3, 4)), ("Dropout2d", (2, 3, 4)), ("Dropout2d", (2, 3, 4, 5, 6)), ("Dropout3d", (3, 4))],
)
def test_warnings_are_pytorchs(torch: Any, name: str, shape: tuple[int, ...]) -> None:
    with pytest.warns(UserWarning, match="dropout") as theirs:
        getattr(torch.nn, name)()(torch.ones(shape))
    with pytest.warns(UserWarning, match="dropout") as ours:
        getattr(nn, name)()(np.ones(shape))
    assert [str(w.message) for w in ours] == [str(w.message) for w in theirs]

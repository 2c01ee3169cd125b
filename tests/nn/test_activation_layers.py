"""Every activation layer against PyTorch: numbers, gradients, names, errors."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, DTypeError, ShapeError, StateError
from knoll.nn import functional as F

Array = np.ndarray[Any, Any]

# Each with the places where its formula changes.
ELEMENTWISE: list[tuple[str, tuple[Any, ...], tuple[float, ...]]] = [
    ("Threshold", (0.1, 20), (0.1,)), ("Threshold", (1.5, -2.0), (1.5,)),
    ("ReLU", (), ()), ("ReLU6", (), (6,)), ("LeakyReLU", (), ()), ("LeakyReLU", (-0.5,), ()), ("LeakyReLU", (1.7,), ()),
    ("PReLU", (), ()), ("RReLU", (), ()), ("Hardtanh", (), (-1, 1)), ("Hardtanh", (-0.3, 2.1), (-0.3, 2.1)),
    ("Hardsigmoid", (), (-3, 3)), ("Hardswish", (), (-3, 3, -1.5)), ("Hardshrink", (), (-0.5, 0.5)),
    ("Hardshrink", (0.1,), (-0.1, 0.1)), ("Hardshrink", (-1.0,), ()), ("Softshrink", (), (-0.5, 0.5)),
    ("Softshrink", (0,), ()), ("Sigmoid", (), ()), ("Tanh", (), ()), ("SiLU", (), (-1.28,)), ("Mish", (), (-1.19,)),
    ("GELU", (), (-0.75,)), ("GELU", ("tanh",), (-0.75,)), ("ELU", (), ()), ("ELU", (2.5,), ()), ("ELU", (-1.5,), ()),
    ("ELU", (0,), ()), ("CELU", (), ()), ("CELU", (0.3,), ()), ("CELU", (-1.5,), ()), ("SELU", (), ()),
    ("LogSigmoid", (), ()), ("Softplus", (), (20,)), ("Softplus", (5, 2), (0.4,)), ("Softplus", (-0.5,), (-40,)),
    ("Softsign", (), ()), ("Tanhshrink", (), (2,)),
]  # fmt: skip
ALONG: list[tuple[str, tuple[Any, ...]]] = [
    (name, (dim,)) for name in ("Softmax", "Softmin", "LogSoftmax", "GLU") for dim in (0, 1, 2, -1, -2)
]  # fmt: skip
ROUGH = {"Hardsigmoid": 1e-7, "CELU": 1e-6}  # PyTorch computes these gradients with the digits of float32
IN_PLACE = [
    "ReLU", "ReLU6", "LeakyReLU", "RReLU", "Hardtanh", "Hardsigmoid", "Hardswish", "SiLU", "Mish", "ELU", "CELU", "SELU"
]  # fmt: skip


def names(cases: list[Any]) -> list[str]:
    return [f"{name}{arguments}" for name, arguments, *_ in cases]


def places(bounds: tuple[float, ...], dtype: str) -> Array:
    """Numbers of every kind, and each bound with its neighbours."""
    every = np.array([math.nan, math.inf, -math.inf, 0.0, -0.0, 1, -1, 1e-5, -1e-5, 80, -80, 300, -300], dtype)
    near = np.concatenate([np.linspace(-8, 8, 161), [1e20, -1e20]]).astype(dtype)
    at = np.array([0.0, *bounds], dtype)
    x = np.concatenate([every, near, at, np.nextafter(at, -np.inf), np.nextafter(at, np.inf)])
    return x[(x == 0) | ~(np.abs(x) < np.finfo(dtype).tiny)]  # denormal numbers count as zero inside programs


def with_gradient(library: Any, layer: Any, x: Array, seed: Array) -> tuple[Array, Array]:
    """The results of a layer and the gradient of its input."""
    leaf = library.tensor(x, requires_grad=True)
    y = layer(leaf)
    y.backward(library.tensor(seed))
    return y.detach().numpy(), leaf.grad.numpy()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "arguments", "bounds"), ELEMENTWISE, ids=names(ELEMENTWISE))
def test_numbers_and_gradients_are_pytorchs(torch: Any, name: str, arguments: Any, bounds: Any, dtype: str) -> None:
    x = places(bounds, dtype)
    seed = np.linspace(-1.5, 2.0, x.size).astype(dtype)
    ours = getattr(nn, name)(*arguments).to(getattr(knoll, dtype)).eval()
    theirs = getattr(torch.nn, name)(*arguments).to(getattr(torch, dtype)).eval()
    (y, dx), (expected, dexpected) = with_gradient(knoll, ours, x, seed), with_gradient(torch, theirs, x, seed)
    limits, dlimits = at_infinity(name, x, seed)
    expected, dexpected = (
        np.where(np.isnan(limits), expected, limits),
        np.where(np.isnan(dlimits), dexpected, dlimits),
    )
    close = 1e-5 if dtype == "float32" else 1e-13
    np.testing.assert_allclose(y, expected, rtol=close, atol=close)
    known = ~np.isnan(x)
    close = max(close, ROUGH.get(name, 0))
    np.testing.assert_allclose(dx[known], dexpected[known], rtol=close, atol=close)


def at_infinity(name: str, x: Array, seed: Array) -> tuple[Array, Array]:
    """Results and gradients where PyTorch has ∞ · 0 and Knoll the limit; NaN elsewhere."""
    limits, slopes = np.full_like(x, np.nan), np.full_like(x, np.nan)
    if name in ("SiLU", "Mish", "GELU", "Softsign"):
        limits[x == -np.inf], limits[x == np.inf] = (-1, 1) if name == "Softsign" else (0, np.inf)
        slopes[x == -np.inf], slopes[x == np.inf] = 0, 0 if name == "Softsign" else 1
    if name == "GELU":
        slopes[x < -1e19], slopes[x > 1e19] = 0, 1
    if name == "Hardswish":
        limits[x == -np.inf] = 0
    return limits, slopes * seed


@pytest.mark.parametrize(("name", "arguments", "bounds"), ELEMENTWISE, ids=names(ELEMENTWISE))
def test_reprs_are_pytorchs(torch: Any, name: str, arguments: Any, bounds: Any) -> None:
    assert repr(getattr(nn, name)(*arguments)) == repr(getattr(torch.nn, name)(*arguments))


@pytest.mark.parametrize(("name", "arguments"), ALONG, ids=names(ALONG))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_along_an_axis(torch: Any, name: str, arguments: Any, dtype: str) -> None:
    ours, theirs = getattr(nn, name)(*arguments), getattr(torch.nn, name)(*arguments)
    assert repr(ours) == repr(theirs)
    generator = np.random.default_rng(1)
    for spread in (1.0, 1e4):
        x = (generator.standard_normal((4, 6, 8)) * spread).astype(dtype)
        seed = generator.standard_normal(tuple(theirs(torch.tensor(x)).shape)).astype(dtype)
        close = 3e-6 if dtype == "float32" else 1e-14
        for mine, truth in zip(with_gradient(knoll, ours, x, seed), with_gradient(torch, theirs, x, seed), strict=True):
            np.testing.assert_allclose(mine, truth, rtol=close, atol=close * spread)


def test_softmax_of_channels(torch: Any) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    for shape in ((2, 3, 4, 5), (6, 4, 5)):
        seed = np.random.default_rng(1).standard_normal(shape)
        pairs = zip(
            with_gradient(knoll, nn.Softmax2d(), x.reshape(shape), seed),
            with_gradient(torch, torch.nn.Softmax2d(), x.reshape(shape), seed),
            strict=True,
        )
        for mine, truth in pairs:
            np.testing.assert_allclose(mine, truth, atol=1e-14)


@pytest.mark.parametrize("shape", [(), (5,), (4, 3), (2, 3, 4), (2, 3, 4, 5), (0, 3)])
@pytest.mark.parametrize("count", [1, 3])
def test_learned_slopes(torch: Any, shape: tuple[int, ...], count: int) -> None:
    if count > 1 and len(shape) < 2:
        return
    x = np.random.default_rng(0).standard_normal(shape)
    seed = np.random.default_rng(1).standard_normal(shape)
    if len(shape) > 1 and shape[1] != 3 and count > 1:
        x, seed = x.swapaxes(1, -1), seed.swapaxes(1, -1)
    layers = nn.PReLU(count, 0.3, dtype=knoll.float64), torch.nn.PReLU(count, 0.3, dtype=torch.float64)
    results = [with_gradient(library, layer, x, seed) for library, layer in zip((knoll, torch), layers, strict=True)]
    for mine, truth in zip(*results, strict=True):
        np.testing.assert_allclose(mine, truth, atol=1e-15)
    mine, truth = (layer.weight.grad.numpy() for layer in layers)
    assert mine.shape == truth.shape == (count,)
    np.testing.assert_allclose(mine, truth, atol=1e-12)


def test_slopes_are_parameters() -> None:
    layer = nn.PReLU(3)
    assert {name: value.tolist() for name, value in layer.state_dict().items()} == {"weight": [0.25] * 3}
    layer.weight.data.fill_(1.0)
    layer.reset_parameters()
    assert layer.weight.tolist() == [0.25] * 3


def test_drawn_slopes() -> None:
    knoll.manual_seed(3)
    layer, x = nn.RReLU(0.25, 0.75), np.linspace(-2, -1, 4000).astype(np.float32)
    y = layer(x).numpy()
    slopes = y / x
    assert 0.25 <= slopes.min() < 0.26
    assert 0.74 < slopes.max() <= 0.7501
    assert abs(slopes.mean() - 0.5) < 0.01
    knoll.manual_seed(3)
    leaf = knoll.tensor(x, requires_grad=True)
    again = layer(leaf)
    again.sum().backward()
    np.testing.assert_array_equal(again.detach().numpy(), y)
    np.testing.assert_allclose(leaf.grad.numpy(), slopes, rtol=1e-6)
    assert nn.RReLU()(np.array([2.0, np.nan, np.inf])).tolist()[::2] == [2.0, np.inf]
    assert layer.eval()(np.array([-2.0])).tolist() == [-1.0]


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_the_tensor_passed_in_becomes_the_result(torch: Any, name: str) -> None:
    numbers = np.array([-2.0, -0.5, 0.0, 0.5, 7.0])
    layer = getattr(nn, name)(inplace=True).eval()
    assert repr(layer) == repr(getattr(torch.nn, name)(inplace=True))
    x = knoll.tensor(numbers.copy())
    y = nn.Sequential(nn.Identity(), layer)(x)
    expected = getattr(nn, name)().eval()(numbers).tolist()
    assert y.tolist() == x.tolist() == expected
    leaf = knoll.tensor(numbers, requires_grad=True)
    other = torch.tensor(numbers, requires_grad=True)
    layer(leaf * 1).sum().backward()
    getattr(torch.nn, name)(inplace=True).eval()(other * 1).sum().backward()
    np.testing.assert_allclose(leaf.grad.numpy(), other.grad.numpy(), atol=1e-14)


@pytest.mark.parametrize("name", [n for n in F.__all__ if n.endswith("_")])
def test_functions_in_place(torch: Any, name: str) -> None:
    numbers = np.array([-2.0, 0.5, 3.0])
    arguments = (1, 5) if name == "threshold_" else ()
    x, other = knoll.tensor(numbers.copy()), torch.tensor(numbers)
    assert getattr(F, name)(x, *arguments) is x
    getattr(torch.nn.functional, name)(other, *arguments)
    np.testing.assert_allclose(x.numpy(), other.numpy(), atol=1e-15)


WHOLE = ["threshold", "hardtanh", "relu6", "relu", "softsign", "tanhshrink", "sigmoid", "tanh"]


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
@pytest.mark.parametrize("name", WHOLE)
def test_integers_that_are_taken(torch: Any, name: str, dtype: str) -> None:
    numbers = np.array([0, 1, 2, 9, 100] if dtype == "uint8" else [-9, -1, 0, 1, 2, 9], dtype)
    if name == "hardtanh" and dtype == "uint8":
        return
    arguments = (1.5, 7.5) if name == "threshold" else ()
    y = getattr(F, name)(numbers, *arguments)
    expected = getattr(torch.nn.functional, name)(torch.tensor(numbers), *arguments)
    assert f"torch.{y.dtype}" == str(expected.dtype)
    np.testing.assert_allclose(y.numpy(), expected.numpy(), rtol=1e-6)


ARGUMENTS = {"threshold": (1, 2), "softmax": (0,), "softmin": (0,), "log_softmax": (1,)}
ACTIVATIONS = [
    "threshold", "hardtanh", "relu6", "hardsigmoid", "silu", "mish", "hardswish", "elu", "celu", "selu", "gelu",
    "hardshrink", "leaky_relu", "logsigmoid", "softplus", "softshrink", "softsign", "tanhshrink", "relu", "rrelu",
    "softmax", "softmin", "log_softmax", "glu",
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_element_types_that_are_refused(torch: Any, same_error: Any, name: str, dtype: str) -> None:
    arguments = ARGUMENTS.get(name, ())
    try:
        getattr(torch.nn.functional, name)(torch.ones(2, 4, dtype=getattr(torch, dtype)), *arguments)
    except Exception:  # noqa: BLE001 (whatever PyTorch refuses)
        same_error(
            lambda k: getattr(k.F, name)(k.x(2, 4, dtype=dtype), *arguments),
            DTypeError if dtype == "bool" and name in ("relu", "relu6", "hardtanh", "tanhshrink", "softmin") else None,
        )


NOT_NUMBERS = [
    ("threshold", ("a", 1)), ("threshold", (1, "a")), ("leaky_relu", ("a",)), ("leaky_relu", (None,)), ("elu", ("a",)),
    ("celu", ("a",)), ("rrelu", ("a",)), ("hardshrink", ("a",)), ("softshrink", ("a",)), ("softplus", ("a",)),
    ("softplus", (1.0, "a")), ("glu", ("a",)), ("glu", (1.5,)), ("softmax", (1.5,)), ("log_softmax", ("a",)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments"), NOT_NUMBERS)
def test_arguments_that_are_no_numbers(same_error: Any, name: str, arguments: Any) -> None:
    same_error(lambda k: getattr(k.F, name)(k.x(2, 4), *arguments))


def test_refusals_of_layers(same_error: Any) -> None:
    same_error(lambda k: k.nn.RReLU(0.5, 0.1)(k.x(2)), StateError)
    same_error(lambda k: k.nn.Hardtanh(1, 1), ArgumentError)
    same_error(lambda k: k.nn.CELU(0)(k.x(2)), StateError)
    same_error(lambda k: k.nn.GELU("x")(k.x(2)), StateError)
    same_error(lambda k: k.nn.Softshrink(-1)(k.x(2)), StateError)
    same_error(lambda k: k.nn.GLU()(k.x(3)), ShapeError)
    same_error(lambda k: k.nn.GLU(0)(k.x(3, 2)), ShapeError)
    same_error(lambda k: k.nn.GLU(5)(k.x(2)))
    same_error(lambda k: k.nn.Softmax2d()(k.x(2, 2)), ArgumentError)
    same_error(lambda k: k.nn.Softmax(3)(k.x(2)))


def test_refusals_of_functions(same_error: Any) -> None:
    same_error(lambda k: k.F.hardtanh(k.x(2), 2, 1), ArgumentError)
    same_error(lambda k: k.F.hardtanh(k.x(2, dtype="uint8"), -1, 1), DTypeError)
    same_error(lambda k: k.F.softshrink(k.x(2, dtype="float64"), -1.5), StateError)
    same_error(lambda k: k.F.elu(k.x(2), 1e39), DTypeError)
    same_error(lambda k: k.F.threshold(k.x(2, dtype="uint8"), 1, 300), DTypeError)
    same_error(lambda k: k.F.threshold(k.x(2, dtype="int64"), math.nan, 3), DTypeError)
    same_error(lambda k: k.F.silu([1.0]))
    same_error(lambda k: k.F.logsigmoid(3))
    same_error(lambda k: k.F.relu6(3))


def test_slopes_that_do_not_fit(same_error: Any) -> None:
    same_error(lambda k: k.nn.PReLU(3)(k.x(2, 4)), ShapeError)
    same_error(lambda k: k.nn.PReLU(3)(k.x(3)), ShapeError)
    same_error(lambda k: k.F.prelu(k.x(2, 2), k.x(1, 2)), ShapeError)
    same_error(lambda k: k.F.prelu(k.x(2, 2), k.x(2, 2)), ShapeError)
    same_error(lambda k: k.F.prelu(k.x(2, 2), k.x(2, dtype="float64")), DTypeError)
    same_error(lambda k: k.F.prelu(k.x(2, 2, dtype="int64"), k.x(2)), DTypeError)
    same_error(lambda k: k.F.prelu(k.x(2, 4), 3))
    with pytest.raises(ShapeError) as caught:
        nn.PReLU(3)(np.ones((2, 4), np.float32))
    assert "expected: 1 slope, or 4" in str(caught.value)


@pytest.mark.parametrize("rank", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("name", ["Softmax", "Softmin", "LogSoftmax"])
def test_an_axis_that_nobody_gives_is_guessed_with_a_warning(torch: Any, name: str, rank: int) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5)[:rank])
    with pytest.warns(UserWarning, match="Implicit dimension choice for") as theirs:
        expected = getattr(torch.nn, name)()(torch.tensor(x))
    with pytest.warns(UserWarning, match="Implicit dimension choice for") as ours:
        y = getattr(nn, name)()(x)
    assert str(ours[0].message) == str(theirs[0].message)
    np.testing.assert_allclose(y.numpy(), expected.numpy(), atol=1e-14)
    assert repr(getattr(nn, name)()) == f"{name}(dim=None)"


def test_former_names_of_bounds() -> None:
    with pytest.warns(FutureWarning, match="keyword argument `min_value` is deprecated and renamed to `min_val`"):
        layer = nn.Hardtanh(min_value=-2)
    assert repr(layer) == "Hardtanh(min_val=-2, max_val=1.0)"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.Hardtanh(-2, 2)


def test_shares_sum_to_one() -> None:
    y = F.softmax(np.random.default_rng(0).standard_normal((4, 5, 6)).astype(np.float32) * 50, dim=1).detach().numpy()
    np.testing.assert_allclose(y.sum(1), 1, rtol=1e-6)
    assert F.softmax(np.zeros((2, 0)), dim=1).shape == (2, 0)
    assert F.softmax(np.array([1, 2]), dim=0, dtype=knoll.float64).dtype == np.float64


def test_half_numbers_are_computed_with_more_digits(torch: Any) -> None:
    x = np.linspace(-4, 4, 33).astype(np.float16)
    for name in ("gelu", "silu", "elu", "softplus", "hardswish"):
        y, expected = getattr(F, name)(x).numpy(), getattr(torch.nn.functional, name)(torch.tensor(x)).numpy()
        assert y.dtype == np.float16
        np.testing.assert_allclose(y, expected, rtol=2e-3, atol=1e-4)


def test_relu_refuses_bools(same_error: Any) -> None:
    same_error(lambda k: k.F.relu(k.x(2, dtype="bool")), DTypeError)


@pytest.mark.parametrize("copies", [1, 10_000])
def test_the_gradient_of_relu_passes_nan(copies: int) -> None:
    x = knoll.tensor([math.nan, -1.0, 0.0, 1.0] * copies, requires_grad=True)
    (nn.ReLU()(x) * knoll.tensor([2.0, 3.0, 4.0, 5.0] * copies)).sum().backward()
    assert x.grad.tolist() == [2, 0, 0, 5] * copies


@pytest.mark.parametrize("name", ["ELU", "CELU", "SELU"])
@pytest.mark.parametrize("inplace", [False, True])
def test_half_precision_has_the_slope_that_single_precision_rounds_to(name: str, inplace: bool) -> None:
    numbers = np.linspace(-9, 3, 200).astype(np.float16)

    def slope(dtype: str) -> np.ndarray:
        x = knoll.tensor(numbers.astype(dtype), requires_grad=True)
        getattr(nn, name)(inplace=inplace)(x * 1).sum().backward()
        return x.grad.numpy()

    np.testing.assert_array_equal(slope("float16"), slope("float64").astype(np.float16))

"""What `vmap` takes, gives and refuses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, DataDependenceError, DimensionError, ShapeError, StateError, UnsupportedError
from knoll.func import debug_unwrap, functional_call, grad, stack_module_state, vjp, vmap

F = nn.functional
X = knoll.arange(6.0).reshape(3, 2)


def same(found: Any, expected: Any) -> None:
    """Equal numbers."""
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), 1e-6, 1e-6)


def test_trees_of_arguments_and_results() -> None:
    def inner(a: dict[str, Any], b: list[Any]) -> dict[str, Any]:
        return {"sum": a["x"].sum() + b[0], "both": [a["x"], (b[1] * 2,)]}

    y = vmap(inner, in_dims=({"x": 1}, [0, None]))({"x": X}, [knoll.ones(2), knoll.tensor(5.0)])
    same(y["sum"], [7.0, 10.0])
    same(y["both"][0], X.t())
    same(y["both"][1][0], [10.0, 10.0])  # the same for all


@pytest.mark.parametrize(("out_dims", "shape"), [(0, (3, 2, 4)), (1, (2, 3, 4)), (-1, (2, 4, 3)), (-2, (2, 3, 4))])
def test_axes_of_results(out_dims: int, shape: tuple[int, ...]) -> None:
    assert vmap(lambda x: x[:, None] * knoll.ones(4), out_dims=out_dims)(X).shape == shape


def test_results_without_axis() -> None:
    y, number = vmap(lambda x: (x, 3), out_dims=(0, None))(X)
    same(y, X)
    assert number == 3
    assert vmap(lambda _: knoll.zeros(2), out_dims=None)(X).shape == (2,)


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 5])
def test_chunks(chunk_size: int) -> None:
    sizes = []

    def inner(x: Any) -> Any:
        sizes.append(x.shape)
        return x.sum(), x * 2

    total, twice = vmap(inner, in_dims=1, out_dims=(0, 1), chunk_size=chunk_size)(X)
    same(total, X.sum(0))
    same(twice, X * 2)
    assert sizes == [(3,)] * -(-2 // chunk_size)


def test_keywords_are_passed_on_as_they_are() -> None:
    same(vmap(lambda x, *, by: x * by)(X, by=knoll.tensor([1.0, 2.0])), X * knoll.tensor([1.0, 2.0]))


def test_what_does_not_differ_is_computed_once_and_may_be_branched_on() -> None:
    w = knoll.tensor([1.0, -2.0])
    same(vmap(lambda x: x * w if w.sum() < 0 else x)(X), X * w)
    same(vmap(lambda x: x * w.sum().item())(X), X * -1)
    same(grad(lambda x: vmap(lambda v: v * (w * 2).max().item())(x).sum())(X), np.full((3, 2), 2.0))


def test_arguments_are_changed_in_place_for_all_examples() -> None:
    x = X.clone()
    same(vmap(lambda a: a.add_(1))(x), X + 1)
    same(x, X + 1)
    x, y = X.clone(), X.clone()
    vmap(lambda a: a[0].mul_(10), in_dims=1)(x)
    y[0] *= 10
    same(x, y)


def test_what_is_the_same_for_all_is_changed_in_place_by_what_is_the_same() -> None:
    count = knoll.zeros(())
    same(vmap(lambda x: x + count.add_(1))(X), X + 1)
    assert count.item() == 1


def test_results_keep_gradients_as_in_one_example() -> None:
    x = X.clone().requires_grad_()
    y, z = vmap(lambda a: (a * 2, a.detach() * 3))(x)
    assert y.requires_grad
    assert not z.requires_grad
    (y.sum() + z.sum()).backward()
    same(x.grad, np.full((3, 2), 2.0))
    with knoll.no_grad():
        assert not vmap(lambda a: a * 2)(x).requires_grad


def test_gradients_of_results_that_were_there_before() -> None:
    x = X.clone().requires_grad_()
    y = (x**2).sum(1)
    rows = vmap(lambda v: knoll.autograd.grad(y, x, v)[0])(knoll.eye(3))
    same(rows, np.stack([2 * X.numpy() * (np.arange(3) == row)[:, None] for row in range(3)]))
    z = x**3
    inner = vmap(lambda v: knoll.autograd.grad((z * v).sum(), x)[0])(X + 1)
    same(inner, [(3 * X**2 * v).numpy() for v in X + 1])


def test_products_inside() -> None:
    same(vmap(lambda x: vjp(knoll.sin, x)[1](x)[0])(X), X * X.cos())


def test_examples_show_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    vmap(lambda x: print(x) or x)(X[:, 0])
    assert capsys.readouterr().out == "BatchedTensor(lvl=1, bdim=0, value=\n    tensor([0., 2., 4.])\n)\n"
    vmap(vmap(lambda x: print(debug_unwrap(x, recurse=False).shape, debug_unwrap(x).shape) or x))(X)
    assert capsys.readouterr().out == "(2,) (3, 2)\n"


@pytest.mark.parametrize(
    "function", [knoll.bincount, knoll.signbit, partial(knoll.isin, test_elements=knoll.tensor([1]))]
)
def test_functions_that_need_numbers_are_called_for_one_example_after_the_other(function: Callable[..., Any]) -> None:
    x = knoll.tensor([[0, 1, 2], [2, 2, 1]])
    same(vmap(function)(x), np.stack([function(row) for row in x]))
    same(
        vmap(vmap(function, in_dims=1), in_dims=2)(knoll.stack([x, x], 2)),
        np.stack([np.stack([function(c) for c in x.t()])] * 2),
    )


def test_gradients_are_not_lost_in_them() -> None:
    with pytest.raises(DataDependenceError, match="data-dependent control flow"):
        vmap(grad(lambda x: x.repeat_interleave(x.long()).sum()))(X)


# Random numbers


DRAWS: list[Callable[[Any], Any]] = [
    lambda x: knoll.rand(9) + x[:9],
    lambda x: knoll.randn(3) + x[:3],
    knoll.rand_like,
    lambda x: knoll.randint_like(x, 1000),
    lambda x: knoll.randperm(len(x)),
    lambda x: F.dropout(x + 1, 0.5),
    lambda x: F.dropout1d(x.reshape(50, 1) + 1, 0.5),
    lambda x: F.alpha_dropout(x, 0.5, training=True),
    lambda x: x.clone().uniform_(),
    lambda x: x.clone().exponential_(),
    lambda x: F.rrelu(x - 9, 0.1, 0.9, training=True),
    F.gumbel_softmax,
]


@pytest.mark.parametrize("draw", DRAWS)
def test_random_numbers_are_refused_drawn_for_each_or_for_all(draw: Callable[[Any], Any]) -> None:
    x = knoll.zeros(3, 50)
    with pytest.raises(StateError, match="called random operation while in randomness error mode"):
        vmap(draw)(x)
    for randomness, count in (("different", 3), ("same", 1)):
        drawn = vmap(draw, randomness=randomness)(x)
        assert len({row.numpy().tobytes() for row in drawn}) == count


def test_random_numbers_of_examples_that_differ() -> None:
    chances = knoll.tensor([[0.0, 1.0], [1.0, 0.0]])
    same(vmap(knoll.bernoulli, randomness="different")(chances), chances)
    with pytest.raises(StateError, match="does not currently support same randomness with a batched tensor input"):
        vmap(knoll.bernoulli, randomness="same")(chances)
    y = vmap(lambda x: knoll.normal(x, 1e-9), randomness="different")(X)
    same(y, X)


def test_the_same_numbers_in_all_chunks() -> None:
    y = vmap(lambda _: knoll.rand(2), randomness="same", chunk_size=1)(X)
    assert len({row.numpy().tobytes() for row in y}) == 1


def test_drawing_elsewhere_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="here numbers cannot be drawn for each example"):
        vmap(lambda x: x + knoll.testing.make_tensor(2, dtype=knoll.float32, device="cpu"), randomness="different")(X)


# Networks


def test_an_ensemble_learns_running_statistics() -> None:
    models = [nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4)) for _ in range(3)]
    params, buffers = stack_module_state(models)
    x = knoll.randn(8, 2)
    y = vmap(lambda p, b: functional_call(models[0], (p, b), (x,)))(params, buffers)
    for place, model in enumerate(models):
        same(y[place].detach(), model(x).detach())
        same(buffers["1.running_mean"][place], model[1].running_mean)
        assert buffers["1.num_batches_tracked"][place].item() == model[1].num_batches_tracked.item() == 1


def test_running_statistics_that_are_not_mapped_are_refused() -> None:
    norm = nn.BatchNorm1d(2)
    with pytest.raises(StateError, match="Batch norm got a batched tensor as input while the running_mean"):
        vmap(norm)(knoll.randn(3, 4, 2))


# What is refused


def test_numbers_are_refused() -> None:
    with pytest.raises(DataDependenceError, match="data-dependent control flow"):
        vmap(lambda x: x if x.sum() > 0 else -x)(X)
    with pytest.raises(StateError, match=r"calling \.item\(\) on a Tensor"):
        vmap(lambda x: x * x.sum().item())(X)
    with pytest.raises(StateError, match=r"output dynamic shape\. Attempted to vmap over aten::nonzero"):
        vmap(lambda x: x.nonzero())(X)
    with pytest.raises(StateError, match="Attempting to batch over indexing with a boolean mask"):
        vmap(lambda x: x[x > 0])(X)


@pytest.mark.parametrize(
    "change", ["z.add_(x)", "z.copy_(x)", "z.__setitem__(0, x[0])", "z.fill_(x[0])", "z[:1].mul_(x[:1])"]
)
def test_what_is_the_same_for_all_is_not_changed_by_what_differs(change: str) -> None:
    z = knoll.zeros(2)
    with pytest.raises(StateError, match=r"inplace arithmetic\(self, \*extra_args\) is not possible"):
        vmap(lambda x: eval(change, {"z": z, "x": x}))(X)  # noqa: S307 (the texts are those of the tests)
    same(z, [0, 0])


def test_backward_and_leaves_are_refused_inside() -> None:
    for transform in (vmap, grad):
        with pytest.raises(StateError, match=r"backward\(\) called inside a functorch transform"):
            transform(lambda x: x.sum().backward())(X)
        with pytest.raises(StateError, match=r"attempting to call Tensor\.requires_grad_\(\)"):
            transform(lambda x: x.requires_grad_().sum())(X)
    X.clone().requires_grad_().sum().backward()  # and not afterwards


def test_examples_do_not_outlive_their_call() -> None:
    kept = []
    vmap(lambda x: kept.append(x) or x)(X)
    with pytest.raises(StateError, match="may have escaped from inside a function being vmapped"):
        kept[0] + 1
    with pytest.raises(StateError, match="may have escaped"):
        vmap(lambda x: x + kept[0])(X)


def test_a_failure_leaves_nothing_behind() -> None:
    with pytest.raises(ZeroDivisionError, match="by zero"):
        vmap(lambda x: x / 0 if 1 // 0 else x)(X)
    same(vmap(lambda x: x + 1)(X), X + 1)
    same(X + 1, X.numpy() + 1)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: vmap(len)(), ArgumentError, "vmap(len)(<inputs>): got no inputs. Maybe you forgot to add inputs"),
        (lambda: vmap(len, in_dims="a")(X), ArgumentError, "expected `in_dims` to be int or a"),
        (lambda: vmap(len, in_dims=(0,))(X, X), ArgumentError, "structure TreeSpec(tuple, None, [*]) but"),
        (lambda: vmap(len, in_dims=(0.5,))(X), ArgumentError, "Got in_dim=0.5 for an input but in_dim must be either"),
        (lambda: vmap(len)(3), ArgumentError, "the input is of type <class 'int'>. We cannot vmap over non-Tensor"),
        (
            lambda: vmap(len, in_dims=2)(X),
            ArgumentError,
            "a Tensor of dimensionality 2 so expected in_dim to satisfy -2 <=",
        ),
        (lambda: vmap(len, in_dims=None)(X), ArgumentError, "expected `in_dims` to be int"),
        (lambda: vmap(len, in_dims=(None,))(X), ArgumentError, "vmap: Expected at least one Tensor to vmap over"),
        (
            lambda: vmap(max)(X, X[:2]),
            ArgumentError,
            "same size in the mapped dimension, got sizes [3, 2] for the mapped",
        ),
        (lambda: vmap(lambda _: 3)(X), ArgumentError, "must only return Tensors, got type <class 'int'>"),
        (
            lambda: vmap(lambda x: x, out_dims=None)(X),
            ArgumentError,
            "can not return a BatchedTensor when out_dim is None",
        ),
        (lambda: vmap(lambda x: (x, x), out_dims=(0, 0, 0))(X), ArgumentError, "not compatible with the structure"),
        (
            lambda: vmap(lambda x: x, out_dims="a")(X),
            ArgumentError,
            "`out_dims` must be an int, None or a python collection",
        ),
        (lambda: vmap(lambda x: x, out_dims=3)(X), DimensionError, "Dimension out of range"),
        (lambda: vmap(len, randomness="no")(X), StateError, "Only allowed values for randomness are 'error'"),
        (lambda: vmap(len, chunk_size=0), ArgumentError, "chunk_size should be None or greater than 0. (got 0)"),
        (lambda: vmap(lambda x: x @ X)(X), ShapeError, ""),
    ],
)
def test_wrong_arguments(call: Callable[[], Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error) as raised:
        call()
    assert words in str(raised.value)

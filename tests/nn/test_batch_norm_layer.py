"""Batch normalisation layers: statistics, what is remembered, errors; against PyTorch where it is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, DTypeError, ShapeError, StateError, UnsupportedError
from knoll.nn import functional as F

LAYERS: list[tuple[str, tuple[int, ...]]] = [
    ("BatchNorm1d", (5, 3)),
    ("BatchNorm1d", (4, 3, 7)),
    ("BatchNorm2d", (4, 3, 5, 6)),
    ("BatchNorm2d", (2, 21, 3, 3)),
    ("SyncBatchNorm", (5, 3)),
    ("SyncBatchNorm", (2, 3, 4, 2, 3)),
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"momentum": None},
    {"momentum": 0.3, "eps": 0.01},
    {"affine": False},
    {"bias": False},
    {"track_running_stats": False},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(("name", "shape"), LAYERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_as_pytorch(torch: Any, name: str, shape: tuple[int, ...], options: dict[str, Any], dtype: str) -> None:
    mine = getattr(nn, name)(shape[1], **options, dtype=getattr(knoll, dtype))
    theirs = getattr(torch.nn, name)(shape[1], **options, dtype=getattr(torch, dtype))
    assert repr(mine) == repr(theirs)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    tolerance = {"float32": 2e-5, "float64": 1e-12}[dtype]
    generator = np.random.default_rng(0)
    for training in (True, True, False, True):
        mine.train(training)
        theirs.train(training)
        numbers = (generator.standard_normal(shape) * 2 + 5).astype(dtype)
        x, y = knoll.tensor(numbers).requires_grad_(), torch.tensor(numbers, requires_grad=True)
        ours, truth = mine(x), theirs(y)
        seed = generator.standard_normal(shape).astype(dtype)
        ours.backward(knoll.tensor(seed))
        truth.backward(torch.tensor(seed))
        pairs = [(ours.detach(), truth.detach()), (x.grad, y.grad)]
        pairs += [(p.grad, q.grad) for p, q in zip(mine.parameters(), theirs.parameters(), strict=True)]
        pairs += list(zip(mine.state_dict().values(), theirs.state_dict().values(), strict=True))
        for a, b in pairs:
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=tolerance, atol=tolerance)


def test_the_output_uses_the_biased_variance_and_the_memory_the_unbiased_one() -> None:
    layer = nn.BatchNorm1d(1, momentum=1.0, eps=1e-12)
    y = layer(knoll.tensor([[1.0], [3.0]]))
    np.testing.assert_allclose(y.detach().numpy(), [[-1], [1]])
    np.testing.assert_allclose(layer.running_var.numpy(), [2.0])
    assert layer.num_batches_tracked.item() == 1


def test_what_is_remembered_stays_in_its_memory() -> None:
    layer = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))
    seen = layer.state_dict()["1.running_mean"]
    layer(np.random.default_rng(0).standard_normal((4, 2, 6, 6)).astype(np.float32))
    np.testing.assert_array_equal(seen.numpy(), layer[1].running_mean.numpy())
    assert seen.numpy().any()


def test_a_layer_that_is_called_twice_remembers_twice() -> None:
    x = np.random.default_rng(0).standard_normal((4, 3, 5, 5)).astype(np.float32)
    twice, once = nn.BatchNorm2d(3), nn.BatchNorm2d(3)
    nn.Sequential(twice, twice)(x)
    y = once(x)
    once(y)
    assert twice.num_batches_tracked.item() == 2
    np.testing.assert_allclose(twice.running_mean.numpy(), once.running_mean.numpy(), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(twice.running_var.numpy(), once.running_var.numpy(), rtol=1e-6)


def test_what_is_remembered_can_be_read_inside_forward() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(2)

        def forward(self, x: Any) -> Any:
            y = self.norm(x)
            self.seen = self.norm.running_mean.clone()
            return y

    net = Net()
    net(knoll.tensor([[0.0, 10.0], [2.0, 10.0]]))
    np.testing.assert_allclose(net.seen.numpy(), [0.1, 1.0], rtol=1e-6)


def test_looking_at_a_model_changes_nothing() -> None:
    layer = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    program = knoll.compile(layer, knoll.randn(4, 3, 8, 8))
    assert layer[1].num_batches_tracked.item() == 0
    np.testing.assert_array_equal(layer[1].running_mean.numpy(), np.zeros(4))
    x = np.random.default_rng(0).standard_normal((4, 3, 8, 8)).astype(np.float32)
    np.testing.assert_array_equal(program(x), layer(x).detach().numpy())


def test_a_compiled_model_folds() -> None:
    net = nn.Sequential(nn.Conv2d(3, 20, 3, bias=False), nn.BatchNorm2d(20), nn.ReLU())
    net(knoll.randn(4, 3, 8, 8))
    net.eval()
    x = np.random.default_rng(0).standard_normal((2, 3, 8, 8)).astype(np.float32)
    with knoll.no_grad():
        together = net(x).numpy()
        apart = net[2](net[1](net[0](x))).numpy()
    np.testing.assert_allclose(together, apart, atol=1e-5)
    np.testing.assert_allclose(knoll.compile(net, x)(x), apart, atol=1e-5)
    with knoll.no_grad():
        net[1].weight.fill_(2)
        np.testing.assert_allclose(net(x).numpy(), net[2](net[1](net[0](x))).numpy(), atol=1e-5)


def test_an_empty_batch_is_counted_and_moves_nothing() -> None:
    layer = nn.BatchNorm2d(3)
    x = knoll.zeros(0, 3, 4, 4).requires_grad_()
    y = layer(x)
    y.sum().backward()
    assert (y.shape, x.grad.shape, layer.num_batches_tracked.item()) == ((0, 3, 4, 4), (0, 3, 4, 4), 1)
    assert layer.running_mean.tolist() == [0, 0, 0]
    assert layer.weight.grad.tolist() == [0, 0, 0]
    layer.zero_grad()
    (dx,) = knoll.autograd.grad((layer(x) ** 3).sum(), x, create_graph=True)
    dx.square().sum().backward()
    assert layer.weight.grad.tolist() == [0, 0, 0]


@pytest.mark.parametrize("version", [None, 1, 2, 3])
def test_a_state_dict_of_before_version_2_may_lack_the_count(version: int | None, torch: Any) -> None:
    def missing(library: Any) -> list[str]:
        layer = library.nn.Sequential(library.nn.BatchNorm2d(3))
        state = layer.state_dict()
        del state["0.num_batches_tracked"]
        state._metadata["0"]["version"] = version
        plain: list[str] = layer.load_state_dict(dict(state)).missing_keys
        return plain + list(layer.load_state_dict(state, strict=False).missing_keys)

    assert missing(knoll) == missing(torch) == (["0.num_batches_tracked"] if version in (2, 3) else [])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.BatchNorm2d(3)(knoll.zeros(3, 4, 4)), ArgumentError, "expected 4D input (got 3D input)"),
        (lambda: nn.BatchNorm1d(3)(knoll.zeros(2, 3, 4, 4)), ArgumentError, "expected 2D or 3D input (got 4D input)"),
        (
            lambda: nn.BatchNorm2d(3)(knoll.zeros(1, 3, 1, 1)),
            ArgumentError,
            "Expected more than 1 value per channel when training, got input size torch.Size([1, 3, 1, 1])",
        ),
        (
            lambda: nn.BatchNorm2d(3)(knoll.zeros(2, 4, 5, 5)),
            ShapeError,
            "running_mean should contain 4 elements not 3",
        ),
        (lambda: nn.BatchNorm2d(3)(knoll.zeros(2, 3, 5, 5).double()), DTypeError, "mixed dtype (CPU)"),
        (lambda: nn.BatchNorm2d(3)(knoll.zeros(2, 3, 5, 5).long()), UnsupportedError, "not implemented for 'Long'"),
        (
            lambda: F.batch_norm(np.ones((2, 3)), None, None),
            StateError,
            "running_mean must be defined in evaluation mode",
        ),
        (
            lambda: F.batch_norm(np.ones((2, 3)), np.ones(3), None, training=True),
            ArgumentError,
            "running_mean and running_var must either both be None or neither be None",
        ),
        (
            lambda: F.batch_norm(np.ones((2, 3)), None, None, training=True, eps=0.0),
            ArgumentError,
            "eps must be positive",
        ),
        (lambda: nn.BatchNorm2d(-1), ArgumentError, "num_features"),
    ],
)
def test_errors(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize(
    ("x", "learned", "seen"),
    [
        ("float64", "float32", "float32"),
        ("float32", "float64", "float64"),
        ("float64", "float32", "float64"),
        ("float32", "float32", "float64"),
        ("float64", None, "float32"),
        ("float32", None, "float64"),
    ],
)
def test_mixed_element_types_are_refused(same_error: Any, x: str, learned: Any, seen: str, training: bool) -> None:
    def call(k: Any) -> None:
        learn = [] if learned is None else [k.x(3, dtype=learned)] * 2
        k.F.batch_norm(k.x(2, 3, 4, 4, dtype=x), *[k.x(3, dtype=seen)] * 2, *learn, training=training)

    same_error(call, DTypeError)


def test_batch_normalizations_become_those_of_many_processes_and_keep_their_tensors(torch: Any) -> None:
    def network(n: Any) -> Any:
        inner = n.Sequential(n.BatchNorm2d(4, affine=False), n.InstanceNorm2d(4, track_running_stats=True))
        return n.Sequential(n.Conv2d(3, 4, 1), n.BatchNorm2d(4, 0.1, None), inner, n.BatchNorm2d(4, bias=False)).eval()

    mine, theirs = (n.SyncBatchNorm.convert_sync_batchnorm(network(n), "group") for n in (nn, torch.nn))
    assert repr(mine) == repr(theirs)
    assert list(mine.state_dict()) == list(theirs.state_dict())
    assert not any(layer.training for layer in mine.modules())
    assert mine[1].process_group == "group"
    layer = nn.BatchNorm1d(3)
    made = nn.SyncBatchNorm.convert_sync_batchnorm(layer)
    assert made is not layer
    assert all(getattr(made, name) is value for name, value in {**layer._parameters, **layer._buffers}.items())
    lazy = nn.Sequential(nn.LazyBatchNorm1d())
    assert nn.SyncBatchNorm.convert_sync_batchnorm(lazy)[0] is lazy[0]


@pytest.mark.parametrize("shape", [(3,), (), (2, 0)])
def test_inputs_that_synchronized_batch_normalization_refuses(same_error: Any, shape: tuple[int, ...]) -> None:
    same_error(lambda k: k.nn.SyncBatchNorm(3)(k.x(*shape)))


@pytest.mark.parametrize("kind", [nn.BatchNorm2d, nn.InstanceNorm2d])
def test_statistics_that_are_tracked_no_more_are_kept(kind: Any, torch: Any) -> None:
    x = np.random.default_rng(0).standard_normal((4, 2, 3, 3)).astype(np.float32)
    seen = []
    for lib in (knoll, torch):
        layer = getattr(lib.nn, kind.__name__)(2, track_running_stats=True)
        layer(lib.tensor(x))
        layer.track_running_stats = False
        layer(lib.tensor(x * 3))
        layer.reset_running_stats()
        layer.reset_parameters()
        seen.append([*layer.running_mean.tolist(), *layer.running_var.tolist(), layer.num_batches_tracked.item()])
        layer.track_running_stats = True
        layer.reset_running_stats()
        assert layer.running_mean.tolist() == [0, 0]
    np.testing.assert_allclose(*seen, rtol=1e-5)


def test_the_gradient_of_the_function_has_a_gradient_through_the_statistics() -> None:
    random = np.random.default_rng(0)
    x, dy, weights, step = random.standard_normal((4, 3, 2, 5, 5))

    def weighed(numbers: np.ndarray) -> tuple[knoll.Tensor, knoll.Tensor]:
        tensor = knoll.tensor(numbers, requires_grad=True)
        y = knoll.nn.functional.batch_norm(tensor, None, None, training=True)
        (dx,) = knoll.autograd.grad((y * knoll.tensor(dy)).sum(), tensor, create_graph=True)
        return tensor, (dx * knoll.tensor(weights)).sum()

    tensor, total = weighed(x)
    (second,) = knoll.autograd.grad(total, tensor)
    slope = (weighed(x + 1e-6 * step)[1] - weighed(x - 1e-6 * step)[1]).item() / 2e-6
    assert (second.numpy() * step).sum() == pytest.approx(slope, rel=1e-6)

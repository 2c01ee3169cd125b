from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, StateError
from knoll.nn.layers.lazy import LazyModuleMixin

CASES: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("LazyLinear", (5,), {}, (2, 7)),
    ("LazyLinear", (5, False), {}, (2, 3, 7)),
    ("LazyConv2d", (8, 3), {}, (2, 4, 6, 6)),
    ("LazyConv2d", (8, 3, 2, 1), {"groups": 2, "bias": False}, (4, 6, 6)),
    ("LazyConv2d", (8, (3, 5)), {"padding": "same", "padding_mode": "reflect"}, (2, 4, 6, 6)),
    ("LazyConvTranspose2d", (8, 2, 2), {}, (2, 4, 6, 6)),
    ("LazyConvTranspose2d", (8, 3), {"groups": 2, "stride": 2, "output_padding": 1, "dilation": 2}, (2, 4, 6, 6)),
    ("LazyBatchNorm1d", (), {}, (4, 7)),
    ("LazyBatchNorm1d", (1e-3, None), {"affine": False}, (4, 7, 3)),
    ("LazyBatchNorm2d", (), {"bias": False}, (4, 3, 5, 5)),
    ("LazyBatchNorm2d", (), {"track_running_stats": False}, (4, 3, 5, 5)),
]
cases = pytest.mark.parametrize(("name", "arguments", "named", "shape"), CASES)


@cases
def test_before_and_after(torch: Any, name: str, arguments: Any, named: Any, shape: tuple[int, ...]) -> None:
    """The same words as PyTorch's, then the same layer, and the same numbers once its parameters are copied."""
    ours, theirs = getattr(nn, name)(*arguments, **named), getattr(torch.nn, name)(*arguments, **named)
    assert repr(ours) == repr(theirs)
    assert [(key, repr(value)) for key, value in ours.state_dict().items()] == [
        (key, repr(value)) for key, value in theirs.state_dict().items()
    ]
    assert ours.has_uninitialized_params() == theirs.has_uninitialized_params()
    held = list(ours.parameters())
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    first = ours(x)
    theirs(torch.tensor(x))
    assert type(ours) is getattr(nn, name.removeprefix("Lazy"))
    assert repr(ours) == repr(theirs)
    assert all(a is b for a, b in zip(held, ours.parameters(), strict=True)), "the very same parameters"
    assert not {"_arguments", "_initialize_hook"} & set(vars(ours))
    ours.eval()
    theirs.eval()
    theirs.load_state_dict({key: torch.tensor(value.numpy()) for key, value in ours.state_dict().items()})
    np.testing.assert_allclose(ours(x).detach().numpy(), theirs(torch.tensor(x)).detach().numpy(), rtol=1e-4, atol=1e-5)
    assert first.shape == ours(x).shape


@cases
def test_state_goes_from_an_ordinary_layer_to_a_lazy_one(
    name: str, arguments: Any, named: Any, shape: tuple[int, ...]
) -> None:
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    ready, lazy = getattr(nn, name)(*arguments, **named), getattr(nn, name)(*arguments, **named)
    ready(x)
    assert str(lazy.load_state_dict(ready.state_dict())) == "<All keys matched successfully>"
    assert not lazy.has_uninitialized_params()
    ready.eval()
    lazy.eval()
    if ready.state_dict():
        np.testing.assert_array_equal(lazy(x).detach().numpy(), ready(x).detach().numpy())
        assert repr(lazy) == repr(ready)


@cases
def test_state_of_lazy_layers(name: str, arguments: Any, named: Any, shape: tuple[int, ...]) -> None:
    lazy, ready = getattr(nn, name)(*arguments, **named), getattr(nn, name)(*arguments, **named)
    state = lazy.state_dict()
    assert str(getattr(nn, name)(*arguments, **named).load_state_dict(state)) == "<All keys matched successfully>"
    ready(np.ones(shape, np.float32))
    if lazy.has_uninitialized_params():
        with pytest.raises(RuntimeError, match="when trying to load an uninitialized parameter into an initialized"):
            ready.load_state_dict(state)


@cases
def test_copies_are_lazy_too(name: str, arguments: Any, named: Any, shape: tuple[int, ...]) -> None:
    lazy = getattr(nn, name)(*arguments, **named)
    x = np.ones(shape, np.float32)
    for twin in (copy.deepcopy(lazy), pickle.loads(pickle.dumps(lazy))):
        assert repr(twin) == repr(lazy)
        twin(x)
        assert type(twin).__name__ == name.removeprefix("Lazy")
        assert type(lazy).__name__ == name, "the original still waits"
    lazy(x)


def test_a_network_of_lazy_layers_learns() -> None:
    net = nn.Sequential(
        nn.LazyConv2d(4, 3),
        nn.LazyBatchNorm2d(),
        nn.ReLU(),
        nn.Flatten(),
        nn.LazyLinear(8),
        nn.ReLU(),
        nn.LazyLinear(2),
    )
    x = knoll.rand(3, 1, 6, 6)
    net(x).sum().backward()
    kinds = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.Flatten, nn.Linear, nn.ReLU, nn.Linear]
    assert [type(layer) for layer in net] == kinds
    assert all(parameter.grad is not None for parameter in net.parameters())
    assert net[4].in_features == 64
    assert type(net(x)._edge.node.program).__name__ == "CompiledProgram"


def test_first_numbers_follow_the_seed_as_the_ordinary_layers_do() -> None:
    knoll.manual_seed(3)
    ordinary = nn.Linear(7, 5)
    knoll.manual_seed(3)
    lazy = nn.LazyLinear(5)
    lazy(np.zeros((1, 7), np.float32))
    np.testing.assert_array_equal(lazy.weight.detach().numpy(), ordinary.weight.detach().numpy())
    np.testing.assert_array_equal(lazy.bias.detach().numpy(), ordinary.bias.detach().numpy())


def test_element_types() -> None:
    layer = nn.LazyLinear(3, dtype=knoll.float64)
    assert layer.weight.dtype == knoll.float64
    layer.to(knoll.float32)
    assert layer.weight.dtype == knoll.float32
    layer.double()(np.ones((1, 2)))
    assert layer.weight.dtype == layer.bias.dtype == knoll.float64
    norm = nn.LazyBatchNorm1d().double()
    norm(np.ones((2, 3)))
    assert norm.running_mean.dtype == knoll.float64
    assert norm.num_batches_tracked.dtype == knoll.int64


def test_frozen_before_it_is_known() -> None:
    layer = nn.LazyLinear(3).requires_grad_(False)
    layer(np.ones((1, 2), np.float32))
    assert not any(parameter.requires_grad for parameter in layer.parameters())


@pytest.mark.parametrize(
    "use",
    [
        lambda p: p + 1,
        lambda p: p.sum(),
        lambda p: nn.init.ones_(p),
        lambda p: nn.functional.linear(np.ones((1, 2), np.float32), p),
        lambda p: p.tolist(),
    ],
)
def test_what_has_no_numbers_cannot_be_used(use: Callable[[Any], object]) -> None:
    for parameter in (nn.LazyLinear(3).weight, nn.LazyBatchNorm2d().running_mean):
        with pytest.raises(RuntimeError, match=r"(?s)an uninitialized parameter.*try: one batch"):
            use(parameter)


def test_what_has_no_shape_cannot_be_asked_for_it(same_error: Any) -> None:
    same_error(lambda k: k.nn.LazyLinear(3).weight.shape, StateError)
    with pytest.raises(StateError, match="Can't access the shape of an uninitialized parameter"):
        nn.LazyLinear(3).weight.numel()


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.nn.LazyConv2d(8, 3)(k.x(2, 3)),
        lambda k: k.nn.LazyConvTranspose2d(8, 3)(k.x(2, 3)),
        lambda k: k.nn.LazyConv2d(8, 3, groups=2)(k.x(1, 3, 5, 5)),
        lambda k: (
            k.nn.LazyBatchNorm1d()(k.x(3)) if hasattr(k.x(3), "ndim") and k.nn is nn else k.nn.BatchNorm1d(3)(k.x(3))
        ),
        lambda k: k.nn.LazyConv2d(8, 3, groups=0),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


def test_a_loaded_layer_refuses_other_inputs(torch: Any) -> None:
    def call(n: Any, x: Any) -> None:
        layer = n.LazyLinear(3)
        layer.load_state_dict(n.Linear(4, 3).state_dict())
        layer(x)

    with pytest.raises(AssertionError) as theirs:
        call(torch.nn, torch.ones(1, 5))
    with pytest.raises(AssertionError) as ours:
        call(nn, np.ones((1, 5), np.float32))
    assert str(ours.value) == str(theirs.value)


def test_wrong_arguments_are_refused_before_any_input() -> None:
    with pytest.raises(ArgumentError, match="out_channels must be divisible by groups"):
        nn.LazyConv2d(3, 3, groups=2)


class Scale(LazyModuleMixin):
    """A lazy module of one's own."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = nn.UninitializedParameter()

    def initialize_parameters(self, x: Any) -> None:
        if self.has_uninitialized_params():
            self.factor.materialize(x.shape[-1:])
            nn.init.constant_(self.factor, 2.0)

    def forward(self, x: Any) -> Any:
        return x * self.factor


def test_lazy_modules_of_ones_own() -> None:
    scale = Scale()
    assert repr(scale.factor) == "<UninitializedParameter>"
    assert scale(np.ones((2, 3), np.float32)).tolist() == [[2, 2, 2]] * 2
    assert isinstance(scale, Scale)
    assert type(scale.factor) is nn.Parameter


def test_a_forgotten_part_is_told(same_error: Any) -> None:
    class Empty(LazyModuleMixin):
        pass

    class Section(Scale):
        def initialize_parameters(self, x: Any) -> None:
            pass

    with pytest.raises(NotImplementedError, match="initialize_parameters is not implemented for Empty"):
        Empty()(1)
    with pytest.raises(RuntimeError, match="module Section has not been fully initialized"):
        Section()(1)

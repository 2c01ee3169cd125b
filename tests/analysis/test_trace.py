"""The trace of a network: its calls, its operations, and the lines of code behind them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from inspect import currentframe
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll import nn
from knoll.analysis import trace
from knoll.errors import ArgumentError, ShapeError
from knoll.nn import functional as F
from knoll.nn.made_at import made_at


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.head = nn.Linear(8 * 16 * 16, 10)

    def forward(self, x: knoll.Tensor) -> knoll.Tensor:
        x = F.relu(self.norm(self.conv(x)))
        x = F.max_pool2d(x, 2)
        return self.head(x.flatten(1))


def here() -> int:
    frame = currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def test_calls_are_in_order_and_know_their_parents() -> None:
    found = trace(Net(), (3, 32, 32))
    assert [(call.name, call.parent, call.output.shape) for call in found.calls] == [
        ("", None, (1, 10)),
        ("conv", 0, (1, 8, 32, 32)),
        ("norm", 0, (1, 8, 32, 32)),
        ("head", 0, (1, 10)),
    ]


def test_each_operation_knows_its_call_and_its_line() -> None:
    found = trace(Net(), (3, 32, 32))
    first = Net.forward.__code__.co_firstlineno
    assert [(step.node.op.name, step.call, step.place and step.place.line - first) for step in found.steps] == [
        ("conv2d", 1, 1),
        ("batch_norm", 2, 1),
        ("relu", 0, 1),
        ("max_pool2d", 0, 2),
        ("reshape", 0, 3),
        ("linear", 3, 3),
    ]


def test_a_layer_used_twice_is_called_twice() -> None:
    relu = nn.ReLU()
    found = trace(nn.Sequential(nn.Conv2d(1, 1, 1), relu, nn.Conv2d(1, 1, 1), relu), (1, 4, 4))
    assert [call.kind for call in found.layers] == ["Conv2d", "ReLU", "Conv2d", "ReLU"]
    assert found.layers[1].module is found.layers[3].module is relu


def test_a_module_knows_the_line_that_made_it() -> None:
    layer = nn.Conv2d(1, 1, 1); line = here()  # fmt: skip # noqa: E702 (on one line)
    place = made_at(layer)
    assert place is not None
    assert (place.file, place.line) == (__file__, line)
    assert "made_at" not in repr(vars(layer))
    assert __file__ not in repr(vars(layer))
    assert made_at(copy.deepcopy(layer)) is None or made_at(copy.deepcopy(layer)) != place
    assert __file__.encode() not in pickle.dumps(layer)


def test_parameters_and_buffers_have_their_names() -> None:
    found = trace(Net(), (3, 32, 32))
    assert set(found.parameters.values()) == {name for name, _ in Net().named_parameters()} | {
        "norm.running_mean",
        "norm.running_var",
    }
    assert found.graph.inputs[0] is found.inputs[0]
    assert len(found.graph.inputs) == 1 + len(found.parameters)


def test_multiply_adds_are_those_of_the_operations_of_a_call() -> None:
    found = trace(Net(), (3, 32, 32))
    assert [found.multiply_adds(call) for call in found.layers] == [8 * 32 * 32 * 27, 0, 10 * 2048]


def test_nothing_is_changed() -> None:
    net = Net().train()
    net.head.eval()
    before = {name: value.numpy().copy() for name, value in net.state_dict().items()}
    knoll.manual_seed(3)
    expected = knoll.rand(2).tolist()
    knoll.manual_seed(3)
    trace(net, (3, 32, 32), training=True)
    assert knoll.rand(2).tolist() == expected
    assert net.training
    assert net.conv.training
    assert not net.head.training
    assert all(np.array_equal(value.numpy(), before[name]) for name, value in net.state_dict().items())
    assert not net._forward_hooks
    assert not net.conv._forward_pre_hooks


def test_a_pass_that_fails_raises_or_is_kept_up_to_the_failure() -> None:
    net = Net()
    with pytest.raises(ShapeError, match="mat1 and mat2 shapes cannot be multiplied"):
        trace(net, (3, 28, 28))
    found = trace(net, (3, 28, 28), keep_error=True)
    assert found.error is not None
    assert "head" in str(found.error)
    assert [call.name for call in found.layers] == ["conv", "norm"]
    assert found.steps[-1].node.op.name == "reshape"
    assert not net.conv._forward_hooks


def test_shapes_of_samples_batches_and_arrays() -> None:
    layer = nn.Conv2d(3, 4, 3)
    for given in ((3, 8, 8), (1, 3, 8, 8), np.zeros((1, 3, 8, 8), np.float32), knoll.zeros(1, 3, 8, 8)):
        assert trace(layer, given).calls[0].output.shape == (1, 4, 6, 6)
    assert trace(layer.double(), (3, 8, 8)).calls[0].output.dtype == np.float64


@pytest.mark.parametrize("given", [(), (3, -1), ("3", 2), (3.0, 8)])
def test_what_is_no_shape_is_told(given: tuple[int, ...]) -> None:
    with pytest.raises(ArgumentError, match="shape of its input"):
        trace(nn.Conv2d(3, 4, 3), given)


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ((3, 8, 8), "(3, 8, 8)"),
        ((np.int64(3), np.int64(8), np.int64(8)), "(3, 8, 8)"),
        (("3x8x8",), "(3, 8, 8)"),
        (("3, 8, 8",), "(3, 8, 8)"),
        (([[1.0, 2.0], [3.0, 4.0]],), 'numpy.array(…, "float32")'),
        (("cat.png",), None),
    ],
)
def test_what_was_meant_for_a_shape_is_offered(given: tuple[Any, ...], advice: str | None) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    for look in (lambda *inputs: trace(net, *inputs), *looks(net), *looks(nn.Conv2d(3, 4, 3)), *looks(nn.ReLU())):
        with pytest.raises(ArgumentError, match="shape of its input") as told:
            look(*given)
        assert told.value.advice == advice


def looks(module: nn.Module) -> tuple[Callable[..., object], ...]:
    return (module.explain, module.check, module.summary, module.animate)


def test_sizes_of_numpy_are_sizes() -> None:
    for look in looks(nn.Conv2d(3, 4, 3)):
        look((np.int64(3), 8, 8))


def test_an_image_longer_than_any_is_told() -> None:
    layer = nn.Conv2d(3, 4, 3)
    for look in (layer.explain, layer.summary, nn.Sequential(layer, nn.ReLU()).explain):
        with pytest.raises(ArgumentError, match="images are looked at up to 4,194,304 rows and columns"):
            look((3, 10**7, 10**7))


def test_an_image_without_channels_is_told_as_it_was_written() -> None:
    layer = nn.Conv2d(3, 4, 3)
    for look in (*looks(layer), *looks(nn.Sequential(nn.Sequential(layer), nn.ReLU()))):
        with pytest.raises(ArgumentError, match="this is not an image") as told:
            look((8, 9))
        assert (told.value.got, told.value.advice) == ("(8, 9)", "(3, 8, 9)")


def test_a_picture_is_turned_into_a_tensor_first() -> None:
    for look in (nn.ReLU().summary, nn.Conv2d(3, 4, 3).explain, nn.ReLU().explain, nn.ReLU().animate):
        with pytest.raises(ArgumentError) as told:
            look(Image.new("RGB", (8, 8)))
        assert told.value.advice == "ToTensor()(image)"


def test_one_number_is_the_length_of_a_sample() -> None:
    assert trace(nn.Linear(5, 2), 5).calls[0].output.shape == (1, 2)

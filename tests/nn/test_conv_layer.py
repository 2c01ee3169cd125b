from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.nn import functional as F


@st.composite
def layers(draw: Any) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Arguments of Conv2d, all nine, and a shape of images that fits."""
    pairs = st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 3), st.integers(1, 3)))
    groups = draw(st.integers(1, 3))
    arguments = {
        "in_channels": groups * draw(st.integers(1, 2)),
        "out_channels": groups * draw(st.integers(1, 3)),
        "kernel_size": draw(pairs),
        "stride": draw(pairs),
        "padding": draw(
            st.one_of(st.integers(0, 2), st.tuples(st.integers(0, 2), st.integers(0, 2)), st.just("valid"))
        ),
        "dilation": draw(pairs),
        "groups": groups,
        "bias": draw(st.booleans()),
        "padding_mode": draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"])),
    }
    if draw(st.booleans()):
        arguments |= {"stride": 1, "padding": "same"}
    size = draw(st.tuples(st.integers(7, 10), st.integers(7, 10)))
    batch = draw(st.sampled_from([(), (0,), (1,), (3,)]))
    if arguments["padding_mode"] != "zeros" and arguments["groups"] == 3:
        batch = (2,)
    return arguments, (*batch, arguments["in_channels"], *size)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@given(layers())
@settings(max_examples=80, deadline=None)
def test_results_and_gradients_are_pytorchs(torch: Any, case: Any) -> None:
    arguments, shape = case
    ours = nn.Conv2d(**arguments).double()
    theirs = torch.nn.Conv2d(**arguments, dtype=torch.float64)
    theirs.load_state_dict({key: torch.tensor(value.detach().numpy()) for key, value in ours.state_dict().items()})
    assert repr(ours) == repr(theirs)
    numbers = np.random.default_rng(0).standard_normal(shape)
    x, other = nn.Parameter(numbers), torch.tensor(numbers, requires_grad=True)
    y, expected = ours(x), theirs(other)
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), rtol=1e-9, atol=1e-9)
    (y * y).sum().backward()
    (expected * expected).sum().backward()
    np.testing.assert_allclose(x.grad.detach().numpy(), other.grad.detach().numpy(), rtol=1e-9, atol=1e-9)
    for name, parameter in ours.named_parameters():
        np.testing.assert_allclose(
            parameter.grad.detach().numpy(),
            theirs.get_parameter(name).grad.detach().numpy(),
            rtol=1e-9,
            atol=1e-8,
            err_msg=name,
        )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "Conv2d(4, 8, kernel_size=(3, 3), stride=(1, 1))"),
        (
            {"stride": 2, "padding": (1, 0), "dilation": 2, "groups": 2, "bias": False, "padding_mode": "reflect"},
            "Conv2d(4, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 0), dilation=(2, 2), groups=2, bias=False, "
            "padding_mode=reflect)",
        ),
        ({"padding": "same"}, "Conv2d(4, 8, kernel_size=(3, 3), stride=(1, 1), padding=same)"),
    ],
)
def test_repr(arguments: dict[str, Any], text: str) -> None:
    assert repr(nn.Conv2d(4, 8, 3, **arguments)) == text


@pytest.mark.parametrize(("mode", "most"), [("reflect", 3), ("circular", 4), ("replicate", 9)])
@pytest.mark.parametrize("channels", [1, 3, 20])
def test_padding_modes_at_their_limits(torch: Any, mode: str, most: int, channels: int) -> None:
    x = np.random.default_rng(0).standard_normal((2, channels, 4, 5))
    for padding in ((most, 0), (0, most), (most, most)):
        ours = nn.Conv2d(channels, 4, 3, padding=padding, padding_mode=mode, dtype=np.float64)
        theirs = torch.nn.Conv2d(channels, 4, 3, padding=padding, padding_mode=mode, dtype=torch.float64)
        theirs.load_state_dict({key: torch.tensor(value.numpy()) for key, value in ours.state_dict().items()})
        expected = theirs(torch.tensor(x)).detach().numpy()
        np.testing.assert_allclose(ours(x).detach().numpy(), expected, rtol=1e-12, atol=1e-12)
    if mode != "replicate":
        with pytest.raises(RuntimeError, match=r"Padding size should be less|wrapping around more than once"):
            nn.Conv2d(channels, 4, 3, padding=(most + 1, 0), padding_mode=mode, dtype=np.float64)(x)


@pytest.mark.parametrize("kernel", [2, 4, 5])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_same_keeps_the_size_and_pads_the_odd_one_below_and_right(kernel: int, dilation: int) -> None:
    layer = nn.Conv2d(1, 1, kernel, padding="same", dilation=dilation, bias=False)
    nn.init.ones_(layer.weight)
    x = np.zeros((1, 1, 20, 20), np.float32)
    x[..., 10, 10] = 1
    y = layer(x).detach().numpy()
    assert y.shape == x.shape
    reached = np.flatnonzero(y[0, 0].any(axis=1))
    more = dilation * (kernel - 1)
    assert (reached[0], reached[-1]) == (10 - (more - more // 2), 10 + more // 2)


def test_first_numbers_lie_within_one_over_the_root_of_the_inputs() -> None:
    layer = nn.Conv2d(16, 64, 5, groups=4)
    bound = 1 / np.sqrt(4 * 25)
    for parameter in layer.parameters():
        assert bound * 0.9 < abs(parameter.detach().numpy()).max() <= bound


def test_no_bias_is_none() -> None:
    layer = nn.Conv2d(3, 4, 3, bias=False)
    assert layer.bias is None
    assert list(layer.state_dict()) == ["weight"]


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("number", [2, (2,), [2]])
def test_attributes_may_be_changed_afterwards(number: Any, mode: Any) -> None:
    for axes, kind in enumerate((nn.Conv1d, nn.Conv2d), 1):
        layer: Any = kind(3, 4, 3, padding=1, padding_mode=mode)
        layer.stride = layer.dilation = layer.kernel_size = number
        assert layer(np.ones((1, 3, *[9] * axes), np.float32)).shape == (1, 4, *[4] * axes)


CONSTRUCTOR: list[Callable[[Any], object]] = [
    lambda k: k.nn.Conv2d(3, 4, 3, groups=0),
    lambda k: k.nn.Conv2d(3, 4, 3, groups=-1),
    lambda k: k.nn.Conv2d(3, 4, 3, groups=2),
    lambda k: k.nn.Conv2d(4, 3, 3, groups=2),
    lambda k: k.nn.Conv2d(3, 4, 3, padding="full"),
    lambda k: k.nn.Conv2d(3, 4, 3, padding="same", stride=2),
    lambda k: k.nn.Conv2d(3, 4, 3, padding="same", stride=(1, 2)),
    lambda k: k.nn.Conv2d(3, 4, 3, padding_mode="mirror"),
    lambda k: k.nn.Conv2d(3, 4, 3, dtype=k.x(1, dtype="int64").dtype),
]
FORWARD: list[Callable[[Any], object]] = [
    lambda k: k.nn.Conv2d(3, 4, 3)(k.x(8, 8)),
    lambda k: k.nn.Conv2d(3, 4, 3)(k.x(1, 1, 3, 8, 8)),
    lambda k: k.nn.Conv2d(3, 4, 3)(k.x(2, 1, 8, 8)),
    lambda k: k.nn.Conv2d(3, 4, 3)(k.x(2, 8, 8)),
    lambda k: k.nn.Conv2d(4, 4, 3, groups=2)(k.x(2, 3, 8, 8)),
    lambda k: k.nn.Conv2d(3, 4, 9, dilation=2)(k.x(2, 3, 8, 8)),
    lambda k: k.nn.Conv2d(3, 4, 3, padding=2)(k.x(2, 3, 0, 8)),
    lambda k: k.nn.Conv2d(3, 4, 3)(k.x(2, 3, 8, 8, dtype="float64")),
    lambda k: k.nn.Conv2d(3, 4, 3)(k.x(2, 3, 8, 8, dtype="int64")),
    lambda k: k.nn.Conv2d(3, 4, 3)(k.x(2, 3, 8, 8, dtype="uint8")),
    lambda k: k.nn.Conv2d(3, 4, 3, padding=4, padding_mode="reflect")(k.x(1, 3, 4, 8)),
    lambda k: k.nn.Conv2d(3, 4, 3, padding=(0, 4), padding_mode="reflect")(k.x(1, 3, 8, 4)),
    lambda k: k.nn.Conv2d(3, 4, 3, padding=5, padding_mode="circular")(k.x(1, 3, 4, 4)),
    lambda k: k.F.conv2d(k.x(2, 3, 8, 8), k.x(4, 3)),
    lambda k: k.F.conv2d(k.x(2, 3, 8, 8), k.x(4, 3, 3, 3), k.x(3)),
    lambda k: k.F.conv2d(k.x(2, 3, 8, 8), k.x(4, 3, 3, 3), groups=3),
    lambda k: k.F.conv2d(k.x(2, 3, 8, 8), k.x(4, 3, 3, 3), groups=5),
    lambda k: k.nn.Conv2d(3, 4, 3, bias=False)(k.x(2, 3, 8, 8, dtype="float64")),
    lambda k: k.nn.Conv2d(3, 4, 3, bias=False)(k.x(2, 3, 8, 8, dtype="uint8")),
    lambda k: k.F.conv2d(k.x(1, 3, 8, 8), k.x(4, 3, 0, 3)),
    lambda k: k.F.conv2d(k.x(2, 3, 8, 8, dtype="bool"), k.x(4, 3, 3, 3, dtype="bool")),
]
AT_ONCE: list[Callable[[Any], object]] = [
    lambda k: k.nn.Conv2d(3, 4, 3, stride=0)(k.x(1, 3, 8, 8)),
    lambda k: k.nn.Conv2d(3, 4, 3, padding=-1)(k.x(1, 3, 8, 8)),
    lambda k: k.nn.Conv2d(3, 4, 3, padding=(1, -1))(k.x(1, 3, 8, 8)),
    lambda k: k.nn.Conv2d(3, 4, 3, dilation=-1)(k.x(1, 3, 8, 8)),
    lambda k: k.nn.Conv2d(3, 4, 3, dilation=(1, 0))(k.x(1, 3, 8, 8)),
    lambda k: k.F.conv2d(k.x(2, 3, 8, 8), k.x(4, 3, 3, 3), padding="full"),
    lambda k: k.nn.Conv2d(3, 4, 3, stride=(1, 1, 1))(k.x(1, 3, 8, 8)),
    lambda k: k.nn.Conv2d(3, 4, 3, dilation=(1, 1, 1))(k.x(1, 3, 8, 8)),
    lambda k: k.F.conv2d(k.x(2, 3, 8, 8), k.x(4, 3, 3, 3), groups=0),
    lambda k: k.F.conv2d(k.x(2, 3, 8, 8), k.x(4, 3, 3, 3), padding="same", stride=2),
]


@pytest.mark.parametrize("call", CONSTRUCTOR + FORWARD)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


@pytest.mark.parametrize("call", AT_ONCE)
def test_what_pytorch_finds_with_the_first_image_is_a_wrong_argument(same_error: Any, call: Any) -> None:
    same_error(call, ArgumentError)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ((3, 4, 0), ArgumentError, "kernel_size must be at least 1"),
        ((0, 4, 3), ArgumentError, "in_channels must be at least 1"),
        ((3, -4, 3), ArgumentError, "out_channels must be at least 1"),
        ((3, 4, (3, 3, 3)), ArgumentError, "expected kernel_size to be a single integer value or a list of 2 values"),
        ((3, 4, 3, 0), ArgumentError, "non-positive stride is not supported"),
        ((3, 4, 3, 1, 0, 0), ArgumentError, "dilation should be greater than zero"),
        ((3, 4, 2.5), ArgumentTypeError, "got: kernel_size=2.5"),
        ((3, 4, 6 / 2), ArgumentTypeError, "try: kernel_size=3; division with // gives whole numbers"),
        ((3, 4, (3, True)), ArgumentTypeError, "must be tuple of ints"),
        ((3, 4, "3"), ArgumentTypeError, "kernel_size='3'"),
        ((3.0, 4, 3), ArgumentTypeError, "argument 'in_channels' must be int, not float"),
        ((3, 4, 3, 1, 1.5), ArgumentTypeError, "got: padding=1.5"),
        ((3, 4, 3, 1, 0, 1, 1.0), ArgumentTypeError, "argument 'groups' must be int, not float"),
    ],
)
def test_wrong_arguments_are_refused_at_once(arguments: tuple[Any, ...], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        nn.Conv2d(*arguments)
    assert words in str(caught.value)


def test_groups_are_counted_in_whole_numbers() -> None:
    x, w = np.ones((1, 4, 3, 3)), np.ones((4, 2, 2, 2))
    with pytest.raises(ArgumentTypeError, match="argument 'groups' must be int, not float"):
        F.conv2d(x, w, groups=2.0)
    assert F.conv2d(x, w, groups=np.int64(2)).shape == (1, 4, 2, 2)


def test_numpy_integers_are_integers() -> None:
    assert repr(nn.Conv2d(np.int64(3), 4, np.array([3, 5]))) == "Conv2d(3, 4, kernel_size=(3, 5), stride=(1, 1))"


def test_integers_are_convolved() -> None:
    y = F.conv2d(np.ones((1, 1, 3, 3), np.int32), np.ones((1, 1, 2, 2), np.int32))
    assert y.detach().numpy().tolist() == [[[[4, 4], [4, 4]]]]


def test_what_is_no_tensor_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match=r"argument 'input' .position 1. must be Tensor, not list"):
        nn.Conv2d(1, 1, 1)([[1.0]])


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d, nn.Conv1d, nn.ConvTranspose1d])
@pytest.mark.parametrize(("inputs", "outputs", "groups"), [(6, 4, 4), (4, 6, 4), (3, 6, 2), (64, 96, 7)])
def test_the_groups_that_an_error_advises_can_be_made(kind: Any, inputs: int, outputs: int, groups: int) -> None:
    with pytest.raises(ArgumentError, match="must be divisible by groups") as caught:
        kind(inputs, outputs, 3, groups=groups)
    advised = str(caught.value).partition(f"divide both {inputs} and {outputs}: ")[2].split(", ")
    assert advised[0] == "1"
    for each in advised:
        kind(inputs, outputs, 3, groups=int(each))


def test_of_many_groups_the_first_and_the_largest_are_advised() -> None:
    with pytest.raises(ArgumentError, match="1, 2, 4, 8, 16, 32, 64, …, 1024"):
        nn.Conv2d(1024, 4096, 3, groups=7)


def test_what_may_be_a_picture_is_told_with_the_other_cause() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(3, 6, 3))
    with pytest.raises(ShapeError, match="but got 4 channels") as caught:
        network(knoll.ones(1, 3, 8, 8))
    assert "else in_channels=4 in this layer, or the layer before it with 3 out_channels" in str(caught.value)
    nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 6, 3))(knoll.ones(1, 3, 8, 8))
    nn.Sequential(nn.Conv2d(3, 3, 3), nn.Conv2d(3, 6, 3))(knoll.ones(1, 3, 8, 8))

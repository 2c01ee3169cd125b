"""The bare program of a module."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentTypeError, ShapeError, UnsupportedError

nn = knoll.nn


def network() -> knoll.nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 49, 5))


def test_it_equals_the_module_for_any_batch() -> None:
    net = network()
    program = knoll.compile(net, knoll.zeros(2, 3, 16, 16))
    for n in (1, 2, 7, 0, 7):
        x = np.random.default_rng(n).standard_normal((n, 3, 16, 16)).astype(np.float32)
        with knoll.no_grad():
            np.testing.assert_array_equal(program(x), net(knoll.tensor(x)).numpy())
        np.testing.assert_array_equal(program(x), program(np.asfortranarray(x)))


def test_it_keeps_the_parameters_of_its_moment() -> None:
    net = network()
    program, x = knoll.compile(net, knoll.zeros(1, 3, 16, 16)), np.ones((1, 3, 16, 16), np.float32)
    before = program(x)
    with knoll.no_grad():
        for parameter in net.parameters():
            parameter.zero_()
    np.testing.assert_array_equal(program(x), before)


def test_other_shapes_and_types_are_refused() -> None:
    program = knoll.compile(network(), knoll.zeros(1, 3, 16, 16))
    for wrong in (
        np.zeros((1, 3, 17, 16), np.float32),
        np.zeros((1, 3, 16, 16), np.float64),
        np.zeros((3, 16, 16), np.float32),
    ):
        with pytest.raises(ShapeError, match="3×16×16"):
            program(wrong)


def test_a_forward_that_asks_for_numbers_is_refused() -> None:
    class Branching(nn.Module):
        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            y = x * 2
            return y if y.sum() > 0 else -y

    with pytest.raises(UnsupportedError, match="asks for numbers"):
        knoll.compile(Branching(), knoll.ones(1, 2))


def test_random_numbers_cannot_be_compiled() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Dropout(), nn.Flatten())
    with pytest.raises(UnsupportedError, match=r"(?s)draws random numbers.*try: model\.eval\(\)"):
        knoll.compile(net, knoll.zeros(1, 1, 5, 5))
    assert knoll.compile(net.eval(), knoll.zeros(1, 1, 5, 5))(np.ones((4, 1, 5, 5), np.float32)).shape == (4, 18)


def test_lazy_layers_are_filled_and_compiled() -> None:
    net = nn.Sequential(nn.LazyConv2d(2, 3), nn.Flatten(), nn.LazyLinear(3))
    x = np.random.default_rng(0).standard_normal((2, 1, 5, 5)).astype(np.float32)
    program = knoll.compile(net, knoll.zeros(1, 1, 5, 5))
    np.testing.assert_allclose(program(x), net(x).detach().numpy(), rtol=1e-5, atol=1e-6)


class Joined(nn.Module):
    """Two batches, a layer for each."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(2, 3), nn.Linear(4, 3)

    def forward(self, x: object, y: object) -> object:
        return self.a(x) + self.b(y)


def test_batches_of_two_sizes_are_refused() -> None:
    program = knoll.compile(Joined(), knoll.zeros(1, 2), knoll.zeros(1, 4))
    small, large = np.ones((2, 2), np.float32), np.ones((5, 4), np.float32)
    assert program(large[:, :2], large).shape == (5, 3)
    for pair in ((small, large), (large[:, :2], large[:3])):
        with pytest.raises(ShapeError, match="the same number of samples"):
            program(*pair)


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: x / x.shape[0],
        lambda x: x - x.var(0),
        lambda x: x[: x.shape[0] // 2],
        lambda x: x + knoll.ones(x.shape[0], 1, 1, 1),
        lambda x: x.reshape(4, -1),
        lambda x: x + x[:1].expand(x.shape[0], 2, 4, 4),
    ],
)
@pytest.mark.parametrize("layer", [nn.Identity(), nn.Conv2d(2, 2, 3, padding=1)])
def test_what_computes_with_the_number_of_samples_keeps_it(forward: Callable[..., object], layer: nn.Module) -> None:
    with knoll.no_grad():
        program = knoll.compile(lambda x: forward(layer(x)), knoll.zeros(4, 2, 4, 4))
        x = np.random.default_rng(0).standard_normal((4, 2, 4, 4)).astype(np.float32)
        np.testing.assert_allclose(program(x), forward(layer(knoll.tensor(x))).numpy(), rtol=1e-6)
    for n in (1, 8):
        with pytest.raises(ShapeError, match=r"(?s)number of samples.*\(4, 2, 4, 4\)"):
            program(np.zeros((n, 2, 4, 4), np.float32))


@pytest.mark.parametrize(
    "forward", [lambda x: x.mean(0), lambda x: x[:2], lambda x: x.reshape(x.shape[0], -1) * 2, lambda x: x.softmax(0)]
)
def test_what_follows_the_number_of_samples_takes_any(forward: Callable[..., object]) -> None:
    layer = nn.Conv2d(2, 2, 3, padding=1)
    program = knoll.compile(lambda x: forward(layer(x)), knoll.zeros(4, 2, 4, 4))
    x = np.random.default_rng(0).standard_normal((7, 2, 4, 4)).astype(np.float32)
    with knoll.no_grad():
        np.testing.assert_allclose(program(x), forward(layer(knoll.tensor(x))).numpy(), rtol=1e-5, atol=1e-6)


def test_too_many_and_too_few_inputs_are_refused() -> None:
    program, x = knoll.compile(nn.ReLU(), knoll.ones(2, 3)), np.ones((2, 3), np.float32)
    for given in ((), (x, x)):
        with pytest.raises(ArgumentTypeError, match=f"1 input array, but {len(given)} came"):
            program(*given)


def test_a_forward_that_returns_several_tensors_is_refused() -> None:
    with pytest.raises(UnsupportedError, match=r"(?s)returned tuple.*try: compile a function"):
        knoll.compile(lambda x: (x * 2, x + 1), knoll.ones(2, 3))


@pytest.mark.parametrize("net", [nn.Identity(), nn.Sequential(), nn.Dropout().eval()], ids=repr)
def test_a_network_that_does_nothing_returns_its_input(net: nn.Module) -> None:
    program, x = knoll.compile(net, knoll.zeros(2, 3)), np.random.default_rng(0).standard_normal((5, 3))
    given = x.astype(np.float32)
    result = program(given)
    np.testing.assert_array_equal(result, given)
    assert not np.may_share_memory(result, given)
    assert program.graph.nodes == ()


@pytest.mark.parametrize(
    "net",
    [
        nn.Flatten(), nn.Unflatten(1, (3, 1)), nn.ChannelShuffle(3), nn.ReLU(), nn.Softmax(1), nn.ZeroPad2d(1),
        nn.AvgPool2d(2), nn.Upsample(scale_factor=2), nn.GLU(2), nn.BatchNorm2d(3).eval(),
        nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Unflatten(1, (4, 3, 4)), nn.Tanh(), nn.Flatten(0, 1)),
        nn.Sequential(nn.Conv2d(3, 2, 3, padding=1), nn.Softmax(0), nn.Flatten(), nn.Unflatten(1, (2, 16))),
    ],
    ids=repr,
)  # fmt: skip
def test_any_batch_without_a_heavy_layer_too(net: nn.Module) -> None:
    program = knoll.compile(net, knoll.zeros(2, 3, 4, 4))
    for n in (5, 2, 1, 0, 5):
        x = np.random.default_rng(n).standard_normal((n, 3, 4, 4)).astype(np.float32)
        with knoll.no_grad():
            expected = net(knoll.tensor(x)).numpy()
        result = program(x)
        assert result.shape == expected.shape
        np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-6)


def test_images_without_rows_are_reshaped_too() -> None:
    program = knoll.compile(nn.Flatten(), knoll.zeros(2, 0, 4))
    assert program(np.zeros((5, 0, 4), np.float32)).shape == (5, 0)


def test_one_tensor_for_two_examples_is_two_inputs() -> None:
    x = knoll.zeros(1, 2)
    program = knoll.compile(lambda a, b: a - 2 * b, x, x)
    one, two = np.ones((3, 2), np.float32), np.full((3, 2), 2, np.float32)
    np.testing.assert_array_equal(program(one, two), one - 2 * two)


def test_a_weight_among_the_inputs_keeps_its_shape() -> None:
    program = knoll.compile(nn.functional.linear, knoll.zeros(1, 4), knoll.zeros(3, 4))
    x, w = np.random.default_rng(0).standard_normal((2, 5, 4)).astype(np.float32)
    np.testing.assert_allclose(program(x, w[:3]), x @ w[:3].T, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(program(x, w[1:4]), x @ w[1:4].T, rtol=1e-5, atol=1e-6)
    with pytest.raises(ShapeError, match=r"3×4.* whatever the number of samples"):
        program(x, w)


def test_numbers_without_axes() -> None:
    assert knoll.compile(lambda x: x * 2, knoll.tensor(3.0))(np.float32(4)) == 8
    with pytest.raises(ShapeError, match="whatever the number of samples"):
        knoll.compile(lambda x: x * 2, knoll.tensor(3.0))(np.ones(1, np.float32))


def test_detached_inputs_are_followed() -> None:
    program = knoll.compile(lambda x: x.detach() * 2, knoll.zeros(1, 2))
    assert program(np.ones((2, 2), np.float32)).tolist() == [[2, 2], [2, 2]]


@pytest.mark.parametrize("forward", [lambda x: knoll.tensor(x.numpy())[:0], lambda x: knoll.tensor(x.numpy()) * 2])
@pytest.mark.parametrize(("language", "words"), [("en", "does not depend on input 1"), ("zh", "不依赖第 1 个输入")])
def test_what_does_not_follow_from_the_input_is_refused(
    forward: Callable[..., object], language: str, words: str
) -> None:
    knoll.set_language(language)
    with pytest.raises(UnsupportedError, match=words):
        knoll.compile(forward, knoll.ones(1, 2))


@pytest.mark.parametrize(
    ("language", "words"), [("en", "needs an example of each input"), ("zh", "需要每个输入的示例")]
)
def test_an_example_is_needed(language: str, words: str) -> None:
    knoll.set_language(language)
    with pytest.raises(ArgumentTypeError, match=words):
        knoll.compile(network())


def test_an_input_that_is_overwritten() -> None:
    with pytest.raises(UnsupportedError, match="overwrites its input"):
        knoll.compile(nn.ReLU(inplace=True), knoll.ones(1, 2))

"""The bare program of a module."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentTypeError, ShapeError, UnsupportedError
from knoll.nn.tracing.structure import Structure
from knoll.run.compiled import CompiledProgram

nn, F = knoll.nn, knoll.nn.functional


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
        lambda x: x.mean(0), lambda x: x[:2], lambda x: x.reshape(x.shape[0], -1) * 2, lambda x: x.softmax(0),
        lambda x: x + x[:1].expand(x.shape[0], 2, 4, 4), lambda x: x.clone() * 2,
    ],
)  # fmt: skip
def test_what_follows_the_number_of_samples_takes_any(forward: Callable[..., object]) -> None:
    layer = nn.Conv2d(2, 2, 3, padding=1)
    program = knoll.compile(lambda x: forward(layer(x)), knoll.zeros(4, 2, 4, 4))
    x = np.random.default_rng(0).standard_normal((7, 2, 4, 4)).astype(np.float32)
    with knoll.no_grad():
        np.testing.assert_allclose(program(x), forward(layer(knoll.tensor(x))).numpy(), rtol=1e-5, atol=1e-6)


def test_too_many_and_too_few_inputs_are_refused() -> None:
    program, x = knoll.compile(nn.ReLU(), knoll.ones(2, 3)), np.ones((2, 3), np.float32)
    for given in ((), (x, x)):
        with pytest.raises(ArgumentTypeError, match=f"1 input array, but got {len(given)}"):
            program(*given)


class Pair(NamedTuple):
    """What a network with two heads returns."""

    scores: Any
    features: Any


FORMS: dict[str, Callable[..., Any]] = {
    "a tuple": lambda x, y: (x + y, x * 2),
    "a list in a tuple": lambda x, y: ([x + y], x * 2),
    "a dictionary": lambda x, y: {"b": x + y, "a": [x * 2, None]},
    "a named tuple": lambda x, y: Pair(x + y, (x * 2,)),
    "an ordered dictionary": lambda x, y: OrderedDict(b=x + y, a=x),
    "an input": lambda x, y: (x, y + x),
    "one tensor twice": lambda x, y: (lambda z: [z, z, {"z": z}])(x * y),
    "views of each other": lambda x, y: (lambda z: (z, z.flatten(1), z[:, :1]))(x + y),
    "sums over the batch": lambda x, y: (x.mean(0), (x - y).amax(1)),
}


def flat(result: Any) -> list[Any]:
    return Structure.of(result)[1]


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("layer", [nn.Identity(), nn.Conv2d(2, 2, 3, padding=1)], ids=["numpy", "machine code"])
def test_results_come_in_what_the_forward_returns(name: str, layer: nn.Module) -> None:
    def forward(x: knoll.Tensor, y: knoll.Tensor) -> Any:
        return FORMS[name](layer(x), y)

    program = knoll.compile(forward, knoll.zeros(3, 2, 4, 5), knoll.zeros(3, 2, 4, 5))
    for n in (1, 5, 3):
        x, y = np.random.default_rng(n).standard_normal((2, n, 2, 4, 5)).astype(np.float32)
        with knoll.no_grad():
            wanted = forward(knoll.tensor(x), knoll.tensor(y))
        result = program(x, y)
        assert repr(Structure.of(result)[0]) == repr(Structure.of(wanted)[0])
        assert type(result) is type(wanted)
        arrays = flat(result)
        for array, tensor in zip(arrays, flat(wanted), strict=True):
            np.testing.assert_allclose(array, tensor.numpy(), rtol=1e-6, atol=1e-6)
        every = [*arrays, x, y]
        assert not [(i, j) for i, j in combinations(range(len(every)), 2) if np.may_share_memory(every[i], every[j])]


def test_inputs_come_in_what_the_examples_came_in() -> None:
    def forward(images: list[knoll.Tensor], more: dict[str, Any]) -> knoll.Tensor:
        return images[0] - 2 * images[1] + 3 * more["a"] + 4 * more["b"][0]

    x = knoll.zeros(2, 3)
    program = knoll.compile(forward, [x, x], {"a": x, "b": (x,)})
    a, b, c, d = np.random.default_rng(0).standard_normal((4, 7, 3)).astype(np.float32)
    np.testing.assert_allclose(program([a, b], {"b": (d,), "a": c}), a - 2 * b + 3 * c + 4 * d, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(program((a, b), {"a": c, "b": [d]}), program([a, b], {"a": c, "b": (d,)}))


@pytest.mark.parametrize(
    ("given", "got"),
    [
        (lambda x: ([x], {"a": x}), r"\(\[array\], \{'a': array\}\)"),
        (lambda x: ([x, x], {"b": x}), r"\(\[array, array\], \{'b': array\}\)"),
        (lambda x: (x, {"a": x}), r"\(array, \{'a': array\}\)"),
        (lambda x: ([x, x], x), r"\(\[array, array\], array\)"),
        (lambda x: ([x, (x,)], {"a": x}), r"\(\[array, \(array,\)\], \{'a': array\}\)"),
        (lambda x: ([x, None], {"a": x}), r"\(\[array, None\], \{'a': array\}\)"),
    ],
)
@pytest.mark.parametrize(("language", "words"), [("en", "built like the examples"), ("zh", "结构相同")])
def test_inputs_that_are_built_otherwise_are_refused(given: Any, got: str, language: str, words: str) -> None:
    knoll.set_language(language)
    x = np.ones((2, 3), np.float32)
    program = knoll.compile(lambda xs, more: xs[0] + xs[1] * more["a"], [x, x], {"a": x})
    expected = r"\(\[array, array\], \{'a': array\}\)"
    with pytest.raises(ArgumentTypeError, match=rf"(?s){words}.*{expected}.*{got}$"):
        program(*given(x))


def test_a_list_of_numbers_is_an_array() -> None:
    program = knoll.compile(lambda x: x * 2, [[1.0, 2.0], [3.0, 4.0]])
    assert program(np.ones((3, 2))).tolist() == [[2, 2]] * 3


@pytest.mark.parametrize("result", [None, (), "text", (knoll.ones(1), 3.0), {}])
@pytest.mark.parametrize(("language", "words"), [("en", "returns tensors, alone or in tuples"), ("zh", "须返回张量")])
def test_a_forward_that_returns_something_else_is_refused(result: object, language: str, words: str) -> None:
    knoll.set_language(language)
    with pytest.raises(UnsupportedError, match=words):
        knoll.compile(lambda x: (x * 2, result)[1], knoll.ones(2, 3))


# Arrays that the caller gives


@pytest.mark.parametrize(
    "forward", [network(), lambda x: x.flatten(1) * 2, lambda x: x / x.shape[0]], ids=["net", "numpy", "exact"]
)
def test_a_result_is_written_where_the_caller_says(forward: Callable[..., Any]) -> None:
    program = knoll.compile(forward, knoll.zeros(3, 3, 16, 16))
    x = np.random.default_rng(0).standard_normal((3, 3, 16, 16)).astype(np.float32)
    wanted = program(x)
    room = np.full((wanted.shape[0] + 2, *wanted.shape[1:]), 7, np.float32)
    out = room[1:-1]
    assert program(x, out=out) is out
    np.testing.assert_array_equal(out, wanted)
    assert (room[[0, -1]] == 7).all(), "nothing is written beside it"
    apart = np.zeros((*wanted.shape, 2), np.float32)
    np.testing.assert_array_equal(program(x, out=apart[..., 1]), wanted)
    assert not apart[..., 0].any()
    assert program(x[:0], out=out[:0]).shape[0] == 0 if not program.exact else True


def test_a_result_may_be_written_over_the_input() -> None:
    """Machine code reads the input when part of the result is written, so it does not write there itself."""
    net = nn.Conv2d(2, 2, 3, padding=1)
    program = knoll.compile(lambda x: (net(x), x * 2), knoll.zeros(1, 2, 9, 9))
    x = np.random.default_rng(0).standard_normal((4, 2, 9, 9)).astype(np.float32)
    for over in (slice(0, 4), slice(2, 6)):
        room = np.zeros((6, 2, 9, 9), np.float32)
        room[:4] = x
        wanted, doubled = program(x)
        out = (room[over], np.empty_like(x))
        assert program(room[:4], out=out) is out
        np.testing.assert_array_equal(out[0], wanted)
        np.testing.assert_array_equal(out[1], doubled)


@pytest.mark.parametrize("forward", [nn.Conv2d(2, 2, 3), lambda x: x.flatten(1)], ids=["machine code", "numpy"])
@pytest.mark.parametrize("shape", [(4, 2, 3, 3), (3, 2, 3), (3, 2, 3, 4)])
def test_an_array_of_another_shape_is_not_written(forward: Callable[..., Any], shape: tuple[int, ...]) -> None:
    program, x = knoll.compile(forward, knoll.zeros(1, 2, 5, 5)), np.ones((3, 2, 5, 5), np.float32)
    shown = re.escape(str(program(x).shape))
    with pytest.raises(
        ShapeError, match=rf"(?s)does not fit.*float32{shown}.*got.*{re.escape(str(shape))}.*np.empty\({shown}"
    ):
        program(x, out=np.empty(shape, np.float32))
    with pytest.raises(ShapeError, match=rf"(?s)float32{shown}.*float64"):
        program(x, out=np.empty(program(x).shape))


def test_what_is_no_array_is_not_written() -> None:
    program, x = knoll.compile(nn.ReLU(), knoll.zeros(1, 2)), np.ones((3, 2), np.float32)
    constant = np.empty((3, 2), np.float32)
    constant.flags.writeable = False
    for wrong, got in ((constant, "read-only"), (knoll.zeros(3, 2), "Tensor"), ([[0.0, 0.0]] * 3, "list")):
        with pytest.raises(ArgumentTypeError, match=rf"(?s)writable array of float32.*{got}"):
            program(x, out=wrong)
    with pytest.raises(ArgumentTypeError, match="built like"):
        program(x, out=(constant,))


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
        nn.PixelShuffle(1),
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
    for forward in (lambda x: x.detach() * 2, lambda x: x.data * 2):
        program = knoll.compile(forward, knoll.zeros(1, 2))
        assert program(np.ones((2, 2), np.float32)).tolist() == [[2, 2], [2, 2]]


@pytest.mark.parametrize("forward", [lambda x: knoll.zeros_like(x), lambda x: x.zero_() + 1])
@pytest.mark.parametrize(("language", "words"), [("en", "does not depend on input 1"), ("zh", "不依赖第 1 个输入")])
def test_what_does_not_follow_from_the_input_is_refused(
    forward: Callable[..., object], language: str, words: str
) -> None:
    knoll.set_language(language)
    with pytest.raises(UnsupportedError, match=words):
        knoll.compile(forward, knoll.ones(1, 2))


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: knoll.tensor(x.numpy()) * 2,
        lambda x: x + float(x.sum()),
        lambda x: x * 2 if x.sum() > 0 else x,
        lambda x: x + np.asarray(x),
    ],
)
@pytest.mark.parametrize(("language", "words"), [("en", "takes it out as an array"), ("zh", "取出数组")])
def test_what_takes_the_numbers_out_is_refused(forward: Callable[..., object], language: str, words: str) -> None:
    knoll.set_language(language)
    with pytest.raises(UnsupportedError, match=words):
        knoll.compile(forward, knoll.ones(1, 2))


@pytest.mark.parametrize(
    ("language", "words"), [("en", "needs an example of each input"), ("zh", "需要每个输入的示例")]
)
def test_examples_without_an_array_are_refused(language: str, words: str) -> None:
    knoll.set_language(language)
    with pytest.raises(ArgumentTypeError, match=words):
        knoll.compile(network(), None)


def test_without_an_example_it_is_the_module_itself() -> None:
    """As programs for PyTorch write it: calls of modules are compiled anyway."""
    net = network()
    assert knoll.compile(net) is net
    assert knoll.compile(net, mode="reduce-overhead", fullgraph=True) is net

    @knoll.compile
    def doubled(x: knoll.Tensor) -> knoll.Tensor:
        return x * 2

    @knoll.compile(dynamic=False)
    def halved(x: knoll.Tensor) -> knoll.Tensor:
        return x / 2

    assert halved(doubled(knoll.ones(2))).tolist() == [1, 1]
    for wrong in (lambda: knoll.compile(3), lambda: knoll.compile()(3), lambda: knoll.compile(None, knoll.ones(2))):
        with pytest.raises(ArgumentTypeError, match="module"):
            wrong()
    with pytest.raises(ArgumentTypeError, match="unexpected keyword argument 'speed'"):
        knoll.compile(net, speed=1)


def doubled_first(x: knoll.Tensor) -> knoll.Tensor:
    x[:, 0] *= 2
    return x + x.relu_()


def through_a_view(x: knoll.Tensor) -> tuple[knoll.Tensor, knoll.Tensor]:
    flat = x.view(x.shape[0], -1)
    x.add_(1)
    return flat, flat * x.flatten(1)


@pytest.mark.parametrize(
    "forward",
    [
        nn.ReLU(inplace=True),
        nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(2, 3, 3), nn.Hardtanh(inplace=True)),
        lambda x: x.mul_(2).add_(1),
        doubled_first,
        through_a_view,
    ],
)
def test_an_input_that_is_overwritten(forward: Callable[..., Any]) -> None:
    """As in an eager call, but that the caller's array stays as it is."""
    program = knoll.compile(forward, knoll.randn(2, 2, 5, 5))
    for n in (2, 3):
        x = np.random.default_rng(n).standard_normal((n, 2, 5, 5)).astype(np.float32)
        given = x.copy()
        with knoll.no_grad():
            wanted = flat(forward(knoll.tensor(x)))
        for array, tensor in zip(flat(program(given)), wanted, strict=True):
            np.testing.assert_allclose(array, tensor.numpy(), rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(given, x)


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 5])
def test_what_is_compiled_is_machine_code_however_small(factor: int) -> None:
    x = knoll.randn(2, factor**2, 4, 7)
    for move, given in (
        (lambda x: F.pixel_shuffle(x, factor), x),
        (lambda x: F.pixel_unshuffle(x, factor), F.pixel_shuffle(x, factor)),
        (lambda x: F.log_softmax(x, 1), x),
    ):
        program = knoll.compile(move, given)
        assert isinstance(program.program, CompiledProgram)
        np.testing.assert_allclose(program(given.numpy()), move(given).numpy(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", ["int64", "int32", "bool"])
def test_whole_numbers_that_become_floats_are_compiled(dtype: str) -> None:
    x = np.array([[0, 1, 2], [3, 1, 0]]).astype(dtype)
    program = knoll.compile(nn.Sigmoid().eval(), knoll.tensor(x))
    for samples in (2, 1):
        np.testing.assert_allclose(program(x[:samples]), 1 / (1 + np.exp(-x[:samples].astype(float))), rtol=1e-6)

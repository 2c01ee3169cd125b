"""Programs of modules that compute with the number of samples: what any number does to them, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ShapeError


def half_by_half(x: knoll.Tensor) -> knoll.Tensor:
    return knoll.cat([x[: x.shape[0] // 2], x[x.shape[0] // 2 :] * 2])


def with_zeros(x: knoll.Tensor) -> knoll.Tensor:
    y = x.new_zeros(x.shape[0], 3, 4, 4)
    y[:, 1:] = x
    return y


TOKEN = knoll.randn(1, 2, 4, 1)

ANY: dict[str, Callable[[Any], Any]] = {  # what is the same for each sample, or follows evenly from their number
    "repeat": lambda x: x.repeat(1, 2, 1, 1),
    "repeat and back": lambda x: x.repeat(2, 1, 1, 1).reshape(2, x.shape[0], 2, 4, 4).mean(0),
    "repeat_interleave": lambda x: x.repeat_interleave(2, 0).view(-1, 2, 2, 4, 4).sum(1),
    "tile": lambda x: x.tile(2, 1, 1, 1)[x.shape[0] :],
    "stack": lambda x: knoll.stack([x, x * 2], dim=0).mean(0),
    "stack, several": lambda x: knoll.stack([x, x * 2])[1],
    "cat and chunk": lambda x: knoll.cat([x, x.flip(3)]).relu().chunk(2)[1],
    "cat and view": lambda x: knoll.cat([x, x.flip(3)]).view(2, -1, 2, 4, 4).mean(0),
    "new_zeros": lambda x: knoll.cat([x, x.new_zeros(x.shape[0], 1, 4, 4)], 1),
    "ones": lambda x: x + knoll.ones(x.shape[0], 1, 1, 1),
    "written into zeros": with_zeros,
    "a token": lambda x: knoll.cat([x, TOKEN.expand(x.shape[0], -1, -1, -1)], 3),
    "a token, repeated": lambda x: knoll.cat([x, TOKEN.repeat(x.shape[0], 1, 1, 1)], 3),
    "arange": lambda x: x + knoll.arange(x.shape[0])[:, None, None, None],
    "arange, reversed": lambda x: x[knoll.arange(x.shape[0] - 1, -1, -1)],
    "picked by each": lambda x: x[knoll.arange(x.shape[0]), x[:, :, 0, 0].argmax(1)],
    "the number itself": lambda x: x / x.shape[0],
    "statistics": lambda x: x - x.var(0, unbiased=False),
    "rows first": lambda x: x.permute(1, 0, 2, 3).reshape(2, -1).softmax(0),
    "rows of all": lambda x: x.reshape(4, -1),
    "pairs of all": lambda x: (x[:, None] - x[None]).abs().sum((2, 3, 4)),
    "the first": lambda x: x + x[:1],
    "the first eight": lambda x: x[:8] * 2,
    "every other": lambda x: x[::2],
    "a part": lambda x: x.narrow(0, 0, 1),
    "squeezed": lambda x: x.mean((1, 2, 3), keepdim=True).squeeze(),
    "squeezed first": lambda x: x[:1].squeeze(0),
    "one sample apart": lambda x: x * 2 if x.shape[0] == 1 else x * 3,
}
KEPT: dict[str, Callable[[Any], Any]] = {  # what the program refuses for other numbers of samples
    "a limit": lambda x: x * 2 if x.shape[0] > 4 else x * 3,
    "a limit of many": lambda x: x * 2 if x.shape[0] > 100 else x * 3,
    "a loop": lambda x: knoll.stack([row * 2 for row in x]),
    "batches of eight": lambda x: knoll.cat([x[i : i + 8] * 2 for i in range(0, x.shape[0], 8)]),
    "a unit matrix": lambda x: x.flatten(1) @ x.flatten(1).t() * knoll.eye(x.shape[0]),
    "one at least": lambda x: x[: max(1, x.shape[0] - 2)],
    "a number behind a limit": lambda x: x[:3] + float(x[:3].shape[0]),
    "even behind a limit": lambda x: x[:3] * 2 if x[:3].shape[0] % 2 else x[:3],
    "the third or the last": lambda x: x[min(2, x.shape[0] - 1)] + x,
    "a list": lambda x: x * [0, 1, 2, 3, 4, 5, 6, 7][x.shape[0]],
}
IN_NUMPY, IN_MACHINE_CODE = nn.Identity(), nn.Conv2d(2, 2, 3, padding=1)


def outcome(forward: Callable[..., Any], x: np.ndarray) -> np.ndarray:
    with knoll.no_grad():
        result: np.ndarray = forward(knoll.tensor(x)).numpy()
        return result


@pytest.mark.parametrize("layer", [IN_NUMPY, IN_MACHINE_CODE], ids=["numpy", "machine code"])
@pytest.mark.parametrize("samples", [1, 2, 4])
@pytest.mark.parametrize("name", ANY)
def test_programs_take_any_number_of_samples(name: str, samples: int, layer: nn.Module) -> None:
    def forward(x: Any) -> Any:
        return ANY[name](layer(x))

    program = knoll.compile(forward, knoll.zeros(samples, 2, 4, 4))
    for n in (1, 2, 3, 4, 9, 12):
        x = np.random.default_rng(n).standard_normal((n, 2, 4, 4)).astype(np.float32)
        expected = outcome(forward, x)
        result = program(x)
        assert result.shape == expected.shape, n
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layer", [IN_NUMPY, IN_MACHINE_CODE], ids=["numpy", "machine code"])
@pytest.mark.parametrize("samples", [1, 2, 4])
@pytest.mark.parametrize("name", KEPT)
def test_what_depends_on_the_number_of_samples_otherwise_keeps_it(name: str, samples: int, layer: nn.Module) -> None:
    def forward(x: Any) -> Any:
        return KEPT[name](layer(x))

    program = knoll.compile(forward, knoll.zeros(samples, 2, 4, 4))
    x = np.random.default_rng(0).standard_normal((samples, 2, 4, 4)).astype(np.float32)
    np.testing.assert_allclose(program(x), outcome(forward, x), rtol=1e-5, atol=1e-6)
    for n in (3, 5):
        with pytest.raises(ShapeError, match=rf"(?s)number of samples.*\({samples}, 2, 4, 4\)|a multiple of"):
            program(np.zeros((n, 2, 4, 4), np.float32))


@pytest.mark.parametrize("layer", [IN_NUMPY, IN_MACHINE_CODE], ids=["numpy", "machine code"])
def test_what_takes_samples_together_takes_multiples_of_the_examples(layer: nn.Module) -> None:
    for together in (half_by_half, lambda x: x[::2] + x[1::2], lambda x: x.reshape(x.shape[0] // 2, 4, 4, 4).sum(1)):

        def forward(x: Any, together: Callable[..., Any] = together) -> Any:
            return together(layer(x))

        program = knoll.compile(forward, knoll.zeros(2, 2, 4, 4))
        for n in (2, 4, 6, 10):
            x = np.random.default_rng(n).standard_normal((n, 2, 4, 4)).astype(np.float32)
            np.testing.assert_allclose(program(x), outcome(forward, x), rtol=1e-5, atol=1e-6)
        with pytest.raises(ShapeError, match=r"(?s)a multiple of the example's 2\..*got: 3"):
            program(np.zeros((3, 2, 4, 4), np.float32))


def test_one_sample_that_the_module_refuses_is_refused() -> None:
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    program = knoll.compile(net, knoll.zeros(4, 4))
    assert program(np.ones((2, 4), np.float32)).shape == (2, 3)
    with pytest.raises(
        ShapeError, match="refuses a single sample: ArgumentError: Expected more than 1 value per channel"
    ):
        program(np.ones((1, 4), np.float32))


def test_trials_with_other_numbers_warn_of_nothing() -> None:
    program = knoll.compile(lambda x: x.var(0), knoll.zeros(2, 3))  # of one sample it is not known
    np.testing.assert_allclose(program(np.float32([[1], [3], [5]]).repeat(3, 1)), [4, 4, 4])


def test_several_inputs_follow_together() -> None:
    def forward(x: Any, y: Any, w: Any) -> Any:
        return knoll.stack([x, y]).mean(0) + knoll.cat([x.new_zeros(x.shape[0], 1), y[:, 1:]], 1) * w

    program = knoll.compile(forward, knoll.zeros(2, 3), knoll.zeros(2, 3), knoll.zeros(1, 3))
    for n in (2, 1, 5):
        x, y, w = np.random.default_rng(n).standard_normal((3, n, 3)).astype(np.float32)
        expected = (x + y) / 2 + np.concatenate([np.zeros((n, 1)), y[:, 1:]], 1) * w[:1]
        np.testing.assert_allclose(program(x, y, w[:1]), expected, rtol=1e-5, atol=1e-6)
        room = np.empty_like(x)
        assert program(x, y, w[:1], out=room) is room


def test_a_weight_with_as_many_rows_as_samples_is_the_same_for_all() -> None:
    program = knoll.compile(nn.functional.linear, knoll.zeros(3, 4), knoll.zeros(3, 4))
    x, w = np.random.default_rng(0).standard_normal((2, 7, 4)).astype(np.float32)
    for n in (3, 1, 7):
        np.testing.assert_allclose(program(x[:n], w[:3]), x[:n] @ w[:3].T, rtol=1e-5, atol=1e-6)
    with pytest.raises(ShapeError, match="whatever the number of samples"):
        program(x, w)


def _scaled(x: knoll.Tensor) -> knoll.Tensor:
    return x + knoll.full((1, 3), 2.0).expand(x.shape[0], 3).clone()


def _repeated_by_chance(x: knoll.Tensor) -> knoll.Tensor:
    return x + knoll.full((1, 3), 2.0).expand(2, 3).sum(0)


def test_what_is_repeated_for_each_sample_serves_any_batch_and_what_is_not_stays() -> None:
    x = np.ones((5, 3), np.float32)
    program = knoll.compile(_scaled, knoll.zeros(2, 3))
    np.testing.assert_array_equal(program(x), np.full((5, 3), 3, np.float32))
    program = knoll.compile(_repeated_by_chance, knoll.zeros(2, 3))
    for count in (2, 5):
        np.testing.assert_array_equal(program(x[:count]), np.full((count, 3), 5, np.float32))


@pytest.mark.parametrize(("samples", "called"), [(1, [1, 2, 131]), (2, [2, 135, 1]), (64, [64, 383, 1])])
def test_a_forward_is_called_with_three_numbers_of_samples(samples: int, called: list[int]) -> None:
    numbers = []

    def forward(x: Any) -> Any:
        numbers.append(x.shape[0])
        return IN_MACHINE_CODE(x).relu().flatten(1)

    knoll.compile(forward, knoll.zeros(samples, 2, 4, 4))
    assert numbers == called


def test_a_loop_over_the_samples_is_not_gone_through_with_many() -> None:
    rows = []

    def forward(x: Any) -> Any:
        return knoll.stack([row * 2 for row in x if rows.append(row) is None])

    knoll.compile(forward, knoll.zeros(1, 2))
    assert len(rows) < 10


def test_rows_of_even_and_odd_places_have_to_be_equally_many() -> None:
    """Those of one sample, or three, fit by broadcasting."""
    for samples in (1, 2, 3):
        program = knoll.compile(lambda x: x[::2] * 2 + x[1::2], knoll.zeros(samples, 2))
        with pytest.raises(ShapeError, match=r"number of samples|a multiple of"):
            program(np.zeros((5, 2), np.float32))


def test_one_row_beside_a_sum_over_it() -> None:
    """In which the batch of one is no batch of samples."""

    def forward(x: Any) -> Any:
        y = x[: max(1, x.shape[0] - 2)]
        return (y + knoll.eye(y.shape[0]).sum(0).view(-1, 1, 1, 1))[:3] * 2

    x = np.random.default_rng(0).standard_normal((2, 2, 4, 4)).astype(np.float32)
    np.testing.assert_allclose(knoll.compile(forward, knoll.zeros(2, 2, 4, 4))(x), (x[:1] + 1) * 2, rtol=1e-6)

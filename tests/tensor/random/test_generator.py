"""Generators of one's own: wherever numbers are drawn, and the distributions that tensors say."""

from __future__ import annotations

import contextlib
import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import Generator, nn
from knoll.data import DataLoader, RandomSampler, SubsetRandomSampler, WeightedRandomSampler, random_split
from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError, UnsupportedError
from knoll.graph import Array
from knoll.tensor.random import generator
from knoll.tensor.random.generator import normal, uniform
from side_by_side import same_refusal

DRAWN: dict[str, Callable[[Any], Any]] = {
    "rand": lambda g: knoll.rand(3, generator=g),
    "randn": lambda g: knoll.randn(3, generator=g),
    "randint": lambda g: knoll.randint(1000, (3,), generator=g),
    "randperm": lambda g: knoll.randperm(50, generator=g),
    "uniform_": lambda g: knoll.empty(3).uniform_(generator=g),
    "normal_": lambda g: knoll.empty(3).normal_(generator=g),
    "init.normal_": lambda g: nn.init.normal_(knoll.empty(3), generator=g),
    "init.kaiming_uniform_": lambda g: nn.init.kaiming_uniform_(knoll.empty(3, 2), generator=g),
    "init.trunc_normal_": lambda g: nn.init.trunc_normal_(knoll.empty(3), generator=g),
    "normal": lambda g: knoll.normal(0.0, 1.0, (3,), generator=g),
    "bernoulli": lambda g: knoll.bernoulli(knoll.full((50,), 0.5), generator=g),
    "multinomial": lambda g: knoll.multinomial(knoll.ones(50), 20, generator=g),
    "random_split": lambda g: random_split(range(50), [20, 30], generator=g)[0].indices,
    "DataLoader": lambda g: list(DataLoader(list(range(50)), 50, shuffle=True, generator=g)),
    "RandomSampler": lambda g: list(RandomSampler(range(50), generator=g)),
    "SubsetRandomSampler": lambda g: list(SubsetRandomSampler(range(50), generator=g)),
    "WeightedRandomSampler": lambda g: list(WeightedRandomSampler([1.0] * 50, 20, generator=g)),
}


def numbers(found: Any) -> Any:
    return found.tolist() if hasattr(found, "tolist") else [numbers(e) for e in found] if type(found) is list else found


@pytest.mark.parametrize("name", DRAWN)
def test_a_generator_decides_what_is_drawn_and_the_common_one_stays(name: str) -> None:
    draw = DRAWN[name]
    knoll.manual_seed(1)
    expected = numbers(knoll.rand(4))
    knoll.manual_seed(1)
    first = numbers(draw(Generator().manual_seed(5)))
    assert numbers(knoll.rand(4)) == expected
    assert numbers(draw(Generator().manual_seed(5))) == first
    assert numbers(draw(Generator().manual_seed(6))) != first
    assert numbers(draw(np.random.default_rng(5))) != first


def test_its_seed_device_and_copies(torch: Any) -> None:
    made = Generator()
    assert made.initial_seed() == torch.Generator().initial_seed()
    assert made.device == "cpu"
    assert made.manual_seed(-1) is made
    assert made.initial_seed() == torch.Generator().manual_seed(-1).initial_seed()
    assert made.seed() == made.initial_seed()
    knoll.rand(3, generator=made)
    copies = (copy.deepcopy(made), pickle.loads(pickle.dumps(made)), made.clone_state())
    expected = numbers(knoll.rand(3, generator=made))
    for each in copies:
        assert type(each) is Generator
        assert each.initial_seed() == made.initial_seed()
        assert numbers(knoll.rand(3, generator=each)) == expected
    assert knoll.manual_seed(7).initial_seed() == 7


@pytest.mark.parametrize(("wrong", "kind", "said"), [
    (lambda: Generator("cuda"), UnsupportedError, "CUDA"),
    (lambda: Generator().manual_seed(2**64), ArgumentError, "Overflow when unpacking long long"),
    (lambda: Generator().manual_seed("a"), ArgumentTypeError, r"manual_seed\(\): argument 'seed' must be int, not str"),
    (lambda: knoll.randn(2, generator=3), ArgumentTypeError, r"randn\(\): argument 'generator' must be"),
    (lambda: knoll.normal(0.0, -1.0, (2,)), StateError, "normal expects std >= 0.0, but found std -1"),
    (lambda: knoll.normal(0.0, 1.0), ArgumentTypeError, 'missing 1 required positional arguments: "size"'),
    (lambda: knoll.normal(knoll.zeros(2), knoll.tensor([-1.0, 1])), StateError, "all elements of std >= 0.0"),
    (lambda: knoll.normal(knoll.zeros(2), knoll.zeros(3)), ShapeError, r"normal\(\): mean and std"),
    (lambda: knoll.bernoulli(knoll.tensor([2.0])), StateError, "Expected p_in >= 0 && p_in <= 1 to be true"),
    (lambda: knoll.bernoulli(knoll.zeros(2), 2.0), StateError, r"bernoulli_ expects p to be in \[0, 1\], but got p=2"),
    (lambda: knoll.multinomial(knoll.ones(1), 2), StateError, "without replacement"),
    (lambda: knoll.multinomial(knoll.ones(1), 0), StateError, "cannot sample n_sample <= 0 samples"),
    (lambda: knoll.multinomial(knoll.zeros(1), 1), StateError, "sum of probabilities <= 0"),
    (lambda: knoll.multinomial(knoll.tensor([-1.0]), 1), StateError, "either `inf`, `nan` or element < 0"),
    (lambda: knoll.multinomial(knoll.ones(1, 1, 1), 1), StateError, "prob_dist must be 1 or 2 dim"),
    (lambda: knoll.multinomial(knoll.tensor([1]), 1), StateError, "only supports floating-point dtypes"),
])  # fmt: skip
def test_refusals(wrong: Callable[[], Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        wrong()


def test_distributions_are_those_that_are_asked_for() -> None:
    knoll.manual_seed(0)
    drawn = knoll.normal(knoll.tensor([[3.0], [-2.0]]), knoll.full((1, 20_000), 0.5)).numpy()
    np.testing.assert_allclose(drawn.mean(1), [3, -2], atol=0.02)
    np.testing.assert_allclose(drawn.std(1), 0.5, atol=0.02)
    chances = knoll.tensor([0.0, 0.25, 1.0], dtype="float64")
    ones = np.mean([knoll.bernoulli(chances).numpy() for _ in range(2000)], axis=0)
    np.testing.assert_allclose(ones, [0, 0.25, 1], atol=0.04)
    assert knoll.bernoulli(chances).dtype == knoll.float64
    for replacement in (False, True):
        found = knoll.multinomial(knoll.tensor([[1.0, 3.0, 0.0]]).expand(4000, 3), 1, replacement).numpy()
        np.testing.assert_allclose(np.bincount(found[:, 0], minlength=3) / 4000, [0.25, 0.75, 0], atol=0.03)
    assert sorted(knoll.multinomial(knoll.tensor([1.0, 1.0, 1.0]), 3).tolist()) == [0, 1, 2]
    assert knoll.randint_like(knoll.zeros(2, 3), 5).dtype == knoll.float32


def test_a_state_that_was_saved_gives_the_same_numbers_again(tmp_path: Path) -> None:
    knoll.manual_seed(3)
    knoll.rand(5), knoll.randint(0, 9, (3,))  # leaves half a word
    knoll.save({"rng": knoll.get_rng_state()}, tmp_path / "state.safetensors")
    layer, samples = nn.Dropout(), list(range(20))

    def drawn() -> list[Any]:
        net = nn.Linear(3, 2)
        loaded = list(DataLoader(samples, 4, shuffle=True))
        return numbers([net.weight, layer(knoll.ones(30)), knoll.randint(0, 9, (3,)), knoll.randn(3), *loaded])

    first = drawn()
    assert knoll.seed() == knoll.initial_seed()
    assert drawn() != first
    knoll.set_rng_state(knoll.load(tmp_path / "state.safetensors")["rng"])
    assert knoll.initial_seed() == 3
    assert drawn() == first


def test_a_generator_goes_on_from_the_state_of_another() -> None:
    made = Generator().manual_seed(5)
    knoll.rand(3, generator=made), knoll.randint(0, 9, (1,), generator=made)
    state = made.get_state()
    assert (state.dtype, state.shape) == (knoll.uint8, (120,))
    other = Generator().set_state(state)
    assert numbers(state) == numbers(other.get_state())
    expected = [numbers(draw(made)) for draw in DRAWN.values()]
    assert [numbers(draw(other)) for draw in DRAWN.values()] == expected
    assert other.initial_seed() == 5


def test_numbers_drawn_in_a_fork_do_not_move_those_behind_it() -> None:
    knoll.manual_seed(1)
    expected = numbers(knoll.rand(4))
    knoll.manual_seed(1)
    with contextlib.suppress(ZeroDivisionError), knoll.random.fork_rng(devices=[]):
        assert numbers(knoll.rand(4)) == expected
        knoll.manual_seed(7)
        raise ZeroDivisionError
    assert knoll.random.initial_seed() == 1
    with knoll.random.fork_rng(enabled=False):
        assert numbers(knoll.rand(4)) == expected
    assert numbers(knoll.rand(4)) != expected


def test_a_forward_that_sets_the_state_is_seen_to_draw() -> None:
    class Forking(nn.Module):
        def forward(self, x: Any) -> Any:
            with knoll.random.fork_rng():
                return x * knoll.rand(1)

    with pytest.raises(UnsupportedError, match="draws random numbers"):
        knoll.compile(Forking(), knoll.ones(1))


@pytest.mark.parametrize("given", ["3", "lib.zeros(3)"])
def test_what_is_no_state_is_refused_as_in_pytorch(given: str) -> None:
    same_refusal(lambda lib: lib.set_rng_state(eval(given, {"lib": lib})))  # noqa: S307 (written above)
    same_refusal(lambda lib: lib.Generator().set_state(eval(given, {"lib": lib})))  # noqa: S307 (our own)


def test_bytes_of_another_origin_are_no_state() -> None:
    with pytest.raises(StateError, match="of size 120 but found the input RNG state size to be 5056"):
        knoll.set_rng_state(knoll.zeros(5056, dtype="uint8"))
    before = numbers(knoll.get_rng_state())
    bad = knoll.get_rng_state()
    bad[0] += 1
    with pytest.raises(StateError, match="Invalid Philox state"):
        knoll.set_rng_state(bad)
    assert numbers(knoll.get_rng_state()) == before


@pytest.mark.parametrize("draw", [uniform, normal])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_many_numbers_are_the_same_however_many_threads_draw_them(draw: Callable[..., Array], dtype: Any) -> None:
    shape, before, results = (3, generator.LARGE // 2 + 7), knoll.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            knoll.set_num_threads(threads)
            numbers = knoll.Generator().manual_seed(5)
            results.append((draw(shape, np.dtype(dtype), numbers), numbers.random()))
    finally:
        knoll.set_num_threads(before)
    (first, following), *others = results
    for result, next_one in others:
        np.testing.assert_array_equal(result, first)
        assert next_one == following
    assert len(np.unique(first)) > 0.95 * first.size
    assert abs(first.mean() - (0.5 if draw is uniform else 0)) < 0.005
    assert abs(first.std() - (12**-0.5 if draw is uniform else 1)) < 0.005
    rows = first.reshape(-1)[: 2 * generator.STRETCH].reshape(2, -1)
    assert abs(np.corrcoef(rows)[0, 1]) < 0.02


@pytest.mark.parametrize("draw", [uniform, normal])
@pytest.mark.parametrize("count", [10, generator.LARGE])
def test_scale_and_shift(draw: Callable[..., Array], count: int) -> None:
    plain, moved = (
        draw((count,), np.dtype(np.float32), knoll.Generator(), *way) for way in ((), (np.float32(0.3), np.float32(2)))
    )
    np.testing.assert_array_equal(moved, plain * np.float32(0.3) + np.float32(2))


def test_numpys_other_generators_draw_many_numbers_themselves() -> None:
    given, again = np.random.default_rng(3), np.random.default_rng(3)
    shape = (generator.LARGE,)
    np.testing.assert_array_equal(uniform(shape, np.dtype(np.float64), given), again.random(shape))

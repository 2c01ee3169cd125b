"""Generators of one's own: wherever numbers are drawn, and the distributions that tensors say."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import Generator, nn
from knoll.data import DataLoader, RandomSampler, SubsetRandomSampler, WeightedRandomSampler, random_split
from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError, UnsupportedError

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
    copies = (copy.deepcopy(made), pickle.loads(pickle.dumps(made)), made.clone_state())  # noqa: S301 (its own)
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

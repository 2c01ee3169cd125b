from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.errors import ArgumentError, DataError
from knoll.train import Configuration


def test_the_recipe_of_the_course_for_cifar10() -> None:
    recipe = Configuration.recipe("cifar10", root="data")
    assert (recipe.optimizer, recipe.lr, recipe.momentum, recipe.weight_decay) == ("sgd", 0.01, 0.0, 0.0)
    assert (recipe.batch_size, recipe.epochs, recipe.schedule) == (64, 10, "constant")


def test_another_optimizer_brings_its_own_rate() -> None:
    assert Configuration.recipe("digits").lr == 0.002
    assert Configuration.recipe("digits", optimizer="adam").lr == 0.001
    assert Configuration.recipe("digits", optimizer="sgd").momentum == 0.9
    assert Configuration.recipe("digits", optimizer="sgd", lr=0.5).lr == 0.5
    assert Configuration.recipe("digits", optimizer=None, lr=None) == Configuration.recipe("digits")


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"epochs": 0}, ["epochs", "1 or more", "got: 0"]),
        ({"epochs": -3}, ["got: -3"]),
        ({"epochs": True}, ["got: True"]),
        ({"batch_size": 0}, ["--batch-size must be a whole number, 1 or more"]),
        ({"seed": -1}, ["seed", "0 or more"]),
        ({"lr": float("nan")}, ["Invalid learning rate: nan"]),
        ({"lr": float("inf")}, ["Invalid learning rate: inf"]),
        ({"weight_decay": -1.0}, ["Invalid weight_decay value: -1.0"]),
        ({"optimizer": "sgdd"}, ["optimizer 'sgdd'", "sgd, adam, adamw"]),
        ({"model": "practise"}, ["model 'practise'", "practice"]),
        ({"data": "mnist"}, ["data 'mnist'", "digits, cifar10, folder"]),
        ({"data": "cifar10"}, ["cifar10", "--root", "--download"]),
        ({"data": "folder"}, ["folder", "--root", "cat/1.png"]),
        ({"momentum": 0.9}, ["adamw takes no momentum", "--optimizer sgd"]),
    ],
)
def test_what_no_training_can_use(chosen: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ArgumentError) as caught:
        Configuration.recipe(**chosen)
    for word in words:
        assert word in str(caught.value)


@given(
    lr=st.floats(0, 1e9),
    seed=st.integers(0, 2**63 - 1),
    root=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_what_is_written_is_what_is_read(lr: float, seed: int, root: str) -> None:
    configuration = Configuration.recipe("folder", root=root, lr=lr, seed=seed)
    assert Configuration.from_json(configuration.to_json()) == configuration


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"data": "digits"}'])
def test_what_is_no_configuration(text: str) -> None:
    with pytest.raises(DataError, match="not the configuration of a training"):
        Configuration.from_json(text)

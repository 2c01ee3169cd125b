"""Optimisers explained: words for every setting, and steps that are those of the optimiser."""

from __future__ import annotations

import pytest

import knoll
from knoll.errors import ArgumentError
from knoll.explain import explain_optimizer
from knoll.messages import LANGUAGES, Language
from knoll.optim import SGD, Adam, AdamW, Optimizer

OPTIMISERS = (
    SGD([knoll.ones(2)], lr=0.1),
    SGD([knoll.ones(2)], lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    SGD([knoll.ones(2)], lr=knoll.tensor(0.5), momentum=0.5, dampening=0.5, maximize=True),
    Adam([knoll.ones(2)], amsgrad=True, weight_decay=0.1, decoupled_weight_decay=True),
    AdamW([knoll.ones(2)], lr=0.01, betas=(0.5, 0.9)),
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("optimizer", OPTIMISERS, ids=lambda each: type(each).__name__)
def test_every_setting_has_words(optimizer: Optimizer, language: Language) -> None:
    found = explain_optimizer(optimizer)
    text = found.text(language)
    assert all(note.words and f"{note.name}=" in text for note in found.parameters)
    assert "{" not in text
    assert found.json()
    assert optimizer.param_groups[0]["params"][0].tolist() == [1, 1]


def test_steps_are_those_of_the_formula() -> None:
    rows = explain_optimizer(SGD([knoll.ones(1)], lr=0.1, momentum=0.9)).tables[0].rows
    assert rows[0] == (1, "1", "2", "−0.2", "0.8")
    assert rows[1] == (2, "0.8", "1.6", "−0.34", "0.46")  # 0.1 · (0.9 · 2 + 1.6)


def test_momentum_is_told_as_a_sum() -> None:
    note = explain_optimizer(SGD([knoll.ones(1)], lr=0.1, momentum=0.9)).parameters[1]
    assert "1, 1.9, 2.71" in note.words[0].text("en")


def test_an_optimiser_of_ones_own_is_told() -> None:
    with pytest.raises(ArgumentError, match="no words for the optimiser Optimizer"):
        explain_optimizer(Optimizer([knoll.ones(1)], {}))

"""Update rules: their meaning in NumPy, worked out by hand."""

from __future__ import annotations

import numpy as np

from knoll.optim.adam import AdamRule
from knoll.optim.sgd import SGDRule


def test_the_meaning_of_a_rule_is_its_formula() -> None:
    rule = SGDRule(maximize=False, decay="coupled", momentum="plain", begins=False)
    p, g, running = (np.array(numbers, np.float32) for numbers in ([1.0, 2.0], [0.5, -1.0], [4.0, 8.0]))
    factors = {"lr": 0.5, "momentum": 0.25, "taken": 1.0, "weight_decay": 0.5}
    new, summed = rule.meaning([p, g, running], factors)
    assert summed.tolist() == [2.0, 2.0]  # 0.25 · 4 + (0.5 + 0.5 · 1), 0.25 · 8 + (−1 + 0.5 · 2)
    assert new.tolist() == [0.0, 1.0]
    assert (p.tolist(), g.tolist(), running.tolist()) == ([1.0, 2.0], [0.5, -1.0], [4.0, 8.0])
    assert new.dtype == summed.dtype == np.float32


def test_it_keeps_the_shape_and_half_precision() -> None:
    rule = AdamRule(maximize=True, decay="", amsgrad=True)
    arrays = [np.ones((2, 1, 3), np.float16) for _ in range(rule.arrays)]
    results = rule.meaning(arrays, dict.fromkeys(rule.factors, 0.5))
    assert len(results) == 4
    assert all((result.shape, result.dtype) == ((2, 1, 3), np.float16) for result in results)


def test_numbers_that_overflow_become_infinite_without_a_warning() -> None:
    rule = SGDRule(maximize=False, decay="", momentum="", begins=False)
    (new,) = rule.meaning([np.array([3e38], np.float32), np.array([-3e38], np.float32)], {"lr": 1.0})
    assert new.tolist() == [np.inf]

"""Updates of parameters: the kernel of every rule against its meaning, over arrays of all lengths, and past them."""

from __future__ import annotations

from dataclasses import fields
from itertools import product
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.graph import Array
from knoll.kernels.elementwise.update import Update
from knoll.llvm import disk_cache
from knoll.machine import NAMED, host
from knoll.ops.update_rule import UpdateRule
from knoll.optim import by_element
from knoll.optim.rprop import RpropRule
from knoll.optim.sgd import SGDRule
from knoll.run import updates as runs
from knoll.run.updates import STRETCH, UpdateProgram

CHOICES: dict[str, tuple[Any, ...]] = {
    "decay": ("", "coupled", "decoupled"),
    "momentum": ("", "plain", "nesterov"),
    "least": (1e-3,),
    "most": (2.0,),
}


def every_rule() -> list[UpdateRule]:
    """The rules of all optimisers, with every combination of their terms."""
    kinds = sorted([*by_element.Rule.__subclasses__(), RpropRule], key=lambda kind: kind.__name__)
    found: list[UpdateRule] = []
    for kind in kinds:
        known = CHOICES | ({} if kind is SGDRule else {"momentum": (False, True)})
        names = [field.name for field in fields(kind)]
        choices = [known.get(name, (False, True)) for name in names]
        found += [kind(**dict(zip(names, values, strict=True))) for values in product(*choices)]
    return found


RULES = every_rule()


def arrays_of(rule: UpdateRule, size: int, dtype: str) -> list[Array]:
    """A parameter, a gradient, and what is remembered, which is not below zero, as squares are not."""
    rng = np.random.default_rng(size)
    p, g = (rng.standard_normal(size).astype(dtype) for _ in range(2))
    return [p, g, *(rng.random(size).astype(dtype) + np.dtype(dtype).type(0.5) for _ in rule.remembered)]


def factors_of(rule: UpdateRule) -> dict[str, float]:
    """A number for each factor, all of them different."""
    return {name: 0.1 + 0.07 * place for place, name in enumerate(rule.factors)}


def check(rule: UpdateRule, arrays: list[list[Array]], dtype: str) -> None:
    """Update in machine code, and compare with the meaning."""
    factors = factors_of(rule)
    expected = [rule.meaning(group, factors) for group in arrays]
    gradients = [group[1].copy() for group in arrays]
    UpdateProgram(rule, np.dtype(dtype)).run(arrays, [factors[name] for name in rule.factors])
    tolerance = 1e-5 if dtype == "float32" else 1e-13
    for (p, g, *remembered), new, gradient in zip(arrays, expected, gradients, strict=True):
        np.testing.assert_array_equal(g, gradient)
        for mine, meant in zip((p, *remembered), new, strict=True):
            np.testing.assert_allclose(mine, meant, rtol=tolerance, atol=tolerance)


def test_rules_of_all_optimisers_are_here() -> None:
    assert {rule.name for rule in RULES} == {
        "adadelta", "adagrad", "adam", "adamax", "asgd", "nadam", "radam", "rmsprop", "rprop", "sgd",
    }  # fmt: skip
    assert len(RULES) > 100


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_it_computes_its_meaning(rule: UpdateRule) -> None:
    check(rule, [arrays_of(rule, size, "float32") for size in (0, 1, 5, 16, 47, 64, 200)], "float32")


@pytest.mark.parametrize("rule", [rule for rule in RULES if not getattr(rule, "maximize", False)][::3], ids=str)
def test_in_double_precision(rule: UpdateRule) -> None:
    check(rule, [arrays_of(rule, size, "float64") for size in (3, 33, 100)], "float64")


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_long_arrays_in_stretches_that_threads_share(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    monkeypatch.setattr(runs, "MIN_SHARED", 0)
    before = knoll.get_num_threads()
    knoll.set_num_threads(threads)
    try:
        for rule in (RULES[0], RULES[-1]):
            sizes = 3 * STRETCH + 5, 7, STRETCH, STRETCH + 1
            check(rule, [arrays_of(rule, size, "float32") for size in sizes], "float32")
    finally:
        knoll.set_num_threads(before)


def test_nothing_beside_an_array_is_touched() -> None:
    rule = SGDRule(False, "", "plain", False)
    whole = [np.full(64, 7.0, np.float32) for _ in range(3)]
    UpdateProgram(rule, np.dtype(np.float32)).run([[array[16:37] for array in whole]], [0.5, 0.5, 0.5])
    for array in whole:
        assert array[:16].tolist() == [7.0] * 16
        assert array[37:].tolist() == [7.0] * 27
    assert whole[0][16:37].tolist() == [3.5] * 21  # 7 − 0.5 · (0.5 · 7 + 0.5 · 7)


@pytest.mark.parametrize("rule", [rule for rule in RULES if "maximize=False, decay=''" in str(rule)], ids=str)
def test_what_is_no_number_spreads(rule: UpdateRule) -> None:
    arrays = arrays_of(rule, 40, "float32")
    arrays[1][3], arrays[1][4] = np.nan, np.inf
    expected = rule.meaning([array.copy() for array in arrays], factors_of(rule))
    UpdateProgram(rule, np.dtype(np.float32)).run([arrays], [*factors_of(rule).values()])
    np.testing.assert_allclose(arrays[0], expected[0], rtol=1e-5, atol=1e-5)
    if not isinstance(rule, RpropRule):  # which forgets what turns round
        assert np.isnan(arrays[0][3])


@pytest.mark.parametrize("machine", [host(), NAMED["x86-64-v3"]], ids=str)
def test_it_is_one_pass_whose_numbers_are_arguments(machine: Any) -> None:
    adam = next(rule for rule in RULES if rule.name == "adam")
    kernel = Update(machine, "float32", adam)
    assert kernel.title == "update_adam"
    assert kernel.columns == 5
    assert "0.999" not in kernel.written().text()


def test_rules_stand_where_a_change_of_them_is_noticed() -> None:
    assert {type(rule).__module__.split(".")[1] for rule in RULES} <= {*disk_cache.GENERATORS}

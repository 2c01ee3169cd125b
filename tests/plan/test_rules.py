"""Lowering rules: which operations have one, and that no other has."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from knoll import ops
from knoll.graph import Op
from knoll.ops.elementwise.arithmetic import exp
from knoll.ops.shapes.reshape import permute
from knoll.plan.rules import ELEMENTWISE, RULES, rule_of
from planned import value


def every_op() -> dict[str, Op]:
    """All operations by name."""
    modules = [importlib.import_module(file.name) for file in pkgutil.walk_packages(ops.__path__, "knoll.ops.")]
    return {op.name: op for module in modules for op in vars(module).values() if isinstance(op, Op)}


def test_every_rule_is_that_of_an_operation() -> None:
    assert RULES.keys() <= every_op().keys()


@pytest.mark.parametrize("name", RULES)
def test_an_operation_with_a_rule_says_how_it_relates_to_samples(name: str) -> None:
    op = every_op()[name]
    assert op.roles is not None or op.formula is not None


def test_a_formula_is_all_that_an_elementwise_operation_needs() -> None:
    assert rule_of(exp.node(value(2, 3))) is ELEMENTWISE
    assert rule_of(permute.node(value(2, 3, 4), axes=(0, 2, 1))) is RULES["permute"]
    assert rule_of(Op("unheard of", lambda x: (x,), lambda x: (x,)).node(value(2, 3))) is None

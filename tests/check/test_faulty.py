"""Every sure fault is found, in the module that has it; nothing is computed wrongly to find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import check.faulty_learning
import check.faulty_samples
from check.faulty import FAULTY
from knoll import nn
from knoll.check import RULE_NAMES, check

ROWS = [row[1:] for row in FAULTY]
COLUMNS = ("build", "shapes", "options", "rule", "name")


@pytest.mark.parametrize(COLUMNS, ROWS, ids=[row[0] for row in FAULTY])
def test_the_fault_is_found(
    build: Callable[[], nn.Module], shapes: tuple[tuple[int, ...], ...], options: dict[str, Any], rule: str, name: str
) -> None:
    report = check(build(), *shapes, **options)
    assert (rule, name) in [(finding.rule, finding.name) for finding in report.findings], str(report)
    assert not report


@pytest.mark.parametrize(COLUMNS, ROWS, ids=[row[0] for row in FAULTY])
def test_it_can_be_ignored(
    build: Callable[[], nn.Module], shapes: tuple[tuple[int, ...], ...], options: dict[str, Any], rule: str, name: str
) -> None:
    report = check(build(), *shapes, ignore=[rule], **options)
    assert rule not in [finding.rule for finding in report.findings]
    assert report.silenced


@pytest.mark.parametrize(
    ("leave", "kind"),
    [(lambda y: y.detach().numpy(), "ndarray"), (lambda y: y.sum().item(), "float"), (list, "Tensor")],
)
def test_what_a_forward_returns_is_named(leave: Callable[[Any], object], kind: str) -> None:
    class Leaves(nn.Module):
        """A network whose result may be no tensor."""

        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(192, 10)

        def forward(self, x: Any) -> Any:
            return leave(self.fc(x.flatten(1)))

    report = check(Leaves(), (3, 8, 8))
    told = [finding.what.text() for finding in report.findings if finding.rule == "returns-nothing"]
    expected = f"The network gives no tensor: its `forward` returns an object of type {kind}."
    assert told == ([] if kind == "Tensor" else [expected])


def test_a_bias_that_each_of_two_normalisations_subtracts_is_told_once() -> None:
    class Twice(nn.Module):
        """One convolution, with a normalisation behind each of its two calls."""

        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1)
            self.norms = nn.ModuleList([nn.BatchNorm2d(3), nn.BatchNorm2d(3)])

        def forward(self, x: Any) -> Any:
            for norm in self.norms:
                x = norm(self.conv(x)).relu()
            return x

    found = [(finding.rule, finding.name) for finding in check(Twice(), (3, 8, 8)).findings]
    assert found == [("bias-before-batch-norm", "conv")]


def test_there_are_enough_of_them() -> None:
    assert len(FAULTY) >= 60
    told_elsewhere = {"input-dtype", "input-range", "input-not-finite", "wrong-mode", "input-unused"}
    by_the_doctor = set(RULE_NAMES[RULE_NAMES.index("optimizer") :])
    assert {row[4] for row in FAULTY} | told_elsewhere | by_the_doctor == {*RULE_NAMES}

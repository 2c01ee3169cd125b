"""A finding is silenced by a comment on one of its lines, or by an argument."""

from __future__ import annotations

from typing import Any

import pytest

from knoll import nn
from knoll.check import check
from knoll.errors import ArgumentError
from knoll.nn import functional as F


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(8, 8)
        self.b = nn.Linear(8, 4)  # knoll: ignore[missing-activation]

    def forward(self, x: Any) -> Any:
        return self.b(self.a(x))


class ByCall(Twice):
    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Linear(8, 4)

    def forward(self, x: Any) -> Any:
        x = self.a(x)
        return F.relu(F.relu(self.b(x)))  # knoll: ignore[missing-activation, repeated-activation] on purpose


class Everything(Twice):
    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Linear(8, 4)  # knoll: ignore


class AnotherRule(Twice):
    def __init__(self) -> None:
        super().__init__()
        self.b = nn.Linear(8, 4)  # knoll: ignore[bias-before-batch-norm]


@pytest.mark.parametrize(
    ("kind", "told", "silenced"), [(Twice, 0, 1), (ByCall, 0, 2), (Everything, 0, 1), (AnotherRule, 1, 0)]
)
def test_a_comment_silences_the_rules_that_it_names(kind: type[nn.Module], told: int, silenced: int) -> None:
    report = check(kind(), (8,))
    assert (len(report.findings), report.silenced) == (told, silenced)


def test_an_argument_silences_a_rule_everywhere() -> None:
    report = AnotherRule().check((8,), ignore=["missing_activation"])
    assert report
    assert report.silenced == 1
    assert "1 finding is silenced" in str(report)


def test_a_rule_that_there_is_not_is_told_with_the_nearest() -> None:
    with pytest.raises(ArgumentError, match="no rule 'missing-activations'") as told:
        AnotherRule().check((8,), ignore=["missing-activations"])
    assert "missing-activation" in str(told.value.advice)

"""What findings say fits the fault that they tell of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll import nn
from knoll.check import Finding, check
from knoll.check.report import CheckReport


def found(report: CheckReport, rule: str) -> Finding:
    (one,) = [each for each in report.findings if each.rule == rule]
    return one


def linear(*layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 3), *layers)


@pytest.mark.parametrize(
    ("layers", "superfluous"),
    [
        ((nn.Sigmoid(), nn.ReLU()), "ReLU 2"),  # the sigmoid does something
        ((nn.Softmax(1), nn.LogSoftmax(1)), "Softmax 1"),  # the logarithm may be what a loss needs
        ((nn.Tanh(), nn.Tanh()), "Tanh 2"),
    ],
)
def test_of_two_activations_the_one_to_leave_out_is_named(layers: tuple[nn.Module, ...], superfluous: str) -> None:
    fix = found(check(linear(*layers), (4,)), "repeated-activation").fix
    assert fix is not None
    assert fix.text("en") == f"Leave `{superfluous}` out."


@pytest.mark.parametrize("outputs", [2, 12])
def test_too_few_and_too_many_outputs_are_told_of_in_words_that_are_true_of_both(outputs: int) -> None:
    one = found(check(nn.Linear(4, outputs), (4,), classes=10), "output-size")
    assert "a class without one can never be predicted, and a score too many belongs to no class" in str(one.why)


def test_a_divergence_of_probabilities_is_no_negative_probability() -> None:
    options: dict[str, Any] = {"loss": nn.KLDivLoss(reduction="batchmean")}
    one = found(check(linear(nn.Softmax(1)), (4,), **options), "loss-input")
    p, t = np.array([[0.9, 0.1]]), np.array([[0.1, 0.9]])
    wrong = nn.KLDivLoss(reduction="batchmean")(p, t).item()
    assert wrong < 0
    assert wrong != pytest.approx(-0.1, abs=0.1)
    assert "can become negative" in str(one.why)

"""Summaries: every call once, in order, with what it costs; the totals of known networks; what fails is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

import knoll
from knoll import Tensor, nn
from knoll.errors import ArgumentError
from knoll.language import set_language
from knoll.nn import functional as F
from knoll.views import Summary, summary
from knoll.vision.models import Practice


class Odd(nn.Module):
    """A layer used twice, a shared weight, functions, a parameter of its own, two inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4, bias=False)
        self.third = nn.Linear(4, 4, bias=False)
        self.third.weight = self.second.weight
        self.scale = nn.Parameter(knoll.ones(1, 4))
        self.drop = nn.Dropout()

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        x = F.relu(self.first(self.first(x)) + y)
        return self.drop(self.third(self.second(x))) * self.scale


def test_the_practice_network() -> None:
    found = Practice().summary((3, 32, 32))
    assert (found.total.parameters, found.total.multiply_adds) == (145_578, 12_354_176)
    lines = [line.split() for line in found.document().text(120, "en").splitlines()]
    assert ["model1.1", "MaxPool2d(2)", "32×16×16", "–", "–", "6×6"] in lines
    assert ["total", "145,578", "12,354,176"] in lines


def test_calls_and_operations_stand_in_the_order_in_which_they_run() -> None:
    found = summary(Odd(), (4,), (4,))
    assert [(row.name, row.layer) for row in found.rows] == [
        ("", "Odd"),
        ("first", "Linear(4, 4)"),
        ("first", "Linear(4, 4)"),
        ("", "add"),
        ("", "relu"),
        ("second", "Linear(4, 4, bias=False)"),
        ("third", "Linear(4, 4, bias=False)"),
        ("drop", "Dropout()"),
        ("", "multiply"),
    ]
    assert found.total.parameters == 20 + 16 + 4
    assert found.total.multiply_adds == 4 * 16 == sum(row.cost.multiply_adds for row in found.rows)
    assert sum(row.cost.parameters - row.cost.shared for row in found.rows) == found.total.parameters
    assert "20 (shared)" in found.document().markdown("en")


def test_what_training_leaves_as_it_is_is_told_and_counted() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(32, 3))
    assert "frozen" not in str(net.summary((1, 6, 6)))
    net[0].requires_grad_(False)
    net[1].bias.requires_grad_(False)
    found = net.summary((1, 6, 6))
    assert [row.cost.frozen for row in found.rows] == [20, 2, 0, 0]
    assert (found.total.frozen, found.total.parameters) == (22, 123)
    for language, words in (("en", ("20 (frozen)", "4 (2 frozen)")), ("zh", ("20（冻结）", "4（其中 2 冻结）"))):
        text = found.document().markdown(language)
        assert all(word in text for word in words)
    lines = [" ".join(line.split()) for line in found.document().text(120, "en").splitlines()]
    assert "of which training changes 101" in lines
    assert "of which frozen (requires_grad=False) 22" in lines


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_rows_add_up_to_the_total(mode: Any) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(), nn.Flatten(), nn.Linear(144, 2))
    found = net.summary((2, 3, 8, 8), mode=mode)
    for name in ("multiply_adds", "operations", "activation_bytes", "kept_bytes"):
        assert sum(getattr(row.cost, name) for row in found.rows) == getattr(found.total, name)
    assert found.total.kept_bytes > 0


def test_a_network_that_fails_is_told_up_to_the_failure() -> None:
    found = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(1000, 10)).summary((3, 8, 8))
    assert [row.outputs for row in found.rows] == [((1, 8, 6, 6),), ((1, 288),), ()]
    assert found.rows[0].cost.activation_bytes == 4 * 288
    text = found.document().text(100, "en")
    assert "✗" in text
    assert "in_features=288" in text


def test_a_shape_that_is_none_is_refused() -> None:
    with pytest.raises(ArgumentError, match="shape of its input"):
        nn.ReLU().summary("3x32")
    with pytest.raises(ArgumentError, match=r"training mode .* or in evaluation mode"):
        nn.ReLU().summary((3,), mode="test")


def test_a_summary_in_every_form_and_both_languages() -> None:
    found = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()).summary((1, 5, 5), measure=True)
    data = json.loads(found.json())
    assert data["rows"][0]["outputs"] == [[1, 2, 3, 3]]
    assert data["measurements"]["steps"][0]["milliseconds"] > 0
    assert "感受野" in found.document().html("zh")
    assert "GFLOP/s" in found.document().markdown("en")
    set_language("zh")
    assert "乘加次数" in str(found)
    set_language(None)


def test_a_network_that_numpy_runs_has_no_times() -> None:
    found: Summary = nn.Flatten().summary((1, 2, 2), measure=True)
    assert found.measurements is not None
    assert found.measurements.steps == ()
    assert "NumPy" in found.document().text(100, "en")


def test_lazy_layers_stay_lazy() -> None:
    net = nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU())
    assert net.summary((3, 8, 8)).total.parameters == 4 * 27 + 4
    assert isinstance(net[0], nn.LazyConv2d)


def test_modules_that_are_not_called_are_told() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
            self.unused, self.read = nn.Linear(2, 2), nn.Linear(8, 3)

        def forward(self, x: Tensor) -> Tensor:
            return F.linear(self.attention(x, x, x)[0], self.read.weight)

    found = Net().summary((5, 8))
    assert [(row.name, row.is_called) for row in found.rows] == [
        ("attention", True),
        ("", True),
        ("unused", False),
        ("read", False),
    ]
    assert sum(row.cost.parameters - row.cost.shared for row in found.rows) == found.total.parameters
    assert "not called" in found.document().text(100, "en")


def test_networks_of_the_library_know_their_input() -> None:
    assert Practice().summary().inputs == ((1, 3, 32, 32),)
    with pytest.raises(ArgumentError, match="shape of its input"):
        nn.ReLU().summary()


def test_layers_that_compute_nothing_stand_where_they_are_called() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.drop, self.skip = nn.Linear(3, 3), nn.Dropout(), nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            return self.drop(F.relu(self.layer(x))) + self.skip(x)

    assert [row.layer for row in Net().summary((3,)).rows] == [
        "Linear(3, 3)", "relu", "Dropout()", "Identity()", "add",
    ]  # fmt: skip

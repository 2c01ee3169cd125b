"""Attention is one layer, in every view of a network; which layers act by the mode."""

from __future__ import annotations

import numpy as np
import pytest

from knoll import Tensor, manual_seed, nn, randn
from knoll.analysis.layers import acts_by_mode, layers_in
from knoll.animate import animate
from knoll.check import check
from knoll.views import summary
from knoll.views.module_display import module_display


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem, self.att = nn.Linear(6, 4), nn.MultiheadAttention(4, 2, batch_first=True)
        self.head = nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 3))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        mixed, _ = self.att(x, x, x)
        out: Tensor = self.head(x + mixed)
        return out


NAMES = ["stem", "att", "head.0", "head.1"]


def test_attention_is_a_layer_that_is_called() -> None:
    net, shape = Net(), (5, 6)
    assert [name for name, _ in layers_in(net)] == NAMES
    rows = summary(net, shape).rows
    assert [row.name for row in rows if row.is_layer] == NAMES
    assert all(row.is_called for row in rows)
    attention = next(row for row in rows if row.name == "att")
    assert attention.cost.parameters == sum(each.numel() for each in net.att.parameters())
    assert [row.name for row in check(net, shape).rows] == NAMES
    displays = module_display(net).text(language="en")
    assert "MultiheadAttention" in displays
    shown = animate(net, shape)
    for told in (displays, str(shown.title), summary(net, shape).document().text(language="en")):
        assert "NonDynamically" not in told
    assert "Linear → MultiheadAttention → LayerNorm → Linear" in str(shown.title)


MODAL = [
    nn.Dropout(0.5), nn.Dropout1d(0.5), nn.AlphaDropout(0.2), nn.FeatureAlphaDropout(0.2), nn.RReLU(),
    nn.BatchNorm1d(4), nn.InstanceNorm1d(4, track_running_stats=True),
]  # fmt: skip
MODELESS = [
    nn.Dropout(0.0), nn.RReLU(0.25, 0.25), nn.BatchNorm1d(4, track_running_stats=False), nn.InstanceNorm1d(4),
    nn.GroupNorm(2, 4), nn.LayerNorm(3), nn.ReLU(),
]  # fmt: skip


@pytest.mark.parametrize("layer", [*MODAL, *MODELESS], ids=str)
def test_what_acts_by_the_mode_gives_other_numbers_in_training(layer: nn.Module) -> None:
    x, results = randn(2, 4, 3), []
    for training in (True, False):
        manual_seed(3)
        results.append(layer.train(training)(x).detach().numpy())
    assert acts_by_mode(layer) is (layer in MODAL) is not np.allclose(*results)


def test_attention_acts_by_the_mode_where_it_drops() -> None:
    assert acts_by_mode(nn.MultiheadAttention(4, 2, dropout=0.1))
    assert not acts_by_mode(nn.MultiheadAttention(4, 2))

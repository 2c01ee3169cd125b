"""Attention is one layer, in every view of a network."""

from __future__ import annotations

from knoll import Tensor, nn
from knoll.analysis.layers import layers_in
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

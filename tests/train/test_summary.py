"""The table of a network's layers."""

from __future__ import annotations

import io

from rich.console import Console

from knoll import Tensor, nn
from knoll.train import summary
from knoll.vision.models import Practice


def lines_of(net: nn.Module, shape: tuple[int, ...]) -> list[str]:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(summary(net, shape))
    return console.export_text().splitlines()


def test_the_table() -> None:
    lines = lines_of(Practice(), (3, 32, 32))
    assert max(map(len, lines)) <= 80
    assert any(line.split() == ["model1.1", "MaxPool2d(2)", "32×16×16", "–", "–"] for line in lines)
    assert any(line.split() == ["total", "145,578", "12,354,176"] for line in lines)
    assert any("Conv2d(32, 32, 5, padding=2)" in line for line in lines)


def test_a_layer_that_is_used_twice_works_twice_and_has_its_parameters_once() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            return self.layer(self.layer(x))

    assert ["total", "20", "32"] in [line.split() for line in lines_of(Twice(), (4,))]

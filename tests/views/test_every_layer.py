"""For every row of the table of layers: rows add up to the totals, and the layer shows itself."""

from __future__ import annotations

import pytest

from knoll.views import network_picture, summary
from laws.table import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_layer(case: Case) -> None:
    layer, arrays = case.build(), case.arrays()
    found = summary(layer, *arrays)
    assert found.error is None
    assert sum(row.cost.parameters - row.cost.shared for row in found.rows) == found.total.parameters
    assert sum(row.cost.multiply_adds for row in found.rows) == found.total.multiply_adds
    assert layer._repr_html_().startswith("<article")
    assert network_picture(layer, *arrays).elements

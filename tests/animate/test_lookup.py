"""Frames of an embedding: the rows that are copied are those of the table."""

from __future__ import annotations

import numpy as np
import pytest
from tests.animate.reading import numbers

import knoll
from knoll import nn
from knoll.animate import animate
from knoll.animate.sheets import place
from knoll.draw import numeral

LAYERS = [nn.Embedding(5, 3), nn.Embedding(5, 3, padding_idx=0, max_norm=0.5)]


@pytest.mark.parametrize("layer", LAYERS, ids=str)
@pytest.mark.parametrize("shape", [(1, 4), (2, 4), (1, 2, 3), (3, 2, 2)], ids=str)
def test_each_number_takes_its_row(layer: nn.Embedding, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(3).integers(0, 5, shape)
    frames = animate(layer, x).frames
    y = layer(x).detach().numpy()
    places = [at for at in np.ndindex(shape) if len(shape) < 3 or at[0] == 0]
    assert len(frames) == len(places)
    for at, frame in zip(places, frames, strict=True):
        assert f"] = {x[at]}: row {x[at]} of the table " in str(frame.caption)
        drawn = numbers(frame.scene, "output")
        cells = [place((*at, e), y.shape) for e in range(3)]
        assert [cell.index for cell in frame.also] == cells
        assert [drawn[cell] for cell in cells] == [numeral(number) for number in y[at]]
    assert len(numbers(frames[-1].scene, "output")) == y[0].size * (shape[0] if y.ndim < 3 else 1)


def test_the_only_sample_is_not_counted() -> None:
    first = animate(nn.Embedding(5, 3), np.array([[4, 2]])).frames[0]
    assert str(first.caption) == "input[0] = 4: row 4 of the table is copied, output[0] = weight[4]"


def test_a_row_that_is_too_long_is_shortened() -> None:
    layer = nn.Embedding(2, 2, max_norm=2.0)
    layer.weight.data = knoll.tensor([[3.0, 4.0], [1.0, 0.0]])
    first, second = animate(layer, np.array([[0, 1]])).frames
    assert str(first.caption) == (
        "input[0] = 0: row 0 of the table has the 2-norm 5, above max_norm = 2: it is multiplied by 2 / 5 = 0.4 and "
        "copied, output[0] = 0.4·weight[0]; the table keeps the shortened row"
    )
    assert str(second.caption) == "input[1] = 1: row 1 of the table is copied, output[1] = weight[1]"
    assert [*numbers(first.scene, "output").values()] == ["1.2", "1.6"]
    assert layer.weight.tolist() == [[3.0, 4.0], [1.0, 0.0]]
    layer.norm_type = 1.0
    told = str(animate(layer, np.array([0])).frames[0].caption)
    assert "the 1-norm 7, above max_norm = 2: it is multiplied by 2 / 7 ≈ 0.286" in told

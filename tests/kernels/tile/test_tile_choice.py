"""The measurement of tiles: the chosen one is among those that are tried, and all of them compute."""

from __future__ import annotations

import pytest

tiles = pytest.importorskip("benchmarks.tiles")


def test_tiles_of_a_shape_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "ROUNDS", 1)
    monkeypatch.setattr(tiles, "SECONDS", 0.0001)
    monkeypatch.setattr(tiles, "TRIED", 3)
    shape = tiles.Shape(16, 32, 3, 9, 2)
    kernel = tiles.kernel_of(shape)
    assert kernel.size == (5, 5)
    assert str(shape) == "16→32 3×3 /2 at 9"
    tried = tiles.candidates(kernel)
    assert len(tried) == len(set(tried)) == 3
    assert tried[0] == kernel.tile
    ((same, chosen, fastest, ratio),) = tiles.measured((shape,))
    assert (same, chosen) == (shape, kernel.tile)
    assert fastest in tried
    assert ratio >= 1

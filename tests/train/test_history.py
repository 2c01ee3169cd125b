"""Curves are those that were written, also by a training that was gone on with."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from knoll.errors import DataError, MissingFileError
from knoll.train import History, history
from knoll.train.events import EventFile


def test_curves_are_read_as_they_were_written(tmp_path: Path) -> None:
    first = EventFile(tmp_path, 0)
    for step in (1, 2, 3):
        first.scalar("loss/batch", 1.0 / step, step)
    first.close()
    again = EventFile(tmp_path, 2)
    again.scalar("loss/batch", 7.0, 2)
    again.scalar("loss/test", math.nan, 2)
    again.close()
    found = history(tmp_path)
    assert [curve.name for curve in found.groups["loss"]] == ["loss/test", "loss/batch"]
    assert found.curves[0].points == ((1, 1.0), (2, 7.0))
    assert math.isnan(found.curves[1].points[0][1])
    assert "<svg" in found._repr_html_()


def test_a_file_that_is_still_written_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    file = EventFile(tmp_path, None)
    for step in range(5):
        file.scalar("loss", step, step)
    file.close()
    file.path.write_bytes(file.path.read_bytes()[:-7])
    assert history(file.path).curves[0].points == tuple((step, float(step)) for step in range(4))


def test_lists_of_numbers() -> None:
    found = History.of({"loss/train": [2.0, 1.0], "loss/test": [2.5, math.inf], "accuracy": []})
    assert {name: len(curves) for name, curves in found.groups.items()} == {"loss": 2, "accuracy": 1}
    text = found.document().text(80, "en")
    assert "loss/test" in text
    assert found.document().html("zh").count("<svg") == 2


def test_where_there_are_no_curves(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="holds no curves"):
        history(tmp_path)
    with pytest.raises(MissingFileError, match=r"History\.of"):
        history(tmp_path / "nowhere")
    (tmp_path / "text.txt").write_text("no events at all, but long enough to be taken for some")
    with pytest.raises(MissingFileError, match="holds no curves"):
        history(tmp_path / "text.txt")
    (tmp_path / "other").write_bytes(bytes([3, *[0] * 11, 255, 255, 255, *[0] * 4]))
    with pytest.raises(DataError, match="cannot be read"):
        history(tmp_path / "other")

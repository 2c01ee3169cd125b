"""The widget in Python: what is asked is answered, errors are told, and nothing of the notebook is changed."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll import nn, notebook
from knoll.errors import ArgumentError, FileError, UnsupportedError
from knoll.messages import Language

if find_spec("anywidget") is None:
    pytest.skip("anywidget is not installed: pip install -e '.[test]'", allow_module_level=True)


def ask(widget: Any, view: str, **query: str) -> dict[str, Any]:
    """What the widget answers to a question of its page."""
    widget.question = {"number": str(len(str(widget.answer))), "view": view, "query": query}
    answer: dict[str, Any] = widget.answer
    return answer if "error" in answer or "found" in answer else getattr(widget, f"{view}_view")["found"]


def test_a_layer_is_shown_at_once() -> None:
    widget = notebook.lab(nn.Conv2d(3, 6, 3, stride=2), language="en").widget
    assert widget.setting["layer"] == "Conv2d(3, 6, 3, stride=2)"
    assert widget.layer_view["found"]["outputs"] == "6×15×15"
    assert "<svg" in widget.cell_view["found"]["scene"]


def test_what_is_asked_is_answered() -> None:
    widget = notebook.lab("MaxPool2d(2)", language="en").widget
    found = ask(widget, "layer", **{"layer": "MaxPool2d(2)", "set.stride": "1"})
    assert (found["layer"], found["outputs"]) == ("MaxPool2d(2, stride=1)", "3×31×31")
    assert "torch" in ask(widget, "takeaway", layer="MaxPool2d(2)")["programs"][1]["text"]
    assert ask(widget, "solve", layer="MaxPool2d(2)", wanted="8x8")["arguments"]
    assert ask(widget, "compare", layer="MaxPool2d(2)", other="AvgPool2d(2)")["sides"]


@pytest.mark.parametrize(("language", "words"), [("en", "output"), ("zh", "没有")])
def test_what_cannot_be_is_told_in_the_language_of_the_widget(language: Language, words: str) -> None:
    widget = notebook.lab("MaxPool2d(2)", language=language).widget
    assert words in ask(widget, "cell", layer="MaxPool2d(2)", cell="0,9,9,9")["error"]


def test_a_sequence_is_written_as_the_lab_reads_it() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sequential(nn.ReLU(), nn.MaxPool2d(2)))
    widget = notebook.lab(net, language="en").widget
    assert widget.setting["layer"] == "Sequential(Conv2d(3, 4, 3), Sequential(ReLU(), MaxPool2d(2)))"
    assert widget.layer_view["found"]["outputs"] == "4×15×15"


def pictures(folder: Path) -> list[Any]:
    """One picture as everything that is taken for one."""
    pixels = np.random.default_rng(1).integers(0, 256, (20, 20, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(folder / "a.png")
    return [folder / "a.png", str(folder / "a.png"), Image.fromarray(pixels), pixels,
            knoll.tensor(pixels.transpose(2, 0, 1).astype(np.float32) / 255)]  # fmt: skip


def test_a_picture_may_be_a_path_an_array_or_a_tensor(tmp_path: Path) -> None:
    shown = {notebook.lab("ReLU()", each).widget.layer_view["found"]["picture"] for each in pictures(tmp_path)}
    assert len({notebook.lab("ReLU()", each).widget.setting["input"] for each in pictures(tmp_path)}) == 1
    assert len(shown) == 1


def test_a_picture_that_is_dropped_gets_a_name() -> None:
    widget, file = notebook.lab("ReLU()", language="en").widget, BytesIO()
    Image.new("RGB", (9, 9), "red").save(file, "PNG")
    widget.picture = file.getvalue()
    name = ask(widget, "picture")["found"]["name"]
    assert widget.picture == b""
    assert ask(widget, "layer", layer="Conv2d(3, 6, 3)", input=f"image:{name}")["picture"]
    widget.picture = b"no picture"
    assert "error" in ask(widget, "picture")


def test_the_random_numbers_of_the_notebook_are_left_alone() -> None:
    knoll.manual_seed(3)
    expected = knoll.randn(4).numpy().copy()
    knoll.manual_seed(3)
    notebook.lab("Dropout()")
    np.testing.assert_array_equal(knoll.randn(4).numpy(), expected)


def test_what_is_no_layer_and_no_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="layer"):
        notebook.lab("open('x')", language="en")
    with pytest.raises(FileError, match=re.escape("none.png")):
        notebook.lab("ReLU()", tmp_path / "none.png")


def test_without_anywidget_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "knoll.notebook.explorer", raising=False)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(UnsupportedError, match=re.escape("knoll[notebook]")) as caught:
        notebook.lab()
    assert "anywidget" in str(caught.value)


def test_a_notebook_shows_it_and_the_next_cell_knows_its_layer() -> None:
    explorer = notebook.lab("MaxPool2d(2)", language="en")
    bundle = explorer._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    explorer.widget.setting = {"layer": "MaxPool2d(3)"}
    assert explorer.layer == "MaxPool2d(3)"

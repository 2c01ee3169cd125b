"""The views of one number, of two layers side by side, and of a size that is wanted."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.client import reached

from knoll.analysis import trace
from knoll.explain.reading import read_layer
from knoll.lab.families import families
from knoll.lab.image import Images
from knoll.lab.setting import Setting
from knoll.lab.subject import subject_of
from knoll.lab.views.cell import cell_view
from knoll.lab.views.compare import compare_view, other_of
from knoll.lab.views.solve import solve_view
from knoll.messages import LANGUAGES, speaking

KINDS = [text for layers in families().values() for text in layers.values()]
MATRIX = "1 2 0 3 1; 0 1 2 3 1; 1 2 1 0 0; 5 2 3 1 1; 2 1 0 1 1"


@pytest.mark.parametrize("way", ["forward", "backward"])
@pytest.mark.parametrize("text", KINDS)
def test_every_layer_tells_of_its_first_and_last_number(text: str, way: str) -> None:
    subject = subject_of(Setting(layer=text), Images())
    shape = subject.output
    for language, cell in zip(LANGUAGES, ((0,) * len(shape), tuple(size - 1 for size in shape)), strict=True):
        with speaking(language):
            view = cell_view(Setting(layer=text, cell=cell, way=way, language=language), Images())
        assert view.index == cell
        assert view.caption
        assert view.scene.startswith("<svg")


def test_a_convolution_writes_its_products_out() -> None:
    view = cell_view(Setting(layer="Conv2d(1, 1, 2)", input="1 2; 3 4", cell=(0, 0, 0, 0)), Images())
    subject = subject_of(Setting(layer="Conv2d(1, 1, 2)", input="1 2; 3 4"), Images())
    weight, bias = (each.detach().numpy().ravel() for each in subject.layer.parameters())
    assert f"{float(np.dot([1, 2, 3, 4], weight) + bias[0]):.2f}" in view.sum.replace("−", "-")
    assert view.sum.count("·") == 4
    assert view.box == (0, 0, 2, 2)


def test_a_maximum_names_its_winner() -> None:
    view = cell_view(Setting(layer="MaxPool2d(3, ceil_mode=True)", input=MATRIX, cell=(0, 0, 1, 0)), Images())
    assert view.caption == "output[0, 1, 0] = max(5, 2, 3, 2, 1, 0, −∞, −∞, −∞) = 5"
    assert (view.box, view.value, view.sum) == ((3, 0, 2, 3), "5", "")


def test_a_mode_is_chosen() -> None:
    query = {"layer": "Dropout2d()", "size": "16"}
    train, evaluated = (
        reached().get("/view/layer", params={**query, "mode": mode}).json() for mode in ("train", "eval")
    )
    assert train["has_modes"] is True
    assert evaluated["made"][0]["image"] == evaluated["given"][0]["image"]
    assert [each["mean"] for each in train["made"]] != [each["mean"] for each in evaluated["made"]]
    program = reached().get("/view/takeaway", params={**query, "mode": "eval"}).json()["programs"][0]["text"]
    assert "layer.eval()" in program


def test_a_number_of_a_channel_is_read_from_that_channel() -> None:
    view = cell_view(Setting(layer="MaxPool2d(2)", cell=(0, 2, 3, 4)), Images())
    assert (view.channels, view.box) == ((2,), (6, 8, 2, 2))


def test_a_number_that_there_is_not_is_refused() -> None:
    answer = reached().get("/view/cell?layer=MaxPool2d(2)&cell=0,0,16,0")
    assert answer.status_code == 400
    assert "16" in answer.json()["error"]


@pytest.mark.parametrize("text", KINDS)
def test_every_layer_has_another_to_compare_with(text: str) -> None:
    other = other_of(Setting(layer=text))
    view = compare_view(Setting(layer=text), Images())
    assert view.sides[1].layer == other
    assert view.sides[0].made or view.sides[0].refused


def test_what_two_layers_make_is_compared() -> None:
    view = compare_view(Setting(layer="MaxPool2d(2)", other="AvgPool2d(2)"), Images())
    assert [side.outputs for side in view.sides] == ["3×16×16", "3×16×16"]
    assert view.largest
    assert "3×16×16" in view.table
    same = compare_view(Setting(layer="Conv2d(3, 6, 3)", other="Conv2d(3, 6, 3, bias=True)"), Images())
    assert same.largest == "0"


def test_an_impossible_layer_is_compared_with_why() -> None:
    view = compare_view(Setting(layer="MaxPool2d(2)", other="MaxPool2d(2, padding=9)"), Images())
    assert "pad should be at most half" in view.sides[1].refused


@pytest.mark.parametrize("layer", ["Conv2d(3, 6, 3)", "MaxPool2d(2)", "ConvTranspose2d(3, 3, 2, stride=2)"])
@pytest.mark.parametrize("wanted", ["16x16", "8", "31x15", "64"])
def test_what_is_found_gives_the_size(layer: str, wanted: str) -> None:
    view = solve_view(Setting(layer=layer, options={"wanted": wanted}), Images())
    size = tuple(map(int, view.wanted.split("×")))
    for found in (*view.arguments, *view.layers):
        assert trace(read_layer(found.layer), (3, 32, 32)).outputs[0].spec.shape[2:] == size
    assert view.layers or view.words


@pytest.mark.parametrize("wanted", ["0", "x", "-1", "16x", "99999999", "1e3"])
def test_sizes_that_are_none_are_refused(wanted: str) -> None:
    answer = reached().get("/view/solve", params={"wanted": wanted, "language": "zh"})
    assert answer.status_code == 400
    assert "地址" in answer.json()["error"]


def test_the_player_of_both_is_a_page_of_its_own() -> None:
    answer = reached().get("/animation?kind=compare&layer=MaxPool2d(2)&other=MaxPool2d(3)&input=1 2 3; 4 5 6; 7 8 9")
    assert answer.headers["content-type"].startswith("text/html")
    assert "script-src 'unsafe-inline'" in answer.headers["content-security-policy"]
    assert "connect-src" not in answer.headers["content-security-policy"]
    assert "kernel_size=3" in answer.text


@pytest.mark.parametrize(("text", "cell"), [("", (3, 0, 1)), (", batch_first=True", (0, 3, 1))])
def test_every_position_of_attention_is_told_of(text: str, cell: tuple[int, ...]) -> None:
    view = cell_view(Setting(layer=f"MultiheadAttention(8, 2{text})", cell=cell), Images())
    assert (view.index, view.caption.startswith("position 3 ")) == (cell, True)

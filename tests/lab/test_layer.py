"""The view of a layer."""

from __future__ import annotations

import re

import pytest
from tests.lab.client import reached

from knoll.explain.words import CARDS
from knoll.lab.families import families
from knoll.lab.image import Images
from knoll.lab.setting import Setting
from knoll.lab.views.layer import layer_view
from knoll.messages import LANGUAGES, sentence, speaking

KINDS = [text for layers in families().values() for text in layers.values()]


def test_every_layer_can_be_picked() -> None:
    assert len(KINDS) == len(CARDS)


@pytest.mark.parametrize("text", KINDS)
def test_every_layer_is_shown(text: str) -> None:
    for language in LANGUAGES:
        with speaking(language):
            view = layer_view(Setting(layer=text, language=language), Images())
        assert view.refused is None
        assert view.introduction
        assert view.made
        assert {control.name for control in view.controls} <= set(view.words)


@pytest.mark.parametrize("text", ["Linear(4, 3)", "Softmax(dim=1)", "CrossEntropyLoss()", "Sequential(Linear(4, 2))"])
def test_what_takes_no_picture_shows_its_numbers(text: str) -> None:
    view = layer_view(Setting(layer=text), Images())
    assert "<svg" in view.numbers
    assert layer_view(Setting(layer=text, input="1 2 3 17"), Images()).numbers.count(">17<") == 1


@pytest.mark.parametrize(
    ("text", "inputs", "outputs", "rows"),
    [
        ("MultiheadAttention(8, 2)", "4×1×8", "4×1×8", 4),
        ("MultiheadAttention(8, 2, batch_first=True)", "1×4×8", "1×4×8", 4),
        ("KLDivLoss()", "4×3", "1", 1),
    ],
)
def test_shapes_are_those_of_the_drawing_and_every_position_can_be_chosen(
    text: str, inputs: str, outputs: str, rows: int
) -> None:
    view = layer_view(Setting(layer=text), Images())
    assert (view.inputs, view.outputs) == (inputs, outputs)
    (chosen,) = view.made
    assert chosen.rows == rows


def test_a_picture_is_not_drawn_as_numbers() -> None:
    assert layer_view(Setting(), Images()).numbers == ""
    assert layer_view(Setting(input="1 2; 3 4", layer="MaxPool2d(2)"), Images()).numbers == ""
    assert "<svg" in layer_view(Setting(layer="MaxPool2d(2)", input="numbers"), Images()).numbers


def test_what_is_impossible_is_explained_and_the_nearest_is_offered() -> None:
    view = layer_view(Setting(layer="Conv2d(3, 6, 3, groups=2)", changed="groups"), Images())
    assert view.refused is not None
    assert "in_channels must be divisible by groups" in view.refused.reason
    assert [offer.change for offer in view.refused.offers][:2] == ["groups=1", "groups=3"]


def offered(text: str) -> list[tuple[str, str]]:
    """The layers that are offered in place of one that is not possible, and what changes."""
    refused = layer_view(Setting(layer=text), Images()).refused
    assert refused is not None
    return [(offer.layer, offer.change) for offer in refused.offers]


SEQUENCES = {
    "Sequential(Conv2d(3, 8, 3), MaxPool2d(2), Flatten(), Linear(100, 10))": (
        "Sequential(Conv2d(3, 8, 3), MaxPool2d(2), Flatten(), Linear(1800, 10))",
        "3.in_features=1800",
    ),
    "Sequential(nn.Conv2d(3, 8, 3), BatchNorm2d(num_features=9), nn.ReLU(), Conv2d(16, 4, 1))": (
        "Sequential(nn.Conv2d(3, 8, 3), BatchNorm2d(num_features=8), nn.ReLU(), Conv2d(8, 4, 1))",
        "1.num_features=8, 3.in_channels=8",
    ),
    "Sequential(ReLU(), Sequential(Conv2d(3, 8, 3), Conv2d(3, 8, 3)))": (
        "Sequential(ReLU(), Sequential(Conv2d(3, 8, 3), Conv2d(8, 8, 3)))",
        "1.1.in_channels=8",
    ),
    "nn.Sequential(Conv2d(3, 8, 3), nn.Sequential(nn.ReLU(), nn.Linear(8, 6)))": (
        "nn.Sequential(Conv2d(3, 8, 3), nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Linear(7200, 6)))",
        "Flatten() before layer 1.1, 1.2.in_features=7200",
    ),
}


@pytest.mark.parametrize("text", SEQUENCES)
def test_a_sequence_is_offered_with_counts_that_fit(text: str) -> None:
    assert offered(text) == [SEQUENCES[text]]


def test_in_a_sequence_the_layer_that_is_not_possible_is_changed() -> None:
    found = offered("Sequential(Conv2d(3, 8, 3), Sequential(MaxPool2d(40), ReLU()))")
    assert ("Sequential(Conv2d(3, 8, 3), Sequential(MaxPool2d(30), ReLU()))", "kernel_size=30") in found


MEANT = {
    "": "Conv2d(3, 6, 3)",
    "'a'": "Conv2d(3, 6, 3)",
    "import torch": "Conv2d(3, 6, 3)",
    "LSTM(3, 4)": "Conv2d(3, 6, 3)",
    "Conv2d(3, 6, 3, strid=2)": "Conv2d(3, 6, 3, stride=2)",
    "Conv2d(3, 6, kernel=5)": "Conv2d(3, 6, kernel_size=5)",
    "Conv2d(in=3, out=6, kernel=5)": "Conv2d(in_channels=3, out_channels=6, kernel_size=5)",
    "Conv2d(3, 6)": "Conv2d(3, 6, 3)",
    "Conv2d(3, kernel_size=5)": "Conv2d(3, kernel_size=5, out_channels=6)",
    "Conv2d": "Conv2d(3, 6, 3)",
    "MaxPool2d()": "MaxPool2d(2)",
    "Linear(10)": "Linear(10, 3)",
    "BatchNorm2d()": "BatchNorm2d(3)",
    "Conv2d(3, 6, 3, 2, 1, 1, 1, True, 'zeros', None, None, 5)": (
        "Conv2d(3, 6, 3, 2, 1, 1, 1, True, 'zeros', None, None)"
    ),
    "Conv2d(3, 6, kernel_size=3, kernel_size=5)": "Conv2d(3, 6, kernel_size=3)",
    "conv2d(3, 6, 3)": "Conv2d(3, 6, 3)",
    "tf.keras.layers.Dense(10, 5)": "Linear(10, 5)",
    "MaxPooling2D(2)": "MaxPool2d(2)",
    "relu": "ReLU()",
    "F.relu(x)": "ReLU()",
    "nn.Conv2d(3, 6, 5": "nn.Conv2d(3, 6, 5)",
    "Conv2d(3, 6, 5))": "Conv2d(3, 6, 5)",
    "Conv2d（3，6，5）": "Conv2d(3, 6, 5)",
    "Conv2d(3 6 5)": "Conv2d(3, 6, 5)",
    "Conv2d 3 6 5": "Conv2d(3, 6, 5)",
    "Conv2d(3, 6, 5);": "Conv2d(3, 6, 5)",
    "self.conv1 = nn.Conv2d(3, 6, 5)": "nn.Conv2d(3, 6, 5)",
    "Conv2d(3, 6, 5)(x)": "Conv2d(3, 6, 5)",
    "Conv2d('3', 6, 5)": "Conv2d(3, 6, 5)",
    "Conv2d(n, 6, 5)": "Conv2d(3, 6, 5)",
    "Conv2d(3, 6, 5, bias=false)": "Conv2d(3, 6, 5, bias=False)",
    "Conv2d(3, 6, 5, padding=same)": "Conv2d(3, 6, 5, padding='same')",
    "Conv2d(3, 8, 3), ReLU()": "Sequential(Conv2d(3, 8, 3), ReLU())",
    "Sequential([Conv2d(3, 8, 3), ReLU])": "Sequential(Conv2d(3, 8, 3), ReLU())",
    "Sequential(Conv2d(3, 8, 3) ReLU())": "Sequential(Conv2d(3, 8, 3), ReLU())",
    "Sequental(Conv2d(3, 8, 3), Conv2d(3, 8, 3)": "Sequential(Conv2d(3, 8, 3), Conv2d(8, 8, 3))",
}


@pytest.mark.parametrize("text", MEANT)
def test_for_a_text_that_is_no_layer_the_nearest_one_is_offered(text: str) -> None:
    assert offered(text) == [(MEANT[text], MEANT[text])]


@pytest.mark.parametrize(
    "text", sorted(MEANT.keys() - {"Conv2d('3', 6, 5)"})
)  # which PyTorch has a sentence of its own for
def test_why_a_text_is_no_layer_is_said_in_the_language_of_the_page(text: str) -> None:
    with speaking("zh"):
        refused = layer_view(Setting(layer=text, language="zh"), Images()).refused
    assert refused is not None
    assert re.search("[\u4e00-\u9fff]", refused.reason.partition("\n")[0])


@pytest.mark.parametrize(
    "text", ["Sequential(" * 900, "(" * 4000, "Conv2d(" + "9" * 3000 + ", 6, 3)", "\0", "a" * 4000]
)
def test_texts_that_nobody_means_are_refused_too(text: str) -> None:
    assert offered(text)


def test_what_is_offered_is_near() -> None:
    assert offered("Conv2d(3, 6, 3.5)")[0][1] == "kernel_size=3"
    assert offered("Dropout(1.5)")[0][1] == "p=1.0"
    assert offered("Conv2d(3, 6, 3, padding=1000000000)")


@pytest.mark.parametrize("typed", ["a b", "1 2; 3", "nan 1; 2 3"])
def test_how_a_matrix_is_typed_is_told_where_it_is_none(typed: str) -> None:
    view = layer_view(Setting(layer="MaxPool2d(1)", input=typed), Images())
    assert view.refused is not None
    assert view.refused.reason.startswith(sentence("lab.no_matrix").text("en"))


def test_a_change_is_made_by_the_server() -> None:
    answer = reached().get("/view/layer", params={"layer": "Conv2d(3, 6, 3)", "set.stride": "2"}).json()
    assert answer["layer"] == "Conv2d(3, 6, 3, stride=2)"
    assert (answer["inputs"], answer["outputs"]) == ("3×32×32", "6×15×15")


@pytest.mark.parametrize(
    ("text", "is_random"),
    [("Conv2d(3, 6, 3)", True), ("BatchNorm2d(3)", False), ("MaxPool2d(2)", False), ("CrossEntropyLoss()", False)],
)
def test_weights_are_said_to_be_random_where_they_are(text: str, is_random: bool) -> None:
    assert layer_view(Setting(layer=text), Images()).is_random == is_random

"""Networks explained layer by layer."""

from __future__ import annotations

import json

import pytest

from knoll import nn
from knoll.analysis import trace
from knoll.errors import ArgumentError, EntryError
from knoll.explain import Explanation, NetworkExplanation, explain_network, explanation_of
from knoll.explain.words import CARDS
from knoll.messages import LANGUAGES, Language
from knoll.nn import Module
from knoll.vision.models import practice

CONTAINERS = {"Module", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"}
OF_LAYERS = {name for name in nn.__all__ if name.startswith("Transformer")}  # explained layer by layer


def test_every_layer_has_a_card() -> None:
    kinds = {name: kind for name, kind in vars(nn).items() if isinstance(kind, type) and issubclass(kind, Module)}
    public = set(nn.__all__) & set(kinds) - CONTAINERS - OF_LAYERS
    assert not [name for name in public if not any(each in CARDS for each in kinds[name].__mro__)]


def test_lines_are_those_of_the_trace() -> None:
    net = practice()
    found = explain_network(net, (3, 32, 32))
    layers = trace(net, (3, 32, 32)).layers
    assert [line.output for line in found.layers] == [call.output.shape[1:] for call in layers]
    assert [line.field for line in found.layers][:3] == [(5, 5), (6, 6), (14, 14)]
    assert found.parameters == sum(parameter.numel() for parameter in net.parameters()) == 145_578
    assert found.multiply_adds == 12_354_176
    assert all(line.words for line in found.layers)


def test_a_layer_is_explained_by_its_name() -> None:
    found = explain_network(nn.Sequential(nn.Flatten(), nn.Linear(12, 2)), (3, 2, 2))
    assert found["1"].written == "Linear(12, 2)"
    with pytest.raises(EntryError, match="no layer that was called has the name 7"):
        found["7"]


def test_parameters_of_a_layer_that_is_called_twice_count_once() -> None:
    shared = nn.Linear(4, 4)
    assert explain_network(nn.Sequential(shared, nn.ReLU(), shared), (4,)).parameters == 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_told_in_each_language(language: Language) -> None:
    found = explain_network(nn.Sequential(nn.Linear(4, 2), nn.ReLU()), (4,))
    assert "Linear(4, 2)" in found.text(language)
    assert json.loads(found.json())["layers"][0]["parameters"] == 10


@pytest.mark.parametrize("loss", [nn.CrossEntropyLoss(), nn.MSELoss(), nn.GaussianNLLLoss(), nn.BCEWithLogitsLoss()])
def test_a_loss_takes_the_shape_of_scores_alone(loss: Module) -> None:
    assert loss.explain((10,)).inputs[0] == (1, 10)
    assert loss.explain((5, 4, 4)).inputs[0] == (1, 5, 4, 4)


def test_a_normalisation_that_cannot_be_trained_is_explained() -> None:
    assert nn.BatchNorm2d(3, eps=0.0).explain((3, 4, 4)).outputs == ((3, 4, 4),)


def test_layers_and_networks_are_told_apart() -> None:
    assert isinstance(explanation_of(nn.MultiheadAttention(4, 2)), Explanation)
    assert isinstance(nn.Sequential(nn.ReLU()).explain((4,)), NetworkExplanation)
    with pytest.raises(ArgumentError, match="give its shape"):
        nn.Sequential(nn.ReLU()).explain()


def test_what_is_said_of_several_layers_is_said_once() -> None:
    relu = nn.ReLU()
    net = nn.Sequential(nn.Conv2d(2, 2, 3), relu, nn.Conv2d(2, 2, 3, padding=1), relu, nn.Hardtanh())
    text = net.explain((2, 8, 8)).document().markdown("en")
    assert text.count("A window of 3×3 pixels slides over the image.") == 1
    assert "`0 Conv2d(2, 2, 3), 2 Conv2d(2, 2, 3, padding=1)` – A window" in text
    assert text.count("– Numbers below 0 become 0") == 1

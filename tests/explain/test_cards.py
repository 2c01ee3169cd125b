"""Laws over the cards of all layers: every argument has words, and every number in them is what the layer gives."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.explain.configurations import plurals_of_one

import knoll
from knoll import nn
from knoll.analysis.arguments import arguments_of, signature
from knoll.analysis.run import Run
from knoll.errors import ArgumentError
from knoll.explain import Explanation, explain
from knoll.explain.examples import Example, examples
from knoll.explain.reasons import reason_words
from knoll.explain.words import CARDS, card_of
from knoll.messages import LANGUAGES, Language
from knoll.nn import Module
from knoll.nn.inspection import Input

EXAMPLES = list(examples())
pytestmark = [
    pytest.mark.filterwarnings("ignore:reduction. 'mean'"),  # PyTorch's, of every KLDivLoss
    pytest.mark.filterwarnings("ignore:enable_nested_tensor"),  # PyTorch's, of transformers with other arguments
    pytest.mark.filterwarnings("ignore:input's size at dim=1"),  # PyTorch's, of an InstanceNorm that learns nothing
]
OLD = {"size_average", "reduce", "min_value", "max_value"}  # older names of arguments, which others stand for


@cache
def explained(example: Example) -> Explanation:
    return explain(example.layer, *example.inputs)


def run(layer: Module, *inputs: Input) -> tuple[int, ...]:
    """The shape of what the layer gives, as far as it is shown, evaluated by the meaning of its operations."""
    return shown(layer, Run(layer, *inputs, training=False).result.shape)


def shown(layer: Module, shape: tuple[int, ...]) -> tuple[int, ...]:
    card = card_of(layer)
    assert card is not None
    return card.shown(shape)


def shape_of(given: Input) -> tuple[int, ...]:
    """The shape of a batch of an input."""
    return (1, *given) if isinstance(given, tuple) else tuple(given.shape)


def blank(given: Input) -> Input:
    """The same shape, without numbers that may not fit another layer."""
    return given if isinstance(given, tuple) else np.zeros(tuple(given.shape), given.dtype)


@pytest.mark.parametrize("kind", CARDS, ids=lambda kind: kind.__name__)
def test_every_argument_has_words(kind: type[Module]) -> None:
    assert set(CARDS[kind].arguments) == set(signature(kind)) - OLD


@pytest.mark.parametrize("kind", CARDS, ids=lambda kind: kind.__name__)
def test_every_argument_has_three_values_or_all(kind: type[Module]) -> None:
    for name, argument in CARDS[kind].arguments.items():
        every = argument.is_all or isinstance(argument.values[0], bool) or name in ("device", "dtype")
        assert len(set(argument.values)) == len(argument.values) >= (1 if every else 3), name


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_shapes_and_sizes_are_those_of_the_layer(example: Example) -> None:
    layer, shapes = example.layer, example.inputs
    found = explained(example)
    assert found.outputs[0] == run(layer, *shapes)
    assert found.inputs == tuple(shown(layer, shape_of(each)) for each in shapes)
    if found.sizes:
        assert tuple(step.result for step in found.sizes) == found.outputs[0][-len(found.sizes) :]
    assert found.cost.parameters == sum(parameter.numel() for parameter in layer.parameters())


def without_followers(layer: nn.Module) -> dict[str, Any]:
    """The arguments of a layer, but for those that are as large as another one because they are not given."""
    given = arguments_of(layer)
    pools = (nn.MaxPool2d, nn.AvgPool2d, nn.MaxUnpool2d, nn.MaxPool1d, nn.AvgPool1d, nn.MaxUnpool1d)
    pools += (nn.LPPool1d, nn.LPPool2d)
    if isinstance(layer, pools) and given["stride"] == given["kernel_size"]:
        del given["stride"]
    if isinstance(layer, nn.MultiheadAttention):
        return {
            name: value for name, value in given.items() if name not in ("kdim", "vdim") or value != given["embed_dim"]
        }
    return given


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_effects_are_what_such_a_layer_gives(example: Example) -> None:
    layer = example.layer
    for note in explained(example).parameters:
        for effect in note.effects:
            if effect.output is None:
                assert effect.reason
                assert not isinstance(reason_words(effect.reason), str), "it has words in both languages"
                continue
            changed = type(layer)(**{**without_followers(layer), note.name: effect.value})
            inputs = tuple(map(blank, example.inputs))
            assert effect.output == run(changed, *inputs)
            assert effect.parameters == sum(parameter.numel() for parameter in changed.parameters())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_explanation_is_a_text_in_each_language(example: Example, language: Language) -> None:
    text = explained(example).document().text(80, language)
    assert f"{example.name}=" in text
    assert "{" not in text
    assert not plurals_of_one(text)


def test_what_has_no_card_is_told() -> None:
    class Net(nn.Module):
        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            return x

    with pytest.raises(ArgumentError, match="no words for Net"):
        explain(Net(), (3, 4, 4))

"""The view of one number: of an attention the head that is chosen, and of transformers each position."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from knoll.errors import ArgumentError
from knoll.lab.arguments import changed
from knoll.lab.image import Images
from knoll.lab.setting import Setting
from knoll.lab.views.cell import animation, cell_view
from knoll.lab.views.layer import layer_view

WITH_HEADS = ["MultiheadAttention(8, 2)", "TransformerEncoderLayer(4, 2, 8)", "TransformerDecoderLayer(4, 2, 8)"]


def setting(layer: str, **options: str) -> Setting:
    return Setting(layer=layer, options=MappingProxyType(options))


@pytest.mark.parametrize("layer", WITH_HEADS)
def test_a_head_of_attention_can_be_chosen(layer: str) -> None:
    assert layer_view(Setting(layer=layer), Images()).heads == 2
    assert "in the mean of 2 heads" in cell_view(Setting(layer=layer), Images()).caption
    for head in ("0", "1"):
        found = cell_view(setting(layer, head=head), Images())
        assert f"in head {head}" in found.caption
        assert f"attention weights, head {head}" in found.scene
        assert f"attention weights, head {1 - int(head)}" not in found.scene
        assert f"in head {head}" in str(animation(setting(layer, head=head), Images()).frames[0].caption)


@pytest.mark.parametrize("head", ["2", "-1", "x", "²", "1" * 9])
def test_a_head_that_is_not_there_is_refused(head: str) -> None:
    with pytest.raises(ArgumentError, match=r"there is no such head|has a value for `head` that the lab does not know"):
        cell_view(setting(WITH_HEADS[0], head=head), Images())


def test_other_layers_have_no_heads() -> None:
    assert layer_view(Setting(layer="ReLU()"), Images()).heads == 0


@pytest.mark.parametrize(
    ("layer", "changes", "expected"),
    [
        ("TransformerEncoder(TransformerEncoderLayer(4, 2, 8), 2)", {"num_layers": "1"},
         "TransformerEncoder(TransformerEncoderLayer(4, 2, dim_feedforward=8), 1)"),
        ("TransformerEncoderLayer(4, 2, 8)", {"activation": "gelu"},
         "TransformerEncoderLayer(4, 2, dim_feedforward=8, activation='gelu')"),
    ],
)  # fmt: skip
def test_a_layer_within_another_stays_when_an_argument_is_changed(
    layer: str, changes: dict[str, str], expected: str
) -> None:
    assert changed(layer, changes) == expected
    assert layer_view(Setting(layer=expected), Images()).refused is None


def test_an_activation_is_chosen_by_its_name() -> None:
    controls = layer_view(Setting(layer=WITH_HEADS[1]), Images()).controls
    (activation,) = [each for each in controls if each.name == "activation"]
    assert (activation.value, activation.choices) == ("relu", ("relu", "gelu"))
    assert not [each for each in controls if "object at 0x" in each.value or "function" in each.value]

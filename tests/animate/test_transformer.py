"""Frames of a transformer's layer: the weights of its attention, and the numbers of every step."""

from __future__ import annotations

import numpy as np
import pytest
from tests.animate.reading import numbers, shows, words

import knoll
from knoll import nn
from knoll.analysis.run import Run
from knoll.analysis.transformer_steps import steps_of
from knoll.animate import animate
from knoll.animate.moment import moment
from knoll.animate.runs import cells_of
from knoll.draw import numeral
from knoll.errors import ArgumentError

KINDS = [nn.TransformerEncoderLayer, nn.TransformerDecoderLayer]


def layer_of(kind: type[nn.Module], **arguments: bool) -> nn.Module:
    knoll.manual_seed(0)
    return kind(4, 2, 8, **{"batch_first": True, **arguments}).eval()


X = np.random.default_rng(1).integers(-3, 4, (2, 3, 4)).astype(np.float32)


def given(layer: nn.Module) -> list[np.ndarray]:
    x = X if layer.self_attn.batch_first else X.swapaxes(0, 1)
    return [x, x + 1] if isinstance(layer, nn.TransformerDecoderLayer) else [x]


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_for_each_position_with_the_numbers_of_the_layer(
    kind: type[nn.Module], norm_first: bool, batch_first: bool
) -> None:
    layer = layer_of(kind, norm_first=norm_first, batch_first=batch_first)
    y = layer(*map(knoll.tensor, given(layer))).detach().numpy()
    own = y[0] if batch_first else y[:, 0]
    frames = animate(layer, *given(layer)).frames
    assert len(frames) == 3
    for position, frame in enumerate(frames):
        drawn = numbers(frame.scene, "output")
        assert {at[0] for at in drawn} == {*range(position + 1)}
        assert all(shows(text, own[at], own) for at, text in drawn.items())
        titles = words(frame.scene, "en")
        run = Run(layer, *given(layer), training=False)
        assert all(formula in titles for formula, _ in steps_of(run.trace.calls[0], run.trace))


@pytest.mark.parametrize("norm_first", [True, False])
def test_the_weights_are_those_of_its_attention_and_a_head_can_be_chosen(norm_first: bool) -> None:
    layer = layer_of(nn.TransformerEncoderLayer, norm_first=norm_first)
    x = layer.norm1(knoll.tensor(X)) if norm_first else knoll.tensor(X)
    each = layer.self_attn(x, x, x, average_attn_weights=False)[1].detach().numpy()[0]
    for head in (0, 1):
        for position, frame in enumerate(animate(layer, X, head=head).frames):
            row = each[head, position]
            start = f"position {position} looks most at position {row.argmax()} in head {head}, with weight "
            assert str(frame.caption).startswith(start + numeral(float(row.max())))
            assert {numeral(float(weight)) for weight in row} <= {*words(frame.scene, "en")}
    mean = each.mean(axis=0)
    assert str(animate(layer, X).frames[1].caption).startswith(
        f"position 1 looks most at position {mean[1].argmax()}, with weight {numeral(float(mean[1].max()))} in the mean"
    )
    with pytest.raises(ArgumentError, match="a head from 0 to 1"):
        animate(layer, X, head=2)


@pytest.mark.parametrize("kind", [*KINDS, nn.Transformer])
def test_one_number_has_its_frame(kind: type[nn.Module]) -> None:
    layer = kind(4, 2, dim_feedforward=8, batch_first=True)
    cells = cells_of(layer, X, *([X] if kind is not nn.TransformerEncoderLayer else []))
    frame = moment(cells, (0, 1, 2))
    assert frame.cells
    if kind is not nn.Transformer:
        assert "in head 1" in str(moment(cells, (0, 1, 2), head=1).caption)
    assert words(frame.scene, "zh")


def test_a_stack_is_followed_back_by_positions() -> None:
    found = animate(nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2))
    shown = words(found.frames[-1].scene, "en")
    assert "l" in shown
    assert "e" in shown

"""Frames of attention: the weights of each head are those that the layer gives."""

from __future__ import annotations

import numpy as np
import pytest
from tests.animate.reading import shows, words

import knoll
from knoll import nn
from knoll.animate import animate
from knoll.animate.attention import _weights
from knoll.animate.runs import cells_of
from knoll.draw import numeral
from knoll.errors import ArgumentError, ArgumentTypeError


def layer_of(heads: int, **arguments: bool) -> nn.MultiheadAttention:
    knoll.manual_seed(0)
    return nn.MultiheadAttention(8, heads, **{"batch_first": True, **arguments})


X = np.random.default_rng(1).integers(-3, 4, (1, 4, 8)).astype(np.float32)


@pytest.mark.parametrize("shape", [(1, 4, 8), (4, 8)], ids=str)
@pytest.mark.parametrize("extras", [{}, {"add_zero_attn": True}, {"add_bias_kv": True}], ids=str)
@pytest.mark.parametrize("heads", [1, 2, 4])
def test_the_weights_of_the_heads_are_those_of_the_layer(
    heads: int, extras: dict[str, bool], shape: tuple[int, ...]
) -> None:
    layer, x = layer_of(heads, **extras), X.reshape(shape)
    each = layer(*[knoll.tensor(x)] * 3, average_attn_weights=False)[1].detach().numpy()
    found, means = _weights(cells_of(layer, x, x, x))
    np.testing.assert_allclose(found, each[0] if each.ndim == 4 else each, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(means, found.mean(axis=0), rtol=1e-6)


def test_one_head_can_be_chosen() -> None:
    layer = layer_of(2)
    each = layer(*[knoll.tensor(X)] * 3, average_attn_weights=False)[1].detach().numpy()[0]
    for head in (0, 1):
        frames = animate(layer, X, head=head).frames
        for token, frame in enumerate(frames):
            row = each[head, token]
            best = int(row.argmax())
            told = str(frame.caption)
            start = f"position {token} looks most at position {best} in head {head}, with weight "
            assert told.startswith(start)
            assert shows(told.removeprefix(start).split(";")[0], float(row[best]), row)
            shown = words(frame.scene, "en")
            assert f"attention weights, head {head}" in shown
            assert f"attention weights, head {1 - head}" not in shown
            assert {numeral(float(weight)) for weight in row} <= {*shown}


def test_the_mean_and_the_first_heads_are_shown_unless_one_is_chosen() -> None:
    shown = words(animate(layer_of(8), X).frames[0].scene, "en")
    titles = [text for text in shown if text.startswith("attention")]
    assert titles == ["attention weights, mean of 8 heads", *(f"attention weights, head {head}" for head in range(4))]
    assert "4 of 8 heads; head=… shows another" in shown
    assert not [text for text in words(animate(layer_of(4), X).frames[0].scene, "en") if "another" in text]
    assert "注意力权重，头 1" in words(animate(layer_of(2), X, head=1).frames[0].scene, "zh")
    alone = words(animate(layer_of(1), X, head=0).frames[0].scene, "en")
    assert [text for text in alone if text.startswith("attention")] == ["attention weights"]


@pytest.mark.parametrize("head", [2, -1])
def test_a_head_that_is_not_there_is_refused(head: int) -> None:
    with pytest.raises(ArgumentError, match="no such head") as caught:
        layer_of(2).animate(X, head=head)
    assert "a head from 0 to 1" in str(caught.value)
    with pytest.raises(ArgumentError, match="the layers with heads"):
        nn.ReLU().animate(head=0)


@pytest.mark.parametrize("head", [True, "0", 1.0])
def test_a_head_is_a_whole_number(head: object) -> None:
    with pytest.raises(ArgumentTypeError, match="there is no such head to show"):
        layer_of(2).animate(X, head=head)  # type: ignore[arg-type]  # a wrong one


@pytest.mark.parametrize("batch_first", [True, False])
def test_a_shape_of_one_sample_is_a_sequence(batch_first: bool) -> None:
    assert len(animate(layer_of(2, batch_first=batch_first), (5, 8)).frames) == 5

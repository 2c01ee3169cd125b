"""A law over the examples of all cards: every value has an animation, and its numbers are those of the layer."""

from __future__ import annotations

import numpy as np
import pytest
from tests.animate.reading import numbers, shows, tells

import knoll
from knoll.analysis.made_up import numbers_for
from knoll.analysis.trace import random_numbers_kept
from knoll.analysis.transformer_arguments import OF_POSITIONS
from knoll.animate import animate, steps
from knoll.animate.sheets import NARROW, place
from knoll.draw import Animation
from knoll.draw.scene import MARGIN
from knoll.explain.examples import Example, examples
from knoll.explain.words import CARDS
from knoll.graph import Array
from knoll.nn import ConvTranspose1d, ConvTranspose2d, Module

WIDTH, PHONE, BYTES, FEW = 1100, NARROW + 2 * MARGIN, 300_000, 4
SEEN = set[str]()


@pytest.mark.filterwarnings("ignore:reduction")  # of KLDivLoss
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")  # PyTorch's, of transformers with other arguments
@pytest.mark.parametrize("kind", CARDS, ids=lambda kind: kind.__name__)
def test_each_value_has_an_animation_with_the_numbers_of_the_layer(
    kind: type[Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "MOST", FEW)  # the first numbers of the output, and the last frame with all of them
    shown: list[tuple[int, Module, list[Array]]] = []
    for example in examples(kind):
        layer = example.layer
        arrays = numbers_for(layer, example.inputs)
        with random_numbers_kept():  # so that the animation draws the same
            result = layer(*map(knoll.tensor, arrays))  # a lazy layer is then the layer that it became
            y = np.asarray((result[0] if isinstance(result, tuple) else result).detach().numpy())
        named = f"{layer} {[(array.shape, array.dtype) for array in arrays]}"
        if named not in SEEN:
            SEEN.add(named)
            check_numbers(animate(layer, *map(knoll.tensor, arrays)), y, example)
            shown.append((arrays[0].size + y.size, layer, arrays))
    monkeypatch.undo()
    if shown:
        _, layer, arrays = max(shown, key=lambda each: each[0])
        check_size(animate(layer, *map(knoll.tensor, arrays)))


def check_size(found: Animation) -> None:
    """Small enough for a page, and short enough to be watched."""
    assert len(found.frames) <= steps.MOST + 1  # a loss has one more for the whole
    assert max(frame.scene.width for frame in found.frames) <= WIDTH
    assert max(frame.scene.width for frame in found.narrow) <= PHONE
    assert len(found.svg("auto", "zh")) < BYTES


def check_numbers(found: Animation, y: Array, example: Example) -> None:
    """What the last frame shows of the output, and the number that each frame tells of."""
    if isinstance(example.layer, OF_POSITIONS):
        return  # shows the weights, and each step of a transformer
    first = reversed(list(np.ndindex(y.shape)))  # of several samples the first one is drawn
    places = {place(index, y.shape): index for index in first}
    for at, text in numbers(found.frames[-1].scene, "output").items():
        assert shows(text, y[places[at]], y), f"{example}: {at}"
    for frame in found.frames[:2]:
        drawn = numbers(frame.scene, "output")
        if frame.cell is not None and drawn:
            assert shows(drawn[frame.cell], y[places[frame.cell]], y), f"{example}: {frame.cell}"
    if not isinstance(example.layer, ConvTranspose1d | ConvTranspose2d):  # whose captions tell of the input
        told = [(frame.caption, places[frame.cell]) for frame in found.frames if frame.cell is not None]
        assert all(tells(caption, y[index], y) for caption, index in told)

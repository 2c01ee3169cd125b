"""Frames of transposed convolution: what each place of the input adds, until the output is what the layer gives."""

from __future__ import annotations

import numpy as np
import pytest
from tests.animate.reading import numbers, shows, words

import knoll
from knoll import nn
from knoll.analysis import Cells
from knoll.animate import animate
from knoll.animate.conv_transpose import spread
from knoll.animate.moment import moment
from knoll.draw.elements import Rects
from knoll.draw.extent import leaves

LAYERS = [
    nn.ConvTranspose2d(1, 1, 3, stride=2),
    nn.ConvTranspose2d(2, 4, 3, stride=2, padding=1, output_padding=1, groups=2, bias=False),
    nn.ConvTranspose2d(1, 1, 2, stride=3, dilation=2),
    nn.ConvTranspose2d(1, 1, 1, padding=1),
    nn.ConvTranspose1d(1, 1, 3, stride=2),
    nn.ConvTranspose1d(2, 4, 3, stride=2, padding=1, output_padding=1, groups=2, bias=False),
    nn.ConvTranspose1d(2, 3, 2, stride=2, dilation=3),
    nn.ConvTranspose1d(1, 1, 1, padding=1),
]


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_what_all_places_add_is_what_the_layer_gives(layer: nn.ConvTranspose1d | nn.ConvTranspose2d) -> None:
    size = (3, 4) if isinstance(layer, nn.ConvTranspose2d) else (6,)
    x = knoll.tensor(np.random.default_rng(3).integers(-9, 10, (1, layer.in_channels, *size)).astype(np.float32))
    y = layer(x).detach().numpy()
    cells = Cells(layer, x)
    for k in range(layer.out_channels):
        sums = np.full(y.shape[2:], 0.0 if layer.bias is None else float(layer.bias[k]))
        for added in spread(cells, k).values():
            for target, product in added.items():
                sums[target] += product
        np.testing.assert_allclose(sums, y[0, k], rtol=1e-5, atol=1e-5)
    found = animate(layer, x)
    assert len(found.frames) == np.prod(size) * layer.out_channels
    shown = numbers(found.frames[-1].scene, "output")
    assert len(shown) == (y[0, -1] if len(size) > 1 else y[0]).size  # of a sequence all channels are drawn
    assert all(shows(text, y[0][index], y) for index, text in shown.items())


@pytest.mark.parametrize(
    ("layer", "size", "index"),
    [
        (nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1), (4, 4), (0, 1, 3, 3)),
        (nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1), (4, 4), (0, 2, 2, 3)),
        (nn.ConvTranspose2d(4, 4, 3, stride=2, groups=2, bias=False), (3, 3), (0, 3, 2, 2)),
        (nn.ConvTranspose1d(2, 2, 3, stride=2), (4,), (0, 1, 4)),
    ],
    ids=str,
)
def test_a_number_is_shown_with_the_weights_that_it_was_made_with(
    layer: nn.Module, size: tuple[int, ...], index: tuple[int, ...]
) -> None:
    x = np.random.default_rng(3).normal(size=(1, layer.in_channels, *size)).astype(np.float32)
    cells = Cells(layer, x)
    frame = moment(cells, index)
    met = {term.weight for term in cells.cell(index).terms}
    told = words(frame.scene, "en")
    assert any(text.startswith(f"kernel {index[1]}") for text in told)
    assert ("bias" in told) == (layer.bias is not None)
    assert ("k" in told) != (f"output, k = {index[1]}" in told)
    drawn = [leaf for element in frame.scene.elements for leaf, _, _ in leaves(element) if isinstance(leaf, Rects)]
    outlined = [leaf for leaf in drawn if leaf.style.stroke == "winner" and leaf.style.width > 2]
    assert sum(len(leaf.boxes) for leaf in outlined) == len(met) + 1  # the weights, and the number itself
    assert len(met) < layer.weight[:, 0].numel()

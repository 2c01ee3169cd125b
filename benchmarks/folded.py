"""A network whose batch norms have gone into the convolutions before them, as `ncnnoptimize` prepares one for ncnn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.layers import BatchNorm, Convolution, Layer
from benchmarks.network import IMAGE, Network


def folded(network: Network) -> Network:
    """The same results with fewer layers: (w·x − mean)·factor + shift is another convolution."""
    layers: list[Layer] = []
    sources: list[tuple[int, ...]] = []
    place_of = {IMAGE: IMAGE}  # where the result of each layer is found now
    for place, (layer, reads) in enumerate(zip(network.layers, network.reads, strict=True)):
        before = network.layers[reads[0]] if reads[0] != IMAGE else None
        if isinstance(layer, BatchNorm) and isinstance(before, Convolution) and reads[0] in network.spent[place]:
            place_of[place] = place_of[reads[0]]
            layers[place_of[place]] = _fold(before, layer)
            continue
        place_of[place] = len(layers)
        layers.append(layer)
        sources.append(tuple(place_of[source] for source in reads))
    return replace(network, layers=tuple(layers), sources=tuple(sources))


def _fold(convolution: Convolution, norm: BatchNorm) -> Convolution:
    factor = norm.scale / np.sqrt(norm.variance + norm.epsilon)
    bias = 0 if convolution.bias is None else convolution.bias
    weight = convolution.weight * factor[:, None, None, None]
    shifted = ((bias - norm.mean) * factor + norm.shift).astype(np.float32)
    return replace(convolution, weight=weight.astype(np.float32), bias=shifted)

"""Which modules of a network are its layers, and which of them act by the mode."""

from __future__ import annotations

from collections.abc import Iterator

from knoll import nn
from knoll.nn import Module, MultiheadAttention

DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)
RANDOM = (*DROPOUTS, nn.RReLU)  # layers that draw numbers themselves
BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.SyncBatchNorm)


def is_layer(module: Module) -> bool:
    """Whether a module has no modules of its own; attention reads the weights of its own and does not call it."""
    return isinstance(module, MultiheadAttention) or not any(True for _ in module.children())


def layers_in(network: Module) -> Iterator[tuple[str, Module]]:
    """The layers of a network with their names, each once, in the order in which they were assigned.

    >>> from knoll import nn
    >>> net = nn.Sequential(nn.MultiheadAttention(4, 2), nn.Sequential(nn.Flatten()))
    >>> [(name, type(layer).__name__) for name, layer in layers_in(net)]
    [('0', 'MultiheadAttention'), ('1.0', 'Flatten')]
    """
    inside = ""
    for each, module in network.named_modules():
        if inside and each.startswith(inside):
            continue
        if is_layer(module):
            yield each, module
            inside = f"{each}."


def acts_by_mode(layer: Module) -> bool:
    """Whether a layer does something else in training than in evaluation: draw numbers, or look at the batch.

    >>> from knoll import nn
    >>> acts_by_mode(nn.Dropout(0.5)), acts_by_mode(nn.Dropout(0.0)), acts_by_mode(nn.InstanceNorm2d(3))
    (True, False, False)
    """
    if isinstance(layer, DROPOUTS):
        return layer.p > 0
    if isinstance(layer, nn.RReLU):
        return layer.lower < layer.upper
    if isinstance(layer, MultiheadAttention):
        return layer.dropout > 0
    is_norm = isinstance(layer, (*BATCH_NORMS, nn.InstanceNorm1d, nn.InstanceNorm2d))
    return is_norm and layer.running_mean is not None

"""What transformers and their layers were made with, which stands in the modules that they are made of."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from knoll import nn
from knoll.nn import functional as F

Layer = nn.TransformerEncoderLayer | nn.TransformerDecoderLayer
Stack = nn.TransformerEncoder | nn.TransformerDecoder
MADE_OF_OTHERS = Layer | Stack | nn.Transformer
OF_POSITIONS = MADE_OF_OTHERS | nn.MultiheadAttention
"""Modules that are given sequences: some numbers for each position."""
_WITHIN = {
    "d_model": "self_attn.embed_dim", "nhead": "self_attn.num_heads", "dim_feedforward": "linear1.out_features",
    "dropout": "dropout.p", "layer_norm_eps": "norm1.eps", "batch_first": "self_attn.batch_first",
}  # fmt: skip


def argument_of(module: MADE_OF_OTHERS, name: str, default: Any) -> Any:
    """The value of one argument of the constructor; of a transformer without layers of its own the default.

    >>> from knoll import nn
    >>> argument_of(nn.TransformerEncoderLayer(8, 2, 16), "dim_feedforward", 2048)
    16
    """
    if isinstance(module, Layer):
        return _of_layer(module, name)
    if isinstance(module, nn.Transformer):
        return _of_transformer(module, name, default)
    if name in ("encoder_layer", "decoder_layer"):
        return module.layers[0] if len(module.layers) else default
    return getattr(module, name)


def samples_axis(module: nn.Module) -> int:
    """Which axis of a batch the samples are: the first, but the second of a module with `batch_first=False`.

    >>> from knoll import nn
    >>> samples_axis(nn.ReLU()), samples_axis(nn.TransformerEncoderLayer(8, 2, 16))
    (0, 1)
    """
    if isinstance(module, Stack) and len(module.layers):
        return samples_axis(module.layers[0])
    own = module.self_attn if isinstance(module, Layer) else module
    return 0 if getattr(own, "batch_first", True) else 1


def activation_name(layer: Layer) -> str:
    """What the activation between both linear layers is called.

    >>> from knoll import nn
    >>> activation_name(nn.TransformerEncoderLayer(8, 2, activation="gelu"))
    'gelu'
    """
    activation = layer.activation
    return getattr(activation, "__name__", type(activation).__name__)


def _of_layer(layer: Layer, name: str) -> Any:
    if name in _WITHIN:
        return attrgetter(_WITHIN[name])(layer)
    if name == "bias":
        return layer.linear1.bias is not None
    value = getattr(layer, name)
    return "gelu" if value is F.gelu else value


def _of_transformer(module: nn.Transformer, name: str, default: Any) -> Any:
    if name in ("d_model", "nhead", "batch_first"):
        return getattr(module, name)
    parts: dict[str, tuple[Any, type[nn.Module]]] = {
        "encoder": (module.encoder, nn.TransformerEncoder), "decoder": (module.decoder, nn.TransformerDecoder),
    }  # fmt: skip
    kind, _, part = name.partition("_")
    if kind == "custom":
        own, usual = parts[part]
        return None if isinstance(own, usual) else own
    if kind == "num":
        own, usual = parts[part.removesuffix("_layers")]
        return own.num_layers if isinstance(own, usual) else default
    layers = (own.layers[0] for own, usual in parts.values() if isinstance(own, usual) and len(own.layers))
    layer = next((each for each in layers if isinstance(each, Layer)), None)
    return default if layer is None else _of_layer(layer, name)

"""What transformers and their layers were made with, which stands in the modules that they are made of."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from knoll import nn
from knoll.nn import functional as F

Layer = nn.TransformerEncoderLayer | nn.TransformerDecoderLayer
Stack = nn.TransformerEncoder | nn.TransformerDecoder
MADE_OF_OTHERS = Layer | Stack | nn.Transformer
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
    return module.layers[0] if name in ("encoder_layer", "decoder_layer") else getattr(module, name)


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
    layers = (own.layers[0] for own, usual in parts.values() if isinstance(own, usual) and own.num_layers)
    layer = next((each for each in layers if isinstance(each, Layer)), None)
    return default if layer is None else _of_layer(layer, name)

"""Layers of transformers: attention and two linear layers, each beside a shortcut and with a layer normalisation.

Sources: Vaswani et al., Attention is all you need, 2017; Xiong et al., On layer normalization in the transformer
architecture, 2020 (`norm_first`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import DTypeLike

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn import functional as F
from knoll.nn.functional.arguments import Input
from knoll.nn.functional.attention import additive_mask
from knoll.nn.layers.attention import MultiheadAttention
from knoll.nn.layers.dropout import Dropout
from knoll.nn.layers.layer_norm import LayerNorm
from knoll.nn.layers.linear import Linear
from knoll.nn.layers.piecewise import ReLU
from knoll.nn.layers.self_gated import GELU
from knoll.nn.module import Module
from knoll.tensor import Tensor
from knoll.tensor.arguments import tensor
from knoll.tensor.device import Device

__all__ = ["TransformerDecoderLayer", "TransformerEncoderLayer"]

Activation = str | Callable[[Tensor], Tensor]
_NAMED: dict[str, Callable[[Tensor], Tensor]] = {"relu": F.relu, "gelu": F.gelu}


def _activation(given: Any) -> Callable[[Tensor], Tensor]:
    """The activation between the two linear layers, by its name or itself."""
    if isinstance(given, str):
        if given not in _NAMED:
            raise ArgumentError(f"activation should be relu/gelu, not {given}")
        return _NAMED[given]
    if not callable(given):
        raise ArgumentTypeError(f"{type(given).__name__!r} object is not callable", got=f"activation={given!r}")
    activation: Callable[[Tensor], Tensor] = given
    return activation


def _attended(
    attention: Module, x: Tensor, keys: Tensor, mask: Input | None, padding: Input | None, is_causal: bool
) -> Tensor:
    """What each position of x takes from those of `keys`."""
    taken: Tensor = attention(
        x, keys, keys, attn_mask=mask, key_padding_mask=padding, need_weights=False, is_causal=is_causal
    )[0]
    return taken


class TransformerEncoderLayer(Module):
    """Encoder layer of a transformer: attention of a sequence to itself, then two linear layers at each position.

    x = norm1(x + attention(x)), y = norm2(x + linear2(activation(linear1(x)))); with `norm_first` each normalisation
    stands in front of its part: x = x + attention(norm1(x)), y = x + linear2(activation(linear1(norm2(x)))).

    Shapes: `src` (l, n, d_model) → the same, for n samples of l positions; with `batch_first` n comes first; n may be
    missing. A mask is True, or −∞, where nothing may be taken: `src_mask` (l, l) or (n · nhead, l, l),
    `src_key_padding_mask` (n, l).

    - `d_model`: numbers for each position.
    - `nhead`: the heads of the attention; it divides `d_model`.
    - `dim_feedforward`: numbers for each position between the two linear layers.
    - `dropout`: the probability that a number is 0 in training: of the weights of attention, behind the activation and
      behind both parts.
    - `activation`: "relu", "gelu", or any function of a tensor.
    - `layer_norm_eps`: added to the variance by the normalisations.
    - `batch_first`: whether samples are the first axis.
    - `norm_first`: whether each part begins with its normalisation, in place of one behind its sum.
    - `bias`: whether linear layers, attention and normalisations have biases.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError, ArgumentTypeError; ShapeError, DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, batch_first=True)
    >>> layer(knoll.zeros(3, 5, 8)).shape
    (3, 5, 8)
    """

    self_attn: MultiheadAttention
    linear1: Linear
    dropout: Dropout
    linear2: Linear
    norm_first: bool
    norm1: LayerNorm
    norm2: LayerNorm
    dropout1: Dropout
    dropout2: Dropout
    activation: Callable[[Tensor], Tensor]
    activation_relu_or_gelu: int

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, device=device, dtype=dtype
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, device, dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, device, dtype)
        self.norm_first = norm_first
        self.norm1, self.norm2 = (LayerNorm(d_model, layer_norm_eps, True, bias, device, dtype) for _ in range(2))
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)
        activation = _activation(activation)
        # PyTorch's attribute, by which its encoder chooses a faster way: 1, 2, or 0 for any other activation.
        is_relu, is_gelu = (
            activation is function or isinstance(activation, kind)
            for function, kind in ((F.relu, ReLU), (F.gelu, GELU))
        )
        self.activation_relu_or_gelu = 1 if is_relu else 2 * is_gelu
        self.activation = activation

    def forward(
        self,
        src: Tensor,
        src_mask: Input | None = None,
        src_key_padding_mask: Input | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """The sequence after both parts; `is_causal` says that `src_mask` hides all later positions."""
        x: Tensor = tensor(src, type(self).__name__, "src")
        padding = additive_mask(src_key_padding_mask, "src_key_padding_mask", x, src_mask, "src_mask")
        mask = additive_mask(src_mask, "src_mask", x)
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), mask, padding, is_causal)
            return x + self._ff_block(self.norm2(x))
        x = self.norm1(x + self._sa_block(x, mask, padding, is_causal))
        y: Tensor = self.norm2(x + self._ff_block(x))
        return y

    def _sa_block(
        self, x: Tensor, attn_mask: Input | None, key_padding_mask: Input | None, is_causal: bool = False
    ) -> Tensor:
        taken: Tensor = self.dropout1(_attended(self.self_attn, x, x, attn_mask, key_padding_mask, is_causal))
        return taken

    def _ff_block(self, x: Tensor) -> Tensor:
        y: Tensor = self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))
        return y


class TransformerDecoderLayer(Module):
    """Decoder layer of a transformer: attention of a sequence to itself, then to another one, then two linear layers.

    x = norm1(x + attention(x)), x = norm2(x + attention(x, memory)), y = norm3(x + linear2(activation(linear1(x))));
    with `norm_first` each normalisation stands in front of its part, as in `TransformerEncoderLayer`.

    Shapes: `tgt` (l, n, d_model), `memory` (s, n, d_model) → (l, n, d_model); with `batch_first` n comes first; n may
    be missing. A mask is True, or −∞, where nothing may be taken: `tgt_mask` (l, l) or (n · nhead, l, l), `memory_mask`
    (l, s) or (n · nhead, l, s), `tgt_key_padding_mask` (n, l), `memory_key_padding_mask` (n, s).

    - `d_model`: numbers for each position of both sequences.
    - `nhead`: the heads of each attention; it divides `d_model`.
    - `dim_feedforward`: numbers for each position between the two linear layers.
    - `dropout`: the probability that a number is 0 in training: of the weights of attention, behind the activation and
      behind each part.
    - `activation`: "relu", "gelu", or any function of a tensor.
    - `layer_norm_eps`: added to the variance by the normalisations.
    - `batch_first`: whether samples are the first axis.
    - `norm_first`: whether each part begins with its normalisation, in place of one behind its sum.
    - `bias`: whether linear layers, attention and normalisations have biases.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError, ArgumentTypeError; ShapeError, DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.TransformerDecoderLayer(8, 2, dim_feedforward=16, batch_first=True)
    >>> layer(knoll.zeros(3, 5, 8), knoll.zeros(3, 7, 8)).shape
    (3, 5, 8)
    """

    self_attn: MultiheadAttention
    multihead_attn: MultiheadAttention
    linear1: Linear
    dropout: Dropout
    linear2: Linear
    norm_first: bool
    norm1: LayerNorm
    norm2: LayerNorm
    norm3: LayerNorm
    dropout1: Dropout
    dropout2: Dropout
    dropout3: Dropout
    activation: Callable[[Tensor], Tensor]

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.self_attn, self.multihead_attn = (
            MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, device=device, dtype=dtype)
            for _ in range(2)
        )
        self.linear1 = Linear(d_model, dim_feedforward, bias, device, dtype)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, device, dtype)
        self.norm_first = norm_first
        self.norm1, self.norm2, self.norm3 = (
            LayerNorm(d_model, layer_norm_eps, True, bias, device, dtype) for _ in range(3)
        )
        self.dropout1, self.dropout2, self.dropout3 = (Dropout(dropout) for _ in range(3))
        self.activation = _activation(activation)

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Input | None = None,
        memory_mask: Input | None = None,
        tgt_key_padding_mask: Input | None = None,
        memory_key_padding_mask: Input | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The sequence after the three parts; `…_is_causal` says that a mask hides all later positions."""
        x: Tensor = tensor(tgt, type(self).__name__, "tgt")
        own = tgt_mask, tgt_key_padding_mask, tgt_is_causal
        other = memory_mask, memory_key_padding_mask, memory_is_causal
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), *own)
            x = x + self._mha_block(self.norm2(x), memory, *other)
            return x + self._ff_block(self.norm3(x))
        x = self.norm1(x + self._sa_block(x, *own))
        x = self.norm2(x + self._mha_block(x, memory, *other))
        y: Tensor = self.norm3(x + self._ff_block(x))
        return y

    def _sa_block(
        self, x: Tensor, attn_mask: Input | None, key_padding_mask: Input | None, is_causal: bool = False
    ) -> Tensor:
        taken: Tensor = self.dropout1(_attended(self.self_attn, x, x, attn_mask, key_padding_mask, is_causal))
        return taken

    def _mha_block(
        self, x: Tensor, mem: Tensor, attn_mask: Input | None, key_padding_mask: Input | None, is_causal: bool = False
    ) -> Tensor:
        taken: Tensor = self.dropout2(_attended(self.multihead_attn, x, mem, attn_mask, key_padding_mask, is_causal))
        return taken

    def _ff_block(self, x: Tensor) -> Tensor:
        y: Tensor = self.dropout3(self.linear2(self.dropout(self.activation(self.linear1(x)))))
        return y

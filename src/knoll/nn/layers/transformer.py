"""Transformers: stacks of encoder layers and of decoder layers."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from typing import Any

from numpy.typing import DTypeLike

from knoll.errors import ArgumentTypeError, ShapeError, warn
from knoll.nn import functional as F
from knoll.nn.containers.module_containers import ModuleList
from knoll.nn.functional.arguments import Input
from knoll.nn.functional.attention import additive_mask
from knoll.nn.init import xavier_uniform_
from knoll.nn.layers.layer_norm import LayerNorm
from knoll.nn.layers.transformer_layers import Activation, TransformerDecoderLayer, TransformerEncoderLayer
from knoll.nn.made_at import note_as
from knoll.nn.module import Module
from knoll.nn.module_advice import for_no_module
from knoll.nn.typename import typename
from knoll.tensor import Tensor, full, is_grad_enabled
from knoll.tensor.arguments import integer, tensor
from knoll.tensor.device import Device
from knoll.tensor.elementwise.choose import where

__all__ = ["Transformer", "TransformerDecoder", "TransformerEncoder"]


def _causal_mask(size: int, device: Device = None, dtype: DTypeLike | None = None) -> Tensor:
    """(l, l) of −∞ above the diagonal and 0 elsewhere."""
    return full((size, size), -math.inf, dtype=dtype, device=device).triu(1)


def _is_causal(layers: Iterable[Module], own: type[Module], mask: Any, hint: bool | None, length: int) -> bool:
    """Whether layers are told that a mask hides all later positions.

    Only layers of a program's own are told more than the hint: they may ask, and it takes the numbers of the mask.
    """
    if hint is not None or mask is None or all(type(layer).forward is own.forward for layer in layers):
        return hint is True
    given = tensor(mask, "Transformer", "mask")
    return given.shape == (length, length) and bool((given == _causal_mask(length, dtype=given.dtype)).all())


def _length(x: Tensor, first: Any) -> int:
    """How many positions a sequence has, in the order of axes that the first layer says."""
    return x.shape[1 if len(x.shape) == 3 and first.self_attn.batch_first else 0]


def _copies(layer: Module, count: int) -> ModuleList:
    """So many deep copies of a layer, which count as made where it was."""
    if not isinstance(layer, Module):
        raise ArgumentTypeError(f"{typename(layer)} is not a Module subclass", advice=for_no_module(Module, layer))
    layers = ModuleList(copy.deepcopy(layer) for _ in range(count))
    for each in layers:
        for mine, original in zip(each.modules(), layer.modules(), strict=True):
            note_as(mine, original)
    return layers


class TransformerEncoder(Module):
    """Encoder of a transformer: layers one after the other, deep copies of one that begin with the same numbers.

    Shapes: those of its layers, `TransformerEncoderLayer`.

    - `encoder_layer`: the layer that is copied.
    - `num_layers`: how many.
    - `norm`: a normalisation behind the last one, or None.
    - `enable_nested_tensor`: whether, while nothing is trained and no gradient recorded, positions that
      `src_key_padding_mask` hides at the end of a sequence are 0 in front of `norm`, where the layers let them be.
    - `mask_check`: taken, without effect: a mask that hides other positions is always noticed.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, batch_first=True)
    >>> nn.TransformerEncoder(layer, num_layers=2)(knoll.zeros(3, 5, 8)).shape
    (3, 5, 8)
    """

    layers: ModuleList
    num_layers: int
    norm: Module | None
    enable_nested_tensor: bool
    use_nested_tensor: bool
    mask_check: bool

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.num_layers = integer(num_layers, "TransformerEncoder", "num_layers")
        self.layers = _copies(encoder_layer, num_layers)
        self.norm = norm
        self.enable_nested_tensor, self.mask_check = enable_nested_tensor, mask_check
        why_not = _why_padding_stays(encoder_layer)
        if enable_nested_tensor and why_not:
            warn(f"enable_nested_tensor is True, but self.use_nested_tensor is False because {why_not}")
        self.use_nested_tensor = enable_nested_tensor and not why_not

    def forward(
        self,
        src: Tensor,
        mask: Input | None = None,
        src_key_padding_mask: Input | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """The sequence after all layers; `is_causal` says whether `mask` hides all later positions."""
        x: Tensor = tensor(src, "TransformerEncoder", "src")
        padding = additive_mask(src_key_padding_mask, "src_key_padding_mask", x, mask, "mask")
        mask = additive_mask(mask, "mask", x)
        hides = padding is not None and mask is None and self._hides_padding(x)
        causal = _is_causal(self.layers, TransformerEncoderLayer, mask, is_causal, _length(x, self.layers[0]))
        for layer in self.layers:
            x = layer(x, src_mask=mask, is_causal=causal, src_key_padding_mask=padding)
        if hides and padding is not None:
            x = _without_padding(x, padding)
        if self.norm is not None:
            x = self.norm(x)
        return x

    def _hides_padding(self, x: Tensor) -> bool:
        """Whether PyTorch's layers would go through sequences without their padding."""
        first: Any = self.layers[0]
        if not self.use_nested_tensor or first.training or len(x.shape) != 3:
            return False
        read = (first.self_attn.in_proj_weight, *first.self_attn.out_proj.parameters(), *first.norm1.parameters())
        return not (is_grad_enabled() and any(each.requires_grad for each in (x, *read)))


def _why_padding_stays(layer: Any) -> str:
    """Why a layer's results at hidden positions are not 0, in PyTorch's words; "" where they are."""
    if not isinstance(layer, TransformerEncoderLayer):
        return "encoder_layer was not TransformerEncoderLayer"
    attention = layer.self_attn
    reasons = {
        "norm_first was True": layer.norm_first,
        "self_attn.batch_first was not True(use batch_first for better inference performance)": (
            not attention.batch_first
        ),
        "self_attn._qkv_same_embed_dim was not True": attention.in_proj_weight is None,
        "self_attn was passed bias=False": attention.in_proj_bias is None,
        "activation_relu_or_gelu was not True": not layer.activation_relu_or_gelu,
        "norm1.eps was not equal to encoder_layer.norm2.eps": layer.norm1.eps != layer.norm2.eps,
        "self_attn.num_heads is odd": attention.num_heads % 2 == 1,
    }
    return next((f"encoder_layer.{reason}" for reason, is_so in reasons.items() if is_so), "")


def _without_padding(x: Tensor, padding: Tensor) -> Tensor:
    """x (n, l, e) with 0 where `padding` (n, l) is −∞, if no position behind such a one may be taken in any sample."""
    hidden = where(padding == -math.inf, 1.0, 0.0).to(x.dtype)
    taken_behind = (hidden[:, :-1] * (1 - hidden[:, 1:])).sum()  # how many positions behind a hidden one may be
    return where((hidden - taken_behind > 0).unsqueeze(-1), 0.0, x)


class TransformerDecoder(Module):
    """Decoder of a transformer: layers one after the other, deep copies of one that begin with the same numbers.

    Shapes: those of its layers, `TransformerDecoderLayer`.

    - `decoder_layer`: the layer that is copied.
    - `num_layers`: how many.
    - `norm`: a normalisation behind the last one, or None.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.TransformerDecoderLayer(8, 2, dim_feedforward=16, batch_first=True)
    >>> nn.TransformerDecoder(layer, num_layers=2)(knoll.zeros(3, 5, 8), knoll.zeros(3, 7, 8)).shape
    (3, 5, 8)
    """

    layers: ModuleList
    num_layers: int
    norm: Module | None

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.num_layers = integer(num_layers, "TransformerDecoder", "num_layers")
        self.layers = _copies(decoder_layer, num_layers)
        self.norm = norm

    def forward(
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Input | None = None,
        memory_mask: Input | None = None,
        tgt_key_padding_mask: Input | None = None,
        memory_key_padding_mask: Input | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """The sequence after all layers; `…_is_causal` says whether a mask hides all later positions."""
        x: Tensor = tensor(tgt, "TransformerDecoder", "tgt")
        causal = _is_causal(self.layers, TransformerDecoderLayer, tgt_mask, tgt_is_causal, _length(x, self.layers[0]))
        for layer in self.layers:
            x = layer(
                x, memory, tgt_mask=tgt_mask, memory_mask=memory_mask, tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=causal,
                memory_is_causal=memory_is_causal,
            )  # fmt: skip
        if self.norm is not None:
            x = self.norm(x)
        return x


class Transformer(Module):
    """Transformer: an encoder reads a sequence, and a decoder makes another one with what the encoder made of it.

    Both end with a normalisation. Matrices begin uniform by Glorot and Bengio.

    Shapes: `src` (s, n, d_model), `tgt` (l, n, d_model) → (l, n, d_model); with `batch_first` n comes first; n may be
    missing. A mask is True, or −∞, where nothing may be taken: `src_mask` (s, s), `tgt_mask` (l, l), `memory_mask`
    (l, s), each also (n · nhead, …); `src_key_padding_mask` and `memory_key_padding_mask` (n, s),
    `tgt_key_padding_mask` (n, l).

    - `d_model`, `nhead`, `dim_feedforward`, `dropout`, `activation`, `layer_norm_eps`, `norm_first`, `bias`: of all
      layers, as in `TransformerEncoderLayer`.
    - `num_encoder_layers`, `num_decoder_layers`: how many.
    - `custom_encoder`, `custom_decoder`: modules in the place of the encoder and of the decoder.
    - `batch_first`: whether samples are the first axis.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError, ArgumentTypeError; ShapeError, DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Transformer.html; Vaswani et al., Attention is all you
    need, 2017.

    >>> import knoll
    >>> from knoll import nn
    >>> net = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
    >>> net(knoll.zeros(3, 7, 8), knoll.zeros(3, 5, 8)).shape
    (3, 5, 8)
    """

    encoder: Any
    decoder: Any
    d_model: int
    nhead: int
    batch_first: bool

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        custom_encoder: Any | None = None,
        custom_decoder: Any | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        of_layers = (
            d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias, device,
            dtype,
        )  # fmt: skip
        norm = layer_norm_eps, True, bias, device, dtype
        self.encoder = custom_encoder
        if custom_encoder is None:
            layer = TransformerEncoderLayer(*of_layers)
            self.encoder = TransformerEncoder(layer, num_encoder_layers, LayerNorm(d_model, *norm))
        self.decoder = custom_decoder
        if custom_decoder is None:
            other = TransformerDecoderLayer(*of_layers)
            self.decoder = TransformerDecoder(other, num_decoder_layers, LayerNorm(d_model, *norm))
        self._reset_parameters()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first

    def forward(
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Input | None = None,
        tgt_mask: Input | None = None,
        memory_mask: Input | None = None,
        src_key_padding_mask: Input | None = None,
        tgt_key_padding_mask: Input | None = None,
        memory_key_padding_mask: Input | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """What the decoder makes; `…_is_causal` says whether a mask hides all later positions."""
        x, y = tensor(src, "Transformer", "src"), tensor(tgt, "Transformer", "tgt")
        samples = 0 if self.batch_first else 1
        if len(x.shape) == 3 and x.shape[samples] != y.shape[samples]:
            raise ShapeError("the batch number of src and tgt must be equal")
        if {x.shape[-1], y.shape[-1]} != {self.d_model}:
            raise ShapeError("the feature number of src and tgt must be equal to d_model")
        memory = self.encoder(x, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal)
        made: Tensor = self.decoder(
            y, memory, tgt_mask=tgt_mask, memory_mask=memory_mask, tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )  # fmt: skip
        return made

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Device = None, dtype: DTypeLike | None = None) -> Tensor:
        """The mask (sz, sz) that hides all later positions: −∞ above the diagonal, 0 elsewhere.

        >>> from knoll import nn
        >>> nn.Transformer.generate_square_subsequent_mask(2)
        tensor([[0., -inf],
                [0., 0.]])
        """
        return _causal_mask(sz, device, dtype)

    def _reset_parameters(self) -> None:
        for parameter in self.parameters():
            if len(parameter.shape) > 1:
                xavier_uniform_(parameter)

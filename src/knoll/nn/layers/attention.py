"""Attention as a layer."""

from __future__ import annotations

from typing import Any

from numpy.typing import DTypeLike

from knoll.errors import ArgumentError
from knoll.graph.spec import DType
from knoll.nn import functional as F
from knoll.nn.convert import parameter_dtype
from knoll.nn.functional.arguments import Input
from knoll.nn.functional.attention import additive_mask
from knoll.nn.init import constant_, xavier_normal_, xavier_uniform_
from knoll.nn.layers.linear import Linear
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, tensor
from knoll.tensor.device import Device

__all__ = ["MultiheadAttention"]


class NonDynamicallyQuantizableLinear(Linear):
    """PyTorch's name for the linear layer behind attention."""


class MultiheadAttention(Module):
    """Multi-head attention: softmax(q · kᵀ / √d) · v in each of `num_heads` heads, with learned projections around it.

    Called as layer(query, key, value), it gives the result and the weights of attention, their mean over the heads.

    Shapes: query (l, n, embed_dim), key (s, n, kdim), value (s, n, vdim) → (l, n, embed_dim) and weights (n, l, s), for
    n samples of l and s positions; with `batch_first` n comes first; n may be missing. d = embed_dim / num_heads.

    - `embed_dim`: numbers for each position of the query and of the result.
    - `num_heads`: how many heads they are divided among; it divides `embed_dim`.
    - `dropout`: the probability that a weight of attention is 0 in training; 0 is no dropout.
    - `bias`: whether the projections have biases.
    - `add_bias_kv`: whether one more key and value are learned, and added to the others.
    - `add_zero_attn`: whether one more key and value of zeros are added.
    - `kdim`, `vdim`: numbers for each position of the key and of the value; None is `embed_dim`.
    - `batch_first`: whether samples are the first axis.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError; ShapeError when called. Source: https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html;
    Vaswani et al., Attention is all you need, 2017.

    >>> import knoll
    >>> from knoll import nn
    >>> layer, x = nn.MultiheadAttention(8, 2), knoll.zeros(5, 3, 8)
    >>> [part.shape for part in layer(x, x, x)]
    [(5, 3, 8), (3, 5, 5)]
    """

    in_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None
    out_proj: Linear
    embed_dim: int
    head_dim: int
    num_heads: int
    kdim: int
    vdim: int
    add_zero_attn: bool
    batch_first: bool
    dropout: float

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        embed_dim, num_heads = _checked_sizes(embed_dim, num_heads)
        super().__init__()
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.kdim = embed_dim if kdim is None else integer(kdim, "MultiheadAttention", "kdim")
        self.vdim = embed_dim if vdim is None else integer(vdim, "MultiheadAttention", "vdim")
        self.dropout, self.batch_first, self.add_zero_attn = dropout, batch_first, add_zero_attn
        element = parameter_dtype(device, dtype)
        self._register_projections(bias, element)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, device, dtype)
        for name in ("bias_k", "bias_v"):
            self.register_parameter(name, Parameter._empty((1, 1, embed_dim), element) if add_bias_kv else None)
        self._reset_parameters()

    def _register_projections(self, bias: bool, element: DType) -> None:
        """Weights of queries, keys and values: one for all three where they have as many features, else three."""
        e, together = self.embed_dim, self.kdim == self.vdim == self.embed_dim
        shapes = {"q_proj_weight": (e, e), "k_proj_weight": (e, self.kdim), "v_proj_weight": (e, self.vdim)}
        for name, shape in shapes.items():
            self.register_parameter(name, None if together else Parameter._empty(shape, element))
        self.register_parameter("in_proj_weight", Parameter._empty((3 * e, e), element) if together else None)
        self.register_parameter("in_proj_bias", Parameter._empty((3 * e,), element) if bias else None)

    def _reset_parameters(self) -> None:
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                xavier_uniform_(weight)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                constant_(bias, 0.0)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                xavier_normal_(bias)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Input | None = None,
        need_weights: bool = True,
        attn_mask: Input | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """The result, and the weights of attention if `need_weights`: their mean over the heads, or all."""
        query, key, value = (
            tensor(x, "multi_head_attention_forward", name)
            for name, x in (("query", query), ("key", key), ("value", value))
        )
        turned = self.batch_first and len(query.shape) == 3
        if turned:
            different = {id(x): x.transpose(0, 1) if len(x.shape) == 3 else x for x in (query, key, value)}
            query, key, value = (different[id(x)] for x in (query, key, value))
        taken, weights = F.multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight, self.in_proj_bias, self.bias_k,
            self.bias_v, self.add_zero_attn, self.dropout, self.out_proj.weight, self.out_proj.bias, self.training,
            additive_mask(key_padding_mask, "key_padding_mask", query, attn_mask), need_weights,
            additive_mask(attn_mask, "attn_mask", query), self.in_proj_weight is None, self.q_proj_weight,
            self.k_proj_weight, self.v_proj_weight, average_attn_weights=average_attn_weights, is_causal=is_causal,
        )  # fmt: skip
        return taken.transpose(0, 1) if turned else taken, weights


def _checked_sizes(embed_dim: Any, num_heads: Any) -> tuple[int, int]:
    """Features and heads. Raises ArgumentError, ArgumentTypeError."""
    features, heads = (
        integer(value, "MultiheadAttention", name)
        for name, value in (("embed_dim", embed_dim), ("num_heads", num_heads))
    )
    if features <= 0 or heads <= 0:
        raise ArgumentError(
            f"embed_dim and num_heads must be greater than 0, got embed_dim={features} and num_heads={heads} instead"
        )
    if features % heads:
        raise ArgumentError("embed_dim must be divisible by num_heads", got=f"{features}, {heads}")
    return features, heads

"""Attention: each position takes what it needs from all others, in several heads at once.

Source: Vaswani et al., Attention is all you need, 2017.
"""

from __future__ import annotations

import math
from typing import Any

from knoll.errors import DTypeError, ShapeError, StateError, warn
from knoll.graph import Op, Shape
from knoll.graph.shapes import size_name
from knoll.nn.functional.arguments import Input, tensor
from knoll.nn.functional.dropout import dropout
from knoll.nn.functional.linear import linear
from knoll.ops.activation.softmax import safe_softmax, softmax
from knoll.ops.shapes.reshape import split
from knoll.tensor import Tensor, zeros
from knoll.tensor.elementwise.choose import where
from knoll.tensor.record import apply
from knoll.tensor.shapes.joining import cat

__all__ = ["multi_head_attention_forward"]


def multi_head_attention_forward(
    query: Input,
    key: Input,
    value: Input,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Input | None,
    in_proj_bias: Input | None,
    bias_k: Input | None,
    bias_v: Input | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Input,
    out_proj_bias: Input | None,
    training: bool = True,
    key_padding_mask: Input | None = None,
    need_weights: bool = True,
    attn_mask: Input | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Input | None = None,
    k_proj_weight: Input | None = None,
    v_proj_weight: Input | None = None,
    static_k: Input | None = None,
    static_v: Input | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Multi-head attention: softmax(q · kᵀ / √d + mask) · v in each head, with projections around it, and its weights.

    Shapes: query (l, n, e), key (s, n, ek), value (s, n, ev) → (l, n, e) and (n, l, s); or all without n. A mask is
    True, or −∞, where nothing may be taken: `key_padding_mask` (n, s), `attn_mask` (l, s) or (n · heads, l, s). Where
    all is masked the result is NaN, and without `need_weights` that of zeros, as in PyTorch.
    Raises ShapeError, DTypeError, StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> x, w = knoll.rand(5, 2, 4), knoll.rand(12, 4)
    >>> y, weights = F.multi_head_attention_forward(
    ...     x, x, x, 4, 2, w, None, None, None, False, 0.0, knoll.eye(4), None
    ... )
    >>> y.shape, weights.shape
    ((5, 2, 4), (2, 5, 5))
    """
    words = (query, "query"), (key, "key"), (value, "value")
    q, k, v = (tensor(x, "multi_head_attention_forward", name) for x, name in words)
    single = not _is_batched(q, k, v, key_padding_mask, attn_mask, num_heads)
    if single:
        q, k, v = (x.unsqueeze(1) for x in (q, k, v))
        key_padding_mask = None if key_padding_mask is None else _tensor(key_padding_mask).unsqueeze(0)
    length, samples, width = q.shape
    padding = additive_mask(key_padding_mask, "key_padding_mask", q, attn_mask)
    mask = _causal_mask(attn_mask, is_causal, q)
    _check_widths(width, embed_dim_to_check, num_heads, k.shape, v.shape, use_separate_proj_weight)
    _check_masks(mask, padding, length, k.shape[0], samples, num_heads)
    weights = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else in_proj_weight
    q, k, v = _all_projected(_samples_first([q, k, v]), weights, in_proj_bias, num_heads)
    with_bias = bias_k is not None and bias_v is not None
    k = _extended(k, bias_k if with_bias else None, static_k, add_zero_attn)
    v = _extended(v, bias_v if with_bias else None, static_v, add_zero_attn)
    masks = [_for_scores(m, samples, num_heads, length, k.shape[2]) for m in (mask, _of_all_heads(padding))]
    shares = softmax if need_weights else safe_softmax
    rows, attention = _attended(q, k, v, masks, shares, dropout_p if training else 0.0)
    result = linear(rows, out_proj_weight, out_proj_bias).transpose(0, 1)
    attention = attention.mean(1) if average_attn_weights else attention
    if single:
        result, attention = result.squeeze(1), attention.squeeze(0)
    return result, attention if need_weights else None


def _tensor(value: Input) -> Tensor:
    return tensor(value, "multi_head_attention_forward")


def additive_mask(
    mask: Any, name: str, like: Tensor, other: Any = None, other_name: str = "attn_mask"
) -> Tensor | None:
    """A mask as numbers that are added to scores: truths become −∞. A warning if another one has another type."""
    if mask is None:
        return None
    given = _tensor(mask)
    if given.dtype.kind not in "bf":
        raise DTypeError(f"only bool and floating types of {name} are supported")
    if other is not None and _tensor(other).dtype != given.dtype:
        warn(f"Support for mismatched {name} and {other_name} is deprecated. Use same type for both instead.")
    if given.dtype.kind == "f":
        return given
    return where(given, -math.inf, 0.0).to(like.dtype)


def _causal_mask(mask: Input | None, is_causal: bool, like: Tensor) -> Tensor | None:
    """The mask as numbers; one that is only said to be causal is refused."""
    if is_causal and mask is None:
        raise StateError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    return additive_mask(mask, "attn_mask", like)


def _is_batched(q: Tensor, k: Tensor, v: Tensor, padding: Input | None, mask: Input | None, heads: int) -> bool:
    """Whether there is an axis of samples; everything has to agree on it."""
    rank = len(q.shape)
    if rank not in (2, 3):
        raise ShapeError(f"query should be unbatched 2D or batched 3D tensor but received {rank}-D query tensor")
    start = f"For {'batched' if rank == 3 else 'unbatched'} ({rank}-D) `query`, expected "
    if {len(k.shape), len(v.shape)} != {rank}:
        raise ShapeError(
            f"{start}`key` and `value` to be {rank}-D but found {len(k.shape)}-D and {len(v.shape)}-D "
            "tensors respectively"
        )
    if padding is not None and len(_tensor(padding).shape) != rank - 1:
        found = len(_tensor(padding).shape)
        raise ShapeError(f"{start}`key_padding_mask` to be `None` or {rank - 1}-D but found {found}-D tensor instead")
    if mask is not None:
        shape = _tensor(mask).shape
        if len(shape) not in (2, 3):
            raise ShapeError(f"{start}`attn_mask` to be `None`, 2-D or 3-D but found {len(shape)}-D tensor instead")
        expected = (heads, q.shape[0], k.shape[0])
        if rank == 2 and len(shape) == 3 and shape != expected:
            raise ShapeError(f"Expected `attn_mask` shape to be {expected} but got {size_name(shape)}")
    return rank == 3


def _check_widths(width: int, expected: int, heads: int, key: Shape, value: Shape, separate: bool) -> None:
    if width != expected:
        raise ShapeError(f"was expecting embedding dimension of {expected}, but got {width}")
    if width % heads:
        raise ShapeError(f"embed_dim {width} not divisible by num_heads {heads}")
    if separate and key[:2] != value[:2]:
        raise ShapeError(
            f"key's sequence and batch dims {size_name(key[:2])} do not match value's {size_name(value[:2])}"
        )
    if not separate and key != value:
        raise ShapeError(f"key shape {size_name(key)} does not match value shape {size_name(value)}")


def _check_masks(mask: Tensor | None, padding: Tensor | None, length: int, keys: int, samples: int, heads: int) -> None:
    """Refuse a mask that is neither (l, s) nor (n · heads, l, s), and padding that is not (n, s)."""
    if mask is not None:
        expected = (length, keys) if len(mask.shape) == 2 else (samples * heads, length, keys)
        if mask.shape != expected:
            raise ShapeError(
                f"The shape of the {len(expected)}D attn_mask is {size_name(mask.shape)}, but should be {expected}."
            )
    for axis, size in enumerate(() if padding is None else padding.shape):
        if size != (samples, keys)[axis]:
            raise ShapeError(f"Expected key_padded_mask.shape[{axis}] to be {(samples, keys)[axis]}, but got {size}")


def _samples_first(inputs: list[Tensor]) -> list[Tensor]:
    """(l, n, e) → (n, l, e); what is the same stays the same."""
    different = {id(x): x.transpose(0, 1) for x in inputs}
    return [different[id(x)] for x in inputs]


def _all_projected(inputs: list[Tensor], weights: Any, bias: Input | None, heads: int) -> list[Tensor]:
    """Queries, keys and values in heads: (n, l, e) → (n, heads, l, e / heads).

    `weights` are three, or three as one. What is the same is multiplied once.
    """
    first, *others = inputs
    if all(other is first for other in others) and not isinstance(weights, tuple):
        return list(_split(_in_heads(linear(first, weights, bias), 3 * heads), 1))
    three = weights if isinstance(weights, tuple) else _split(_tensor(weights), 0)
    biases = (None,) * 3 if bias is None else _split(_tensor(bias), 0)
    projected = [linear(x, w, b) for x, w, b in zip(inputs, three, biases, strict=True)]
    return [_in_heads(x, heads) for x in projected]


def _split(x: Tensor, axis: int) -> tuple[Tensor, ...]:
    """Three parts of one size."""
    return apply(split, x, axis=axis, sizes=(x.shape[axis] // 3,) * 3)


def _in_heads(x: Tensor, heads: int) -> Tensor:
    """(n, l, e) → (n, heads, l, e / heads)."""
    samples, length, width = x.shape
    return x.reshape(samples, length, heads, width // heads).permute(0, 2, 1, 3)


def _extended(x: Tensor, bias: Input | None, given: Input | None, add_zeros: bool) -> Tensor:
    """Keys or values (n, heads, s, e / heads) with those of `bias` behind them, or those that are given; then zeros.

    `bias` (1, 1, e) is one position more, learned and the same for all samples; `given` is (n · heads, s, e / heads).
    """
    samples, heads, _, width = x.shape
    if bias is not None:
        x = cat([x, _tensor(bias).reshape(1, heads, 1, width).expand(samples, heads, 1, width)], 2)
    if given is not None:
        held = _tensor(given)
        x = held.reshape(samples, -1, *held.shape[1:])
    return cat([x, zeros(samples, heads, 1, x.shape[-1], dtype=x.dtype)], 2) if add_zeros else x


def _of_all_heads(padding: Tensor | None) -> Tensor | None:
    """(n, s) → (n, 1, 1, s)."""
    return None if padding is None else padding.reshape(padding.shape[0], 1, 1, padding.shape[1])


def _for_scores(mask: Tensor | None, samples: int, heads: int, length: int, keys: int) -> Tensor | None:
    """A mask that is added to scores; from keys behind the given ones everything may be taken."""
    if mask is None:
        return None
    if mask.shape[-1] < keys:
        mask = cat([mask, zeros(*mask.shape[:-1], keys - mask.shape[-1], dtype=mask.dtype)], -1)
    shape = samples, heads, length, keys
    if len(mask.shape) == 2:
        return mask
    return mask.reshape(shape) if len(mask.shape) == 3 else mask.expand(shape)


def _attended(
    q: Tensor, k: Tensor, v: Tensor, masks: list[Tensor | None], shares: Op, drop: float
) -> tuple[Tensor, Tensor]:
    """What each position takes, (n, l, e), and the weights that it is taken with, (n, heads, l, s)."""
    scores = (q @ k.transpose(2, 3)) * math.sqrt(1.0 / q.shape[-1])
    for mask in masks:
        scores = scores if mask is None else mask + scores
    attention = apply(shares, scores, axis=3)[0]
    if drop:
        attention = dropout(attention, drop)
    samples, heads, length, width = q.shape
    return (attention @ v).permute(0, 2, 1, 3).reshape(samples, length, heads * width), attention

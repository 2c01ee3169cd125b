"""Attention by itself: weighted means of values, weighted by how well queries and keys agree."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError, DimensionError, DTypeError, ShapeError, StateError
from knoll.messages import say
from knoll.nn.functional.arguments import Input, tensor
from knoll.nn.functional.dropout import check_probability, dropout
from knoll.ops.activation.softmax import safe_softmax
from knoll.ops.dtypes import c_name, scalar_name
from knoll.ops.elementwise.elementwise import broadcast
from knoll.tensor import Tensor, apply
from knoll.tensor.arguments import truth
from knoll.tensor.elementwise.choose import where
from knoll.tensor.reduction.reduce import widened

__all__ = ["scaled_dot_product_attention"]

NAME = "scaled_dot_product_attention"


def scaled_dot_product_attention(
    query: Input,
    key: Input,
    value: Input,
    attn_mask: Input | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """Attention: softmax(q · kᵀ · scale + mask) · v, a mean of the values for each query.

    A query from which the mask hides every key gets zeros. `dropout_p` is used in training and without, as in PyTorch.

    Shapes: (…, l, ev), where the axes in front broadcast.

    - `query`: what is looked for, (…, l, e).
    - `key`: what it is compared with, (…, s, e).
    - `value`: what is averaged, (…, s, ev).
    - `attn_mask`: broadcasts to (…, l, s); True where a key may be looked at, or numbers that are added to the scores.
    - `dropout_p`: the probability that a weight is set to 0.
    - `is_causal`: each query looks at no key behind its own place; then there is no other mask.
    - `scale`: what scores are multiplied by; 1 / √e unless given.
    - `enable_gqa`: heads, the third axis from the end, share keys and values where these have fewer heads.

    Raises ShapeError, DTypeError, StateError, ArgumentError, ArgumentTypeError, DimensionError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html;
    Vaswani et al., Attention is all you need, 2017; Ainslie et al., GQA, 2023.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> q, v = np.array([[0.0]]), np.array([[1.0], [3.0]])
    >>> F.scaled_dot_product_attention(q, v, v)
    tensor([[2.]], dtype=float64)
    """
    words = (query, "query"), (key, "key"), (value, "value")
    q, k, v = (tensor(x, NAME, name, place) for place, (x, name) in enumerate(words, 1))
    mask = None if attn_mask is None else tensor(attn_mask, NAME, "attn_mask", 0)
    is_causal, enable_gqa = truth(is_causal, NAME, "is_causal"), truth(enable_gqa, NAME, "enable_gqa")
    p = check_probability(_float(dropout_p, "dropout_p"))
    factor = 1 / math.sqrt(q.shape[-1] or 1) if scale is None and q.shape else _float(scale, "scale")
    _check(q, k, v, mask)
    if enable_gqa:
        _check_heads(q, k, v)
    if mask is not None and is_causal:
        raise StateError(
            "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True",
            advice=say("nn.one_mask"),
        )
    heads, dtype = q.shape[-3] if enable_gqa else 0, q.dtype
    q, k, v = widened(q), widened(k), widened(v)
    scores = _for_heads(q * factor, k.transpose(-2, -1), heads)
    added = _causal(scores) if is_causal else None if mask is None else _added(mask, scores)
    weights = apply(safe_softmax, scores if added is None else scores + added, axis=len(scores.shape) - 1)[0]
    return _for_heads(dropout(weights, p) if p else weights, v, heads).to(dtype)


def _float(value: Any, name: str) -> float:
    if isinstance(value, Real) and not isinstance(value, bool):
        return float(value)
    raise ArgumentTypeError(f"{NAME}(): argument '{name}' must be float, not {type(value).__name__}")


def _check(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> None:
    """Refuse element types that differ or are no floating-point numbers, and vectors."""
    if not q.dtype == k.dtype == v.dtype:
        raise DTypeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{c_name(q.dtype)} key.dtype: {c_name(k.dtype)} and value.dtype: {c_name(v.dtype)} instead."
        )
    ranks = [len(x.shape) for x in (q, k, v)]
    if min(ranks) < 2:
        raise ShapeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{ranks[0]} key.dim: {ranks[1]} and value.dim: {ranks[2]} instead."
        )
    if mask is not None and mask.dtype.name not in ("bool", "float32", q.dtype.name):
        raise DTypeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: "
            f"{c_name(mask.dtype)} and  query.dtype: {c_name(q.dtype)} instead."
        )
    if not q.is_floating_point():
        raise DTypeError(f"expected scalar type Float but found {scalar_name(q.dtype)}")


def _check_heads(q: Tensor, k: Tensor, v: Tensor) -> None:
    """Refuse heads that cannot share keys and values."""
    for x in (q, k, v):
        if (rank := len(x.shape)) < 3:
            raise DimensionError(
                f"Dimension out of range (expected to be in range of [{-rank}, {rank - 1}], but got -3)"
            )
    heads = [x.shape[-3] for x in (q, k, v)]
    if len(set(heads)) > 1 and any(not few or heads[0] % few for few in heads[1:]):
        raise ShapeError(
            "Number of heads in key and value must divide the number of heads in ",
            got=", ".join(map(str, heads)),
        )


def _for_heads(x: Tensor, other: Tensor, heads: int) -> Tensor:
    """x @ other; if there are more `heads` of x, those that share one of `other` stand in one matrix."""
    if not heads or (few := other.shape[-3]) == heads:
        return _product(x, other)
    *batch, _, rows, columns = x.shape
    y = _product(x.reshape(*batch, few, heads // few * rows, columns), other)
    return y.reshape(*y.shape[:-3], heads, rows, y.shape[-1])


def _product(x: Tensor, other: Tensor) -> Tensor:
    """x @ other."""
    if len(x.shape) > 2 and x.shape[-1] != other.shape[-2]:
        count = math.prod(broadcast(x.shape[:-2], other.shape[:-2]))
        raise ShapeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{count}, {x.shape[-1]}] but got: "
            f"[{count}, {other.shape[-2]}]."
        )
    return x @ other


def _causal(scores: Tensor) -> Tensor:
    """(l, s): −∞ for each key that is behind the query's place."""
    return Tensor._over(np.triu(np.full(scores.shape[-2:], -math.inf, scores.dtype), 1))


def _added(mask: Tensor, scores: Tensor) -> Tensor:
    """The mask as numbers in the element type of the scores; it may broadcast to their shape, and not beyond."""
    if len(mask.shape) > len(scores.shape) or any(
        m > 1 == n for m, n in zip(mask.shape[::-1], scores.shape[::-1], strict=False)
    ):
        broad = broadcast(scores.shape, mask.shape)
        raise ShapeError(f"output with shape {list(scores.shape)} doesn't match the broadcast shape {list(broad)}")
    if mask.dtype.kind == "b":
        zero = Tensor._over(np.zeros((), scores.dtype))
        return where(mask, zero, -math.inf)
    return mask.to(scores.dtype)

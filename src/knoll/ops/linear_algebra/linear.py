"""Matrix products: the linear layer with its two gradients, and the general product behind `@`."""

from __future__ import annotations

import math

import numpy as np

from knoll.errors import DTypeError, ShapeError
from knoll.graph import ALL, Array, Node, Op, Reads, Roles, Shape, Spec, Value, along
from knoll.graph.batching import Batch
from knoll.graph.batching_rules import broadcasting
from knoll.graph.reads import broadcast as repeats
from knoll.graph.role import BATCHED, PARAMETER, REDUCED
from knoll.messages import say
from knoll.ops.advice import to_dtype, to_features
from knoll.ops.dtypes import c_name, scalar_name
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.elementwise.elementwise import broadcast, sum_to_shape
from knoll.ops.reduction.reduce import sum_
from knoll.ops.shapes.reshape import permute


def shape(x: Spec, w: Spec, b: Spec | None = None) -> tuple[Spec]:
    """(…, in) and (out, in) → (…, out)."""
    if x.rank == 0:
        raise ShapeError(f"both arguments to linear need to be at least 1D, but they are 0D and {w.rank}D")
    if w.rank != 2:
        raise ShapeError(f"t() expects a tensor with <= 2 dimensions, but self is {w.rank}D", got=str(w.shape))
    _check_features(x, w)
    _check_dtypes(x, w, b)
    if b is not None and b.shape != w.shape[:1]:
        raise ShapeError(
            f"The expanded size of the tensor ({w.shape[0]}) must match the existing size ({(1, *b.shape)[-1]}) "
            f"at non-singleton dimension 1.  Target sizes: {[math.prod(x.shape[:-1]), w.shape[0]]}.  "
            f"Tensor sizes: {list(b.shape)}"
        )
    return (x.with_shape(*x.shape[:-1], w.shape[0]),)


def _check_features(x: Spec, w: Spec) -> None:
    if x.shape[-1] == w.shape[1]:
        return
    raise ShapeError(
        "mat1 and mat2 shapes cannot be multiplied "
        f"({math.prod(x.shape[:-1])}x{x.shape[-1]} and {w.shape[1]}x{w.shape[0]})",
        expected=say("ops.features", features=w.shape[1]),
        got=say("ops.features_of", features=x.shape[-1], shape=x.shape),
        advice=to_features(x, w.shape[1]),
    )


def _check_dtypes(x: Spec, w: Spec, b: Spec | None) -> None:
    """PyTorch has three sentences for this, one for each routine that it multiplies with."""
    if w.dtype != x.dtype and b is None:
        reason = f"expected m1 and m2 to have the same dtype, but got: {c_name(x.dtype)} != {c_name(w.dtype)}"
    elif w.dtype != x.dtype:
        reason = f"mat1 and mat2 must have the same dtype, but got {scalar_name(x.dtype)} and {scalar_name(w.dtype)}"
    elif b is not None and b.dtype != x.dtype:
        reason = f"self and mat2 must have the same dtype, but got {scalar_name(b.dtype)} and {scalar_name(w.dtype)}"
    else:
        return
    raise DTypeError(reason, advice=to_dtype(x.dtype, w.dtype))


def meaning(x: Array, w: Array, b: Array | None = None) -> tuple[Array]:
    """Rows of x times rows of w, plus b."""
    y = x @ w.T
    return (y if b is None else y + b,)


def gradient(node: Node, dy: Value) -> tuple[Value | None, ...]:
    """By x, by w, and by b where there is one."""
    x, w, *bias = node.inputs
    axes = tuple(range(dy.spec.rank - 1))
    return (linear_dx(dy, w), linear_dw(dy, x), *(sum_(dy, axes=axes, keep=False) for _ in bias))


def dw_meaning(dy: Array, x: Array) -> tuple[Array]:
    """Each weight gathers dy of its row times x of its column, over all leading axes."""
    rows = math.prod(x.shape[:-1])  # which −1 would not tell where there are no columns
    return (dy.reshape(rows, dy.shape[-1]).T @ x.reshape(rows, x.shape[-1]),)


def cost(node: Node) -> int:
    """One multiply-add for each row and weight; so for both gradients."""
    return math.prod(node.inputs[0].spec.shape[:-1]) * node.inputs[1].spec.size


def dw_cost(node: Node) -> int:
    """One multiply-add for each row and weight."""
    return math.prod(node.inputs[0].spec.shape[:-1]) * node.specs[0].size


def reads(node: Node, _: int) -> tuple[Reads, ...]:
    """A whole row of x, its own row of w, its own bias."""
    last = node.specs[0].rank - 1
    return (along(*range(last), None), along(last, None), along(last))[: len(node.inputs)]


def _as_rows(batch: Batch, place: int) -> Value:
    """An operand (…, features) as (rows, features), of each example where they differ."""
    *_, features = batch.node.inputs[place].spec.shape
    rows = batch.node.inputs[place].spec.size // max(features, 1)
    return batch.shaped(batch.operands[place], *((batch.size,) if batch.batched[place] else ()), rows, features)


def _beside(batch: Batch, x: Value) -> Value:
    """Matrices (examples, rows, columns) side by side: (rows, examples · columns)."""
    examples, rows, columns = x.spec.shape
    return batch.shaped(batch.exchanged(x), rows, examples * columns)


def _apart(batch: Batch, y: Value) -> Value:
    """Matrices that stand side by side, one for each example."""
    rows, columns = y.spec.shape
    return batch.exchanged(batch.shaped(y, rows, batch.size, columns // batch.size))


def _own_bias(batch: Batch, y: Value) -> Value:
    """The rows of each example plus the bias, which may differ between examples."""
    if len(batch.operands) < 3:
        return y
    bias = batch.operands[2]
    return add(y, batch.shaped(bias, batch.size, 1, bias.spec.shape[-1]) if batch.batched[2] else bias)


def linear_batching(batch: Batch) -> tuple[Value, ...]:
    """More rows where the examples share the weights, more weights where they share the rows; else many products."""
    if not any(batch.batched[1:]):
        return batch.apply(*batch.operands)
    x, w = _as_rows(batch, 0), batch.operands[1]
    if not batch.batched[1]:
        y = linear(x, w)
    elif batch.batched[0]:
        y = matmul(x, _transposed(w))
    else:
        _, outputs, inputs = w.spec.shape
        y = _apart(batch, linear(x, batch.shaped(w, batch.size * outputs, inputs)))
    return batch.split((_own_bias(batch, y),))


def linear_dx_batching(batch: Batch) -> tuple[Value, ...]:
    """As `linear_batching`, by the weights that are not transposed."""
    dy, w = _as_rows(batch, 0), batch.operands[1]
    if not batch.batched[1]:
        return batch.apply(*batch.operands)
    return batch.split((matmul(dy, w) if batch.batched[0] else _apart(batch, linear_dx(dy, _beside(batch, w))),))


def linear_dw_batching(batch: Batch) -> tuple[Value, ...]:
    """A product of matrices for each example; one where the examples share the rows on one side."""
    dy, x = _as_rows(batch, 0), _as_rows(batch, 1)
    if not batch.batched[0]:
        return (_apart(batch, linear_dw(dy, _beside(batch, x))),)
    if not batch.batched[1]:
        return batch.split((linear_dw(_beside(batch, dy), x),))
    return (matmul(_transposed(dy), x),)


linear: Op = Op(
    "linear",
    shape,
    meaning,
    gradient,
    cost,
    reads=reads,
    roles=Roles((BATCHED, PARAMETER, PARAMETER), (BATCHED,)),
    folds_batch_norm=True,
    worth_compiling=True,
    batching=linear_batching,
)
linear_dx: Op = Op(
    "linear_dx",
    lambda dy, w: (dy.with_shape(*dy.shape[:-1], w.shape[1]),),
    lambda dy, w: (dy @ w,),
    lambda node, g: (linear(g, node.inputs[1]), linear_dw(node.inputs[0], g)),
    cost=cost,
    roles=Roles((BATCHED, PARAMETER), (BATCHED,)),
    batching=linear_dx_batching,
)
linear_dw: Op = Op(
    "linear_dw",
    lambda dy, x: (dy.with_shape(dy.shape[-1], x.shape[-1]),),
    dw_meaning,
    lambda node, g: (linear(node.inputs[1], g), linear_dx(node.inputs[0], g)),
    cost=dw_cost,
    roles=Roles((BATCHED, BATCHED), (REDUCED,)),
    batching=linear_dw_batching,
)


def unmultiplied(a: Shape, b: Shape) -> dict[str, str | None]:
    """What a product of matrices expects, what came, and what may have been meant."""
    advice = say("ops.transposed_second") if a[-1:] == b[-1:] and len(b) > 1 else None
    return {"expected": say("ops.inner_sizes"), "got": f"{a}, {b}", "advice": advice}


def matmul_shape(a: Spec, b: Spec) -> tuple[Spec]:
    """(…, m, k) and (…, k, n) → (…, m, n); leading axes broadcast."""
    if a.rank < 2 or b.rank < 2 or a.shape[-1] != b.shape[-2]:
        raise ShapeError(
            "mat1 and mat2 shapes cannot be multiplied "
            f"({'x'.join(map(str, a.shape))} and {'x'.join(map(str, b.shape))})",
            **unmultiplied(a.shape, b.shape),
        )
    return (Spec((*broadcast(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1]), np.result_type(a.dtype, b.dtype)),)


def matmul_gradient(node: Node, dy: Value) -> tuple[Value, Value]:
    """By a: dy times b transposed. By b: a transposed times dy."""
    a, b = node.inputs
    return sum_to_shape(matmul(dy, _transposed(b)), a.spec.shape), sum_to_shape(
        matmul(_transposed(a), dy), b.spec.shape
    )


def _transposed(x: Value) -> Value:
    leading = tuple(range(x.spec.rank - 2))
    return permute(x, axes=(*leading, x.spec.rank - 1, x.spec.rank - 2))


def matmul_cost(node: Node) -> int:
    """One multiply-add for each result and step of the axis that is summed."""
    return node.specs[0].size * node.inputs[0].spec.shape[-1]


def matmul_reads(node: Node, _: int) -> tuple[Reads, ...]:
    """A row of a and a column of b."""
    a, b = (repeats(value.spec, node.specs[0].shape) for value in node.inputs)
    columns = node.specs[0].rank - 1
    return (*a[:-2], *along(columns - 1), ALL), (*b[:-2], ALL, *along(columns))


matmul: Op = Op(
    "matmul",
    matmul_shape,
    lambda a, b: (a @ b,),
    matmul_gradient,
    matmul_cost,
    reads=matmul_reads,
    roles=Roles((BATCHED, BATCHED), (BATCHED,)),
    direct=lambda: np.matmul,
    batching=broadcasting,
)

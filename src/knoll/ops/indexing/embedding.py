"""Embedding: rows of a table, picked by their numbers, and shortened where they are too long."""

from __future__ import annotations

import numpy as np

from knoll.errors import DimensionError
from knoll.graph import Array, IndexOperand, Node, Op, Reads, Roles, Spec, Value, along
from knoll.graph.batching import Batch
from knoll.graph.reads import everything
from knoll.graph.role import BATCHED, REDUCED, SHARED
from knoll.messages import say
from knoll.ops.accumulate import add_at
from knoll.ops.elementwise.arithmetic import add, constant, divide, multiply
from knoll.ops.elementwise.elementwise import MANY
from knoll.ops.elementwise.maximum import maximum
from knoll.ops.indexing.index import all_below, frozen, put_dx
from knoll.ops.shapes.reshape import convert


def check_rows(indices: Array, rows: int) -> None:
    """Refuse numbers of rows that the table does not have."""
    if not all_below(indices, rows):
        wrong = indices[(indices < 0) | (indices >= rows)]
        raise DimensionError(
            "index out of range in self",
            expected=say("ops.row_numbers", rows=rows, last=rows - 1),
            got=str(int(wrong[0])),
        )


def embedding_shape(weight: Spec, indices: Spec, **_: int | bool | None) -> tuple[Spec]:
    """(rows, d) and indices (…) → (…, d)."""
    return (weight.with_shape(*indices.shape, weight.shape[1]),)


def embedding_meaning(weight: Array, indices: Array, **_: int | bool | None) -> tuple[Array]:
    """The row of each index."""
    check_rows(indices, weight.shape[0])
    return (weight[indices],)


def embedding_gradient(node: Node, dy: Value) -> tuple[Value, None]:
    """Each dy added to its row."""
    weight, indices = node.inputs
    return embedding_dw(dy, indices, rows=weight.spec.shape[0], **node.attributes), None


def embedding_dw_shape(dy: Spec, _: Spec, *, rows: int, **__: int | bool | None) -> tuple[Spec]:
    """As the table."""
    return (dy.with_shape(rows, dy.shape[-1]),)


def embedding_dw_meaning(
    dy: Array, indices: Array, *, rows: int, padding: int | None, by_frequency: bool
) -> tuple[Array]:
    """Each row gathers the dy of all places that picked it, divided by how many they are if `by_frequency`.

    The row of the padding gathers none.
    """
    dw = np.zeros((rows, dy.shape[-1]), dy.dtype)
    picked = indices.reshape(-1)
    add_at(dw, picked, dy.reshape(picked.size, dy.shape[-1]))
    if by_frequency:
        dw /= np.maximum(np.bincount(picked, minlength=rows), 1).astype(dw.dtype)[:, None]
    if padding is not None:
        dw[padding] = 0
    return (dw,)


def embedding_reads(node: Node, _: int) -> tuple[Reads, Reads]:
    """The number of its own row, and in the table the same column of any row."""
    last = node.specs[0].rank - 1
    return along(None, last), along(*range(last))


def renorm_meaning(weight: Array, indices: Array, *, most: float, p: float) -> tuple[Array]:
    """The table, with the rows that are picked and longer than `most` shortened to it."""
    wrong = indices[(indices < 0) | (indices >= weight.shape[0])]
    if wrong.size:
        raise DimensionError(
            f"select(): index {wrong[0]} out of range for tensor of size {list(weight.shape)} at dimension 0",
            expected=say("ops.row_numbers", rows=weight.shape[0], last=weight.shape[0] - 1),
        )
    shortened, places = weight.copy(), np.unique(indices)
    size = np.linalg.norm(weight[places], p, axis=1).astype(np.float64)
    scale = np.where(size > most, most / (size + 1e-7), 1.0)
    shortened[places] *= scale.astype(weight.dtype)[:, None]
    return (shortened,)


def renorm_reads(node: Node, _: int) -> tuple[Reads, Reads]:
    """The whole row, and whether it is picked."""
    return along(0, None), everything(node.inputs[1].spec)


def embedding_dw_gradient(node: Node, g: Value) -> tuple[Value, None]:
    """The row that each place added its dy to, where it did; shared out `by_frequency` as dy was."""
    indices, attributes = node.inputs[1], node.attributes
    if attributes["by_frequency"]:
        ones = constant(node.inputs[0], value=1.0)
        each = embedding_dw(ones, indices, rows=attributes["rows"], padding=None, by_frequency=False)
        g = divide(g, maximum(each, constant(each, value=1.0)))
    if attributes["padding"] is not None:
        g = put_dx(g, key=frozen(attributes["padding"]), axes=())
    return embedding(g, indices, padding=None, by_frequency=False), None


def _in_own_table(batch: Batch, place: int, rows: int) -> Value:
    """Row numbers of all examples in a table that has the rows of each, one after another."""
    indices = batch.repeat(place)
    first = batch.shaped(batch.numbers, batch.size, *(1,) * (indices.spec.rank - 1))
    steps = convert(multiply(first, constant(first, value=rows)), dtype=indices.spec.dtype.name)
    return add(indices, steps)


def embedding_batching(batch: Batch) -> tuple[Value, ...] | None:
    """More rows of one table; of tables that differ the rows of one that has them all."""
    if not batch.batched[0]:
        return batch.apply(*batch.operands)
    if batch.node.attributes["padding"] is not None or batch.node.attributes["by_frequency"]:
        return None  # the gradient of these counts the rows of one table
    rows, _ = batch.node.inputs[0].spec.shape
    return batch.apply(batch.in_samples(0), _in_own_table(batch, 1, rows))


def embedding_dw_batching(batch: Batch) -> tuple[Value, ...]:
    """The rows of the tables of all examples, of which the one for padding has no gradient."""
    rows, padding = batch.node.attributes["rows"], batch.node.attributes["padding"]
    dw = batch.apply(batch.repeat(0), _in_own_table(batch, 1, rows), rows=batch.size * rows, padding=None)
    (each,) = batch.split(dw)
    return (each if padding is None else put_dx(each, key=frozen((slice(None), padding)), axes=()),)


embedding: Op = Op(
    "embedding",
    embedding_shape,
    embedding_meaning,
    embedding_gradient,
    reads=embedding_reads,
    looks_up=True,
    roles=Roles((SHARED, BATCHED), (BATCHED,)),
    compiled_from=MANY,
    indices=lambda node: IndexOperand(1, check_rows, (node.inputs[0].spec.shape[0],)),
    batching=embedding_batching,
)
embedding_dw: Op = Op(
    "embedding_dw",
    embedding_dw_shape,
    embedding_dw_meaning,
    embedding_dw_gradient,
    roles=Roles((BATCHED, BATCHED), (REDUCED,)),
    indices=lambda node: IndexOperand(1, check_rows, (node.attributes["rows"],)),
    batching=embedding_dw_batching,
)
embedding_renorm: Op = Op(
    "embedding_renorm",
    lambda weight, *_, **__: (weight,),
    renorm_meaning,
    lambda _, dy: (dy, None),  # the table is overwritten: its gradient is that of the shortened rows
    reads=renorm_reads,
)

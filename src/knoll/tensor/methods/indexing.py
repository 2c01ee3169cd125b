"""Methods that take or replace parts of a tensor."""

from __future__ import annotations

from typing import Final

from knoll.tensor.base import TensorBase
from knoll.tensor.indexing import diagonals, index_update, places, scatter_reductions, slices, subscript, view_scatter
from knoll.tensor.indexing import gather as gathering
from knoll.tensor.indexing import index_put as putting
from knoll.tensor.indexing import put as at_places
from knoll.tensor.indexing import scatter as scattering
from knoll.tensor.methods.method import method
from knoll.tensor.shapes import splitting


class IndexingMethods(TensorBase):
    """Indexing: parts of a tensor, and copies of it with other numbers in some places."""

    __slots__ = ()

    # Operators

    __getitem__: Final = method(subscript.get)
    __setitem__: Final = subscript.put_at
    __iter__: Final = method(subscript.iterate)

    # Parts

    split: Final = method(splitting.split)
    chunk: Final = method(splitting.chunk)
    unbind: Final = method(splitting.unbind)
    tensor_split: Final = method(splitting.tensor_split)
    hsplit: Final = method(splitting.hsplit)
    vsplit: Final = method(splitting.vsplit)
    dsplit: Final = method(splitting.dsplit)
    narrow: Final = method(slices.narrow)
    select: Final = method(slices.select)
    unfold: Final = method(slices.unfold)
    diagonal: Final = method(diagonals.diagonal)
    diag: Final = method(diagonals.diag)
    tril: Final = method(diagonals.tril)
    triu: Final = method(diagonals.triu)

    # At indices or where a mask holds

    index_select: Final = method(gathering.index_select)
    gather: Final = method(gathering.gather)
    take: Final = method(gathering.take)
    take_along_dim: Final = method(gathering.take_along_dim)
    masked_select: Final = method(gathering.masked_select)
    nonzero: Final = places.nonzero
    nonzero_static: Final = method(places.nonzero_static)
    argwhere: Final = method(places.argwhere)

    # With other numbers in some places

    scatter: Final = method(scattering.scatter)
    scatter_add: Final = method(scattering.scatter_add)
    scatter_reduce: Final = method(scatter_reductions.scatter_reduce)
    select_scatter: Final = method(view_scatter.select_scatter)
    slice_scatter: Final = method(view_scatter.slice_scatter)
    diagonal_scatter: Final = method(view_scatter.diagonal_scatter)
    masked_scatter: Final = method(index_update.masked_scatter)
    index_add: Final = method(index_update.index_add)
    index_copy: Final = method(index_update.index_copy)
    index_fill: Final = method(index_update.index_fill)
    index_put: Final = method(putting.index_put)
    put: Final = method(at_places.put)
    index_reduce: Final = method(scatter_reductions.index_reduce)
    diag_embed: Final = method(diagonals.diag_embed)
    diagflat: Final = method(diagonals.diagflat)

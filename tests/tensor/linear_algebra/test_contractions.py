"""Sums of products over named axes, tensor contractions and Kronecker products against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError, StateError
from side_by_side import A, B, Case, both, comparisons

RNG = np.random.default_rng(8)
COMPARED: dict[str, Case] = {
    "tensordot": (lambda t, a, b: t.tensordot(a, b, dims=([0, 1], [0, 1])), (A, B)),
    "kron": (lambda t, a, b: t.kron(a, b[0]), (A, B)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


@pytest.mark.parametrize(("equation", "shapes"), [
    ("ij,jk->ik", [(2, 3), (3, 4)]), ("ij,jk", [(2, 3), (3, 4)]), ("i,j->ij", [(2,), (3,)]), ("i,i", [(4,), (4,)]),
    ("ii->i", [(3, 3)]), ("ii", [(3, 3)]), ("ij->ji", [(2, 3)]), ("ij->", [(2, 3)]), ("ij->j", [(2, 3)]),
    ("bij,bjk->bik", [(5, 2, 3), (5, 3, 4)]), ("bhqd,bhkd->bhqk", [(2, 3, 4, 5), (2, 3, 6, 5)]),
    ("nctw,vw->nctv", [(2, 3, 4, 5), (6, 5)]), ("...ij,...jk->...ik", [(2, 1, 2, 3), (5, 3, 4)]),
    ("...i->...", [(2, 3, 4)]), ("i...,i...->...", [(4, 2), (4, 3, 2)]), ("ba", [(2, 3)]),
    ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 2)]),
    ("ijk,ilm,njm,nlk,abc->", [(2, 3, 4), (2, 2, 5), (3, 3, 5), (3, 2, 4), (1, 2, 1)]),
    ("ij,ij->ij", [(2, 3), (1, 3)]), ("iij,jk->ik", [(2, 2, 3), (3, 2)]), ("i, j -> j i", [(2,), (3,)]),
    ("ab,b->a", [(2, 0), (0,)]),
])  # fmt: skip
def test_sums_of_products(equation: str, shapes: list[tuple[int, ...]]) -> None:
    both(lambda library, *parts: library.einsum(equation, *parts), *(RNG.uniform(-2, 2, shape) for shape in shapes))


def test_operands_may_come_as_a_list() -> None:
    both(lambda library, a, b: library.einsum("ij,jk->ik", [a, b]), A, B.T)


@pytest.mark.parametrize(("equation", "shapes", "kind", "said"), [
    ("ij,jk->ik", [(2, 3)], ArgumentError, "fewer operands were provided"),
    ("ij->i", [(2, 3), (2, 3)], ArgumentError, "more operands were provided"),
    ("ij->k", [(2, 3)], StateError, "output subscript k does not appear"),
    ("i->i", [(2, 3)], StateError, "no ellipsis was given"),
    ("ijk->i", [(2, 3)], StateError, "is more than the number of dimensions"),
    ("ij,jk->ik", [(2, 3), (4, 2)], StateError, "do not broadcast"),
])  # fmt: skip
def test_equations_that_do_not_fit_are_told(
    equation: str, shapes: list[tuple[int, ...]], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        knoll.einsum(equation, *(knoll.ones(shape) for shape in shapes))

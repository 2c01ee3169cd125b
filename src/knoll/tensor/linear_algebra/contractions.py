"""Products of tensors, summed over the axes that are named: Einstein sums, `tensordot`, Kronecker products.

Source: https://pytorch.org/docs/stable/torch.html#blas-and-lapack-operations
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from knoll.errors import ArgumentError, ShapeError, StateError
from knoll.tensor.arguments import integer, items, public, tensors
from knoll.tensor.base import T, TensorBase
from knoll.tensor.elementwise.arithmetic import matmul, multiply
from knoll.tensor.indexing.diagonals import on_diagonal
from knoll.tensor.reduction.reduce import sum_
from knoll.tensor.shapes.shaping import front, permute, reshape

__all__ = ["einsum", "kron", "tensordot"]


@public("einsum")
def einsum(equation: str, *operands: Any) -> Any:
    """Sums of products, named by a letter for each axis: "ij,jk->ik" is the product of two matrices.

    A letter that the result lacks is summed over; without "->" the result has the letters that stand once, in the order
    of the alphabet; "..." stands for further axes, which broadcast. Raises ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.einsum.html

    >>> import knoll
    >>> knoll.einsum("i,j->ij", knoll.tensor([1.0, 2.0]), knoll.tensor([3.0, 4.0]))
    tensor([[3., 4.],
            [6., 8.]])
    """
    many = len(operands) == 1 and not isinstance(operands[0], TensorBase)
    parts: Any = list(tensors(operands[0] if many else operands, "einsum", "operands"))
    names, result = _letters(equation.replace(" ", ""), [len(part.shape) for part in parts])
    sizes: dict[str, int] = {}
    for letters, part in zip(names, parts, strict=True):
        for letter, size in zip(letters, part.shape, strict=True):
            if sizes.setdefault(letter, size) != size and 1 not in (size, sizes[letter]):
                raise StateError(
                    f"einsum(): operands do not broadcast with remapped shapes [original->remapped]: {letter!r} is "
                    f"{sizes[letter]} and {size}"
                )
            sizes[letter] = max(sizes[letter], size)
    whole, letters = _diagonal(parts[0], names[0])
    for number, (part, own) in enumerate(zip(parts[1:], names[1:], strict=True), 1):
        later = "".join(names[number + 1 :]) + result
        whole, letters = _multiplied(whole, letters, *_diagonal(part, own), later)
    spare = [place for place, letter in enumerate(letters) if letter not in result]
    summed = sum_(whole, spare) if spare else whole
    kept = [letter for letter in letters if letter in result]
    return permute(summed, [kept.index(letter) for letter in result])


def _letters(equation: str, ranks: list[int]) -> tuple[list[str], str]:
    """The letters of each operand and those of the result; the axes of "..." get capital letters of their own."""
    given, arrow, result = equation.partition("->")
    terms = given.split(",")
    if len(terms) != len(ranks):
        raise ArgumentError(
            "einsum(): fewer operands were provided than specified in the equation"
            if len(terms) > len(ranks)
            else "einsum(): more operands were provided than specified in the equation"
        )
    extra = max((rank - len(term.replace("...", "")) for term, rank in zip(terms, ranks, strict=True)), default=0)
    spare = [chr(code) for code in range(0x391, 0x391 + max(extra, 0))]  # Greek: no letter of an equation
    named = []
    for place, (term, rank) in enumerate(zip(terms, ranks, strict=True)):
        own = rank - len(term.replace("...", ""))
        if own < 0 or (own and "..." not in term):
            raise StateError(
                f"einsum(): the number of subscripts in the equation ({len(term.replace('...', ''))}) "
                f"{'is more than' if own < 0 else 'does not match'} the number of dimensions ({rank}) for operand "
                f"{place}{' and no ellipsis was given' if own > 0 else ''}"
            )
        named.append(term.replace("...", "".join(spare[len(spare) - own :])))
    if not arrow:
        counts = Counter("".join(term.replace("...", "") for term in terms))
        result = "".join(spare) + "".join(sorted(letter for letter, count in counts.items() if count == 1))
    result = result.replace("...", "".join(spare))
    for letter in result:
        if not any(letter in term for term in named):
            raise StateError(
                f"einsum(): output subscript {letter} does not appear in the equation for any input operand"
            )
    return named, result


def _diagonal(x: T, letters: str) -> tuple[T, str]:
    """The diagonal of axes with the same letter."""
    while len(set(letters)) < len(letters):
        letter = next(each for each in letters if letters.count(each) > 1)
        first = letters.index(letter)
        second = letters.index(letter, first + 1)
        x = on_diagonal(x, 0, first, second)
        letters = "".join(each for place, each in enumerate(letters) if place not in (first, second)) + letter
    return x, letters


def _multiplied(a: T, a_letters: str, b: T, b_letters: str, later: str) -> tuple[T, str]:
    """The product, summed over letters that come no more: as one batched product of matrices."""
    both = [letter for letter in a_letters if letter in b_letters]
    batch = [letter for letter in both if letter in later]
    inner = [letter for letter in both if letter not in later]
    left = [letter for letter in a_letters if letter not in both]
    right = [letter for letter in b_letters if letter not in both]
    sizes = dict(zip(a_letters, a.shape, strict=True))
    if any(sizes[letter] != b.shape[b_letters.index(letter)] for letter in both):
        return _broadcast(a, a_letters, b, b_letters)
    sizes.update(zip(b_letters, b.shape, strict=True))

    def matrices(x: T, letters: str, rows: list[str], columns: list[str]) -> T:
        ordered = permute(x, [letters.index(letter) for letter in (*batch, *rows, *columns)])
        edges = [math.prod(sizes[letter] for letter in group) for group in (rows, columns)]
        return reshape(ordered, [*(sizes[letter] for letter in batch), *edges])

    product = matmul(matrices(a, a_letters, left, inner), matrices(b, b_letters, inner, right))
    letters = [*batch, *left, *right]
    return reshape(product, [sizes[letter] for letter in letters]), "".join(letters)


def _broadcast(a: T, a_letters: str, b: T, b_letters: str) -> tuple[T, str]:
    """The product of every pair, with all letters: where an axis of size 1 meets a longer one."""
    letters = a_letters + "".join(letter for letter in b_letters if letter not in a_letters)

    def spread(x: T, own: str) -> T:
        ordered = permute(x, [own.index(letter) for letter in letters if letter in own])
        shape = iter(ordered.shape)
        return reshape(ordered, [next(shape) if letter in own else 1 for letter in letters])

    return multiply(spread(a, a_letters), spread(b, b_letters)), letters


@public("tensordot")
def tensordot(a: T, b: T, dims: Any = 2) -> T:
    """The sums of products over axes of a and of b: the last and first `dims`, or two lists of axes. Raises ShapeError.

    Source: https://pytorch.org/docs/stable/generated/torch.tensordot.html

    >>> import knoll
    >>> knoll.tensordot(knoll.ones(2, 3, 4), knoll.ones(3, 4, 5)).shape
    (2, 5)
    """
    if isinstance(dims, int):
        if dims < 0:
            raise StateError(f"tensordot expects dims >= 0, but got dims={dims}")
        if dims > min(len(a.shape), len(b.shape)):
            raise StateError(f"tensordot expects dims < ndim_a or ndim_b, but got dims={dims}")
    mine, theirs = ([*range(-dims, 0)], [*range(dims)]) if isinstance(dims, int) else _two_lists(dims)
    first, second = [front(d, len(a.shape)) for d in mine], [front(d, len(b.shape)) for d in theirs]
    if len(first) != len(second):
        raise StateError("both dimension lists should have same length")
    for one, two in zip(first, second, strict=True):
        if a.shape[one] != b.shape[two]:
            raise ShapeError(
                "contracted dimensions need to match, but first "
                f"has size {a.shape[one]} in dim {one} and second has size {b.shape[two]} in dim {two}"
            )
    rest_a = [axis for axis in range(len(a.shape)) if axis not in first]
    rest_b = [axis for axis in range(len(b.shape)) if axis not in second]
    length = math.prod(a.shape[axis] for axis in first)
    left = reshape(permute(a, [*rest_a, *first]), (math.prod(a.shape[i] for i in rest_a), length))
    right = reshape(permute(b, [*second, *rest_b]), (length, math.prod(b.shape[i] for i in rest_b)))
    return reshape(matmul(left, right), [*(a.shape[i] for i in rest_a), *(b.shape[i] for i in rest_b)])


def _two_lists(dims: Any) -> list[list[int]]:
    """Two lists of axes. Raises ArgumentTypeError, StateError."""
    given = items(dims, "tensordot", "dims")
    if len(given) != 2:
        raise StateError("tensordot expects dims to be int or two lists of ints", got=repr(dims))
    return [[integer(axis, "tensordot", "dims") for axis in items(each, "tensordot", "dims")] for each in given]


@public("kron")
def kron(x: T, other: T, *, out: T | None = None) -> T:
    """The Kronecker product: each element of x times the whole of `other`, side by side.

    Source: https://pytorch.org/docs/stable/generated/torch.kron.html

    >>> import knoll
    >>> knoll.kron(knoll.tensor([1, 10]), knoll.tensor([1, 2, 3]))
    tensor([ 1,  2,  3, 10, 20, 30])
    """
    rank = max(len(x.shape), len(other.shape))
    left, right = ((1,) * (rank - len(part.shape)) + tuple(part.shape) for part in (x, other))
    shape = [size for pair in zip(left, right, strict=True) for size in pair]
    mine = reshape(x, [size if place % 2 == 0 else 1 for place, size in enumerate(shape)])
    theirs = reshape(other, [size if place % 2 else 1 for place, size in enumerate(shape)])
    return reshape(multiply(mine, theirs), [a * b for a, b in zip(left, right, strict=True)])

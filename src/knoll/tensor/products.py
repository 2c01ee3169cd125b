"""Products of matrices and vectors."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from knoll.errors import ArgumentError, ShapeError, StateError
from knoll.ops.linear import unmultiplied
from knoll.tensor.arguments import public, tensors
from knoll.tensor.arithmetic import add, matmul, multiply
from knoll.tensor.base import T, TensorBase
from knoll.tensor.rearrange import on_diagonal
from knoll.tensor.reductions import sum_
from knoll.tensor.shaping import permute, reshape, unsqueeze


@public("mm")
def mm(x: T, mat2: T, *, out: T | None = None) -> T:
    """The product of two matrices, (m, k) and (k, n) → (m, n). Raises ShapeError for anything else."""
    _check_rank("mm", x, 2, "self must be a matrix")
    _check_rank("mm", mat2, 2, "mat2 must be a matrix")
    if x.shape[1] != mat2.shape[0]:
        (m, k), (rows, n) = x.shape, mat2.shape
        raise ShapeError(
            f"mat1 and mat2 shapes cannot be multiplied ({m}x{k} and {rows}x{n})", **unmultiplied(x.shape, mat2.shape)
        )
    return matmul(x, mat2)


@public("bmm")
def bmm(x: T, mat2: T, *, out: T | None = None) -> T:
    """The products of the matrices of two batches, (b, m, k) and (b, k, n) → (b, m, n). Raises ShapeError."""
    for name, part in (("batch1", x), ("batch2", mat2)):
        _check_rank("bmm", part, 3, f"{name} must be a 3D tensor")
    if (x.shape[0], x.shape[2]) != mat2.shape[:2]:
        raise ShapeError(
            f"Expected size for first two dimensions of batch2 tensor to be: [{x.shape[0]}, {x.shape[2]}] but got: "
            f"[{mat2.shape[0]}, {mat2.shape[1]}]."
        )
    return matmul(x, mat2)


@public("mv")
def mv(x: T, vec: T, *, out: T | None = None) -> T:
    """The product of a matrix (m, k) and a vector (k,) → (m,). Raises ShapeError."""
    if (len(x.shape), len(vec.shape)) != (2, 1):
        raise StateError(f"vector + matrix @ vector expected, got 1, {len(x.shape)}, {len(vec.shape)}")
    if x.shape[1] != vec.shape[0]:
        rows, columns = x.shape
        raise ShapeError(f"size mismatch, got input ({rows}), mat ({rows}x{columns}), vec ({vec.shape[0]})")
    return matmul(x, vec)


@public("dot")
def dot(x: T, tensor: T, *, out: T | None = None) -> T:
    """The sum of the products of two vectors. Raises ShapeError.

    >>> import knoll
    >>> knoll.dot(knoll.tensor([2, 3]), knoll.tensor([2, 1]))
    tensor(7)
    """
    if (len(x.shape), len(tensor.shape)) != (1, 1):
        raise ShapeError(f"1D tensors expected, but got {len(x.shape)}D and {len(tensor.shape)}D tensors")
    if x.shape != tensor.shape:
        raise ShapeError(
            "inconsistent tensor size, expected tensor "
            f"{list(x.shape)} and src {list(tensor.shape)} to have the same number of elements, but got "
            f"{x.shape[0]} and {tensor.shape[0]} elements respectively"
        )
    return matmul(x, tensor)


@public("outer")
def outer(x: T, vec2: T, *, out: T | None = None) -> T:
    """The products of every element of one vector with every element of another, (m,) and (n,) → (m, n)."""
    for name, part in (("self", x), ("vec2", vec2)):
        _check_rank("outer", part, 1, f"Expected 1-D argument {name}, but got {len(part.shape)}-D")
    return multiply(unsqueeze(x, 1), vec2)


@public("addmm")
def addmm(x: T, mat1: T, mat2: T, *, beta: float = 1, alpha: float = 1, out: T | None = None) -> T:
    """`beta` · x + `alpha` · `mat1` @ `mat2`."""
    product = mm(mat1, mat2)
    scaled = product if alpha == 1 else multiply(product, alpha)
    if beta == 0:
        return scaled
    return add(x if beta == 1 else multiply(x, beta), scaled)


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


def _check_rank(name: str, x: TensorBase, rank: int, sentence: str) -> None:
    if len(x.shape) != rank:
        raise ShapeError(sentence, where=f"{name}()", got=str(tuple(x.shape)))

"""`torch.return_types`: tuples of several results, whose parts have names; each is called like its function.

>>> import knoll
>>> knoll.max(knoll.tensor([[1, 5], [4, 2]]), dim=1)
knoll.return_types.max(
values=tensor([5, 4]),
indices=tensor([1, 0]))
"""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")


def _shown(self: Any) -> str:
    parts = ",\n".join(f"{name}={part!r}" for name, part in zip(self._fields, self, strict=True))
    return f"knoll.return_types.{type(self).__name__}(\n{parts})"


class Extreme(NamedTuple, Generic[T]):
    """The values along an axis that were chosen, and where they stood."""

    values: T
    indices: T

    def __repr__(self) -> str:
        return _shown(self)


class max(Extreme[T]):  # noqa: A001 (as all that follow, called like its function)
    """Of `max` along an axis."""

    __slots__ = ()


class min(Extreme[T]):  # noqa: A001 (PyTorch's name)
    """Of `min` along an axis."""

    __slots__ = ()


class median(Extreme[T]):
    """Of `median` along an axis."""

    __slots__ = ()


class nanmedian(Extreme[T]):
    """Of `nanmedian` along an axis."""

    __slots__ = ()


class mode(Extreme[T]):
    """Of `mode`."""

    __slots__ = ()


class kthvalue(Extreme[T]):
    """Of `kthvalue`."""

    __slots__ = ()


class sort(Extreme[T]):
    """Of `sort`."""

    __slots__ = ()


class topk(Extreme[T]):
    """Of `topk`."""

    __slots__ = ()


class cummax(Extreme[T]):
    """Of `cummax`."""

    __slots__ = ()


class cummin(Extreme[T]):
    """Of `cummin`."""

    __slots__ = ()


class aminmax(NamedTuple):
    """The smallest and the largest element."""

    min: Any
    max: Any

    def __repr__(self) -> str:
        return _shown(self)


class histogram(NamedTuple):
    """Counts, and the edges between the bins."""

    hist: Any
    bin_edges: Any

    def __repr__(self) -> str:
        return _shown(self)


class histogramdd(NamedTuple):
    """Counts, and for each axis the edges between the bins."""

    hist: Any
    bin_edges: Any

    def __repr__(self) -> str:
        return _shown(self)


class linalg_svd(NamedTuple):
    """Orthogonal matrices U and Vh around singular values S: the matrix is U · diag(S) · Vh."""

    U: Any
    S: Any
    Vh: Any

    def __repr__(self) -> str:
        return _shown(self)


class linalg_qr(NamedTuple):
    """An orthogonal matrix Q and an upper triangle R, whose product the matrix is."""

    Q: Any
    R: Any

    def __repr__(self) -> str:
        return _shown(self)


class linalg_eigh(NamedTuple):
    """Eigenvalues in rising order, and eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any

    def __repr__(self) -> str:
        return _shown(self)


class linalg_slogdet(NamedTuple):
    """The sign of a determinant, and the logarithm of its absolute value."""

    sign: Any
    logabsdet: Any

    def __repr__(self) -> str:
        return _shown(self)

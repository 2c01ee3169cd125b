"""Changes of a tensor's shape in place: it becomes a view of what it was, in the same memory.

Aliases keep their shapes, and go on seeing what is changed through it.
"""

from __future__ import annotations

from collections.abc import Callable

from knoll.errors import ShapeError
from knoll.tensor.arguments import Dims, public
from knoll.tensor.base import T
from knoll.tensor.concurrency import changing
from knoll.tensor.record import grad_mode
from knoll.tensor.shapes.shaping import matrix_transposed, squeeze, transpose, unsqueeze
from knoll.tensor.storage.mutation import check_leaf


def _become(x: T, look: Callable[[T], T]) -> T:
    """Let x be a view of itself from now on; a leaf stays one."""
    check_leaf(x)
    is_leaf = x.is_leaf
    with grad_mode(True):  # a result stays one where no gradients are recorded
        part = look(x)
    if part is x:
        return x
    with changing():
        if is_leaf and x._value is None:
            x._lie_in(part._realize(), part._memory)
        else:
            x._take(part)
        x._view = part._view
    if x._recorder is not None:
        x._recorder.add_pending(x)
    return x


@public("squeeze_")
def squeeze_(x: T, dim: Dims = None) -> T:
    """Without axes of size 1, all of them or those in `dim`, in place.

    Raises StateError for a leaf that requires a gradient.
    """
    return _become(x, lambda former: squeeze(former, dim))


@public("unsqueeze_")
def unsqueeze_(x: T, dim: int) -> T:
    """With a new axis of size 1 at `dim`, in place. Raises StateError for a leaf that requires a gradient.

    >>> import knoll
    >>> x = knoll.tensor([1, 2])
    >>> x.unsqueeze_(0) is x, x
    (True, tensor([[1, 2]]))
    """
    return _become(x, lambda former: unsqueeze(former, dim))


@public("transpose_")
def transpose_(x: T, dim0: int, dim1: int) -> T:
    """Two axes in each other's place, in place. Raises StateError for a leaf that requires a gradient."""
    return _become(x, lambda former: transpose(former, dim0, dim1))


@public("swapaxes_")
def swapaxes_(x: T, axis0: int, axis1: int) -> T:
    """Two axes in each other's place, in place: NumPy's name."""
    return transpose_(x, axis0, axis1)


@public("swapdims_")
def swapdims_(x: T, dim0: int, dim1: int) -> T:
    """Two axes in each other's place, in place: an older name for `transpose_`."""
    return transpose_(x, dim0, dim1)


@public("t_")
def t_(x: T) -> T:
    """Rows as columns, of a tensor of at most two axes, in place. Raises StateError, ShapeError."""
    if len(x.shape) > 2:
        raise ShapeError(f"t_() expects a tensor with <= 2 dimensions, but self is {len(x.shape)}D")
    return _become(x, matrix_transposed)

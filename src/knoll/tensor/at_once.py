"""Light operations, computed at once by their meaning in NumPy; whether operands fit is worked out once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from knoll.errors import OutOfMemoryError
from knoll.graph import Array, Op, spec_of

MOST_FITTING = 1 << 12  # questions whose answer is kept; beyond it all are dropped, as shapes change all the time
_fitting: dict[Hashable, None] = {}  # operations, attributes, shapes and element types that fit together


def check_fits(op: Op, arrays: list[Array], attributes: dict[str, Hashable]) -> None:
    """Raise what an operation raises for operands of these shapes and element types; what fitted before is known."""
    key = op, *attributes.items(), *[(array.shape, array.dtype.char) for array in arrays]
    if key not in _fitting:
        op.results(*map(spec_of, arrays), **attributes)
        if len(_fitting) >= MOST_FITTING:
            _fitting.clear()
        _fitting[key] = None


def at_once(op: Op, arrays: list[Array], attributes: dict[str, Hashable]) -> Sequence[Array]:
    """The results of a light operation that backward need not know of: what its program would compute, sooner."""
    check_fits(op, arrays, attributes)
    try:
        results = op.meaning(*arrays, **attributes)
    except MemoryError as error:
        raise OutOfMemoryError.after(error) from None
    if op.is_view:
        return [r.copy() if any(np.may_share_memory(r, a) for a in arrays) else r for r in results]
    return results

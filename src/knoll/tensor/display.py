"""How tensors print: as in PyTorch, with `dtype=float64` in place of `dtype=torch.float64`.

The rules are those of `torch/_tensor_str.py`: four digits, whole numbers as `1.`, powers of ten where sizes differ by
more than a thousand, and three entries at each end of an axis once there are more than a thousand elements; or as
`set_printoptions` says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.tensor.autograd.grad_fn import grad_fn
from knoll.tensor.base import TensorBase
from knoll.tensor.dtypes import bool_, float32, int64
from knoll.tensor.mapped import depth, for_all_examples, mapped_call
from knoll.tensor.print_options import options


def text(x: TensorBase) -> str:
    """The tensor with its numbers, its element type if it is not the usual one, and where its gradient goes."""
    call, whole = mapped_call(x), for_all_examples(x)
    if call is not None and whole is not None:
        inner = text(whole).replace("\n", "\n    ")
        return f"BatchedTensor(lvl={depth(call)}, bdim=0, value=\n    {inner}\n)"
    array = x._realize()
    written = "tensor("
    indent = len(written)
    if array.size:
        abridge = array.size > options.threshold
        written += _block(array, indent, _Writer.of(_abridged(array) if abridge else array), abridge)
    else:
        written += "[]"
    used = len(written) - written.rfind("\n") + 1
    for note in _notes(x, array):
        if used + len(note) + 2 > options.linewidth:
            written += ",\n" + " " * indent + note
            used = indent + len(note)
        else:
            written += f", {note}"
            used += len(note) + 2
    return written + ")"


def _notes(x: TensorBase, array: Array) -> list[str]:
    notes = []
    if array.shape != (0,) if not array.size else not options.edgeitems:
        notes.append(f"size={array.shape}")
    usual = (float32, int64, bool_) if array.size else (float32,)
    if array.dtype not in usual:
        notes.append(f"dtype={array.dtype}")
    if x._edge is not None:
        function = grad_fn(x)
        notes.append("requires_grad=True" if function is None else f"grad_fn=<{function.name().split('::')[-1]}>")
    elif x._requires_grad:
        notes.append("requires_grad=True")
    return notes


def _abridged(array: Array) -> Array:
    """The entries that are shown of a large array."""
    edge = options.edgeitems
    for axis, size in enumerate(array.shape):
        if size > 2 * edge:
            array = np.take(array, [*range(edge), *range(size - edge, size)], axis)
    return array


@dataclass(frozen=True)
class _Writer:
    """How one element is written, and how wide the widest is."""

    pattern: str
    point: str
    width: int

    @classmethod
    def of(cls, array: Array) -> _Writer:
        """The writer that suits all elements of `array`."""
        if array.dtype.kind != "f":
            return cls("", "", max((len(str(number)) for number in array.ravel().tolist()), default=1))
        finite = array[np.isfinite(array) & (array != 0)].astype(np.float64)
        if not finite.size:
            return cls(".0f", ".", 1)
        sizes = np.abs(finite)
        low, high = float(sizes.min()), float(sizes.max())
        whole = bool((finite == np.ceil(finite)).all())
        in_powers = high / low > 1000 or high > 1e8 or low < 1e-4
        if in_powers if options.sci_mode is None else options.sci_mode:
            plain = cls(f".{options.precision}e", "", 0)
        else:
            plain = cls(".0f", ".", 0) if whole else cls(f".{options.precision}f", "", 0)
        return replace(plain, width=max(len(plain(number)) for number in finite.tolist()))

    def __call__(self, number: Any) -> str:
        """The element, as wide as the widest."""
        if not self.pattern:
            return str(number).rjust(self.width)
        return (format(number, self.pattern) + (self.point if math.isfinite(number) else "")).rjust(self.width)


def _block(array: Array, indent: int, write: _Writer, abridge: bool) -> str:
    if array.ndim == 0:
        return write(array.item())
    size, edge = len(array), options.edgeitems
    cut = abridge and size > 2 * edge
    if array.ndim == 1:
        entries = array.tolist()
        if not cut:
            words = [*map(write, entries)]
        elif edge:
            words = [*map(write, entries[:edge]), " ...", *map(write, entries[-edge:])]
        else:
            words = ["..."]
        return _row(words, indent, write.width + 2)
    rows = [*range(edge), -1, *range(size - edge, size)] if cut else list(range(size))
    parts = ["..." if row == -1 else _block(array[row], indent + 1, write, abridge) for row in rows]
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def _row(words: list[str], indent: int, width: int) -> str:
    """One axis, in as many lines as it takes."""
    per_line = max(1, (options.linewidth - indent) // width)
    lines = [", ".join(words[i : i + per_line]) for i in range(0, len(words), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"

"""What layers along one axis take for sizes: an integer, or a list or tuple of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.nn.sizes import integer, integers

Length = int | Sequence[int]  # of one number
Single = tuple[int]


def single(value: Any, name: str, function: str) -> Single:
    """`value` as a tuple of one integer; several are refused in the words of `function`.

    >>> single(3, "kernel_size", "conv1d"), single([3], "kernel_size", "conv1d")
    ((3,), (3,))
    """
    if isinstance(value, Iterable) and not isinstance(value, str) and getattr(value, "shape", None) != ():
        numbers = integers(value, name, function)
        if len(numbers) != 1:
            raise ArgumentError(
                _wrong_length(name, function, numbers), expected=say("nn.one_number", name=name), got=f"{name}={value}"
            )
        return (numbers[0],)
    if not hasattr(value, "__index__") or isinstance(value, bool):
        position = _POSITIONS.get(name, "") if "pool" in function else ""
        raise ArgumentTypeError(
            f"{function}(): argument '{name}'{position} must be tuple of ints, not {type(value).__name__}",
            expected=say("nn.one_number", name=name),
            got=f"{name}={value!r}",
        )
    return (integer(value, name, -(2**63), function),)


_POSITIONS = {
    name: f" (position {place})"
    for names in (("kernel_size", "stride", "padding", "dilation"), ("output_size",))
    for place, name in enumerate(names, 2)
}


def _wrong_length(name: str, function: str, numbers: list[int]) -> str:
    """PyTorch's sentence about more numbers than one."""
    if function == "max_pool1d":
        kind = {
            "stride": "None, an int, list of ints, or tuple of ints",
            "padding": "an int, list of ints, or tuple of ints",
        }
        may = kind.get(name, "an int, list of ints or tuple of ints")
        return f"max_pool1d() {name} must be {may} of size 1 but got size {len(numbers)}"
    if "conv" in function:
        return (
            f"expected {name} to be a single integer value or a list of 1 values to match the convolution dimensions, "
            f"but got {name}={numbers}"
        )
    return f"{function}() argument '{name}' should contain one int (got {len(numbers)})"


def single_or(default: Single, value: Any, name: str, function: str) -> Single:
    """`value` as a tuple of one integer, or `default` where it is None or empty."""
    if value is None or (isinstance(value, (list, tuple)) and not value):
        return default
    return single(value, name, function)

"""What layers take for sizes: an integer, or one for rows and one for columns."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sized
from typing import Any, SupportsIndex

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Shape
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.ops.convolution.patches import Padding
from knoll.ops.resample.axes import PADDINGS
from knoll.tensor.arguments import items

Size = int | Pair  # rows and columns; one number stands for both
AdaptiveSize = int | tuple[int | None, int | None] | None  # how many windows; None: as many as there are elements

_WRONG_LENGTH = {
    "max_pool2d": {
        "kernel_size": "max_pool2d: kernel_size must either be a single int, or a tuple of two ints",
        "stride": "max_pool2d: stride must either be omitted, a single int, or a tuple of two ints",
        "padding": "max_pool2d: padding must either be a single int, or a tuple of two ints",
        "dilation": "max_pool2d: dilation must be either a single int, or a tuple of two ints",
    },
    "avg_pool2d": {
        "kernel_size": "avg_pool2d: kernel_size must either be a single int, or a tuple of two ints",
        "stride": "avg_pool2d: stride must either be omitted, a single int, or a tuple of two ints",
        "padding": "avg_pool2d: padding must either be a single int, or a tuple of two ints",
    },
    "fractional_max_pool2d": {
        name: f"fractional_max_pool2d: {name} must either be a single Int or tuple of Ints"
        for name in ("kernel_size", "output_size")
    },
    "max_unpool2d": {
        name: f"max_unpool2d: {name} must either be a single int, or a tuple of two ints"
        for name in ("kernel_size", "stride", "padding")
    },
    "adaptive_max_pool2d": {"output_size": "adaptive_max_pool2d(): internal error: output_size.size() must be 2"},
    "adaptive_avg_pool2d": {"output_size": "adaptive_avg_pool2d: output_size must be 2"},
}

# Arguments that PyTorch counts in its sentences about them, the second and those after it.
_POSITIONS = {
    "max_pool2d": ("kernel_size", "stride", "padding", "dilation"),
    "avg_pool2d": ("kernel_size", "stride", "padding"),
    "fractional_max_pool2d": ("kernel_size", "output_size"),
}


_MOST = 2**63  # the first number that PyTorch's sizes do not hold


def integer(value: Any, name: str, least: int, function: str) -> int:
    """`value` as an int; `least` is the smallest that makes sense. Bools and floats are refused."""
    reason = f"{function}(): argument '{name}' must be int, not {type(value).__name__}"
    number = value if type(value) is int else _index(value, name, reason, say("nn.integer", name=name))
    if number < least:
        raise ArgumentError(say("nn.too_small", name=name, least=least), got=f"{name}={number}")
    return number


def integers(values: Iterable[Any], name: str, function: str) -> list[int]:
    """`values`, the second argument of `function`, as ints; refused in PyTorch's words, which differ from the first on.

    >>> integers((1, 2), "pad", "pad")
    [1, 2]
    """
    numbers = []
    for place, value in enumerate(items(values, function, name), 1):
        if type(value) is int and -_MOST <= value < _MOST:
            numbers.append(value)
            continue
        wanted, kind = f"{function}(): argument '{name}'", type(value).__name__
        unpacked = f"{wanted} failed to unpack the object at pos {place} with error"
        reason = (
            f"{wanted} (position 2) must be tuple of ints, but found element of type {kind} at pos 0"
            if place == 1
            else f'{unpacked} "type must be tuple of ints,but got {kind}"'
        )
        expected = say("nn.integer", name=name)
        numbers.append(_index(value, name, reason, expected))
        if not -_MOST <= numbers[-1] < _MOST:
            raise ArgumentTypeError(f'{unpacked} "Overflow when unpacking long long', expected=expected)
    return numbers


def group_count(groups: Any, function: str) -> int:
    """How many groups a convolution has."""
    count = integer(groups, "groups", -(2**63), function)
    if count < 1:
        raise ArgumentError("non-positive groups is not supported", got=f"groups={count}")
    return count


def pair(value: Any, name: str, function: str) -> Pair:
    """`value` as (rows, columns); one integer stands for both.

    >>> pair(3, "kernel_size", "conv2d"), pair([3, 5], "kernel_size", "conv2d")
    ((3, 3), (3, 5))
    """
    if type(value) is tuple and len(value) == 2 and type(value[0]) is int and type(value[1]) is int:
        return value
    if type(value) is int:
        return (value, value)
    if not isinstance(value, Iterable) or isinstance(value, str) or getattr(value, "shape", None) == ():
        reason = f"{_must_be_pair(name, function)}, not {type(value).__name__}"
        number = _index(value, name, reason, say("nn.pair", name=name))
        return (number, number)
    numbers = [
        _index(number, name, _strange_element(number, place, name, function), say("nn.pair", name=name))
        for place, number in enumerate(value)
    ]
    if len(numbers) not in (1, 2):
        raise ArgumentError(
            _WRONG_LENGTH.get(function, {}).get(name)
            or f"expected {name} to be a single integer value or a list of 2 values to match the convolution "
            f"dimensions, but got {name}={numbers}",
            expected=say("nn.pair", name=name),
            got=f"{name}={value}",
        )
    return (numbers[0], numbers[-1])


def _must_be_pair(name: str, function: str) -> str:
    places = _POSITIONS.get(function, ())
    place = f" (position {places.index(name) + 2})" if name in places else ""
    return f"{function}(): argument '{name}'{place} must be tuple of ints"


def _strange_element(element: Any, place: int, name: str, function: str) -> str:
    """PyTorch's sentence about an element that is no int: one for the first, another for the rest."""
    kind = type(element).__name__
    if place == 0:
        return f"{_must_be_pair(name, function)}, but found element of type {kind} at pos 0"
    return (
        f"{function}(): argument '{name}' failed to unpack the object at pos {place + 1} "
        f'with error "type must be tuple of ints,but got {kind}"'
    )


def pair_or(default: Pair, value: Any, name: str, function: str) -> Pair:
    """`value` as (rows, columns), or `default` where it is None or empty."""
    sized = isinstance(value, Sized) and not isinstance(value, str) and getattr(value, "shape", None) != ()
    if value is None or (sized and len(value) == 0):
        return default
    return pair(value, name, function)


def pool_window(
    function: str, kernel_size: Any, stride: Any, padding: Any, dilation: Any = 1
) -> tuple[Pair, Pair, Pair, Pair]:
    """Kernel size, stride, padding and dilation of a pooling, each as (rows, columns). No stride is the kernel size.

    >>> pool_window("max_pool2d", 3, None, (1, 0))
    ((3, 3), (3, 3), (1, 0), (1, 1))
    """
    kernel = pair(kernel_size, "kernel_size", function)
    moves = pair_or(kernel, stride, "stride", function)
    return kernel, moves, pair(padding, "padding", function), pair(dilation, "dilation", function)


def adaptive_size(output_size: Any, function: str) -> tuple[int | None, int | None]:
    """How many windows for rows and for columns, None being as many as there are rows or columns."""
    if type(output_size) is int and 0 <= output_size < _MOST:
        return output_size, output_size
    got = f"output_size={output_size}"
    wanted = say("nn.adaptive_size")
    if isinstance(output_size, bool):
        reason = f"{function}(): argument 'output_size' (position 2) must be tuple of ints, not bool"
        raise ArgumentTypeError(reason, expected=wanted, got=got)
    if not isinstance(output_size, (Iterable, SupportsIndex)):
        kind = type(output_size).__name__
        raise ArgumentTypeError(
            f"object of type '{kind}' has no len()",
            expected=wanted,
            got=got,
            advice=_rounded(output_size, "output_size"),
        )
    without_axes = getattr(output_size, "shape", None) == ()
    given = tuple(output_size) if isinstance(output_size, Iterable) and not without_axes else (output_size, output_size)
    numbers = integers([0 if n is None else n for n in given], "output_size", function)
    if len(given) != 2:
        raise ArgumentError(_WRONG_LENGTH[function]["output_size"], expected=wanted, got=got)
    rows, columns = (None if n is None else number for n, number in zip(given, numbers, strict=True))
    least = min(rows or 0, columns or 0)
    if least < 0:
        reason = (
            f"Trying to create tensor with negative dimension {least}: {list(given)}"
            if function == "adaptive_max_pool2d"
            else f"{function}: elements of output_size must be greater than or equal to 0 but received "
            f"{{{given[0]}, {given[1]}}}"
        )
        raise ArgumentError(reason, expected=say("nn.too_small", name="output_size", least=0), got=got)
    return rows, columns


def adaptive_images(shape: Shape, output_size: Any, function: str) -> tuple[int | None, int | None]:
    """`adaptive_size` of a pooling of images; an input with fewer axes than images have is refused."""
    size = adaptive_size(output_size, function)
    if len(shape) < 3 and isinstance(output_size, Iterable):
        raise ArgumentError("Input dimension should be at least 3", expected=say("ops.images"), got=f"{shape}")
    return size


def _index(value: Any, name: str, reason: str, expected: str) -> int:
    """Any integer as an int, except that True is not one."""
    if not isinstance(value, bool):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise ArgumentTypeError(reason, expected=expected, got=f"{name}={value!r}", advice=_rounded(value, name))


def _rounded(value: Any, name: str) -> str | None:
    """The likeliest wish behind a float: 5 / 2 gives 2.5, and 4 / 2 gives 2.0."""
    if isinstance(value, float) and value.is_integer():
        return say("nn.whole_number", name=name, value=int(value))
    return None


def check_slide(stride: Pair, padding: Pair, dilation: Pair) -> None:
    """Refuse what no image could make right, in PyTorch's words and order."""
    if min(padding) < 0:
        raise ArgumentError(
            "negative padding is not supported", got=f"padding={padding}", advice=say("nn.crop_instead")
        )
    if min(stride) < 1:
        raise ArgumentError(
            "non-positive stride is not supported",
            expected=say("nn.too_small", name="stride", least=1),
            got=f"stride={stride}",
        )
    if min(dilation) < 1:
        raise ArgumentError(
            "dilation should be greater than zero" + (f", but got {list(dilation)}" if min(dilation) == 0 else ""),
            expected=say("nn.too_small", name="dilation", least=1),
            got=f"dilation={dilation}",
        )


def padding_sides(padding: Any, kernel: Pair, stride: Pair, dilation: Pair) -> Padding:
    """`padding` as ((above, below), (left, right)).

    "same" makes the output as large as the input; an odd row or column goes below or right.

    >>> padding_sides("same", (4, 3), (1, 1), (1, 1)), padding_sides(2, (4, 3), (1, 1), (1, 1))
    (((1, 2), (1, 1)), ((2, 2), (2, 2)))
    """
    if not isinstance(padding, str):
        rows, columns = padding = pair(padding, "padding", "conv2d")
        check_slide(stride, padding, dilation)
        return ((rows, rows), (columns, columns))
    check_slide(stride, (0, 0), dilation)
    check_padding_word(padding, stride, f"Invalid padding string: '{padding}'")
    if padding == "valid":
        return ((0, 0), (0, 0))
    more = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return ((more[0] // 2, more[0] - more[0] // 2), (more[1] // 2, more[1] - more[1] // 2))


def check_padding_word(padding: str, stride: Pair, reason: str) -> None:
    """Refuse a word that is not "same" or "valid", for the `reason` given, and "same" where windows skip."""
    if padding not in ("valid", "same"):
        raise ArgumentError(
            reason,
            expected="'valid', 'same'",
            advice=say("nn.padding_mode", mode=padding) if padding in PADDINGS else None,
        )
    if padding == "same" and stride != (1, 1):
        raise ArgumentError(
            "padding='same' is not supported for strided convolutions",
            got=f"stride={stride}",
            advice=say("nn.same_stride"),
        )

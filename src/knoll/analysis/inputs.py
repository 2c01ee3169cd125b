"""The inputs that a network is looked at with: shapes, arrays or tensors, and what was meant by anything else."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from knoll.errors import ArgumentError, OutOfMemoryError
from knoll.graph import Array, Shape
from knoll.graph.memory_limit import MAX_INT64, check
from knoll.graph.shapes import shape_text
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.nn import Conv2d, ConvTranspose2d, Embedding, Module, Sequential
from knoll.nn.inspection import Input
from knoll.tensor import Tensor
from knoll.tensor.dtypes import float32, int64

LONGEST = 1 << 22  # rows or columns of an image of which only the shape is told
SMALL = 1 << 26  # bytes of zeros that are there one by one


def as_inputs(given: Sequence[Input], module: Module) -> list[Tensor]:
    """A tensor for each input: zeros of the network's own element type for a shape.

    Raises ArgumentError for what is no input, as the sizes of one shape, one by one, OutOfMemoryError for a shape of
    more bytes than 64 bits count.

    >>> from knoll import nn
    >>> [x.shape for x in as_inputs([(3, 8, 8), (4,)], nn.Identity())]
    [(1, 3, 8, 8), (1, 4)]
    """
    return [_as_input(each, _dtype(module)) for each in checked_inputs(given, module)]


def as_batches(given: Sequence[Input], module: Module) -> tuple[Tensor, ...]:
    """The same, but a shape of any rank is that of a batch.

    >>> from knoll import nn
    >>> [x.shape for x in as_batches([(2, 5, 7), (2,)], nn.Identity())]
    [(2, 5, 7), (2,)]
    """
    dtype = _dtype(module)
    checked = checked_inputs(given, module)
    return tuple(zeros_alike(e, dtype) if isinstance(e, tuple) else _as_input(e, dtype) for e in checked)


def _dtype(module: Module) -> DType:
    """The element type of what a network is given: that of its parameters; numbers of rows for an embedding."""
    if isinstance(_first_layer(module), Embedding):
        return int64
    return next((p.dtype for p in module.parameters() if p.is_floating_point()), float32)


def input_channels(module: Module) -> int | None:
    """How many channels the first layer that counts them takes; None where there is none.

    >>> from knoll import nn
    >>> input_channels(nn.Sequential(nn.ReLU(), nn.Conv2d(3, 8, 3)))
    3
    """
    names = ("in_channels", "num_features")
    counts = (getattr(each, name, None) for each in module.modules() for name in names)
    return next((count for count in counts if isinstance(count, int) and count), None)


def checked_inputs(given: Sequence[Input], module: Module) -> list[Shape | Array | Tensor]:
    """Arrays and tensors as they are, shapes as tuples.

    Raises ArgumentError for anything else, and for the shape of an image without its channels.

    >>> from knoll import nn
    >>> checked_inputs([[3, 8, 8], 4], nn.Identity())
    [(3, 8, 8), (4,)]
    """
    if len(given) > 1 and all(isinstance(each, int | np.integer) for each in given):
        raise _no_shape(", ".join(map(str, given)), str(tuple(map(int, given))))  # type: ignore[arg-type]  # integers
    inputs = [_checked(each) for each in given]
    first = _first_layer(module)
    if isinstance(first, Conv2d | ConvTranspose2d) and inputs and isinstance(inputs[0], tuple) and len(inputs[0]) < 3:
        whole = (first.in_channels, *inputs[0]) if first.in_channels and len(inputs[0]) == 2 else None
        raise no_image(inputs[0], whole)
    return inputs


def no_image(got: Shape, whole: Shape | None) -> ArgumentError:
    """What is said of a shape without channels; `whole` is the one that has them."""
    advice = None if whole is None else repr(whole)
    return ArgumentError(say("analysis.no_image"), expected=say("analysis.images"), got=repr(got), advice=advice)


def _first_layer(module: Module) -> Module:
    """The layer that reads the input, where the module says so."""
    while isinstance(module, Sequential) and len(module):
        module = module[0]
    return module


def _checked(given: Input) -> Shape | Array | Tensor:
    if isinstance(given, np.ndarray | Tensor):
        if given.dtype.kind not in "biuf":
            got = f"{given.dtype} {shape_text(given.shape)}"
            raise ArgumentError(say("analysis.no_numbers"), expected="float32, uint8, int64 …", got=got)
        return given
    shape = tuple(given) if isinstance(given, Sequence) else (given,)
    if not shape or not all(_is_size(size) for size in shape):
        raise _no_shape(repr(given), _correction(given))
    sizes = tuple(map(int, shape))
    if len(sizes) > 2 and max(sizes[-2:]) > LONGEST:
        raise ArgumentError(say("analysis.too_long", most=LONGEST), got=repr(given))
    return sizes


def _is_size(size: object) -> bool:
    return isinstance(size, int | np.integer) and not isinstance(size, bool) and bool(size >= 0)


def _as_input(given: Shape | Array | Tensor, dtype: DType) -> Tensor:
    """A tensor of its own, as a network may change its input; what has no memory of its own stays as it is."""
    if isinstance(given, tuple):
        return zeros_alike(given if len(given) > 3 else (1, *given), dtype)
    array = given.detach()._realize() if isinstance(given, Tensor) else given
    own = Tensor._over(array if 0 in array.strides else array.copy())
    return own.requires_grad_(isinstance(given, Tensor) and given.requires_grad)


def zeros_alike(shape: Shape, dtype: DType) -> Tensor:
    """Zeros; where they take much memory all are the same number, enough where only their shape is looked at.

    Raises OutOfMemoryError for more bytes than 64 bits count.

    >>> zeros_alike((1, 3, 10**6, 10**6), np.dtype(np.float32)).shape
    (1, 3, 1000000, 1000000)
    """
    try:
        check(shape, dtype, MAX_INT64)
    except OutOfMemoryError as error:
        raise OutOfMemoryError(say("analysis.too_large", shape=shape_text(shape)), got=error.got) from None
    is_small = math.prod(shape) * dtype.itemsize <= SMALL
    return Tensor._over(np.zeros(shape, dtype) if is_small else np.broadcast_to(np.zeros((), dtype), shape))


def _correction(given: object) -> str | None:
    """What to write for a shape in quotes, a picture, or numbers in lists."""
    if isinstance(given, str) and re.fullmatch(r"\s*\d+(\s*[x×,]\s*\d+)*\s*", given):
        return repr(tuple(map(int, re.findall(r"\d+", given))))
    if type(given).__module__.startswith("PIL."):
        return "ToTensor()(image)"
    if isinstance(given, list | tuple) and given and all(isinstance(each, list | tuple) for each in given):
        return 'numpy.array(…, "float32")'
    return None


def _no_shape(got: str, advice: str | None) -> ArgumentError:
    return ArgumentError(say("analysis.no_shape"), expected=say("analysis.shapes"), got=got, advice=advice)

"""Tensor: an array with a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from knoll.errors import ArgumentTypeError
from knoll.ops import elementwise
from knoll.tensor import (
    alias,
    arithmetic,
    conversion,
    copying,
    differentiate,
    display,
    gradients,
    indexing,
    inplace,
    layout,
    legacy,
    pointwise,
    reductions,
    shaping,
)
from knoll.tensor.arguments import unchecked
from knoll.tensor.base import TensorBase
from knoll.tensor.data import held
from knoll.tensor.memory import Memory

P = ParamSpec("P")
R = TypeVar("R")


def method(function: Callable[Concatenate[Tensor, P], R]) -> Callable[Concatenate[Tensor, P], R]:
    """A function of the room as a method of `Tensor`, whose results are tensors of that class."""
    return function


class Tensor(TensorBase):
    """An array with a gradient, as `torch.Tensor`.

    Inside a module call it may be pending: it has a shape, and its numbers are computed when the call ends or when
    somebody asks for them. `Tensor(2, 3)` is one of that size; `Tensor(data)` has the numbers of lists and arrays as
    float32, and is an alias of a tensor. `knoll.tensor` keeps element types, and copies.
    Raises ArgumentTypeError, StateError. Source: https://pytorch.org/docs/stable/tensors.html

    >>> x = Tensor([0, 1, 2]).requires_grad_()
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([0., 2., 4.])
    >>> Tensor(2, 3).shape
    (2, 3)
    """

    __slots__ = ()

    def __init__(self, *data: Any) -> None:
        self._hold(legacy.numbers_of(data))

    def _hold(self, data: Any) -> None:
        """Begin with the numbers of `data`: an alias of a tensor, an array as it is, lists as float32."""
        if isinstance(data, Tensor):
            self._begin(data._realize(), data._memory, False)
            alias.apart_of(data, self)
            return
        self._begin(held(data), Memory(), False)

    @staticmethod
    def _holding(data: Any) -> Tensor:
        """A tensor with the numbers of `data`, as `_hold` takes them."""
        tensor = Tensor.__new__(Tensor)
        tensor._hold(data)
        return tensor

    @property
    def requires_grad(self) -> bool:
        """Whether backward reaches this tensor."""
        return super().requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        gradients.require(self, wanted)

    @property
    def grad(self) -> Tensor | None:
        """The gradient that backward has left here; may be set to another of the same shape and element type."""
        gradient: Tensor | None = self._grad
        return gradient

    @grad.setter
    def grad(self, gradient: Tensor | None) -> None:
        gradients.check_gradient(self, gradient)
        self._grad = gradient

    @property
    def retains_grad(self) -> bool:
        """Whether backward leaves the gradient of this result in `grad`."""
        kept = self._edge.node.retained.get(self._edge.index) if self._edge is not None else None
        return kept is not None and kept() is self

    @property
    def data(self) -> Tensor:
        """The same numbers, in the same memory, without gradient; may be set to other numbers."""
        return gradients.detach(self)

    @data.setter
    def data(self, other: Tensor) -> None:
        if not isinstance(other, Tensor):
            raise ArgumentTypeError(f"Variable data has to be a tensor, but got {type(other).__name__}")
        self._realize()
        self._lie_in(other._realize(), other._memory)
        alias.apart_of(other, self)

    # Python's own protocols

    def __repr__(self) -> str:
        return display.text(self)

    def __format__(self, spec: str) -> str:
        return conversion.formatted(self, spec)

    def __len__(self) -> int:
        if not self.shape:
            raise ArgumentTypeError("len() of a 0-d tensor")
        return self.shape[0]

    def __float__(self) -> float:
        return float(conversion.scalar(self))

    def __int__(self) -> int:
        return int(conversion.scalar(self))

    def __eq__(self, other: Any) -> Tensor:  # type: ignore[override]  # truths for each element
        return arithmetic.operate(elementwise.equal, self, other)

    def __ne__(self, other: Any) -> Tensor:  # type: ignore[override]  # truths for each element
        return arithmetic.operate(elementwise.not_equal, self, other)

    def __hash__(self) -> int:
        return id(self)

    @property
    def T(self) -> Tensor:  # noqa: N802 (as in PyTorch)
        """The axes in reverse order."""
        return shaping.permute(self, tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Tensor:  # noqa: N802 (as in PyTorch)
        """The last two axes in each other's place."""
        return shaping.transpose(self, -2, -1)

    # Python's own protocols

    __array_priority__ = 1000
    __array_ufunc__ = None  # `array + tensor` is asked of the tensor

    __copy__ = method(copying.shallow)
    __deepcopy__ = method(copying.deep)
    __reduce_ex__ = method(copying.reduced)

    __bool__ = method(conversion.to_bool_scalar)
    __index__ = method(conversion.to_index)
    __array__ = method(conversion.array)
    __dlpack__ = method(conversion.dlpack)
    __dlpack_device__ = method(conversion.dlpack_device)
    __getitem__ = method(indexing.get)
    __setitem__ = method(indexing.put_at)
    __iter__ = method(indexing.iterate)
    __contains__ = method(indexing.contains)

    # What is known without the numbers

    dim = method(layout.rank)
    numel = method(layout.count)
    nelement = method(layout.count)
    element_size = method(layout.element_size)
    size = layout.size
    is_floating_point = method(layout.is_float)
    is_contiguous = method(layout.is_contiguous)
    stride = layout.stride
    data_ptr = method(layout.address)

    # Gradients

    requires_grad_ = gradients.require
    retain_grad = method(gradients.retain)
    register_hook = method(gradients.register_hook)
    backward = method(differentiate.backward_of)
    detach = method(gradients.detach)
    detach_ = gradients.detach_
    clone = method(gradients.clone)
    contiguous = method(gradients.contiguous)

    # Operators

    __add__ = method(unchecked(arithmetic.add))
    __radd__ = method(unchecked(arithmetic.add))
    __sub__ = method(unchecked(arithmetic.subtract))
    __rsub__ = method(arithmetic.reflected_subtract)
    __mul__ = method(unchecked(arithmetic.multiply))
    __rmul__ = method(unchecked(arithmetic.multiply))
    __truediv__ = method(unchecked(arithmetic.divide))
    __rtruediv__ = method(arithmetic.reflected_divide)
    __floordiv__ = method(unchecked(arithmetic.floor_divide))
    __rfloordiv__ = method(arithmetic.reflected_floor_divide)
    __mod__ = method(unchecked(arithmetic.remainder))
    __rmod__ = method(arithmetic.reflected_remainder)
    __pow__ = method(unchecked(arithmetic.power))
    __rpow__ = method(arithmetic.reflected_power)
    __matmul__ = method(unchecked(arithmetic.matmul))
    __rmatmul__ = method(arithmetic.reflected_matmul)
    __and__ = method(unchecked(arithmetic.bitwise_and))
    __rand__ = method(unchecked(arithmetic.bitwise_and))
    __or__ = method(unchecked(arithmetic.bitwise_or))
    __ror__ = method(unchecked(arithmetic.bitwise_or))
    __xor__ = method(unchecked(arithmetic.bitwise_xor))
    __rxor__ = method(unchecked(arithmetic.bitwise_xor))
    __lt__ = method(unchecked(arithmetic.less))
    __le__ = method(unchecked(arithmetic.less_equal))
    __gt__ = method(unchecked(arithmetic.greater))
    __ge__ = method(unchecked(arithmetic.greater_equal))
    __iadd__ = inplace.add_
    __isub__ = inplace.subtract_
    __imul__ = inplace.multiply_
    __itruediv__ = inplace.divide_
    __ipow__ = inplace.power_
    __ifloordiv__ = inplace.floor_divide_
    __imod__ = inplace.remainder_
    __iand__ = inplace.bitwise_and_
    __ior__ = inplace.bitwise_or_
    __ixor__ = inplace.bitwise_xor_
    __neg__ = method(pointwise.negative)
    __abs__ = method(pointwise.absolute)
    __invert__ = method(pointwise.bitwise_not)

    # Arithmetic

    add = method(arithmetic.add)
    sub = method(arithmetic.subtract)
    mul = method(arithmetic.multiply)
    div = method(arithmetic.divide)
    floor_divide = method(arithmetic.floor_divide)
    remainder = method(arithmetic.remainder)
    pow = method(arithmetic.power)
    matmul = method(arithmetic.matmul)
    mm = method(arithmetic.matmul)
    eq = method(arithmetic.equal)
    ne = method(arithmetic.not_equal)
    lt = method(arithmetic.less)
    le = method(arithmetic.less_equal)
    gt = method(arithmetic.greater)
    ge = method(arithmetic.greater_equal)
    maximum = method(arithmetic.maximum)
    minimum = method(arithmetic.minimum)
    bitwise_and = method(arithmetic.bitwise_and)
    bitwise_or = method(arithmetic.bitwise_or)
    bitwise_xor = method(arithmetic.bitwise_xor)
    logical_and = method(arithmetic.logical_and)
    logical_or = method(arithmetic.logical_or)
    logical_xor = method(arithmetic.logical_xor)
    logical_not = method(arithmetic.logical_not)

    # Single elements

    neg = method(pointwise.negative)
    abs = method(pointwise.absolute)
    sign = method(pointwise.sign)
    floor = method(pointwise.floor)
    ceil = method(pointwise.ceil)
    round = method(pointwise.round_even)
    square = method(pointwise.square)
    relu = method(pointwise.relu)
    exp = method(pointwise.exp)
    log = method(pointwise.log)
    sqrt = method(pointwise.sqrt)
    sin = method(pointwise.sin)
    cos = method(pointwise.cos)
    sigmoid = method(pointwise.sigmoid)
    tanh = method(pointwise.tanh)
    isnan = method(pointwise.isnan)
    isinf = method(pointwise.isinf)
    isfinite = method(pointwise.isfinite)
    bitwise_not = method(pointwise.bitwise_not)
    clamp = method(pointwise.clamp)
    clip = method(pointwise.clamp)
    masked_fill = method(pointwise.masked_fill)
    softmax = method(pointwise.softmax)
    log_softmax = method(pointwise.log_softmax)

    # Axes

    sum = reductions.sum_
    mean = method(reductions.mean)
    var = method(reductions.var)
    std = method(reductions.std)
    norm = method(reductions.norm)
    any = reductions.any_
    all = reductions.all_
    max = reductions.max_
    min = reductions.min_
    amax = method(reductions.amax)
    amin = method(reductions.amin)
    argmax = method(reductions.argmax)
    argmin = method(reductions.argmin)
    argsort = method(reductions.argsort)
    gather = method(reductions.gather)
    sort = method(reductions.sort)
    topk = method(reductions.topk)

    # Shapes

    reshape = method(shaping.reshape)
    view = method(shaping.view)
    flatten = method(shaping.flatten)
    unflatten = method(shaping.unflatten)
    squeeze = method(shaping.squeeze)
    unsqueeze = method(shaping.unsqueeze)
    permute = method(shaping.permute)
    transpose = method(shaping.transpose)
    t = method(shaping.matrix_transposed)
    expand = method(shaping.expand)
    repeat = method(shaping.repeat)
    split = method(shaping.split)
    chunk = method(shaping.chunk)
    unbind = method(shaping.unbind)

    # Changes in place

    normal_ = inplace.normal_
    uniform_ = inplace.uniform_
    zero_ = inplace.zero_
    fill_ = inplace.fill_
    copy_ = inplace.copy_
    add_ = inplace.add_
    sub_ = inplace.subtract_
    mul_ = inplace.multiply_
    div_ = inplace.divide_
    pow_ = inplace.power_
    floor_divide_ = inplace.floor_divide_
    remainder_ = inplace.remainder_
    bitwise_and_ = inplace.bitwise_and_
    bitwise_or_ = inplace.bitwise_or_
    bitwise_xor_ = inplace.bitwise_xor_
    clamp_ = inplace.clamp_

    # Other things

    item = method(conversion.item)
    tolist = method(conversion.tolist)
    numpy = method(conversion.numpy)
    to = method(conversion.to)
    cuda = method(conversion.to_cuda)

    cpu = method(conversion.to_cpu)
    type_as = method(conversion.to)
    expand_as = method(shaping.expand_as)
    view_as = method(shaping.view_as)
    reshape_as = method(shaping.reshape_as)

    # Last, because these hide the names of Python's own types from the lines that follow

    double = method(conversion.to_double)
    half = method(conversion.to_half)
    long = method(conversion.to_long)
    byte = method(conversion.to_byte)
    float = method(conversion.to_float)
    int = method(conversion.to_int)
    bool = method(conversion.to_bool)
    type = method(conversion.typed)


TensorBase._public = Tensor

"""Tensor: an array with a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Final, ParamSpec, Self, SupportsIndex, TypeVar

from numpy.typing import ArrayLike

from knoll.deferred import html_of
from knoll.errors import ArgumentTypeError
from knoll.ops import elementwise
from knoll.tensor import (
    activation,
    alias,
    arithmetic,
    choose,
    conversion,
    copying,
    differentiate,
    display,
    exponential,
    gradients,
    indexing,
    inplace,
    layout,
    legacy,
    pointwise,
    predicates,
    products,
    rearrange,
    reductions,
    rounding,
    scan,
    shaping,
    splitting,
    trigonometric,
    ufuncs,
)
from knoll.tensor import grad_fn as grad_fns
from knoll.tensor import scatter as scattering
from knoll.tensor.arguments import name_methods, unchecked
from knoll.tensor.base import TensorBase
from knoll.tensor.data import held
from knoll.tensor.further import FurtherMethods
from knoll.tensor.grad_fn import AccumulateGrad, GradFn
from knoll.tensor.memory import Memory

P = ParamSpec("P")
R = TypeVar("R")


def method(function: Callable[Concatenate[Tensor, P], R]) -> Callable[Concatenate[Tensor, P], R]:
    """A function of this package as a method of `Tensor`, whose results are tensors of that class."""
    return function


class Tensor(FurtherMethods):
    """An array with a gradient, as `torch.Tensor`.

    Inside a module call it may be pending: it has a shape, and its numbers are computed when the call ends or when
    somebody asks for them. `Tensor(2, 3)` is one of that size; `Tensor(data)` has the numbers of lists and arrays as
    float32, and is an alias of a tensor. `knoll.tensor` keeps element types, and copies.
    Raises ArgumentTypeError, StateError. Source: https://pytorch.org/docs/stable/tensors.html

    >>> import knoll
    >>> x = knoll.Tensor([0, 1, 2]).requires_grad_()
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([0., 2., 4.])
    >>> knoll.Tensor(2, 3).shape
    (2, 3)
    """

    __slots__ = ("__dict__",)  # programs note what they like on a tensor, as `weight.no_decay = True`

    def __init__(self, *data: ArrayLike | TensorBase) -> None:
        self._hold(legacy.numbers_of(data))

    def _hold(self, data: Any) -> None:
        """Begin with the numbers of `data`: an alias of a tensor, an array as it is, lists as float32."""
        if isinstance(data, Tensor):
            self._begin(data._realize(), data._memory, False)
            alias.detached_alias(data, self)
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
    def requires_grad(self, requires_grad: bool) -> None:
        gradients.require(self, requires_grad)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let backward reach this tensor, or not."""
        return gradients.require(self, requires_grad)

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
    def grad_fn(self) -> GradFn | AccumulateGrad | None:
        """The operation that made this tensor, as backward goes through it; None for a leaf."""
        return grad_fns.grad_fn(self)

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
        alias.detached_alias(other, self)

    # Python's own protocols

    def __copy__(self) -> Tensor:
        return copying.shallow(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return copying.deep(self, memo)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return copying.reduced(self)

    def __repr__(self) -> str:
        return display.text(self)

    def _repr_html_(self) -> str | None:
        return html_of("views.tensor_display", "tensor_html", self)

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
        """The last two axes in each other's place. Raises StateError for a vector."""
        return shaping.matrices_transposed(self)

    __array_priority__: int = 1000

    __bool__: Final = method(conversion.to_bool_scalar)
    __index__: Final = method(conversion.to_index)
    __array__: Final = method(conversion.array)
    __array_ufunc__: Final = method(ufuncs.array_ufunc)
    __array_wrap__: Final = method(ufuncs.array_wrap)
    __dlpack__: Final = method(conversion.dlpack)
    __dlpack_device__: Final = method(conversion.dlpack_device)
    __getitem__: Final = method(indexing.get)
    __setitem__: Final = method(indexing.put_at)
    __iter__: Final = method(indexing.iterate)
    __contains__: Final = method(indexing.contains)
    nonzero: Final = indexing.nonzero

    # Methods are functions of this package under PyTorch's names. They are Final, so that every type checker reads the
    # types of the function, and because the function of the same name would not ask the method of a subclass.

    # What is known without the numbers

    dim: Final = method(layout.rank)
    numel: Final = method(layout.count)
    nelement: Final = method(layout.count)
    element_size: Final = method(layout.element_size)
    size: Final = layout.size
    is_floating_point: Final = method(layout.is_float)
    is_contiguous: Final = method(layout.is_contiguous)
    stride: Final = layout.stride
    data_ptr: Final = method(layout.address)

    # Gradients

    retain_grad: Final = method(gradients.retain)
    register_hook: Final = method(gradients.register_hook)
    register_post_accumulate_grad_hook: Final = method(gradients.register_after)
    backward: Final = method(differentiate.backward_of)
    detach: Final = method(gradients.detach)
    detach_: Final = gradients.detach_
    clone: Final = method(gradients.clone)
    contiguous: Final = method(gradients.contiguous)

    # Operators

    __add__: Final = method(unchecked(arithmetic.add))
    __radd__: Final = method(unchecked(arithmetic.add))
    __sub__: Final = method(unchecked(arithmetic.subtract))
    __rsub__: Final = method(arithmetic.reflected_subtract)
    __mul__: Final = method(unchecked(arithmetic.multiply))
    __rmul__: Final = method(unchecked(arithmetic.multiply))
    __truediv__: Final = method(unchecked(arithmetic.divide))
    __rtruediv__: Final = method(arithmetic.reflected_divide)
    __floordiv__: Final = method(unchecked(arithmetic.floor_divide))
    __rfloordiv__: Final = method(arithmetic.reflected_floor_divide)
    __mod__: Final = method(unchecked(arithmetic.remainder))
    __rmod__: Final = method(arithmetic.reflected_remainder)
    __pow__: Final = method(unchecked(arithmetic.power))
    __rpow__: Final = method(arithmetic.reflected_power)
    __matmul__: Final = method(unchecked(arithmetic.matmul))
    __rmatmul__: Final = method(arithmetic.reflected_matmul)
    __and__: Final = method(unchecked(arithmetic.bitwise_and))
    __rand__: Final = method(unchecked(arithmetic.bitwise_and))
    __or__: Final = method(unchecked(arithmetic.bitwise_or))
    __ror__: Final = method(unchecked(arithmetic.bitwise_or))
    __xor__: Final = method(unchecked(arithmetic.bitwise_xor))
    __rxor__: Final = method(unchecked(arithmetic.bitwise_xor))
    __lt__: Final = method(unchecked(arithmetic.less))
    __le__: Final = method(unchecked(arithmetic.less_equal))
    __gt__: Final = method(unchecked(arithmetic.greater))
    __ge__: Final = method(unchecked(arithmetic.greater_equal))
    __iadd__: Final = inplace.add_
    __isub__: Final = inplace.subtract_
    __imul__: Final = inplace.multiply_
    __itruediv__: Final = FurtherMethods.div_
    __ipow__: Final = inplace.power_
    __ifloordiv__: Final = inplace.floor_divide_
    __imod__: Final = inplace.remainder_
    __iand__: Final = inplace.bitwise_and_
    __ior__: Final = inplace.bitwise_or_
    __ixor__: Final = inplace.bitwise_xor_
    __neg__: Final = method(pointwise.negative)
    __pos__: Final = method(pointwise.positive)
    __abs__: Final = method(pointwise.absolute)
    __invert__: Final = method(pointwise.bitwise_not)

    # Arithmetic

    add: Final = method(arithmetic.add)
    sub: Final = method(arithmetic.subtract)
    mul: Final = method(arithmetic.multiply)
    div: Final = method(arithmetic.divide)
    floor_divide: Final = method(arithmetic.floor_divide)
    remainder: Final = method(arithmetic.remainder)
    pow: Final = method(arithmetic.power)
    matmul: Final = method(arithmetic.matmul)
    mm: Final = method(products.mm)
    bmm: Final = method(products.bmm)
    mv: Final = method(products.mv)
    dot: Final = method(products.dot)
    outer: Final = method(products.outer)
    addmm: Final = method(products.addmm)
    eq: Final = method(arithmetic.equal)
    ne: Final = method(arithmetic.not_equal)
    lt: Final = method(arithmetic.less)
    le: Final = method(arithmetic.less_equal)
    gt: Final = method(arithmetic.greater)
    ge: Final = method(arithmetic.greater_equal)
    maximum: Final = method(arithmetic.maximum)
    minimum: Final = method(arithmetic.minimum)
    bitwise_and: Final = method(arithmetic.bitwise_and)
    bitwise_or: Final = method(arithmetic.bitwise_or)
    bitwise_xor: Final = method(arithmetic.bitwise_xor)
    logical_and: Final = method(arithmetic.logical_and)
    logical_or: Final = method(arithmetic.logical_or)
    logical_xor: Final = method(arithmetic.logical_xor)
    logical_not: Final = method(arithmetic.logical_not)

    # Single elements

    neg: Final = method(pointwise.negative)
    abs: Final = method(pointwise.absolute)
    sign: Final = method(pointwise.sign)
    floor: Final = method(rounding.floor)
    ceil: Final = method(rounding.ceil)
    round: Final = method(rounding.round_even)
    square: Final = method(pointwise.square)
    relu: Final = method(activation.relu)
    exp: Final = method(exponential.exp)
    log: Final = method(exponential.log)
    sqrt: Final = method(exponential.sqrt)
    sin: Final = method(trigonometric.sin)
    cos: Final = method(trigonometric.cos)
    sigmoid: Final = method(activation.sigmoid)
    tanh: Final = method(trigonometric.tanh)
    isnan: Final = method(predicates.isnan)
    isinf: Final = method(predicates.isinf)
    isfinite: Final = method(predicates.isfinite)
    bitwise_not: Final = method(pointwise.bitwise_not)
    clamp: Final = method(choose.clamp)
    clip: Final = method(choose.clamp)
    log1p: Final = method(exponential.log1p)
    log2: Final = method(exponential.log2)
    log10: Final = method(exponential.log10)
    expm1: Final = method(exponential.expm1)
    exp2: Final = method(exponential.exp2)
    tan: Final = method(trigonometric.tan)
    asin: Final = method(trigonometric.asin)
    acos: Final = method(trigonometric.acos)
    atan: Final = method(trigonometric.atan)
    sinh: Final = method(trigonometric.sinh)
    cosh: Final = method(trigonometric.cosh)
    asinh: Final = method(trigonometric.asinh)
    acosh: Final = method(trigonometric.acosh)
    atanh: Final = method(trigonometric.atanh)
    erf: Final = method(exponential.erf)
    trunc: Final = method(rounding.trunc)
    frac: Final = method(rounding.frac)
    reciprocal: Final = method(pointwise.reciprocal)
    rsqrt: Final = method(exponential.rsqrt)
    logit: Final = method(exponential.logit)
    lerp: Final = method(pointwise.lerp)
    addcmul: Final = method(pointwise.addcmul)
    addcdiv: Final = method(pointwise.addcdiv)
    nan_to_num: Final = method(choose.nan_to_num)
    isclose: Final = method(predicates.isclose)
    masked_fill: Final = method(choose.masked_fill)
    softmax: Final = method(activation.softmax)
    log_softmax: Final = method(activation.log_softmax)

    # Axes

    sum: Final = reductions.sum_
    mean: Final = method(reductions.mean)
    var: Final = method(reductions.var)
    std: Final = method(reductions.std)
    norm: Final = method(reductions.norm)
    any: Final = reductions.any_
    all: Final = reductions.all_
    max: Final = reductions.max_
    min: Final = reductions.min_
    amax: Final = method(reductions.amax)
    amin: Final = method(reductions.amin)
    argmax: Final = method(reductions.argmax)
    argmin: Final = method(reductions.argmin)
    argsort: Final = method(reductions.argsort)
    gather: Final = method(reductions.gather)
    sort: Final = method(reductions.sort)
    topk: Final = method(reductions.topk)
    cumsum: Final = method(scan.cumsum)
    cumprod: Final = method(scan.cumprod)
    prod: Final = method(scan.prod)
    logsumexp: Final = method(scan.logsumexp)
    count_nonzero: Final = method(scan.count_nonzero)
    median: Final = scan.median
    scatter: Final = method(scattering.scatter)
    scatter_add: Final = method(scattering.scatter_add)
    unique: Final = scan.unique
    bincount: Final = method(scan.bincount)

    # Shapes

    reshape: Final = method(shaping.reshape)
    view: Final = method(shaping.view)
    flatten: Final = method(shaping.flatten)
    unflatten: Final = method(shaping.unflatten)
    squeeze: Final = method(shaping.squeeze)
    unsqueeze: Final = method(shaping.unsqueeze)
    permute: Final = method(shaping.permute)
    transpose: Final = method(shaping.transpose)
    t: Final = method(shaping.matrix_transposed)
    expand: Final = method(shaping.expand)
    repeat: Final = method(shaping.repeat)
    split: Final = method(splitting.split)
    chunk: Final = method(splitting.chunk)
    unbind: Final = method(splitting.unbind)
    flip: Final = method(rearrange.flip)
    fliplr: Final = method(rearrange.fliplr)
    flipud: Final = method(rearrange.flipud)
    roll: Final = method(rearrange.roll)
    rot90: Final = method(rearrange.rot90)
    movedim: Final = method(rearrange.movedim)
    narrow: Final = method(rearrange.narrow)
    tile: Final = method(rearrange.tile)
    broadcast_to: Final = method(rearrange.broadcast_to)
    ravel: Final = method(rearrange.ravel)
    repeat_interleave: Final = method(rearrange.repeat_interleave)
    index_select: Final = method(rearrange.index_select)
    take_along_dim: Final = method(rearrange.take_along_dim)
    masked_select: Final = method(rearrange.masked_select)
    diag: Final = method(rearrange.diag)
    trace: Final = method(rearrange.trace)
    tril: Final = method(rearrange.tril)
    triu: Final = method(rearrange.triu)
    swapaxes: Final = method(shaping.transpose)
    swapdims: Final = method(shaping.transpose)

    # Changes in place

    normal_: Final = inplace.normal_
    uniform_: Final = inplace.uniform_
    zero_: Final = inplace.zero_
    fill_: Final = inplace.fill_
    copy_: Final = inplace.copy_
    add_: Final = inplace.add_
    sub_: Final = inplace.subtract_
    mul_: Final = inplace.multiply_
    pow_: Final = inplace.power_
    floor_divide_: Final = inplace.floor_divide_
    remainder_: Final = inplace.remainder_
    bitwise_and_: Final = inplace.bitwise_and_
    bitwise_or_: Final = inplace.bitwise_or_
    bitwise_xor_: Final = inplace.bitwise_xor_
    clamp_: Final = inplace.clamp_
    clip_: Final = inplace.clamp_

    # Other things

    item: Final = method(conversion.item)
    tolist: Final = method(conversion.tolist)
    numpy: Final = method(conversion.numpy)
    to: Final = conversion.to
    cuda: Final = method(conversion.to_cuda)

    cpu: Final = method(conversion.to_cpu)
    pin_memory: Final = method(conversion.pin_memory)
    share_memory_: Final = method(conversion.share_memory_)
    is_shared: Final = method(conversion.is_shared)
    type_as: Final = method(conversion.to)
    expand_as: Final = method(shaping.expand_as)
    view_as: Final = method(shaping.view_as)
    reshape_as: Final = method(shaping.reshape_as)

    # Last, because these hide the names of Python's own types from the lines that follow

    double: Final = method(conversion.to_double)
    half: Final = method(conversion.to_half)
    long: Final = method(conversion.to_long)
    byte: Final = method(conversion.to_byte)
    float: Final = method(conversion.to_float)
    int: Final = method(conversion.to_int)
    bool: Final = method(conversion.to_bool)
    type: Final = conversion.typed


name_methods(Tensor)
TensorBase._public = Tensor

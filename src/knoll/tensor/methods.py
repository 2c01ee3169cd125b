"""What a tensor can do: the table of its operators and methods, each a function of the room."""

from __future__ import annotations

from knoll.tensor import (
    arithmetic,
    conversion,
    copying,
    differentiate,
    gradients,
    indexing,
    inplace,
    layout,
    pointwise,
    reductions,
    shaping,
)
from knoll.tensor.arguments import unchecked
from knoll.tensor.base import TensorBase


class Methods(TensorBase):
    """The functions that `Tensor` has as methods; the first argument of each is the tensor."""

    __slots__ = ()

    # Python's own protocols

    __array_priority__ = 1000
    __array_ufunc__ = None  # `array + tensor` is asked of the tensor

    __copy__ = copying.shallow
    __deepcopy__ = copying.deep
    __reduce_ex__ = copying.reduced

    __bool__ = conversion.to_bool_scalar
    __index__ = conversion.to_index
    __array__ = conversion.array
    __dlpack__ = conversion.dlpack
    __dlpack_device__ = conversion.dlpack_device
    __getitem__ = indexing.get
    __setitem__ = indexing.put_at
    __iter__ = indexing.iterate
    __contains__ = indexing.contains

    # What is known without the numbers

    dim = layout.rank
    numel = layout.count
    nelement = layout.count
    element_size = layout.element_size
    size = layout.size
    is_floating_point = layout.is_float
    is_contiguous = layout.is_contiguous
    stride = layout.stride
    data_ptr = layout.address

    # Gradients

    requires_grad_ = gradients.require
    retain_grad = gradients.retain
    register_hook = gradients.register_hook
    backward = differentiate.backward_of
    detach = gradients.detach
    detach_ = gradients.detach_
    clone = gradients.clone
    contiguous = gradients.contiguous

    # Operators

    __add__ = unchecked(arithmetic.add)
    __radd__ = unchecked(arithmetic.add)
    __sub__ = unchecked(arithmetic.subtract)
    __rsub__ = arithmetic.reflected_subtract
    __mul__ = unchecked(arithmetic.multiply)
    __rmul__ = unchecked(arithmetic.multiply)
    __truediv__ = unchecked(arithmetic.divide)
    __rtruediv__ = arithmetic.reflected_divide
    __floordiv__ = unchecked(arithmetic.floor_divide)
    __rfloordiv__ = arithmetic.reflected_floor_divide
    __mod__ = unchecked(arithmetic.remainder)
    __rmod__ = arithmetic.reflected_remainder
    __pow__ = unchecked(arithmetic.power)
    __rpow__ = arithmetic.reflected_power
    __matmul__ = unchecked(arithmetic.matmul)
    __rmatmul__ = arithmetic.reflected_matmul
    __and__ = unchecked(arithmetic.bitwise_and)
    __rand__ = unchecked(arithmetic.bitwise_and)
    __or__ = unchecked(arithmetic.bitwise_or)
    __ror__ = unchecked(arithmetic.bitwise_or)
    __xor__ = unchecked(arithmetic.bitwise_xor)
    __rxor__ = unchecked(arithmetic.bitwise_xor)
    __eq__ = unchecked(arithmetic.equal)
    __ne__ = unchecked(arithmetic.not_equal)
    __lt__ = unchecked(arithmetic.less)
    __le__ = unchecked(arithmetic.less_equal)
    __gt__ = unchecked(arithmetic.greater)
    __ge__ = unchecked(arithmetic.greater_equal)
    __iadd__ = arithmetic.add_
    __isub__ = arithmetic.subtract_
    __imul__ = arithmetic.multiply_
    __itruediv__ = arithmetic.divide_
    __ipow__ = arithmetic.power_
    __ifloordiv__ = arithmetic.floor_divide_
    __imod__ = arithmetic.remainder_
    __iand__ = arithmetic.bitwise_and_
    __ior__ = arithmetic.bitwise_or_
    __ixor__ = arithmetic.bitwise_xor_
    __neg__ = pointwise.negative
    __abs__ = pointwise.absolute
    __invert__ = pointwise.bitwise_not

    # Arithmetic

    add = arithmetic.add
    sub = arithmetic.subtract
    mul = arithmetic.multiply
    div = arithmetic.divide
    floor_divide = arithmetic.floor_divide
    remainder = arithmetic.remainder
    pow = arithmetic.power
    matmul = arithmetic.matmul
    mm = arithmetic.matmul
    eq = arithmetic.equal
    ne = arithmetic.not_equal
    lt = arithmetic.less
    le = arithmetic.less_equal
    gt = arithmetic.greater
    ge = arithmetic.greater_equal
    maximum = arithmetic.maximum
    minimum = arithmetic.minimum
    bitwise_and = arithmetic.bitwise_and
    bitwise_or = arithmetic.bitwise_or
    bitwise_xor = arithmetic.bitwise_xor
    logical_and = arithmetic.logical_and
    logical_or = arithmetic.logical_or
    logical_xor = arithmetic.logical_xor
    logical_not = arithmetic.logical_not

    # Single elements

    neg = pointwise.negative
    abs = pointwise.absolute
    sign = pointwise.sign
    floor = pointwise.floor
    ceil = pointwise.ceil
    round = pointwise.round_even
    square = pointwise.square
    relu = pointwise.relu
    exp = pointwise.exp
    log = pointwise.log
    sqrt = pointwise.sqrt
    sin = pointwise.sin
    cos = pointwise.cos
    sigmoid = pointwise.sigmoid
    tanh = pointwise.tanh
    isnan = pointwise.isnan
    isinf = pointwise.isinf
    isfinite = pointwise.isfinite
    bitwise_not = pointwise.bitwise_not
    clamp = pointwise.clamp
    clip = pointwise.clamp
    masked_fill = pointwise.masked_fill
    softmax = pointwise.softmax
    log_softmax = pointwise.log_softmax

    # Axes

    sum = reductions.sum_
    mean = reductions.mean
    var = reductions.var
    std = reductions.std
    norm = reductions.norm
    any = reductions.any_
    all = reductions.all_
    max = reductions.max_
    min = reductions.min_
    amax = reductions.amax
    amin = reductions.amin
    argmax = reductions.argmax
    argmin = reductions.argmin
    argsort = reductions.argsort
    gather = reductions.gather
    sort = reductions.sort
    topk = reductions.topk

    # Shapes

    reshape = shaping.reshape
    view = shaping.view
    flatten = shaping.flatten
    unflatten = shaping.unflatten
    squeeze = shaping.squeeze
    unsqueeze = shaping.unsqueeze
    permute = shaping.permute
    transpose = shaping.transpose
    t = shaping.matrix_transposed
    expand = shaping.expand
    repeat = shaping.repeat
    split = shaping.split
    chunk = shaping.chunk
    unbind = shaping.unbind

    # Changes in place

    normal_ = inplace.normal_
    uniform_ = inplace.uniform_
    zero_ = inplace.zero_
    fill_ = inplace.fill_
    copy_ = inplace.copy_
    add_ = arithmetic.add_
    sub_ = arithmetic.subtract_
    mul_ = arithmetic.multiply_
    div_ = arithmetic.divide_
    pow_ = arithmetic.power_
    floor_divide_ = arithmetic.floor_divide_
    remainder_ = arithmetic.remainder_
    bitwise_and_ = arithmetic.bitwise_and_
    bitwise_or_ = arithmetic.bitwise_or_
    bitwise_xor_ = arithmetic.bitwise_xor_
    clamp_ = arithmetic.clamp_

    # Other things

    item = conversion.item
    tolist = conversion.tolist
    numpy = conversion.numpy
    to = conversion.to
    cuda = conversion.to_cuda

    cpu = conversion.to_cpu
    type_as = conversion.to
    expand_as = shaping.expand_as
    view_as = shaping.view_as
    reshape_as = shaping.reshape_as

    # Last, because these hide the names of Python's own types from the lines that follow

    double = conversion.to_double
    half = conversion.to_half
    long = conversion.to_long
    byte = conversion.to_byte
    float = conversion.to_float
    int = conversion.to_int
    bool = conversion.to_bool
    type = conversion.typed

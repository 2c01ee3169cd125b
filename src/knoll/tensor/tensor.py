"""Tensor: an array with a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar

from numpy.typing import ArrayLike

from knoll.errors import ArgumentTypeError
from knoll.ops.elementwise import comparisons
from knoll.tensor.arguments import name_methods
from knoll.tensor.autograd import differentiate, gradients
from knoll.tensor.autograd import grad_fn as grad_fns
from knoll.tensor.autograd.grad_fn import AccumulateGrad, GradFn
from knoll.tensor.base import TensorBase
from knoll.tensor.creation import legacy
from knoll.tensor.data import array_of
from knoll.tensor.elementwise import arithmetic
from knoll.tensor.methods.elementwise import ElementwiseMethods
from knoll.tensor.methods.in_place import InPlaceMethods
from knoll.tensor.methods.indexing import IndexingMethods
from knoll.tensor.methods.linear_algebra import LinearAlgebraMethods
from knoll.tensor.methods.method import method
from knoll.tensor.methods.operators import Operators
from knoll.tensor.methods.protocols import PythonProtocols
from knoll.tensor.methods.reduction import ReductionMethods
from knoll.tensor.methods.shapes import ShapeMethods
from knoll.tensor.methods.storage import StorageMethods
from knoll.tensor.shapes import shaping
from knoll.tensor.storage import alias, copying
from knoll.tensor.storage.memory import Memory

__all__ = ["Tensor"]

P = ParamSpec("P")
R = TypeVar("R")


def _hooked(register: Callable[Concatenate[Tensor, P], R]) -> Callable[Concatenate[Tensor, P], R]:
    """A method that takes a hook, which is given plain tensors: those of a parameter's gradient, too."""
    return register


class Tensor(
    Operators,
    ElementwiseMethods,
    ReductionMethods,
    LinearAlgebraMethods,
    ShapeMethods,
    IndexingMethods,
    StorageMethods,
    InPlaceMethods,
    PythonProtocols,
):
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
        self._begin(array_of(data), Memory(), False)

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
        gradients.requires_grad_(self, requires_grad)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let backward reach this tensor, or not.

        Source: https://pytorch.org/docs/stable/generated/torch.Tensor.requires_grad_.html

        >>> import knoll
        >>> knoll.ones(2).requires_grad_().requires_grad
        True
        """
        return gradients.requires_grad_(self, requires_grad)

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
        return self.requires_grad and self._edge is not None and self._edge.is_kept_for(self)

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

    backward: Final = differentiate.backward_of
    retain_grad: Final = gradients.retain_grad
    register_hook: Final = _hooked(gradients.register_hook)
    register_post_accumulate_grad_hook: Final = _hooked(gradients.register_post_accumulate_grad_hook)
    detach: Final = method(gradients.detach)

    @property
    def T(self) -> Tensor:  # noqa: N802 (as in PyTorch)
        """The axes in reverse order."""
        return shaping.permute(self, tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Tensor:  # noqa: N802 (as in PyTorch)
        """The last two axes in each other's place. Raises StateError for a vector."""
        return shaping.matrices_transposed(self)

    def __copy__(self) -> Tensor:
        return copying.shallow(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return copying.deep(self, memo)

    def __eq__(self, other: Any) -> Tensor:  # type: ignore[override]  # truths for each element
        return arithmetic.operate(comparisons.equal, self, other)

    def __ne__(self, other: Any) -> Tensor:  # type: ignore[override]  # truths for each element
        return arithmetic.operate(comparisons.not_equal, self, other)

    def __hash__(self) -> int:
        return id(self)


name_methods(Tensor)
TensorBase._public = Tensor

"""What a parametrized tensor is computed of: its parametrizations in order, and the tensors that the first is given.

Source: PyTorch, `ParametrizationList` in `torch/nn/utils/parametrize.py`
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Self

from knoll.errors import ArgumentError, StateError
from knoll.nn.containers.module_containers import ModuleList
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.tensor import Tensor, no_grad

__all__ = ["ParametrizationList"]

SEQUENCE = "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). "


class ParametrizationList(ModuleList):
    """The parametrizations of one tensor, one after the other, and what they are given: `original`, or `original0` ….

    `register_parametrization` makes it, as `module.parametrizations.weight`. The first parametrization is given as many
    tensors as its `right_inverse` returns. With `unsafe` it is not checked that shapes and element types are kept.

    Raises ArgumentError. Source: PyTorch, `ParametrizationList` of `torch.nn.utils.parametrize`
    """

    original: Tensor
    unsafe: bool
    is_tensor: bool
    ntensors: int

    def __new__(cls, *_: Any, **__: Any) -> Self:
        """An object; other layers of Knoll's refuse to be made of a tensor, as this one is."""
        return super().__new__(cls)

    def __init__(self, modules: Sequence[Module], original: Tensor, unsafe: bool = False) -> None:
        if len(modules) == 0:
            raise ArgumentError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        like = original.detach()
        new = self._inverted(original)
        self.is_tensor = isinstance(new, Tensor)
        if isinstance(new, Tensor):
            self.ntensors = 1
            if original.dtype != new.dtype:
                raise ArgumentError(
                    "When `right_inverse` outputs one tensor, it may not change the dtype.\n"
                    f"original.dtype: {_named(original)}\nright_inverse(original).dtype: {_named(new)}"
                )
            put(original, new)
            register(self, "original", original)
        elif isinstance(new, Sequence):
            self.ntensors = len(new)
            for place, part in enumerate(new):
                self._hold_part(place, part, original)
        else:
            raise ArgumentError(f"{SEQUENCE}Got {type(new).__name__}")
        if not unsafe:
            check_kept(self(), like, "`unsafe` flag", ("unparametrized ", "parametrized "))

    def _inverted(self, value: Any) -> Any:
        """What the first parametrization would have to be given; one without `right_inverse` is left out."""
        with no_grad():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    try:
                        value = module.right_inverse(value)
                    except NotImplementedError:
                        continue
        return value

    def _hold_part(self, place: int, part: Any, original: Tensor) -> None:
        if not isinstance(part, Tensor):
            raise ArgumentError(f"{SEQUENCE}Got element {place} of the sequence with type {type(part).__name__}.")
        # A part that `right_inverse` hands on as it was shares its numbers with the tensor it came from, which an
        # optimiser may hold.
        part = part.detach()
        if isinstance(original, Parameter):
            part = Parameter(part, original.requires_grad)
        else:
            part.requires_grad_(original.requires_grad)
        register(self, f"original{place}", part)

    def right_inverse(self, value: Tensor) -> None:
        """Let the parametrized tensor be `value`. Raises StateError where a parametrization has no inverse."""
        found: Any = value
        with no_grad():
            for module in reversed(list(self)):
                if not hasattr(module, "right_inverse"):
                    raise StateError(f"parametrization {type(module).__name__} does not implement right_inverse.")
                found = module.right_inverse(found)
        if self.is_tensor:
            if not isinstance(found, Tensor):
                raise ArgumentError(f"`right_inverse` should return a tensor. Got {type(found).__name__}")
            if found.dtype != self.original.dtype:
                raise ArgumentError(
                    f"The tensor returned by `right_inverse` has dtype {_named(found)} while `original` has dtype "
                    f"{_named(self.original)}"
                )
            put(self.original, found)
            return
        if not isinstance(found, Sequence):
            raise ArgumentError(f"'right_inverse' must return a sequence of tensors. Got {type(found).__name__}.")
        if len(found) != self.ntensors:
            raise ArgumentError(
                f"'right_inverse' must return a sequence of tensors of length {self.ntensors}. "
                f"Got a sequence of length {len(found)}."
            )
        for place, (held, part) in enumerate(zip(self._originals(), found, strict=True)):
            if not isinstance(part, Tensor):
                raise ArgumentError(f"{SEQUENCE}Got element {place} of the sequence with type {type(part).__name__}.")
            if part.dtype != held.dtype:
                raise ArgumentError(
                    f"Tensor {place} returned by `right_inverse` has dtype {_named(part)} while `original{place}` has "
                    f"dtype {_named(held)}"
                )
            put(held, part)

    def _originals(self) -> list[Tensor]:
        names = ["original"] if self.is_tensor else [f"original{place}" for place in range(self.ntensors)]
        return [getattr(self, name) for name in names]

    def forward(self) -> Tensor:
        """The parametrized tensor."""
        first, *rest = self
        result: Tensor = first(*self._originals())
        for module in rest:
            result = module(result)
        return result


def register(module: Module, name: str, tensor: Tensor) -> None:
    if isinstance(tensor, Parameter):
        module.register_parameter(name, tensor)
    else:
        module.register_buffer(name, tensor)


def put(held: Tensor, new: Tensor) -> None:
    """Give a tensor that stays the same object, as optimisers know it, other numbers."""
    if held is not new:
        held.data = new.detach().clone()


def _named(tensor: Tensor) -> str:
    return f"torch.{tensor.dtype}"


def differences(one: Tensor, two: Tensor) -> Iterator[tuple[str, str, str]]:
    """What of element type and shape differs, and how."""
    if one.dtype != two.dtype:
        yield "dtype", _named(one), _named(two)
    if one.shape != two.shape:
        yield "shape", f"torch.Size({list(one.shape)})", f"torch.Size({list(two.shape)})"


def check_kept(found: Any, like: Tensor, unless: str, names: tuple[str, str]) -> None:
    """Raise ArgumentError where a parametrization has not kept the element type or the shape."""
    if not isinstance(found, Tensor):
        raise ArgumentError(f"A parametrization must return a tensor. Got {type(found).__name__}.")
    for what, one, two in differences(like, found):
        raise ArgumentError(
            f"Registering a parametrization may not change the {what} of the tensor, unless {unless} is enabled.\n"
            f"{names[0]}{what}: {one}\n{names[1]}{what}: {two}"
        )

"""Lazy modules: they learn a size from the first input that they see, and are ordinary modules from then on."""

from __future__ import annotations

from typing import Any

from knoll.errors import StateError, UnsupportedError
from knoll.graph import Shape
from knoll.nn.module import Module
from knoll.nn.uninitialized import Uninitialized, UninitializedBuffer, UninitializedParameter, is_lazy
from knoll.tensor import no_grad
from knoll.tensor.record import recorded_by


class LazyModuleMixin(Module):
    """What makes a module lazy, as `torch.nn.modules.lazy.LazyModuleMixin`.

    Before the first forward `initialize_parameters` is called with its inputs; it has to give every
    `UninitializedParameter` a shape. Then the module becomes one of the class `cls_to_become`.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.modules.lazy.LazyModuleMixin.html
    """

    cls_to_become: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._initialize_hook = self.register_forward_pre_hook(self._infer_parameters, with_kwargs=True)

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002 (modules take what they need)
        """Give every parameter its shape and initial values, for these inputs of forward."""
        raise UnsupportedError(f"initialize_parameters is not implemented for {type(self).__name__}")

    def has_uninitialized_params(self) -> bool:
        """Whether a parameter or a buffer of this module has no shape yet."""
        return any(map(is_lazy, (*self._parameters.values(), *self._buffers.values())))

    def reset_parameters(self) -> None:
        """Draw the parameters anew, if there are any yet."""
        if "_initialize_hook" in self.__dict__ and not self.has_uninitialized_params():
            super().reset_parameters()  # type: ignore[misc]  # the layer that is lazy has it

    def _infer_parameters(self, module: LazyModuleMixin, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        with recorded_by(None), no_grad():  # initialisation is no part of the program that forward becomes
            module.initialize_parameters(*args, **kwargs)
        if module.has_uninitialized_params():
            raise StateError(f"module {type(self).__name__} has not been fully initialized")
        module._initialize_hook.remove()
        del module._initialize_hook
        if module.cls_to_become is not None:
            module.__class__ = module.cls_to_become


class Inferred(LazyModuleMixin):
    """A lazy layer of which one size is not known; `missing` is the attribute that will hold it."""

    missing = ""

    def _begin(self) -> None:
        """Forget the size and all that depends on it."""
        setattr(self, self.missing, 0)
        for name, parameter in self._parameters.items():
            if parameter is not None:
                self._parameters[name] = UninitializedParameter(dtype=parameter.dtype)
        for name, buffer in self._buffers.items():
            if buffer is not None and buffer.is_floating_point():
                self._buffers[name] = UninitializedBuffer(dtype=buffer.dtype)

    def initialize_parameters(self, input: Any) -> None:
        """Work out the size from the input, or from parameters that were loaded."""
        if self.has_uninitialized_params():
            setattr(self, self.missing, self._size_of(input))
            self._materialize()
            self.reset_parameters()
        elif not getattr(self, self.missing):
            self._check_loaded(input)
            held = self._size_held()
            setattr(self, self.missing, self._size_of(input) if held is None else held)

    def _materialize(self) -> None:
        """Give every parameter and buffer its shape."""
        for name, tensor in (*self._parameters.items(), *self._buffers.items()):
            if isinstance(tensor, Uninitialized):
                tensor.materialize(self._shape_of(name))

    def _shape_of(self, name: str) -> Shape:
        """The shape of a parameter or a buffer, now that the size is known."""
        raise NotImplementedError

    def _size_of(self, x: Any) -> int:
        """The size that an input asks for."""
        raise NotImplementedError

    def _size_held(self) -> int | None:
        """The size that the parameters were made for; None without any."""
        raise NotImplementedError

    def _check_loaded(self, x: Any) -> None:
        """Refuse an input that the loaded parameters do not fit, where PyTorch does."""

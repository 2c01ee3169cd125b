"""Module: a layer, or a model made of layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, TypeVar, cast

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, KnollError, MissingAttributeError, UnsupportedError
from knoll.messages import say
from knoll.nn import hooked_calls, memoised, outermost, traversal
from knoll.nn.call_advice import refused_call
from knoll.nn.convert import converting, replace, target_dtype
from knoll.nn.error_location import located
from knoll.nn.hook import HOOKS
from knoll.nn.hooked_calls import Hooks
from knoll.nn.inspection import Inspections, is_taken
from knoll.nn.made_at import note
from knoll.nn.module_advice import for_no_module, is_stock, refuse_arguments, refuse_data
from knoll.nn.module_base import HasForward
from knoll.nn.module_text import module_text
from knoll.nn.parameter import Buffer, Parameter
from knoll.nn.registry import HOLDERS, REGISTRIES, Registry, note_change
from knoll.nn.state_dict import State
from knoll.nn.traversal import Traversal
from knoll.nn.typename import typename
from knoll.tensor import Tensor, no_grad
from knoll.tensor.arguments import Flag, called, public, truthy
from knoll.tensor.autograd.gradients import forget_gradient
from knoll.tensor.record import state as recordings

__all__ = ["Module"]

Y = TypeVar("Y")
_MADE_BY_INIT = frozenset({*REGISTRIES, "_non_persistent_buffers_set", "training"})
_NOTED = frozenset({*REGISTRIES, "__class__", "__dict__"})


def not_initialized(reason: str) -> MissingAttributeError:
    """The error of a module whose class does not call `super().__init__()`."""
    return MissingAttributeError(reason, advice=say("nn.super_init"))


def _missing_forward(self: Module, *_: Any) -> Any:
    keeps = next((kind.__name__ for kind in type(self).__mro__ if kind.__name__ in ("ModuleList", "ModuleDict")), None)
    raise UnsupportedError(
        f'Module [{type(self).__name__}] is missing the required "forward" function',
        advice=say("nn.call_each", kind=keeps) if keeps else say("nn.forward"),
    )


class Module(Hooks, Traversal, State, Inspections):
    """Base class of every layer and model, as `torch.nn.Module`.

    Parameters, buffers and modules that are assigned to attributes are found again by `parameters()`, `state_dict()`
    and so on. Calling the outermost module runs its whole `forward` as one program; modules called inside join it.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Module.html

    >>> from knoll import nn
    >>> import numpy as np
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.model1 = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    ...     def forward(self, x):
    ...         return self.model1(x)
    >>> Net()
    Net(
      (model1): Sequential(
        (0): Flatten(start_dim=1, end_dim=-1)
        (1): Linear(in_features=12, out_features=2, bias=True)
      )
    )
    >>> Net()(np.ones((5, 3, 2, 2), np.float32)).shape
    (5, 2)
    """

    training: bool  # again: pyright infers it of the class that assigns it
    _modules: dict[str, Module | None]

    forward: Callable[..., Any] = _missing_forward

    call_super_init: bool = False  # whether the class behind Module, in a class with several bases, is initialised too
    _is_loss = False
    _is_sequence = False  # whether its items are the modules in it, one after the other
    _is_mapping = False  # whether its items are the modules in it, by their names
    _is_stock: ClassVar[bool] = False  # whether the class is one of Knoll's own layers

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        cls._is_stock = is_stock(cls)

    def __new__(cls, *args: Any, **_: Any) -> Self:
        """An object; a layer of Knoll's that is made of data is refused."""
        if args and cls._is_stock:
            refuse_data(cls, args, cls._is_loss)
        module = super().__new__(cls)
        if cls._is_stock:
            module.__dict__ = Registry()
        note(module, 1)
        return module

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init and (args or kwargs):
            refuse_arguments(type(self), args, kwargs)
        self._parameters = Registry()
        self._buffers = Registry()
        self._non_persistent_buffers_set = set()
        self._modules = Registry()
        for place in HOOKS:
            self.__dict__[place] = Registry()
        self.training = True
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    # Calling

    def __call__(self: HasForward[Y], *inputs: Any, **named: Any) -> Y:
        """The result of `forward`, with the hooks around it. NumPy arrays are taken as tensors."""
        module: Any = self
        hooked = hooked_calls.has_hooks(module)
        if recordings.recorder is not None:
            return cast("Y", memoised.run(module, hooked, inputs, named))
        try:
            if not hooked and not named and len(inputs) == 1:
                return cast("Y", outermost.run(module, _tensor(*inputs)))
            given = tuple(map(_tensor, inputs))
            named = {name: _tensor(value) for name, value in named.items()}
            return cast("Y", memoised.recorded(module, hooked, given, named))
        except KnollError as error:
            located(error, Module.__call__.__code__)
            raise
        except TypeError as error:
            told = refused_call(error, Module.__call__.__code__)
            if told is None:
                raise
            raise told from None

    def _is_pure(self, *_: Tensor) -> bool:
        """Whether the `forward` of a layer of Knoll's follows from inputs and options alone, and warns of nothing."""
        return True

    def compile(self, *_: Any, **__: Any) -> None:
        """Nothing is left to do: every module is compiled for the shapes it sees."""

    # Attributes

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parameter):
            self._take_over(name, "parameters", self.__dict__.get("_parameters"))
            self.register_parameter(name, value)
        elif value is not None and name in self.__dict__.get("_parameters", ()):
            raise ArgumentTypeError(
                f"cannot assign '{typename(value)}' as parameter '{name}' (torch.nn.Parameter or None expected)",
                advice=say("nn.wrap_parameter", name=name),
            )
        elif isinstance(value, Module):
            self._take_over(name, "module", self.__dict__.get("_modules"))
            self._modules[name] = value
        elif value is not None and name in self.__dict__.get("_modules", ()):
            raise ArgumentTypeError(
                f"cannot assign '{typename(value)}' as child module '{name}' (torch.nn.Module or None expected)"
            )
        elif isinstance(value, Buffer) or name in self.__dict__.get("_buffers", ()):
            self._assign_buffer(name, value)
        elif value is None and name in self.__dict__.get("_parameters", ()):
            self._parameters[name] = None
        elif value is None and name in self.__dict__.get("_modules", ()):
            self._modules[name] = None
        else:
            super().__setattr__(name, value)
            if type(self.__dict__) is Registry or name in _NOTED:  # also where the class is another by now
                note_change()

    def _take_over(self, name: str, kind: str, place: dict[str, Any] | None) -> None:
        """Forget what else stood under `name`, so that `place` alone holds it."""
        if place is None:
            raise not_initialized(f"cannot assign {kind} before Module.__init__() call")
        for other in (self.__dict__, self._parameters, self._buffers, self._modules):
            if other is not place:
                other.pop(name, None)
        self._non_persistent_buffers_set.discard(name)

    def _assign_buffer(self, name: str, value: Any) -> None:
        if value is not None and not isinstance(value, Tensor):
            raise ArgumentTypeError(
                f"cannot assign '{typename(value)}' as buffer '{name}' (torch.nn.Buffer, torch.Tensor or None expected)"
            )
        persistent = name not in self.__dict__.get("_non_persistent_buffers_set", ())
        self.register_buffer(name, value, value.persistent if isinstance(value, Buffer) else persistent)

    def __getattr__(self, name: str) -> Any:
        for place in HOLDERS:
            held = self.__dict__.get(place, {})
            if name in held:
                return held[name]
        if name in _MADE_BY_INIT:
            raise not_initialized(f"'{type(self).__name__}' object has no attribute '{name}'")
        if is_stock(type(self)) and not name.startswith("_") and hasattr(Tensor, name):
            raise MissingAttributeError(
                f"'{type(self).__name__}' object has no attribute '{name}'", advice=say("nn.not_a_result")
            )
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'", name=name, obj=self)

    def __delattr__(self, name: str) -> None:
        for held in (self._parameters, self._buffers, self._modules):
            if name in held:
                del held[name]
                self._non_persistent_buffers_set.discard(name)
                return
        super().__delattr__(name)
        note_change()

    def __dir__(self) -> list[str]:
        names = {*dir(type(self)), *self.__dict__, *self._parameters, *self._buffers, *self._modules}
        return sorted(name for name in names if not name[0].isdigit())

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter under `name`; None keeps the name free of one."""
        self._check_name("parameter", name, self.__dict__.get("_parameters"))
        if param is not None and not isinstance(param, Parameter):
            raise ArgumentTypeError(
                f"cannot assign '{typename(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)",
                advice=say("nn.wrap_parameter", name=name),
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that is remembered and not learned; unless `persistent` it stays out of the state dict."""
        self._check_name("buffer", name, self.__dict__.get("_buffers"))
        if tensor is not None and not isinstance(tensor, Tensor):
            raise ArgumentTypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = tensor
        if truthy(persistent, "register_buffer", "persistent"):
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a module under `name`."""
        if module is not None and not isinstance(module, Module):
            raise ArgumentTypeError(
                f"{typename(module)} is not a Module subclass", advice=for_no_module(Module, module)
            )
        self._check_name("module", name, self.__dict__.get("_modules"))
        self._modules[name] = module

    def register_module(self, name: str, module: Module | None) -> None:
        """Add a module under `name`, as `add_module`."""
        self.add_module(name, module)

    def _check_name(self, kind: str, name: str, place: Mapping[str, Any] | None) -> None:
        """Refuse a name that could not be told apart in a state dict."""
        if place is None:
            raise not_initialized(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise ArgumentTypeError(f"{kind} name should be a string. Got {typename(name)}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."{f", got: {name}" if kind == "module" else ""}')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if is_taken(self, name) and name not in place:
            raise KeyError(f"attribute '{name}' already exists")

    # Submodules

    @public("get_submodule")
    def get_submodule(self, target: str) -> Module:
        """The module with the dotted name `target`; raises AttributeError if there is none."""
        module: Module = self
        for name in target.split(".") if target else ():
            module = traversal.attribute(module, name)
            if not isinstance(module, Module):
                raise MissingAttributeError(f"`{name}` is not an nn.Module")
        return module

    @public("set_submodule")
    def set_submodule(self, target: str, module: Module, strict: Flag = False) -> None:
        """Put another module where the dotted name `target` points; with `strict` only in place of one.

        Raises ArgumentError, AttributeError.
        """
        if not target:
            raise ArgumentError("Cannot set the submodule without a target name!")
        if not isinstance(module, Module):
            raise ArgumentError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if (strict or is_taken(parent, name)) and not isinstance(traversal.attribute(parent, name), Module):
            raise MissingAttributeError(f"`{name}` is not an nn.Module")
        setattr(parent, name, module)

    # Training

    def train(self, mode: bool = True) -> Self:
        """Say that the module is being trained; dropout and its like look at `training`."""
        if not isinstance(mode, bool):
            raise ArgumentError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Say that the module is being used and no longer trained."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Learn the parameters, or freeze them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def share_memory(self) -> Self:
        """Refuse: processes cannot share parameters. Raises UnsupportedError."""
        raise UnsupportedError(say("nn.share_memory"), advice=say("nn.share_memory_advice"))

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or set them to zero."""
        set_to_none = truthy(set_to_none, "zero_grad", "set_to_none")
        for parameter in self.parameters():
            forget_gradient(parameter, set_to_none)

    def apply(self, fn: Callable[[Module], object]) -> Self:
        """Call `fn` on every module below, then on this one."""
        called(fn, "apply", "fn")
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Put `fn` of each parameter, gradient and buffer in its place; modules below do the same first."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        with no_grad():
            for tensor in (*self._parameters.values(), *self._buffers.values()):
                if tensor is not None:
                    replace(tensor, fn)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Change the element type of all floating-point parameters and buffers; the device is always "cpu"."""
        return self._apply(converting(target_dtype(*args, **kwargs)))

    def cpu(self) -> Self:
        """Stay where every module is."""
        return self._apply(converting(None))

    def cuda(self, device: object = None) -> Self:
        """Refuse: Knoll computes on the CPU."""
        return self.to("cuda" if device is None else f"cuda:{device}")

    def type(self, dst_type: Any) -> Self:
        """Parameters and buffers in another floating-point element type."""
        return self._apply(converting(target_dtype(dst_type)))

    def half(self) -> Self:
        """Parameters and buffers as float16: half the memory for keeping them; compute in float32."""
        return self._apply(converting(np.dtype(np.float16)))

    def float(self) -> Self:
        """Parameters and buffers as float32."""
        return self._apply(converting(np.dtype(np.float32)))

    def double(self) -> Self:
        """Parameters and buffers as float64."""
        return self._apply(converting(np.dtype(np.float64)))

    # Printing

    def _get_name(self) -> str:
        return self.__class__.__name__

    def extra_repr(self) -> str:
        """What stands between the parentheses of the repr; a layer says its arguments here."""
        return ""

    def __repr__(self) -> str:
        """The module and all below it."""
        return module_text(self, Module.__repr__)


def _tensor(value: Any) -> Any:
    return Tensor._holding(value) if isinstance(value, (np.ndarray, np.generic)) else value

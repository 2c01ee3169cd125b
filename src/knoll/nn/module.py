"""Module: a layer, or a model made of layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, KnollError, UnsupportedError
from knoll.messages import say
from knoll.nn import state
from knoll.nn.convert import convert, target_dtype
from knoll.nn.hooks import Hook, RemovableHandle
from knoll.nn.parameter import Buffer, Parameter
from knoll.nn.typename import typename
from knoll.nn.where import located
from knoll.tensor import Tensor, recording, zeros_like
from knoll.tensor.record import state as recordings


def _missing_forward(self: Module, *_: Any) -> Any:
    raise UnsupportedError(
        f'Module [{type(self).__name__}] is missing the required "forward" function', advice=say("nn.forward")
    )


class Module:
    """The base of every layer and model, as `torch.nn.Module`.

    Parameters, buffers and modules that are assigned to attributes are found again by `parameters()`, `state_dict()`
    and their kin. Calling the outermost module runs its whole `forward` as one program; modules called inside join it.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Module.html

    >>> from knoll import nn
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

    training: bool
    _optional_state: frozenset[str] = frozenset()
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]

    forward: Callable[..., Any] = _missing_forward

    def __init__(self) -> None:
        self.training = True
        self._parameters = {}
        self._buffers = {}
        self._non_persistent_buffers_set: set[str] = set()
        self._modules = {}
        self._forward_hooks: dict[int, Hook] = {}
        self._forward_pre_hooks: dict[int, Hook] = {}

    # Calling

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """The result of `forward`, with the hooks around it. NumPy arrays are taken as tensors."""
        run = self._hooked if self._forward_hooks or self._forward_pre_hooks else self.forward
        if recordings.recorder is not None:
            return run(*inputs, **named)
        try:
            with recording():
                return run(*map(_tensor, inputs), **{name: _tensor(value) for name, value in named.items()})
        except KnollError as error:
            located(error, Module.__call__.__code__)
            raise

    def _hooked(self, *inputs: Any, **named: Any) -> Any:
        for hook in tuple(self._forward_pre_hooks.values()):
            changed = hook.call(self, inputs, named) if hook.with_kwargs else hook.call(self, inputs)
            if changed is None:
                continue
            if not hook.with_kwargs:
                inputs = changed if isinstance(changed, tuple) else (changed,)
            elif isinstance(changed, tuple) and len(changed) == 2:
                inputs, named = changed
            else:
                raise ArgumentTypeError(
                    f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {changed}."
                )
        result = self.forward(*inputs, **named)
        for hook in tuple(self._forward_hooks.values()):
            changed = hook.call(self, inputs, named, result) if hook.with_kwargs else hook.call(self, inputs, result)
            result = result if changed is None else changed
        return result

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, inputs)` before each forward; what it returns replaces the inputs."""
        return RemovableHandle(self._forward_pre_hooks, Hook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, inputs, result)` after each forward; what it returns replaces the result."""
        return RemovableHandle(self._forward_hooks, Hook(hook, with_kwargs), prepend)

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

    def _take_over(self, name: str, kind: str, place: dict[str, Any] | None) -> None:
        """Forget what else stood under `name`, so that `place` alone holds it."""
        if place is None:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
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
        for place in ("_parameters", "_buffers", "_modules"):
            held = self.__dict__.get(place, {})
            if name in held:
                return held[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        for held in (self._parameters, self._buffers, self._modules):
            if name in held:
                del held[name]
                self._non_persistent_buffers_set.discard(name)
                return
        super().__delattr__(name)

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
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a module under `name`."""
        if module is not None and not isinstance(module, Module):
            raise ArgumentTypeError(f"{typename(module)} is not a Module subclass")
        self._check_name("module", name, self.__dict__.get("_modules"))
        self._modules[name] = module

    def register_module(self, name: str, module: Module | None) -> None:
        """Add a module under `name`, as `add_module`."""
        self.add_module(name, module)

    def _check_name(self, kind: str, name: str, place: Mapping[str, Any] | None) -> None:
        """Refuse a name that could not be told apart in a state dict."""
        if place is None:
            raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise ArgumentTypeError(f"{kind} name should be a string. Got {typename(name)}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."{f", got: {name}" if kind == "module" else ""}')
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')
        if hasattr(self, name) and name not in place:
            raise KeyError(f"attribute '{name}' already exists")

    # Walking

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """The module itself and all below it by dotted names; shared ones once unless `remove_duplicate` is False."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """The module itself and all below it, shared ones once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly below by name, shared ones once."""
        seen: set[Module] = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """The modules directly below, shared ones once."""
        return (module for _, module in self.named_children())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """Every parameter by its dotted name; a shared one once unless `remove_duplicate` is False."""
        return self._members(lambda module: module._parameters, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Every parameter, shared ones once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """Every buffer by its dotted name; a shared one once unless `remove_duplicate` is False."""
        return self._members(lambda module: module._buffers, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Every buffer, shared ones once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _members(
        self, held: Callable[[Module], Mapping[str, Any]], prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        seen: set[int] = set()
        for path, module in modules:
            for name, member in held(module).items():
                if member is None or id(member) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(member))
                yield (f"{path}.{name}" if path else name), member

    def get_submodule(self, target: str) -> Module:
        """The module with the dotted name `target`; raises AttributeError if there is none."""
        module = self
        for name in target.split(".") if target else ():
            if not hasattr(module, name):
                raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
            module = getattr(module, name)
            if not isinstance(module, Module):
                raise AttributeError(f"`{name}` is not an nn.Module")
        return module

    def get_parameter(self, target: str) -> Parameter:
        """The parameter with the dotted name `target`; raises AttributeError if there is none."""
        parameter = self._member(target)
        if not isinstance(parameter, Parameter):
            raise AttributeError(f"`{target.rpartition('.')[2]}` is not an nn.Parameter")
        return parameter

    def get_buffer(self, target: str) -> Tensor:
        """The buffer with the dotted name `target`; raises AttributeError if there is none."""
        buffer = self._member(target)
        path, _, name = target.rpartition(".")
        if name not in self.get_submodule(path)._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return buffer  # type: ignore[no-any-return]

    def _member(self, target: str) -> Any:
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(f"{type(module).__name__} has no attribute `{name}`")
        return getattr(module, name)

    # State

    def state_dict(self, *, prefix: str = "") -> dict[str, Tensor]:
        """Every parameter and persistent buffer by its dotted name; the tensors share memory with the module."""
        return state.state_dict(self, prefix)

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> state.IncompatibleKeys:
        """Copy numbers into the parameters and buffers, which keep their element type.

        All is checked before anything is copied: unlike in PyTorch, a module that refuses a state dict is unchanged.
        Raises StateError with every missing, unexpected or misshapen key; with `strict=False` only the last kind.
        """
        return state.load_state_dict(self, state_dict, strict)

    def train(self, mode: bool = True) -> Self:
        """Say that the module is being trained; dropout and its like look at `training`."""
        if not isinstance(mode, bool):
            raise ArgumentError("training mode is expected to be boolean")
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Say that the module is being used and no longer trained."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Learn the parameters, or freeze them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or set them to zero."""
        for parameter in self.parameters():
            if parameter.grad is not None:
                parameter.grad = None if set_to_none else zeros_like(parameter.grad)

    def apply(self, fn: Callable[[Module], object]) -> Self:
        """Call `fn` on every module below, then on this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Change the element type of all floating-point parameters and buffers; the device is always "cpu"."""
        dtype = target_dtype(*args, **kwargs)
        if dtype is not None:
            for tensor in (*self.parameters(), *self.buffers()):
                convert(tensor, dtype)
        return self

    def cpu(self) -> Self:
        """Stay where every module is."""
        return self

    def cuda(self, device: object = None) -> Self:
        """Refuse: Knoll computes on the CPU."""
        return self.to("cuda" if device is None else f"cuda:{device}")

    def float(self) -> Self:
        """Parameters and buffers as float32."""
        return self.to(np.dtype(np.float32))

    def double(self) -> Self:
        """Parameters and buffers as float64."""
        return self.to(np.dtype(np.float64))

    # Printing

    def extra_repr(self) -> str:
        """What stands between the parentheses of the repr; a layer says its arguments here."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = extra.split("\n") if extra else []
        if len(lines) < 2 and not self._modules:
            return f"{type(self).__name__}({extra})"
        lines += [f"({name}): {indented(repr(module))}" for name, module in self._modules.items()]
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"


def indented(text: str) -> str:
    """All lines but the first two spaces further right."""
    return text.replace("\n", "\n  ")


def _tensor(value: Any) -> Any:
    return Tensor(value) if isinstance(value, (np.ndarray, np.generic)) else value

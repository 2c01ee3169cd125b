"""State dicts: what a module remembers, by dotted names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from knoll.errors import ArgumentTypeError, StateError
from knoll.messages import say
from knoll.nn.hooks import Hook
from knoll.nn.parameter import Parameter
from knoll.nn.typename import size_name
from knoll.nn.uninitialized import Uninitialized, is_lazy
from knoll.tensor import Tensor, no_grad
from knoll.tensor.hooks import RemovableHandle

if TYPE_CHECKING:
    from knoll.nn.module import Module


class IncompatibleKeys(NamedTuple):
    """The keys that a state dict lacked, and those that the module does not know."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def remembered_here(module: Module) -> Iterator[tuple[str, Tensor]]:
    """The parameters and persistent buffers of the module itself, without those of the modules below."""
    buffers = (item for item in module._buffers.items() if item[0] not in module._non_persistent_buffers_set)
    return ((name, tensor) for name, tensor in (*module._parameters.items(), *buffers) if tensor is not None)


def remembered(module: Module, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
    """Every parameter and persistent buffer by its dotted name, in PyTorch's order."""
    for name, tensor in remembered_here(module):
        yield prefix + name, tensor
    for name, child in module._modules.items():
        if child is not None:
            yield from remembered(child, f"{prefix}{name}.")


def _optional(module: Module) -> set[str]:
    """What a state dict may lack: what layers did not remember in older files."""
    return {
        f"{path}.{name}".lstrip(".") for path, child in module.named_modules() for name in child._optional_state
    }  # fmt: skip


def _unexpected(module: Module, prefix: str, keys: list[str]) -> Iterator[str]:
    """Those of `keys`, which begin with `prefix`, that the module does not know, in PyTorch's order."""
    own = {name for name, _ in remembered_here(module)}
    below: dict[str, list[str]] = {}
    for key in keys:
        name, dot, _ = key.removeprefix(prefix).partition(".")
        if dot and module._modules.get(name) is not None:
            below.setdefault(name, []).append(key)
        elif dot or name not in own:
            yield key
    for name, child in module._modules.items():
        if child is not None and name in below:
            yield from _unexpected(child, f"{prefix}{name}.", below[name])


def register_state_dict_pre_hook(module: Module, hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, prefix, keep_vars)` before the state dict of this module is made."""
    return RemovableHandle(module._state_dict_pre_hooks, Hook(hook))


def register_state_dict_post_hook(module: Module, hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, state_dict, prefix, local_metadata)` when it is made; the hook may change it in place."""
    return RemovableHandle(module._state_dict_hooks, Hook(hook))


def register_load_state_dict_pre_hook(module: Module, hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook` before a state dict is loaded, which it may change in place.

    It is given (module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs), and may
    add to the last.
    """
    return RemovableHandle(module._load_state_dict_pre_hooks, Hook(hook))


def register_load_state_dict_post_hook(module: Module, hook: Callable[..., Any]) -> RemovableHandle:
    """Call `hook(module, incompatible_keys)` when a state dict is loaded; the hook may change the keys in place.

    With such a hook `strict` looks at the keys that it leaves, when the rest is loaded already.
    """
    return RemovableHandle(module._load_state_dict_post_hooks, Hook(hook))


EXTRA = "_extra_state"


def state_dict(module: Module, destination: dict[str, Any], prefix: str, keep: bool) -> dict[str, Any]:
    """What the module remembers, as tensors that share its memory; with `keep` the very tensors."""
    for hook in tuple(module._state_dict_pre_hooks.values()):
        hook.call(module, prefix, keep)
    for name, tensor in remembered_here(module):
        destination[prefix + name] = tensor if keep or is_lazy(tensor) else tensor.detach()
    if _has_extra(module):
        destination[prefix + EXTRA] = module.get_extra_state()
    for name, child in module._modules.items():
        if child is not None:
            child.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep)
    for hook in tuple(module._state_dict_hooks.values()):
        if hook.call(module, destination, prefix, {}) is not None:
            raise StateError("state_dict post-hook must return None")
    return destination


def _has_extra(module: Module) -> bool:
    from knoll.nn.module import Module  # Module is made of these

    return type(module).get_extra_state is not Module.get_extra_state


def _prefixed(module: Module) -> list[tuple[str, Module]]:
    """Every module with what its keys begin with, shared ones as often as they have names."""
    return [(f"{path}." if path else "", each) for path, each in module.named_modules(remove_duplicate=False)]


def _from_below(module: Module) -> Iterator[Module]:
    """Every module after those below it, shared ones as often as they have names."""
    for child in module._modules.values():
        if child is not None:
            yield from _from_below(child)
    yield module


def load_state_dict(module: Module, given: Mapping[str, Any], strict: bool, assign: bool) -> IncompatibleKeys:
    """Check all of `given`, then copy it, or with `assign` put it there."""
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(f"Expected state_dict to be dict-like, got {type(given)}.", advice=say("nn.load_first"))
    given, told = dict(given), list[str]()
    for prefix, each in _prefixed(module):
        for hook in tuple(each._load_state_dict_pre_hooks.values()):
            hook.call(each, given, prefix, {}, strict, [], [], told)
    own = dict(remembered(module))
    extras = {prefix + EXTRA: each for prefix, each in _prefixed(module) if _has_extra(each)}
    optional = _optional(module)
    missing = [key for key in (*own, *extras) if key not in given and key not in optional]
    unexpected = list(_unexpected(module, "", [key for key in given if key not in extras]))
    keys, none = IncompatibleKeys(missing, unexpected), IncompatibleKeys([], [])
    later = [(each, hook) for each in _from_below(module) for hook in each._load_state_dict_post_hooks.values()]
    _check(module, own, given, keys if strict and not later else none, told)
    with no_grad():
        for prefix, each in _prefixed(module):
            for name, tensor in list(remembered_here(each)):
                if prefix + name in given:
                    _take(each, name, tensor, given[prefix + name], assign)
        for key, each in extras.items():
            if key in given:
                each.set_extra_state(given[key])
    for each, hook in later:
        if hook.call(each, keys) is not None:
            raise AssertionError(
                "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new "
                "values, if incompatible_keys need to be modified, it should be done inplace."
            )
    if later:
        _check(module, own, given, keys if strict else none, [])
    return keys


def _check(
    module: Module,
    own: Mapping[str, Tensor],
    given: Mapping[str, Any],
    keys: IncompatibleKeys,
    told: list[str],
) -> None:
    """Refuse a state dict that does not fit, with all that is wrong at once."""
    faults = [fault for key, tensor in own.items() if key in given and (fault := _fault(key, given[key], tensor))]
    faults = told + faults
    if keys.unexpected_keys:
        faults.insert(0, f"Unexpected key(s) in state_dict: {_quoted(keys.unexpected_keys)}. ")
    if keys.missing_keys:
        faults.insert(0, f"Missing key(s) in state_dict: {_quoted(keys.missing_keys)}. ")
    if faults:
        raise StateError(
            f"Error(s) in loading state_dict for {type(module).__name__}:\n\t" + "\n\t".join(faults),
            advice=_advice(set(own), set(given)),
        )


def _take(module: Module, name: str, tensor: Tensor, value: Any, assign: bool) -> None:
    """Copy one value, or put it there; what has no shape yet gets the value's, and gives nothing."""
    if is_lazy(value):
        return
    if assign:
        taken = value if isinstance(value, Tensor) else Tensor(value)
        if isinstance(tensor, Parameter):
            taken = taken if isinstance(taken, Parameter) else Parameter(taken)
            taken.requires_grad_(tensor.requires_grad)
        setattr(module, name, taken)
        return
    if isinstance(tensor, Uninitialized):
        tensor.materialize(value.shape)
    tensor.copy_(_numbers_of(value).reshape(tensor.shape))


def _numbers_of(value: Any) -> np.ndarray[Any, Any]:
    """The numbers of a tensor, or of anything that NumPy can read."""
    return value._numbers() if isinstance(value, Tensor) else np.asarray(value)


def _fault(key: str, value: Any, tensor: Tensor) -> str | None:
    """Why `value` cannot be copied into a tensor."""
    if not isinstance(value, Tensor) and not hasattr(value, "__array__"):
        return (
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from checkpoint '
            f"but received {type(value)}"
        )
    if is_lazy(tensor):
        return None
    came, shape = tuple(value.shape), tensor.shape
    if came == shape or (shape == () and came == (1,)):
        return None
    return (
        f"size mismatch for {key}: copying a param with shape {size_name(came)} from checkpoint, "
        f"the shape in current model is {size_name(shape)}."
    )


def _quoted(keys: list[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)


def _advice(own: set[str], given: set[str]) -> str | None:
    """The prefix that one side has and the other lacks, if that is all there is to it."""
    for shorter, longer, sentence in ((own, given, "nn.strip_prefix"), (given, own, "nn.add_prefix")):
        if not shorter or shorter == longer or len(shorter) != len(longer):
            continue
        prefix = min(longer, key=len).split(".")[0] + "."
        if {prefix + key for key in shorter} == longer:
            return say(sentence, prefix=prefix)
    return None

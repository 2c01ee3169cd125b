"""State dicts: what a module remembers, by dotted names."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, NamedTuple

from knoll.errors import ArgumentTypeError, StateError, UnsupportedError, warn
from knoll.messages import say
from knoll.nn.hook import Hook
from knoll.nn.module_base import AnyModule
from knoll.nn.snapshot import Snapshot
from knoll.nn.state_advice import advice
from knoll.nn.state_value import taken
from knoll.nn.uninitialized import is_lazy
from knoll.tensor import Tensor
from knoll.tensor.arguments import text, truthy
from knoll.tensor.autograd.hooks import RemovableHandle

EXTRA = "_extra_state"
POSITIONAL = (
    "Positional args are being deprecated, use kwargs instead. Refer to "
    "https://pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.state_dict for details."
)


class IncompatibleKeys(NamedTuple):
    """The keys that a state dict lacked, and those that the module does not know."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def remembered_here(module: AnyModule) -> Iterator[tuple[str, Tensor]]:
    """The parameters and persistent buffers of the module itself, without those of the modules below."""
    buffers = (item for item in module._buffers.items() if item[0] not in module._non_persistent_buffers_set)
    return ((name, tensor) for name, tensor in (*module._parameters.items(), *buffers) if tensor is not None)


def remembered(module: AnyModule, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
    """Every parameter and persistent buffer by its dotted name, in PyTorch's order."""
    for name, tensor in remembered_here(module):
        yield prefix + name, tensor
    for name, child in module._modules.items():
        if child is not None:
            yield from remembered(child, f"{prefix}{name}.")


class State(AnyModule):
    """The methods of `Module` that save and load what it remembers."""

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, prefix, keep_vars)` before the state dict of this module is made."""
        return RemovableHandle(self._state_dict_pre_hooks, Hook(hook))

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, local_metadata)` when it is made; the hook may change it in place."""
        return RemovableHandle(self._state_dict_hooks, Hook(hook))

    def _register_state_dict_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """As `register_state_dict_post_hook`, but what the hook returns takes the place of the state dict."""
        return RemovableHandle(self._state_dict_hooks, Hook(hook, may_replace=True))

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook` before this module is loaded from its part of a state dict, which the hook may change in place.

        It is given (module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs),
        and may add to the last three.
        """
        return RemovableHandle(self._load_state_dict_pre_hooks, Hook(hook))

    def _register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], with_module: bool = False
    ) -> RemovableHandle:
        """As `register_load_state_dict_pre_hook`, but the hook is given the module only `with_module`."""
        return RemovableHandle(self._load_state_dict_pre_hooks, Hook(hook, with_module=with_module))

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, incompatible_keys)` when a module is loaded; the hook may change the keys in place.

        `strict` looks at the keys that hooks leave.
        """
        return RemovableHandle(self._load_state_dict_post_hooks, Hook(hook))

    def state_dict(self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """Every parameter and persistent buffer by its dotted name; the tensors share memory with the module.

        They are added to `destination` if there is one. With `keep_vars` they are the very parameters and buffers.
        """
        if args:
            warn(POSITIONAL, FutureWarning)
        given = [*args, *(destination, prefix, keep_vars)[len(args) :]]
        if given[0] is not None and not isinstance(given[0], MutableMapping):
            raise ArgumentTypeError(f"destination should be a dict, but got {type(given[0]).__name__}")
        return _state_dict(
            self, given[0], text(given[1], "state_dict", "prefix"), truthy(given[2], "state_dict", "keep_vars")
        )

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        """Add what this module itself remembers to `destination`; a class that saves in its own way overrides this.

        The tensors share memory with the module; with `keep_vars` they are the very parameters and buffers.
        """
        for name, tensor in remembered_here(self):
            destination[prefix + name] = tensor if keep_vars or is_lazy(tensor) else tensor.detach()
        if type(self).get_extra_state is not State.get_extra_state:
            destination[prefix + EXTRA] = self.get_extra_state()

    def get_extra_state(self) -> Any:
        """What else the state dict is to hold for this module; a class that has something overrides this."""
        raise UnsupportedError(say("nn.extra_state"))

    def set_extra_state(self, state: Any) -> None:  # noqa: ARG002 (for those who override it)
        """Take over what `get_extra_state` gave; a class that has something overrides this."""
        raise UnsupportedError(say("nn.extra_state"))

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy numbers into the parameters and buffers, which keep their element type; with `assign` put tensors there.

        Unlike in PyTorch, a module that refuses a state dict is unchanged.
        Raises StateError with every missing, unexpected or misshapen key; with `strict=False` only the last kind.
        """
        if not isinstance(state_dict, Mapping):
            raise ArgumentTypeError(
                f"Expected state_dict to be dict-like, got {type(state_dict)}.",
                advice=say("nn.state_of_module" if hasattr(state_dict, "state_dict") else "nn.load_first"),
            )
        loading = _Loading(dict(getattr(state_dict, "_metadata", None) or {}), assign)
        before = Snapshot(self)
        try:
            loading.load(self, OrderedDict(state_dict), "")
            faults = loading.faults(truthy(strict, "load_state_dict", "strict"))
        except BaseException:
            before.restore()
            raise
        if faults:
            before.restore()
            raise StateError(
                f"Error(s) in loading state_dict for {type(self).__name__}:\n\t" + "\n\t".join(faults),
                advice=advice(dict(remembered(self)), state_dict),
            )
        return loading.keys

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load this module, without those below it, from the keys that begin with `prefix`.

        A class that loads in its own way overrides this, and may ask `local_metadata["version"]` which `_version` of it
        has been saved. What does not fit is added to the last three; `state_dict` may be changed.
        """
        for hook in tuple(self._load_state_dict_pre_hooks.values()):
            first = (self,) if hook.with_module else ()
            hook.call(*first, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        own = dict(remembered_here(self))
        for name, tensor in own.items():
            key = prefix + name
            if key in state_dict:
                assign = local_metadata.get("assign_to_params_buffers", False)
                error_msgs += taken(self, name, key, tensor, state_dict[key], assign)
            elif strict:
                missing_keys.append(key)
        extra = prefix + EXTRA
        if type(self).set_extra_state is not State.set_extra_state:
            if extra in state_dict:
                self.set_extra_state(state_dict[extra])
            elif strict:
                missing_keys.append(extra)
        elif strict and extra in state_dict:
            unexpected_keys.append(extra)
        if strict:
            unexpected_keys += [key for key in state_dict if key != extra and _unknown(self, own, prefix, key)]


# Saving


def _state_dict(module: AnyModule, destination: Any, prefix: str, keep_vars: bool) -> Any:
    """What the module and those below it remember, added to `destination`; each module's version in its `_metadata`."""
    if destination is None:
        destination = OrderedDict()
        destination._metadata = OrderedDict()
    metadata = {"version": module._version}
    if hasattr(destination, "_metadata"):
        destination._metadata[prefix[:-1]] = metadata
    for hook in tuple(module._state_dict_pre_hooks.values()):
        hook.call(module, prefix, keep_vars)
    module._save_to_state_dict(destination, prefix, keep_vars)
    for name, child in module._modules.items():
        if child is not None:
            child.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
    for hook in tuple(module._state_dict_hooks.values()):
        replaced = hook.call(module, destination, prefix, metadata)
        if replaced is not None and not hook.may_replace:
            raise StateError("state_dict post-hook must return None")
        destination = destination if replaced is None else replaced
    return destination


# Loading


class _Loading:
    """One call of `load_state_dict`: what it found in all modules."""

    def __init__(self, metadata: Mapping[str, Any], assign: bool) -> None:
        self._metadata = metadata
        self._assign = {"assign_to_params_buffers": True} if assign else {}
        self.keys = IncompatibleKeys([], [])
        self._messages: list[str] = []

    def load(self, module: AnyModule, state: dict[str, Any], prefix: str) -> None:
        """Load a module from `state`, whose keys begin with `prefix`, and the modules below it from their parts."""
        metadata = {**self._metadata.get(prefix[:-1], {}), **self._assign}
        module._load_from_state_dict(state, prefix, metadata, True, *self.keys, self._messages)
        parts: dict[str, OrderedDict[str, Any]] = {}
        for key, value in state.items():
            parts.setdefault(str(key)[len(prefix) :].partition(".")[0], OrderedDict())[key] = value
        for name, child in module._modules.items():
            if child is not None:
                below = f"{prefix}{name}."
                self.load(child, _beginning_with(below, parts.get(name, OrderedDict())), below)
        for hook in tuple(module._load_state_dict_post_hooks.values()):
            if hook.call(module, self.keys) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new "
                    "values, if incompatible_keys need to be modified, it should be done inplace."
                )

    def faults(self, strict: bool) -> list[str]:
        """All that is wrong; keys only where they are to match strictly."""
        kinds = (("Missing", self.keys.missing_keys), ("Unexpected", self.keys.unexpected_keys)) if strict else ()
        told = [f"{kind} key(s) in state_dict: {_quoted(keys)}. " for kind, keys in kinds if keys]
        return told + self._messages


def _beginning_with(prefix: str, state: OrderedDict[str, Any]) -> OrderedDict[str, Any]:
    return OrderedDict((key, value) for key, value in state.items() if key.startswith(prefix))


def _unknown(module: AnyModule, own: Mapping[str, Any], prefix: str, key: Any) -> bool:
    """Whether a key belongs to this module and is neither of its own tensors nor of a module below it."""
    if not isinstance(key, str):
        return not prefix
    name, dot, _ = key.removeprefix(prefix).partition(".")
    return key.startswith(prefix) and name not in (module._modules if dot else own)


def _quoted(keys: list[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)

"""State dicts: what a module remembers, by dotted names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from knoll.errors import ArgumentTypeError, StateError
from knoll.graph import Shape
from knoll.messages import say
from knoll.nn.uninitialized import Uninitialized, is_lazy
from knoll.tensor import Tensor, no_grad

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


def state_dict(module: Module, prefix: str) -> dict[str, Tensor]:
    """What the module remembers, as tensors that share its memory."""
    return {name: tensor if is_lazy(tensor) else tensor.detach() for name, tensor in remembered(module, prefix)}


def load_state_dict(module: Module, given: Mapping[str, Any], strict: bool) -> IncompatibleKeys:
    """Check all of `given`, then copy it."""
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(f"Expected state_dict to be dict-like, got {type(given)}.", advice=say("nn.load_first"))
    own = dict(remembered(module))
    optional = _optional(module)
    missing = [key for key in own if key not in given and key not in optional]
    unexpected = list(_unexpected(module, "", list(given)))
    faults = [fault for key, tensor in own.items() if key in given and (fault := _fault(key, given[key], tensor))]
    if strict and unexpected:
        faults.insert(0, f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
    if strict and missing:
        faults.insert(0, f"Missing key(s) in state_dict: {_quoted(missing)}. ")
    if faults:
        raise StateError(
            f"Error(s) in loading state_dict for {type(module).__name__}:\n\t" + "\n\t".join(faults),
            advice=_advice(set(own), set(given)),
        )
    with no_grad():
        for key, tensor in own.items():
            if key in given and not is_lazy(given[key]):
                if isinstance(tensor, Uninitialized):
                    tensor.materialize(given[key].shape)
                tensor.copy_(_numbers_of(given[key]).reshape(tensor.shape))
    return IncompatibleKeys(missing, unexpected)


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
        f"size mismatch for {key}: copying a param with shape {_size(came)} from checkpoint, "
        f"the shape in current model is {_size(shape)}."
    )


def _size(shape: Shape) -> str:
    return f"torch.Size({list(shape)})"


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

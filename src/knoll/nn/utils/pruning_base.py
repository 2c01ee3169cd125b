"""What all methods of pruning share: the hook that masks a parameter, and methods one after the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError, DimensionError, MissingAttributeError, ShapeError
from knoll.graph.shapes import size_name
from knoll.nn.module import Module
from knoll.nn.utils.checks import module as checked_module
from knoll.tensor import Tensor, ones_like


class BasePruningMethod(ABC):
    """A way of pruning: a subclass says in `compute_mask` what stays, and in `PRUNING_TYPE` what it looks at.

    An "unstructured" one is given the entries that are not pruned yet, a "structured" one, which has a `dim`, the
    channels that are not wholly pruned, a "global" one everything.

    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> class EverySecond(prune.BasePruningMethod):
    ...     PRUNING_TYPE = "unstructured"
    ...     def compute_mask(self, t, default_mask):
    ...         mask = default_mask.clone()
    ...         mask.view(-1)[::2] = 0
    ...         return mask
    >>> layer = nn.Linear(3, 4)
    >>> _ = EverySecond.apply(layer, "bias")
    >>> layer.bias_mask
    tensor([0., 1., 0., 1.])
    """

    PRUNING_TYPE: str
    _tensor_name: str  # set by `apply`

    def __call__(self, module: Module, inputs: Any) -> None:  # noqa: ARG002 (a hook is given them)
        """Set the parameter for the forward that follows."""
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """What stays of `t`, as ones, of what `default_mask` has left: both of the same shape."""

    def apply_mask(self, module: Module) -> Tensor:
        """The original parameter times the mask."""
        original: Tensor = getattr(module, f"{self._tensor_name}_orig")
        mask: Tensor = getattr(module, f"{self._tensor_name}_mask")
        return mask.to(dtype=original.dtype) * original

    @classmethod
    def apply(
        cls, module: Module, name: str, *args: Any, importance_scores: Tensor | None = None, **kwargs: Any
    ) -> BasePruningMethod:
        """Prune a parameter, or what is left of it; gives the method, or a container of all that were applied.

        `args` and `kwargs` are those of the class. `importance_scores`, of the shape of the parameter, are looked at
        instead of it. Raises ArgumentError, ShapeError, and what the method raises; the module is then as it was.
        """
        old = {key: hook for key, hook in hooks_of(checked_module(module)).items() if hook._tensor_name == name}
        method: BasePruningMethod = cls(*args, **kwargs)
        method._tensor_name = name
        for hook in old.values():
            method = PruningContainer(*(hook if isinstance(hook, PruningContainer) else (hook,)), method)
        tensor: Tensor = getattr(module, name)
        scores = _scores(tensor, importance_scores, f"parameter {name} of {module}")
        default = getattr(module, f"{name}_mask").detach().clone() if old else ones_like(tensor)
        mask = method.compute_mask(scores, default_mask=default)
        if not old:
            module.register_parameter(f"{name}_orig", module._parameters[name])
            del module._parameters[name]
        for key in old:
            del module._forward_pre_hooks[key]
        module.register_buffer(f"{name}_mask", mask)
        setattr(module, name, method.apply_mask(module))
        module.register_forward_pre_hook(method)
        return method

    def prune(self, t: Tensor, default_mask: Tensor | None = None, importance_scores: Tensor | None = None) -> Tensor:
        """`t` with zeros where the method prunes it. Raises ShapeError."""
        scores = _scores(t, importance_scores, "tensor t")
        return t * self.compute_mask(scores, default_mask=ones_like(t) if default_mask is None else default_mask)

    def remove(self, module: Module) -> None:
        """Make the pruned numbers the parameter itself; what was pruned stays zero."""
        name = self._tensor_name
        pruned = self.apply_mask(module).detach()
        original = module._parameters[f"{name}_orig"]
        assert original is not None
        for each in (name, f"{name}_orig", f"{name}_mask"):
            delattr(module, each)
        original.data = pruned
        setattr(module, name, original)


def _scores(t: Tensor, importance_scores: Tensor | None, name: str) -> Tensor:
    """What a method looks at: `importance_scores` where they are given, else the entries. Raises ShapeError."""
    if importance_scores is None:
        return t
    if importance_scores.shape != t.shape:
        raise ShapeError(
            f"importance_scores should have the same shape as {name}, got {size_name(importance_scores.shape)} vs "
            f"{size_name(t.shape)}"
        )
    return importance_scores


def hooks_of(module: Module) -> dict[int, BasePruningMethod]:
    """The pruning methods among the forward pre-hooks of a module, by their keys."""
    return {key: hook for key, hook in module._forward_pre_hooks.items() if isinstance(hook, BasePruningMethod)}


class PruningContainer(BasePruningMethod):
    """Methods that were applied to one parameter, one after the other; the last one prunes what they left.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.PruningContainer.html

    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = nn.Linear(4, 5)
    >>> _ = prune.L1Unstructured.apply(layer, "weight", amount=0.5)
    >>> len(prune.RandomUnstructured.apply(layer, "weight", amount=2)), int((layer.weight == 0).sum())
    (2, 12)
    """

    def __init__(self, *args: BasePruningMethod) -> None:
        self._pruning_methods: tuple[BasePruningMethod, ...] = ()
        if args and isinstance(args[0], BasePruningMethod):
            self._tensor_name = args[0]._tensor_name
        for method in args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method: BasePruningMethod) -> None:
        """Add a method for the same parameter. Raises ArgumentError, ArgumentTypeError."""
        if not isinstance(method, BasePruningMethod):
            raise ArgumentTypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if self._tensor_name != method._tensor_name:
            raise ArgumentError(
                f"Can only add pruning methods acting on the parameter named '{self._tensor_name}' to PruningContainer "
                f"{self}. Found '{method._tensor_name}'"
            )
        self._pruning_methods += (method,)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Iterator[BasePruningMethod]:
        return iter(self._pruning_methods)

    def __getitem__(self, idx: int) -> BasePruningMethod:
        return self._pruning_methods[idx]

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """`default_mask` without what the last method prunes of the part that it looks at."""
        method = self._pruning_methods[-1]
        part = _part(method, default_mask)
        mask = default_mask.to(dtype=t.dtype).clone()
        mask[part] = method.compute_mask(t[part], default_mask=default_mask[part]).to(dtype=mask.dtype)
        return mask


def _part(method: BasePruningMethod, mask: Tensor) -> Any:
    """The index of the part of a tensor that a method looks at. Raises ArgumentError, DimensionError."""
    if method.PRUNING_TYPE == "unstructured":
        return mask == 1
    if method.PRUNING_TYPE == "global":
        return (slice(None),) * mask.ndim
    if method.PRUNING_TYPE != "structured":
        raise ArgumentError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
    if not hasattr(method, "dim"):
        raise MissingAttributeError(
            'Pruning methods of PRUNING_TYPE "structured" need to have the attribute `dim` defined.'
        )
    axis = method.dim + mask.ndim if method.dim < 0 else method.dim
    if axis < 0:
        raise DimensionError(f"Index is out of bounds for tensor with dimensions {mask.ndim}")
    others = [each for each in range(mask.ndim) if each != axis]
    return (slice(None),) * axis + (mask.sum(others) != 0,)

"""How entries of a parameter, or its channels, are chosen that are held at zero: the classes of `prune`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from numbers import Integral, Real
from typing import Any

from knoll.errors import ArgumentError, ArgumentTypeError, DimensionError, MissingAttributeError, ShapeError
from knoll.graph.shapes import size_name
from knoll.nn.module import Module
from knoll.nn.utils.checks import module as checked_module
from knoll.tensor import Tensor, ones_like, zeros_like
from knoll.tensor.p_norm import norm
from knoll.tensor.random import rand, rand_like
from knoll.tensor.sorting import topk


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
        if importance_scores is not None and importance_scores.shape != tensor.shape:
            raise ShapeError(
                f"importance_scores should have the same shape as parameter {name} of {module}, got "
                f"{size_name(importance_scores.shape)} vs {size_name(tensor.shape)}"
            )
        default = getattr(module, f"{name}_mask").detach().clone() if old else ones_like(tensor)
        mask = method.compute_mask(tensor if importance_scores is None else importance_scores, default_mask=default)
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
        if importance_scores is not None and importance_scores.shape != t.shape:
            raise ShapeError(
                "importance_scores should have the same shape as tensor t, got "
                f"{size_name(importance_scores.shape)} vs {size_name(t.shape)}"
            )
        scores = t if importance_scores is None else importance_scores
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


class Identity(BasePruningMethod):
    """Nothing is pruned; what was pruned before stays so.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.Identity.html

    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = nn.Linear(2, 2)
    >>> _ = prune.Identity.apply(layer, "weight")
    >>> layer.weight_mask
    tensor([[1., 1.],
            [1., 1.]])
    """

    PRUNING_TYPE: str = "unstructured"

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:  # noqa: ARG002 (as every method)
        """The mask as it is."""
        return default_mask

    @classmethod
    def apply(cls, module: Module, name: str) -> BasePruningMethod:  # type: ignore[override] # as in PyTorch
        """Give a parameter a mask of ones."""
        return super().apply(module, name)


class _Amount(BasePruningMethod):
    """A method that is told how much to prune: a number of entries or channels, or as a float the share of them."""

    amount: float

    def __init__(self, amount: float) -> None:
        if not isinstance(amount, Real):
            raise ArgumentTypeError(f"Invalid type for amount: {amount}. Must be int or float.")
        if amount < 0 or (amount > 1 and not isinstance(amount, Integral)):
            raise ArgumentError(
                f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer"
            )
        self.amount = amount

    def _number(self, there: int) -> int:
        """How many of those that are there are pruned. Raises ArgumentError."""
        number = int(self.amount) if isinstance(self.amount, Integral) else round(self.amount * there)
        if number > there:
            raise ArgumentError(f"amount={number} should be smaller than the number of parameters to prune={there}")
        return number


class _Unstructured(_Amount):
    """The entries with the lowest scores are pruned."""

    PRUNING_TYPE: str = "unstructured"

    @abstractmethod
    def _scores(self, t: Tensor) -> Tensor:
        """A number for each entry."""

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """`default_mask` with zeros at the lowest scores. Raises ArgumentError."""
        mask = default_mask.clone()
        lowest = topk(self._scores(t).reshape(-1), self._number(t.numel()), largest=False).indices
        mask.view(-1)[lowest] = 0
        return mask


class RandomUnstructured(_Unstructured):
    """Random entries are pruned.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.RandomUnstructured.html

    >>> import knoll
    >>> from knoll.nn.utils import prune
    >>> int((prune.RandomUnstructured(amount=2).prune(knoll.ones(3, 2)) == 0).sum())
    2
    """

    def _scores(self, t: Tensor) -> Tensor:
        return rand_like(t)

    @classmethod
    def apply(cls, module: Module, name: str, amount: float) -> BasePruningMethod:  # type: ignore[override] # as in PyTorch
        """Prune random entries of a parameter."""
        return super().apply(module, name, amount=amount)


class L1Unstructured(_Unstructured):
    """The entries nearest to zero are pruned.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.L1Unstructured.html

    >>> import knoll
    >>> from knoll.nn.utils import prune
    >>> prune.L1Unstructured(amount=2).prune(knoll.tensor([3.0, -1.0, 0.5, -4.0]))
    tensor([ 3., -0.,  0., -4.])
    """

    def _scores(self, t: Tensor) -> Tensor:
        return t.detach().abs()

    @classmethod
    def apply(  # type: ignore[override] # as in PyTorch
        cls, module: Module, name: str, amount: float, importance_scores: Tensor | None = None
    ) -> BasePruningMethod:
        """Prune the entries nearest to zero of a parameter."""
        return super().apply(module, name, amount=amount, importance_scores=importance_scores)


class _Structured(_Amount):
    """The channels, which are the entries of the axis `dim`, with the lowest scores are pruned."""

    PRUNING_TYPE: str = "structured"

    def __init__(self, amount: float, dim: int = -1) -> None:
        super().__init__(amount)
        self.dim = dim

    @abstractmethod
    def _scores(self, t: Tensor) -> Tensor:
        """A number for each channel."""

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        """`default_mask` with zeros in the channels with the lowest scores. Raises ArgumentError, DimensionError."""
        if t.ndim <= 1:
            raise ArgumentError(
                "Structured pruning can only be applied to multidimensional tensors. Found tensor of shape "
                f"{size_name(t.shape)} with {t.ndim} dims"
            )
        if self.dim >= t.ndim:
            raise DimensionError(f"Invalid index {self.dim} for tensor of size {size_name(t.shape)}")
        channels = t.shape[self.dim]
        number = self._number(channels)
        if not number:
            return default_mask
        highest = topk(self._scores(t), channels - number).indices
        mask = zeros_like(t)
        mask[(slice(None),) * (self.dim % t.ndim) + (highest,)] = 1
        return mask * default_mask.to(dtype=mask.dtype)


class RandomStructured(_Structured):
    """Random channels are pruned.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.RandomStructured.html

    >>> import knoll
    >>> from knoll.nn.utils import prune
    >>> int((prune.RandomStructured(amount=1, dim=0).prune(knoll.ones(3, 2)).sum(1) == 0).sum())
    1
    """

    def _scores(self, t: Tensor) -> Tensor:
        return rand(t.shape[self.dim])

    @classmethod
    def apply(  # type: ignore[override] # as in PyTorch
        cls, module: Module, name: str, amount: float, dim: int = -1
    ) -> BasePruningMethod:
        """Prune random channels of a parameter."""
        return super().apply(module, name, amount=amount, dim=dim)


class LnStructured(_Structured):
    """The channels with the smallest norms are pruned; `n` is the order of the norm, as in `norm`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.LnStructured.html

    >>> import knoll
    >>> from knoll.nn.utils import prune
    >>> prune.LnStructured(amount=1, n=2, dim=0).prune(knoll.tensor([[3.0, 4.0], [1.0, 1.0]]))
    tensor([[3., 4.],
            [0., 0.]])
    """

    def __init__(self, amount: float, n: float | str, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = n

    def _scores(self, t: Tensor) -> Tensor:
        others = [axis for axis in range(t.ndim) if axis != self.dim % t.ndim]
        return norm(t.detach(), self.n, others)

    @classmethod
    def apply(  # type: ignore[override] # as in PyTorch
        cls, module: Module, name: str, amount: float, n: float | str, dim: int, importance_scores: Tensor | None = None
    ) -> BasePruningMethod:
        """Prune the channels with the smallest norms of a parameter."""
        return super().apply(module, name, amount=amount, n=n, dim=dim, importance_scores=importance_scores)


class CustomFromMask(BasePruningMethod):
    """What has a zero in the given mask is pruned.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.CustomFromMask.html

    >>> import knoll
    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = nn.Linear(2, 1)
    >>> _ = prune.CustomFromMask.apply(layer, "weight", knoll.tensor([[0.0, 1.0]]))
    >>> layer.weight == 0
    tensor([[ True, False]])
    """

    PRUNING_TYPE: str = "global"

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:  # noqa: ARG002 (as every method)
        """`default_mask` times the given one. Raises ShapeError."""
        if default_mask.shape != self.mask.shape:
            raise ShapeError(
                f"default_mask shape {size_name(default_mask.shape)} must match self.mask shape "
                f"{size_name(self.mask.shape)}"
            )
        return default_mask * self.mask.to(dtype=default_mask.dtype)

    @classmethod
    def apply(cls, module: Module, name: str, mask: Tensor) -> BasePruningMethod:  # type: ignore[override] # as in PyTorch
        """Prune what has a zero in the mask."""
        return super().apply(module, name, mask=mask)

"""Pruning: entries of parameters, or whole channels, that are held at zero by a mask.

The parameter `weight` becomes `weight_orig`, the mask is the buffer `weight_mask`, and before every forward the weight
is set to their product.
Source: https://pytorch.org/docs/stable/nn.html#utilities, `torch.nn.utils.prune`
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from knoll.calls import advise
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn.module import Module
from knoll.nn.utils.checks import module as checked_module
from knoll.nn.utils.pruning_base import BasePruningMethod, PruningContainer, hooks_of
from knoll.nn.utils.pruning_methods import (
    CustomFromMask,
    Identity,
    L1Unstructured,
    LnStructured,
    RandomStructured,
    RandomUnstructured,
)
from knoll.nn.utils.vectors import parameters_to_vector
from knoll.tensor import Tensor, ones_like
from knoll.tensor.arguments import items

__all__ = [
    "BasePruningMethod",
    "CustomFromMask",
    "Identity",
    "L1Unstructured",
    "LnStructured",
    "PruningContainer",
    "RandomStructured",
    "RandomUnstructured",
    "custom_from_mask",
    "global_unstructured",
    "identity",
    "is_pruned",
    "l1_unstructured",
    "ln_structured",
    "random_structured",
    "random_unstructured",
    "remove",
]

M = TypeVar("M", bound=Module)


def identity(module: M, name: str) -> M:
    """The module, whose parameter has a mask of ones: nothing is pruned yet.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.identity.html

    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = prune.identity(nn.Linear(2, 2), "weight")
    >>> layer.weight_mask
    tensor([[1., 1.],
            [1., 1.]])
    """
    Identity.apply(module, name)
    return module


def random_unstructured(module: M, name: str, amount: float) -> M:
    """The module, of whose parameter random entries are zero.

    `amount` is a number of entries, or as a float the share of them. Raises ArgumentError, ArgumentTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.random_unstructured.html

    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = prune.random_unstructured(nn.Linear(4, 5), "weight", amount=3)
    >>> int((layer.weight_mask == 0).sum())
    3
    """
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module: M, name: str, amount: float, importance_scores: Tensor | None = None) -> M:
    """The module, of whose parameter the entries nearest to zero are zero.

    `amount` is a number of entries, or as a float the share of them; `importance_scores` are looked at instead of the
    entries. Raises ArgumentError, ArgumentTypeError.

    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = prune.l1_unstructured(nn.Linear(4, 5), "weight", amount=0.3)
    >>> int((layer.weight == 0).sum()), sorted(layer.state_dict())
    (6, ['bias', 'weight_mask', 'weight_orig'])
    """
    L1Unstructured.apply(module, name, amount, importance_scores)
    return module


def random_structured(module: M, name: str, amount: float, dim: int) -> M:
    """The module, of whose parameter random channels, which are the entries of the axis `dim`, are zero.

    Raises ArgumentError, ArgumentTypeError, DimensionError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.random_structured.html

    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = prune.random_structured(nn.Conv2d(3, 8, 3), "weight", amount=0.25, dim=0)
    >>> int((layer.weight_mask.sum((1, 2, 3)) == 0).sum())
    2
    """
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(
    module: M, name: str, amount: float, n: float | str, dim: int, importance_scores: Tensor | None = None
) -> M:
    """The module, of whose parameter the channels with the smallest norms are zero.

    Channels are the entries of the axis `dim`; `n` is the order of the norm, as in `norm`.
    Raises ArgumentError, ArgumentTypeError, DimensionError.

    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = prune.ln_structured(nn.Conv2d(3, 8, 3), "weight", amount=2, n=2, dim=0)
    >>> int((layer.weight_mask.sum((1, 2, 3)) == 0).sum())
    2
    """
    LnStructured.apply(module, name, amount, n, dim, importance_scores)
    return module


def custom_from_mask(module: M, name: str, mask: Tensor) -> M:
    """The module, of whose parameter those entries are zero whose `mask` is zero. Raises ShapeError.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.custom_from_mask.html

    >>> import knoll
    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = prune.custom_from_mask(nn.Linear(2, 1), "weight", knoll.tensor([[0.0, 1.0]]))
    >>> layer.weight == 0
    tensor([[ True, False]])
    """
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(
    parameters: Iterable[tuple[Module, str]],
    pruning_method: type[BasePruningMethod],
    importance_scores: Mapping[tuple[Module, str], Tensor] | None = None,
    **kwargs: Any,
) -> None:
    """Prune several parameters as if they were one: the entries that are pruned are chosen among those of all.

    `parameters` are pairs of a module and a name; `kwargs` are the arguments of `pruning_method`, which is one of
    those that prune entries. Raises ArgumentError, ArgumentTypeError.

    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> one, two = nn.Linear(10, 4), nn.Linear(4, 1)
    >>> prune.global_unstructured([(one, "weight"), (two, "weight")], prune.L1Unstructured, amount=10)
    >>> int((one.weight == 0).sum() + (two.weight == 0).sum())
    10
    """
    if not isinstance(parameters, Iterable):
        raise ArgumentTypeError("global_unstructured(): parameters is not an Iterable")
    listed = items(parameters, "global_unstructured", "parameters")
    if importance_scores is not None and not isinstance(importance_scores, Mapping):
        raise ArgumentTypeError("global_unstructured(): importance_scores must be of type dict")
    given = importance_scores or {}
    method = pruning_method(**kwargs)
    method._tensor_name = "all"
    if method.PRUNING_TYPE != "unstructured":
        raise ArgumentTypeError(
            'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method '
            f"{pruning_method} of type {method.PRUNING_TYPE}"
        )
    pruned = [(module, name, getattr(module, name)) for module, name in listed]
    scores = [given.get((module, name), tensor) for module, name, tensor in pruned]
    masks = [getattr(module, f"{name}_mask", ones_like(tensor)) for module, name, tensor in pruned]
    mask = PruningContainer(method).compute_mask(parameters_to_vector(scores), parameters_to_vector(masks))
    start = 0
    for module, name, tensor in pruned:
        custom_from_mask(module, name, mask[start : start + tensor.numel()].reshape(tensor.shape))
        start += tensor.numel()


def remove(module: M, name: str) -> M:
    """The module, whose parameter has the pruned numbers for good, without mask and hook. Raises ArgumentError.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.remove.html

    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = prune.l1_unstructured(nn.Linear(4, 5), "weight", amount=0.3)
    >>> sorted(prune.remove(layer, "weight").state_dict()), int((layer.weight == 0).sum())
    (['bias', 'weight'], 6)
    """
    for key, hook in hooks_of(checked_module(module)).items():
        if hook._tensor_name == name:
            hook.remove(module)
            del module._forward_pre_hooks[key]
            return module
    raise ArgumentError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")


def is_pruned(module: Module) -> bool:
    """Whether a parameter of the module, or of one inside it, is pruned.

    >>> from knoll import nn
    >>> from knoll.nn.utils import prune
    >>> layer = nn.Linear(5, 7)
    >>> prune.is_pruned(layer), prune.is_pruned(nn.Sequential(prune.random_unstructured(layer, "bias", amount=0.2)))
    (False, True)
    """
    return any(hooks_of(inner) for inner in checked_module(module).modules())


advise(__name__)
